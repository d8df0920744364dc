"""Files between clients: sealed here, opened there, over connections that break, and destroyed with their key."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from client import account as accounts
from client.api import Api
from client.attachments import file_of, save_file, send_file, take_back
from client.errors import ApiError
from client.live import Live
from client.threads import Opened, Thread, open_thread
from crypto.errors import Ct1Error
from tests.client.people import PASSWORD, Person
from tests.client.test_threads import Case, begin
from tests.server import Server
from wire.base import b64

pytestmark = pytest.mark.server

CONTENT = secrets.token_bytes(5_300_000)


class Cutting:
    """A road to the server that breaks after so many bytes, each way, and is mended at once."""

    def __init__(self, port: int, after: int) -> None:
        self._port, self._after = port, after
        self.cuts = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        ways = (self._pump(reader, back), self._pump(there, writer))
        try:
            await asyncio.gather(*ways)
        except ConnectionError:
            self.cuts += 1
        finally:
            for end in (writer, back):
                end.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        carried = 0
        while block := await source.read(65_536):
            carried += len(block)
            if carried > self._after:
                raise ConnectionResetError
            target.write(block)
            await target.drain()
        target.close()


@asynccontextmanager
async def breaking_road(server: Server, after: int) -> AsyncIterator[tuple[Cutting, str]]:
    road = Cutting(server.port, after)
    door = await asyncio.start_server(road.carry, "127.0.0.1", 0)
    async with door:
        yield road, f"http://127.0.0.1:{door.sockets[0].getsockname()[1]}"


async def sent(case: Case, folder: Path, content: bytes = CONTENT) -> Opened:
    """A file from Elena, as Maya reads the message that carries it."""
    source = folder / "letter.bin"
    source.write_bytes(content)
    async with Live(case.elena.api) as live:
        await send_file(case.thread, live, source, type="application/pdf", text="The letter.")
    return (await (await open_thread(case.maya.account, case.thread.id)).read())[-1]


def names(folder: Path) -> list[str]:
    """What there is of the saved file."""
    return sorted(path.name for path in folder.glob("saved*"))


async def thread_of(case: Case, person: Person) -> Thread:
    return await open_thread(person.account, case.thread.id)


async def test_it_works(live_server_process: Server, tmp_path: Path) -> None:
    case = await begin(live_server_process)
    message = await sent(case, tmp_path)
    named = file_of(message)
    assert (message.text, named.name, named.type, named.file.size) == (
        "The letter.",
        "letter.bin",
        "application/pdf",
        len(CONTENT),
    )
    target, told = tmp_path / "saved.bin", list[tuple[int, int]]()
    await save_file(await thread_of(case, case.maya), message, target, progress=lambda *step: told.append(step))
    assert target.read_bytes() == CONTENT
    assert told[-1][0] == told[-1][1] > len(CONTENT)
    assert names(tmp_path) == ["saved.bin"]


@pytest.mark.parametrize("size", [0, 1, 65_536])
async def test_files_of_every_size_arrive(live_server_process: Server, tmp_path: Path, size: int) -> None:
    case = await begin(live_server_process)
    message = await sent(case, tmp_path, CONTENT[:size])
    await save_file(await thread_of(case, case.maya), message, tmp_path / "saved.bin")
    assert (tmp_path / "saved.bin").read_bytes() == CONTENT[:size]


async def test_a_file_is_sent_and_saved_over_a_connection_that_keeps_breaking(
    live_server_process: Server, tmp_path: Path
) -> None:
    case = await begin(live_server_process)
    (tmp_path / "letter.bin").write_bytes(CONTENT)
    async with breaking_road(live_server_process, 2_400_000) as (road, address), Api(address) as api:
        account = await accounts.sign_in(api, email=case.elena.email, password=PASSWORD)
        mine = await open_thread(account, case.thread.id)
        async with Live(api) as live:
            await send_file(mine, live, tmp_path / "letter.bin")
        sending = road.cuts
        await save_file(mine, (await mine.read())[-1], tmp_path / "saved.bin")
        assert sending >= 2
        assert road.cuts - sending >= 2
    assert (tmp_path / "saved.bin").read_bytes() == CONTENT


async def test_what_was_saved_in_part_is_not_fetched_again(live_server_process: Server, tmp_path: Path) -> None:
    case = await begin(live_server_process)
    message, thread = await sent(case, tmp_path), await thread_of(case, case.maya)
    part = b"".join(
        [one async for one in case.maya.api.get_octets(f"{thread.path}/attachments/{b64(message.msg_id)}/content")]
    )
    (tmp_path / "saved.bin.sealed").write_bytes(part[:3_000_000])
    told = list[tuple[int, int]]()
    await save_file(thread, message, tmp_path / "saved.bin", progress=lambda *step: told.append(step))
    assert told[0][0] > 3_000_000
    assert (tmp_path / "saved.bin").read_bytes() == CONTENT


async def test_bytes_that_are_not_the_file_are_not_saved(live_server_process: Server, tmp_path: Path) -> None:
    case = await begin(live_server_process)
    message, thread = await sent(case, tmp_path), await thread_of(case, case.maya)
    (tmp_path / "saved.bin.sealed").write_bytes(bytes(3_000_000))
    with pytest.raises(Ct1Error) as refusal:
        await save_file(thread, message, tmp_path / "saved.bin")
    assert refusal.value.code == "E_ATT"
    assert names(tmp_path) == []
    await save_file(thread, message, tmp_path / "saved.bin")
    assert (tmp_path / "saved.bin").read_bytes() == CONTENT


async def test_what_is_taken_back_is_gone_for_everybody(live_server_process: Server, tmp_path: Path) -> None:
    case = await begin(live_server_process)
    message = await sent(case, tmp_path)
    async with Live(case.elena.api) as live:
        await take_back(case.thread, live, message)
    for person in (case.maya, case.elena):
        with pytest.raises(ApiError) as refusal:
            await save_file(await thread_of(case, person), message, tmp_path / "saved.bin")
        assert (refusal.value.status, refusal.value.code) == (410, "gone")
    with pytest.raises(ApiError) as stranger:
        await save_file(await _as(case.samuel, case), message, tmp_path / "saved.bin")
    assert stranger.value.code == "not_found"


async def _as(person: Person, case: Case) -> Thread:
    return Thread(person.account, case.thread.id)


@pytest.mark.parametrize(
    "said",
    [{}, {"file": None}, {"file": []}, {"file": {"key": "AA", "size": 1, "hash": "AA", "name": "", "type": ""}}],
)
async def test_a_message_that_names_no_file_names_none(said: dict[str, object]) -> None:
    with pytest.raises(Ct1Error) as refusal:
        file_of(Opened(1, 0, b"", "", 2, said))
    assert refusal.value.code == "E_ATT"
