"""One schedule: people write on several devices while everything fails, then the weather clears and all must agree."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import cast

from client.api import Api
from client.delivery import Delivery
from client.errors import ApiError, Closed, Unreachable
from client.line import Line
from client.live import Live
from client.outbox import Draft, Outbox
from tests.soak.clock import VirtualLoop
from tests.soak.office import Office, Sealed, SimulatedLine
from tests.soak.weather import Weather, forecast
from wire.messaging import MessageAck, MessageOut, MessagePage

STORM_S, CALM_S = 40.0, 400.0
KEY = bytes(range(32))
CHUNK = 200


class Broken(AssertionError):
    """A promise that did not hold, with the seed that shows it again."""


@dataclass
class Outcome:
    """What one schedule came to, for the sum over all."""

    said: int = 0
    acknowledged: int = 0
    repeats_sent: int = 0
    crashes: int = 0
    resumes: dict[str, int] = field(default_factory=dict)


class Phone:
    """One device: an outbox that outlives the process, and a process that may die at any moment."""

    def __init__(self, name: int, office: Office, chance: Random, world: World) -> None:
        self.id = name.to_bytes(16, "big")
        self.office, self.chance, self.world = office, chance, world
        self.outbox = Outbox(":memory:", KEY, self.id)
        self.said: dict[bytes, list[bytes]] = {thread: [] for thread in office.shelves}
        self.acks: dict[bytes, MessageAck] = {}
        self.arrived: dict[bytes, list[tuple[int, bytes]]] = {}
        self.epochs: dict[bytes, int] = {}
        self.counter = 0
        self.delivery: Delivery | None = None
        self.resumes: list[str] = []

    # The Desk of delivery

    async def _request(self) -> None:
        """A request by HTTP: it, or its answer, may be lost."""
        now = self.world.weather
        await asyncio.sleep(self.chance.uniform(0.001, 0.01 + now.delay / 4))
        if self.chance.random() < now.drop + now.cut:
            raise Unreachable("lost")
        if not self.office.is_up:
            raise ApiError("PDP_UNAVAILABLE", "")
        if not any(worker.is_alive for worker in self.office.workers):
            raise Unreachable("nobody there")

    async def prepare(self, thread: bytes) -> None:
        await self._request()
        shelf = self.office.shelves[thread]
        shelf.owed = False
        self.epochs[thread] = shelf.epoch

    def seal(self, draft: Draft) -> tuple[bytes, int]:
        self.counter = max(self.counter, self.outbox.counter) + 1
        sealed = Sealed(self.epochs[draft.thread], self.counter, self.id, draft.msg_id, draft.body)
        return sealed.wire(), self.counter

    async def fetch(self, thread: bytes, after: int) -> MessagePage:
        await self._request()
        page = self.office.page(thread, after, self.chance.choice([1, 3, 200]))
        # The answer was read from the store, and is on its way for a while.
        await self._request()
        return page

    async def take(self, thread: bytes, message: MessageOut) -> bytes | None:
        if self.chance.random() < 0.2:
            await asyncio.sleep(self.chance.uniform(0, 0.05))
        sealed = Sealed.read(message.wire)
        self.arrived.setdefault(thread, []).append((message.seq, sealed.msg_id))
        return sealed.msg_id if sealed.device == self.id else None

    def gap(self, thread: bytes, first: int, last: int) -> None:
        raise Broken(f"a gap from {first} to {last} that an honest server cannot have")

    def lose(self, thread: bytes) -> None:
        raise Broken("a thread was lost")

    def restart(self, thread: bytes, head: int) -> None:
        raise Broken("a reset without a restore")

    # Its life

    async def _dial(self, api: Api) -> Line:
        await asyncio.sleep(self.chance.uniform(0.001, 0.02))
        alive = [worker for worker in self.office.workers if worker.is_alive]
        if not alive or self.chance.random() < self.world.weather.cut:
            raise Unreachable("no connection")
        return cast(Line, SimulatedLine(self.chance.choice(alive), self.chance, lambda: self.world.weather, Closed))

    def start(self) -> None:
        self.arrived = {}
        api = cast(Api, _Nameless(self.id))

        def connect(heads: Mapping[str, int]) -> Live:
            return Live(api, heads, dialling=self._dial)

        self.delivery = Delivery(connect, self, self.outbox, random=self.chance.random)
        self.delivery.start()

    async def die(self) -> None:
        if self.delivery is not None:
            self.resumes += self.delivery.resumes
            self.counter = 0
            await self.delivery.close()

    def say(self, thread: bytes, number: int) -> None:
        assert self.delivery is not None
        msg_id = self.id[8:] + number.to_bytes(8, "big")
        self.said[thread].append(msg_id)
        self.delivery.say(Draft(msg_id, thread, 1, bytes([number]), 0))

    def is_settled(self) -> bool:
        assert self.delivery is not None
        whole = all(self.delivery.course(name).held == len(one.rows) for name, one in self.office.shelves.items())
        return not self.outbox.drafts and whole


@dataclass(frozen=True)
class _Nameless:
    device: bytes


class World:
    """The weather, which everybody shares."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather


