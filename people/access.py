"""The only ways from an id to a person or a patient; the same NotFound for absent and forbidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from people import rules
from people.models import Affiliation, CareTeamMember, Enrolment, Patient, User
from wire.errors import Invalid, NotFound, Refused
from wire.people import PeopleCode

SharesWork = Callable[[UUID], set[UUID]]
_shares_work: list[SharesWork] = []


def shares_work(function: SharesWork) -> SharesWork:
    """Registers who else may see a person's keys: given the asker, the ids of those met in threads, say."""
    _shares_work.append(function)
    return function


def _now() -> Q:
    now = timezone.now()
    return Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))


def find_enrolment(code: str) -> Enrolment | None:
    """The enrolment that a code still opens, or None; the code is the only right that is needed."""
    if not 8 <= len(code) <= 64:
        return None
    return (
        Enrolment.objects.select_related("organisation", "patient")
        .filter(code_hash=rules.code_hash(code), used_at=None, expires_at__gt=timezone.now())
        .first()
    )


def posts(user: User) -> QuerySet[Affiliation]:
    """The posts that a person holds now."""
    return Affiliation.objects.filter(_now(), user=user).select_related("organisation").order_by("since")


def posts_of(users: Iterable[UUID]) -> dict[UUID, list[Affiliation]]:
    """The posts that each of these people holds now; one query."""
    found: dict[UUID, list[Affiliation]] = {user: [] for user in users}
    for post in Affiliation.objects.filter(_now(), user__in=list(found)).order_by("since"):
        found[post.user_id].append(post)
    return found


def require_post(user: User) -> Affiliation:
    """The person's first standing post; Refused for those who are not staff."""
    post = posts(user).first()
    if post is None:
        raise Refused("This is for staff.")
    return post


def memberships(patient: Patient) -> QuerySet[CareTeamMember]:
    """Who treats or serves a patient now."""
    return CareTeamMember.objects.filter(_now(), patient=patient).select_related("user", "organisation")


def caseload(user: User) -> QuerySet[CareTeamMember]:
    """The person's own standing memberships, each with its patient."""
    return CareTeamMember.objects.filter(_now(), user=user).select_related("patient__account", "patient__organisation")


def is_on_care_team(user_id: UUID, patient_id: UUID) -> bool:
    return CareTeamMember.objects.filter(_now(), user_id=user_id, patient_id=patient_id).exists()


def access_patient(user: User, patient_id: UUID) -> Patient:
    """A patient whom this person treats or serves now, or is."""
    patient = Patient.objects.select_related("organisation", "account").filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    if patient.account_id == user.pk:
        return patient
    if is_on_care_team(user.pk, patient_id):
        return patient
    raise NotFound


def access_treated_patient(user: User, patient_id: UUID) -> CareTeamMember:
    """One's own standing membership in this patient's care team."""
    member = caseload(user).filter(patient_id=patient_id).first()
    if member is None:
        raise NotFound
    return member


def people_visible_to(user: User, wanted: set[UUID]) -> set[UUID]:
    """Those of `wanted` whose name and public keys this person may see.

    Staff are in the directory, past ones too: old signatures must stay verifiable. A patient is seen by the
    care team, by the people of shared threads, and by the patient.
    """
    seen = wanted & {user.pk}
    seen |= set(Affiliation.objects.filter(user__in=wanted).values_list("user_id", flat=True))
    treated = caseload(user).filter(patient__account__in=wanted)
    seen |= set(treated.values_list("patient__account_id", flat=True))
    for function in _shares_work:
        seen |= wanted & function(user.pk)
    return seen


def require_enrolment(code: str) -> Enrolment:
    """As find_enrolment; raises Invalid for a code that is unknown, used or expired, all alike."""
    found = find_enrolment(code)
    if found is None:
        raise Invalid(
            "This code is not valid any more: ask for a new one.", code=PeopleCode.ENROLMENT_CODE, re="enrolment_code"
        )
    return found
