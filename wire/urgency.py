"""How soon a message wants an answer: priority, deadline and addressees as signed words beside the sealed message.

A client posts the message, then `POST …/urgencies` with the words it signed about it (docs/protocol.md 3.12). The
server tells the first addressee at once and the next in line after each deadline, until somebody who may read the
thread signs an acknowledgement. On-call roles, quiet hours and the crisis lines of a place are here too.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from wire.base import B64, Body, Frame, Id16, Id32, Millis, Signature

MAX_SIGNED = 512
MAX_NAME = 80
Minute = Annotated[int, Field(ge=0, lt=24 * 60)]
State = Literal["noted", "waiting", "acknowledged", "unanswered"]
Outcome = Literal["told", "may_not_read", "nobody_on_duty", "already_told", "is_sender"]


class UrgencyCode(StrEnum):
    """Refusals of urgency that a client acts upon, besides CT1's own codes and those of wire.errors."""

    SAID_OTHERWISE = "said_otherwise"
    """The message has another urgency already: what was signed first stands."""
    OWN_MESSAGE = "own_message"
    UNKNOWN_ZONE = "unknown_zone"


class SignedWords(Body):
    """An urgency or an acknowledgement exactly as signed (docs/protocol.md 3.12)."""

    body: B64 = Field(min_length=1, max_length=MAX_SIGNED)
    sig: Signature


class EscalationStep(Body):
    """What became of one addressee of the line: told, or passed over, and why.

    `user` is null where nobody stood behind it. Who may not read the thread is never told of it.
    """

    position: int
    kind: int
    id: Id16
    user: Id16 | None
    outcome: Outcome
    at: Millis


class UrgencyOut(Body):
    """`POST /api/threads/{thread}/urgencies`: what a sender said of a message, and how far it has got.

    Retry-safe: the same bytes answer what stands. `state` `noted`: no answer was asked for. `due_at`: when the next in
    line is told. `unanswered`: the line has ended without an answer, at once where nobody in it may read.
    """

    msg_id: Id16
    seq: int
    body: B64
    sig: Signature
    state: State
    due_at: Millis | None
    steps: list[EscalationStep]


class AckOut(Body):
    """`POST /api/threads/{thread}/acks`: one person's acknowledgement of one message; a repeat is the same one."""

    msg_id: Id16
    seq: int
    user: Id16
    body: B64
    sig: Signature
    at: Millis


class ThreadUrgencies(Body):
    """`GET /api/threads/{thread}/urgencies?before=`: the latest 100 messages that have either, ascending by seq.

    Verify each under the signer's key before it is shown. `before` goes further back; null at the beginning.
    """

    urgencies: list[UrgencyOut]
    acks: list[AckOut]
    before: int | None


class UrgencyChanged(Frame):
    """Server → members who may read: a message's urgency or an acknowledgement has moved; fetch `…/urgencies`."""

    type: Literal["urgency.changed"] = "urgency.changed"
    thread: Id32
    msg_id: Id16
    state: State


class ThreadRole(Body):
    """An on-call role that a message may be addressed to; `holder` only where they may read the thread."""

    id: Id16
    name: str
    organisation_name: str
    holder: Id16 | None
    holder_name: str


class ThreadRoles(Body):
    """`GET /api/threads/{thread}/roles`: on-call roles of the organisations whose people may read the thread."""

    roles: list[ThreadRole]


class RoleOpen(Body):
    """`POST /api/organisations/{organisation}/on-call`: a new role, by somebody who leads there."""

    id: Id16
    """Client-made: a repeat is the same role."""
    name: str = Field(min_length=1, max_length=MAX_NAME)


class RoleGive(Body):
    """`POST /api/on-call/{role}/turns`: from now on `user` holds the role; to oneself, this takes it."""

    user: Id16


class OnCallTurnOut(Body):
    """One person's time in a role; `until` null for the present holder."""

    user: Id16
    name: str
    given_by: Id16
    since: Millis
    until: Millis | None


class OnCallRoleOut(Body):
    """A role with its latest turns, the newest first, 20 at most."""

    id: Id16
    organisation: Id16
    name: str
    may_give: bool
    turns: list[OnCallTurnOut]


class OnCallRoles(Body):
    """`GET /api/organisations/{organisation}/on-call`, for its staff: roles by name, 100 at most."""

    roles: list[OnCallRoleOut]
    may_open: bool


class QuietHoursPut(Body):
    """`PUT /api/me/quiet-hours`: minutes of one's day, over midnight when `end` is not later; equal ends: none."""

    zone: str = Field(min_length=1, max_length=64)
    start: Minute
    end: Minute


AnswerTime = Literal["", "hours", "day", "two_days", "week"]
"""Within some hours, a working day, two, a working week; empty: it was not said."""


class AnswerTimePut(Body):
    """`GET` and `PUT /api/me/answer-time`: when one usually answers, for all with whom one shares a conversation.

    It is no promise that anybody keeps watch over, and nothing is decided by it.
    """

    within: AnswerTime


class CrisisLine(Body):
    """A number to call instead of writing."""

    number: str
    name: str
    purpose: str


class CrisisLines(Body):
    """`GET /api/me/crisis-lines`: the lines of the asker's place; `country` empty: those that hold anywhere."""

    country: str
    version: int
    source: str
    lines: list[CrisisLine]
