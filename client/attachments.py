"""Files of a thread: sealed here, brought in pieces, saved whole or not at all, taken back with their key."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from client.errors import ApiError, Unreachable
from client.live import Live
from client.threads import Opened, Thread
from crypto.attachments import FileSealer, Place, SealedFile, sealed_size
from crypto.errors import Ct1Error
from crypto.opening import FileOpener
from crypto.primitives import random_bytes
from crypto.tables import ContentType
from wire.attachments import MAX_PIECE, AttachmentBegin, AttachmentFinish, AttachmentOut
from wire.base import b64, unb64
from wire.messaging import MessageAck

TRIES, PAUSE_SECONDS = 8, 0.5
"""How often a broken connection is taken up again, without a byte's progress, and how long is waited between."""

Done = TypeVar("Done")
Progress = Callable[[int, int], None]
"""Told (bytes there, bytes in all) of what is sealed."""


def _silent(there: int, whole: int) -> None:
    """Whoever asks for no progress is told none."""


@dataclass(frozen=True)
class NamedFile:
    """A file as the message that carries it names it; `name` and `type` are its sender's claim and no more."""

    att_id: bytes
    file: SealedFile
    name: str
    type: str


def file_of(message: Opened) -> NamedFile:
    """The file that a message carries; raises Ct1Error E_ATT for a message that carries none, or names it wrongly."""
    said = message.body.get("file")
    try:
        if message.ctype != ContentType.ATTACHMENT or not isinstance(said, dict):
            raise ValueError
        size, key, hash_ = said["size"], unb64(said["key"]), unb64(said["hash"])
        if type(size) is not int or len(key) != 32 or len(hash_) != 32:
            raise ValueError
        return NamedFile(message.msg_id, SealedFile(key, size, hash_), str(said["name"]), str(said["type"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Ct1Error("E_ATT", "the message names no file") from error


def _path_of(thread: Thread, att_id: bytes) -> str:
    return f"{thread.path}/attachments/{b64(att_id)}"


async def send_file(
    thread: Thread,
    live: Live,
    source: Path,
    *,
    name: str = "",
    type: str = "application/octet-stream",
    text: str = "",
    preview: dict[str, object] | None = None,
    progress: Progress = _silent,
) -> MessageAck:
    """Seals a file, brings it and posts the message that carries it; a cut in between is taken up where it was.

    `preview` is `{type, data, width, height}` of docs/protocol.md 3.9. Raises ApiError when it is refused (`too_large`,
    `person_full`, …), Unreachable when it cannot be brought.
    """
    att_id, size = random_bytes(16), _size_of(source)
    begin = AttachmentBegin(id=att_id, size=sealed_size(size))
    await _again(lambda: thread.account.api.post(f"{thread.path}/attachments", begin, AttachmentOut))
    with tempfile.TemporaryFile() as held:
        sealer = FileSealer(Place(att_id, thread.id), size)
        with source.open("rb") as content:
            for chunk in sealer.pieces(_blocks(content)):
                held.write(chunk)
        await _bring(thread, att_id, held, begin.size, progress)
    file = sealer.file
    finish = AttachmentFinish(hash=file.hash)
    await _again(lambda: thread.account.api.post(f"{_path_of(thread, att_id)}/finish", finish, AttachmentOut))
    said = {"key": b64(file.key), "size": file.size, "hash": b64(file.hash), "name": name or source.name, "type": type}
    body: dict[str, object] = {"text": text, "file": {**said, "preview": preview}}
    return await thread.post_body(live, body, ctype=ContentType.ATTACHMENT, msg_id=att_id)


def _size_of(source: Path) -> int:
    return source.stat().st_size


def _blocks(content: BinaryIO) -> Iterator[bytes]:
    while block := content.read(MAX_PIECE):
        yield block


async def _again(ask: Callable[[], Awaitable[Done]]) -> Done:
    """Asks until there is an answer: what is asked here may be asked twice."""
    for left in reversed(range(TRIES)):
        try:
            return await ask()
        except Unreachable:
            if not left:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError("the last try returns or raises")


async def _bring(thread: Thread, att_id: bytes, held: BinaryIO, size: int, progress: Progress) -> None:
    api, path = thread.account.api, _path_of(thread, att_id)
    there = (await _again(lambda: api.get(path, AttachmentOut))).received
    failures = 0
    while there < size:
        progress(there, size)
        held.seek(there)
        try:
            answer = await api.put_octets(f"{path}/content", held.read(MAX_PIECE), AttachmentOut, {"offset": there})
            there, failures = answer.received, 0
        except (Unreachable, ApiError) as error:
            failures += 1
            if failures == TRIES or (isinstance(error, ApiError) and error.code not in ("busy", "out_of_order")):
                raise
            await asyncio.sleep(PAUSE_SECONDS)
            there = (await _again(lambda: api.get(path, AttachmentOut))).received
    progress(size, size)


async def save_file(thread: Thread, message: Opened, target: Path, *, progress: Progress = _silent) -> None:
    """Saves the file of a message, verified to its last byte; before that there is nothing at `target`.

    The sealed bytes gather in `<target>.sealed`, from whose end a later call goes on. Raises ApiError (`gone`,
    `not_found`), Unreachable, and Ct1Error for bytes that are not this file, after which it starts from nothing.
    """
    named = file_of(message)
    sealed = target.with_name(f"{target.name}.sealed")
    await _gather(thread, named, sealed, progress)
    opened = target.with_name(f"{target.name}.opened")
    try:
        opener = FileOpener(named.file, Place(named.att_id, thread.id))
        with sealed.open("rb") as source, opened.open("wb") as content:
            for block in _blocks(source):
                content.write(opener.take(block))
            opener.done()
    except Ct1Error:
        opened.unlink(missing_ok=True)
        sealed.unlink()
        raise
    opened.replace(target)
    sealed.unlink()


async def _gather(thread: Thread, named: NamedFile, sealed: Path, progress: Progress) -> None:
    size, path = sealed_size(named.file.size), f"{_path_of(thread, named.att_id)}/content"
    failures = 0
    with sealed.open("ab") as held:
        there = held.tell()
        while there < size:
            before = there
            try:
                async for part in thread.account.api.get_octets(path, there):
                    there += held.write(part)
                    progress(there, size)
            except Unreachable:
                pass
            failures = 0 if there > before else failures + 1
            if failures == TRIES:
                raise Unreachable(f"{path}: nothing more arrives")
            if there < size:
                await asyncio.sleep(PAUSE_SECONDS)


async def take_back(thread: Thread, live: Live, message: Opened) -> None:
    """Retracts a message of one's own that carries a file: the retraction first, then the bytes are destroyed."""
    retraction = random_bytes(16)
    body: dict[str, object] = {"text": "", "ref": b64(message.msg_id)}
    await thread.post_body(live, body, ctype=ContentType.REDACT, msg_id=retraction)
    path = f"{_path_of(thread, message.msg_id)}?retraction={b64(retraction)}"
    await _again(lambda: thread.account.api.delete(path, AttachmentOut))
