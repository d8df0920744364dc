"""Who asks in the same moment is asked about together, and each gets their own answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from live import registry
from live.heads import AT_ONCE, heads_of
from wire.errors import Unavailable

# The pool's threads tidy up database connections, which a test must be allowed to have.
pytestmark = pytest.mark.django_db(transaction=True)


class Provider:
    """Answers each with a thread of their own name, once it is let."""

    def __init__(self) -> None:
        self.asked: list[list[UUID]] = []
        self.begun, self.may_answer = threading.Event(), threading.Event()
        self.fails = False

    def __call__(self, users: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
        self.asked.append(list(users))
        self.begun.set()
        self.may_answer.wait(10)
        if self.fails:
            raise Unavailable("The store is away.")
        return {user: {user.hex: len(self.asked)} for user in users}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr(registry, "_heads", [made])
    return made


async def test_while_one_question_is_out_the_next_gathers(provider: Provider) -> None:
    people = [uuid4() for _ in range(10)]
    first = asyncio.create_task(heads_of(people[0]))
    assert await asyncio.to_thread(provider.begun.wait, 10)
    others = [asyncio.create_task(heads_of(person)) for person in people for _ in range(2)]
    await asyncio.sleep(0)
    provider.may_answer.set()
    assert await first == {people[0].hex: 1}
    assert await asyncio.gather(*others) == [{person.hex: 2} for person in people for _ in range(2)]
    assert [len(page) for page in provider.asked] == [1, 10]


async def test_a_question_has_a_bound(provider: Provider) -> None:
    provider.may_answer.set()
    answers = await asyncio.gather(*(heads_of(uuid4()) for _ in range(2 * AT_ONCE + 1)))
    assert len(answers) == 2 * AT_ONCE + 1
    assert max(len(page) for page in provider.asked) <= AT_ONCE


async def test_everybody_who_waits_hears_of_a_store_that_is_away_and_the_next_is_answered(provider: Provider) -> None:
    provider.may_answer.set()
    provider.fails = True
    answers = await asyncio.gather(*(heads_of(uuid4()) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    provider.fails = False
    person = uuid4()
    assert person.hex in await heads_of(person)
