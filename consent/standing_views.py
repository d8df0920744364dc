"""The HTTP doors of standing: who acts for a patient, what was found, duties and an organisation's rules."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from audit.actions import record
from consent import profiles, standing
from consent.access import access_own_record
from consent.actions import standing as actions
from consent.dossier import dossier_of, rules_of
from consent.models import Authority, Duty, Profile, SafeguardingBlock
from people.access import access_treated_patient, require_post
from people.actions.patients import enrol_representative
from people.models import Enrolment, Patient, User
from people.reading import person_of
from people.shapes import millis
from wire import standing as wire
from wire.base import unb64
from wire.errors import NotFound, Refused
from wire.people import Done

router = Router(tags=["standing"])
MOST = 200
"""Rows a page shows of what an organisation or a patient has few of."""


def _id(text: str) -> UUID:
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


def _officers(request: HttpRequest, patient: str) -> tuple[User, Patient]:
    user = person_of(request.user)
    return user, standing.access_as_officer(user, _id(patient))


@router.get("/represented", response=wire.RepresentedOut)
def represented(request: HttpRequest) -> wire.RepresentedOut:
    return standing.represented(person_of(request.user), timezone.now())


@router.get("/patients/{patient}/standing", response=wire.StandingOut)
def look(request: HttpRequest, patient: str) -> wire.StandingOut:
    user = person_of(request.user)
    found = standing.access_to_look(user, _id(patient))
    record(actor=user.pk, verb="standing.read", patient=found.pk)
    return standing.standing_of(found, timezone.now())


@router.get("/patients/{patient}/representatives", response=wire.RepresentativesOut)
def representatives(request: HttpRequest, patient: str) -> wire.RepresentativesOut:
    _, found = _officers(request, patient)
    rows = Enrolment.objects.filter(patient=found, kind=Enrolment.Kind.REPRESENTATIVE, used_by__isnull=False)
    acting = set(Authority.objects.filter(patient=found, ended_at=None).values_list("person_id", flat=True))
    return wire.RepresentativesOut(
        people=[
            wire.Representative(
                person=row.used_by.pk.bytes,
                name=row.used_by.name,
                enrolled_at=millis(row.used_at),
                acts=row.used_by.pk in acting,
            )
            for row in rows.select_related("used_by").order_by("used_at")[:MOST]
            if row.used_by is not None and row.used_at is not None
        ]
    )


@router.post("/patients/{patient}/representatives", response=wire.RepresentativeCode)
def invite_representative(request: HttpRequest, patient: str) -> wire.RepresentativeCode:
    user, found = _officers(request, patient)
    code, expires = enrol_representative(user, found)
    return wire.RepresentativeCode(enrolment_code=code, expires=millis(expires))


@router.post("/patients/{patient}/authorities", response=wire.AuthorityOut)
def record_authority(request: HttpRequest, patient: str, body: wire.AuthorityIn) -> wire.AuthorityOut:
    user, found = _officers(request, patient)
    row = actions.record_authority(found, user, body)
    dossier = dossier_of(found.pk)
    assert dossier is not None
    return standing.authority_out(row, dossier, timezone.now())


@router.delete("/authorities/{authority}", response=Done)
def end_authority(request: HttpRequest, authority: str) -> Done:
    user = person_of(request.user)
    row = Authority.objects.select_related("patient").filter(pk=_id(authority)).first()
    if row is None:
        raise NotFound
    standing.access_as_officer(user, row.patient_id)
    actions.end_authority(row, user)
    return Done()


@router.get("/patients/{patient}/safeguarding", response=wire.BlocksOut)
def blocks(request: HttpRequest, patient: str) -> wire.BlocksOut:
    user, found = _officers(request, patient)
    record(actor=user.pk, verb="safeguarding.read", patient=found.pk)
    rows = SafeguardingBlock.objects.filter(patient=found).select_related("person").order_by("-since")[:MOST]
    return wire.BlocksOut(
        blocks=[
            wire.BlockOut(
                id=row.pk.bytes,
                person=row.person_id.bytes,
                name=row.person.name,
                reason=row.reason,
                since=millis(row.since),
                until=millis(row.until) if row.until else None,
            )
            for row in rows
        ]
    )


@router.post("/patients/{patient}/safeguarding", response=Done)
def place_block(request: HttpRequest, patient: str, body: wire.SafeguardingIn) -> Done:
    user, found = _officers(request, patient)
    actions.place_block(found, user, UUID(bytes=body.person), body.reason)
    return Done()


@router.delete("/safeguarding/{block}", response=Done)
def lift_block(request: HttpRequest, block: str) -> Done:
    user = person_of(request.user)
    row = SafeguardingBlock.objects.select_related("patient").filter(pk=_id(block)).first()
    if row is None:
        raise NotFound
    standing.access_as_officer(user, row.patient_id)
    actions.lift_block(row, user)
    return Done()


@router.post("/patients/{patient}/capacity", response=Done)
def assert_capacity(request: HttpRequest, patient: str, body: wire.CapacityIn) -> Done:
    user = person_of(request.user)
    actions.assert_capacity(access_treated_patient(user, _id(patient)).patient, user, body)
    return Done()


@router.put("/patients/{patient}/emergency-refusal", response=Done)
def refuse_emergency(request: HttpRequest, patient: str, body: wire.RefuseEmergency) -> Done:
    user = person_of(request.user)
    actions.refuse_emergency(access_own_record(user, _id(patient)), user, body.refuse)
    return Done()


@router.get("/organisations/{organisation}/patients", response=wire.OfficePatientsOut)
def patients(request: HttpRequest, organisation: str, query: str = "", page: int = 1) -> wire.OfficePatientsOut:
    user = person_of(request.user)
    found = standing.access_organisation(user, _id(organisation), as_officer=True)
    record(actor=user.pk, verb="office.patients", patient=None, actor_org=found.pk)
    return standing.patients_of(found, query[:100], max(1, min(page, 100_000)))


@router.get("/organisations/{organisation}/duties", response=wire.DutiesOut)
def duties(request: HttpRequest, organisation: str) -> wire.DutiesOut:
    found = standing.access_organisation(person_of(request.user), _id(organisation), as_officer=False)
    rows = Duty.objects.filter(organisation=found, until=None).select_related("user").order_by("kind", "since")
    return wire.DutiesOut(
        duties=[
            wire.DutyOut(user=row.user_id.bytes, name=row.user.name, kind=row.kind, since=millis(row.since))
            for row in rows[:MOST]
        ]
    )


@router.post("/organisations/{organisation}/duties", response=Done)
def entrust(request: HttpRequest, organisation: str, body: wire.DutyIn) -> Done:
    user = person_of(request.user)
    found = standing.access_organisation(user, _id(organisation), as_officer=True)
    if body.user == user.pk.bytes:
        raise Refused("Nobody gives themselves a duty.", code=wire.StandingCode.OWN_RECORD)
    actions.entrust(_staff(body.user), found, body.kind, user)
    return Done()


@router.delete("/organisations/{organisation}/duties/{holder}/{kind}", response=Done)
def relieve(request: HttpRequest, organisation: str, holder: str, kind: str) -> Done:
    user = person_of(request.user)
    found = standing.access_organisation(user, _id(organisation), as_officer=True)
    actions.relieve(_staff(_id(holder).bytes), found, kind[:16], user)
    return Done()


def _staff(user_id: bytes) -> User:
    found = User.objects.filter(pk=UUID(bytes=user_id), is_active=True).first()
    if found is None:
        raise NotFound(re="user")
    return found


@router.get("/consent-profiles", response=wire.ProfilesOut)
def templates(request: HttpRequest) -> wire.ProfilesOut:
    require_post(person_of(request.user))
    rules = profiles.TEMPLATES.items()
    return wire.ProfilesOut(
        profiles=[wire.ProfileBody.model_validate({"template": name, **asdict(one)}) for name, one in rules]
    )


@router.get("/organisations/{organisation}/consent-profile", response=wire.ProfileBody)
def profile(request: HttpRequest, organisation: str) -> wire.ProfileBody:
    found = standing.access_organisation(person_of(request.user), _id(organisation), as_officer=False)
    template = Profile.objects.filter(organisation=found).values_list("template", flat=True).first()
    return wire.ProfileBody.model_validate({"template": template or profiles.FALLBACK, **asdict(rules_of(found.pk))})


@router.put("/organisations/{organisation}/consent-profile", response=wire.ProfileBody)
def set_profile(request: HttpRequest, organisation: str, body: wire.ProfileBody) -> wire.ProfileBody:
    user = person_of(request.user)
    found = standing.access_organisation(user, _id(organisation), as_officer=True)
    actions.set_profile(found, user, body)
    return body
