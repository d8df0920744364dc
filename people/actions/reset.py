"""Everything was lost: the organisation knows its person, who begins anew with keys that no old one has signed."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from audit.actions import record
from crypto import keys as ct1
from crypto.tables import UkrReason
from people import certify, rules, shapes
from people.actions.keys import check_slots, store_bundle, store_slot
from people.actions.sessions import end_sessions
from people.models import Certificate, ExternalIdentity, KeyBundle, Keyring, Organisation, Pins, ResetCode, Slot, User
from wire.base import b64
from wire.errors import Conflict, Invalid, NotFound
from wire.people import PeopleCode, UkrBlob
from wire.renewal import ResetKeys, ResetOffer

REPEAT = timedelta(minutes=10)
"""How long the same keys may be handed in again, by whom the answer was lost on its way."""


@transaction.atomic
def issue_reset_code(user: User, organisation: Organisation) -> str:
    """A one-time code for a person whom the organisation has met; an earlier one stops working.

    NotFound where the account has no keys, or this organisation has never certified them: another house's word is no
    word about its person.
    """
    if not Certificate.objects.filter(subject=user, organisation=organisation).exists():
        raise NotFound(re="email")
    code = rules.new_code()
    expires = timezone.now() + rules.CODE_LIFETIME
    ResetCode.objects.update_or_create(
        user=user,
        defaults={
            "organisation": organisation,
            "code_hash": rules.code_hash(code),
            "expires_at": expires,
            "used_at": None,
        },
    )
    _note(user, organisation, "keys.reset_code")
    return code


def _note(user: User, organisation: Organisation, verb: str) -> None:
    patient = getattr(user, "patient", None)
    record(
        actor=None if verb == "keys.reset_code" else user.pk,
        verb=verb,
        patient=patient.pk if patient is not None else None,
        actor_org=organisation.pk,
        object_kind="user",
        object_id=user.pk.hex,
    )


def _require_code(email: str, code: str) -> ResetCode:
    """The code of this address, used or not; the same refusal for no account, another's code and one that expired."""
    found = (
        ResetCode.objects.select_related("user", "organisation")
        .filter(user__email__iexact=email, user__is_active=True, expires_at__gt=timezone.now())
        .first()
    )
    expected = bytes(found.code_hash) if found else bytes(32)
    if found is None or not rules.same(expected, rules.code_hash(code)):
        raise Invalid("The address and the code do not belong together.", code=PeopleCode.ENROLMENT_CODE, re="code")
    return found


def look(email: str, code: str) -> ResetOffer:
    """What the bearer of an unused code needs to make the next keys."""
    found = _require_code(email, code)
    if found.used_at is not None:
        raise Invalid("This code was used already.", code=PeopleCode.ENROLMENT_CODE, re="code")
    return ResetOffer(
        user=found.user_id.bytes,
        organisation_name=found.organisation.name,
        bundles=shapes.bundles(KeyBundle.objects.filter(user=found.user)),
        version=Keyring.objects.get(user=found.user).version + 1,
        expires=shapes.millis(found.expires_at),
    )


@transaction.atomic
def reset_keys(request: HttpRequest, body: ResetKeys) -> None:
    """Stores keys that no old one has signed, with new locks, and ends all that opened the account before; signs in.

    Every permission for the old key is void, and peers stop until they have compared the new one. The old keyring goes:
    nobody could open it. Sealed history stays where it is, for whom its seals are.
    """
    found = _require_code(body.email, body.code)
    user = User.objects.select_for_update().get(pk=found.user_id)
    last = KeyBundle.objects.filter(user=user).order_by("gen").last()
    assert last is not None
    if last.ukr != body.ukr.ukr:
        # The conditional UPDATE is the lock: of two bearers of one code, one begins anew.
        if not ResetCode.objects.filter(pk=found.pk, used_at=None).update(used_at=timezone.now()):
            raise Conflict("This code was used just now.", code=PeopleCode.ENROLMENT_CODE)
        certify.renew(_store(user, last, body), last, timezone.now(), only=found.organisation)
        _note(user, found.organisation, "keys.reset")
    elif not (_is_new(found) and user.check_password(b64(body.auth))):
        # A letter that is found later would be a road past the second factor that was set up since.
        raise Conflict("This code was used just now.", code=PeopleCode.ENROLMENT_CODE)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)


def _is_new(code: ResetCode) -> bool:
    """Whether it was used just now; asked of the database, since who waited for the account holds what was before."""
    return ResetCode.objects.filter(pk=code.pk, used_at__gt=timezone.now() - REPEAT).exists()


def _store(user: User, last: KeyBundle, body: ResetKeys) -> KeyBundle:
    bundle = store_bundle(user, body.ukr, _verified(user, last, body.ukr))
    check_slots(body.slots)
    Slot.objects.filter(user=user).delete()
    for slot in body.slots:
        store_slot(user, slot)
    _begin_keyring(user, body)
    Pins.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    ExternalIdentity.objects.filter(user=user).delete()
    user.set_password(b64(body.auth))
    user.save(update_fields=["password"])
    end_sessions(user)
    return bundle


def _verified(user: User, last: KeyBundle, blob: UkrBlob) -> ct1.Ukr:
    made = ct1.verify_ukr(blob.ukr, blob.pop, blob.sig)
    if made.reason != UkrReason.RESET or made.user != user.pk.bytes or made.gen != last.gen + 1:
        raise Invalid("These keys are not the next ones of this account.", re="ukr")
    return made


def _begin_keyring(user: User, body: ResetKeys) -> None:
    ring = Keyring.objects.get(user=user)
    if body.keyring.version != ring.version + 1:
        raise Conflict("The account has changed meanwhile.", re="keyring.version")
    ring.version, ring.blob = body.keyring.version, body.keyring.blob
    ring.save(update_fields=["version", "blob", "changed_at"])
