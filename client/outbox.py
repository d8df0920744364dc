"""What was written and is not yet known to be on the server: in a file of its own, sealed, in order."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from crypto.errors import Ct1Error
from crypto.primitives import aead_open, aead_seal, kdf, random_bytes
from crypto.tables import Label

MOST_WAITING = 10_000
NONCE = 24


class OutboxFull(Exception):
    """So many messages wait already: nothing was kept."""


class OutboxInUse(Exception):
    """Another process holds this outbox, or the file is not one."""


@dataclass(frozen=True)
class Draft:
    """One message on its way. `wire` is empty until it is sealed; `failure` is the code of a refusal for good."""

    msg_id: bytes
    thread: bytes
    ctype: int
    body: bytes
    created: int
    wire: bytes = b""
    failure: str = ""


@dataclass(frozen=True)
class _Row:
    number: int
    draft: Draft


class Outbox:
    """Drafts in the order in which they were written, each kept on disk before anything is done with it.

    The file shows how many wait and how large they are, and nothing of what they say or to whom: every row is sealed
    under a key of the person's own (`key`, 32 bytes). One process holds it at a time; raises OutboxInUse otherwise.
    """

    def __init__(self, path: Path | str, key: bytes, device: bytes) -> None:
        self._key = key
        self._file = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        try:
            self._open()
            self._rows = self._load()
        except sqlite3.Error as error:
            self._file.close()
            raise OutboxInUse(str(error)) from error
        except Ct1Error:
            self._file.close()
            raise
        self._desk = self._load_desk()
        if self._desk.get("device") != device.hex():
            # What was sealed for another device is refused from this one: the same words are sealed again.
            for row in list(self._rows.values()):
                self._put(replace(row.draft, wire=b""))
            self._keep_desk(device=device.hex())

    @classmethod
    def of(cls, path: Path | str, umk: bytes, user: bytes, device: bytes) -> Outbox:
        """The outbox of a person, sealed under a key that their own keys give."""
        return cls(path, kdf(umk, Label.LOCAL, user), device)

    def _open(self) -> None:
        self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._file.execute("PRAGMA journal_mode=WAL")
        # A message that was taken from a person survives a power cut.
        self._file.execute("PRAGMA synchronous=FULL")
        self._file.execute("CREATE TABLE IF NOT EXISTS draft (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL)")
        self._file.execute("CREATE TABLE IF NOT EXISTS desk (one INTEGER PRIMARY KEY, sealed BLOB NOT NULL)")

    def close(self) -> None:
        self._file.close()

    def add(self, draft: Draft) -> bool:
        """Keeps a draft; False for one that waits already under this id. Raises OutboxFull."""
        if draft.msg_id in self._rows:
            return False
        if len(self._rows) >= MOST_WAITING:
            raise OutboxFull(f"{MOST_WAITING} messages wait already")
        last = max((row.number for row in self._rows.values()), default=0)
        number = max(last, int(self._desk.get("number", 0))) + 1
        self._rows[draft.msg_id] = _Row(number, draft)
        self._file.execute("INSERT INTO draft VALUES (?, ?)", (number, self._seal(number, _as_text(draft))))
        self._desk["number"] = number
        return True

    def next_in(self, thread: bytes) -> Draft | None:
        """The oldest of a thread that has not failed."""
        waiting = (row.draft for row in self._rows.values() if row.draft.thread == thread and not row.draft.failure)
        return next(waiting, None)

    def find(self, msg_id: bytes) -> Draft | None:
        row = self._rows.get(msg_id)
        return row.draft if row else None

    @property
    def drafts(self) -> list[Draft]:
        """All, the oldest first; those with a `failure` wait for a person's word."""
        return [row.draft for row in self._rows.values()]

    @property
    def threads(self) -> set[bytes]:
        return {row.draft.thread for row in self._rows.values() if not row.draft.failure}

    @property
    def counter(self) -> int:
        """The highest message counter of this device that was ever kept here."""
        return int(self._desk.get("counter", 0))

    def keep_wire(self, msg_id: bytes, wire: bytes, counter: int) -> None:
        """The sealed form, before it is sent: whatever happens next, the very same bytes are sent again."""
        self._keep_desk(counter=max(counter, self.counter))
        self._change(msg_id, wire=wire)

    def forget_wire(self, msg_id: bytes) -> None:
        """After a refusal, which proves that nothing was written: the words are sealed anew under the same id."""
        self._change(msg_id, wire=b"")

    def fail(self, msg_id: bytes, code: str) -> None:
        self._change(msg_id, failure=code, wire=b"")

    def retry(self, msg_id: bytes) -> None:
        self._change(msg_id, failure="")

    def drop(self, msg_id: bytes) -> bool:
        """It is on the server, or its person has thought better of it; False when it did not wait."""
        row = self._rows.pop(msg_id, None)
        if row is not None:
            self._file.execute("DELETE FROM draft WHERE number = ?", (row.number,))
        return row is not None

    def done_with(self, thread: bytes) -> int:
        """How far this thread's messages were dealt with, as `mark_done` last said."""
        return int(self._desk.get("done", {}).get(thread.hex(), 0))

    def mark_done(self, thread: bytes, seq: int) -> None:
        """Remembers over restarts that everything up to `seq` was dealt with."""
        if seq > self.done_with(thread):
            self._keep_desk(done={**self._desk.get("done", {}), thread.hex(): seq})

    def _change(self, msg_id: bytes, **changes: Any) -> None:
        row = self._rows.get(msg_id)
        if row is not None:
            self._put(replace(row.draft, **changes))

    def _put(self, draft: Draft) -> None:
        number = self._rows[draft.msg_id].number
        self._rows[draft.msg_id] = _Row(number, draft)
        self._file.execute(
            "UPDATE draft SET sealed = ? WHERE number = ?", (self._seal(number, _as_text(draft)), number)
        )

    def _keep_desk(self, **changes: Any) -> None:
        self._desk |= changes
        text = json.dumps(self._desk).encode()
        self._file.execute("INSERT OR REPLACE INTO desk VALUES (0, ?)", (self._seal(0, text),))

    def _load(self) -> dict[bytes, _Row]:
        found = {}
        for number, sealed in self._file.execute("SELECT number, sealed FROM draft ORDER BY number"):
            draft = _from_text(self._open_row(number, sealed))
            found[draft.msg_id] = _Row(number, draft)
        return found

    def _load_desk(self) -> dict[str, Any]:
        row = self._file.execute("SELECT sealed FROM desk").fetchone()
        return dict(json.loads(self._open_row(0, row[0]))) if row else {}

    def _seal(self, number: int, text: bytes) -> bytes:
        nonce = random_bytes(NONCE)
        return nonce + aead_seal(self._key, nonce, text, number.to_bytes(8, "big"))

    def _open_row(self, number: int, sealed: bytes) -> bytes:
        return aead_open(self._key, sealed[:NONCE], sealed[NONCE:], number.to_bytes(8, "big"))


def _as_text(draft: Draft) -> bytes:
    fields: Mapping[str, Any] = asdict(draft)
    plain = {name: base64.b64encode(one).decode() if isinstance(one, bytes) else one for name, one in fields.items()}
    return json.dumps(plain).encode()


def _from_text(text: bytes) -> Draft:
    raw = json.loads(text)
    for name in ("msg_id", "thread", "body", "wire"):
        raw[name] = base64.b64decode(raw[name])
    return Draft(**raw)
