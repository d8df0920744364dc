"""Threads: the signed log, sealed messages, invitations and marks, on the one socket and over HTTP.

The server is a blind, ordered, durable relay that refuses what consent forbids; it opens no message and writes no
log entry. A thread is named by its CT1 thread id, 32 bytes, as base64url (43 characters) in addresses.

A client that opens a thread: `GET …/log`, `GET …/keys`, replay; `GET …/seals`; `GET …/messages`. A push is a hint:
a client that sees a gap in `seq` fetches. `not_found` means no such thread, or one that is not yours.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from wire.base import B64, Body, Frame, Id16, Id32, Millis, Signature
from wire.people import PersonKeys
from wire.urgency import AnswerTime

MAX_ENTRY = 65_536
MAX_WIRE = 71_000
MAX_SEAL = 512
MAX_BATCH = 200
MAX_PAGE = 200

Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]
Role = Annotated[int, Field(ge=0, le=255)]
ThreadName = Annotated[str, Field(min_length=43, max_length=43)]
Reason = Annotated[str, Field(max_length=500)]
Wire = Annotated[B64, Field(min_length=1, max_length=MAX_WIRE)]
InvitationState = Literal["asked", "agreed", "joined", "refused", "withdrawn"]


class MessagingCode(StrEnum):
    """Refusals of messaging that a client acts upon, besides CT1's own codes and those of wire.errors."""

    LOG_SEQ = "E_LOG_SEQ"
    """The entries do not follow the head: fetch the log, sign again."""
    LOG_PREV = "E_LOG_PREV"
    LOG_BEHIND = "E_LOG_BEHIND"
    """Consent has moved and the log does not say so yet: `GET …/owed`, append, then post again."""
    STALE_EPOCH = "E_STALE_EPOCH"
    """Another epoch is current, or members have changed since: rotate or fetch, seal again with the same msg_id."""
    ROTATE_REQUIRED = "E_ROTATE_REQUIRED"
    """The current epoch has recipients who may no longer read, or is too old: append an EPOCH, then post again."""
    BUSY = "busy"
    """The writer's queue is full: nothing was written, send the same frame again in a moment."""


class SignedLogEntry(Body):
    """A log entry exactly as signed (docs/protocol.md 3.4)."""

    body: B64 = Field(min_length=1, max_length=MAX_ENTRY)
    sig: Signature


class SealIn(Body):
    """An epoch's key sealed to one recipient; `user` is sixteen zero bytes for the compliance key."""

    epoch: int = Field(ge=1, lt=2**32)
    user: Id16
    blob: B64 = Field(min_length=1, max_length=MAX_SEAL)


class SealOut(Body):
    """One's own seal of an epoch; open it, compare its context, check the commitment in the log."""

    epoch: int
    blob: B64


class ThreadCreate(Body):
    """`POST /api/threads`: GENESIS and, in the same batch, the live directives of the patient and the first EPOCH.

    The thread id is the hash of the genesis entry, so sending it again answers the thread that exists.
    """

    entries: list[SignedLogEntry] = Field(min_length=1, max_length=MAX_BATCH)
    seals: list[SealIn] = Field(default_factory=list, max_length=MAX_BATCH)


class ThreadMember(Body):
    """A member by the log; `may_read` is what consent says at this moment. `role` is the CT1 role number."""

    user: Id16
    name: str
    role: int
    organisation: Id16 | None
    organisation_name: str
    is_patient: bool
    may_read: bool


class ThreadSummary(Body):
    """A thread in one's list. It has no title on the server: a title is a sealed message.

    `head` is the highest message seq (0: none yet), `last_at` the time of that message. `read` is one's own read mark,
    and `unread` counts what others wrote after it that one may read, changes and the like not counted: 1000 stands
    for that many or more. `standing` `waiting`: one opened it and the patient has not permitted anybody yet.
    `ended`: consent was withdrawn or one has left; only one's own messages remain readable, and `head`, `last_at` and
    `members` tell of nothing later.
    """

    id: Id32
    patient: Id16
    patient_name: str
    labels: list[str]
    created_by: Id16
    created_at: Millis
    head: Seq
    log_seq: Seq
    log_head: Id32
    epoch: int
    last_at: Millis | None
    read: Seq
    unread: int
    standing: Literal["member", "waiting", "ended"]
    closed: bool
    members: list[ThreadMember]
    emergency: bool
    """Somebody reads the patient's messages in an emergency: a member's client sees to their keys."""


class ThreadPage(Body):
    """`GET /api/threads?cursor=`: one's threads, the latest activity first, 50 a page; `cursor` null at the end."""

    threads: list[ThreadSummary]
    cursor: str | None


class LogPage(Body):
    """`GET /api/threads/{id}/log?after=-1`: entries with seq > `after` in order, 500 a page; fetch until `seq`."""

    entries: list[SignedLogEntry]
    first: Seq
    seq: Seq
    head: Id32


