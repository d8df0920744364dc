"""Everything was lost: an account begins anew, everybody is stopped, and only a new permission brings history back."""

from __future__ import annotations

import pytest

from client import account as accounts
from client import consent
from client import vault as vaults
from client.api import Api
from client.errors import ApiError
from client.reset import begin_anew
from client.threads import open_thread
from crypto.errors import Ct1Error
from crypto.keys import make_ukr, new_identity
from crypto.slots import RECOVERY_BYTES, parse_recovery
from crypto.tables import HistoryKind, UkrReason
from tests.client.people import PASSWORD, Person, staff
from tests.client.test_threads import Case, begin, let_in, post, texts
from tests.server import Server
from wire.people import Done, Me, MyKeys, UkrBlob
from wire.renewal import ResetKeys, ResetOffer, ResetQuestion

pytestmark = pytest.mark.server
NEW = "quite another phrase 43"
LONG_AGO = """
from datetime import timedelta
from people.models import ResetCode
for code in ResetCode.objects.filter(user__email="{email}"):
    code.used_at -= timedelta(minutes=11)
    code.save()
"""


async def anew(server: Server, person: Person, organisation: str) -> Person:
    """The person, met by an operator, on an empty device."""
    code = server.manage("issue_reset_code", organisation, person.email)
    account, recovery = await begin_anew(Api(server.address), email=person.email, code=code, new_password=NEW)
    return Person(account, person.email, recovery)


async def started(server: Server) -> Case:
    case = await begin(server)
    await let_in(case, HistoryKind.ALL)
    await post(case.elena, case.thread, "Before.")
    return case


async def let_back_in(case: Case, samuel: Person, history: HistoryKind) -> None:
    """Elena's client puts the old key out, she asks for him again, and Maya agrees once she has compared."""
    case.samuel = samuel
    mine = await open_thread(case.elena.account, case.thread.id)
    await mine.tend()
    await mine.invite(samuel.account.me.id, 2, consent.LEADING, history, "again")
    [request] = await consent.requests(case.maya.account)
    with pytest.raises(Ct1Error) as refusal:
        await consent.agree(case.maya.account, request)
    assert refusal.value.code == "E_KEY_CHANGED"
    consent.accept_keys(case.maya.account, samuel.account.me.id, request.fp, verified=True)
    await consent.agree(case.maya.account, request)


async def test_a_new_permission_brings_all_of_the_history_back(live_server_process: Server) -> None:
    case = await started(live_server_process)
    samuel = await anew(live_server_process, case.samuel, "Northgate")
    await let_back_in(case, samuel, HistoryKind.ALL)
    assert await texts(samuel, case.thread) == ["Before."]
    await post(samuel, case.thread, "I am back.")
    fresh = await accounts.sign_in(Api(live_server_process.address), email=samuel.email, password=NEW)
    assert await texts(Person(fresh, samuel.email, ""), case.thread) == ["Before.", "I am back."]


async def test_a_permission_without_history_brings_none_back(live_server_process: Server) -> None:
    case = await started(live_server_process)
    samuel = await anew(live_server_process, case.samuel, "Northgate")
    await let_back_in(case, samuel, HistoryKind.NONE)
    await post(case.maya, case.thread, "From now on.")
    assert await texts(samuel, case.thread) == ["From now on."]


async def test_until_the_patient_permits_the_new_key_it_opens_nothing(live_server_process: Server) -> None:
    case = await started(live_server_process)
    samuel = await anew(live_server_process, case.samuel, "Northgate")
    held = await open_thread(samuel.account, case.thread.id)
    assert [one.code for one in await held.read()] == ["E_SEAL"]
    await (await open_thread(case.elena.account, case.thread.id)).tend()
    with pytest.raises(ApiError) as refusal:
        await open_thread(samuel.account, case.thread.id)
    assert refusal.value.code == "not_found"


async def test_a_colleague_is_stopped_until_the_new_key_was_compared(live_server_process: Server) -> None:
    case = await started(live_server_process)
    samuel = await anew(live_server_process, case.samuel, "Northgate")
    await let_back_in(case, samuel, HistoryKind.ALL)
    mine = await open_thread(case.elena.account, case.thread.id)
    assert mine.replaced == {samuel.account.me.id}
    with pytest.raises(Ct1Error) as refusal:
        await post(case.elena, case.thread, "To whom?")
    assert refusal.value.code == "E_KEY_CHANGED"
    mine.accept_key(samuel.account.me.id, verified=True)
    await post(case.elena, case.thread, "To him.")
    assert await texts(samuel, case.thread) == ["Before.", "To him."]


