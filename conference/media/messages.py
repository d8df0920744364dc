"""What the web side and the forwarder say to each other on the control socket, one JSON object a line."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from conference.media.feed import Size
from conference.media.refusals import Refusal
from conference.media.sdp import MAX_SDP, Kind
from wire.base import Body, Id16

Connection = Literal["pub", "sub"]
ErrorCode = Literal["bad_ticket", "bad_answer", "bad_command", "unknown", "full", "draining", "internal"]
LostReason = Literal["handshake", "consent", "hung_up", "unanswered", "stream_taken", "unchecked", "drained"]
MAX_LINE = 1 << 18


class Command(Body):
    """A request; `id` comes back in its reply."""

    id: int


class Join(Command):
    """Take a person in on the word of a ticket; replaces their earlier call. The offers follow as events."""

    do: Literal["join"] = "join"
    ticket: Annotated[str, Field(max_length=1024)]


class GiveAnswer(Command):
    """The client's answer to offer number `offer`."""

    do: Literal["answer"] = "answer"
    room: Id16
    user: Id16
    pc: Connection
    offer: int
    sdp: Annotated[str, Field(max_length=MAX_SDP)]


class Hold(Command):
    """Stop or resume both what a person sends and what they receive; the connections stay."""

    do: Literal["hold"] = "hold"
    room: Id16
    user: Id16
    on: bool


class Cut(Command):
    """Put a person out: when the reply leaves, no packet from or to them is forwarded any more.

    Their tickets issued up to `not_before` (ms since the epoch) are void.
    """

    do: Literal["cut"] = "cut"
    room: Id16
    user: Id16
    not_before: int


class Confirm(Command):
    """The patient's consent was asked just now and covers these people: forwarding may go on for another while."""

    do: Literal["confirm"] = "confirm"
    room: Id16
    users: list[Id16]


class Wanted(Body):
    """One tile on a person's screen: whose, of which kind, and how large it is shown."""

    user: Id16
    kind: Literal["video", "screen"]
    size: Size


class Want(Command):
    """What a person wants to see; replaces what they wanted before, and everything not named is wanted large."""

    do: Literal["want"] = "want"
    room: Id16
    user: Id16
    tiles: Annotated[list[Wanted], Field(max_length=64)]


class CloseRoom(Command):
    do: Literal["close_room"] = "close_room"
    room: Id16


class AskStats(Command):
    """Counters of one room, or of all."""

    do: Literal["stats"] = "stats"
    room: Id16 | None = None


AnyCommand = Annotated[
    Join | GiveAnswer | Hold | Cut | Confirm | Want | CloseRoom | AskStats, Field(discriminator="do")
]
COMMANDS: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)


class PersonStats(Body):
    """Of one person in a room, also after they went: what the forwarder took from them and gave to them.

    `forwarded` and `last_forwarded` (ms since the epoch, 0 = never) count what was sent to them; `received` by kind
    what came from them; `strangers` packets of streams that their answer did not name.
    """

    user: Id16
    present: bool
    on_hold: bool
    pub_ready: bool
    sub_ready: bool
    received: dict[Kind, int]
    forwarded: int
    octets: int
    last_forwarded: int
    strangers: int


class RoomStats(Body):
    room: Id16
    people: list[PersonStats]


class ProcessStats(Body):
    """Of the whole process since it began: datagrams, and what was refused, by code."""

    received: int
    sent: int
    unsent: int
    peers: int
    refused: dict[Refusal, int]


class Reply(Body):
    """The outcome of command `re`; `error` is empty when it was carried out.

    `call` answers a join; `rooms` and `process` answer a question for counters.
    """

    kind: Literal["reply"] = "reply"
    re: int
    error: ErrorCode | Literal[""] = ""
    message: str = ""
    call: int = 0
    rooms: list[RoomStats] = Field(default_factory=list)
    process: ProcessStats | None = None


class Track(Body):
    """`low` marks the m-line of a publish offer that takes the small picture of its kind."""

    mid: str
    user: Id16
    kind: Kind
    low: bool = False


class Offered(Body):
    """An offer for a person's browser. `call` numbers their joins, so a late offer of an older one is dropped."""

    kind: Literal["offered"] = "offered"
    room: Id16
    user: Id16
    call: int
    pc: Connection
    offer: int
    sdp: str
    tracks: list[Track]


class Publishing(Body):
    """The kinds of media that arrive from a person; sent at every change."""

    kind: Literal["publishing"] = "publishing"
    room: Id16
    user: Id16
    call: int
    kinds: list[Kind]


class Lost(Body):
    """The forwarder gave a person up; they may join again with a new ticket."""

    kind: Literal["lost"] = "lost"
    room: Id16
    user: Id16
    call: int
    reason: LostReason


Event = Offered | Publishing | Lost
AnyLine = Annotated[Reply | Offered | Publishing | Lost, Field(discriminator="kind")]
LINES: TypeAdapter[AnyLine] = TypeAdapter(AnyLine)
