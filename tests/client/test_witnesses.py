"""Patients without an account and patients for whom others act, as clients bring their word into the threads."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from client import consent, witnessing
from client.errors import ApiError, Untrusted
from client.live import Live
from client.threads import Thread, create_thread, open_thread
from crypto.directives import parse_directive, statement_hash
from crypto.primitives import random_bytes
from crypto.tables import AuthKind, ContentType, Effect, HistoryKind, Role
from tests.client.people import Person, join, staff
from tests.server import Server
from wire.base import b64
from wire.people import CareTeamPerson, Done, JoinCareTeam, NewPatient, PatientEnrolment, PatientOut, PatientsPage
from wire.standing import AuthorityIn, AuthorityOut, DutyIn, RepresentativeCode

pytestmark = pytest.mark.server


@dataclass
class Ward:
    """Elena treats Maya, who has no account; Tom and Nina are on the team and may witness. Grace is the officer."""

    server: Server
    grace: Person
    elena: Person
    tom: Person
    nina: Person
    patient: PatientOut
    code: str


async def ward(server: Server) -> Ward:
    elena = await staff(server, "Elena", "Riverside", "therapist")
    tom = await staff(server, "Tom", "Riverside", "case_manager")
    nina = await staff(server, "Nina", "Riverside", "nurse")
    body = NewPatient(id=random_bytes(16), name="Maya", birth_date="1990-04-01", zone="Europe/Stockholm")
    taken = await elena.api.post("/patients", body, PatientEnrolment)
    for one in (tom, nina):
        path = f"/patients/{b64(taken.patient.id)}/care-team"
        await elena.api.post(path, JoinCareTeam(user=one.account.me.id), CareTeamPerson)
    grace = await officer(server)
    duties = f"/organisations/{b64(taken.patient.organisation)}/duties"
    for one in (tom, nina):
        await grace.api.post(duties, DutyIn(user=one.account.me.id, kind="witness"), Done)
    return Ward(server, grace, elena, tom, nina, taken.patient, taken.enrolment_code)


async def officer(server: Server, organisation: str = "Riverside") -> Person:
    grace = await staff(server, "Grace", organisation, "social_worker")
    server.manage("entrust", grace.email, organisation, "privacy_officer")
    return grace


def wish(person: Person) -> consent.Permission:
    return consent.Permission(person.account.vault.identity.fp, person.account.me.name, consent.LEADING)


async def witnessed(house: Ward, named: Person, first: Person, second: Person) -> bytes:
    """What Maya said, in force by two witnesses; the directive's id."""
    made = await witnessing.write_down_permission(first.account, house.patient.id, wish(named))
    [waiting] = await witnessing.waiting(second.account)
    assert (await witnessing.countersign(second.account, waiting)).done
    return parse_directive(made.body).directive_id


async def say(person: Person, thread: Thread, text: str) -> None:
    mine = await open_thread(person.account, thread.id)
    async with Live(person.api) as live:
        await mine.post(live, text)


async def texts(person: Person, thread: Thread) -> list[str]:
    read = await (await open_thread(person.account, thread.id)).read()
    assert [one.code for one in read if one.code] == []
    return [one.text for one in read if one.ctype == ContentType.TEXT]


async def record_of(clinician: Person) -> PatientOut:
    return (await clinician.api.get("/patients", PatientsPage)).patients[0]


