"""The HTTP doors of people: parse, access, act, respond."""

from __future__ import annotations

import time
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from audit.actions import record
from people import access, demo, reading, second_factor, shapes
from people.actions import keys, passkeys, patients, recovery, renewal, reset, sessions
from people.models import Organisation, User
from people.push import actions as push
from people.rationing import limit
from people.sso.views import offered
from wire import people as wire
from wire import push as push_wire
from wire.base import unb64
from wire.errors import Invalid, NotFound
from wire.renewal import RenewKeys, ResetKeys, ResetOffer, ResetQuestion
from wire.version import PROTOCOL

router = Router(tags=["people"])


def _person(request: HttpRequest) -> User:
    return reading.person_of(request.user)


def _id(text: str, re: str) -> UUID:
    """A 16-byte id from an address; anything else is as absent as an unknown one."""
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound(re=re) from None


def _page(number: int) -> int:
    if not 1 <= number <= 100_000:
        raise Invalid("Pages count from 1.", re="page")
    return number


@router.get("/config", auth=None, response=wire.Config)
def config(request: HttpRequest) -> wire.Config:
    organisations = Organisation.objects.order_by("name")
    return wire.Config(
        protocol=PROTOCOL,
        oldest_build=settings.OLDEST_BUILD,
        build=settings.BUILD,
        offline_hours=settings.OFFLINE_HOURS,
        demo=settings.DEMO,
        now=int(time.time() * 1000),
        organisations=[shapes.organisation(row) for row in organisations],
        identity_providers=offered(),
    )


@router.get("/demo/cast", auth=None, response=wire.DemoCast)
def demo_cast(request: HttpRequest) -> wire.DemoCast:
    if not settings.DEMO:
        raise NotFound
    return demo.cast()


@router.get("/demo/code", auth=None, response=wire.DemoCode)
def demo_code(request: HttpRequest, email: str = "") -> wire.DemoCode:
    return second_factor.demonstration_code(request, email[:254])


@router.get("/me/second-factor", response=wire.SecondFactor)
def my_second_factor(request: HttpRequest) -> wire.SecondFactor:
    return second_factor.standing_of(request, _person(request))


@router.post("/login-parameters", auth=None, response=wire.LoginParameters)
def login_parameters(request: HttpRequest, body: wire.LoginQuestion) -> wire.LoginParameters:
    return reading.login_parameters(body.email, settings.SECRET_KEY)


@router.post("/enrolments/look", auth=None, response=wire.EnrolmentOffer)
def look_at_enrolment(request: HttpRequest, body: wire.EnrolmentQuestion) -> wire.EnrolmentOffer:
    limit(request, "enrolment", body.code)
    found = access.require_enrolment(body.code)
    return wire.EnrolmentOffer(
        organisation=shapes.organisation(found.organisation),
        kind=reading.offered_kind(found),
        role=found.role,
        expires=shapes.millis(found.expires_at),
    )


@router.get("/me", response=wire.Me)
def me(request: HttpRequest) -> wire.Me:
    return reading.me(_person(request))


@router.post("/keys/enrol", response=wire.MyKeys)
def enrol_keys(request: HttpRequest, body: wire.EnrolKeys) -> wire.MyKeys:
    user = _person(request)
    keys.enrol(user, body)
    return reading.my_keys(user)


@router.get("/keys/mine", response=wire.MyKeys)
def my_keys(request: HttpRequest) -> wire.MyKeys:
    return reading.my_keys(_person(request))


@router.get("/keys/pins", response=wire.KeptPins)
def my_pins(request: HttpRequest) -> wire.KeptPins:
    return reading.my_pins(_person(request))


@router.put("/keys/pins", response=wire.PinsBlob)
def keep_pins(request: HttpRequest, body: wire.PinsBlob) -> wire.PinsBlob:
    return keys.keep_pins(_person(request), body)


@router.put("/keys/password", response=wire.Done)
def change_password(request: HttpRequest, body: wire.ChangePassword) -> wire.Done:
    user = _person(request)
    limit(request, "change_password", user.email)
    keys.change_password(request, user, body)
    return wire.Done()


@router.put("/keys/recovery", response=wire.Done)
def change_recovery_code(request: HttpRequest, body: wire.NewRecoveryCode) -> wire.Done:
    user = _person(request)
    limit(request, "change_password", user.email)
    keys.change_recovery_code(user, body)
    return wire.Done()


@router.post("/keys/renew", response=wire.MyKeys)
def renew_keys(request: HttpRequest, body: RenewKeys) -> wire.MyKeys:
    user = _person(request)
    limit(request, "change_password", user.email)
    renewal.renew_keys(request, user, body)
    return reading.my_keys(user)


@router.get("/keys/passkeys", response=wire.Passkeys)
def my_passkeys(request: HttpRequest) -> wire.Passkeys:
    return reading.passkeys(_person(request))


@router.put("/keys/passkey", response=wire.Passkeys)
def set_passkey_slot(request: HttpRequest, body: wire.PasskeySlot) -> wire.Passkeys:
    user = _person(request)
    passkeys.set_passkey_slot(request, user, body.slot)
    return reading.passkeys(user)


@router.post("/recovery/open", auth=None, response=wire.RecoverySlot)
def open_recovery(request: HttpRequest, body: wire.OpenRecovery) -> wire.RecoverySlot:
    limit(request, "recovery", body.email)
    return recovery.open_slot(body.email, body.rc_auth)


@router.post("/reset/look", auth=None, response=ResetOffer)
def look_at_reset(request: HttpRequest, body: ResetQuestion) -> ResetOffer:
    limit(request, "recovery", body.email)
    return reset.look(body.email, body.code)


