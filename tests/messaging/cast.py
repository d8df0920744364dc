"""The cast: elena treats maya, samuel and tom are asked onto the case, chidi must see nothing."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Any

from django.test import Client

from consent import actions as consent_actions
from consent.actions import give_directive
from crypto.directives import Directive, Revoke
from crypto.keys import Identity, OrgRoot, SignedUkr, issue_certificate, make_ukr, new_identity, ukr_hash
from crypto.tables import CertKind, CertMethod, RevokeKind, Role, UkrReason
from messaging.models import Thread
from people import certify
from people.models import Affiliation, CareTeamMember, Certificate, KeyBundle, Organisation, Patient, User
from tests.messaging.house import DAY_MS, STATEMENT, Batch, Case, Person, now_ms, together
from wire.consent import ConsentSigner


@dataclass
class Cast:
    """Everybody, and maya's record at Riverside."""

    elena: Person
    samuel: Person
    tom: Person
    chidi: Person
    maya: Person
    patient: Patient

    @property
    def people(self) -> tuple[Person, ...]:
        return (self.elena, self.samuel, self.tom, self.chidi, self.maya)


def make_cast() -> Cast:
    riverside = certify.create_organisation("Riverside Counselling", "community centre", "UTC")
    northgate = certify.create_organisation("Northgate Psychiatry", "multidisciplinary centre", "UTC")
    elena = make_member("elena", riverside, Role.THERAPIST)
    samuel = make_member("samuel", northgate, Role.PSYCHIATRIST)
    tom = make_member("tom", riverside, Role.CASE_MANAGER)
    chidi = make_member("chidi", northgate, Role.PHYSICIAN)
    maya = make_member("maya", riverside, Role.PATIENT)
    patient = Patient.objects.create(account=maya.user, organisation=riverside, name="Maya Lindqvist")
    CareTeamMember.objects.create(patient=patient, user=elena.user, organisation=riverside, role=elena.role)
    return Cast(elena, samuel, tom, chidi, maya, patient)


def make_member(name: str, organisation: Organisation, role: Role) -> Person:
    user = User.objects.create_user(f"{name}@test.example", None, name.title())
    identity = new_identity(user.pk.bytes, 1, now_ms())
    ukr = make_ukr(identity, now_ms())
    _publish(user, identity, ukr)
    if role != Role.PATIENT:
        Affiliation.objects.create(user=user, organisation=organisation, role=role)
    _certify(user, identity.fp, organisation, role)
    return Person(user, identity, role)


def rekeyed(person: Person, reason: UkrReason = UkrReason.ROTATE) -> tuple[Person, bytes]:
    """The same person with the next generation of keys, published and certified; and the hash of its record."""
    identity = new_identity(person.id, person.identity.gen + 1, now_ms())
    ukr = make_ukr(identity, now_ms(), previous=person.identity, reason=reason)
    _publish(person.user, identity, ukr)
    organisation = Certificate.objects.filter(subject=person.user)[0].organisation
    _certify(person.user, identity.fp, organisation, person.role)
    return Person(person.user, identity, person.role, person.device, person.ctr), ukr_hash(ukr.body)


def _publish(user: User, identity: Identity, ukr: SignedUkr) -> None:
    KeyBundle.objects.create(
        user=user,
        gen=identity.gen,
        core=identity.core,
        ukr=ukr.body,
        pop=ukr.pop,
        sig=ukr.sig,
        fp=identity.fp,
        sign_pk=identity.sign_pk,
        box_pk=identity.box_pk,
    )


