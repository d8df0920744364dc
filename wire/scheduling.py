"""Calendars and sessions, as HTTP bodies and answers, and the two hints on the socket.

A session is found (`find` ranks slots that suit everybody), held (all calendars or none, for some minutes) and
booked. What happens inside other people's calendars never crosses the wire: only slots that are free do.
A session's id is made by the client that holds it; it is also the id of the session's room.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from wire.base import B64, Body, Frame, Id16, Id32, Millis

SessionKind = Literal["case_conference", "joint", "check_in"]
"""Clinicians first and the patient let in from hold; with the patient; brief."""
SessionStatus = Literal["held", "lapsed", "booked", "cancelled"]
"""`lapsed` is a hold whose time ran out: its calendars are free again."""
AttendanceState = Literal["expected", "needs_consent", "time_taken", "declined", "withdrawn"]
"""`needs_consent`: the patient's permission is missing, the person has heard nothing and sees nothing.
`time_taken`: an optional person who is not free then. `withdrawn`: permission ended, the attendance with it."""

Zone = Annotated[str, Field(min_length=1, max_length=64)]
"""An IANA zone name, such as `Europe/Berlin`."""
Early = Annotated[int, Field(ge=0, le=120)]
"""How many minutes before the start people may come into the lobby."""
LocalTime = Annotated[str, Field(max_length=32)]
"""A date and time on the wall clock of a zone: `2026-11-24T09:30`."""


class SchedulingCode(StrEnum):
    """Refusals of calendars and sessions that a client acts upon, besides those of wire.errors."""

    UNKNOWN_ZONE = "unknown_zone"
    HOURS_ORDER = "hours_order"
    """A row of hours ends before it begins, or crosses midnight: split it."""
    HOURS_OVERLAP = "hours_overlap"
    IMPOSSIBLE_DATE = "impossible_date"
    MISSING_TIME = "missing_time"
    """The clocks jump over this local time."""
    WRONG_RANGE = "wrong_range"
    TOO_SOON = "too_soon"
    SLOT_TAKEN = "slot_taken"
    """The slot is not free for everybody who must be there; it is not said for whom."""
    HOLD_LAPSED = "hold_lapsed"
    NEEDS_CONSENT = "needs_consent"
    """Somebody who must be there is not covered by the patient's permission yet."""
    ID_USED = "id_used"
    NOT_OPEN = "not_open"
    """The session was cancelled, or has begun or ended."""


class HoursRow(Body):
    """Open hours on one weekday (0 is Monday), in minutes of the local day; `until` 1440 is midnight."""

    weekday: int = Field(ge=0, le=6)
    start: int = Field(ge=0, le=1439)
    until: int = Field(ge=1, le=1440)


class Hours(Body):
    """`GET /api/me/hours` and `PUT /api/me/hours`: one's weekly hours, and what is kept free around sessions.

    `buffer` minutes stay free before and after every session; nobody is asked within `notice` minutes from now.
    A wall-clock time that the clocks jump over means the moment of the jump; one that comes twice means the first.
    """

    zone: Zone
    rows: list[HoursRow] = Field(max_length=70)
    buffer: int = Field(default=0, ge=0, le=120)
    notice: int = Field(default=60, ge=0, le=20_160)


class HoursExceptionIn(Body):
    """`POST /api/me/exceptions`: away between two local times, or (`open`) there beyond the weekly hours."""

    zone: Zone
    starts: LocalTime
    ends: LocalTime
    open: bool = False


class HoursExceptionOut(Body):
    """A stored exception; `note` says, if not empty, how a local time that comes twice was read."""

    id: Id16
    starts_at: Millis
    ends_at: Millis
    zone: str
    open: bool
    note: str = ""


class HoursExceptions(Body):
    """`GET /api/me/exceptions`: those that are not over. `DELETE /api/me/exceptions/{id}` removes one."""

    exceptions: list[HoursExceptionOut]


class ParticipantIn(Body):
    """Somebody to be there; without the `required` the session takes place anyway."""

    user: Id16
    required: bool = True


Participants = Annotated[list[ParticipantIn], Field(max_length=24)]


