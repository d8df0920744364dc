"""The store dead, and the store frozen: every door refuses in words, nothing hangs, and all comes back by itself."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from client.account import Account
from client.api import Api
from client.errors import ApiError, Unreachable
from client.live import Live
from client.threads import Thread, open_thread
from conference.media.server import UNCHECKED_S
from conference.plane import EmbeddedPlane
from crypto.primitives import random_bytes
from live.registry import handler_of
from tests.config.doors import operations, rows
from tests.server import Server
from tests.services import Service, fresh_database, start_postgres, start_redis
from tests.system.calls import Beating, all_hear, forwarder
from tests.system.case import Scene, begin_scene, enter_call
from tests.system.workers import second_worker
from wire.base import b64
from wire.conference import RoomAdmit, RoomKnock
from wire.live import Ping
from wire.messaging import MessageNew
from wire.people import Me

CODE = "PDP_UNAVAILABLE"
PATIENCE_S = 12
"""No single answer may take longer, the first of an outage included (five seconds for the store, and slow machines)."""
BACK_S = 20

pytestmark = [pytest.mark.server, pytest.mark.timeout(400)]


def without_store() -> set[tuple[str, str]]:
    """Doors that show what is everybody's, or to the signed-out refuse an empty body before anything is asked."""
    listed = rows()
    return {
        door for door in operations() if listed[f"{door[0]} /api{door[1]}"].place.startswith(("none", "whoever holds"))
    }


@dataclass
class House:
    """The product on a store and a fan-out of its own, and a second worker."""

    postgres: Service
    redis: Service
    server: Server
    other: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    postgres, redis = start_postgres(), start_redis()
    settings = {
        "CONSILIUM_DATABASE_URL": fresh_database(postgres.url),
        "CONSILIUM_REDIS_URL": redis.url,
        "CONSILIUM_WORKERS": "1",
        "CONSILIUM_LOG_FORMAT": "json",
    }
    server = Server(tmp_path_factory.mktemp("house"), settings)
    try:
        for organisation, role in (("Riverside", "therapist"), ("Northgate", "psychiatrist")):
            server.staff_code(organisation, role)
        with second_worker(server) as other, forwarder(server):
            yield House(postgres, redis, server, other)
    finally:
        server.stop()


@contextmanager
def dead(service: Service) -> Iterator[None]:
    service.kill()
    try:
        yield
    finally:
        service.start()


@contextmanager
def frozen(service: Service) -> Iterator[None]:
    service.freeze()
    try:
        yield
    finally:
        service.thaw()


Outage = Callable[[Service], "object"]
OUTAGES = pytest.mark.parametrize("outage", [dead, frozen])


Answer = TypeVar("Answer")


async def within(seconds: float, asking: Awaitable[Answer]) -> Answer:
    began = time.monotonic()
    try:
        return await asyncio.wait_for(asking, seconds)
    except TimeoutError:
        raise AssertionError(f"no answer after {time.monotonic() - began:.1f} s") from None


async def ask(client: Api, method: str, path: str, scene: Scene) -> tuple[int, str]:
    """Status and code of one door, with ids that are there."""
    ids = {"thread_id": b64(scene.case.thread.id), "session_id": b64(scene.running)}
    address = re.sub(r"\{(\w+)\}", lambda found: ids.get(found.group(1), b64(random_bytes(16))), path)
    answer = await within(PATIENCE_S, client._send(method, address, "{}" if method != "GET" else None))
    return answer.status_code, CODE if CODE in answer.text else ""


async def every_door_refuses(scene: Scene) -> None:
    client = scene.case.elena.api
    answers = {door: await ask(client, door[0], f"/api{door[1]}", scene) for door in operations()}
    assert {door: answer for door, answer in answers.items() if answer != (503, CODE)}.keys() <= without_store()
    assert await ask(client, "GET", "/_allauth/browser/v1/auth/session", scene) == (503, CODE)
    assert await ask(client, "GET", scene.feed, scene) == (503, CODE)
    assert (await ask(client, "GET", "/readyz", scene))[0] == 503
    assert (await ask(client, "GET", "/healthz", scene))[0] == 200


