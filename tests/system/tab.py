"""One person's tab as a process of its own, so that a test can kill it: knocks, comes in, and speaks until then.

Says `knocking` and `in` on its standard output. Arguments: address and e-mail, then device, thread and room in hex.
"""

from __future__ import annotations

import asyncio
import sys

from client import account as accounts
from client.api import Api
from client.threads import open_thread
from tests.client.people import PASSWORD
from tests.conference.peer import until
from tests.system.calls import Caller

IN_S = 60
PACKET_S = 0.02


async def stay(address: str, email: str, device: bytes, thread: bytes, room: bytes) -> None:
    account = await accounts.sign_in(Api(address, device=device), email=email, password=PASSWORD)
    async with Caller(account, await open_thread(account, thread), room) as caller:
        await caller.knock()
        print("knocking", flush=True)
        await until(lambda: bool(caller.of("room.admitted")), "a ticket", IN_S)
        await caller.connect(caller.of("room.admitted")[-1]["ticket"])
        print("in", flush=True)
        while True:
            assert caller.peer is not None
            caller.peer.send("audio", b"sealed")
            await asyncio.sleep(PACKET_S)


if __name__ == "__main__":
    address, email, *ids = sys.argv[1:]
    device, thread, room = (bytes.fromhex(one) for one in ids)
    asyncio.run(stay(address, email, device, thread, room))
