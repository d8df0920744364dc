"""The next generation of a person's keys: by routine, or because somebody else may hold the ones in use."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from audit.actions import record
from crypto import keys as ct1
from crypto.tables import UkrReason
from people import certify
from people.actions.keys import replace_password_slot, replace_recovery_slot, store_bundle
from people.actions.sessions import renew_session
from people.models import ExternalIdentity, KeyBundle, Keyring, User
from wire import people as wire
from wire.base import b64
from wire.errors import Conflict, Invalid, NotFound, Refused
from wire.renewal import NewLocks, RenewKeys


@transaction.atomic
def renew_keys(request: HttpRequest, user: User, body: RenewKeys) -> None:
    """Stores the next generation beside the old ones and has it certified as the one in use is.

    Raises E_KEY_CHANGED for a record that does not continue it, E_SIG as it verifies, Conflict for a keyring that
    another device has replaced meanwhile, Refused without the password. No thread knows the new key before a client of
    this person carries it there. Where a root is kept offline the key waits for its officer.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    known = list(KeyBundle.objects.filter(user=user).order_by("gen"))
    if not known:
        raise NotFound(re="keys")
    if known[-1].ukr == body.ukr.ukr:
        return
    if not user.check_password(b64(body.current_auth)):
        raise Refused("The current password is not right.", code=wire.PeopleCode.WRONG_PASSWORD)
    made = ct1.verify_ukr(body.ukr.ukr, body.ukr.pop, body.ukr.sig, _newest(known))
    if not made.continues:
        raise Invalid("These keys are not signed by the ones in use.", re="ukr")
    if (made.reason == UkrReason.COMPROMISE) != (body.locks is not None):
        raise Invalid("New locks come with keys that somebody else may hold, and with no others.", re="locks")
    bundle = store_bundle(user, body.ukr, made)
    _replace_keyring(user, body.keyring)
    certify.renew(bundle, known[-1], timezone.now())
    if body.locks is not None:
        _replace_locks(request, user, body.locks)
    record(actor=user.pk, verb="keys.renew", patient=None)


def _newest(known: list[KeyBundle]) -> ct1.Ukr:
    """The record in use, each verified to continue the last: what a database says of itself is not believed."""
    newest: ct1.Ukr | None = None
    for row in known:
        newest = ct1.verify_ukr(row.ukr, row.pop, row.sig, newest)
    assert newest is not None
    return newest


def _replace_keyring(user: User, ring: wire.KeyringBlob) -> None:
    replaced = Keyring.objects.filter(user=user, version=ring.version - 1).update(
        version=ring.version, blob=ring.blob, changed_at=timezone.now()
    )
    if not replaced:
        # A keyring over one that this client never read would drop the keys that another device has put there.
        raise Conflict("Another device has changed the keyring meanwhile.", re="keyring.version")


def _replace_locks(request: HttpRequest, user: User, locks: NewLocks) -> None:
    replace_password_slot(user, locks.password)
    replace_recovery_slot(user, locks.recovery)
    # A passkey may be on the very device that is gone: it would sign in, and its slot wraps the old master key.
    Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).delete()
    # The device may be signed in at a provider, and whoever knew the password may have linked a person of their own.
    ExternalIdentity.objects.filter(user=user).delete()
    user.set_password(b64(locks.auth))
    user.save(update_fields=["password"])
    renew_session(request, user)
