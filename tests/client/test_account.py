"""Accounts as a client has them, against a real server."""

from __future__ import annotations

import asyncio

import pytest

from client import account as accounts
from client import vault as vaults
from client.api import Api
from client.errors import ApiError, Unreachable
from client.live import Live
from client.log import directory_of
from crypto.errors import Ct1Error
from tests.client.people import PASSWORD, patient_of, staff, unused_email
from tests.server import Server
from wire.people import Done, KeysQuestion, Me, MyKeys, OpenRecovery, PeopleKeys, RecoverySlot

pytestmark = pytest.mark.server


async def test_it_works(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    maya, patient = await patient_of(live_server_process, elena, "Maya")
    again = await accounts.sign_in(Api(live_server_process.address), email=maya.email, password=PASSWORD)
    assert again.vault.identity == maya.account.vault.identity
    assert again.me.kind == "patient" and again.me.patient == patient.id
    assert elena.account.me.kind == "staff" and elena.account.me.fp == elena.account.vault.identity.fp


async def test_a_wrong_password_opens_nothing(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    with pytest.raises(ApiError) as refusal:
        await accounts.sign_in(Api(live_server_process.address), email=elena.email, password="not the phrase at all")
    assert refusal.value.code == "email_password_mismatch"


async def test_a_forgotten_password_is_survived_with_the_recovery_code(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    fresh = Api(live_server_process.address)
    back, code = await accounts.recover(
        fresh, email=elena.email, recovery_text=elena.recovery, new_password="an entirely new phrase"
    )
    assert code != elena.recovery
    assert back.vault.identity == elena.account.vault.identity
    with pytest.raises(ApiError) as ended:
        await elena.api.get("/me", Me)
    assert ended.value.code == "signed_out"
    with pytest.raises(ApiError):
        await accounts.sign_in(Api(live_server_process.address), email=elena.email, password=PASSWORD)


async def test_a_slip_in_the_recovery_code_is_found_before_the_server_is_asked() -> None:
    nowhere = Api("http://127.0.0.1:9")
    with pytest.raises(Ct1Error) as slip:
        await accounts.recover(nowhere, email="x@y.z", recovery_text="0000-" * 8 + "7", new_password="whatever it is")
    assert slip.value.code == "E_UNWRAP"


async def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    other = await accounts.sign_in(Api(live_server_process.address), email=elena.email, password=PASSWORD)
    await accounts.change_password(elena.account, current=PASSWORD, new="an entirely new phrase")
    assert (await elena.api.get("/me", Me)).id == elena.account.me.id
    with pytest.raises(ApiError) as ended:
        await other.api.get("/me", Me)
    assert ended.value.code == "signed_out"
    again = await accounts.sign_in(
        Api(live_server_process.address), email=elena.email, password="an entirely new phrase"
    )
    assert again.vault.identity == elena.account.vault.identity


async def test_two_bearers_of_one_code_do_not_both_join(live_server_process: Server) -> None:
    code = live_server_process.staff_code("Riverside", "nurse")
    tries = [
        accounts.sign_up(
            Api(live_server_process.address),
            email=f"bearer{index}.{code.lower()}@test.consilium",
            password=PASSWORD,
            name="Bearer",
            enrolment_code=code,
        )
        for index in range(2)
    ]
    results = await asyncio.gather(*tries, return_exceptions=True)
    joined = [one for one in results if not isinstance(one, BaseException)]
    assert len(joined) == 1


async def test_signing_out_everywhere_ends_sessions_and_closes_sockets(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    other = await accounts.sign_in(Api(live_server_process.address), email=elena.email, password=PASSWORD)
    async with Live(other.api) as live:
        await elena.api.post("/sign-out-everywhere", None, Done)
        async with asyncio.timeout(10):
            assert [push async for push in live.pushes()] == []
    with pytest.raises(ApiError) as ended:
        await elena.api.get("/me", Me)
    assert ended.value.code == "signed_out"


async def test_a_socket_without_a_session_is_closed(live_server_process: Server) -> None:
    with pytest.raises((ApiError, Unreachable)):
        await Live(Api(live_server_process.address, device=bytes(16))).open()


async def test_guessing_recovery_codes_is_slowed_down(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    guess, codes = Api(live_server_process.address), []
    for _ in range(6):
        with pytest.raises(ApiError) as refusal:
            await guess.post("/recovery/open", OpenRecovery(email=elena.email, rc_auth=bytes(32)), RecoverySlot)
        codes.append(refusal.value.code)
    assert codes == ["wrong_recovery"] * 5 + ["too_many"]


async def test_an_unknown_address_and_a_wrong_recovery_code_are_answered_alike(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    answers = []
    for email in (elena.email, unused_email("nobody")):
        with pytest.raises(ApiError) as refusal:
            await Api(live_server_process.address).post(
                "/recovery/open", OpenRecovery(email=email, rc_auth=bytes(32)), RecoverySlot
            )
        answers.append((refusal.value.code, refusal.value.message, refusal.value.status))
    assert answers[0] == answers[1]


async def test_enrolment_without_a_recovery_code_is_refused(live_server_process: Server) -> None:
    api, email = Api(live_server_process.address), unused_email("hasty")
    code = live_server_process.staff_code("Riverside", "nurse")
    at = await api.login_parameters(email)
    root = vaults.password_root(PASSWORD, at)
    me = await api.sign_up(email, root.auth, code)
    made = vaults.enrolment(me.id, "Hasty", code, root, at, accounts.now_ms())
    twice = made.body.model_copy(update={"slots": [made.body.slots[0], made.body.slots[0]]})
    with pytest.raises(ApiError) as refusal:
        await api.post("/keys/enrol", twice, MyKeys)
    assert refusal.value.code == "recovery_slot_missing"
    assert (await api.post("/keys/enrol", made.body, MyKeys)).user == me.id


async def test_a_sign_up_that_broke_off_is_taken_up_again(live_server_process: Server) -> None:
    api, email = Api(live_server_process.address), unused_email("torn")
    code = live_server_process.staff_code("Riverside", "nurse")
    root = vaults.password_root(PASSWORD, await api.login_parameters(email))
    await api.sign_up(email, root.auth, code)
    fresh = Api(live_server_process.address)
    account, _ = await accounts.sign_up(fresh, email=email, password=PASSWORD, name="Torn", enrolment_code=code)
    assert account.me.enrolled


async def test_keys_of_another_person_cannot_be_enrolled(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    api, email = Api(live_server_process.address), unused_email("thief")
    code = live_server_process.staff_code("Riverside", "nurse")
    at = await api.login_parameters(email)
    root = vaults.password_root(PASSWORD, at)
    await api.sign_up(email, root.auth, code)
    made = vaults.enrolment(elena.account.me.id, "Elena", code, root, at, accounts.now_ms())
    with pytest.raises(ApiError) as refusal:
        await api.post("/keys/enrol", made.body, MyKeys)
    assert (refusal.value.code, refusal.value.re) == ("invalid", "ukr")
    assert not (await api.get("/me", Me)).enrolled


async def test_a_client_with_pinned_roots_takes_nobody_elses_word(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    samuel = await staff(live_server_process, "Samuel", "Northgate", "psychiatrist")
    told = {one.name: one for one in (await elena.api.config()).organisations}
    pinned = Api(live_server_process.address, roots=frozenset({told["Riverside"].root_fp}))
    again = await accounts.sign_in(pinned, email=elena.email, password=PASSWORD)
    assert [one.name for one in again.organisations] == ["Riverside"]
    asked = KeysQuestion(users=[elena.account.me.id, samuel.account.me.id])
    people = (await pinned.post("/people/keys", asked, PeopleKeys)).people
    directory = directory_of(people, again.root_pks)
    assert set(directory.certificates) == {elena.account.vault.identity.fp}
