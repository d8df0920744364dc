"""Accounts as a client has them, against a real server."""

from __future__ import annotations

import asyncio

import pytest

from client import account as accounts
from client.api import Api
from client.errors import ApiError
from crypto.errors import Ct1Error
from tests.client.people import PASSWORD, patient_of, staff
from tests.server import Server
from wire.people import Me

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
    back = await accounts.recover(
        fresh, email=elena.email, recovery_text=elena.recovery, new_password="an entirely new phrase"
    )
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
