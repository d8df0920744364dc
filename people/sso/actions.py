"""Signing in by an identity provider, and linking an account with a person of one."""

from __future__ import annotations

import secrets
import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.account.models import Login
from allauth.headless.constants import Client
from allauth.headless.internal.decorators import mark_request_as_headless
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from audit.actions import record
from people import access
from people.models import ExternalIdentity, User
from people.sso import road, rules
from people.sso.rules import Provider
from wire.errors import Conflict, NotFound, Refused, SignedOut
from wire.people import PeopleCode
from wire.sso import SsoCode, SsoReturn

_PENDING = "sso"
_SIGN_IN = "sign-in"


def providers() -> tuple[Provider, ...]:
    """Those that the operator has configured."""
    found: tuple[Provider, ...] = settings.IDENTITY_PROVIDERS
    return found


def _provider(provider_id: str) -> Provider:
    found = next((one for one in providers() if one.id == provider_id), None)
    if found is None:
        raise NotFound(re="provider")
    return found


def serves(provider: Provider, user: User) -> bool:
    """Whether the person holds a post where the provider speaks: it vouches for its own people and nobody else's."""
    return access.posts(user).filter(organisation__name=provider.organisation).exists()


def _redirect(request: HttpRequest) -> str:
    return f"{'https' if settings.SESSION_COOKIE_SECURE else 'http'}://{request.get_host()}/sso"


def _begin(request: HttpRequest, provider: Provider, purpose: str) -> str:
    told = road.discover(provider)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    # One at a time, in the session of this browser alone: an answer that somebody else began is nobody's here.
    request.session[_PENDING] = {
        "provider": provider.id,
        "purpose": purpose,
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "at": time.time(),
    }
    endpoint = str(told["authorization_endpoint"])
    return rules.authorization_address(
        endpoint, provider, _redirect(request), state=state, nonce=nonce, verifier=verifier
    )


def _subject(request: HttpRequest, back: SsoReturn, purpose: str) -> tuple[Provider, str]:
    """The provider and whom it names; what was pending is spent, whatever comes of it."""
    pending: dict[str, Any] = request.session.pop(_PENDING, None) or {}
    begun = pending.get("purpose") == purpose and time.time() - pending["at"] < rules.LIFETIME_S
    if not begun or not rules.same(str(pending["state"]), back.state):
        raise Refused("This sign-in was not begun here, or took too long: begin it again.", code=SsoCode.STATE)
    provider = _provider(pending["provider"])
    nonce, verifier = pending["nonce"], pending["verifier"]
    return provider, road.subject(
        provider, _redirect(request), code=back.code, iss=back.iss, nonce=nonce, verifier=verifier
    )


def begin_sign_in(request: HttpRequest, provider_id: str) -> str:
    """Where the browser goes to sign in; Unavailable `sso_down` when the provider does not answer."""
    return _begin(request, _provider(provider_id), _SIGN_IN)


def sign_in(request: HttpRequest, back: SsoReturn) -> None:
    """Opens a session for the linked account, or leaves it waiting for the account's own second factor.

    SignedOut `second_factor` then. Refused for an answer that does not hold and for nobody's account: none is made, and
    none is found by an e-mail address, since whoever may write one at the provider would be that person here.
    """
    provider, subject = _subject(request, back, _SIGN_IN)
    linked = ExternalIdentity.objects.select_related("user").filter(issuer=provider.issuer, subject=subject).first()
    if linked is None:
        words = (
            f"No account here is linked with you at {provider.organisation}. Sign in with your password and link it."
        )
        raise Refused(words, code=SsoCode.UNLINKED)
    user = linked.user
    if not user.is_active or not serves(provider, user):
        raise Refused(f"Your account, or your post at {provider.organisation}, has ended.", code=SsoCode.CLOSED)
    _note_use(linked)
    if request.user.is_authenticated:
        get_adapter().logout(request)
    mark_request_as_headless(request, Client.BROWSER)
    record_authentication(request, user, "sso", provider=provider.id)
    perform_login(request, Login(user=user, email=user.email))
    if not request.user.is_authenticated:
        raise SignedOut("Enter the code of your authenticator app.", code=SsoCode.SECOND_FACTOR)


@transaction.atomic
def _note_use(linked: ExternalIdentity) -> None:
    ExternalIdentity.objects.filter(pk=linked.pk).update(last_used=timezone.now())
    record(actor=linked.user_id, verb="sso.sign_in", patient=None)


def begin_linking(request: HttpRequest, user: User, provider_id: str) -> str:
    """Where the browser goes to link the account; Refused `prove_again` in a session that proved nothing lately."""
    if not did_recently_reauthenticate(request):
        raise Refused("Enter your password again first.", code=PeopleCode.PROVE_AGAIN)
    provider = _provider(provider_id)
    if not serves(provider, user):
        raise NotFound(re="provider")
    return _begin(request, provider, f"link {user.pk.hex}")


def link(request: HttpRequest, user: User, back: SsoReturn) -> None:
    """Links the account with the person whom the provider names, in place of whom it named before."""
    provider, subject = _subject(request, back, f"link {user.pk.hex}")
    taken = Conflict("This sign-in belongs to another account.", code=SsoCode.TAKEN)
    if ExternalIdentity.objects.filter(issuer=provider.issuer, subject=subject).exclude(user=user).exists():
        raise taken
    try:
        with transaction.atomic():
            ExternalIdentity.objects.update_or_create(
                user=user, issuer=provider.issuer, defaults={"subject": subject, "since": timezone.now()}
            )
            record(actor=user.pk, verb="sso.link", patient=None)
    except IntegrityError:
        # Two accounts at once: the constraint let one through.
        raise taken from None


@transaction.atomic
def unlink(user: User, provider_id: str) -> None:
    """The provider's word signs nobody in to this account any more; NotFound where there is no link."""
    removed, _ = ExternalIdentity.objects.filter(user=user, issuer=_provider(provider_id).issuer).delete()
    if not removed:
        raise NotFound(re="provider")
    record(actor=user.pk, verb="sso.unlink", patient=None)
