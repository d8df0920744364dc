"""A load generator: so many messages into one thread from several devices, and how long each took to have its place.

    python -m examples.load https://consilium.example elena@clinic.example THREAD --devices 4 --messages 1000

The password comes from CONSILIUM_PASSWORD. One line of JSON at the end; a message that did not arrive exactly once is
an error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence

from client import account as accounts
from client.account import Account
from client.api import Api
from client.device import Device
from client.threads import open_thread
from wire.base import unb64


async def write(device: Device, thread: bytes, count: int) -> list[float]:
    """Seconds from the word to its place in the thread, for each message, one after the other."""
    taken = []
    for number in range(count):
        begun = time.perf_counter()
        await device.posted(device.say(thread, f"load {number}"))
        taken.append(time.perf_counter() - begun)
    return taken


async def load(people: Sequence[Account], thread: bytes, messages: int) -> dict[str, float]:
    """Everybody writes at once; milliseconds at the median and at 99 of 100, and messages a second."""
    devices = [Device(one) for one in people]
    each = messages // len(devices)
    for device in devices:
        await device.__aenter__()
    try:
        begun = time.perf_counter()
        runs = await asyncio.gather(*(write(device, thread, each) for device in devices))
        taken = sorted(seconds for run in runs for seconds in run)
        seconds = time.perf_counter() - begun
    finally:
        for device in devices:
            await device.__aexit__(None, None, None)
    at = [taken[int(len(taken) * part)] * 1000 for part in (0.5, 0.99)]
    return {
        "messages": len(taken),
        "p50_ms": round(at[0], 1),
        "p99_ms": round(at[1], 1),
        "a_second": round(len(taken) / seconds, 1),
    }


async def main(arguments: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m examples.load")
    asked.add_argument("address")
    asked.add_argument("email")
    asked.add_argument("thread")
    asked.add_argument("--devices", type=int, default=4)
    asked.add_argument("--messages", type=int, default=1000)
    given = asked.parse_args(arguments)
    password, thread = os.environ["CONSILIUM_PASSWORD"], unb64(given.thread)
    people = [
        await accounts.sign_in(Api(given.address), email=given.email, password=password) for _ in range(given.devices)
    ]
    before = len(await (await open_thread(people[0], thread)).read())
    figures = await load(people, thread, given.messages)
    after = len(await (await open_thread(people[0], thread)).read())
    print(json.dumps(figures | {"lost": before + figures["messages"] - after}))
    return 0 if after == before + figures["messages"] else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
