"""People for tests that come in from outside: signed up through the public interface, each with an own address."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from client import account as accounts
from client.account import Account
from client.api import Api
from crypto.primitives import random_bytes
from tests.server import Server
from wire.people import NewPatient, PatientEnrolment, PatientOut

PASSWORD = "a long enough phrase 42"


@dataclass
class Person:
    """An account with what only its person knows."""

    account: Account
    email: str
    recovery: str

    @property
    def api(self) -> Api:
        return self.account.api


def unused_email(name: str) -> str:
    return f"{name}.{secrets.token_hex(4)}@test.consilium"


async def join(server: Server, name: str, code: str) -> Person:
    """Signs up with a code."""
    email = unused_email(name.lower())
    account, recovery = await accounts.sign_up(
        Api(server.address), email=email, password=PASSWORD, name=name, enrolment_code=code
    )
    return Person(account, email, recovery)


async def staff(server: Server, name: str, organisation: str, role: str) -> Person:
    return await join(server, name, server.staff_code(organisation, role))


async def patient_of(server: Server, clinician: Person, name: str) -> tuple[Person, PatientOut]:
    """A patient whom a clinician has taken into care, with an account."""
    body = NewPatient(id=random_bytes(16), name=name, birth_date="1990-04-01", zone="Europe/Stockholm")
    taken = await clinician.api.post("/patients", body, PatientEnrolment)
    return await join(server, name, taken.enrolment_code), taken.patient
