"""Who stands where for a patient, as rules and as pages read it: authorities, duties, officers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from consent import model
from consent.access import access_own_record, decide_for
from consent.dossier import Dossier, dossier_of
from consent.models import Authority, CapacityAssertion, Duty
from people.access import access_treated_patient, posts
from people.models import CareTeamMember, Organisation, Patient, User
from people.shapes import millis
from wire import standing as wire
from wire.errors import NotFound, Refused

_ACTING = ("consent.grant", "consent.revoke", "thread.read", "thread.post", "session.join", "card.view")
USUAL_SCOPE: dict[str, frozenset[str]] = {
    "parent": frozenset(_ACTING),
    "guardian": frozenset(_ACTING),
    "attorney": frozenset(_ACTING),
    "deputy": frozenset(_ACTING),
    "advocate": frozenset({"session.join"}),
}
"""What an authority of a type covers where its record says no more: an advocate stands by and decides nothing."""

OFFICE_PAGE = 50
State = Literal["acts", "sleeps", "not_yet", "ended", "aged_out", "blocked"]
_STATES: dict[model.Reason, State] = {
    model.Reason.PROXY_NOT_ACTIVATED: "sleeps",
    model.Reason.PROXY_AGED_OUT: "aged_out",
    model.Reason.SAFEGUARDING: "blocked",
    model.Reason.PROXY_NO_AUTHORITY: "ended",
}


def holds_duty(user: User, organisation_id: UUID, kind: str, now: datetime) -> bool:
    rows = Duty.objects.filter(user=user, organisation_id=organisation_id, kind=kind)
    return any(row.stands(now) for row in rows) and posts(user).filter(organisation_id=organisation_id).exists()


def access_organisation(user: User, organisation_id: UUID, *, as_officer: bool) -> Organisation:
    """An organisation for its own staff; NotFound for others, Refused for staff without the officer's duty."""
    post = posts(user).filter(organisation_id=organisation_id).first()
    if post is None:
        raise NotFound
    if as_officer and not holds_duty(user, organisation_id, Duty.Kind.PRIVACY_OFFICER, timezone.now()):
        raise Refused("This is for the privacy officer.", code=wire.StandingCode.NOT_AN_OFFICER)
    return post.organisation


def access_as_officer(user: User, patient_id: UUID) -> Patient:
    """A patient of the organisation whose privacy officer this is; NotFound for everybody else."""
    patient = Patient.objects.select_related("organisation", "account").filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    if not holds_duty(user, patient.organisation_id, Duty.Kind.PRIVACY_OFFICER, timezone.now()):
        raise NotFound
    if patient.account_id == user.pk:
        raise Refused("Nobody keeps their own record.", code=wire.StandingCode.OWN_RECORD)
    return patient


def access_to_look(user: User, patient_id: UUID) -> Patient:
    """A patient's standing for the patient, the privacy officer, and the care team; NotFound for everybody else."""
    for road in (access_own_record, access_as_officer):
        try:
            return road(user, patient_id)
        except NotFound:
            continue
    return access_treated_patient(user, patient_id).patient


def state_of(row: Authority, dossier: Dossier, now: datetime) -> State:
    """What an authority is worth now: what the decision says to the first thing it covers."""
    if row.valid_from > now:
        return "not_yet"
    decision = decide_for(row.person, min(row.scope), dossier.patient_id, category="consent", now=now)
    return "acts" if decision.reason is model.Reason.PROXY_ACCESS else _STATES.get(decision.reason, "sleeps")


def ages_out(row: Authority, dossier: Dossier) -> str:
    """The day on which a parent's authority ends, where the birth date is known."""
    facts = dossier.facts
    if row.type != Authority.Type.PARENT or facts.birth_date is None:
        return ""
    return model.comes_of_age(facts.birth_date, facts.majority_age, facts.zone).date().isoformat()


def authority_out(row: Authority, dossier: Dossier, now: datetime) -> wire.AuthorityOut:
    return wire.AuthorityOut(
        id=row.pk.bytes,
        patient=row.patient_id.bytes,
        person=row.person_id.bytes,
        name=row.person.name,
        type=row.type,
        scope=sorted(row.scope),
        state=state_of(row, dossier, now),
        valid_from=millis(row.valid_from),
        valid_until=millis(row.valid_until) if row.valid_until else None,
        ages_out=ages_out(row, dossier),
    )