class LogAppend(Body):
    """`POST /api/threads/{id}/log`: entries that follow the head, and the seals of an EPOCH or HISTORY_SHARE.

    All or nothing. Answered with `LogHead`, or 409 `LogConflict` when somebody else was first. Entries that are
    already there, byte for byte, are answered as done.
    """

    entries: list[SignedLogEntry] = Field(max_length=MAX_BATCH)
    seals: list[SealIn] = Field(default_factory=list, max_length=MAX_BATCH)


class LogHead(Body):
    """Where a thread's log stands."""

    thread: Id32
    log_seq: Seq
    log_head: Id32
    epoch: int


class LogConflict(Body):
    """409: the entries do not follow the head; `code` is `E_LOG_SEQ` or `E_LOG_PREV`, and this is the head."""

    code: str
    message: str
    re: str
    log_seq: Seq
    log_head: Id32


class ThreadSeals(Body):
    """`GET /api/threads/{id}/seals`: one's own seals, by epoch."""

    seals: list[SealOut]


class ThreadKeys(Body):
    """`GET /api/threads/{id}/keys`: public keys and certificates of everybody whom the log names, to replay it."""

    people: list[PersonKeys]


class ConsentSignature(Body):
    """One signature over a directive or revocation."""

    fp: Id32
    sig: Signature


class OwedObject(Body):
    """What is in force and the log does not carry yet: append it as DIRECTIVE, REVOKE or AUTHORITY_CHANGE, in order."""

    kind: Literal["directive", "revoke", "authority"]
    body: B64
    signatures: list[ConsentSignature]


class OwedMember(Body):
    """An invited person whom the patient's directive now covers: append MEMBER_ADD, then EPOCH and seals.

    `role` is the CT1 role number, `history` and `history_from` as in the directive.
    """

    invitation: Id16
    keys: PersonKeys
    fp: Id32
    role: int
    directive: Id16
    history: int
    history_from: Millis


class ThreadOwed(Body):
    """`GET /api/threads/{id}/owed`: what the log lacks, for any member's client that may append it.

    `people` are those whose keys the objects name, and members who have other keys by now than the log knows: it is
    read with these. `rotate`: the epoch has carried as many messages as it may, and a new one is due.
    """

    objects: list[OwedObject]
    members: list[OwedMember]
    people: list[PersonKeys] = []
    rotate: bool = False


class MessageOut(Body):
    """A sealed message as its sender signed it; `at` is the server's receipt."""

    seq: Seq
    wire: B64
    at: Millis


class MessagePage(Body):
    """`GET /api/threads/{id}/messages?after=&before=&around=&asides=&limit=`: seq > `after` ascending, or seq <
    `before`, the latest; or `limit` messages `around` a seq, half of them before it.

    `seq` has no gaps in a thread, so one that is missing here was withheld: below `floor` by the history one was
    granted (0: all of it), or, with `own_only`, because the permission has ended and only one's own remain.
    With neither `after` nor `before`: the latest `limit` (at most 200). Always in ascending order. With `asides`, only
    those whose content type says something about other messages or is asked for of a whole thread: EDIT, REDACT, CARD,
    SUBJECT and PIN. Who shows a message asks for the asides after it, since it may have been taken back.
    """

    messages: list[MessageOut]
    head: Seq
    floor: Seq
    own_only: bool


class MessagePlace(Body):
    """`GET /api/threads/{id}/messages/at?time=`: the first message that the server took at or after that time.

    `seq` is that of the last one where all are earlier, and 0 where one may read none. The server's word alone: a
    client shows what it finds there with the times that were signed.
    """

    seq: Seq


class InvitationAsk(Body):
    """`POST /api/threads/{id}/invitations`: ask the patient to let somebody in; answered with `InvitationSent`.

    `id` is client-made: a repeat is the same invitation. `actions` are CT1 action bits, `history` and
    `history_from` the CT1 history kind wished for. `reason` is for the patient, and the server can read it:
    it says why this person, never what for clinically.
    """

    id: Id16
    invitee: Id16
    role: Role
    actions: int = Field(ge=1, lt=2**32)
    history: int = Field(ge=0, le=3)
    history_from: Millis = 0
    reason: Reason = ""


class InvitationSent(Body):
    """An invitation as the one who asked sees it."""

    id: Id16
    thread: Id32
    invitee: Id16
    invitee_name: str
    invitee_organisation: str
    role: int
    actions: int
    reason: str
    created_at: Millis
    state: InvitationState


class InvitationReceived(Body):
    """An invitation as the invitee sees it before the patient agrees: that there is one, and nothing else.

    `thread` is null until the invitee is a member.
    """

    id: Id16
    created_at: Millis
    state: InvitationState
    thread: Id32 | None


class Invitations(Body):
    """`GET /api/invitations`: those that concern the asker, the newest first, 100 each."""

    received: list[InvitationReceived]
    sent: list[InvitationSent]


