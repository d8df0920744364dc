"""An Api whose answers are changed on the way, for a test of one client that is deceived in one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from client import account as accounts
from client.account import Account
from client.api import Answer, Api
from tests.client.people import PASSWORD, Person
from tests.server import Server
from wire.base import Body
from wire.messaging import LogPage, SignedLogEntry

Lie = Callable[[Body], Body]


@dataclass
class Liar:
    """What becomes of an answer, by its kind."""

    lies: dict[type[Body], Lie] = field(default_factory=dict)


class LyingApi(Api):
    liar = Liar()

    async def request(
        self,
        method: str,
        path: str,
        body: Body | None,
        answer: type[Answer],
        *,
        params: dict[str, str | int] | None = None,
    ) -> Answer:
        honest = await super().request(method, path, body, answer, params=params)
        lie = self.liar.lies.get(cast(type[Body], answer))
        return honest if lie is None else cast(Answer, lie(cast(Body, honest)))


async def deceived(server: Server, person: Person) -> tuple[Account, Liar]:
    """The same person on a new device, whose answers may be lies."""
    api = LyingApi(server.address)
    api.liar = Liar()
    return await accounts.sign_in(api, email=person.email, password=PASSWORD), api.liar


def entries(change: Callable[[list[SignedLogEntry]], list[SignedLogEntry]]) -> Lie:
    """Another log than the true one."""

    def lie(page: Body) -> Body:
        assert isinstance(page, LogPage)
        changed = change(page.entries)
        return page.model_copy(update={"entries": changed, "seq": page.first + len(changed) - 1})

    return lie
