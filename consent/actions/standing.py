"""Recording who acts for a patient, what was found, who is kept away, and an organisation's own duties and rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actions import record
from consent.epochs import raise_epoch, raise_epochs
from consent.model import ACTIONS
from consent.models import Authority, CapacityAssertion, Duty, EmergencyRefusal, Profile, SafeguardingBlock
from consent.standing import USUAL_SCOPE
from consent.translate import roles_of
from crypto.tables import CertKind
from people import certify
from people.access import posts
from people.models import KeyBundle, Organisation, Patient, User
from wire import standing as wire
from wire.errors import Conflict, Invalid, NotFound, Refused

ASSESSORS = frozenset({"medical", "therapist"})
"""Whose finding on a patient's ability counts (consent.model.CAPABILITIES has what these roles may do besides)."""


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


@transaction.atomic
def record_authority(patient: Patient, by: User, body: wire.AuthorityIn) -> Authority:
    """A person may act for a patient from now on, within a scope; Conflict where an authority of theirs stands."""
    person = User.objects.filter(pk=UUID(bytes=body.person), is_active=True).first()
    if person is None or not KeyBundle.objects.filter(user=person).exists():
        raise NotFound(re="person")
    if person.pk in (by.pk, patient.account_id):
        raise Refused("Nobody records an authority of their own.", code=wire.StandingCode.OWN_RECORD)
    scope = frozenset(body.scope) or USUAL_SCOPE[body.type]
    if not scope <= ACTIONS:
        raise Invalid("This is nothing that anybody can do.", code=wire.StandingCode.SCOPE, re="scope")
    try:
        with transaction.atomic():
            row = Authority.objects.create(
                patient=patient,
                person=person,
                type=body.type,
                scope=sorted(scope),
                activation=body.activation,
                evidence=body.evidence,
                valid_from=_moment(body.valid_from) or timezone.now(),
                valid_until=_moment(body.valid_until),
                recorded_by=by,
            )
    except IntegrityError:
        raise Conflict("This person acts for the patient already.", code=wire.StandingCode.ALREADY_ACTS) from None
    _write(patient, by, "authority.record", person.pk, {"type": body.type})
    return row


@transaction.atomic
def end_authority(row: Authority, by: User) -> None:
    """Ends an authority now; what was given under it stands until its own end or withdrawal."""
    ended = Authority.objects.filter(pk=row.pk, ended_at=None).update(ended_at=timezone.now())
    if ended:
        _write(row.patient, by, "authority.end", row.person_id)


@transaction.atomic
def place_block(patient: Patient, by: User, person_id: UUID, reason: str) -> SafeguardingBlock:
    """Keeps a person from acting for a patient from this moment, whatever they hold; the person is not told."""
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound(re="person")
    row = SafeguardingBlock.objects.create(patient=patient, person=person, reason=reason, placed_by=by)
    _write(patient, by, "safeguarding.place", person.pk)
    return row


@transaction.atomic
def lift_block(row: SafeguardingBlock, by: User) -> None:
    """Ends a block now."""
    if SafeguardingBlock.objects.filter(pk=row.pk, until=None).update(until=timezone.now()):
        _write(row.patient, by, "safeguarding.lift", row.person_id)


@transaction.atomic
def assert_capacity(patient: Patient, by: User, body: wire.CapacityIn) -> CapacityAssertion:
    """Writes down what a clinician found; consents given while able stand, and are due for review."""
    if not roles_of(post.role for post in posts(by)) & ASSESSORS:
        raise Refused("A therapist or physician finds this.")
    if patient.account_id == by.pk:
        raise Refused("Nobody assesses themselves.", code=wire.StandingCode.OWN_RECORD)
    row = CapacityAssertion.objects.create(
        patient=patient,
        kind=body.kind,
        finding=body.finding,
        method=body.method,
        note=body.note,
        assessor=by,
        review_on=_day(body.review_on),
    )
    _write(patient, by, "capacity.assert", None, {"kind": body.kind, "finding": body.finding})
    return row


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("This is no date.", re="review_on") from None


@transaction.atomic
def refuse_emergency(patient: Patient, by: User, refuse: bool) -> None:
    """The patient's word on emergencies; it binds while the patient is able to decide."""
    if refuse:
        EmergencyRefusal.objects.get_or_create(patient=patient)
    else:
        EmergencyRefusal.objects.filter(patient=patient).delete()
    _write(patient, by, "emergency.refuse" if refuse else "emergency.allow", None)


@transaction.atomic
def entrust(user: User, organisation: Organisation, kind: str, by: User | None) -> Duty:
    """Gives one of an organisation's staff a duty; a witness gets a certificate that says so. A repeat is no-op.

    Raises NotFound for somebody who holds no post there, and for a witness without keys.
    """
    if not posts(user).filter(organisation=organisation).exists():
        raise NotFound(re="user")
    now = timezone.now()
    duty, made = Duty.objects.get_or_create(user=user, organisation=organisation, kind=kind, until=None)
    if not made:
        return duty
    if kind == Duty.Kind.WITNESS:
        bundle = KeyBundle.objects.filter(user=user).order_by("-gen").first()
        if bundle is None:
            raise NotFound(re="user")
        certify.issue(bundle, organisation, CertKind.WITNESS, [], now)
    record(
        actor=by.pk if by else None,
        verb="duty.entrust",
        patient=None,
        object_kind="user",
        object_id=user.pk.hex,
        actor_org=organisation.pk,
        detail={"duty": kind},
    )
    return duty


@transaction.atomic
def relieve(user: User, organisation: Organisation, kind: str, by: User) -> None:
    """Takes a duty back now; NotFound where it is not held."""
    if not Duty.objects.filter(user=user, organisation=organisation, kind=kind, until=None).update(
        until=timezone.now()
    ):
        raise NotFound(re="user")
    record(
        actor=by.pk,
        verb="duty.relieve",
        patient=None,
        object_kind="user",
        object_id=user.pk.hex,
        actor_org=organisation.pk,
        detail={"duty": kind},
    )


@transaction.atomic
def set_profile(organisation: Organisation, by: User, body: wire.ProfileBody) -> None:
    """Puts an organisation's consent rules in force for all its patients at once."""
    Profile.objects.update_or_create(organisation=organisation, defaults=body.model_dump())
    record(actor=by.pk, verb="profile.change", patient=None, actor_org=organisation.pk, detail=body.model_dump())
    raise_epochs(Patient.objects.filter(organisation=organisation).values_list("pk", flat=True))


def _write(
    patient: Patient, by: User, verb: str, person_id: UUID | None, detail: dict[str, int | str | bool] | None = None
) -> None:
    """Into the ledger, and on to everybody who remembers decisions about this patient."""
    about = {"about": person_id.hex} if person_id else {}
    record(actor=by.pk, verb=verb, patient=patient.pk, detail={**(detail or {}), **about})
    raise_epoch(patient.pk)