class AdmissionRequest(Body):
    """What a patient is asked: who wants whom let in, for what, with the keys to check before signing.

    `fp` is the invitee's current key fingerprint, to be named in the directive; `keys` prove it.
    """

    id: Id16
    thread: Id32
    labels: list[str]
    asked_by: Id16
    asked_by_name: str
    asked_by_organisation: str
    asked_by_role: int
    invitee: Id16
    invitee_name: str
    invitee_organisation: Id16
    invitee_organisation_name: str
    role: int
    actions: int
    history: int
    history_from: Millis
    reason: str
    created_at: Millis
    state: InvitationState
    fp: Id32
    keys: PersonKeys


class AdmissionRequests(Body):
    """`GET /api/patients/{id}/requests`, for the patient: what waits for an answer, the oldest first.

    To agree, sign a directive (consent's door) and append it; to refuse, `POST /api/invitations/{id}/refuse`.
    The one who asked takes it back with `DELETE /api/invitations/{id}`.
    """

    requests: list[AdmissionRequest]


class InvitationChanged(Frame):
    """Server → the one who asked and the invitee: an invitation has moved on; fetch `GET /api/invitations`."""

    type: Literal["invitation.changed"] = "invitation.changed"
    id: Id16
    state: InvitationState


class RequestNew(Frame):
    """Server → the patient: somebody asks for something; fetch `GET /api/patients/{id}/requests`."""

    type: Literal["request.new"] = "request.new"
    patient: Id16
    invitation: Id16


class MarkFailure(Body):
    """A message that a device could not open, and the CT1 code of why."""

    seq: Seq
    code: str = Field(min_length=1, max_length=32, pattern=r"^[A-Z0-9_]+$")


class MarksPut(Body):
    """`PUT /api/threads/{id}/marks`: how far one has got. Marks merge by maximum and union: any replay is harmless.

    `delivered`: decrypted on a device up to here; `read`: seen up to here. `failed`: could not be opened;
    `healed`: opened after all.
    """

    delivered: Seq = 0
    read: Seq = 0
    failed: list[MarkFailure] = Field(default_factory=list, max_length=100)
    healed: list[Seq] = Field(default_factory=list, max_length=100)


class ReadMove(Body):
    """When a read mark came to stand at `read`: what it passed over was read by then. `at` 0: nobody knows when."""

    read: Seq
    at: Millis


class MemberMarks(Body):
    """How far one member has got. `moves`: when the read mark moved, oldest first, the newest few; in a push one."""

    user: Id16
    delivered: Seq
    read: Seq
    failed: list[MarkFailure]
    moves: list[ReadMove]


class ThreadMarks(Body):
    """`GET /api/threads/{id}/marks`: delivered, read, and could not be read, a member."""

    marks: list[MemberMarks]


class ThreadReader(Body):
    """One who can read the thread now: since when and by which directives; the patient by right, with none.

    `since` is when the directive began or the person joined, the later. `answers`: when they say they usually answer.
    """

    user: Id16
    name: str
    role: int
    organisation: Id16 | None
    organisation_name: str
    is_patient: bool
    since: Millis
    until: Millis | None
    basis: list[Id16]
    answers: AnswerTime


class ThreadReaders(Body):
    """`GET /api/threads/{id}/readers`: who can read this now, as the log and consent both say."""

    readers: list[ThreadReader]


class MessagePost(Frame):
    """Client → server: post this sealed message. `id` is the msg_id inside its header. Answer: `message.ack`.

    Retry-safe for ever: the same id with the same content is answered with the ack it had, `dup` true.
    """

    type: Literal["message.post"] = "message.post"
    id: Id16
    thread: Id32
    wire: Wire


class MessageAck(Frame):
    """Server → client, after the commit and never before: the message `re` is durable and has its place."""

    type: Literal["message.ack"] = "message.ack"
    re: Id16
    thread: Id32
    msg_id: Id16
    seq: Seq
    at: Millis
    dup: bool


class MessageNew(Frame):
    """Server → everybody who may read the thread at the moment of delivery, the sender's other devices included."""

    type: Literal["message.new"] = "message.new"
    thread: Id32
    seq: Seq
    sender: Id16
    epoch: int
    wire: B64
    at: Millis


class ThreadChanged(Frame):
    """Server → members: the log, the consent or the members have moved; fetch the log, and `…/owed`.

    `what` `new`: one has become a member. `emergency`: somebody has declared one and waits for the keys, which the
    client of any member may give.
    """

    type: Literal["thread.changed"] = "thread.changed"
    thread: Id32
    log_seq: Seq
    epoch: int
    what: Literal["new", "log", "consent", "emergency"]


class ThreadLost(Frame):
    """Server → one who may no longer read: drop the thread's keys and content; one's own messages remain by HTTP."""

    type: Literal["thread.lost"] = "thread.lost"
    thread: Id32


class MarksChanged(Frame):
    """Server → members: how far one member has got."""

    type: Literal["marks.changed"] = "marks.changed"
    thread: Id32
    marks: MemberMarks
