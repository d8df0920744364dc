"""The limit of the machine: raw sockets and one group commit a batch, with nothing of a product's own work.

`python -m benchmarks.wire.raw PORT DATABASE_URL`. It checks nobody, numbers nothing and hears everything: what arrives
together is inserted in one statement by asyncpg, and then written to everybody at the table.
"""

from __future__ import annotations

import asyncio
import sys
import uuid

import asyncpg
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

BATCH = 100
HELLO, POST, NEW, ACK = b"H", b"P", b"N", b"A"


class Server:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self.tables: dict[int, list[WSTransport]] = {}
        self._pool = pool
        self._queue: list[tuple[WSTransport, int, bytes]] = []
        self._task: asyncio.Task[None] | None = None

    def put(self, sender: WSTransport, table: int, payload: bytes) -> None:
        self._queue.append((sender, table, payload))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        while self._queue:
            batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
            async with self._pool.acquire() as connection:
                await connection.execute(
                    "INSERT INTO raw_message (thread, id, body) "
                    "SELECT * FROM unnest($1::int[], $2::uuid[], $3::bytea[])",
                    [table for _, table, _ in batch],
                    [uuid.uuid4() for _ in batch],
                    [payload for _, _, payload in batch],
                )
            for sender, table, payload in batch:
                for transport in self.tables[table]:
                    transport.send(WSMsgType.BINARY, NEW + payload)
                sender.send(WSMsgType.BINARY, ACK)


class Listener(WSListener):
    def __init__(self, server: Server) -> None:
        self._server = server

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.BINARY:
            return
        payload = frame.get_payload_as_bytes()
        table = int.from_bytes(payload[1:3], "big")
        if payload[:1] == HELLO:
            self._server.tables.setdefault(table, []).append(transport)
            transport.send(WSMsgType.BINARY, HELLO)
        else:
            self._server.put(transport, table, payload[3:])


async def main(port: int, url: str) -> None:
    async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool:
        await pool.execute(
            "CREATE TABLE raw_message (seq bigserial PRIMARY KEY, thread int, id uuid UNIQUE, body bytea)"
        )
        server = Server(pool)

        def made(request: WSUpgradeRequest) -> Listener:
            return Listener(server)

        listening = await ws_create_server(made, "127.0.0.1", port)
        await listening.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
