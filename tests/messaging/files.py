"""Files as the cast seals and sends them over HTTP."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client

from crypto.attachments import FileSealer, Place, SealedFile
from crypto.opening import FileOpener
from crypto.tables import ContentType
from messaging.actions.posting import Post, post_message
from tests.messaging.house import Case, Person
from wire.base import b64

PIECE = 1_048_576


@dataclass(frozen=True)
class Sealed:
    """A file sealed for one thread, and what a message would say of it."""

    att_id: bytes
    thread: bytes
    raw: bytes
    file: SealedFile

    @property
    def path(self) -> str:
        return f"/api/threads/{b64(self.thread)}/attachments/{b64(self.att_id)}"

    def opened(self, sealed: bytes) -> bytes:
        opener = FileOpener(self.file, Place(self.att_id, self.thread))
        content = opener.take(sealed)
        opener.done()
        return content


def sealed(case: Case, content: bytes) -> Sealed:
    att_id, thread = secrets.token_bytes(16), case.state.thread_id
    sealer = FileSealer(Place(att_id, thread), len(content))
    raw = b"".join(sealer.pieces([content]))
    return Sealed(att_id, thread, raw, sealer.file)


class Files:
    """One person's browser at the doors of files: each answers the response as it is."""

    def __init__(self, person: Person) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def begin(self, file: Sealed, size: int | None = None) -> Any:
        body = {"id": b64(file.att_id), "size": len(file.raw) if size is None else size}
        path = file.path.rsplit("/", 1)[0]
        return self.client.post(path, data=body, content_type="application/json")

    def put(self, file: Sealed, offset: int, piece: bytes) -> Any:
        path = f"{file.path}/content?offset={offset}"
        return self.client.put(path, data=piece, content_type="application/octet-stream")

    def finish(self, file: Sealed, hash_: bytes | None = None) -> Any:
        body = {"hash": b64(hash_ or file.file.hash)}
        return self.client.post(f"{file.path}/finish", data=body, content_type="application/json")

    def look(self, file: Sealed) -> Any:
        return self.client.get(file.path)

    def fetch(self, file: Sealed, span: str = "") -> Any:
        return self.client.get(f"{file.path}/content", headers={"Range": span} if span else {})

    def destroy(self, file: Sealed, retraction: bytes = b"") -> Any:
        return self.client.delete(f"{file.path}?retraction={b64(retraction)}" if retraction else file.path)

    def bring(self, file: Sealed) -> None:
        """All of it, in pieces, up to its finish."""
        assert self.begin(file).status_code == 200
        for offset in range(0, len(file.raw), PIECE):
            answer = self.put(file, offset, file.raw[offset : offset + PIECE])
            assert answer.status_code == 200, answer.content
        assert self.finish(file).json()["state"] == "whole"


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def parts_of(answer: Any) -> Iterator[bytes]:
    """What a streaming answer gives, part by part as it is read; raises what cuts it."""
    loop = asyncio.new_event_loop()
    parts = aiter(answer.streaming_content)
    try:
        while True:
            try:
                yield loop.run_until_complete(anext(parts))
            except StopAsyncIteration:
                return
    finally:
        loop.close()


def body_of(answer: Any) -> bytes:
    return b"".join(parts_of(answer))


def say(case: Case, writer: Person, ctype: ContentType, msg_id: bytes) -> None:
    """Posts a message of this type under this id."""
    wire = case.seal(writer, ctype=ctype, msg_id=msg_id)
    post_message(Post(writer.user.pk, writer.device, case.state.thread_id, msg_id, wire))


def sent(case: Case, sender: Person, content: bytes = b"A letter.") -> Sealed:
    """A file that is whole and carried by a message."""
    file = sealed(case, content)
    Files(sender).bring(file)
    say(case, sender, ContentType.ATTACHMENT, file.att_id)
    return file
