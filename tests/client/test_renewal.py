"""New keys for an old account: carried into every thread, with all that was written before still readable."""

from __future__ import annotations

import pytest

from client import account as accounts
from client import consent
from client import vault as vaults
from client.account import now_ms
from client.api import Api
from client.errors import ApiError
from client.renewal import escape_with_new_keys, rotate_keys
from client.threads import open_thread
from crypto.keys import SignedUkr, make_ukr, new_identity, parse_certificate
from crypto.slots import parse_recovery, recovery_auth
from crypto.tables import HistoryKind, UkrReason
from tests.client.people import PASSWORD, Person, staff
from tests.client.test_threads import Case, begin, let_in, post, texts
from tests.server import Server
from wire.people import Me, MyKeys, OpenRecovery, RecoverySlot, UkrBlob
from wire.renewal import RenewKeys

pytestmark = pytest.mark.server
NEW = "quite another phrase 43"


async def again(server: Server, person: Person, password: str = PASSWORD) -> Person:
    """The person on an empty device."""
    account = await accounts.sign_in(Api(server.address), email=person.email, password=password)
    return Person(account, person.email, person.recovery)


async def bodies(person: Person, **changes: object) -> RenewKeys:
    """A good body for the next keys by routine, with these parts changed."""
    stored = await person.api.get("/keys/mine", MyKeys)
    vault, ukr = vaults.renewed(person.account.vault, now_ms(), is_compromised=False)
    root = vaults.password_root(PASSWORD, await person.api.login_parameters(person.email))
    body = RenewKeys(
        current_auth=root.auth,
        ukr=UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig),
        keyring=vaults.keyring_blob(vault, stored.keyring.version + 1),
        locks=None,
    )
    return body.model_copy(update=changes)


async def refusal_of(person: Person, body: RenewKeys) -> str:
    """The code with which it was refused, after which nothing has changed."""
    before = await person.api.get("/keys/mine", MyKeys)
    with pytest.raises(ApiError) as refusal:
        await person.api.post("/keys/renew", body, MyKeys)
    assert await person.api.get("/keys/mine", MyKeys) == before
    return refusal.value.code


async def thread_of(case: Case) -> list[str]:
    """What everybody reads, the same for each."""
    read = [await texts(one, case.thread) for one in (case.elena, case.samuel, case.maya)]
    assert read[0] == read[1] == read[2]
    return read[0]


@pytest.mark.parametrize("who", ["elena", "samuel", "maya"])
async def test_keys_that_are_rotated_read_the_old_and_the_new(live_server_process: Server, who: str) -> None:
    case = await begin(live_server_process)
    await let_in(case, HistoryKind.ALL)
    await post(case.elena, case.thread, "Before.")
    person: Person = getattr(case, who)
    old = person.account.vault.identity
    await rotate_keys(person.account, password=PASSWORD)
    state = (await open_thread(person.account, case.thread.id)).state
    assert person.account.vault.identity.gen == 2
    assert state.members[old.user].fp == person.account.vault.identity.fp
    for one in (case.elena, case.samuel, case.maya):
        await post(one, case.thread, f"After, from {one.account.me.name}.")
    assert len(await thread_of(case)) == 4
    fresh = await again(live_server_process, person)
    assert await texts(fresh, case.thread) == await texts(person, case.thread)


