"""Cases in which a reading that is wrong by one sign, one bit or one word would have gone unnoticed."""

import pickle
from dataclasses import replace
from datetime import timedelta

import pytest

from consent.model import PROTECTED_LABELS, UNPROTECTED_LABELS, Directive, Grantee, Reason, Snapshot
from consent.rules import decide
from tests.consent.test_rules import ASK, EMERGENCY, NOW, PERMIT, about, proxy, why

DAY = timedelta(days=1)
BEGUN = replace(PERMIT, valid_from=NOW - DAY)


@pytest.mark.parametrize("turned", [False, True], ids=["said first", "said last"])
def test_what_was_replaced_does_not_come_back_when_its_own_period_begins(turned: bool) -> None:
    old, word = replace(BEGUN, id="old"), Directive("new", "permit", grantee=Grantee(users=frozenset({"bob"})))
    said = [old, replace(word, supersedes=frozenset({"old"}))]
    assert why(ASK, *reversed(said) if turned else said) is Reason.NO_CONSENT


@pytest.mark.parametrize("turned", [False, True], ids=["said first", "said last"])
def test_what_stands_beside_something_replaced_begins_in_its_time(turned: bool) -> None:
    said = [
        replace(BEGUN, id="live"),
        Directive("old", "permit", grantee=Grantee(users=frozenset({"bob"}))),
        Directive("new", "permit", grantee=Grantee(users=frozenset({"bob"})), supersedes=frozenset({"old"})),
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
    for_bob = Directive("B", "permit", grantee=Grantee(users=frozenset({"bob"})))
    assert why(ASK, replace(PERMIT, valid_until=NOW - DAY), for_bob) is Reason.EXPIRED


def test_a_withdrawn_permission_stays_withdrawn_after_its_period_has_ended_too() -> None:
    assert why(ASK, replace(BEGUN, revoked_at=NOW - 2 * DAY, valid_until=NOW - DAY)) is Reason.REVOKED


def test_a_thing_may_carry_every_label_there_is() -> None:
    assert why(about(ASK, labels=PROTECTED_LABELS | UNPROTECTED_LABELS)) is not Reason.INVALID_REQUEST


def test_words_are_compared_by_what_they_say() -> None:
    """Words from a database or a wire are other objects than the literals of the code."""
    cases = [
        (ASK, [replace(PERMIT, redisclose="hipaa")]),
        (replace(ASK, purpose="HLEGAL", action="redisclose"), [PERMIT]),
        (about(ASK, author="ann"), [replace(PERMIT, revoked_at=NOW)]),
        (proxy(), []),
        (EMERGENCY, [Directive("D", "deny", grantee=Grantee(users=frozenset({"ann"})))]),
        (replace(ASK, action="thread.read"), [replace(PERMIT, effect="deny")]),
        (ASK, [replace(PERMIT, status="draft")]),
    ]
    for request, said in cases:
        copied = pickle.loads(pickle.dumps((request, said)))  # our own, a moment ago
        assert decide(Snapshot(tuple(copied[1])), copied[0]) == decide(Snapshot(tuple(said)), request)
