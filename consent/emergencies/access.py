"""The only ways to an emergency, and to a patient whom one looks up in an emergency; NotFound for everybody else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from consent.emergencies.rules import ASKED_FOR
from consent.models import Duty, EmergencyAccess
from consent.standing import holds_duty
from people.access import posts
from people.models import Affiliation, Organisation, Patient, User
from wire.errors import NotFound

_WHOLE = ("patient__organisation", "patient__account", "user", "organisation", "cosigner", "reviewed_by")


def posts_for_emergencies(user: User, now: datetime) -> list[Affiliation]:
    """The posts from which a person may declare or co-sign: where the organisation has entrusted them with it."""
    if not user.is_active:
        return []
    return [post for post in posts(user) if holds_duty(user, post.organisation_id, Duty.Kind.EMERGENCY, now)]


def require_emergency_post(user: User) -> Affiliation:
    """The first of them; NotFound for a person without the duty, who learns nothing here."""
    found = posts_for_emergencies(user, timezone.now())
    if not found:
        raise NotFound
    return found[0]


def colleagues_of(user: User, organisation_id: UUID, now: datetime) -> list[User]:
    """Who may co-sign for a person: others of the same organisation whom it has entrusted with emergencies."""
    duties = Duty.objects.filter(organisation_id=organisation_id, kind=Duty.Kind.EMERGENCY, user__is_active=True)
    found = {duty.user for duty in duties.exclude(user=user).select_related("user") if duty.stands(now)}
    held = {one for one in found if posts(one).filter(organisation_id=organisation_id).exists()}
    return sorted(held, key=lambda one: (one.name.casefold(), one.pk))


def officers_of(organisation_id: UUID, now: datetime) -> list[User]:
    """The privacy officers of an organisation."""
    duties = Duty.objects.filter(organisation_id=organisation_id, kind=Duty.Kind.PRIVACY_OFFICER, user__is_active=True)
    return [duty.user for duty in duties.select_related("user").order_by("since", "pk") if duty.stands(now)]


def offices_of(user: User, now: datetime) -> list[Organisation]:
    """The organisations whose privacy officer a person is."""
    kind = Duty.Kind.PRIVACY_OFFICER
    return [one.organisation for one in posts(user) if holds_duty(user, one.organisation_id, kind, now)]


def find_by_name(name: str, birth_date: str) -> Patient:
    """The one patient of this full name and birth date; NotFound for none, and for two, since one must be sure.

    Names are sealed in the database, so they are compared here: some 20 µs a patient.
    """
    wanted = " ".join(name.casefold().split())
    rows = Patient.objects.values_list("pk", "name", "birth_date").iterator(chunk_size=2000)
    found = [pk for pk, named, born in rows if born == birth_date and " ".join(named.casefold().split()) == wanted]
    if len(found) != 1:
        raise NotFound
    return Patient.objects.select_related("organisation", "account").get(pk=found[0])


def _one(which: Q, emergency_id: UUID) -> EmergencyAccess:
    row = EmergencyAccess.objects.select_related(*_WHOLE).filter(which, pk=emergency_id).first()
    if row is None:
        raise NotFound
    return row


def access_to_cosign(user: User, emergency_id: UUID) -> EmergencyAccess:
    """A declaration that waits for this very person, who still holds the duty."""
    row = _one(Q(cosigner=user), emergency_id)
    if user not in colleagues_of(row.user, row.organisation_id, timezone.now()):
        raise NotFound
    return row


def access_to_review(user: User, emergency_id: UUID) -> EmergencyAccess:
    """A declaration about a patient of the organisation whose privacy officer this is, and not their own."""
    offices = [one.pk for one in offices_of(user, timezone.now())]
    row = _one(Q(patient__organisation__in=offices), emergency_id)
    if user.pk in (row.user_id, row.cosigner_id, row.patient.account_id):
        raise NotFound
    return row


def access_to_end(user: User, emergency_id: UUID) -> EmergencyAccess:
    """For whoever declared it, and for the privacy officer."""
    row = EmergencyAccess.objects.select_related(*_WHOLE).filter(pk=emergency_id, user=user).first()
    return row or access_to_review(user, emergency_id)


def mine(user: User, now: datetime) -> list[EmergencyAccess]:
    """What one declared, the newest first."""
    return list(EmergencyAccess.objects.select_related(*_WHOLE).filter(user=user).order_by("-declared_at")[:50])


def to_cosign(user: User, now: datetime) -> list[EmergencyAccess]:
    """What waits for one's co-signature."""
    rows = EmergencyAccess.objects.filter(
        cosigner=user, cosigned_at=None, ended_at=None, declared_at__gt=now - ASKED_FOR
    )
    return list(rows.select_related(*_WHOLE).order_by("declared_at"))


def to_review(user: User, now: datetime) -> list[EmergencyAccess]:
    """What a privacy officer has to review, and has reviewed: those that are due first, then the newest."""
    offices = [one.pk for one in offices_of(user, now)]
    rows = EmergencyAccess.objects.select_related(*_WHOLE).filter(patient__organisation__in=offices)
    rows = rows.exclude(Q(user=user) | Q(cosigner=user) | Q(patient__account=user))
    due = list(rows.filter(reviewed_at=None).order_by("review_due_at")[:200])
    return due + list(rows.exclude(reviewed_at=None).order_by("-declared_at")[:50])


def about(patient: Patient) -> list[EmergencyAccess]:
    """Every emergency that was declared for a patient, the newest first."""
    return list(EmergencyAccess.objects.select_related(*_WHOLE).filter(patient=patient).order_by("-declared_at")[:200])


def is_party(user_id: UUID, emergency_id: UUID) -> bool:
    """Whether somebody may hear that an emergency moved: its patient, clinician, co-signer and privacy officers."""
    row = EmergencyAccess.objects.select_related("patient").filter(pk=emergency_id).first()
    if row is None:
        return False
    if user_id in (row.user_id, row.cosigner_id, row.patient.account_id):
        return True
    return any(one.pk == user_id for one in officers_of(row.patient.organisation_id, timezone.now()))