async def test_it_works(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    thread = await create_thread(house.elena.account, house.patient)
    await witnessed(house, house.elena, house.tom, house.nina)
    await say(house.elena, thread, "She told us by word of mouth.")
    state = (await open_thread(house.elena.account, thread.id)).state
    assert state.authority.kind == AuthKind.WITNESSED
    assert await texts(house.elena, thread) == ["She told us by word of mouth."]


async def test_one_witness_opens_nothing(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    thread = await create_thread(house.elena.account, house.patient)
    await witnessing.write_down_permission(house.tom.account, house.patient.id, wish(house.elena))
    with pytest.raises(ApiError):
        await thread.tend()


async def test_one_witness_ends_what_two_opened(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    thread = await create_thread(house.elena.account, house.patient)
    directive = await witnessed(house, house.elena, house.tom, house.nina)
    await say(house.elena, thread, "For now.")
    ended = await witnessing.write_down_withdrawal(house.nina.account, house.patient.id, directive_id=directive)
    assert ended.done
    with pytest.raises(ApiError):
        await open_thread(house.elena.account, thread.id)


async def test_a_patient_who_signs_up_takes_the_threads_over(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    thread = await create_thread(house.elena.account, house.patient)
    await witnessed(house, house.elena, house.tom, house.nina)
    await say(house.elena, thread, "Before her account.")
    maya = await join(house.server, "Maya", house.code)
    await witnessing.write_down_hand_over(house.tom.account, await record_of(house.tom))
    [waiting] = await witnessing.waiting(house.nina.account)
    assert (await witnessing.countersign(house.nina.account, waiting)).done
    await (await open_thread(house.elena.account, thread.id)).tend()
    assert await texts(maya, thread) == ["Before her account."]
    await say(maya, thread, "It is my own now.")
    await consent.withdraw(maya.account)
    with pytest.raises(ApiError):
        await open_thread(house.elena.account, thread.id)


async def test_the_second_witness_reads_before_signing(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    made = await witnessing.write_down_permission(house.tom.account, house.patient.id, wish(house.nina))
    other = made.model_copy(update={"statement": "I permit nobody."})
    with pytest.raises(Untrusted, match="words"):
        await witnessing.countersign(house.nina.account, other)
    with pytest.raises(Untrusted, match="concerns"):
        await witnessing.countersign(house.nina.account, made)
    with pytest.raises(Untrusted, match="another patient"):
        witnessing.check(house.elena.account, made.model_copy(update={"patient": random_bytes(16)}))


async def acting(house: Ward) -> Person:
    """Ruth, the guardian whom the privacy officer has put on record."""
    path = f"/patients/{b64(house.patient.id)}"
    code = (await house.grace.api.post(f"{path}/representatives", None, RepresentativeCode)).enrolment_code
    ruth = await join(house.server, "Ruth", code)
    given = AuthorityIn(person=ruth.account.me.id, type="guardian", evidence="Court order of 3 May, seen.")
    await house.grace.api.post(f"{path}/authorities", given, AuthorityOut)
    return ruth


async def test_a_guardian_consents_for_a_patient(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    ruth = await acting(house)
    thread = await create_thread(house.elena.account, house.patient, acting=[ruth.account.me.id])
    await consent.sign_permission(ruth.account, wish(house.elena), patient=house.patient.id)
    await say(house.elena, thread, "Dear Ruth.")
    await say(ruth, thread, "Thank you.")
    assert await texts(ruth, thread) == ["Dear Ruth.", "Thank you."]
    assert await texts(house.elena, thread) == ["Dear Ruth.", "Thank you."]
    await consent.withdraw(ruth.account, grantee_fp=house.elena.account.vault.identity.fp, patient=house.patient.id)
    with pytest.raises(ApiError):
        await open_thread(house.elena.account, thread.id)


async def test_a_guardian_answers_who_asks_to_come_in(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    ruth, patient = await acting(house), house.patient.id
    thread = await create_thread(house.elena.account, house.patient, acting=[ruth.account.me.id])
    await consent.sign_permission(ruth.account, wish(house.elena), patient=patient)
    mine = await open_thread(house.elena.account, thread.id)
    await mine.invite(house.tom.account.me.id, int(Role.CASE_MANAGER), consent.LEADING, HistoryKind.ALL, "the plan")
    [request] = await consent.requests(ruth.account, patient)
    await consent.agree(ruth.account, request, patient)
    await say(house.tom, thread, "Thank you for having me.")
    assert await texts(ruth, thread) == ["Thank you for having me."]
    assert await consent.requests(ruth.account, patient) == []


async def test_the_outsider_brings_nothing_in(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    chidi = await staff(house.server, "Chidi", "Northgate", "physician")
    made = await witnessing.write_down_permission(house.tom.account, house.patient.id, wish(house.elena))
    for attempt in (
        witnessing.write_down_permission(chidi.account, house.patient.id, wish(chidi)),
        witnessing.write_down_withdrawal(chidi.account, house.patient.id),
        witnessing.countersign(chidi.account, made),
        consent.hand_in_permission(chidi.account, wish(chidi), patient=house.patient.id),
    ):
        with pytest.raises(ApiError) as refusal:
            await attempt
        assert refusal.value.code in ("not_found", "E_GRANT_AUTHORITY")
    assert await witnessing.waiting(chidi.account) == []


def test_the_words_are_those_that_are_signed() -> None:
    voice = consent.Voice(bytes(16), AuthKind.WITNESSED)
    directive, statement = consent.Permission(bytes(32), "Elena").directive(voice)
    assert directive.text_hash == statement_hash(statement)
    assert (directive.auth_kind, directive.auth_fp, directive.effect) == (AuthKind.WITNESSED, bytes(32), Effect.PERMIT)
