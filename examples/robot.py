"""A robot that answers: whoever writes "on call?" in a thread of its account is told who is.

    python -m examples.robot https://consilium.example robot@clinic.example robot.outbox "Dr Elena Marsh"

The password comes from CONSILIUM_PASSWORD. It may be killed at any moment: each question is answered once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from client.device import Device, open_device
from client.threads import Opened
from crypto.primitives import digest
from crypto.tables import Label

QUESTION = "on call?"


def answer_id(question: Opened) -> bytes:
    """The answer's msg_id is made of the question's, so that one question has one answer whatever dies in between."""
    return digest(Label.LOCAL, b"on call" + question.msg_id)[:16]


async def answer(device: Device, who: str) -> None:
    """Answers for ever; raises ApiError when the session has ended."""
    async for thread, message in device.arrivals():
        if message.text.strip().lower() == QUESTION and message.sender != device.account.me.id:
            device.say(thread, f"{who} is on call.", msg_id=answer_id(message))
        # Only now: were it marked before, a robot that dies here would have forgotten the question.
        device.done(thread, message.seq)


async def main(address: str, email: str, outbox: str, who: str) -> None:
    async with await open_device(
        address, email=email, password=os.environ["CONSILIUM_PASSWORD"], outbox=Path(outbox)
    ) as device:
        await answer(device, who)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