def _certify(user: User, fp: bytes, organisation: Organisation, role: Role) -> None:
    kind = CertKind.PATIENT if role == Role.PATIENT else CertKind.STAFF
    cert_id, nbf, exp = secrets.token_bytes(16), now_ms() - DAY_MS, now_ms() + 300 * DAY_MS
    signed = issue_certificate(
        OrgRoot.from_seed(base64.b64decode(organisation.demonstration_seed)),
        cert_id=cert_id,
        org=organisation.pk.bytes,
        subject=user.pk.bytes,
        subject_fp=fp,
        kind=kind,
        roles=[role],
        nbf=nbf,
        exp=exp,
        method=CertMethod.LETTER_CODE,
    )
    Certificate.objects.create(
        cert_id=cert_id,
        organisation=organisation,
        subject=user,
        fp=fp,
        kind=kind,
        role_mask=1 << role,
        body=signed.body,
        sig=signed.sig,
        nbf=nbf,
        exp=exp,
    )


class Desk:
    """One person's signed-in browser, as far as HTTP goes: `(status, body)` of each request."""

    def __init__(self, person: Person) -> None:
        self._client = Client()
        self._client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def get(self, path: str) -> tuple[int, Any]:
        answer = self._client.get(f"/api{path}")
        return answer.status_code, answer.json()

    def send(self, verb: str, path: str, body: object | None = None) -> tuple[int, Any]:
        request = getattr(self._client, verb)
        answer = request(f"/api{path}", data=body if body is not None else {}, content_type="application/json")
        return answer.status_code, answer.json()

    def post(self, path: str, body: object | None = None) -> tuple[int, Any]:
        return self.send("post", path, body)

    def put(self, path: str, body: object) -> tuple[int, Any]:
        return self.send("put", path, body)

    def delete(self, path: str) -> tuple[int, Any]:
        return self.send("delete", path)


def hand_in(case: Case, author: Person, batch: Batch) -> tuple[int, Any]:
    """Gives a batch to the server as its author's client does."""
    return Desk(author).post(f"/threads/{case.id}/log", batch.body())


def open_case(cast: Cast, *colleagues: Person, flags: int = 0, epoch_max_msgs: int = 10_000) -> Case:
    """A thread that elena began, with maya's permits for her and these colleagues, ready for messages."""
    case = Case(cast.patient, cast.maya, cast.elena, flags=flags, epoch_max_msgs=epoch_max_msgs)
    status, body = Desk(cast.elena).post("/threads", Batch(case.entries[:1]).body())
    assert status == 200, body
    for person in (cast.elena, *colleagues):
        let_in(cast, case, person)
    rotated = hand_in(case, cast.elena, case.epoch(cast.elena))
    assert rotated[0] == 200, rotated
    return case


def let_in(cast: Cast, case: Case, person: Person) -> bytes:
    """The patient signs a permit, and her client carries it into the log; returns the directive's id."""
    directive = case.permit(person)
    grant(cast, case, directive)
    batch = case.consent(cast.maya, directive)
    if person.id not in case.state.members:
        batch = together(batch, case.add(cast.maya, person, directive))
    status, body = hand_in(case, cast.maya, batch)
    assert status == 200, body
    return directive.directive_id


def thread_row(case: Case) -> Thread:
    return Thread.objects.get(pk=case.id)


def grant(cast: Cast, case: Case, directive: Directive) -> None:
    """The patient's directive reaches the server and is in force."""
    signer = ConsentSigner(fp=cast.maya.fp, sig=case.signature(directive))
    give_directive(cast.patient, by=cast.maya.user, body=directive.encode(), signers=[signer], statement=STATEMENT)


def withdraw(cast: Cast, case: Case, directive_id: bytes) -> Revoke:
    """The patient withdraws one directive; it is over at once, whatever any log says."""
    return _withdraw(cast, case, case.revoke(RevokeKind.DIRECTIVE, directive_id))


def withdraw_all(cast: Cast, case: Case) -> Revoke:
    """The patient withdraws every permit."""
    return _withdraw(cast, case, case.revoke(RevokeKind.EVERYONE, b""))


def _withdraw(cast: Cast, case: Case, revoke: Revoke) -> Revoke:
    signer = ConsentSigner(fp=cast.maya.fp, sig=case.signature(revoke))
    consent_actions.withdraw(cast.patient, by=cast.maya.user, body=revoke.encode(), signers=[signer])
    return revoke
