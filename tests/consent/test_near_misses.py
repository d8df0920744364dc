"""Cases in which a reading that is wrong by one sign, one bit or one word would have gone unnoticed."""

from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any

import pytest

from consent.model import (
    PROTECTED_LABELS,
    UNPROTECTED_LABELS,
    Directive,
    Grantee,
    PatientFacts,
    Policy,
    Reason,
    Request,
    Snapshot,
)
from consent.rules import decide
from tests.consent.test_rules import ASK, EMERGENCY, IMPLIED, NOW, PERMIT, about, proxy, why

DAY = timedelta(days=1)
ANNS, BOB = Grantee(users=frozenset({"ann"})), Grantee(users=frozenset({"bob"}))
BEGUN = replace(PERMIT, valid_from=NOW - DAY)


@pytest.mark.parametrize("turned", [False, True], ids=["said first", "said last"])
def test_what_was_replaced_does_not_come_back_when_its_own_period_begins(turned: bool) -> None:
    old, word = replace(BEGUN, id="old"), Directive("new", "permit", grantee=BOB)
    said = [old, replace(word, supersedes=frozenset({"old"}))]
    assert why(ASK, *reversed(said) if turned else said) is Reason.NO_CONSENT


@pytest.mark.parametrize("turned", [False, True], ids=["said first", "said last"])
def test_what_stands_beside_something_replaced_begins_in_its_time(turned: bool) -> None:
    said = [
        replace(BEGUN, id="live"),
        Directive("old", "permit", grantee=BOB),
        Directive("new", "permit", grantee=BOB, supersedes=frozenset({"old"})),
    ]
    assert why(ASK, *reversed(said) if turned else said) is Reason.CONSENT_PERMIT


def test_a_deny_of_one_kind_of_thing_is_no_deny_of_another() -> None:
    hiv_alone = Directive("D", "deny", labels=frozenset({"HIV"}))
    both = replace(PERMIT, labels=frozenset({"SEX", "HIV"}))
    assert why(about(ASK, labels=frozenset({"SEX"})), hiv_alone, both) is Reason.CONSENT_PERMIT
    assert why(about(ASK, labels=frozenset({"HIV"})), hiv_alone, both) is Reason.CONSENT_DENY


def test_a_deny_that_ran_out_is_no_permit_that_ran_out() -> None:
    assert why(ASK, Directive("D", "deny", valid_until=NOW - DAY)) is Reason.NO_CONSENT


def test_why_one_is_refused_is_not_told_from_what_another_may() -> None:
    for_bob = Directive("B", "permit", grantee=BOB)
    assert why(ASK, replace(PERMIT, valid_until=NOW - DAY), for_bob) is Reason.EXPIRED


def test_a_withdrawn_permission_stays_withdrawn_after_its_period_has_ended_too() -> None:
    assert why(ASK, replace(BEGUN, revoked_at=NOW - 2 * DAY, valid_until=NOW - DAY)) is Reason.REVOKED


def test_a_thing_may_carry_every_label_there_is() -> None:
    assert why(about(ASK, labels=PROTECTED_LABELS | UNPROTECTED_LABELS)) is not Reason.INVALID_REQUEST


def test_an_ending_that_is_told_is_of_what_would_have_permitted() -> None:
    for_bob = Directive("B", "permit", grantee=BOB, valid_until=NOW - DAY)
    assert why(ASK, for_bob, replace(PERMIT, valid_from=NOW + DAY)) is Reason.NOT_YET_VALID
    assert why(ASK, replace(PERMIT, valid_from=NOW + DAY), for_bob) is Reason.NOT_YET_VALID


NAMED = [
    ([Directive("D", "deny", grantee=ANNS)], True),
    ([Directive("P", "permit", grantee=BOB), Directive("D", "deny", grantee=ANNS)], True),
    ([Directive("D", "deny", grantee=ANNS), Directive("P", "permit", grantee=BOB)], True),
    ([Directive("D", "deny", grantee=ANNS, valid_until=NOW - DAY), Directive("E", "deny", grantee=BOB)], False),
    ([Directive("E", "deny", grantee=BOB), Directive("D", "deny", grantee=ANNS, valid_until=NOW - DAY)], False),
    ([Directive("E", "deny"), Directive("P", "permit", grantee=ANNS, valid_until=NOW - DAY)], False),
    ([Directive("P", "permit", grantee=ANNS, valid_until=NOW - DAY), Directive("E", "deny")], False),
    ([Directive("D", "deny", grantee=BOB)], False),
]


@pytest.mark.parametrize(("said", "needs_cosigner"), NAMED)
def test_a_cosigner_is_needed_where_a_deny_in_force_names_the_very_person(
    said: list[Directive], needs_cosigner: bool
) -> None:
    assert (why(EMERGENCY, *said) is Reason.BREAK_GLASS_NEEDS_COSIGN) is needs_cosigner


def anew(value: Any) -> Any:
    """The same value made of other objects, as a database or a wire makes it: no literal of the code is in it."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return "".join(list(value))
    if isinstance(value, frozenset | tuple):
        return type(value)(anew(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{field.name: anew(getattr(value, field.name)) for field in fields(value) if field.init})
    return value


REFUSES = PatientFacts("pat1", emergency_refusal=True)
SAID = [
    (ASK, [PERMIT]),
    (ASK, [replace(PERMIT, status="revoked")]),
    (ASK, [replace(PERMIT, status="expired")]),
    (ASK, [replace(PERMIT, status="draft")]),
    (ASK, [replace(PERMIT, effect="deny", data_from=NOW - DAY)]),
    (about(ASK, authored_at=None), [PERMIT, replace(PERMIT, id="D", effect="deny", data_from=NOW - DAY)]),
    (about(ASK, labels=frozenset({"ETHUD"})), [replace(PERMIT, labels=frozenset({"ETHUD"}))]),
    (replace(ASK, purpose="HLEGAL"), [PERMIT]),
    (replace(about(ASK, labels=frozenset({"42CFRPart2"})), purpose="HLEGAL"), [PERMIT]),
    (replace(ASK, action="redisclose"), [replace(PERMIT, redisclose="hipaa")]),
    (about(ASK, author="ann"), [replace(PERMIT, revoked_at=NOW)]),
    (replace(proxy(), patient=PatientFacts("pat2", date(2001, 1, 1))), []),
    (proxy("attorney"), []),
    (EMERGENCY, []),
    (replace(EMERGENCY, patient=REFUSES), []),
]


@pytest.mark.parametrize(("request_", "said"), SAID)
def test_words_are_compared_by_what_they_say(request_: Request, said: list[Directive]) -> None:
    for policy in (Policy(), IMPLIED, Policy("team-unlabelled", frozenset({"t1"}))):
        here = Snapshot(tuple(said), policy=policy)
        # Another id, so that nothing that is remembered for equal directives answers in their place.
        there = Snapshot(tuple(replace(one, id=f"{one.id}-anew") for one in anew(tuple(said))), policy=anew(policy))
        one, other = decide(here, request_), decide(there, anew(request_))
        assert (one.permit, one.reason, one.obligations) == (other.permit, other.reason, other.obligations)
