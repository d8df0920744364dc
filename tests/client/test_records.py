"""Records opened by two custodians and an officer: all of it verified and announced, or nothing written."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from client import account as accounts
from client import consent, custody, exports, records
from client.account import Account
from client.api import Api
from client.errors import ApiError, Unreachable
from client.live import Live
from client.records import Wish, open_records
from client.threads import create_thread
from crypto.errors import Ct1Error
from crypto.keys import OrgRoot
from crypto.sealing import seal_epoch_key
from crypto.tables import HistoryKind
from tests.client.people import Person, patient_of, staff
from tests.client.test_emergency import with_second_factor
from tests.server import Server
from wire.base import b64
from wire.people import PatientsPage
from wire.records import OpenedMessage, OpeningIn, OpeningOut, RecordsExport

pytestmark = pytest.mark.server
HOUSE = "Ferry Lane"
"""An organisation of these tests alone: its key would be in every thread of the others."""
ROOT = "from people.models import Organisation as O; o=O.objects.get(name='{}'); print(o.demonstration_seed, o.pk.hex)"
LEDGER = "from audit.models import Entry as E; print(E.objects.filter(object_id='{}', verb='records.open').count())"


@dataclass
class Archive:
    """A thread with a compliance key, its export, its custodians, and the officer who may open it."""

    server: Server
    folder: Path
    elena: Person
    maya: Person
    grace: Person
    thread: bytes
    made: custody.Made
    root: OrgRoot
    raw: bytes
    keys: dict[int, bytes]

    def wish(self, **changes: object) -> Wish:
        wish = Wish(
            raw=self.raw,
            shares=self.made.shares[1:],
            root_pks=[self.root.sign_pk],
            reason="A court has asked for it.",
            out=self.folder / "opened",
        )
        return replace(wish, **changes)  # type: ignore[arg-type]  # a test names the field it changes

    def announced(self) -> int:
        """How many openings of the thread the ledger knows."""
        return int(self.server.manage("shell", "-v", "0", "-c", LEDGER.format(b64(self.thread))))


def root_of(server: Server) -> tuple[OrgRoot, bytes]:
    server.manage("add_organisation", HOUSE)
    seed, org = server.manage("shell", "-v", "0", "-c", ROOT.format(HOUSE)).split()
    return OrgRoot.from_seed(base64.b64decode(seed)), bytes.fromhex(org)


async def archive(server: Server, folder: Path) -> Archive:
    root, org = root_of(server)
    made = custody.make(root, org, "Records office", accounts.now_ms(), shares=3, threshold=2)
    (folder / "key.json").write_text(made.statement.model_dump_json())
    server.manage("compliance_key", "set", str(folder / "key.json"))
    elena = await staff(server, "Elena", HOUSE, "therapist")
    maya, patient = await patient_of(server, elena, "Maya")
    patient = next(one for one in (await elena.api.get("/patients", PatientsPage)).patients if one.id == patient.id)
    wish = consent.Permission(elena.account.vault.identity.fp, "Elena", consent.LEADING, history=HistoryKind.ALL)
    await consent.sign_permission(maya.account, wish)
    thread = await create_thread(elena.account, patient)
    await thread.tend()
    async with Live(elena.api) as live:
        for text in ("She takes lithium.", "900 mg.", "Since March."):
            await thread.post(live, text)
    grace = await staff(server, "Grace", HOUSE, "social_worker")
    server.manage("entrust", grace.email, HOUSE, "privacy_officer")
    grace = await with_second_factor(server, grace)
    server.manage("export_records", b64(thread.id), "--reason", "A court", "--out", str(folder / "export.json"))
    raw = (folder / "export.json").read_bytes()
    return Archive(server, folder, elena, maya, grace, thread.id, made, root, raw, thread.epoch_keys)


async def refused(account: Account, wish: Wish) -> str:
    """The code of a refusal that has written nothing."""
    with pytest.raises((Ct1Error, ApiError)) as refusal:
        await open_records(account, wish)
    assert not wish.out.exists()
    assert isinstance(refusal.value, Ct1Error | ApiError)
    return refusal.value.code


def tampered(raw: bytes, change: Callable[[RecordsExport], dict[str, object]]) -> bytes:
    export = RecordsExport.model_validate_json(raw)
    return export.model_copy(update=change(export)).model_dump_json().encode()


async def test_it_works(live_server_process: Server, tmp_path: Path) -> None:
    house = await archive(live_server_process, tmp_path)
    assert await open_records(house.grace.account, house.wish()) == 3
    lines = (house.folder / "opened/messages.jsonl").read_text().splitlines()
    opened = [OpenedMessage.model_validate_json(one) for one in lines]
    assert [one.body["text"] for one in opened] == ["She takes lithium.", "900 mg.", "Since March."]
    assert {(one.sender, one.sender_name, one.code, one.gap) for one in opened} == {
        (house.elena.account.me.id, "Elena", "", False)
    }
    assert house.announced() == 1
    # The signed record is kept beside the words; handed in again it is the same opening.
    kept = OpeningIn.model_validate_json((house.folder / "opened/access-record.json").read_bytes())
    await house.grace.api.post("/records/openings", kept, OpeningOut)
    assert house.announced() == 1
    with pytest.raises(FileExistsError):
        await open_records(house.grace.account, house.wish())
    assert b"lithium" not in house.raw


async def test_what_was_changed_in_an_export_is_refused_by_name(live_server_process: Server, tmp_path: Path) -> None:
    house = await archive(live_server_process, tmp_path)
    me, raw = house.grace.account, house.raw

    async def code(change: Callable[[RecordsExport], dict[str, object]]) -> str:
        return await refused(me, house.wish(raw=tampered(raw, change)))

    # The log: an entry left out, in the middle, first and last; one moved; one of another hand.
    assert await code(lambda one: {"entries": one.entries[:1] + one.entries[2:]}) == "E_LOG_SEQ"
    assert await code(lambda one: {"entries": one.entries[1:]}) == "E_LOG_SEQ"
    assert await code(lambda one: {"entries": one.entries[:-1]}) == "E_LOG_BEHIND"
    assert await code(lambda one: {"entries": []}) == "E_LOG_SEQ"
    forged = [{"body": one.body, "sig": bytes(64)} for one in RecordsExport.model_validate_json(raw).entries[1:2]]
    signed = RecordsExport.model_validate_json(raw).entries[1].model_copy(update={"sig": forged[0]["sig"]})
    assert await code(lambda one: {"entries": [one.entries[0], signed, *one.entries[2:]]}) == "E_SIG"
    # Keys: swapped between people, or taken away; an epoch's key that another has sealed, or nobody.
    swapped = {0: 1, 1: 0}
    assert await code(
        lambda one: {
            "people": [
                person.model_copy(update={"bundles": one.people[swapped.get(at, at)].bundles})
                for at, person in enumerate(one.people)
            ],
            "entries": one.entries,
        }
    ) in ("E_CERT", "E_UNKNOWN_KEY", "E_COMPLIANCE")
    assert await code(lambda one: {"people": one.people[:-1]}) in ("E_UNKNOWN_KEY", "E_CERT")
    wrong = seal_epoch_key(bytes(32), house.thread, 1, bytes(16), house.made.key.box_pk)
    assert await code(lambda one: {"seals": [one.seals[0].model_copy(update={"blob": wrong})]}) == "E_KEY_COMMIT"
    elsewhere = seal_epoch_key(house.keys[1], bytes(32), 1, bytes(16), house.made.key.box_pk)
    assert await code(lambda one: {"seals": [one.seals[0].model_copy(update={"blob": elsewhere})]}) == "E_SEAL_CTX"
    assert await code(lambda one: {"seals": []}) == "E_SEAL_MISSING"
    # Messages: one forged, one left out, one twice, the last ones cut off.
    flipped = bytearray(RecordsExport.model_validate_json(raw).messages[1].wire)
    flipped[-1] ^= 1
    middle = RecordsExport.model_validate_json(raw).messages[1].model_copy(update={"wire": bytes(flipped)})
    assert await code(lambda one: {"messages": [one.messages[0], middle, one.messages[2]]}) == "E_SIG"
    assert await code(lambda one: {"messages": [one.messages[0], one.messages[2]]}) == "E_GAP"
    assert await code(lambda one: {"messages": one.messages[:2]}) == "E_GAP"
    again = RecordsExport.model_validate_json(raw).messages[0].model_copy(update={"seq": 2})
    assert await code(lambda one: {"messages": [one.messages[0], again, one.messages[2]]}) in ("E_DUP", "E_REPLAY")
    assert await refused(me, house.wish(raw=raw[:-200])) == "E_ENC"
    assert await refused(me, house.wish(root_pks=[OrgRoot.from_seed(bytes(32)).sign_pk])) == "E_CERT"
    # What only the server can know: the file is whole by itself, and shorter than the one that was written.
    assert await code(lambda one: {"messages": one.messages[:2], "head": 2}) == "E_COMPLIANCE"
    await custodians_who_cannot_open_it(house)
    await without_the_server(house)
    an_epoch_left_out_by_name(house)
    content_that_cannot_be_written_down(house)
    assert house.announced() == 0


async def custodians_who_cannot_open_it(house: Archive) -> None:
    me, first, second = house.grace.account, house.made.shares[0], house.made.shares[1]
    other = custody.make(house.root, bytes(16), "Records office", accounts.now_ms(), shares=3, threshold=2).shares
    for shares in ([first], [first, first], [first, other[1]], other[:2]):
        assert await refused(me, house.wish(shares=shares)) == "E_SHARE"
    damaged = second.model_copy(update={"points": bytes(32)})
    assert await refused(me, house.wish(shares=[first, damaged])) == "E_SHARE"


async def without_the_server(house: Archive) -> None:
    offline = replace(house.grace.account, api=Api("http://127.0.0.1:9"))
    with pytest.raises(Unreachable):
        await open_records(offline, house.wish())
    assert not house.wish().out.exists()


def an_epoch_left_out_by_name(house: Archive) -> None:
    verified = exports.verify_export(house.raw, [house.root.sign_pk], accounts.now_ms())
    shares = house.made.shares[:2]
    secret = custody.join(shares, verified.key_of(shares))
    lines = exports.open_messages(verified, exports.open_epochs(verified, secret, left_out=[1]))
    assert [(one.code, one.body, one.sender_name) for one in lines] == [("E_SEAL_MISSING", {}, "Elena")] * 3


def content_that_cannot_be_written_down(house: Archive) -> None:
    verified = exports.verify_export(house.raw, [house.root.sign_pk], accounts.now_ms())
    bodies = iter((b"[" * 20_000, b'{"text":"\\ud800"}', b'{"text":' + b"[" * 300 + b"]" * 300 + b"}"))
    with pytest.MonkeyPatch.context() as member:
        member.setattr("client.exports.open_message", lambda *_: next(bodies))
        lines = exports.open_messages(verified, house.keys)
    assert [(one.code, one.body) for one in lines] == [("E_ENC", {})] * 3
    assert all(one.model_dump_json() for one in lines)


async def test_nobody_but_the_officer_opens_it(live_server_process: Server, tmp_path: Path) -> None:
    house = await archive(live_server_process, tmp_path)
    ivo = await staff(house.server, "Ivo", "Harbour", "social_worker")
    house.server.manage("entrust", ivo.email, "Harbour", "privacy_officer")
    elsewhere = await with_second_factor(house.server, ivo)
    for person in (house.elena, house.maya, elsewhere):
        assert await refused(person.account, house.wish()) == "not_found"
    # The officer too, from a session that has shown no second factor.
    fresh = await staff(house.server, "Olu", HOUSE, "nurse")
    house.server.manage("entrust", fresh.email, HOUSE, "privacy_officer")
    assert await refused(fresh.account, house.wish()) == "second_factor_needed"
    # And in nobody else's name: the key that signs is the one that the server knows as the officer's.
    posed = replace(house.grace.account, vault=house.elena.account.vault)
    assert await refused(posed, house.wish()) == "E_SIG"
    assert house.announced() == 0


def test_at_the_console_a_file_that_is_cut_off_costs_no_sign_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = custody.make(OrgRoot.from_seed(bytes(32)), bytes(16), "Records", 1, shares=3, threshold=2)
    (tmp_path / "cut.json").write_bytes(b'{"kind": "records-export", "version": 1')
    words = ["open", str(tmp_path / "cut.json"), "--root", b64(bytes(32)), "--out", str(tmp_path / "out")]
    words += ["--reason", "A court", "--email", "grace@test.example", "--base-url", "http://127.0.0.1:9"]
    for share in made.shares[:2]:
        (tmp_path / f"share{share.index}").write_text(share.model_dump_json())
        words += ["--share", str(tmp_path / f"share{share.index}")]
    assert records.main(words) == 1
    assert capsys.readouterr().err.startswith("E_ENC")
    assert not (tmp_path / "out").exists()


async def test_a_thread_without_a_key_has_nothing_to_export(live_server_process: Server, tmp_path: Path) -> None:
    server = live_server_process
    elena = await staff(server, "Elena", "Harbour", "therapist")
    _, patient = await patient_of(server, elena, "Maya")
    patient = next(one for one in (await elena.api.get("/patients", PatientsPage)).patients if one.id == patient.id)
    thread = await create_thread(elena.account, patient)
    for one in (b64(thread.id), b64(bytes(32))):
        with pytest.raises(RuntimeError):
            server.manage("export_records", one, "--reason", "A court", "--out", str(tmp_path / "export.json"))
    assert not (tmp_path / "export.json").exists()
