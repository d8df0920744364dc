"""Every socket frame and every push, from the code: asked by members, outsiders, the withdrawn and the signed-out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from pydantic import ValidationError

from conference import plane as planes
from conference.media.ticket import make_grant, seal_ticket
from conference.plane import EmbeddedPlane, forwarder_key
from config.asgi import application
from crypto.errors import Ct1Error
from crypto.messages import parse_wire
from live import registry
from live.ready import Ready
from tests.config.doors import frames, inbound, rows
from tests.config.house import House
from tests.config.recorder import overhearing
from tests.config.samples import Sampler, spoiled
from tests.config.test_every_door import counts, take_all
from tests.messaging.cast import make_cast
from tests.messaging.house import Person, now_ms
from tests.messaging.socket import sockets
from wire.base import Frame, b64, unb64
from wire.errors import Close, Code, ConsiliumError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server, pytest.mark.timeout(300)]

HANDLED = sorted(registry.type_of(one) for one in registry.registered_frames())
DECIDED_AT_THE_COMMIT = {"message.new": "message.post"}
"""Who is told is decided when these are written (decisions/0012); tests/messaging/test_delivery.py asks who is."""
GUARDED = sorted(kind for kind in frames() if registry.is_guarded(kind))


@dataclass(eq=False)
class Device:
    """A connection as a handler sees it, which keeps what is sent to it."""

    user_id: UUID
    device: bytes
    session_key: str = ""
    sent: list[Frame] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def send_frame(self, frame: Frame) -> None:
        self.sent.append(frame)
        self.told.set()

    def write(self, ready: Ready) -> None:
        raw = json.loads(ready.text)
        self.sent.append(frames()[raw["type"]].model_validate(raw))
        self.told.set()

    async def close(self, code: int | None = None) -> None:
        raise AssertionError("nothing here ends a socket")


@pytest.fixture(autouse=True)
def no_forwarder(tmp_path: Path) -> Iterator[None]:
    """A media plane whose forwarder is away: what is asked here comes before it."""
    plane = EmbeddedPlane(tmp_path / "sfu.sock", lambda event: None)
    planes.use_plane(plane)
    yield
    plane.close()
    planes.use_plane(None)


@pytest.fixture
def house() -> House:
    return House(make_cast())


def frame_of(house: House, kind: str, person: Person) -> dict[str, object]:
    """A good frame of a kind, from this person's device, about Maya's thread and room."""
    schema = frames()[kind].model_json_schema()
    names = {"thread": house.ids["thread_id"], "session": house.ids["session_id"], "device": b64(person.device)}
    ids = {**house.ids, **names}
    made: dict[str, object] = Sampler(schema, ids).value(schema)
    if kind == "message.post":
        sealed = house.case.seal(person, thread=unb64(house.ids["thread_id"]))
        made |= {"wire": b64(sealed), "id": b64(parse_wire(sealed).header.msg_id)}
    if kind == "room.connect":
        grant = make_grant(unb64(house.ids["room"]), person.id, person.device, now_ms())
        made["ticket"] = seal_ticket(forwarder_key(), grant)
    return {**made, "type": kind}


async def hand_in(house: House, kind: str, person: Person) -> str:
    """What a frame comes to: the code of its refusal, or the type of its answer."""
    found = registry.handler_of(kind)
    assert found is not None
    frame, function = found
    device = Device(person.user.pk, person.device)
    try:
        answer = await function(device, frame.model_validate(await sync_to_async(frame_of)(house, kind, person)))
    except ConsiliumError as refusal:
        return str(refusal.code)
    if answer is None:
        await asyncio.wait_for(device.told.wait(), 10)
    last = answer or device.sent[-1]
    return str(getattr(last, "code", "") or getattr(last, "type", ""))


def test_every_frame_makes_the_decision_that_its_row_claims(house: House) -> None:
    for kind in HANDLED:
        claimed = rows()[f"frame {kind}"].actions
        with overhearing() as questions:
            async_to_sync(hand_in)(house, kind, house.cast.elena)
        assert claimed <= {action for action, _ in questions}, kind


async def test_hello_and_ping_ask_of_every_thread(cast_house: House) -> None:
    with overhearing() as questions:
        async with sockets(cast_house.cast.elena) as (elena,):
            assert {action for action, _ in questions} == rows()["frame hello"].actions
            questions.clear()
            await elena.is_served()
            assert {action for action, _ in questions} <= rows()["frame ping"].actions


@pytest.fixture
def cast_house(transactional_db: None) -> House:
    return House(make_cast())


def test_every_frame_refuses_the_outsider_alike_for_what_is_there_and_what_is_not(house: House) -> None:
    before = counts()
    for kind in HANDLED:
        there = async_to_sync(hand_in)(house, kind, house.cast.chidi)
        assert there in (Code.NOT_FOUND, Code.REFUSED), f"{kind}: {there}"
        house.ids, there_ids = {**house.ids, **house.absent}, house.ids
        absent = async_to_sync(hand_in)(house, kind, house.cast.chidi)
        house.ids = there_ids
        assert absent == there, f"{kind} tells what is there from what is not"
    assert counts() == before


def test_every_frame_refuses_a_member_whose_permission_was_withdrawn(house: House) -> None:
    take_all(house, house.cast)
    before = counts()
    for kind in HANDLED:
        if rows()[f"frame {kind}"].actions:
            assert async_to_sync(hand_in)(house, kind, house.cast.samuel) == Code.NOT_FOUND, kind
    assert counts() == before


async def test_a_socket_without_a_session_is_closed() -> None:
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    stranger = WebsocketCommunicator(application, "/ws", headers=headers)
    assert (await stranger.connect())[0]
    ended = await stranger.receive_output(10)
    assert (ended["type"], ended["code"]) == ("websocket.close", Close.SIGNED_OUT)


def asked_to_deliver(house: House, kind: str, person: Person) -> tuple[bool, set[str]]:
    """Whether a push may still be written to a person, and what was decided for it."""
    text = json.dumps(frame_of(house, kind, person))
    with overhearing() as questions:
        may = registry.may_receive(kind, person.user.pk, text)
    return may, {action for action, _ in questions}


def test_every_push_with_a_decision_is_guarded_and_its_guard_makes_it(house: House) -> None:
    for kind in frames().keys() - inbound().keys():
        row = rows()[f"push {kind}"]
        guarded = registry.is_guarded(kind) or kind in DECIDED_AT_THE_COMMIT
        assert bool(row.actions) <= guarded, f"{kind} claims a decision and has no guard"
    for kind, written_by in DECIDED_AT_THE_COMMIT.items():
        with overhearing() as questions:
            async_to_sync(hand_in)(house, written_by, house.cast.elena)
        assert rows()[f"push {kind}"].actions <= {action for action, _ in questions}, kind
    enter(house)
    for kind in GUARDED:
        assert asked_to_deliver(house, kind, house.cast.elena)[1] == rows()[f"push {kind}"].actions, kind


def enter(house: House) -> None:
    """Elena and Samuel are in the call, so that every guard comes as far as the decision."""
    house.room.admissions.update(state="connected", device=house.cast.elena.device)


def test_no_guard_lets_anything_through_to_the_outsider_or_the_withdrawn(house: House) -> None:
    enter(house)
    take_all(house, house.cast)
    for kind in GUARDED:
        assert not asked_to_deliver(house, kind, house.cast.chidi)[0], kind
        if rows()[f"push {kind}"].actions:
            assert not asked_to_deliver(house, kind, house.cast.samuel)[0], kind


async def try_hostile(house: House, kind: str) -> None:
    """Each hostile frame that its declaration lets through comes to a refusal or an answer, never to an error."""
    declared, function = registry.handler_of(kind) or pytest.fail(kind)
    device = Device(house.cast.elena.user.pk, house.cast.elena.device)
    for _, _, body in spoiled(await sync_to_async(frame_of)(house, kind, house.cast.elena)):
        try:
            await function(device, declared.model_validate(body))
        except (ValidationError, ConsiliumError, Ct1Error):
            continue
    assert all(getattr(frame, "code", "") != Code.INTERNAL for frame in device.sent)


def test_no_value_in_any_frame_makes_its_handler_fail(house: House) -> None:
    for kind in HANDLED:
        async_to_sync(try_hostile)(house, kind)


async def test_a_socket_outlives_what_it_cannot_read(cast_house: House) -> None:
    texts = ["[]", "null", "{", '{"type": 1}', '{"type": "hello\\u0000"}', "[" * 100_000, '{"type": "\\ud800"}',
             '{"type": "ping", "id": 1e999}', '{"type": "room.knock", "id": "\\ud800"}']  # fmt: skip
    async with sockets(cast_house.cast.elena) as (elena,):
        for text in texts:
            await elena.say(text)
        await elena.is_served()
        assert len(elena.of("error")) == len(texts)
        assert {frame["code"] for frame in elena.of("error")} <= {Code.BAD_FRAME, Code.UNKNOWN_FRAME}