class SessionFind(Body):
    """`POST /api/sessions/find`: slots for these people and the asker, from `starts` until `ends`, at most 62 days.

    `length` in minutes; `zone` is the one in which days are counted for the ranking. The asker need not be listed.
    """

    patient: Id16
    thread: Id32
    kind: SessionKind
    participants: Participants
    length: int = Field(ge=5, le=480)
    starts: Millis
    ends: Millis
    zone: Zone
    page: int = Field(default=1, ge=1, le=1000)


class FreeSlot(Body):
    """A time that suits everybody required; `optional_free` of the optional people are free too."""

    starts_at: Millis
    ends_at: Millis
    optional_free: int


class FreeSlots(Body):
    """Slots, the best first: most optional people free, then soon, then on the hour and not wedged in."""

    slots: list[FreeSlot]
    optional: int
    page: int
    more: bool


class SessionHold(Body):
    """`POST /api/sessions/hold`: takes a slot on all calendars or none, answered with the session.

    `id` is made by the client; the same hold sent twice is one hold.
    """

    id: Id16
    patient: Id16
    thread: Id32
    kind: SessionKind
    participants: Participants
    length: int = Field(ge=5, le=480)
    starts_at: Millis
    zone: Zone
    early: Early = 15


class SessionStart(Body):
    """`POST /api/sessions/start`: a session that begins now and is booked at once, answered with the session.

    Hours and notice are not asked, since everybody decides whether to come; no time is taken twice all the same.
    `id` is made by the client; the same start sent twice is one session.
    """

    id: Id16
    patient: Id16
    thread: Id32
    kind: SessionKind
    participants: Participants
    length: int = Field(ge=5, le=480)
    early: Early = 15


class SessionCancel(Body):
    """`POST /api/sessions/{id}/cancel`, by the organiser or the patient: for everybody, with a reason they see."""

    reason: str = Field(default="", max_length=300)


class AgendaPut(Body):
    """`PUT /api/sessions/{id}/agenda`: a sealed CT1 message of the session's thread, which the server cannot read."""

    wire: B64 = Field(max_length=71_000)


class ParticipantOut(Body):
    """Somebody on the list; `role` is the CT1 role number, 0 for the patient."""

    user: Id16
    name: str
    role: int
    organisation: str
    is_patient: bool
    is_organiser: bool
    required: bool
    state: AttendanceState


class SessionOut(Body):
    """`GET /api/sessions/{id}`, for those who may attend, and the answer of hold, book, cancel, decline and agenda.

    `zone` is the one the time was agreed in. `expires_at` is set while held. `room` says that the room exists, and
    `opens_at` from when its lobby can be entered.
    `POST /api/sessions/{id}/book` confirms a hold (the organiser); `POST /api/sessions/{id}/decline` takes oneself
    off the list. `GET /api/sessions/{id}/calendar.ics` is the neutral calendar entry.
    """

    id: Id16
    patient: Id16
    patient_name: str
    thread: Id32
    kind: SessionKind
    status: SessionStatus
    starts_at: Millis
    ends_at: Millis
    zone: str
    organiser: Id16
    expires_at: Millis | None
    reason: str
    agenda: B64 | None
    participants: list[ParticipantOut]
    room: bool
    opens_at: Millis
    you_organise: bool


class SessionPage(Body):
    """`GET /api/sessions?page=1&past=false`: one's sessions ahead, the next first; with `past`, those gone by."""

    sessions: list[SessionOut]
    page: int
    more: bool


class FeedAddress(Body):
    """`POST /api/me/feed`: a new secret calendar address, shown once; the one before stops working.

    `GET /feeds/{token}.ics`, outside /api and without a session, is the feed.
    """

    path: str


class ExceptionRemoved(Body):
    """The answer to a removal."""

    removed: bool = True


class SessionChanged(Frame):
    """Server → client: a session one may attend is new or has changed; fetch it."""

    type: Literal["session.changed"] = "session.changed"
    session: Id16


class SessionLost(Frame):
    """Server → client: a session is no longer one's own. Nothing is said about why."""

    type: Literal["session.lost"] = "session.lost"
    session: Id16
