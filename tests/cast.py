"""The cast of the tests: people with real keys, certificates and places, each with a signed-in HTTP client.

elena treats Maya, tom coordinates her care (both Riverside); samuel (Northgate) is on the case once Maya says so;
chidi (Northgate) must see nothing; maya is the patient.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from crypto import keys
from crypto.keys import Identity, OrgRoot
from crypto.tables import CertKind, CertMethod, Role
from people.models import Affiliation, CareTeamMember, Certificate, KeyBundle, Organisation, Patient, User
from people.shapes import millis
from wire.base import b64

DAY_MS = 86_400_000


class Http:
    """A person's browser as far as HTTP goes: signed in, JSON in and out."""

    def __init__(self, user: User | None = None, device: bytes = b"") -> None:
        self.client = Client()
        self.headers = {"X-Device": b64(device)} if device else {}
        if user is not None:
            self.client.force_login(user)

    def get(self, path: str, **params: str | int) -> tuple[int, Any]:
        return self._answer(self.client.get(f"/api{path}", params, headers=self.headers))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        return self._send("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        return self._send("PUT", path, body)

    def delete(self, path: str) -> tuple[int, Any]:
        return self._send("DELETE", path, None)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[int, Any]:
        text = json.dumps(body or {})
        return self._answer(self.client.generic(method, f"/api{path}", text, "application/json", headers=self.headers))

    @staticmethod
    def _answer(response: Any) -> tuple[int, Any]:
        return response.status_code, json.loads(response.content) if response.content else None


@dataclass
class Person:
    """One of the cast: the account, the private keys, the role, the device and the client."""

    user: User
    identity: Identity
    role: Role
    device: bytes
    http: Http

    @property
    def id(self) -> bytes:
        return self.user.pk.bytes

    @property
    def fp(self) -> bytes:
        return self.identity.fp


@dataclass
class Cast:
    """Everybody, their organisations, and the patient record."""

    elena: Person
    samuel: Person
    chidi: Person
    maya: Person
    tom: Person
    patient: Patient
    riverside: Organisation
    northgate: Organisation

    @property
    def people(self) -> list[Person]:
        return [self.elena, self.samuel, self.chidi, self.maya, self.tom]


def make_organisation(name: str) -> Organisation:
    """An organisation whose root lies with the server."""
    seed = secrets.token_bytes(32)
    root = OrgRoot.from_seed(seed)
    return Organisation.objects.create(
        name=name,
        kind="community centre",
        root_pk=root.sign_pk,
        fp=root.fp,
        demonstration_seed=base64.b64encode(seed).decode("ascii"),
    )


def certify(person: Person, organisation: Organisation, now: datetime) -> Certificate:
    """The organisation's certificate over a person's key, for ten years."""
    root = OrgRoot.from_seed(base64.b64decode(organisation.demonstration_seed))
    kind = CertKind.PATIENT if person.role == Role.PATIENT else CertKind.STAFF
    nbf, cert_id = millis(now) - DAY_MS, secrets.token_bytes(16)
    signed = keys.issue_certificate(
        root,
        cert_id=cert_id,
        org=organisation.pk.bytes,
        subject=person.id,
        subject_fp=person.fp,
        kind=kind,
        roles=[person.role],
        nbf=nbf,
        exp=nbf + 3650 * DAY_MS,
        method=CertMethod.IN_PERSON,
    )
    return Certificate.objects.create(
        cert_id=cert_id,
        organisation=organisation,
        subject=person.user,
        fp=person.fp,
        kind=kind,
        role_mask=1 << person.role,
        body=signed.body,
        sig=signed.sig,
        nbf=nbf,
        exp=nbf + 3650 * DAY_MS,
    )


def make_person(name: str, organisation: Organisation, role: Role) -> Person:
    """An account with keys, certified by its organisation; staff also get their post there."""
    now = timezone.now()
    user = User.objects.create_user(f"{name.lower()}.{secrets.token_hex(3)}@test.consilium", None, name)
    identity = keys.new_identity(user.pk.bytes, 1, millis(now))
    ukr = keys.make_ukr(identity, millis(now))
    KeyBundle.objects.create(
        user=user,
        gen=1,
        core=identity.core,
        ukr=ukr.body,
        pop=ukr.pop,
        fp=identity.fp,
        sign_pk=identity.sign_pk,
        box_pk=identity.box_pk,
    )
    device = secrets.token_bytes(16)
    person = Person(user, identity, role, device, Http(user, device))
    certify(person, organisation, now)
    if role != Role.PATIENT:
        Affiliation.objects.create(user=user, organisation=organisation, role=role, licence="L-1")
    return person


def make_patient(account: Person, organisation: Organisation, *treated_by: Person) -> Patient:
    """The record of a patient with an account, in the care of these colleagues of the organisation."""
    patient = Patient.objects.create(account=account.user, organisation=organisation, name=account.user.name)
    for one in treated_by:
        CareTeamMember.objects.create(patient=patient, user=one.user, organisation=organisation, role=one.role)
    return patient


def make_cast() -> Cast:
    """The five of them, fresh."""
    riverside, northgate = make_organisation("Riverside"), make_organisation("Northgate")
    elena = make_person("Elena", riverside, Role.THERAPIST)
    tom = make_person("Tom", riverside, Role.CASE_MANAGER)
    maya = make_person("Maya", riverside, Role.PATIENT)
    return Cast(
        elena=elena,
        samuel=make_person("Samuel", northgate, Role.PSYCHIATRIST),
        chidi=make_person("Chidi", northgate, Role.PHYSICIAN),
        maya=maya,
        tom=tom,
        patient=make_patient(maya, riverside, elena, tom),
        riverside=riverside,
        northgate=northgate,
    )
