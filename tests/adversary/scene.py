"""The true story that is lied about, and the story that the proxy tells of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from client.threads import open_thread
from crypto.log import Directory, replay
from crypto.state import ThreadState
from tests.adversary.proxy import LyingProxy
from tests.client.people import Person
from tests.client.test_threads import Case
from wire.base import Body, b64
from wire.messaging import LogPage, MessageOut, MessagePage, SealOut, SignedLogEntry, ThreadKeys, ThreadSeals
from wire.people import KeptPins, LoginParameters, MyKeys, PersonKeys

WORDS = ("How did you sleep?", "Did you take it?", "Then let us go on.")
_OF_THREAD = re.compile(r"^/api/threads/([\w-]{43})/(log|messages|keys|seals)$")
Answer = TypeVar("Answer", bound=Body)


@dataclass
class Story:
    """What Maya is told: of one thread, and of herself where it is not None."""

    thread: bytes
    log: list[SignedLogEntry]
    messages: list[MessageOut]
    people: list[PersonKeys]
    seals: list[SealOut]
    mine: MyKeys | None = None
    pins: KeptPins | None = None
    parameters: LoginParameters | None = None
    pushed: Callable[[bytes], bytes] | None = None
    """What becomes of the wire of a message that is pushed."""

    def answer(self, path: str, query: dict[str, str]) -> str | None:
        """What the proxy says in place of the server; None where it passes the truth on."""
        named = _OF_THREAD.match(path)
        if named and named[1] == b64(self.thread):
            return self._of_thread(named[2], query).model_dump_json()
        own = {
            "/api/keys/mine": self.mine,
            "/api/keys/pins": self.pins,
            "/api/login-parameters": self.parameters,
        }.get(path)
        return own.model_dump_json() if own else None

    def _of_thread(self, what: str, query: dict[str, str]) -> Body:
        if what == "log":
            after = int(query["after"])
            head = bytes(32)
            return LogPage(entries=self.log[after + 1 :], first=after + 1, seq=len(self.log) - 1, head=head)
        if what == "messages":
            after, before = int(query.get("after", 0)), int(query.get("before", 2**40))
            told = [one for one in self.messages if after < one.seq < before]
            return MessagePage(messages=told, head=len(self.messages), floor=0, own_only=False)
        return ThreadKeys(people=self.people) if what == "keys" else ThreadSeals(seals=self.seals)


@dataclass
class Scene:
    """Elena and Maya, a thread in which Elena wrote WORDS, and the proxy before Maya."""

    case: Case
    proxy: LyingProxy

    @property
    def maya(self) -> Person:
        return self.case.maya

    @property
    def elena(self) -> Person:
        return self.case.elena

    @property
    def thread(self) -> bytes:
        return self.case.thread.id

    async def truth(self) -> Story:
        """What an honest server gives Maya now."""
        return await self.truth_of(self.thread)

    async def truth_of(self, thread: bytes) -> Story:
        api, path = self.maya.api, f"/threads/{b64(thread)}"
        log = await api.get(f"{path}/log", LogPage, {"after": -1})
        messages = await api.get(f"{path}/messages", MessagePage, {"after": 0, "limit": 200})
        keys, seals = await api.get(f"{path}/keys", ThreadKeys), await api.get(f"{path}/seals", ThreadSeals)
        return Story(thread, log.entries, messages.messages, keys.people, seals.seals)

    async def elenas(self) -> tuple[ThreadState, Directory, dict[int, bytes]]:
        """The state, directory and epoch keys of Elena's client, who is honest and deceived in nothing."""
        held = await open_thread(self.elena.account, self.thread)
        return held.state, held.directory, dict(held.epoch_keys)

    async def state_at(self, seq: int) -> tuple[ThreadState, Directory]:
        """The true log's state after an entry."""
        held = await open_thread(self.elena.account, self.thread)
        return replay(held.entries[: seq + 1], held.directory, held.state.ts), held.directory