async def refused(asking: Awaitable[object]) -> None:
    with pytest.raises(ApiError) as refusal:
        await within(PATIENCE_S, asking)
    assert refusal.value.code == CODE


async def every_frame_refuses(live: Beating, thread: Thread, room: bytes) -> None:
    await refused(thread.post(live, "Nobody may read this."))
    knock = RoomKnock(id=random_bytes(16), room=room, device=live._api.device)
    await refused(live.ask(knock, b64(knock.id)))
    admit = RoomAdmit(id=random_bytes(16), room=room, user=random_bytes(16))
    await refused(live.ask(admit, b64(admit.id)))
    assert handler_of("room.knock") is not None
    await live._socket.send(Ping(id=77).model_dump_json())


async def no_socket_opens(account: Account) -> None:
    live = Live(account.api)
    await refused(live.open())


async def comes_back(scene: Scene) -> None:
    """Without anybody's help: the same session, a new socket, a message."""
    deadline = time.monotonic() + BACK_S
    while True:
        try:
            await scene.case.elena.api.get("/me", Me)
            await scene.say("Here again.")
            return
        except (ApiError, Unreachable):
            assert time.monotonic() < deadline, "the product did not come back"
            await asyncio.sleep(0.2)


@asynccontextmanager
async def socket_of(account: Account) -> AsyncIterator[Beating]:
    live = Beating(account)
    await live.open()
    try:
        yield live
    finally:
        await live.close()


@OUTAGES
async def test_every_door_refuses_while_the_store_is_away(house: House, outage: Outage) -> None:
    scene = await begin_scene(house.server, house.other)
    thread = await open_thread(scene.case.elena.account, scene.case.thread.id)
    async with socket_of(scene.case.elena.account) as live, socket_of(scene.here) as samuel:
        with outage(house.postgres):  # type: ignore[attr-defined]  # a context manager
            await every_door_refuses(scene)
            await every_frame_refuses(live, thread, scene.running)
            await no_socket_opens(scene.case.maya.account)
            assert [push for push in samuel.pushed if push["type"] == "message.new"] == []
        await comes_back(scene)
        assert isinstance(await samuel.next_push(PATIENCE_S), MessageNew)


async def present(plane: EmbeddedPlane, room: bytes) -> int:
    # Not on the threads of the database: their connections are another test's.
    rooms = await asyncio.to_thread(plane.stats, room)
    return sum(person.present for one in rooms for person in one.people)


@OUTAGES
async def test_a_call_whose_consent_cannot_be_asked_stops(house: House, outage: Outage, tmp_path: Path) -> None:
    scene = await begin_scene(house.server, house.other)
    plane = EmbeddedPlane(house.server.data / "sfu.sock", lambda event: None)
    try:
        async with scene.callers(scene.running) as callers:
            await enter_call(callers)
            await all_hear(callers)
            # A call that is covered outlives the time after which silence ends it.
            await asyncio.sleep(UNCHECKED_S + 2)
            assert await present(plane, scene.running) == len(callers)
            with outage(house.postgres):  # type: ignore[attr-defined]  # a context manager
                deadline = time.monotonic() + UNCHECKED_S + 5
                while await present(plane, scene.running):
                    assert time.monotonic() < deadline, "packets are forwarded that nobody may receive"
                    await asyncio.sleep(0.1)
                await refused(callers[2].knock())
            await comes_back(scene)
    finally:
        plane.close()


@OUTAGES
async def test_without_the_fan_out_nothing_hangs_and_decisions_stand(house: House, outage: Outage) -> None:
    scene = await begin_scene(house.server, house.other)
    with outage(house.redis):  # type: ignore[attr-defined]  # a context manager
        await within(PATIENCE_S, scene.case.elena.api.get("/me", Me))
        await within(PATIENCE_S, open_thread(scene.there, scene.case.thread.id))
        await within(PATIENCE_S, scene.withdraw())
        with pytest.raises(ApiError) as refusal:
            await within(PATIENCE_S, open_thread(scene.there, scene.case.thread.id))
        assert refusal.value.code == "not_found"
        if outage is dead:
            # Frozen it takes a subscription without a word: the socket opens, and its heartbeats carry what is new.
            await no_socket_opens(scene.case.maya.account)
    await comes_back(scene)
