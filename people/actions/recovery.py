"""A forgotten password, survived with the recovery code and with all of the history."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest

from audit.actions import record
from people import rules, shapes
from people.actions.keys import replace_password_slot, replace_recovery_slot
from people.actions.sessions import end_sessions
from people.models import KeyBundle, Keyring, Slot, User
from wire import people as wire
from wire.base import b64
from wire.errors import Refused


def _proved_slot(email: str, rc_auth: bytes) -> Slot:
    """The recovery slot of an address whose code the asker has; the same refusal for no account and no match."""
    found = (
        Slot.objects.select_related("user")
        .filter(user__email__iexact=email, user__is_active=True, kind=Slot.Kind.RECOVERY)
        .first()
    )
    expected = found.recovery_auth_hash if found else bytes(32)
    if found is None or not rules.same(expected, rules.recovery_hash(rc_auth)):
        raise Refused("The address or the recovery code is not right.", code=wire.PeopleCode.WRONG_RECOVERY)
    return found


@transaction.atomic
def open_slot(email: str, rc_auth: bytes) -> wire.RecoverySlot:
    """Hands the bearer of a recovery code the slot it opens, and the sealed keyring."""
    slot = _proved_slot(email, rc_auth)
    record(actor=slot.user_id, verb="recovery.open", patient=None)
    return wire.RecoverySlot(
        user=slot.user_id.bytes,
        slot=shapes.slot(slot),
        bundles=shapes.bundles(KeyBundle.objects.filter(user=slot.user)),
        keyring=shapes.keyring(Keyring.objects.get(user=slot.user)),
    )


@transaction.atomic
def finish(request: HttpRequest, body: wire.FinishRecovery) -> None:
    """Sets the sign-in secret, the password slot and the slot of a new code, ends every session and begins one.

    Together, or a crash between them would leave an account that signs in and opens nothing. The new session asks
    for no second factor, since whoever lost the telephone with the password has this code alone; it counts as
    none either, so what needs a recent one still does.
    """
    user = User.objects.select_for_update().get(pk=_proved_slot(body.email, body.rc_auth).user_id)
    # Of two bearers of one code, and of one beside new keys, whoever waited finds it spent.
    _proved_slot(body.email, body.rc_auth)
    replace_password_slot(user, body.slot)
    replace_recovery_slot(user, body.recovery)
    user.set_password(b64(body.auth))
    user.save(update_fields=["password"])
    end_sessions(user)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)
    record(actor=user.pk, verb="recovery.finish", patient=None)
