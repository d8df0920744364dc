"""From the patient's withdrawal to the last packet that the forwarder sends to the one who was withdrawn.

A call of four with real sockets, DTLS and SRTP; the withdrawal takes the product's own road: signed revocation,
commit, signal, cut. Server, forwarder and people share one process here, which makes the figure worse than it is.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figure import Figure, percentile

if TYPE_CHECKING:
    from tests.conference.cast import Cast
    from tests.conference.stage import Seat, Stage

TRIALS, EVERY_SECONDS, AFTER_SECONDS = 20, 0.005, 0.4


def _prepare(folder: str) -> None:
    """Django on an empty database of its own."""
    os.environ["CONSILIUM_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    call_command("migrate", verbosity=0)


def _cast() -> Cast:
    """The cast anew; those of the trial before keep their rows under other names."""
    from people.models import Organisation, User
    from tests.conference.cast import make_cast

    for organisation in Organisation.objects.all():
        Organisation.objects.filter(pk=organisation.pk).update(name=secrets.token_hex(8))
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{secrets.token_hex(8)}@bench.consilium")
    return make_cast()


async def _speak(seats: list[Seat]) -> None:
    while True:
        for seat in seats:
            if seat.peer is not None:
                seat.peer.send("audio", b"sealed")
        await asyncio.sleep(EVERY_SECONDS)


async def _withdraw(act: Stage, cast: Cast) -> float:
    """Milliseconds from the withdrawal's request to the last packet forwarded to Samuel."""
    from live.threads import in_database_thread

    seats = [await act.sit(person) for person in (cast.elena, cast.samuel, cast.tom, cast.maya)]
    for seat in seats:
        await seat.enter(seats[0])
    await act.talk(*seats)
    speaking = asyncio.ensure_future(_speak(seats))
    await asyncio.sleep(0.2)
    asked = time.time() * 1000
    await in_database_thread(cast.withdraw, cast.samuel)
    await asyncio.sleep(AFTER_SECONDS)
    speaking.cancel()
    rooms = await in_database_thread(act.plane.stats, act.room.pk.bytes)
    last = {person.user: person.last_forwarded for person in rooms[0].people}
    if min(last[person.id] for person in (cast.elena, cast.tom, cast.maya)) < asked + AFTER_SECONDS * 500:
        raise RuntimeError("the others were cut off too")
    return float(last[cast.samuel.id] - asked)


async def _trial() -> float:
    from live.threads import in_database_thread
    from tests.conference.stage import make_room, stage

    cast = await in_database_thread(_cast)
    thread = await in_database_thread(lambda: cast.thread)
    others = [person.user for person in (cast.samuel, cast.tom, cast.maya)]
    room = await in_database_thread(make_room, thread, cast.elena.user, others)
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder), room) as act:
            return await _withdraw(act, cast)


async def _trials(count: int) -> list[float]:
    return [await asyncio.wait_for(_trial(), 60) for _ in range(count)]


def figures(trials: int = TRIALS) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        _prepare(folder)
        took = asyncio.run(_trials(trials))
    of: dict[str, int | float | str] = {"trials": trials, "people": 4}
    yield Figure("withdrawal.to_last_packet.p50", percentile(took, 0.5), "ms", of)
    yield Figure("withdrawal.to_last_packet.max", max(took), "ms", of)
