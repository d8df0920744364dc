"""Who is next and when, for every line that can be: no database, no clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from crypto.tables import ACK_MAX_MS, ACK_MIN_MS, ADDRESSEES_MAX, AddresseeKind
from crypto.urgency import Addressee
from messaging.urgency.rules import InLine, Outcome, next_due, next_turns

PEOPLE = [UUID(int=number) for number in range(1, 7)]
people = st.sampled_from(PEOPLE)
lines = st.lists(
    st.builds(
        InLine,
        st.builds(Addressee, st.sampled_from(AddresseeKind), st.binary(min_size=16, max_size=16)),
        st.none() | people,
    ),
    max_size=ADDRESSEES_MAX,
)


@given(lines, st.sets(people), people, st.lists(st.sets(people), min_size=ADDRESSEES_MAX + 1))
def test_each_is_told_once_at_most_and_only_while_they_may_read(
    line: list[InLine], readers: set[UUID], sender: UUID, changes: list[set[UUID]]
) -> None:
    position, told = 0, list[UUID]()
    for change in changes:
        may_read = readers ^ change
        turns = next_turns(line, position, readers=may_read, told=set(told), sender=sender)
        assert [turn.position for turn in turns] == list(range(position, position + len(turns)))
        assert all(turn.outcome is not Outcome.TOLD for turn in turns[:-1])
        position += len(turns)
        if not turns or turns[-1].outcome is not Outcome.TOLD:
            # The line is at its end, and everybody in it has had their turn.
            assert position == len(line)
            break
        reached = turns[-1].user
        assert reached is not None
        assert reached in may_read
        assert reached != sender
        assert reached not in told
        told.append(reached)
    assert position == len(line)


@given(lines, st.sets(people), people)
def test_nobody_who_can_be_told_is_passed_over(line: list[InLine], readers: set[UUID], sender: UUID) -> None:
    turns = next_turns(line, 0, readers=readers, told=set(), sender=sender)
    first = next((at for at, one in enumerate(line) if one.user in readers - {sender}), None)
    assert len(turns) == (len(line) if first is None else first + 1)
    assert all(turn.user is None for turn in turns if turn.outcome is Outcome.MAY_NOT_READ)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)), st.integers(ACK_MIN_MS, ACK_MAX_MS))
def test_whoever_is_told_has_the_whole_time(now: datetime, span: int) -> None:
    due = next_due(now.replace(tzinfo=UTC), span)
    assert due - now.replace(tzinfo=UTC) == timedelta(milliseconds=span)