async def test_a_patient_who_rotated_withdraws_and_permits_as_before(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await let_in(case, HistoryKind.ALL)
    await rotate_keys(case.maya.account, password=PASSWORD)
    await consent.withdraw(case.maya.account, grantee_fp=case.samuel.account.vault.identity.fp)
    await post(case.elena, case.thread, "Without him.")
    with pytest.raises(ApiError) as refusal:
        await open_thread(case.samuel.account, case.thread.id)
    assert refusal.value.code == "not_found"
    assert await texts(case.maya, case.thread) == ["Without him."]


async def test_a_stolen_device_reads_nothing_that_follows(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await let_in(case, HistoryKind.ALL)
    await post(case.elena, case.thread, "Before.")
    stolen = await again(live_server_process, case.samuel)
    code = await escape_with_new_keys(case.samuel.account, current=PASSWORD, new=NEW)
    await post(case.elena, case.thread, "After.")
    with pytest.raises(ApiError) as ended:
        await stolen.api.get("/me", Me)
    assert ended.value.code == "signed_out"
    thread = await open_thread(case.samuel.account, case.thread.id)
    identities = stolen.account.vault.keyring.identities
    assert thread.state.epoch is not None
    recipients = {fp for _, _, fp in thread.state.epoch.recipients}
    assert recipients.isdisjoint({one.fp for one in identities})
    assert await texts(case.samuel, case.thread) == ["Before.", "After."]
    with pytest.raises(ApiError):
        await again(live_server_process, case.samuel)
    fresh = await again(live_server_process, case.samuel, NEW)
    assert await texts(fresh, case.thread) == ["Before.", "After."]
    back, _ = await accounts.recover(
        Api(live_server_process.address), email=case.samuel.email, recovery_text=code, new_password=PASSWORD
    )
    assert await texts(Person(back, case.samuel.email, ""), case.thread) == ["Before.", "After."]


async def test_the_old_recovery_code_opens_nothing_after_a_theft(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    await escape_with_new_keys(elena.account, current=PASSWORD, new=NEW)
    auth = recovery_auth(parse_recovery(elena.recovery))
    with pytest.raises(ApiError) as refusal:
        await Api(live_server_process.address).post(
            "/recovery/open", OpenRecovery(email=elena.email, rc_auth=auth), RecoverySlot
        )
    assert refusal.value.code == "wrong_recovery"


async def test_the_same_keys_handed_in_twice_are_stored_once(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    body = await bodies(elena)
    first = await elena.api.post("/keys/renew", body, MyKeys)
    assert await elena.api.post("/keys/renew", body, MyKeys) == first
    assert len(first.bundles) == 2


async def test_the_next_key_is_certified_as_the_one_before_and_for_no_longer(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    before = elena.account.vault.identity.fp
    await rotate_keys(elena.account, password=PASSWORD)
    stored = await elena.api.get("/keys/mine", MyKeys)
    found = {one.subject_fp: one for one in (parse_certificate(each.body) for each in stored.certificates)}
    old, new = found[before], found[elena.account.vault.identity.fp]
    assert (old.org, old.kind, old.role_mask, old.exp) == (new.org, new.kind, new.role_mask, new.exp)


async def test_nothing_is_renewed_without_the_password(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    assert await refusal_of(elena, await bodies(elena, current_auth=bytes(32))) == "wrong_password"


async def test_a_keyring_over_one_that_was_not_read_is_a_conflict(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    vault, _ = vaults.renewed(elena.account.vault, now_ms(), is_compromised=False)
    for version in (1, 3):
        assert await refusal_of(elena, await bodies(elena, keyring=vaults.keyring_blob(vault, version))) == "conflict"


async def test_keys_that_the_old_ones_did_not_sign_are_refused(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    chidi = await staff(live_server_process, "Chidi", "Northgate", "therapist")
    me, now = elena.account.vault.identity, now_ms()
    cases = [
        (make_ukr(new_identity(me.user, 2, now), now, reason=UkrReason.RESET), "invalid"),
        (make_ukr(new_identity(me.user, 1, now), now), "invalid"),
        (_rotated(chidi.account.vault, me.user, 2), "E_KEY_CHANGED"),
        (_rotated(elena.account.vault, me.user, 3), "E_KEY_CHANGED"),
        (_rotated(elena.account.vault, chidi.account.vault.user, 2), "E_KEY_CHANGED"),
    ]
    for ukr, code in cases:
        blob = UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig)
        assert await refusal_of(elena, await bodies(elena, ukr=blob)) == code


def _rotated(signer: vaults.Vault, user: bytes, gen: int) -> SignedUkr:
    now = now_ms()
    return make_ukr(new_identity(user, gen, now), now, previous=signer.identity, reason=UkrReason.ROTATE)


async def test_locks_come_with_a_theft_and_with_nothing_else(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    now = now_ms()
    me = elena.account.vault.identity
    ukr = make_ukr(new_identity(me.user, 2, now), now, previous=me, reason=UkrReason.COMPROMISE)
    blob = UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig)
    assert await refusal_of(elena, await bodies(elena, ukr=blob)) == "invalid"


async def test_a_device_that_was_away_learns_of_the_new_keys_by_signing_in_again(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    away = await again(live_server_process, case.elena)
    await rotate_keys(case.elena.account, password=PASSWORD)
    await post(case.elena, case.thread, "With new keys.")
    held = await open_thread(away.account, case.thread.id)
    assert [one.code for one in await held.read()] == ["E_SEAL"]
    fresh = await again(live_server_process, case.elena)
    assert await texts(fresh, case.thread) == ["With new keys."]
