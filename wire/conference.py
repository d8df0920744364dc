"""Calls: all that a browser and the server say to each other about a room, on the one socket and over HTTP.

A room is named by the id of its session, everywhere (`room`), and so is CT1's `conf_id` (docs/protocol.md 3.10).

The order of a call, client (C) and server (S):

1. C `room.knock` → S `room.done`, and `room.state` to the host and to all who are in the room.
2. The host sends `room.admit` or `room.admit_all` (a host who knocks is admitted at once) → S `room.admitted`: ticket,
   ICE servers.
3. C `room.connect` with the ticket and its signed conf-join → S `room.offer` for `pub`, C `room.answer`;
   then, whenever what there is to receive changes, S `room.offer` for `sub`, C `room.answer`.
4. The key leader sends `room.key`, the server relays it blind as `room.keys`, one sealed key to each device.
5. `room.leave`, or the server's `room.bye`; those who remain see `room.state` and re-key at once.

The server always offers, one offer of a connection is outstanding at a time, and the forwarder is ICE-lite:
its address stands in the offer and it learns the client's from the checks, so there are no candidate frames.
A socket that reconnects says where it was (`room.resume`) and is told to stay or to knock again: consent is asked
again either way. How a client comes back, step by step, is docs/protocol.md section 9.
Every command carries a client-made `id`; one that was carried out is answered again and not carried out again. Refusals
are `error` frames whose `re` is that id (base64url). `not_found` means no such room, or one that is not yours.
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
TileSize = Literal["off", "low", "high"]
RoomPhase = Literal["lobby", "open", "closed"]
AdmissionState = Literal[
    "invited", "knocking", "waiting_consent", "admitted", "connected", "on_hold", "left", "denied", "removed"
]
SimulatedFailure = Literal["socket", "lost_frame", "media", "resume"]
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

    `seq` rises by one with each change of the room: an older frame that arrives late is dropped, and a number that was
    left out is a frame that was lost, which costs nothing, since the roster is whole. `epoch` rises whenever those who
    may hold the call's key have changed, and with them only: a key is made for one epoch (`room.key`).
    `locked`: nobody new may knock.
    """

    type: Literal["room.state"] = "room.state"
    room: Id16
    seq: int
    epoch: int
    locked: bool
    phase: RoomPhase
    people: list[RoomPerson]


class RoomView(Body):
    """`GET /api/rooms/{session_id}`: the lobby, for anyone who may join. Times are the session's.

    `opens_at` is when the lobby opens; whoever was put out gets `shut_out`.
    """

    room: Id16
    thread: Id32
    patient: Id16
    starts_at: Millis
    ends_at: Millis
    opens_at: Millis
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
    """Ended, or not open yet: `opens_at` of the lobby says when."""
    ROOM_LOCKED = "room_locked"
    """The host lets nobody new knock; those who were in the call before may."""
    ELSEWHERE = "elsewhere"
    """This person is here with another device: ask them, and knock with `move` if they want the call on this one."""
    STALE_EPOCH = "stale_epoch"
    """The key was made for people who have changed: make one for the next `room.state`."""
    ROOM_FULL = "room_full"
    BAD_ANSWER = "bad_answer"
    """The session description could not be used."""


class RoomKnock(Frame):
    """Client → server: let me in. Sent again after a reconnect, it is the resume. Answer: `room.done`.

    The host, and a person who is admitted already, get `room.admitted` with a fresh ticket; all others wait for the
    host. `room_locked`: nobody new may knock now. `elsewhere`: another device of this person is in the call or waits
    for it; with `move` the call comes to this one, and the other gets `room.bye` (`moved`).
    """

    type: Literal["room.knock"] = "room.knock"
    id: Id16
    room: Id16
    device: Id16
    move: bool = False


class RoomResume(Frame):
    """Client → server: the socket came back, and this is where I was. Answer: `room.resumed`, consent asked again.

    Sent after every reconnect, after a `room.bye` with `resume`, and every fifteen seconds while waiting or in the
    call, so that a lost frame costs no more than that. `seq` is that of the last `room.state` (-1 for none); `call`
    that of the media that still runs, 0 for none.
    """

    type: Literal["room.resume"] = "room.resume"
    id: Id16
    room: Id16
    device: Id16
    seq: Annotated[int, Field(ge=-1)]
    call: Annotated[int, Field(ge=0)]


