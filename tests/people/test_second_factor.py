"""The second factor, from setting it up to signing in with it, through the public interface."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from client import account as accounts
from client import vault as vaults
from client.api import Api
from client.errors import ApiError
from client.second_factor import totp_code
from tests.client.people import PASSWORD, Person, staff
from tests.server import Server
from wire.people import SecondFactor

pytestmark = pytest.mark.server


async def set_up(person: Person) -> str:
    root = vaults.password_root(PASSWORD, await person.api.login_parameters(person.email))
    return await person.api.set_up_second_factor(root.auth, lambda secret: totp_code(secret, time.time()))


async def standing(person: Person) -> SecondFactor:
    return await person.api.get("/me/second-factor", SecondFactor)


async def again(server: Server, person: Person, second_factor: str = "") -> Person:
    account = await accounts.sign_in(
        Api(server.address), email=person.email, password=PASSWORD, second_factor=second_factor
    )
    return replace(person, account=account)


async def test_it_works(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    assert not (await standing(elena)).on
    secret = await set_up(elena)
    found = await standing(elena)
    assert found.on and found.fresh_until is None
    back = await again(live_server_process, elena, secret)
    assert (await standing(back)).fresh_until
    assert (await standing(elena)).fresh_until is None
    await elena.api.prove_second_factor(totp_code(secret, time.time() + 30))
    assert (await standing(elena)).fresh_until


async def test_the_password_alone_opens_nothing_any_more(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    await set_up(elena)
    with pytest.raises(ApiError) as refused:
        await again(live_server_process, elena)
    assert refused.value.code == "second_factor"
    api = Api(live_server_process.address)
    root = vaults.password_root(PASSWORD, await api.login_parameters(elena.email))
    with pytest.raises(ApiError):
        await api.sign_in(elena.email, root.auth)
    with pytest.raises(ApiError) as unknown:
        await api.get("/me", SecondFactor)
    assert unknown.value.status == 401
    with pytest.raises(ApiError):
        await api.answer_second_factor("000000")


async def test_a_code_serves_once(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    code = totp_code(await set_up(elena), time.time())
    await elena.api.prove_second_factor(code)
    with pytest.raises(ApiError):
        await elena.api.prove_second_factor(code)


async def test_nobody_sets_one_up_in_a_session_that_stands_open(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    with pytest.raises(ApiError):
        await elena.api.set_up_second_factor(bytes(32), lambda secret: totp_code(secret, time.time()))
    assert not (await standing(elena)).on


async def test_no_codes_are_shown_where_there_is_no_demonstration(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    await set_up(elena)
    with pytest.raises(ApiError) as refused:
        await elena.api.get("/demo/code", SecondFactor, {"email": elena.email})
    assert refused.value.code == "not_found"
