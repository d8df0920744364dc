"""The HTTP doors of files. Bytes go in by pieces and out by parts, so that no request holds more than one in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from ninja import Router

from live.threads import in_database_thread
from messaging.attachments import access, actions
from messaging.attachments.models import Attachment
from messaging.attachments.rules import Span, span_of
from people.models import User
from people.reading import person_of
from people.shapes import millis
from wire import attachments as wire
from wire.base import unb64
from wire.errors import Invalid, NotFound, TooLarge

router = Router(tags=["attachments"])
FILES = "/threads/{thread_id}/attachments"
FILE = f"{FILES}/{{attachment_id}}"


def _person(request: HttpRequest) -> User:
    return person_of(request.user)


def _id(text: str) -> UUID:
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


def _out(row: Attachment, received: int) -> wire.AttachmentOut:
    return wire.AttachmentOut.model_validate(
        {
            "id": row.att_id.bytes,
            "size": row.size,
            "received": received,
            "state": row.state,
            "uploader": row.uploader_id.bytes,
            "begun_at": millis(row.begun_at),
            "gone_at": millis(row.gone_at) if row.gone_at else None,
            "gone_by": row.gone_by_id.bytes if row.gone_by_id else None,
        }
    )


@router.post(FILES, response=wire.AttachmentOut)
def begin(request: HttpRequest, thread_id: str, body: wire.AttachmentBegin) -> wire.AttachmentOut:
    row = actions.begin(access.access_adding(_person(request), thread_id), body)
    return _out(row, actions.received(row))


@router.get(FILE, response=wire.AttachmentOut)
def look(request: HttpRequest, thread_id: str, attachment_id: str) -> wire.AttachmentOut:
    row = access.access_file(_person(request), thread_id, _id(attachment_id)).file
    return _out(row, actions.received(row))


@router.put(f"{FILE}/content", response=wire.AttachmentOut)
def put_piece(request: HttpRequest, thread_id: str, attachment_id: str, offset: int = 0) -> wire.AttachmentOut:
    held = access.access_own_upload(_person(request), thread_id, _id(attachment_id))
    if not 0 <= offset < 2**53:
        raise Invalid("An offset counts bytes.", re="offset")
    piece = request.read(wire.MAX_PIECE + 1)
    if len(piece) > wire.MAX_PIECE:
        raise TooLarge(f"A piece has at most {wire.MAX_PIECE} bytes.", re="piece")
    return _out(held.file, actions.take_piece(held, offset, piece))


@router.post(f"{FILE}/finish", response=wire.AttachmentOut)
def finish(request: HttpRequest, thread_id: str, attachment_id: str, body: wire.AttachmentFinish) -> wire.AttachmentOut:
    row = actions.finish(access.access_own_upload(_person(request), thread_id, _id(attachment_id)), body.hash)
    return _out(row, row.size)


@router.delete(FILE, response=wire.AttachmentOut)
def destroy(request: HttpRequest, thread_id: str, attachment_id: str, retraction: str = "") -> wire.AttachmentOut:
    held = access.access_own_file(_person(request), thread_id, _id(attachment_id))
    return _out(actions.destroy_attachment(held, _id(retraction) if retraction else None), 0)


@router.get(f"{FILE}/content", response={200: None, 206: None})
def content(request: HttpRequest, thread_id: str, attachment_id: str) -> HttpResponseBase:
    person = _person(request)
    held = access.access_file(person, thread_id, _id(attachment_id))
    asked = span_of(request.headers.get("Range", ""), held.file.size)
    row = actions.open_file(held, asked)
    span = asked or Span(0, row.size)
    answer = StreamingHttpResponse(_parts(person, row, span), status=206 if asked else 200)
    answer["Content-Type"] = "application/octet-stream"
    answer["Content-Disposition"] = "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Length"] = str(span.end - span.start)
    if asked:
        answer["Content-Range"] = asked.content_range(row.size)
    return answer


async def _parts(person: User, row: Attachment, span: Span) -> AsyncIterator[bytes]:
    """The bytes in parts, and consent asked again before each but the first: a withdrawal ends what is under way.

    An answer that has begun cannot be refused, only cut: it is shorter than its Content-Length, as after any cut.
    """
    for start in range(span.start, span.end, wire.MAX_PIECE):
        end = min(start + wire.MAX_PIECE, span.end)
        yield await in_database_thread(_part, person, row, start, end, again=start > span.start)


def _part(person: User, row: Attachment, start: int, end: int, *, again: bool) -> bytes:
    if again:
        actions.still_open(access.access_file(person, row.thread_id, row.att_id))
    return actions.blobs().read(row.blob, start, end)
