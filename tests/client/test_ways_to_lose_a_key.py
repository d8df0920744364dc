"""Every way to lose a key ends with all of the history readable, or with the honest answer that it is not."""

from __future__ import annotations

import time

import pytest

from client import account as accounts
from client import vault as vaults
from client.account import Account
from client.api import Api
from client.errors import ApiError
from client.renewal import escape_with_new_keys, rotate_keys
from client.reset import begin_anew
from client.threads import open_thread
from crypto.errors import Ct1Error
from crypto.slots import parse_recovery, recovery_text
from tests.client.people import PASSWORD, Person
from tests.client.test_threads import Case, begin, post, texts
from tests.server import Server
from wire.people import Done, EnrolKeys, MyKeys, NewRecoveryCode

pytestmark = pytest.mark.server
NEW = "quite another phrase 43"
ALL = ["Written before anything was lost."]


async def case_of(server: Server) -> Case:
    case = await begin(server)
    await post(case.elena, case.thread, ALL[0])
    return case


async def opens_everything(case: Case, account: Account) -> None:
    """On an empty device all is read, and it goes on."""
    elena = Person(account, case.elena.email, "")
    assert await texts(elena, case.thread) == ALL
    await post(elena, case.thread, "And on it goes.")
    assert await texts(case.maya, case.thread) == [*ALL, "And on it goes."]


async def recovered(server: Server, person: Person, code: str = "") -> Account:
    account, _ = await accounts.recover(
        Api(server.address), email=person.email, recovery_text=code or person.recovery, new_password=NEW
    )
    return account


async def signed_in(server: Server, person: Person, password: str = PASSWORD) -> Account:
    return await accounts.sign_in(Api(server.address), email=person.email, password=password)


async def test_the_password_is_forgotten(live_server_process: Server) -> None:
    case = await case_of(live_server_process)
    await opens_everything(case, await recovered(live_server_process, case.elena))


async def test_the_recovery_code_is_lost(live_server_process: Server) -> None:
    case = await case_of(live_server_process)
    account = await signed_in(live_server_process, case.elena)
    root = vaults.password_root(PASSWORD, await account.api.login_parameters(case.elena.email))
    code = bytes(range(20))
    body = NewRecoveryCode(current_auth=root.auth, slot=vaults.recovery_slot(account.vault, code))
    await account.api.put("/keys/recovery", body, Done)
    with pytest.raises(ApiError) as old:
        await recovered(live_server_process, case.elena)
    assert old.value.code == "wrong_recovery"
    await opens_everything(case, account)


async def test_the_device_and_all_that_it_kept_are_lost(live_server_process: Server) -> None:
    """As when a browser's store is cleared, or the hours of a remembered device are over: nothing of it is needed."""
    case = await case_of(live_server_process)
    await opens_everything(case, await signed_in(live_server_process, case.elena))


async def test_the_device_is_stolen(live_server_process: Server) -> None:
    case = await case_of(live_server_process)
    code = await escape_with_new_keys(case.elena.account, current=PASSWORD, new=NEW)
    await opens_everything(case, await signed_in(live_server_process, case.elena, NEW))
    back = await recovered(live_server_process, case.elena, code)
    assert await texts(Person(back, case.elena.email, ""), case.thread) == [*ALL, "And on it goes."]


async def test_all_ways_but_the_recovery_code_are_lost_twice_over(live_server_process: Server) -> None:
    """Each use of a code answers with the next one, so the last way in is never the last."""
    case = await case_of(live_server_process)
    address, email = live_server_process.address, case.elena.email
    _, second = await accounts.recover(Api(address), email=email, recovery_text=case.elena.recovery, new_password=NEW)
    account, _ = await accounts.recover(Api(address), email=email, recovery_text=second, new_password=PASSWORD)
    await opens_everything(case, account)


async def test_password_and_recovery_code_are_lost_and_nothing_that_was_written_opens(
    live_server_process: Server,
) -> None:
    case = await case_of(live_server_process)
    code = live_server_process.manage("issue_reset_code", "Riverside", case.elena.email)
    account, _ = await begin_anew(Api(live_server_process.address), email=case.elena.email, code=code, new_password=NEW)
    held = await open_thread(account, case.thread.id)
    assert [one.code in ("E_SEAL", "E_SEAL_MISSING") for one in await held.read()] == [True]
    assert await texts(case.maya, case.thread) == ALL


@pytest.mark.parametrize("slip", ["letter", "missing", "swapped"])
def test_the_recovery_code_is_mistyped(slip: str) -> None:
    """Found before the server is asked: no try is used up."""
    # One slip in thirty-two has the right check character, so that these are of a code that is always the same.
    code = recovery_text(bytes(range(20)))
    at = next(i for i in range(len(code) - 1) if code[i] != code[i + 1] and "-" not in code[i : i + 2])
    slips = {
        "letter": code[:at] + ("0" if code[at] != "0" else "1") + code[at + 1 :],
        "missing": code[:-1],
        "swapped": code[:at] + code[at + 1] + code[at] + code[at + 2 :],
    }
    with pytest.raises(Ct1Error) as refusal:
        parse_recovery(slips[slip])
    assert refusal.value.code == "E_UNWRAP"


async def test_a_recovery_code_may_be_typed_in_small_letters_and_without_hyphens(live_server_process: Server) -> None:
    case = await case_of(live_server_process)
    typed = case.elena.recovery.lower().replace("-", " ")
    await opens_everything(case, await recovered(live_server_process, case.elena, typed))


async def test_the_server_gives_an_older_keyring(live_server_process: Server) -> None:
    case = await case_of(live_server_process)
    before = await case.elena.api.get("/keys/mine", MyKeys)
    await rotate_keys(case.elena.account, password=PASSWORD)
    after = await case.elena.api.get("/keys/mine", MyKeys)
    root = vaults.password_root(PASSWORD, await case.elena.api.login_parameters(case.elena.email))
    with pytest.raises(Ct1Error) as refusal:
        vaults.unlock(after.model_copy(update={"keyring": before.keyring}), root)
    assert refusal.value.code == "E_KEYRING_ROLLBACK"
    await opens_everything(case, await signed_in(live_server_process, case.elena))


async def test_an_enrolment_without_a_recovery_code_is_none(live_server_process: Server) -> None:
    server, email = live_server_process, f"new.{time.time_ns()}@test.consilium"
    code, api = server.staff_code("Riverside", "therapist"), Api(server.address)
    at = await api.login_parameters(email)
    root = vaults.password_root(PASSWORD, at)
    me = await api.sign_up(email, root.auth, code)
    made = vaults.enrolment(me.id, "New", code, root, at, accounts.now_ms())
    alone = EnrolKeys.model_construct(**{**dict(made.body), "slots": made.body.slots[:1] * 2})
    with pytest.raises(ApiError) as refusal:
        await api.post("/keys/enrol", alone, MyKeys)
    assert refusal.value.code == "recovery_slot_missing"
    assert (await api.post("/keys/enrol", made.body, MyKeys)).user == me.id
