"""The same faults on real sockets: two web workers, PostgreSQL and Redis, each of which may be killed at any moment."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from client import account as accounts
from client.account import Account
from client.api import Answer, Api
from client.device import Device
from client.errors import Closed, Unreachable
from client.line import Line, dial
from config.environment import ROOT
from tests.client.people import PASSWORD, Person
from tests.product import wait_for
from tests.server import Server
from tests.services import Service, free_port, fresh_database, start_postgres, start_redis
from tests.soak.weather import Road, Weather
from wire.base import Body


class Worker:
    """One web process with an address of its own, to be killed and started again."""

    def __init__(self, server: Server) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {**server.environment, "PORT": str(self.port), "CONSILIUM_WORKERS": "1"}
        self._log = server.data / f"worker-{self.port}.log"
        self.start()
        wait_for(f"{self.address}/readyz", 60)

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "config.serve_web"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(15)


@dataclass
class House:
    """Everything that can die."""

    postgres: Service
    redis: Service
    server: Server
    workers: list[Worker]


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """Two workers on a store and a fan-out of their own."""
    postgres, redis = start_postgres(), start_redis()
    settings = {
        "CONSILIUM_DATABASE_URL": fresh_database(postgres.url),
        "CONSILIUM_REDIS_URL": redis.url,
        "CONSILIUM_WORKERS": "1",
    }
    server = Server(folder, settings)
    workers: list[Worker] = []
    try:
        for organisation, role in (("Riverside", "therapist"), ("Northgate", "psychiatrist")):
            server.staff_code(organisation, role)
        workers += [Worker(server), Worker(server)]
        yield House(postgres, redis, server, workers)
    finally:
        for worker in workers:
            worker.kill()
        server.stop()
        redis.end()
        postgres.end()


@dataclass
class Sky:
    """The weather over all connections of one schedule."""

    chance: Random
    weather: Weather


class StormyLine:
    """A real connection whose frames go through the weather in both directions."""

    def __init__(self, line: Line, sky: Sky) -> None:
        loop = asyncio.get_running_loop()
        self._line, self._is_open = line, True
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._sent: set[asyncio.Task[None]] = set()

        def road(out: Callable[[str], None]) -> Road:
            return Road(loop.call_later, loop.time, sky.chance, lambda: sky.weather, out, self.abort)

        self._up, self._down = road(self._send), road(self._inbox.put_nowait)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            while True:
                self._down.put(await self._line.receive())
        except Closed:
            self.abort()

    def _send(self, text: str) -> None:
        task = asyncio.create_task(self._hand_over(text))
        self._sent.add(task)
        task.add_done_callback(self._sent.discard)

    async def _hand_over(self, text: str) -> None:
        with suppress(Closed):
            await self._line.send(text)

    async def send(self, text: str) -> None:
        if not self._is_open:
            raise Closed
        self._up.put(text)

    async def receive(self) -> str:
        text = await self._inbox.get()
        if text is None:
            self._inbox.put_nowait(None)
            raise Closed
        return text

    async def close(self) -> None:
        self.abort()
        with suppress(Exception):
            await self._line.close()

    def abort(self) -> None:
        if self._is_open:
            self._is_open = False
            self._inbox.put_nowait(None)
            self._reading.cancel()
            # What is on its way still goes out over the old connection, while the next one is made.
            asyncio.get_running_loop().call_later(1.0, self._line.abort)


class StormyApi(Api):
    """Requests that get lost before the server, or whose answers get lost behind it."""

    sky: Sky | None = None

    async def request(
        self,
        method: str,
        path: str,
        body: Body | None,
        answer: type[Answer],
        *,
        params: dict[str, str | int] | None = None,
    ) -> Answer:
        sky = self.sky
        if sky is None:
            return await super().request(method, path, body, answer, params=params)
        lost = sky.weather.drop + sky.weather.cut
        if sky.chance.random() < lost / 2:
            raise Unreachable("lost on the way there")
        answered = await super().request(method, path, body, answer, params=params)
        if sky.chance.random() < lost / 2:
            raise Unreachable("lost on the way back")
        return answered


async def signed_in(worker: Worker, person: Person) -> Account:
    """A person at a worker, on a new device."""
    return await accounts.sign_in(StormyApi(worker.address), email=person.email, password=PASSWORD)


def under(sky: Sky, account: Account) -> Device:
    """A device of this account whose every frame and request goes through the weather."""

    async def stormy(api: Api) -> Line:
        if sky.chance.random() < sky.weather.cut:
            raise Unreachable("no connection")
        return StormyLine(await dial(api), sky)

    assert isinstance(account.api, StormyApi)
    account.api.sky = sky
    return Device(account, dialling=stormy)