class Schedule:
    """Everything that a seed decides: people, words, weather, deaths and restarts."""

    def __init__(self, seed: int) -> None:
        self.seed, self.chance = seed, Random(seed)
        self.world = World(forecast(self.chance))
        self.office = Office(self.chance, [bytes([number]) * 32 for number in range(1, self.chance.choice([2, 3]))])
        self.phones = [Phone(n + 1, self.office, self.chance, self.world) for n in range(self.chance.choice([2, 3, 3]))]
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        """Raises Broken, with the seed, when a promise does not hold."""
        try:
            for phone in self.phones:
                phone.start()
            await self._storm()
            await self._clear()
            self._check()
        except Broken as broken:
            raise Broken(f"seed {self.seed}: {broken}") from broken
        finally:
            for phone in self.phones:
                await phone.die()
                phone.outbox.close()
        for phone in self.phones:
            for outcome in phone.resumes:
                self.outcome.resumes[outcome] = self.outcome.resumes.get(outcome, 0) + 1
        return self.outcome

    @property
    def misfortunes(self) -> list[Callable[[], Awaitable[None]]]:
        return [self._misfortune for _ in range(self.chance.randrange(0, 9))]

    async def _storm(self) -> None:
        loop, chance = asyncio.get_running_loop(), self.chance
        begin = loop.time()
        acts: list[Callable[[], Awaitable[None]]] = [
            partial(self._say, phone, n) for phone in self.phones for n in range(chance.randrange(1, 5))
        ]
        acts += self.misfortunes
        chance.shuffle(acts)
        moments = sorted(chance.uniform(0, STORM_S) if chance.random() < 0.7 else chance.uniform(0, 2) for _ in acts)
        for moment, act in zip(moments, acts, strict=True):
            await asyncio.sleep(max(0.0, begin + moment - loop.time()))
            await act()

    async def _say(self, phone: Phone, number: int) -> None:
        phone.say(self.chance.choice(list(self.office.shelves)), number)
        self.outcome.said += 1

    async def _misfortune(self) -> None:
        chance, office = self.chance, self.office
        later = asyncio.get_running_loop().call_later
        kind = chance.choice([0, 1, 2, 3, 3, 4, 4, 4, 5])
        if kind == 0:
            worker = chance.choice(office.workers)
            worker.kill()
            later(chance.uniform(0.1, 8), setattr, worker, "is_alive", True)
        elif kind == 1:
            office.is_up = False
            later(chance.uniform(0.1, 8), setattr, office, "is_up", True)
        elif kind == 2:
            office.fans_out = False
            later(chance.uniform(0.1, 12), setattr, office, "fans_out", True)
        elif kind == 3:
            shelf = chance.choice(list(office.shelves.values()))
            shelf.epoch += 1
        elif kind == 4:
            chance.choice(list(office.shelves.values())).owed = True
        else:
            phone = chance.choice(self.phones)
            await phone.die()
            await asyncio.sleep(chance.uniform(0, 1))
            phone.start()
        self.outcome.crashes += 1

    async def _clear(self) -> None:
        loop = asyncio.get_running_loop()
        self.world.weather = self.world.weather.calm
        deadline = loop.time() + CALM_S
        while not all(phone.is_settled() for phone in self.phones):
            if loop.time() > deadline:
                raise Broken(f"not settled after {CALM_S:.0f} s of calm: {self._state()}")
            await asyncio.sleep(1)
        # Whatever is still on its way may come now, and must change nothing.
        await asyncio.sleep(20)

    def _state(self) -> str:
        waits = [(n, [(d.msg_id.hex()[:6], d.failure) for d in p.outbox.drafts]) for n, p in enumerate(self.phones)]
        held = [{c.thread[0]: (c.held, c.code) for c in p.delivery.courses.values()} for p in self.phones if p.delivery]
        return f"outboxes {waits}, held {held}, heads {[len(s.rows) for s in self.office.shelves.values()]}"

    def _check(self) -> None:
        for thread, shelf in self.office.shelves.items():
            order = [(seq, Sealed.read(row).msg_id) for seq, row in enumerate(shelf.rows, 1)]
            names = [msg_id for _, msg_id in order]
            if len(set(names)) != len(names):
                raise Broken("a message is there twice")
            said = [msg_id for phone in self.phones for msg_id in phone.said[thread]]
            if sorted(said) != sorted(names):
                raise Broken(f"said {len(said)}, there are {len(names)}")
            for phone in self.phones:
                if phone.arrived.get(thread, []) != order:
                    raise Broken("a device has another order")
                if [name for name in names if name in set(phone.said[thread])] != phone.said[thread]:
                    raise Broken("a device's own messages changed places")
                self._check_acks(phone, dict((name, seq) for seq, name in order), thread)

    def _check_acks(self, phone: Phone, places: Mapping[bytes, int], thread: bytes) -> None:
        assert phone.delivery is not None
        for msg_id, ack in phone.delivery._acks.items():
            if ack.thread == thread:
                self.outcome.acknowledged += 1
                if places.get(msg_id) != ack.seq:
                    raise Broken("an acknowledged message is not where it was said to be")


class LateCopies(Schedule):
    """Connections break after the frame, which comes in seconds later, when its words had to be sealed anew."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.world.weather = Weather(cut=0.3, delay=8, in_order=False)

    @property
    def misfortunes(self) -> list[Callable[[], Awaitable[None]]]:
        return [self._owe for _ in range(60)]

    async def _owe(self) -> None:
        for shelf in self.office.shelves.values():
            shelf.owed = True


def run_schedule(seed: int, loop: VirtualLoop | None = None, kind: type[Schedule] = Schedule) -> Outcome:
    """Runs one schedule in virtual time; raises Broken."""
    own = loop or VirtualLoop()
    try:
        done = own.run_until_complete(kind(seed).run())
        if own.complaints:
            raise Broken(f"seed {seed}: {own.complaints[0]}")
        return done
    finally:
        if loop is None:
            own.close()


def run_chunk(first: int) -> tuple[list[Outcome], list[str]]:
    """A run of seeds on one loop; outcomes, and what broke."""
    loop, done, broken = VirtualLoop(), [], []
    for seed in range(first, first + CHUNK):
        try:
            done.append(run_schedule(seed, loop))
        except Broken as one:
            broken.append(str(one))
            loop = VirtualLoop()
    loop.close()
    return done, broken
