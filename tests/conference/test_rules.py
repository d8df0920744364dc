"""The door's table: who may pass from where to where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from conference.rules import (
    INSIDE,
    OUT,
    OVERTIME,
    PRESENT,
    Event,
    Refusal,
    State,
    is_elsewhere,
    lobby_is_open,
    lobby_opens,
    lock_holds,
    may_remove,
    transition,
)


def walk(*events: Event) -> State | Refusal:
    state: State | Refusal = State.INVITED
    for event in events:
        assert isinstance(state, State)
        state = transition(state, event)
    return state


def test_it_works() -> None:
    assert walk(Event.KNOCK, Event.ADMIT, Event.CONNECT) == State.CONNECTED
    assert walk(Event.HOST_KNOCK, Event.CONNECT, Event.LEAVE) == State.LEFT


def test_a_patient_waits_on_hold_and_is_let_in() -> None:
    assert walk(Event.KNOCK, Event.ADMIT_ON_HOLD) == State.ON_HOLD
    assert walk(Event.KNOCK, Event.ADMIT_ON_HOLD, Event.CONNECT) == Refusal.NOT_NOW
    assert walk(Event.KNOCK, Event.ADMIT_ON_HOLD, Event.RELEASE, Event.CONNECT) == State.CONNECTED


@pytest.mark.parametrize("state", [s for s in State if s not in (State.ADMITTED, State.CONNECTED)])
def test_nobody_connects_who_was_not_admitted(state: State) -> None:
    assert isinstance(transition(state, Event.CONNECT), Refusal)


@pytest.mark.parametrize("state", sorted(OUT))
def test_one_who_was_put_out_cannot_knock_and_the_host_alone_opens_again(state: State) -> None:
    assert transition(state, Event.KNOCK) == Refusal.SHUT_OUT
    assert transition(state, Event.HOST_KNOCK) == Refusal.SHUT_OUT
    assert transition(state, Event.ADMIT) == State.INVITED


def test_leaving_on_hold_is_no_way_round_the_hold() -> None:
    assert walk(Event.KNOCK, Event.ADMIT_ON_HOLD, Event.LEAVE, Event.KNOCK) == State.KNOCKING


@pytest.mark.parametrize("state", sorted(INSIDE | {State.KNOCKING, State.INVITED}))
def test_a_withdrawal_puts_out_from_everywhere(state: State) -> None:
    assert transition(state, Event.WITHDRAW) == State.WAITING_CONSENT
    assert transition(State.WAITING_CONSENT, Event.ADMIT) == Refusal.NOT_NOW
    assert transition(State.WAITING_CONSENT, Event.CONNECT) == Refusal.NOT_NOW


@pytest.mark.parametrize("event", [Event.KNOCK, Event.ADMIT, Event.HOLD, Event.LEAVE, Event.REMOVE, Event.WITHDRAW])
def test_a_command_that_comes_twice_has_the_effect_of_one(event: Event) -> None:
    for state in State:
        after = transition(state, event)
        # Opening the door again for one who was put out is a step of two.
        if isinstance(after, Refusal) or (state in OUT and event is Event.ADMIT):
            continue
        assert transition(after, event) in (after, Refusal.SHUT_OUT), (state, event)


def test_only_connect_and_release_lead_to_connected() -> None:
    leading = {e for s, e in product(State, Event) if s != State.CONNECTED and transition(s, e) == State.CONNECTED}
    assert leading == {Event.CONNECT, Event.RELEASE_IN_CALL}


def test_the_lobby_has_hours() -> None:
    start = datetime(2026, 11, 23, 14, tzinfo=UTC)
    end = start + timedelta(minutes=50)
    opens = lobby_opens(start, 15, timedelta(0))
    assert opens == start - timedelta(minutes=15)
    assert lobby_opens(start, 15, timedelta(days=90)) == start - timedelta(days=90)
    assert not lobby_is_open(opens, end, opens - timedelta(seconds=1))
    assert lobby_is_open(opens, end, opens)
    assert lobby_is_open(opens, end, end + OVERTIME)
    assert not lobby_is_open(opens, end, end + OVERTIME + timedelta(seconds=1))


@pytest.mark.parametrize("state", list(State))
def test_a_lock_holds_whoever_is_new_and_nobody_else(state: State) -> None:
    new = lock_holds(state, was_in_call=False, is_host=False, is_patient=False)
    assert new is (state not in PRESENT)
    for exempt in ({"was_in_call": True}, {"is_host": True}, {"is_patient": True}):
        assert not lock_holds(state, **{"was_in_call": False, "is_host": False, "is_patient": False, **exempt})


@pytest.mark.parametrize(
    ("state", "connected", "knocked_from", "asks"),
    [
        (State.CONNECTED, b"laptop", b"laptop", True),
        (State.CONNECTED, b"phone", b"phone", False),
        (State.CONNECTED, b"laptop", b"phone", True),
        (State.ON_HOLD, b"", b"laptop", True),
        (State.KNOCKING, b"", b"laptop", True),
        (State.KNOCKING, b"", b"phone", False),
        (State.LEFT, b"", b"laptop", False),
        (State.INVITED, b"", b"", False),
    ],
)
def test_a_second_device_is_asked_about_while_the_first_is_there(
    state: State, connected: bytes, knocked_from: bytes, asks: bool
) -> None:
    assert is_elsewhere(state, connected=connected, knocked_from=knocked_from, device=b"phone") is asks


@pytest.mark.parametrize("state", sorted(OUT))
def test_nothing_but_the_hosts_word_brings_back_whoever_was_put_out(state: State) -> None:
    for event in set(Event) - {Event.ADMIT, Event.ADMIT_ON_HOLD}:
        after = transition(state, event)
        assert isinstance(after, Refusal) or after == state, event


@pytest.mark.parametrize(
    ("host", "patient", "of_host", "of_patient", "may"),
    [
        (True, False, False, False, True),
        (False, True, False, False, True),
        (False, False, False, False, False),
        (False, True, True, False, False),
        (True, False, False, True, False),
    ],
)
def test_host_and_patient_may_put_out_all_but_each_other(
    host: bool, patient: bool, of_host: bool, of_patient: bool, may: bool
) -> None:
    got = may_remove(actor_is_host=host, actor_is_patient=patient, target_is_host=of_host, target_is_patient=of_patient)
    assert got is may
