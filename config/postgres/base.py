"""PostgreSQL through Django's own backend, with an end to every wait: a store that hangs is a store that refuses.

A frozen server still acknowledges what it is sent, so neither TCP nor the server's own time limits end the wait.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import errors

ANSWER_S = 5.0
"""How long one statement may wait for its answer; the server's own limits (config.database) come before."""
IDLE_S = 1.0
"""A connection that rested longer is asked whether it lives before a door relies on it."""
PAUSE_S = 1.0
"""How long nobody asks a store that did not answer: a thousand sockets must not wait one after the other."""


class Health:
    """What the connections of this process found out about the store last."""

    def __init__(self) -> None:
        self._silent_until = 0.0
        self._lost = False

    def note_silence(self) -> None:
        self._silent_until = time.monotonic() + PAUSE_S
        self._lost = True

    def note_loss(self) -> None:
        self._lost = True

    @property
    def is_silent(self) -> bool:
        return time.monotonic() < self._silent_until

    def take_loss(self) -> bool:
        """Whether a connection has died since this was asked last: then the others in the pool are dead too."""
        lost, self._lost = self._lost, False
        return lost


health = Health()


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends after ANSWER_S; it is closed then, since its answer may still come."""

    answered_at = 0.0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            answer = super().wait(gen, interval=interval, timeout=timeout or ANSWER_S)
        except errors._WaitTimeout as error:
            self.pgconn.finish()
            health.note_silence()
            raise psycopg.OperationalError(f"the store did not answer within {ANSWER_S:.0f} s") from error
        except psycopg.OperationalError:
            if self.closed:
                health.note_loss()
            raise
        self.answered_at = time.monotonic()
        return answer

    def lives(self) -> bool:
        """Whether it still answers, where it has not done so a moment ago."""
        if time.monotonic() - self.answered_at < IDLE_S:
            return True
        try:
            self.execute("")
        except psycopg.OperationalError:
            return False
        return True


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for whom it asks and how long."""

    def get_new_connection(self, conn_params: Mapping[str, Any]) -> Any:
        if health.is_silent:
            raise psycopg.OperationalError("the store did not answer a moment ago")
        if health.take_loss() and self.pool:
            self.pool.drain()
        connection = self._one(conn_params)
        # Without a pool (a database is being made, say) the connection is new, and Django's own.
        if not isinstance(connection, BoundedConnection) or connection.lives():
            return connection
        # The store has begun anew since: of all that rest in the pool none lives.
        self.pool.putconn(connection)
        if health.is_silent:
            raise psycopg.OperationalError("the store does not answer")
        health.take_loss()
        self.pool.drain()
        return self._one(conn_params)

    def _one(self, conn_params: Mapping[str, Any]) -> psycopg.Connection[Any]:
        try:
            found: psycopg.Connection[Any] = super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            health.note_silence()
            raise
        return found
