"""The question that stands before every place on a session's list."""

from __future__ import annotations

from datetime import datetime

from consent.access import decide_for
from consent.model import Reason
from live.store import unavailable
from messaging.models import Thread
from people.models import User
from scheduling.models import Session

JOIN = "session.join"


def is_covered(user: User, thread: Thread, starts_at: datetime, now: datetime) -> bool:
    """Whether the patient's directives let this person join, now and still when the session begins.

    The patient is always allowed at the sessions about them. Raises Unavailable where nothing can be decided.
    """
    if user.pk == thread.patient.account_id:
        return user.is_active
    decisions = [
        decide_for(user, JOIN, thread.patient_id, thread_id=thread.pk, labels=tuple(thread.labels), now=at)
        for at in sorted({now, max(now, starts_at)})
    ]
    if any(decision.reason == Reason.PDP_UNAVAILABLE for decision in decisions):
        raise unavailable()
    return all(decision.permit for decision in decisions)


def may_attend(user: User, session: Session, now: datetime) -> bool:
    return is_covered(user, session.thread, session.starts_at, now)
