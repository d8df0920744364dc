"""Two hundred holds at once over five shared calendars: no time is given twice, on either database."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction

from scheduling.access import plan_session
from scheduling.actions.sessions import book, hold
from scheduling.models import Claim, Session
from scheduling.times import MINUTE_MS
from tests.messaging.cast import Cast, open_case
from tests.messaging.house import Case, Person
from tests.scheduling.desk import booked, monday
from wire.base import unb64
from wire.errors import Conflict
from wire.scheduling import ParticipantIn, SessionHold

pytestmark = pytest.mark.server

THREADS, HOLDS = 8, 200


def wish_of(cast: Cast, case: Case, others: list[Person], starts_at: int) -> SessionHold:
    return SessionHold(
        id=secrets.token_bytes(16),
        patient=cast.patient.pk.bytes,
        thread=unb64(case.id),
        kind="check_in",
        participants=[ParticipantIn(user=one.id) for one in others],
        length=30,
        starts_at=starts_at,
        zone="UTC",
    )


def attempt(organiser: Person, wish: SessionHold, *, confirm: bool) -> str:
    """Holds, and perhaps books, on a connection of this thread's own; what came of it."""
    try:
        plan = plan_session(
            organiser.user, patient=wish.patient, thread=wish.thread, kind=wish.kind, participants=wish.participants
        )
        session = hold(plan, wish)
        if confirm:
            book(session)
    except Conflict as refusal:
        return refusal.code
    finally:
        connection.close()
    return "held"


def assert_nobody_is_booked_twice() -> None:
    spans = defaultdict(list)
    for claim in Claim.objects.order_by("starts_at"):
        spans[claim.user_id].append((claim.starts_at, claim.ends_at))
    for taken in spans.values():
        assert all(one[1] <= other[0] for one, other in pairwise(taken))
    for session in Session.objects.all():
        assert session.claims.count() == session.participants.count(), "all calendars or none"


def test_two_hundred_holds_at_once_take_no_time_twice(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom, cast.chidi)
    staff = [cast.elena, cast.samuel, cast.tom, cast.chidi]
    asked = []
    for number in range(HOLDS):
        organiser = staff[number % 4]
        others = [staff[(number + 1) % 4], staff[(number + 2) % 4]][: 1 + number % 2]
        if number % 5 == 0:
            others = [*others, cast.maya]
        # Quarters against half hours: most wishes overlap several others.
        starts_at = monday(9) + (number * 7 % 27) * 15 * MINUTE_MS
        asked.append((organiser, wish_of(cast, case, others, starts_at)))
    with ThreadPoolExecutor(THREADS) as pool:
        tickets = [
            pool.submit(attempt, organiser, wish, confirm=number % 3 == 0)
            for number, (organiser, wish) in enumerate(asked)
        ]
        outcomes = Counter(ticket.result(timeout=60) for ticket in tickets)
    assert set(outcomes) == {"held", "slot_taken"}
    assert outcomes["held"] == Session.objects.count() > 10
    assert sum(outcomes.values()) == HOLDS
    assert_nobody_is_booked_twice()


def test_one_slot_wanted_by_many_at_once_goes_to_one(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom, cast.chidi)
    wanted = [(one, wish_of(cast, case, [cast.samuel], monday(10))) for one in (cast.elena, cast.tom, cast.chidi) * 8]
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(pool.map(lambda pair: attempt(*pair, confirm=True), wanted, timeout=60))
    assert outcomes == {"held": 1, "slot_taken": 23}
    assert_nobody_is_booked_twice()


def test_one_hold_sent_many_times_at_once_is_one(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    wish = wish_of(cast, case, [cast.samuel], monday(10))
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(lambda _: attempt(cast.elena, wish, confirm=False), range(16), timeout=60))
    assert outcomes == ["held"] * 16
    assert (Session.objects.count(), Claim.objects.count()) == (1, 2)


def test_the_database_itself_refuses_a_second_claim_where_it_can(cast: Cast) -> None:
    if connection.vendor != "postgresql":
        assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        return
    booked(cast, open_case(cast, cast.samuel), cast.samuel)
    claim = Claim.objects.filter(user=cast.samuel.user).get()
    other = Session.objects.get()
    other.pk = cast.chidi.user.pk
    other.save(force_insert=True)
    for moved in (timedelta(0), timedelta(minutes=59), timedelta(minutes=-59)):
        with pytest.raises(IntegrityError, match="no_double_booking"), transaction.atomic():
            _copy(claim, other, moved)
    _copy(claim, other, timedelta(hours=1))


def _copy(claim: Claim, session: Session, moved: timedelta) -> None:
    Claim.objects.create(
        user=claim.user, session=session, starts_at=claim.starts_at + moved, ends_at=claim.ends_at + moved
    )
