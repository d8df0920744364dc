"""A hostile value in every field, query and address of every door, one at a time: a stable code, never a failure."""

from __future__ import annotations

import json
import random
import re
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.config.doors import operations
from tests.config.house import House, signed_in
from tests.config.samples import HOSTILE, HOSTILE_IN_ADDRESS, spoiled
from tests.messaging.cast import make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server, pytest.mark.timeout(400)]

BUDGET_S = 30
"""For each of the two."""
ENDING = {"/sign-out-everywhere"}
Attempt = tuple[str, str, object]


def attempts(house: House, method: str, path: str) -> Iterator[Attempt]:
    """(what is hostile, address, body) of each."""
    good, address = house.body(method, path), house.address(path, house.ids)
    yield "nothing", address, good
    for name in re.findall(r"\{(\w+)\}", path):
        for hostile in HOSTILE_IN_ADDRESS:
            yield f"{name} in the path", house.address(path.replace(f"{{{name}}}", hostile), house.ids), good
    for parameter in house.schema["paths"][f"/api{path}"][method.lower()].get("parameters", []):
        if parameter["in"] == "query":
            for sent in (*_as_text(), *HOSTILE_IN_ADDRESS):
                yield f"?{parameter['name']}", f"{address}?{parameter['name']}={sent}", good
    if good is not None:
        for at, value, body in spoiled(good):
            yield f"{at} = {value!r:.30}", address, body


def _as_text() -> Iterator[str]:
    for hostile in HOSTILE:
        if isinstance(hostile, str | int | float) and hostile != "\ud800":
            yield urllib.parse.quote(str(hostile))


def code_of(answer: Any) -> str:
    """The stable code of a refusal, in the form of the door: ours, allauth's or FHIR's."""
    body = json.loads(answer.content)
    issues = body.get("issue") or body.get("errors") or [body]
    return str(issues[0].get("code", ""))


def in_turn(house: House) -> Iterator[tuple[str, str, Attempt]]:
    """Each door's attempts in an order of its own, door after door: time that runs out is missed by all alike."""
    waiting = []
    for method, path in operations():
        if path not in ENDING:
            each = list(attempts(house, method, path))
            random.Random(f"{method} {path}").shuffle(each)
            waiting.append([(method, path, attempt) for attempt in each])
    for row in zip_longest(*waiting):
        yield from filter(None, row)


def try_all(house: House, client: Client, wrong: Counter[str], until: float) -> int:
    asked = 0
    for method, path, (what, address, body) in in_turn(house):
        if time.monotonic() > until:
            break
        asked += 1
        with transaction.atomic():
            sent = json.dumps(body) if body is not None else ""
            answer = client.generic(method, address, data=sent, content_type="application/json")
            transaction.set_rollback(True)
        if answer.status_code >= 500 or (answer.status_code >= 400 and not code_of(answer)):
            wrong[f"{method} {path}: {what}: {answer.status_code}"] += 1
    return asked


@pytest.mark.parametrize("name", ["elena", "maya"])
def test_no_value_anywhere_makes_the_server_fail(name: str) -> None:
    house = House(make_cast())
    wrong: Counter[str] = Counter()
    asked = try_all(house, signed_in(getattr(house.cast, name)), wrong, time.monotonic() + BUDGET_S)
    assert sorted(wrong) == []
    assert asked > 3 * len(operations()), "too few were asked in time to say anything"
