"""First keys and new passwords."""

from __future__ import annotations

from collections.abc import Sequence

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from audit.actions import record
from crypto import keys as ct1
from crypto.primitives import seal
from people import access, certify, rules
from people.actions.sessions import renew_session
from people.models import Affiliation, Enrolment, KeyBundle, Keyring, Patient, Pins, Slot, User
from people.signals import care_team_changed
from wire import people as wire
from wire.base import b64
from wire.errors import Conflict, Invalid, Refused


def store_slot(user: User, slot: wire.SlotIn, passkey: Authenticator | None = None) -> None:
    """Keeps a slot; call inside the action's transaction."""
    if (slot.kind == Slot.Kind.RECOVERY) != (slot.rc_auth is not None):
        raise Invalid("A recovery slot, and no other, brings rc_auth.", re="slots")
    if (slot.kind == Slot.Kind.PASSKEY) != (passkey is not None):
        raise Invalid("A passkey's slot is added once the passkey is.", re="slots")
    Slot.objects.create(
        user=user,
        kind=slot.kind,
        slot_id=slot.slot_id,
        salt=slot.salt,
        t=slot.t,
        m=slot.m,
        blob=slot.blob,
        recovery_auth_hash=rules.recovery_hash(slot.rc_auth) if slot.rc_auth else b"",
        passkey=passkey,
        credential=(slot.credential or b"") if passkey is not None else b"",
    )


def check_slots(slots: Sequence[wire.SlotIn]) -> None:
    """One password slot, one recovery slot, no id twice; raises Invalid."""
    kinds = [slot.kind for slot in slots]
    if kinds.count(Slot.Kind.PASSWORD) != 1 or kinds.count(Slot.Kind.RECOVERY) != 1:
        raise Invalid("One password and one recovery code are needed.", code=wire.PeopleCode.RECOVERY_SLOT_MISSING)
    if len({slot.slot_id for slot in slots}) != len(slots):
        raise Invalid("Two slots have one id.", re="slots")


def replace_password_slot(user: User, slot: wire.SlotIn) -> None:
    """Puts a new password slot in place of the old one; call inside the action's transaction."""
    if slot.kind != Slot.Kind.PASSWORD:
        raise Invalid("This must be a password slot.", re="slot.kind")
    Slot.objects.filter(user=user, kind=Slot.Kind.PASSWORD).delete()
    store_slot(user, slot)


def replace_recovery_slot(user: User, slot: wire.SlotIn) -> None:
    """Puts a new recovery slot in place of the old one; call inside the action's transaction."""
    if slot.kind != Slot.Kind.RECOVERY:
        raise Invalid("This must be a recovery slot.", re="recovery.kind")
    Slot.objects.filter(user=user, kind=Slot.Kind.RECOVERY).delete()
    store_slot(user, slot)


def _store_first_bundle(user: User, blob: wire.UkrBlob) -> KeyBundle:
    ukr = ct1.verify_ukr(blob.ukr, blob.pop, blob.sig)
    if ukr.user != user.pk.bytes or ukr.gen != 1:
        raise Invalid("These keys are somebody else's.", re="ukr")
    return store_bundle(user, blob, ukr)


def store_bundle(user: User, blob: wire.UkrBlob, ukr: ct1.Ukr) -> KeyBundle:
    """Stores a verified key record with its parts; E_SEAL for a key to which nothing can be sealed."""
    # A point to which nothing can be sealed would stop every thread that its owner is let into: all seal to all.
    seal(b"", ukr.box_pk)
    return KeyBundle.objects.create(
        user=user,
        gen=ukr.gen,
        core=ukr.core,
        ukr=blob.ukr,
        pop=blob.pop,
        sig=blob.sig,
        fp=ukr.fp,
        sign_pk=ukr.sign_pk,
        box_pk=ukr.box_pk,
    )


