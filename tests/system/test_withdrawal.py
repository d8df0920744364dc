"""After a withdrawal nothing of the patient's opens again: by no socket, worker, ticket, feed, key or relay.

Every way is tried before as well: a way that was never open would prove nothing. Typing and presence do not exist in
this release, so there is no way by them; receipts are the marks. A file has no link: it is fetched by who may read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import pytest

from client.api import Api
from client.errors import ApiError
from client.threads import Thread, open_thread
from crypto.attachments import sealed_size
from crypto.errors import Ct1Error
from crypto.messages import parse_wire
from crypto.opening import open_message
from crypto.primitives import random_bytes
from crypto.tables import ContentType
from tests.client.people import staff
from tests.server import Server
from tests.system.calls import Beating, Caller, forwarder
from tests.system.case import WORDS, Scene, begin_scene, heartbeat, settle
from tests.system.workers import two_workers
from wire.attachments import AttachmentBegin, AttachmentOut
from wire.base import b64
from wire.conference import RoomAdmit, RoomConnect, RoomKey, RoomKnock, RoomShow, RoomView, Sending
from wire.messaging import (
    InvitationAsk,
    InvitationSent,
    LogPage,
    MarksPut,
    MemberMarks,
    MessagePage,
    MessagePost,
    ThreadKeys,
    ThreadMarks,
    ThreadOwed,
    ThreadPage,
    ThreadReaders,
    ThreadSeals,
    ThreadSummary,
)
from wire.people import PatientsPage
from wire.scheduling import SessionOut, SessionPage

pytestmark = pytest.mark.server

Way = Callable[[], Awaitable[bool]]
REFUSALS = frozenset({"not_found", "not_now", "ticket"})


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    with two_workers(tmp_path_factory.mktemp("withdrawal")) as (server, other), forwarder(server):
        yield server, other


async def opens(asked: Awaitable[object]) -> bool:
    try:
        await asked
    except ApiError as error:
        if error.code not in REFUSALS:
            raise
        return False
    return True


def thread_ways(scene: Scene, api: Api) -> dict[str, Way]:
    """The doors of a thread that give something, at one worker."""
    path = f"/threads/{b64(scene.held.id)}"

    async def others_words() -> bool:
        page = await api.get(f"{path}/messages", MessagePage)
        return any(parse_wire(one.wire).header.sender != scene.here.me.id for one in page.messages)

    async def is_member() -> bool:
        page = await api.get("/threads", ThreadPage)
        return any(one.id == scene.held.id and one.standing == "member" for one in page.threads)

    async def summary() -> bool:
        return (await api.get(path, ThreadSummary)).standing == "member"

    adding = AttachmentBegin(id=random_bytes(16), size=sealed_size(1000))
    ask = InvitationAsk(id=random_bytes(16), invitee=scene.here.me.id, role=2, actions=1, history=1, reason="again")
    return {
        "list": is_member,
        "summary": summary,
        "log": lambda: opens(api.get(f"{path}/log", LogPage)),
        "seals": lambda: opens(api.get(f"{path}/seals", ThreadSeals)),
        "keys": lambda: opens(api.get(f"{path}/keys", ThreadKeys)),
        "owed": lambda: opens(api.get(f"{path}/owed", ThreadOwed)),
        "readers": lambda: opens(api.get(f"{path}/readers", ThreadReaders)),
        "receipts": lambda: opens(api.get(f"{path}/marks", ThreadMarks)),
        "own receipt": lambda: opens(api.put(f"{path}/marks", MarksPut(read=1), MemberMarks)),
        "words of others": others_words,
        "a file": lambda: opens(api.get(f"{path}/attachments/{b64(scene.file)}", AttachmentOut)),
        "bytes of a file": lambda: opens(first_bytes(api, f"{path}/attachments/{b64(scene.file)}/content")),
        "adding a file": lambda: opens(api.post(f"{path}/attachments", adding, AttachmentOut)),
        "bringing a file": lambda: opens(brings(api, f"{path}/attachments", adding)),
        "asking somebody in": lambda: asks_in(api, path, ask),
    }


async def first_bytes(api: Api, path: str) -> None:
    async for _ in api.get_octets(path):
        return


async def brings(api: Api, path: str, adding: AttachmentBegin) -> None:
    """A piece of a file that was begun before; the same one again changes nothing."""
    await api.put_octets(f"{path}/{b64(adding.id)}/content", bytes(100), AttachmentOut, {"offset": 0})


async def asks_in(api: Api, path: str, ask: InvitationAsk) -> bool:
    """Whether the thread hears the question at all: one who is a member already is refused as such."""
    try:
        await api.post(f"{path}/invitations", ask, InvitationSent)
    except ApiError as error:
        return error.code != "not_found"
    return True


def session_ways(scene: Scene, api: Api, address: str) -> dict[str, Way]:
    """The doors of sessions, rooms and calendars, at one worker."""

    async def is_ahead() -> bool:
        page = await api.get("/sessions", SessionPage)
        return any(one.id in (scene.ahead, scene.running) for one in page.sessions)

    async def in_feed() -> bool:
        return await scene.feed_entries(address) > 0

    return {
        "sessions ahead": is_ahead,
        "one session": lambda: opens(api.get(f"/sessions/{b64(scene.ahead)}", SessionOut)),
        "room": lambda: opens(api.get(f"/rooms/{b64(scene.running)}", RoomView)),
        "calendar feed": in_feed,
    }


def socket_ways(scene: Scene, old: Caller, worker: str) -> dict[str, Way]:
    """What can be done over a socket that was open before, and over new ones; `worker` is for the names."""
    thread = b64(scene.held.id)

    async def greeted(heads: dict[str, int]) -> bool:
        async with Beating(old.account, heads) as fresh:
            assert fresh.welcome is not None
            return thread in fresh.welcome.heads

    async def knocks() -> bool:
        return await opens(old.knock())

    async def shows() -> bool:
        return await opens(old.command(RoomShow(id=random_bytes(16), room=old.room, sending=Sending(audio=True))))

    async def hands_out_keys() -> bool:
        epoch = old.of("room.state")[-1]["epoch"]
        key = RoomKey(id=random_bytes(16), room=old.room, epoch=epoch, n=1, commitment=b"key", seals=[])
        return await opens(old.command(key))

    async def beats() -> bool:
        return thread in await heartbeat(old)

    return {
        f"heartbeat of the old socket at {worker}": beats,
        f"post on the old socket at {worker}": lambda: posts(scene.held, old),
        f"new socket at {worker}": lambda: greeted({}),
        f"resume at {worker}": lambda: greeted({thread: 1}),
        f"knock at {worker}": knocks,
        f"roster at {worker}": shows,
        f"call keys at {worker}": hands_out_keys,
    }


async def posts(held: Thread, live: Beating) -> bool:
    """Whether a message sealed with the kept keys is taken."""
    sealed = held.seal(random_bytes(16), b'{"text":"May I still?"}', ContentType.TEXT)
    return await opens(live.post(MessagePost(id=sealed.header.msg_id, thread=held.id, wire=sealed.wire)))


async def results(ways: dict[str, Way]) -> dict[str, bool]:
    return {name: await way() for name, way in ways.items()}


async def test_none_of_the_ways_that_were_open_is_open_afterwards(workers: tuple[Server, str]) -> None:
    server, other = workers
    scene = await begin_scene(server, other)
    async with scene.callers(scene.running) as (elena, maya, samuel):
        for caller in (elena, maya, samuel):
            await caller.enter(elena)
        ways = socket_ways(scene, samuel, "B")
        for name, api, address in (("A", scene.here.api, server.address), ("B", scene.there.api, other)):
            each = thread_ways(scene, api) | session_ways(scene, api, address)
            ways |= {f"{way} at {name}": ask for way, ask in each.items()}
        before = await results(ways)
        assert [name for name, was_open in before.items() if not was_open] == []
        await scene.withdraw()
        after = await results(ways)
        assert [name for name, is_open in after.items() if is_open] == []
        assert len(after) == 7 + 2 * 19
        await scene.say("Without him.")
        assert [name for name, is_open in (await results(ways)).items() if is_open] == []


async def test_a_ticket_from_before_opens_no_call(workers: tuple[Server, str]) -> None:
    scene = await begin_scene(*workers)
    async with scene.callers(scene.running) as (elena, maya, samuel):
        await elena.enter(elena)
        await maya.enter(elena)
        await samuel.command(RoomKnock(id=random_bytes(16), room=samuel.room, device=samuel.device))
        await elena.command(RoomAdmit(id=random_bytes(16), room=elena.room, user=samuel.id))
        await samuel.knock()
        unused = [frame["ticket"] for frame in samuel.of("room.admitted")]
        assert len(unused) >= 1
        await scene.withdraw()
        for ticket in unused:
            join = RoomConnect(
                id=random_bytes(16), room=samuel.room, device=samuel.device, ticket=ticket, join=b"signed conf-join"
            )
            assert not await opens(samuel.command(join))
        with pytest.raises(ApiError):
            await elena.command(RoomAdmit(id=random_bytes(16), room=elena.room, user=samuel.id))
        assert samuel.of("room.offer") == []


async def test_no_push_of_what_happens_afterwards_reaches_any_socket(workers: tuple[Server, str]) -> None:
    scene = await begin_scene(*workers)
    async with (
        scene.callers(scene.running) as (elena, maya, samuel),
        Beating(scene.here) as old,
        Beating(scene.case.maya.account) as witness,
    ):
        for caller in (elena, maya, samuel):
            await caller.enter(elena)
        await scene.withdraw()
        await settle(old, samuel)
        assert {"thread.lost", "session.lost"} <= {frame["type"] for frame in old.pushed}
        assert [frame["reason"] for frame in samuel.of("room.bye")] == ["consent_withdrawn"]
        old.pushed.clear()
        samuel.pushed.clear()
        samuel.heard.clear()
        async with Beating(scene.there) as fresh:
            seq = await scene.say("Without him.")
            mark = MarksPut(delivered=seq, read=seq)
            await scene.case.maya.api.put(f"/threads/{b64(scene.held.id)}/marks", mark, MemberMarks)
            await elena.command(RoomShow(id=random_bytes(16), room=elena.room, sending=Sending(audio=True)))
            await settle(witness, elena, maya)
            assert {"message.new", "thread.changed"} <= {frame["type"] for frame in witness.pushed}
            await settle(old, samuel, fresh)
            assert (old.pushed, samuel.pushed, samuel.heard, fresh.pushed) == ([], [], [], [])


async def test_kept_keys_open_nothing_that_is_written_afterwards(workers: tuple[Server, str]) -> None:
    scene = await begin_scene(*workers)
    assert WORDS in [line.text for line in await scene.held.read()]
    kept = dict(scene.held.epoch_keys)
    await scene.withdraw()
    seq = await scene.say("Without him.")
    # As if he had stolen the database: the sealed words themselves, and every seal that the server holds.
    elena = await open_thread(scene.case.elena.account, scene.held.id)
    assert "Without him." in [line.text for line in await elena.read()]
    page = await scene.case.elena.api.get(elena.path, ThreadSummary)
    assert page.head >= seq
    messages = await scene.case.elena.api.get(f"{elena.path}/messages", MessagePage, {"after": seq - 1})
    sealed = parse_wire(messages.messages[0].wire)
    assert sealed.header.epoch > max(kept)
    for key in kept.values():
        with pytest.raises(Ct1Error):
            open_message(sealed, elena.state, elena.directory, key)
    assert elena.state.epoch is not None
    assert scene.here.me.id not in {one[1] for one in elena.state.epoch.recipients}
    seals = scene.here.api.get(f"{elena.path}/seals", ThreadSeals)
    for ask in (scene.held.sync(), scene.held.tend(), seals):
        with pytest.raises(ApiError) as refusal:
            await ask
        assert refusal.value.code == "not_found"
    assert scene.held.epoch_keys == kept


async def test_the_sessions_ahead_are_decided_again(workers: tuple[Server, str]) -> None:
    scene = await begin_scene(*workers)
    path = f"/sessions/{b64(scene.ahead)}"
    expected = await scene.case.elena.api.get(path, SessionOut)
    assert {one.state for one in expected.participants} == {"expected"}
    await scene.withdraw()
    left = await scene.case.elena.api.get(path, SessionOut)
    states = {one.user: one.state for one in left.participants}
    assert {user for user, state in states.items() if state != "expected"} == {scene.here.me.id}
    assert states[scene.here.me.id] == "withdrawn"
    assert (await scene.here.api.get("/sessions", SessionPage)).sessions == []
    assert left.status == "booked"


async def test_one_who_was_never_asked_in_learns_nothing_of_it(workers: tuple[Server, str]) -> None:
    server, other = workers
    scene = await begin_scene(server, other)
    chidi = await staff(server, "Chidi", "Northgate", "physician")
    async with Beating(chidi.account) as live:
        await scene.withdraw()
        await scene.say("Without him.")
        await settle(live)
        assert live.pushed == []
    assert (await chidi.api.get("/patients", PatientsPage)).patients == []
