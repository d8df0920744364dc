"""What may happen to a person at the door of a room: a table of states and events. No database, no clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

OVERTIME = timedelta(hours=2)
"""The lobby closes so long after the end of the session."""
SILENT = timedelta(seconds=60)
"""Whoever waits and has not been heard of for so long is gone: a client says every fifteen seconds where it is."""


class State(StrEnum):
    """Where a person stands; CONNECTED and no other state receives media and keys."""

    INVITED = "invited"
    KNOCKING = "knocking"
    WAITING_CONSENT = "waiting_consent"
    ADMITTED = "admitted"
    CONNECTED = "connected"
    ON_HOLD = "on_hold"
    LEFT = "left"
    DENIED = "denied"
    REMOVED = "removed"


class Event(StrEnum):
    """What happens to a person, after consent was asked; WITHDRAW and PERMIT are consent's own word."""

    KNOCK = "knock"
    HOST_KNOCK = "host_knock"
    ADMIT = "admit"
    ADMIT_ON_HOLD = "admit_on_hold"
    CONNECT = "connect"
    HOLD = "hold"
    RELEASE = "release"
    RELEASE_IN_CALL = "release_in_call"
    MEDIA_LOST = "media_lost"
    LEAVE = "leave"
    REMOVE = "remove"
    WITHDRAW = "withdraw"
    PERMIT = "permit"
    CLOSE = "close"


class Refusal(StrEnum):
    NOT_NOW = "not_now"
    SHUT_OUT = "shut_out"


PRESENT = frozenset({State.KNOCKING, State.ADMITTED, State.CONNECTED, State.ON_HOLD})
"""They watch the roster."""
INSIDE = frozenset({State.ADMITTED, State.CONNECTED, State.ON_HOLD})
IN_CALL = frozenset({State.CONNECTED, State.ON_HOLD})
OUT = frozenset({State.DENIED, State.REMOVED})

_S, _E = State, Event
_OUTSIDE = (_S.INVITED, _S.WAITING_CONSENT, _S.LEFT)

_TABLE: dict[tuple[State, Event], State] = {
    **{(s, _E.KNOCK): _S.KNOCKING for s in (*_OUTSIDE, _S.KNOCKING)},
    **{(s, _E.HOST_KNOCK): _S.ADMITTED for s in (*_OUTSIDE, _S.KNOCKING)},
    # A reconnect knocks again and changes nothing: it is answered with a ticket.
    **{(s, e): s for s in INSIDE for e in (_E.KNOCK, _E.HOST_KNOCK)},
    (_S.KNOCKING, _E.ADMIT): _S.ADMITTED,
    (_S.KNOCKING, _E.ADMIT_ON_HOLD): _S.ON_HOLD,
    **{(s, e): s for s in INSIDE for e in (_E.ADMIT, _E.ADMIT_ON_HOLD)},
    # For those who were put out, the host's admit opens the door and no more: they knock themselves.
    **{(s, e): _S.INVITED for s in OUT for e in (_E.ADMIT, _E.ADMIT_ON_HOLD)},
    (_S.ADMITTED, _E.CONNECT): _S.CONNECTED,
    (_S.CONNECTED, _E.CONNECT): _S.CONNECTED,
    (_S.ADMITTED, _E.HOLD): _S.ON_HOLD,
    (_S.CONNECTED, _E.HOLD): _S.ON_HOLD,
    (_S.ON_HOLD, _E.HOLD): _S.ON_HOLD,
    (_S.ON_HOLD, _E.RELEASE): _S.ADMITTED,
    (_S.ON_HOLD, _E.RELEASE_IN_CALL): _S.CONNECTED,
    **{(s, e): s for s in (_S.ADMITTED, _S.CONNECTED) for e in (_E.RELEASE, _E.RELEASE_IN_CALL)},
    (_S.CONNECTED, _E.MEDIA_LOST): _S.ADMITTED,
    (_S.ON_HOLD, _E.MEDIA_LOST): _S.ON_HOLD,
    **{(s, _E.LEAVE): _S.LEFT for s in (*PRESENT, _S.LEFT)},
    (_S.KNOCKING, _E.REMOVE): _S.DENIED,
    (_S.INVITED, _E.REMOVE): _S.DENIED,
    (_S.WAITING_CONSENT, _E.REMOVE): _S.DENIED,
    (_S.LEFT, _E.REMOVE): _S.REMOVED,
    **{(s, _E.REMOVE): _S.REMOVED for s in INSIDE},
    **{(s, _E.REMOVE): s for s in OUT},
    **{(s, _E.WITHDRAW): _S.WAITING_CONSENT for s in (*PRESENT, *_OUTSIDE)},
    (_S.WAITING_CONSENT, _E.PERMIT): _S.INVITED,
    **{(s, _E.CLOSE): _S.LEFT for s in PRESENT},
}


def transition(state: State, event: Event) -> State | Refusal:
    """The state after an event, or why it cannot happen. What is not in the table does not happen."""
    after = _TABLE.get((state, event))
    if after is not None:
        return after
    return Refusal.SHUT_OUT if state in OUT else Refusal.NOT_NOW


def lobby_opens(starts_at: datetime, early_minutes: int, at_least: timedelta) -> datetime:
    """When the lobby opens: so early as the session says, and never later than `at_least` before the start."""
    return starts_at - max(timedelta(minutes=early_minutes), at_least)


def lobby_is_open(opens_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether one may knock: from the hour at which the lobby opens until OVERTIME after the end."""
    return opens_at <= now <= ends_at + OVERTIME


def lock_holds(state: State, *, was_in_call: bool, is_host: bool, is_patient: bool) -> bool:
    """Whether a locked room keeps this person from knocking. Nobody locks the patient out of a call about them."""
    return not (state in PRESENT or was_in_call or is_host or is_patient)


def is_elsewhere(state: State, *, connected: bytes, knocked_from: bytes, device: bytes) -> bool:
    """Whether a person who comes with `device` is in the call, or waits for it, with another one.

    `connected` and `knocked_from` are the devices of their media and of their last knock, empty where there is none.
    """
    here = connected or (knocked_from if state in PRESENT else b"")
    return here not in (b"", device)


def may_remove(*, actor_is_host: bool, actor_is_patient: bool, target_is_host: bool, target_is_patient: bool) -> bool:
    """The host and the patient may put people out; nobody puts out either of them."""
    return (actor_is_host or actor_is_patient) and not (target_is_host or target_is_patient)
