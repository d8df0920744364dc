"""Enrolling patients and keeping their care teams."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone

from audit.actions import record
from crypto.tables import Role
from people import access, rules
from people.models import CareTeamMember, Enrolment, Patient, User
from people.signals import care_team_changed
from wire.errors import Conflict, Invalid, NotFound, Refused
from wire.people import PeopleCode


def _tell_changed(patient_id: UUID) -> None:
    care_team_changed.send(sender=CareTeamMember, patient_id=patient_id)


def _new_enrolment(patient: Patient, by: User, now: datetime) -> tuple[str, datetime]:
    """A fresh code for a patient; earlier codes of the patient stop working."""
    code, expires = rules.new_code(), now + rules.CODE_LIFETIME
    Enrolment.objects.filter(patient=patient, kind=Enrolment.Kind.PATIENT, used_at=None).delete()
    Enrolment.objects.create(
        code_hash=rules.code_hash(code),
        organisation=patient.organisation,
        kind=Enrolment.Kind.PATIENT,
        role=rules.PATIENT_ROLE,
        patient=patient,
        created_by=by,
        expires_at=expires,
    )
    return code, expires


@transaction.atomic
def enrol_patient(
    by: User, *, patient_id: UUID, name: str, birth_date: str, zone: str
) -> tuple[CareTeamMember, str, datetime]:
    """Takes a patient into the enroller's organisation and care; returns the membership, the code, its expiry.

    A repeat with the same id by the same person makes a new code and no second patient.
    """
    post = access.require_post(by)
    if zone not in available_timezones():
        raise Invalid("This is not a time zone.", re="zone")
    now = timezone.now()
    patient, made = Patient.objects.get_or_create(
        pk=patient_id,
        defaults={"organisation": post.organisation, "name": name, "birth_date": birth_date, "zone": zone},
    )
    if not made:
        member = access.access_treated_patient(by, patient_id)
        return member, *renew_enrolment(by, member)
    member = CareTeamMember.objects.create(
        patient=patient, user=by, organisation=post.organisation, role=post.role, since=now
    )
    code, expires = _new_enrolment(patient, by, now)
    record(actor=by.pk, verb="patient.enrol", patient=patient.pk, actor_org=post.organisation_id)
    _tell_changed(patient.pk)
    return member, code, expires


@transaction.atomic
def enrol_representative(by: User, patient: Patient) -> tuple[str, datetime]:
    """A one-time code for the account of somebody who is to act for a patient; it gives no authority by itself."""
    code, expires = rules.new_code(), timezone.now() + rules.CODE_LIFETIME
    Enrolment.objects.create(
        code_hash=rules.code_hash(code),
        organisation=patient.organisation,
        kind=Enrolment.Kind.REPRESENTATIVE,
        role=int(Role.REPRESENTATIVE),
        patient=patient,
        created_by=by,
        expires_at=expires,
    )
    record(actor=by.pk, verb="representative.invite", patient=patient.pk, actor_org=patient.organisation_id)
    return code, expires


@transaction.atomic
def renew_enrolment(by: User, member: CareTeamMember) -> tuple[str, datetime]:
    """A new code in place of a lost one; Conflict when the patient has an account already."""
    if member.patient.account_id is not None:
        raise Conflict("This patient has an account.", code=PeopleCode.ALREADY_ENROLLED)
    code, expires = _new_enrolment(member.patient, by, timezone.now())
    record(actor=by.pk, verb="patient.enrolment_renew", patient=member.patient_id)
    return code, expires


@transaction.atomic
def join_care_team(by: User, patient: Patient, user_id: UUID) -> CareTeamMember:
    """A colleague of the patient's organisation joins the team; a repeat changes nothing.

    People of other organisations are refused: on this list they would learn the patient's name before the
    patient has agreed to anything. They come in by invitation and directive.
    """
    colleague = User.objects.filter(pk=user_id, is_active=True).first()
    if colleague is None:
        raise NotFound(re="user")
    post = access.posts(colleague).filter(organisation=patient.organisation).first()
    if post is None:
        raise Refused(
            "Colleagues of other organisations come in by invitation, with the patient's consent.",
            code=PeopleCode.CARE_TEAM_ELSEWHERE,
        )
    standing = access.memberships(patient).filter(user=colleague).first()
    if standing is not None:
        return standing
    member = CareTeamMember.objects.create(
        patient=patient, user=colleague, organisation=patient.organisation, role=post.role, invited_by=by
    )
    record(actor=by.pk, verb="care_team.join", patient=patient.pk, object_kind="user", object_id=user_id.hex)
    _tell_changed(patient.pk)
    return member


@transaction.atomic
def leave_care_team(by: User, patient: Patient, user_id: UUID) -> None:
    """Ends a membership now; the row stays, because it explains past access."""
    ended = access.memberships(patient).filter(user_id=user_id).update(until=timezone.now())
    if not ended:
        raise NotFound(re="user")
    record(actor=by.pk, verb="care_team.leave", patient=patient.pk, object_kind="user", object_id=user_id.hex)
    _tell_changed(patient.pk)