def represented(user: User, now: datetime) -> wire.RepresentedOut:
    """The patients for whom a person acts now; a sleeping, ended or blocked authority is not told of."""
    shown = []
    for row in Authority.objects.filter(person=user, ended_at=None).select_related("patient", "person"):
        dossier = dossier_of(row.patient_id)
        if dossier is not None and state_of(row, dossier, now) == "acts":
            shown.append((row, dossier))
    return wire.RepresentedOut(
        patients=[
            wire.Represented(
                authority=authority_out(row, dossier, now), patient_name=row.patient.name, zone=row.patient.zone
            )
            for row, dossier in sorted(shown, key=lambda one: one[0].patient.name.casefold())
        ]
    )


def minority_ends(patient: Patient, now: datetime) -> datetime | None:
    """The first instant at which nobody acts for a minor any more; None for who is of age, or of unknown age."""
    dossier = dossier_of(patient.pk)
    assert dossier is not None
    facts = dossier.facts
    if facts.birth_date is None or not facts.is_minor(now):
        return None
    return model.comes_of_age(facts.birth_date, facts.majority_age, facts.zone)


def met_by_standing(user_id: UUID) -> set[UUID]:
    """Those who act for the patients whom a person treats: a thread in their hands begins with their keys."""
    treated = CareTeamMember.objects.filter(user_id=user_id, until=None).values("patient_id")
    return set(Authority.objects.filter(patient__in=treated, ended_at=None).values_list("person_id", flat=True))


def standing_of(patient: Patient, now: datetime) -> wire.StandingOut:
    """Who may act for a patient and what was found of the patient's ability; blocks are told to nobody here."""
    dossier = dossier_of(patient.pk)
    assert dossier is not None
    rows = Authority.objects.filter(patient=patient, ended_at=None).select_related("person").order_by("recorded_at")
    facts = dossier.facts
    of_age = model.comes_of_age(facts.birth_date, facts.majority_age, facts.zone) if facts.birth_date else None
    return wire.StandingOut(
        authorities=[authority_out(row, dossier, now) for row in rows],
        capacity=[_capacity_out(row) for row in _newest(patient)],
        minor=facts.is_minor(now),
        majority_on=of_age.date().isoformat() if of_age and of_age > now else "",
        refuses_emergency=facts.emergency_refusal,
    )


def patients_of(organisation: Organisation, query: str, page: int) -> wire.OfficePatientsOut:
    """An organisation's patients whose name holds every word of the query, by name.

    Names are sealed in the database, so they are compared here.
    """
    words = query.casefold().split()
    rows = Patient.objects.filter(organisation=organisation).annotate(
        acting=Count("authorities", filter=Q(authorities__ended_at=None))
    )
    found = sorted(
        (row for row in rows if all(word in row.name.casefold() for word in words)),
        key=lambda row: (row.name.casefold(), row.pk),
    )
    first = (page - 1) * OFFICE_PAGE
    return wire.OfficePatientsOut(
        patients=[
            wire.OfficePatient(
                id=row.pk.bytes,
                name=row.name,
                birth_date=row.birth_date,
                has_account=row.account_id is not None,
                acting=row.acting,
            )
            for row in found[first : first + OFFICE_PAGE]
        ],
        page=page,
        more=len(found) > first + OFFICE_PAGE,
    )


def _newest(patient: Patient) -> list[CapacityAssertion]:
    rows = CapacityAssertion.objects.filter(patient=patient).select_related("assessor").order_by("assessed_at", "pk")
    return list({row.kind: row for row in rows}.values())


def _capacity_out(row: CapacityAssertion) -> wire.CapacityOut:
    return wire.CapacityOut(
        kind=row.kind,
        finding=row.finding,
        method=row.method,
        assessor_name=row.assessor.name,
        assessed_at=millis(row.assessed_at),
        review_on=row.review_on.isoformat() if row.review_on else "",
    )
