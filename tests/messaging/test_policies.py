"""How a thread is kept is changed by whoever consents in it, and by nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crypto.directives import Signer
from crypto.entries import Entry, Signed
from crypto.policy import Policy, sign_policy
from crypto.tables import EntryType, GenesisFlag
from messaging.models import LogEntry
from messaging.replay import state_of
from tests.messaging.cast import Cast, hand_in, open_case, thread_row
from tests.messaging.house import Batch, Case, Person, now_ms

pytestmark = pytest.mark.server


def policy(case: Case, author: Person, signer: Person, **changes: Any) -> Batch:
    made = replace(Policy(case.state.thread_id, case.state.policy.number + 1, 604_800, 10_000, 0), **changes)
    body = made.encode()
    signed = Signed(body, (Signer(signer.fp, sign_policy(signer.identity.sign_seed, body)),))
    state, identity = case.state, author.identity
    kind = EntryType.POLICY_CHANGE
    entry = Entry(state.thread_id, state.seq + 1, state.head, author.id, identity.gen, now_ms(), kind, signed.encode())
    return Batch([entry.signed(identity.sign_seed)])


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    made = policy(case, cast.maya, cast.maya, epoch_max_msgs=5, flags=int(GenesisFlag.BREAK_GLASS))
    assert hand_in(case, cast.maya, made)[0] == 200
    state = state_of(thread_row(case))
    assert (state.policy.number, state.policy.epoch_max_msgs) == (1, 5)
    assert state.policy.flags == GenesisFlag.BREAK_GLASS


def test_a_clinician_changes_nothing(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    before = LogEntry.objects.count()
    status, body = hand_in(case, cast.elena, policy(case, cast.elena, cast.elena, epoch_max_msgs=5))
    assert (status, body["code"]) == (422, "E_GRANT_AUTHORITY")
    assert LogEntry.objects.count() == before


def test_nobody_makes_a_key_live_longer_than_a_week(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    status, body = hand_in(case, cast.maya, policy(case, cast.maya, cast.maya, epoch_max_age_s=604_801))
    assert (status, body["code"]) == (422, "E_SIZE")


def test_the_outsider_finds_no_thread(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    status, body = hand_in(case, cast.chidi, policy(case, cast.chidi, cast.maya, epoch_max_msgs=5))
    assert (status, body["code"]) == (404, "not_found")
