"""Calls: all that a browser and the server say to each other about a room, on the one socket and over HTTP.

A room is named by the id of its session, everywhere (`room`), and so is CT1's `conf_id` (docs/protocol.md 3.10).

The order of a call, client (C) and server (S):

1. C `room.knock` → S `room.done`, and `room.state` to the host and to all who are in the room.
2. The host sends `room.admit` (a host who knocks is admitted at once) → S `room.admitted`: ticket, ICE servers.
3. C `room.connect` with the ticket and its signed conf-join → S `room.offer` for `pub`, C `room.answer`;
   then, whenever what there is to receive changes, S `room.offer` for `sub`, C `room.answer`.
4. The key leader sends `room.key`, the server relays it blind as `room.keys`, one sealed key to each device.
5. `room.leave`, or the server's `room.bye`; those who remain see `room.state` and re-key at once.

The server always offers, one offer of a connection is outstanding at a time, and the forwarder is ICE-lite:
its address stands in the offer and it learns the client's from the checks, so there are no candidate frames.
A socket that reconnects knocks again: consent is asked again and, if still admitted, a new ticket comes back.
Every command carries a client-made `id`; a command sent twice has the effect of one. Refusals are `error`
frames whose `re` is that id (base64url). `not_found` means no such room, or one that is not yours.
Frames for one device name it (`device`); a person's other devices drop them.
`join` and `commitment` are the signed CT1 objects (conf-join and conf-key): body ‖ signature, the last 64 bytes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from wire.base import B64, Body, Frame, Id16, Id32, Millis

Kind = Literal["audio", "video", "screen"]
Connection = Literal["pub", "sub"]
RoomPhase = Literal["lobby", "open", "closed"]
AdmissionState = Literal[
    "invited", "knocking", "waiting_consent", "admitted", "connected", "on_hold", "left", "denied", "removed"
]
RemovalReason = Literal["consent_withdrawn", "by_host", "conflict_of_interest", "disturbance", "expired"]

Sdp = Annotated[str, Field(max_length=32_000)]
Sealed = Annotated[B64, Field(max_length=4096)]


class Sending(Body):
    """What a person says they send at this moment, and whether they ask to speak; all false at the start."""

    audio: bool = False
    video: bool = False
    screen: bool = False
    hand: bool = False


class Permission(Body):
    """Why a person may be in the call: the directive, who gave it and since when. Empty for the patient."""

    directive: Id16
    granted_by: str
    since: Millis


class RoomPerson(Body):
    """One entry of the roster: who, in which role and house, by whose permission, since when, and in what state.

    `state` is `connected` for those, and only those, who can see and hear the room: keys are sealed to them
    alone. `since` is when that state began.
    `role` is the CT1 role number, 0 for the patient; `purpose` is the part in this call ("case manager, invited
    by Dr. Marsh"). `device` and `join` (the signed CT1 conf-join) are there while a device is connected or on
    hold, and null otherwise.
    `publishing` is what the forwarder receives; `sending` is what the person says.
    """

    user: Id16
    name: str
    role: int
    organisation: str
    purpose: str
    is_patient: bool
    is_host: bool
    state: AdmissionState
    since: Millis
    permission: list[Permission]
    device: Id16 | None = None
    join: Sealed | None = None
    publishing: list[Kind] = Field(default_factory=list)
    sending: Sending = Sending()


class RoomState(Frame):
    """Server → client: the whole roster, after every change; nobody gets media who is not on it as `connected`.

    `seq` rises with each change of the room, so an older frame that arrives late is dropped.
    """

    type: Literal["room.state"] = "room.state"
    room: Id16
    seq: int
    phase: RoomPhase
    people: list[RoomPerson]


class RoomView(Body):
    """`GET /api/rooms/{session_id}`: the lobby, for anyone who may join. Times are the session's."""

    room: Id16
    thread: Id32
    patient: Id16
    starts_at: Millis
    ends_at: Millis
    patient_waits: bool
    you_host: bool
    state: RoomState


class RoomCode(StrEnum):
    """Refusals of a call that a client acts upon, besides those of wire.errors."""

    MEDIA_UNAVAILABLE = "media_unavailable"
    """The forwarder does not answer: try again in a few seconds."""
    TICKET = "ticket"
    """Used, void or too old: knock for another."""
    NOT_NOW = "not_now"
    """The command does not fit the person's state in the room: look at the last `room.state`."""
    SHUT_OUT = "shut_out"
    """You were put out; the host alone can open the door again."""
    ROOM_CLOSED = "room_closed"
    """Ended, or not open yet: `starts_at` less fifteen minutes opens the lobby."""
    ROOM_FULL = "room_full"
    BAD_ANSWER = "bad_answer"
    """The session description could not be used."""


class RoomKnock(Frame):
    """Client → server: let me in. Sent again after a reconnect, it is the resume. Answer: `room.done`.

    The host, and a person who is admitted already, get `room.admitted` with a fresh ticket; all others wait for the
    host.
    `media_unavailable` if the forwarder does not answer.
    """

    type: Literal["room.knock"] = "room.knock"
    id: Id16
    room: Id16
    device: Id16


class RoomAdmit(Frame):
    """Client → server, host only: let this person in. Answer: `room.done`.

    With `hold` they wait inside, on hold, until `room.hold` ends it. In a case conference (`patient_waits`) the
    patient's first admission is on hold whatever `hold` says: the clinicians meet first.
    """

    type: Literal["room.admit"] = "room.admit"
    id: Id16
    room: Id16
    user: Id16
    hold: bool = False


class RoomHold(Frame):
    """Client → server, host only: on hold a person stays, and neither sends nor receives. Answer: `room.done`."""

    type: Literal["room.hold"] = "room.hold"
    id: Id16
    room: Id16
    user: Id16
    on: bool


class RoomRemove(Frame):
    """Client → server, host or patient: put this person out, or refuse the knock. Answer: `room.done`.

    They cannot come back: only a later `room.admit` of the host opens the door again. Nobody can remove the
    host or the patient.
    """

    type: Literal["room.remove"] = "room.remove"
    id: Id16
    room: Id16
    user: Id16
    reason: Literal["by_host", "conflict_of_interest", "disturbance"] = "by_host"


class RoomLeave(Frame):
    """Client → server: I hang up; to return, knock again. Answer: `room.done`."""

    type: Literal["room.leave"] = "room.leave"
    id: Id16
    room: Id16


class RoomClose(Frame):
    """Client → server, host only: end the call for everybody. Answer: `room.done`, and `room.bye` to all."""

    type: Literal["room.close"] = "room.close"
    id: Id16
    room: Id16


class RoomConnect(Frame):
    """Client → server: the ticket for media, with this device's signed conf-join.

    Answer: `room.done`, then `room.offer`; `ticket` if it is used or too old: knock for another.

    It makes two fresh connections and drops those the person had: it is the ICE restart too (knock again for
    a new ticket).
    A second device of the same person takes the place of the first, which gets `room.bye`.
    """

    type: Literal["room.connect"] = "room.connect"
    id: Id16
    room: Id16
    device: Id16
    ticket: Annotated[str, Field(max_length=1024)]
    join: Sealed


class RoomAnswer(Frame):
    """Client → server: the answer to `room.offer` number `offer` of that connection. Answer: `room.done`.

    An answer to an offer that is no longer outstanding is ignored.
    """

    type: Literal["room.answer"] = "room.answer"
    id: Id16
    room: Id16
    pc: Connection
    offer: int
    sdp: Sdp


class RoomShow(Frame):
    """Client → server: what I send now, for the tiles of the others. Answer: `room.done`."""

    type: Literal["room.show"] = "room.show"
    id: Id16
    room: Id16
    sending: Sending


class KeySeal(Body):
    """One conf-seal: the call key `ck_n` sealed to one device's `e_pk`; the server cannot open it."""

    user: Id16
    device: Id16
    sealed: Sealed


class RoomKey(Frame):
    """Client → server, from the key leader: key number `n`, its signed commitment, one seal a device.

    Answer: `room.done`. Relayed to the devices that are connected at that
    moment; seals for anyone else are dropped, not refused.
    """

    type: Literal["room.key"] = "room.key"
    id: Id16
    room: Id16
    n: Annotated[int, Field(ge=0, lt=2**32)]
    commitment: Sealed
    seals: Annotated[list[KeySeal], Field(max_length=64)]


class RoomKeys(Frame):
    """Server → client: key number `n` for this device, as the leader sealed it; verify, then open."""

    type: Literal["room.keys"] = "room.keys"
    room: Id16
    device: Id16
    n: int
    leader: Id16
    leader_device: Id16
    commitment: Sealed
    sealed: Sealed


class IceServer(Body):
    """As RTCIceServer; the credential lives for minutes and is issued after consent was asked."""

    urls: list[str]
    username: str = ""
    credential: str = ""


class RoomAdmitted(Frame):
    """Server → client: admitted. The ticket is for one `room.connect`, until `expires`; knock again for another."""

    type: Literal["room.admitted"] = "room.admitted"
    room: Id16
    device: Id16
    ticket: str
    expires: Millis
    ice_servers: list[IceServer]


class RoomTrack(Body):
    """Whose media an m-line of a `sub` offer carries; in a `pub` offer, which kind goes into it (`user` is you)."""

    mid: str
    user: Id16
    kind: Kind


class RoomOffer(Frame):
    """Server → client: offer number `offer` of a connection. m-lines that are not in `tracks` are inactive.

    `call` is new at every `room.connect`: an offer of another `call` means fresh peer connections.
    """

    type: Literal["room.offer"] = "room.offer"
    room: Id16
    device: Id16
    call: int
    pc: Connection
    offer: int
    sdp: Sdp
    tracks: list[RoomTrack]


class RoomEvicted(Frame):
    """Server → client, to those who remain: this person was put out and receives nothing any more: re-key now."""

    type: Literal["room.evicted"] = "room.evicted"
    room: Id16
    user: Id16
    reason: RemovalReason


class RoomBye(Frame):
    """Server → client, to the one concerned: close both connections and wipe the call's keys.

    `stop`: do not come back. `rejoin`: the forwarder lost you, knock again. `replaced`: another device of yours
    took over.
    """

    type: Literal["room.bye"] = "room.bye"
    room: Id16
    device: Id16
    action: Literal["stop", "rejoin", "replaced"]
    reason: RemovalReason | Literal["closed", "media_lost", "left", ""] = ""


class RoomDone(Frame):
    """Server → client: the command `re` was carried out, now or when it was first sent."""

    type: Literal["room.done"] = "room.done"
    re: Id16
