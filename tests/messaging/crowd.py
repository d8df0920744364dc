"""Many threads at once, each with people of its own, for load."""

from __future__ import annotations

from django.test import Client

from crypto.tables import Role
from people import certify
from people.models import CareTeamMember, Organisation, Patient
from tests.messaging.cast import Cast, make_member, open_case
from tests.messaging.house import Case, Person


def make_threads(count: int, members: int) -> list[tuple[Case, list[Person]]]:
    """Threads of so many members: a patient, a therapist who began it, and colleagues."""
    house = certify.create_organisation("The house", "centre", "UTC")
    return [_thread(house, number, members) for number in range(count)]


def _thread(house: Organisation, number: int, members: int) -> tuple[Case, list[Person]]:
    maya = make_member(f"patient{number}", house, Role.PATIENT)
    elena = make_member(f"therapist{number}", house, Role.THERAPIST)
    others = [make_member(f"colleague{number}.{one}", house, Role.PHYSICIAN) for one in range(members - 2)]
    patient = Patient.objects.create(account=maya.user, organisation=house, name="A patient")
    CareTeamMember.objects.create(patient=patient, user=elena.user, organisation=house, role=elena.role)
    case = open_case(Cast(elena, others[0], others[0], others[0], maya, patient), *others)
    return case, [elena, maya, *others]


def session_cookie(person: Person) -> str:
    client = Client()
    client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"sessionid={client.cookies['sessionid'].value}"