def _take_place(user: User, enrolment: Enrolment) -> None:
    """Makes the person staff of the organisation, or the account of the patient, as the code says."""
    if enrolment.patient is None:
        Affiliation.objects.create(
            user=user, organisation=enrolment.organisation, role=enrolment.role, licence=enrolment.licence
        )
        return
    if enrolment.kind == Enrolment.Kind.REPRESENTATIVE:
        # Whether, and for what, this person may act for the patient is the privacy officer's to record.
        return
    if enrolment.patient.account_id is not None:
        raise Conflict("This patient has an account.", code=wire.PeopleCode.ALREADY_ENROLLED)
    enrolment.patient.account = user
    enrolment.patient.save(update_fields=["account"])
    care_team_changed.send(sender=Patient, patient_id=enrolment.patient.pk)


@transaction.atomic
def enrol(user: User, body: wire.EnrolKeys) -> None:
    """Stores a person's first keys, certifies them, and gives the person the place that the code names.

    A repeat of the same keys changes nothing; other keys for an enrolled account are a conflict.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    existing = KeyBundle.objects.filter(user=user).first()
    if existing is not None:
        if existing.ukr == body.ukr.ukr:
            return
        raise Conflict("This account has its keys.", code=wire.PeopleCode.ALREADY_ENROLLED)
    enrolment = access.require_enrolment(body.enrolment_code)
    now = timezone.now()
    # The conditional UPDATE is the lock: of two bearers of one code, one gets the place.
    claimed = Enrolment.objects.filter(pk=enrolment.pk, used_at=None).update(used_at=now, used_by=user)
    if not claimed:
        raise Conflict("This code was used just now.", code=wire.PeopleCode.ENROLMENT_CODE)
    check_slots(body.slots)
    user.name = body.name
    user.save(update_fields=["name"])
    bundle = _store_first_bundle(user, body.ukr)
    for slot in body.slots:
        store_slot(user, slot)
    Keyring.objects.create(user=user, version=body.keyring.version, blob=body.keyring.blob)
    certify.certify(bundle, enrolment, now)
    _take_place(user, enrolment)
    record(actor=user.pk, verb="keys.enrol", patient=enrolment.patient_id, actor_org=enrolment.organisation_id)


@transaction.atomic
def change_password(request: HttpRequest, user: User, body: wire.ChangePassword) -> None:
    """Sets the sign-in secret and the password slot together; every session but this one ends."""
    # Whoever waits here for new keys wraps the master key of before: the password that went with it must count no more.
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.check_password(b64(body.current_auth)):
        raise Refused("The current password is not right.", code=wire.PeopleCode.WRONG_PASSWORD)
    replace_password_slot(user, body.slot)
    user.set_password(b64(body.auth))
    user.save(update_fields=["password"])
    renew_session(request, user)
    record(actor=user.pk, verb="keys.password", patient=None)


@transaction.atomic
def keep_pins(user: User, body: wire.PinsBlob) -> wire.PinsBlob:
    """Keeps a person's sealed pins in place of the version before; Conflict for any other version.

    A repeat of what is kept changes nothing. There is no entry in the ledger: it says nothing of a patient, and every
    opened thread would be one more.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    row = Pins.objects.filter(user=user).first()
    if row is not None and (row.version, row.blob) == (body.version, body.blob):
        return body
    if body.version != (row.version if row else 0) + 1:
        # The compare-and-swap: of two devices that have seen different things, the later merges what the earlier sent.
        raise Conflict("Another device has kept its pins meanwhile.", re="version")
    Pins.objects.update_or_create(user=user, defaults={"version": body.version, "blob": body.blob})
    return body


@transaction.atomic
def change_recovery_code(user: User, body: wire.NewRecoveryCode) -> None:
    """Puts the slot of a new recovery code in place of the old one; Refused without the password."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.check_password(b64(body.current_auth)):
        raise Refused("The current password is not right.", code=wire.PeopleCode.WRONG_PASSWORD)
    replace_recovery_slot(user, body.slot)
    record(actor=user.pk, verb="keys.recovery", patient=None)
