"""The control socket: JSON lines on a Unix socket that only this account can open. Whoever speaks here is trusted."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from conference.media.messages import COMMANDS, MAX_LINE, AnyCommand, Event, Reply

MAX_UNSENT = 1 << 22
"""Octets that may wait for a slow web process before it is hung up on: it reconnects and asks again."""


class Connection:
    """One web process; lines to it are written in order and never wait for it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    @property
    def open(self) -> bool:
        return not self._writer.is_closing()

    def write(self, line: str) -> None:
        if not self.open:
            return
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT:
            self._writer.transport.abort()
            return
        self._writer.write(line.encode() + b"\n")

    def close(self) -> None:
        self._writer.close()


Carry = Callable[[AnyCommand, Connection], Reply]


class ControlSocket:
    """Listens at `path`, mode 0600; each line is a command, answered by one reply line with events in between."""

    def __init__(self, path: Path, carry_out: Carry) -> None:
        self._path = path
        self._carry_out = carry_out
        self._server: asyncio.Server | None = None
        self._connections: dict[Connection, None] = {}

    async def start(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            self._path.unlink()
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._path), limit=MAX_LINE)
        finally:
            os.umask(mask)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

    def tell(self, event: Event, owner: Connection | None) -> None:
        """Give an event to the process that let the person in, or, if it went away, to the newest that is there."""
        if owner is None or not owner.open:
            owner = next(reversed(self._connections), None)
        if owner is not None:
            owner.write(event.model_dump_json())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer)
        self._connections[connection] = None
        try:
            while line := await reader.readline():
                connection.write(self._reply(line, connection).model_dump_json())
        except (ConnectionError, ValueError):
            # ValueError: a line beyond the limit. The sender is broken and is hung up on.
            pass
        finally:
            self._connections.pop(connection, None)
            connection.close()

    def _reply(self, line: bytes, connection: Connection) -> Reply:
        try:
            command = COMMANDS.validate_json(line)
        except ValidationError as error:
            return Reply(re=0, error="bad_command", message=str(error.errors()[0]["msg"]))
        return self._carry_out(command, connection)
