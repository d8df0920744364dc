"""What a thread's log comes to, replayed once a process and head: it is a pure function of the entries."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from crypto.log import Directory, SignedEntry, ThreadState, replay
from crypto.naming import Named, named_in
from messaging.keys import directory_of
from messaging.models import LogEntry, Member, Thread
from people.models import KeyBundle
from people.shapes import millis

KEPT = 500
"""States a process keeps, the last used ones; a log of a hundred entries is some 100 kB and 5 ms to replay."""

_states: OrderedDict[tuple[str, bytes], ThreadState] = OrderedDict()
_lock = threading.Lock()


def now_ms(now: datetime | None = None) -> int:
    return millis(now or timezone.now())


def state_of(thread: Thread) -> ThreadState:
    """The state at the thread's log head."""
    key = (thread.pk, thread.log_head)
    with _lock:
        found = _states.get(key)
        if found is not None:
            _states.move_to_end(key)
            return found
    entries = signed_entries(thread.pk)
    state = replay(entries, directory_for(thread.pk, entries), now_ms())
    keep(thread, state)
    return state


def keep(thread: Thread, state: ThreadState) -> None:
    """Remembers a state under the head it belongs to, and forgets the one used longest ago."""
    with _lock:
        _states[thread.pk, thread.log_head] = state
        while len(_states) > KEPT:
            _states.popitem(last=False)


def signed_entries(thread_id: str) -> list[SignedEntry]:
    rows = LogEntry.objects.filter(thread_id=thread_id).order_by("seq").values_list("body", "sig")
    return [SignedEntry(body, sig) for body, sig in rows]


def directory_for(thread_id: str, entries: Sequence[SignedEntry]) -> Directory:
    """The keys of everybody whom these entries name, and of those who are or were in the thread."""
    users = set(Member.objects.filter(thread_id=thread_id).values_list("user_id", flat=True))
    users |= set(LogEntry.objects.filter(thread_id=thread_id).values_list("author", flat=True))
    return directory_of(users | people_named(entries))


def people_named(entries: Iterable[SignedEntry]) -> set[UUID]:
    """The accounts of those whom entries name, by account or by key; raises as the parsers do."""
    return accounts_of(named_in(entries))


def accounts_of(named: Named) -> set[UUID]:
    """The accounts behind what is named by account or by key."""
    by_key = KeyBundle.objects.filter(fp__in=named.fps).values_list("user_id", flat=True)
    return {UUID(bytes=user) for user in named.users} | set(by_key)
