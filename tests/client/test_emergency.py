"""An emergency from end to end: declared outside of the thread, answered by a member, read from the floor, and over."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

import pytest

from client import account as accounts
from client import consent, emergency
from client import vault as vaults
from client.api import Api
from client.errors import ApiError
from client.live import Live
from client.second_factor import totp_code
from client.threads import Thread, create_thread, open_thread
from crypto.tables import HistoryKind
from tests.client.people import PASSWORD, Person, patient_of, staff
from tests.server import Server
from wire.base import b64
from wire.emergency import EmergenciesOut, EmergencyOut, EmergencyReview
from wire.people import PatientOut, PatientsPage

pytestmark = pytest.mark.server


@dataclass
class Ward:
    """Elena and Maya write to each other at Riverside; Ruth is an emergency physician at Harbour."""

    server: Server
    elena: Person
    maya: Person
    ruth: Person
    patient: PatientOut
    thread: Thread


async def with_second_factor(server: Server, person: Person) -> Person:
    root = vaults.password_root(PASSWORD, await person.api.login_parameters(person.email))
    secret = await person.api.set_up_second_factor(root.auth, lambda made: totp_code(made, time.time()))
    account = await accounts.sign_in(Api(server.address), email=person.email, password=PASSWORD, second_factor=secret)
    return Person(account, person.email, person.recovery)


async def physician(server: Server, name: str) -> Person:
    """An emergency physician of Harbour, who has just shown the second factor."""
    one = await staff(server, name, "Harbour", "physician")
    server.manage("entrust", one.email, "Harbour", "emergency")
    return await with_second_factor(server, one)


async def officer(server: Server) -> Person:
    grace = await staff(server, "Grace", "Riverside", "social_worker")
    server.manage("entrust", grace.email, "Riverside", "privacy_officer")
    return grace


async def ward(server: Server, *, for_emergencies: bool = True) -> Ward:
    # A client pins the roots that are there when it signs in, and a thread those that its creator has pinned.
    for name in ("Riverside", "Harbour"):
        server.manage("add_organisation", name)
    ruth = await physician(server, "Ruth")
    elena = await staff(server, "Elena", "Riverside", "therapist")
    maya, patient = await patient_of(server, elena, f"Maya{secrets.token_hex(4)}")
    # With the account there is a key to pin.
    patient = next(one for one in (await elena.api.get("/patients", PatientsPage)).patients if one.id == patient.id)
    await consent.sign_permission(
        maya.account,
        consent.Permission(elena.account.vault.identity.fp, "Elena", consent.LEADING, history=HistoryKind.ALL),
    )
    thread = await create_thread(elena.account, patient, for_emergencies=for_emergencies)
    await thread.tend()
    house = Ward(server, elena, maya, ruth, patient, thread)
    await say(house.elena, house, "She takes lithium, 900 mg.")
    return house


async def say(person: Person, house: Ward, text: str) -> None:
    mine = await open_thread(person.account, house.thread.id)
    async with Live(person.api) as live:
        await mine.post(live, text)


async def texts(person: Person, house: Ward) -> list[str]:
    return [one.text for one in await Thread(person.account, house.thread.id).read() if not one.code]


async def declared(house: Ward) -> EmergencyOut:
    found = await emergency.look(house.ruth.account, house.patient.name, "1990-04-01")
    return await emergency.declare(house.ruth.account, found.patient, "Found unconscious at the station.")


async def refused(thread: Thread) -> str:
    with pytest.raises(ApiError) as error:
        await thread.sync()
    return error.value.code


async def test_it_works(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    assert await refused(Thread(house.ruth.account, house.thread.id)) == "not_found"
    opened = await declared(house)
    [one] = opened.threads
    assert (one.thread, one.flagged, one.keys, one.members) == (house.thread.id, True, "declared", 2)
    before = Thread(house.ruth.account, house.thread.id)
    assert await before.read() == [] and before.epoch_keys == {}
    thread = await emergency.ask_for_keys(house.ruth.account, opened, one)
    assert await texts(house.ruth, house) == []
    [mine] = await emergency.emergencies(house.ruth.account)
    assert mine.threads[0].keys == "waiting"
    # A member who is online answers: a new epoch, and the history since the floor.
    await (await open_thread(house.elena.account, house.thread.id)).tend()
    assert await texts(house.ruth, house) == ["She takes lithium, 900 mg."]
    await say(house.maya, house, "I am awake again.")
    assert await texts(house.ruth, house) == ["She takes lithium, 900 mg.", "I am awake again."]
    [mine] = await emergency.emergencies(house.ruth.account)
    assert mine.threads[0].keys == "given"
    with pytest.raises(ApiError) as unwritten:
        await say(house.ruth, house, "I write here.")
    assert unwritten.value.code == "not_found"
    await house.ruth.api.post(f"/emergencies/{b64(opened.id)}/end", None, EmergencyOut)
    assert await refused(thread) == "not_found"
    review = EmergencyReview(outcome="justified", note="It was an overdose.")
    grace = await officer(live_server_process)
    done = await grace.api.post(f"/emergencies/{b64(opened.id)}/review", review, EmergencyOut)
    assert done.state == "reviewed"


async def test_a_thread_without_the_flag_stays_closed_and_says_so(live_server_process: Server) -> None:
    house = await ward(live_server_process, for_emergencies=False)
    opened = await declared(house)
    [one] = opened.threads
    assert (one.flagged, one.keys) == (False, "impossible")
    with pytest.raises(ApiError) as error:
        await emergency.ask_for_keys(house.ruth.account, opened, one)
    assert error.value.code == "not_found"


async def test_the_second_within_a_day_needs_a_colleague_whose_hand_is_in_the_log(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    priya = await physician(live_server_process, "Priya")
    first = await declared(house)
    await emergency.ask_for_keys(house.ruth.account, first, first.threads[0])
    await house.ruth.api.post(f"/emergencies/{b64(first.id)}/end", None, EmergencyOut)
    with pytest.raises(ApiError) as error:
        await declared(house)
    assert error.value.code == "cosigner_needed"
    asked = await emergency.declare(
        house.ruth.account, house.patient.id, "She is back, unconscious again.", cosigner=priya.account.me.id
    )
    assert asked.state == "waiting_for_cosigner"
    assert await refused(Thread(house.ruth.account, house.thread.id)) == "not_found"
    [waiting] = [one for one in await emergency.emergencies(priya.account) if one.part == "cosign"]
    await emergency.cosign(priya.account, waiting)
    mine = next(one for one in await emergency.emergencies(house.ruth.account) if one.id == asked.id)
    await emergency.ask_for_keys(house.ruth.account, mine, mine.threads[0])
    await (await open_thread(house.maya.account, house.thread.id)).tend()
    assert await texts(house.ruth, house) == ["She takes lithium, 900 mg."]


async def test_others_learn_nothing_and_the_patient_everything(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    opened = await declared(house)
    chidi = await staff(live_server_process, "Chidi", "Northgate", "physician")
    assert await refused(Thread(chidi.account, house.thread.id)) == "not_found"
    with pytest.raises(ApiError):
        await emergency.ask_for_keys(chidi.account, opened, opened.threads[0])
    path = f"/patients/{b64(house.patient.id)}/emergencies"
    [seen] = (await house.maya.api.get(path, EmergenciesOut)).emergencies
    assert (seen.id, seen.name, seen.state, seen.reason) == (opened.id, "Ruth", "open", opened.reason)
    for person in (house.elena, house.ruth, chidi):
        with pytest.raises(ApiError) as error:
            await person.api.get(path, EmergenciesOut)
        assert error.value.code == "not_found"