class RoomResumed(Frame):
    """Server → client: the answer to `room.resume`, with the roster if it has changed since `seq`.

    `stay`: all is as you say: go on sending, or go on waiting. `knock`: media is gone, or it is not yours any more:
    close the connections and knock.
    """

    type: Literal["room.resumed"] = "room.resumed"
    re: Id16
    room: Id16
    action: Literal["stay", "knock"]
    state: RoomState | None


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


class RoomAdmitAll(Frame):
    """Client → server, host only: let in everybody who knocks now, as `room.admit` would. Answer: `room.done`.

    Those whom consent does not cover now, and those who were put out, stay where they are.
    """

    type: Literal["room.admit_all"] = "room.admit_all"
    id: Id16
    room: Id16


class RoomLock(Frame):
    """Client → server, host only: nobody new may knock, or they may again. Answer: `room.done`.

    Those who were in the call may come back, and the patient may always knock; a person who knocks already still waits.
    """

    type: Literal["room.lock"] = "room.lock"
    id: Id16
    room: Id16
    on: bool


class RoomHost(Frame):
    """Client → server, host only: this clinician, who is in the call, is the host from now on. Answer: `room.done`.

    Nothing else changes who hosts: a host whose connection drops comes back as host.
    """

    type: Literal["room.host"] = "room.host"
    id: Id16
    room: Id16
    user: Id16


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
    a new ticket). Only the device that knocked last connects, any other gets `elsewhere`; a device that it takes the
    call from gets `room.bye` (`moved`).
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


class RoomTile(Body):
    """One tile on a person's screen: whose, of which kind, and how large it is shown."""

    user: Id16
    kind: Literal["video", "screen"]
    size: TileSize


class RoomWant(Frame):
    """Client → server: what this device shows, so that nothing larger is sent to it. Answer: `room.done`.

    It replaces the wish before; tiles that are not named are wanted `high`. It is a wish: a line that cannot carry
    it gets smaller pictures, or sound alone. `off` stops a picture at once; another size comes with its next
    keyframe. Every `room.connect` begins without a wish.
    """

    type: Literal["room.want"] = "room.want"
    id: Id16
    room: Id16
    tiles: Annotated[list[RoomTile], Field(max_length=64)]


class KeySeal(Body):
    """One conf-seal: the call key `ck_n` sealed to one device's `e_pk`; the server cannot open it."""

    user: Id16
    device: Id16
    sealed: Sealed


class RoomKey(Frame):
    """Client → server, from the key leader: key number `n`, its signed commitment, one seal a device.

    Answer: `room.done`, or `stale_epoch` if those who may hold it are no longer those of the `room.state` with this
    `epoch`. Relayed to the devices that are connected at that moment; seals for anyone else are dropped, not refused.
    """

    type: Literal["room.key"] = "room.key"
    id: Id16
    room: Id16
    epoch: Annotated[int, Field(ge=0)]
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
    """Whose media an m-line of a `sub` offer carries; in a `pub` offer, which kind goes into it (`user` is you).

    `low`, in a `pub` offer alone: this m-line takes the small picture of that kind, sent beside the full one, at an
    eighth of its bitrate, when more than two people are in the call. Subscribers know one track and get either.
    """

    mid: str
    user: Id16
    kind: Kind
    low: bool = False


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
    """Server → client, to the one concerned: what to do now, and why.

    `stop`: close both connections, wipe the call's keys, and do not come back by yourself (`moved`: another device of
    yours took over). `rejoin`: the media is gone: close both connections and knock again. `resume`: the media is not:
    go on sending, and say where you are (`room.resume`), since frames to you may have been lost (`gap`).
    """

    type: Literal["room.bye"] = "room.bye"
    room: Id16
    device: Id16
    action: Literal["stop", "resume", "rejoin"]
    reason: RemovalReason | Literal["closed", "media_lost", "left", "moved", "gap"]


class RoomSim(Frame):
    """Client → server: let this fail. Answer: `room.done`; `refused` unless a test has set CONSILIUM_ROOM_SIM.

    `socket`: this socket is cut without a word. `lost_frame`: the room changes and nobody is told. `media`: the
    forwarder loses this person. `resume`: `room.bye` with `resume`.
    """

    type: Literal["room.sim"] = "room.sim"
    id: Id16
    room: Id16
    what: SimulatedFailure


class RoomDone(Frame):
    """Server → client: the command `re` was carried out, now or when it was first sent."""

    type: Literal["room.done"] = "room.done"
    re: Id16
