"""A member who never sleeps: `python -m client.custodian` gives an emergency its keys without a person at the keyboard.

Its account is a member like any other, whom the patient has let read and every other member sees. It writes no message
and, in a role that leads nothing, admits nobody. An emergency gets keys when two say so: the server, which holds the
declaration open, and the log, replayed by the rules of every client; where either does not, or a reader's key was
replaced, nothing is given and the code is told.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from client import account as accounts
from client.account import Account, now_ms
from client.api import Api
from client.errors import ApiError, Unreachable, Untrusted
from client.following import FIRST_WAIT, LONGEST_WAIT
from client.live import Live
from client.threads import Thread, list_threads
from crypto.emergency import EmergencyReader
from crypto.errors import Ct1Error
from wire.base import b64
from wire.errors import Close
from wire.messaging import ThreadChanged, ThreadSummary

TRIES = 6
"""How often one emergency is answered anew after a fault of the moment; some half a minute in all."""
OF_THE_MOMENT = frozenset({"busy", "too_many", "unavailable", "internal", "conflict"})
ENDED = frozenset({"signed_out", "outdated"})
FOR_GOOD = frozenset({Close.SIGNED_OUT, Close.FORBIDDEN_ORIGIN, Close.PROTOCOL})
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Answer:
    """What became of one thread's emergencies: who was given keys, or the code of why nobody was."""

    thread: bytes
    given: tuple[bytes, ...] = ()
    code: str = ""

    @property
    def matters(self) -> bool:
        return bool(self.given or self.code)


def without_keys(thread: Thread) -> list[EmergencyReader]:
    """Those who read in an emergency by the log and were not given the newest epoch."""
    state = thread.state
    readers = state.emergency_readers(now_ms())
    return [one for one in readers if not state.epochs or not state.holds(one.user, len(state.epochs))]


async def answer(account: Account, thread_id: bytes) -> Answer:
    """Gives one thread's keys to whoever has them coming; raises ApiError, Unreachable, or Ct1Error for a bad log."""
    thread = Thread(account, thread_id)
    summary = await account.api.get(thread.path, ThreadSummary)
    if summary.standing != "member" or not summary.emergency:
        # Ended here, or never begun: the log alone may still name a declaration that is over.
        return Answer(thread_id)
    await thread.sync()
    waiting = without_keys(thread)
    if not waiting:
        return Answer(thread_id)
    if thread.replaced:
        raise Ct1Error("E_KEY_CHANGED", "the key of somebody who reads here was replaced: a person must compare it")
    await thread.tend()
    left = {one.user for one in without_keys(thread)}
    return Answer(thread_id, tuple(one.user for one in waiting if one.user not in left))


async def answer_surely(account: Account, thread_id: bytes, sleep: Sleep = asyncio.sleep) -> Answer:
    """As `answer`, again after a fault of the moment, with the code of a refusal; raises ApiError once signed out."""
    wait = FIRST_WAIT
    for _ in range(TRIES):
        try:
            return await answer(account, thread_id)
        except Ct1Error as refusal:
            return Answer(thread_id, code=refusal.code)
        except Untrusted:
            return Answer(thread_id, code="untrusted")
        except ApiError as refusal:
            if refusal.code in ENDED:
                raise
            if refusal.code not in OF_THE_MOMENT:
                return Answer(thread_id, code=refusal.code)
        except Unreachable:
            pass
        await sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
    return Answer(thread_id, code="unavailable")


async def watch(account: Account, sleep: Sleep = asyncio.sleep) -> AsyncGenerator[Answer]:
    """Answers for ever, on each push and after each reconnection; what needed nothing is not told.

    Raises ApiError `signed_out` or `outdated` when a person is needed.
    """
    wait = FIRST_WAIT
    while True:
        try:
            async with Live(account.api) as live:
                wait = FIRST_WAIT
                for summary in await list_threads(account):
                    if summary.emergency and (one := await answer_surely(account, summary.id, sleep)).matters:
                        yield one
                async for push in live.pushes():
                    if isinstance(push, ThreadChanged):
                        one = await answer_surely(account, push.thread, sleep)
                        if one.matters:
                            yield one
            if live.ended is not None and live.ended.code in FOR_GOOD:
                raise ApiError("signed_out", "The session has ended.")
        except Unreachable:
            pass
        await sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)


def told(one: Answer) -> str:
    """A line for the journal, without a name."""
    if one.code:
        return f"{b64(one.thread)} refused {one.code}"
    return f"{b64(one.thread)} given to {', '.join(b64(user) for user in one.given)}"


async def run(options: argparse.Namespace, password: str) -> None:
    async with Api(options.base_url) as api:
        secret = os.environ.get("CONSILIUM_SECOND_FACTOR", "")
        account = await accounts.sign_in(
            api, email=options.email, password=password, label="custodian", second_factor=secret
        )
        async for one in watch(account):
            sys.stdout.write(told(one) + "\n")
            sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Gives emergencies their keys, day and night.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default=os.environ.get("CONSILIUM_EMAIL", ""))
    options = parser.parse_args(arguments)
    password = os.environ.get("CONSILIUM_PASSWORD") or getpass.getpass("Password of the custodian's account: ")
    try:
        asyncio.run(run(options, password))
    except (ApiError, Ct1Error, Unreachable, Untrusted) as error:
        sys.stderr.write(f"custodian: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
