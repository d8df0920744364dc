"""Second factors: whether a session has shown one lately, and what the ledger says of them.

allauth keeps them and checks codes; it notes each proof, with its time, in the session that gave it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from audit.actions import record
from people import demo
from people.models import User
from people.shapes import millis
from wire import people as wire
from wire.errors import NotFound

FRESH = timedelta(minutes=15)


def fresh_until(request: HttpRequest, user: User) -> datetime | None:
    """Until when the second factor that this session showed last counts as recent; None when it showed none.

    A factor that has been removed counts for nothing, whenever it was shown.
    """
    held = set(Authenticator.objects.filter(user=user).values_list("pk", flat=True))
    shown = [
        datetime.fromtimestamp(one["at"], UTC)
        for one in get_authentication_records(request, user)
        if one.get("method") == "mfa" and one.get("id") in held
    ]
    return max(shown) + FRESH if shown else None


def recent_second_factor(request: HttpRequest, user: User, now: datetime | None = None) -> bool:
    """Whether this very session has shown a second factor within the last fifteen minutes."""
    until = fresh_until(request, user)
    at = now or timezone.now()
    return until is not None and until - FRESH <= at < until


def standing_of(request: HttpRequest, user: User) -> wire.SecondFactor:
    """What a person's pages say of their second factor."""
    until = fresh_until(request, user)
    is_on = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return wire.SecondFactor(
        on=is_on, fresh_until=millis(until) if until is not None and until > timezone.now() else None
    )


def set_up_for_demonstration(user: User, secret: str) -> None:
    """Gives one of the demonstration's people a factor whose codes its own page shows; a repeat changes nothing."""
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        totp.TOTP.activate(user, secret)


def demonstration_code(request: HttpRequest, email: str) -> wire.DemoCode:
    """The code that the app of one of the demonstration's people would show now; NotFound for anybody else.

    It says nothing that is secret: the cast's passwords are public too, and outside the demonstration nothing answers.
    """
    if not settings.DEMO or email not in {one.email for one in demo.CAST}:
        raise NotFound
    held = Authenticator.objects.filter(user__email=email, type=Authenticator.Type.TOTP).first()
    pending = request.session.get(totp.SECRET_SESSION_KEY) if _is(request, email) else None
    secret = totp.decrypt(held.data["secret"]) if held else pending
    if not secret:
        raise NotFound
    now = int(timezone.now().timestamp())
    code = totp.format_hotp_value(totp.hotp_value(secret, now // 30))
    return wire.DemoCode(code=code, seconds=30 - now % 30)


def _is(request: HttpRequest, email: str) -> bool:
    return isinstance(request.user, User) and request.user.email == email


def connect() -> None:
    """Registers what the ledger keeps; called once, when the app is ready."""
    authenticator_added.connect(_write, dispatch_uid="people.factor_added")
    authenticator_removed.connect(_write_end, dispatch_uid="people.factor_removed")
    authenticator_reset.connect(_write_reset, dispatch_uid="people.factor_reset")


def _write(sender: object, *, user: User, authenticator: Authenticator, **_: object) -> None:
    record(actor=user.pk, verb="second_factor.add", patient=None, detail={"type": authenticator.type})


def _write_end(sender: object, *, user: User, authenticator: Authenticator, **_: object) -> None:
    record(actor=user.pk, verb="second_factor.remove", patient=None, detail={"type": authenticator.type})


def _write_reset(sender: object, *, user: User, authenticator: Authenticator, **_: object) -> None:
    record(actor=user.pk, verb="second_factor.renew", patient=None, detail={"type": authenticator.type})
