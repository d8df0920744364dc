"""What became of each message, told from the messages alone: versions, retractions, answers, who is named.

The rules are docs/protocol.md 3.13, as in the web client's `model/speech.ts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from client.errors import ApiError
from client.live import Live
from client.threads import Opened, Thread
from crypto.tables import ContentType
from wire.base import b64, unb64
from wire.messaging import MessageAck

MOST_MENTIONS = 50
"""Who names more people than this has written a list and no mention: nobody is taken as named."""

MOST_PINS = 50
"""More than these are a second conversation; those pinned last are shown."""

EDITABLE = frozenset((ContentType.TEXT, ContentType.ATTACHMENT))
RETRACTABLE = EDITABLE | {ContentType.CARD}


@dataclass
class Said:
    """One message: `versions` from the first text to the one that stands; none, and a time in ms, once taken back."""

    message: Opened
    versions: list[str]
    mentions: list[bytes]
    answers: bytes = b""
    """The msg_id of the message that this one answers, when the reader holds exactly that; else empty."""
    taken_back_at: int | None = None

    @property
    def text(self) -> str:
        return self.versions[-1] if self.versions else ""


@dataclass
class _Read:
    said: dict[tuple[bytes, bytes], Said] = field(default_factory=dict)
    by_seq: dict[int, Opened] = field(default_factory=dict)


def _id(value: object, size: int) -> bytes:
    """Bytes of a given length from base64url; empty for anything else."""
    try:
        raw = unb64(value) if isinstance(value, str) else b""
    except ValueError:
        return b""
    return raw if len(raw) == size else b""


def _mentions(body: dict[str, object]) -> list[bytes]:
    named = body.get("mentions")
    if not isinstance(named, list) or len(named) > MOST_MENTIONS:
        return []
    return list(dict.fromkeys(user for user in (_id(one, 16) for one in named) if user))


def _answered(body: dict[str, object], by_seq: dict[int, Opened]) -> bytes:
    reply = body.get("reply")
    if not isinstance(reply, dict) or type(reply.get("seq")) is not int:
        return b""
    found, ref, hash_ = by_seq.get(reply["seq"]), _id(reply.get("ref"), 16), _id(reply.get("hash"), 32)
    return ref if found and ref and found.msg_id == ref and found.hash == hash_ else b""


def speech(messages: Iterable[Opened]) -> list[Said]:
    """Texts, files and cards in order, as they stand now; `messages` ascend by seq.

    Only the author edits and retracts, only what came before, and nothing that was taken back.
    """
    read = _Read()
    for message in messages:
        if message.code:
            continue
        text = message.text
        if message.ctype in RETRACTABLE:
            said = Said(message, [text], _mentions(message.body), _answered(message.body, read.by_seq))
            read.said[message.sender, message.msg_id] = said
            read.by_seq[message.seq] = message
        about = read.said.get((message.sender, _id(message.body.get("ref"), 16)))
        if about is None or about.taken_back_at is not None:
            continue
        if message.ctype == ContentType.REDACT:
            about.versions, about.mentions, about.taken_back_at = [], [], message.at
        elif message.ctype == ContentType.EDIT and about.message.ctype in EDITABLE:
            about.versions.append(text)
            about.mentions = _mentions(message.body)
    return list(read.said.values())


@dataclass(frozen=True)
class Pinned:
    """A pinned message as it stands, and whose word pinned it."""

    said: Said
    by: bytes


def pinned(messages: Sequence[Opened]) -> list[Pinned]:
    """What is pinned, the newest pin first: the last word about a message counts, and none of one taken back."""
    pins: dict[tuple[int, bytes], bytes] = {}
    for message in messages:
        seq, ref = message.body.get("seq"), _id(message.body.get("ref"), 16)
        is_pinned = message.body.get("pinned")
        if message.code or message.ctype != ContentType.PIN or type(seq) is not int or not ref:
            continue
        if isinstance(is_pinned, bool):
            pins.pop((seq, ref), None)
            if is_pinned:
                pins[seq, ref] = message.sender
    standing = {(one.message.seq, one.message.msg_id): one for one in speech(messages) if one.taken_back_at is None}
    shown = [(standing.get(place), by) for place, by in list(pins.items())[-MOST_PINS:][::-1]]
    return [Pinned(said, by) for said, by in shown if said is not None]


def _named(mentions: Sequence[bytes]) -> dict[str, object]:
    if len(mentions) > MOST_MENTIONS:
        raise ApiError("too_many", f"a message can name at most {MOST_MENTIONS} people")
    return {"mentions": [b64(user) for user in mentions]} if mentions else {}


async def say(thread: Thread, live: Live, text: str, *, mentions: Sequence[bytes] = ()) -> MessageAck:
    """Posts a text that names members; raises ApiError `too_many` for more than MOST_MENTIONS."""
    return await thread.post_body(live, {"text": text, **_named(mentions)})


async def answer(thread: Thread, live: Live, to: Opened, text: str, *, mentions: Sequence[bytes] = ()) -> MessageAck:
    """Posts a text in answer to a message: it names the message and repeats no word of it."""
    reply = {"ref": b64(to.msg_id), "seq": to.seq, "hash": b64(to.hash)}
    return await thread.post_body(live, {"text": text, "reply": reply, **_named(mentions)})


async def edit(thread: Thread, live: Live, message: Opened, text: str, *, mentions: Sequence[bytes] = ()) -> MessageAck:
    """Puts other words in place of one's own message; readers can still see what it said."""
    body: dict[str, object] = {"ref": b64(message.msg_id), "text": text, **_named(mentions)}
    return await thread.post_body(live, body, ctype=ContentType.EDIT)


async def retract(thread: Thread, live: Live, message: Opened) -> MessageAck:
    """Takes one's own message back; for one that carries a file see `client.attachments.take_back`."""
    return await thread.post_body(live, {"ref": b64(message.msg_id)}, ctype=ContentType.REDACT)


async def pin(thread: Thread, live: Live, message: Opened, *, is_pinned: bool = True) -> MessageAck:
    """Pins anybody's message for everybody in the thread, or lets go of it."""
    body: dict[str, object] = {"ref": b64(message.msg_id), "seq": message.seq, "pinned": is_pinned}
    return await thread.post_body(live, body, ctype=ContentType.PIN)
