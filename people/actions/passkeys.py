"""Passkeys that open the keys: the slot beside the credential that allauth keeps."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import get_authenticator_by_credential_id
from django.db import transaction
from django.http import HttpRequest

from audit.actions import record
from people.actions.keys import store_slot
from people.models import Slot, User
from wire import people as wire
from wire.errors import Invalid, NotFound, Refused


def _registered(user: User, credential: bytes | None) -> Authenticator:
    found = get_authenticator_by_credential_id(user, credential) if credential else None
    if found is None:
        raise NotFound(re="slot.credential")
    return found


@transaction.atomic
def set_passkey_slot(request: HttpRequest, user: User, slot: wire.SlotIn) -> None:
    """Keeps the slot that a registered passkey opens, in place of that passkey's last one.

    Refused with `prove_again` in a session that proved nothing lately: whoever finds a screen left open must not
    leave with a key of their own.
    """
    if not did_recently_reauthenticate(request):
        raise Refused("Enter your password again first.", code=wire.PeopleCode.PROVE_AGAIN)
    if slot.kind != Slot.Kind.PASSKEY:
        raise Invalid("This must be a passkey's slot.", re="slot.kind")
    passkey = _registered(user, slot.credential)
    Slot.objects.filter(passkey=passkey).delete()
    store_slot(user, slot, passkey)
    record(actor=user.pk, verb="keys.passkey", patient=None)