async def test_every_old_way_in_has_ended(live_server_process: Server) -> None:
    case = await started(live_server_process)
    address = live_server_process.address
    samuel = await anew(live_server_process, case.samuel, "Northgate")
    with pytest.raises(ApiError) as ended:
        await case.samuel.api.get("/me", Me)
    assert ended.value.code == "signed_out"
    with pytest.raises(ApiError):
        await accounts.sign_in(Api(address), email=samuel.email, password=PASSWORD)
    with pytest.raises(ApiError) as spent:
        await accounts.recover(
            Api(address), email=samuel.email, recovery_text=case.samuel.recovery, new_password=PASSWORD
        )
    assert spent.value.code == "wrong_recovery"
    assert parse_recovery(samuel.recovery) != parse_recovery(case.samuel.recovery)
    stored = await samuel.api.get("/keys/mine", MyKeys)
    assert (len(stored.bundles), len(stored.slots), stored.keyring.version) == (2, 2, 2)


async def test_a_code_works_once_for_its_own_account_and_for_no_other(live_server_process: Server) -> None:
    server = live_server_process
    elena, chidi = [await staff(server, name, "Riverside", "therapist") for name in ("Elena", "Chidi")]
    code = server.manage("issue_reset_code", "Riverside", elena.email)
    for email, typed in ((chidi.email, code), (elena.email, code[:-1] + "0"), ("nobody@test.consilium", code)):
        with pytest.raises(ApiError) as refusal:
            await Api(server.address).post("/reset/look", ResetQuestion(email=email, code=typed), ResetOffer)
        assert refusal.value.code == "enrolment_code"
    assert (await chidi.api.get("/me", Me)).gen == 1
    await begin_anew(Api(server.address), email=elena.email, code=code, new_password=NEW)
    with pytest.raises(ApiError) as used:
        await begin_anew(Api(server.address), email=elena.email, code=code, new_password=PASSWORD)
    assert used.value.code == "enrolment_code"


async def repeated(server: Server, person: Person, code: str) -> Api:
    """The session of somebody who hands in the same keys once more."""
    stored = await person.api.get("/keys/mine", MyKeys)
    at, vault = await person.api.login_parameters(person.email), person.account.vault
    root = vaults.password_root(NEW, at)
    body = ResetKeys(
        email=person.email,
        code=code,
        auth=root.auth,
        ukr=stored.bundles[-1],
        slots=[vaults.password_slot(vault, root, at), vaults.recovery_slot(vault, bytes(RECOVERY_BYTES))],
        keyring=stored.keyring,
    )
    api = Api(server.address)
    await api.post("/reset/finish", body, Done)
    return api


async def test_a_lost_answer_is_asked_for_again_and_a_used_code_is_no_road_past_the_second_factor(
    live_server_process: Server,
) -> None:
    server = live_server_process
    elena = await staff(server, "Elena", "Riverside", "therapist")
    code = server.manage("issue_reset_code", "Riverside", elena.email)
    account, recovery = await begin_anew(Api(server.address), email=elena.email, code=code, new_password=NEW)
    elena = Person(account, elena.email, recovery)
    assert (await (await repeated(server, elena, code)).get("/me", Me)).id == account.me.id
    server.manage("shell", "-c", LONG_AGO.format(email=elena.email))
    with pytest.raises(ApiError) as late:
        await repeated(server, elena, code)
    assert late.value.code == "enrolment_code"


async def test_an_organisation_gives_no_code_for_anothers_person(live_server_process: Server) -> None:
    server = live_server_process
    elena = await staff(server, "Elena", "Riverside", "therapist")
    server.staff_code("Northgate", "therapist")
    for organisation, email in (("Northgate", elena.email), ("Riverside", "nobody@test.consilium")):
        with pytest.raises(RuntimeError, match="has nobody with keys"):
            server.manage("issue_reset_code", organisation, email)


@pytest.mark.parametrize("reason", [UkrReason.FIRST, UkrReason.ROTATE])
async def test_nothing_but_a_reset_of_the_next_generation_is_taken(
    live_server_process: Server, reason: UkrReason, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = live_server_process
    elena = await staff(server, "Elena", "Riverside", "therapist")
    code = server.manage("issue_reset_code", "Riverside", elena.email)
    me, now = elena.account.vault.identity, 1_800_000_000_000
    gen = 1 if reason == UkrReason.FIRST else 2
    old = new_identity(me.user, 1, now) if reason == UkrReason.ROTATE else None
    ukr = make_ukr(new_identity(me.user, gen, now), now, previous=old, reason=reason)
    forged = UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig)
    monkeypatch.setattr("client.reset.UkrBlob", lambda **_: forged)
    with pytest.raises(ApiError) as refusal:
        await begin_anew(Api(server.address), email=elena.email, code=code, new_password=NEW)
    assert refusal.value.code in ("invalid", "E_KEY_CHANGED")
    monkeypatch.undo()
    await begin_anew(Api(server.address), email=elena.email, code=code, new_password=NEW)
