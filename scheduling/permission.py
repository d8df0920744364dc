"""The question that stands before every place on a session's list."""

from __future__ import annotations

from datetime import datetime

from consent.access import decide_for
from messaging.models import Thread
from people.models import User
from scheduling.models import Session

JOIN = "session.join"


def is_covered(user: User, thread: Thread, starts_at: datetime, now: datetime) -> bool:
    """Whether the patient's directives let this person join, now and still when the session begins.

    The patient is always allowed at the sessions about them.
    """
    if user.pk == thread.patient.account_id:
        return user.is_active
    return all(
        decide_for(user, JOIN, thread.patient_id, thread_id=thread.pk, labels=tuple(thread.labels), now=at).permit
        for at in {now, max(now, starts_at)}
    )


def may_attend(user: User, session: Session, now: datetime) -> bool:
    return is_covered(user, session.thread, session.starts_at, now)