@router.post("/reset/finish", auth=None, response=wire.Done)
def finish_reset(request: HttpRequest, body: ResetKeys) -> wire.Done:
    limit(request, "recovery", body.email)
    reset.reset_keys(request, body)
    return wire.Done()


@router.post("/recovery/finish", auth=None, response=wire.Done)
def finish_recovery(request: HttpRequest, body: wire.FinishRecovery) -> wire.Done:
    limit(request, "recovery", body.email)
    recovery.finish(request, body)
    return wire.Done()


@router.post("/people/keys", response=wire.PeopleKeys)
def people_keys(request: HttpRequest, body: wire.KeysQuestion) -> wire.PeopleKeys:
    wanted = {UUID(bytes=user) for user in body.users}
    return reading.people_keys(access.people_visible_to(_person(request), wanted))


@router.get("/directory", response=wire.DirectoryPage)
def directory(request: HttpRequest, query: str = "", page: int = 1) -> wire.DirectoryPage:
    return reading.directory(query[:100], _page(page))


@router.get("/patients", response=wire.PatientsPage)
def caseload(request: HttpRequest, page: int = 1) -> wire.PatientsPage:
    user = _person(request)
    record(actor=user.pk, verb="caseload.read", patient=None)
    return reading.patients(user, _page(page))


@router.post("/patients", response=wire.PatientEnrolment)
def enrol_patient(request: HttpRequest, body: wire.NewPatient) -> wire.PatientEnrolment:
    member, code, expires = patients.enrol_patient(
        _person(request),
        patient_id=UUID(bytes=body.id),
        name=body.name,
        birth_date=body.birth_date,
        zone=body.zone,
    )
    return wire.PatientEnrolment(
        patient=shapes.patient(member, None), enrolment_code=code, expires=shapes.millis(expires)
    )


@router.post("/patients/{patient_id}/enrolment", response=wire.PatientEnrolment)
def renew_enrolment(request: HttpRequest, patient_id: str) -> wire.PatientEnrolment:
    user = _person(request)
    member = access.access_treated_patient(user, _id(patient_id, "patient_id"))
    code, expires = patients.renew_enrolment(user, member)
    return wire.PatientEnrolment(
        patient=shapes.patient(member, None), enrolment_code=code, expires=shapes.millis(expires)
    )


@router.get("/patients/{patient_id}/care-team", response=wire.CareTeam)
def care_team(request: HttpRequest, patient_id: str) -> wire.CareTeam:
    user = _person(request)
    patient = access.access_patient(user, _id(patient_id, "patient_id"))
    record(actor=user.pk, verb="care_team.read", patient=patient.pk)
    rows = access.memberships(patient).order_by("since", "pk")
    return wire.CareTeam(people=[shapes.care_team_person(row) for row in rows])


@router.post("/patients/{patient_id}/care-team", response=wire.CareTeamPerson)
def join_care_team(request: HttpRequest, patient_id: str, body: wire.JoinCareTeam) -> wire.CareTeamPerson:
    user = _person(request)
    patient = access.access_treated_patient(user, _id(patient_id, "patient_id")).patient
    return shapes.care_team_person(patients.join_care_team(user, patient, UUID(bytes=body.user)))


@router.delete("/patients/{patient_id}/care-team/{user_id}", response=wire.Done)
def leave_care_team(request: HttpRequest, patient_id: str, user_id: str) -> wire.Done:
    user = _person(request)
    patient = access.access_treated_patient(user, _id(patient_id, "patient_id")).patient
    patients.leave_care_team(user, patient, _id(user_id, "user_id"))
    return wire.Done()


def _device(request: HttpRequest) -> UUID | None:
    """The device that asks, as its header X-Device says; None for none."""
    try:
        return UUID(bytes=unb64(request.headers.get("X-Device", "")))
    except ValueError:
        return None


@router.get("/devices", response=wire.Devices)
def devices(request: HttpRequest) -> wire.Devices:
    return reading.devices(_person(request), request.session.session_key or "")


@router.post("/devices", response=wire.Done)
def remember_device(request: HttpRequest, body: wire.DeviceIn) -> wire.Done:
    key = request.session.session_key or ""
    sessions.remember_device(
        _person(request), UUID(bytes=body.id), body.label, session_key=key, remembered=body.remembered
    )
    return wire.Done()


@router.delete("/devices/{number}", response=wire.Done)
def sign_out_device(request: HttpRequest, number: int) -> wire.Done:
    sessions.sign_out_device(_person(request), number)
    return wire.Done()


@router.post("/sign-out-others", response=wire.Done)
def sign_out_others(request: HttpRequest) -> wire.Done:
    sessions.sign_out_others(_person(request), request.session.session_key or "")
    return wire.Done()


@router.get("/me/push", response=push_wire.PushStanding)
def push_standing(request: HttpRequest) -> push_wire.PushStanding:
    user, device = _person(request), _device(request)
    on = device is not None and user.push_subscriptions.filter(device_id=device).exists()
    return push_wire.PushStanding(key=settings.PUSH_PUBLIC_KEY, on=on)


@router.put("/me/push", response=wire.Done)
def subscribe_to_push(request: HttpRequest, body: push_wire.PushSubscribe) -> wire.Done:
    user, device = _person(request), _device(request)
    if device is None:
        raise NotFound
    push.subscribe(user, device, body)
    return wire.Done()


@router.delete("/me/push", response=wire.Done)
def unsubscribe_from_push(request: HttpRequest) -> wire.Done:
    user, device = _person(request), _device(request)
    if device is not None:
        push.unsubscribe(user, device)
    return wire.Done()


@router.post("/sign-out-everywhere", response=wire.Done)
def sign_out_everywhere(request: HttpRequest) -> wire.Done:
    sessions.sign_out_everywhere(_person(request))
    return wire.Done()
