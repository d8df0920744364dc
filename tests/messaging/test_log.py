"""The log grows by what its members sign, in one order, and by nothing else."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from crypto.entries import EpochStart, Genesis, MemberAdd, parse_entry, parse_payload
from crypto.tables import EpochReason, GranteeKind, RevokeKind, Suite
from messaging.models import LogEntry, Member, Seal, Thread
from tests.messaging.cast import Cast, Desk, grant, hand_in, let_in, open_case, thread_row, withdraw, withdraw_all
from tests.messaging.house import Batch, Case, together
from wire.base import b64

pytestmark = pytest.mark.server


def begin(cast: Cast, case: Case) -> tuple[int, Any]:
    return Desk(cast.elena).post("/threads", Batch(case.entries[:1]).body())


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    status, body = hand_in(case, cast.samuel, case.epoch(cast.samuel))
    assert status == 200
    assert body == {"thread": case.id, "log_seq": case.state.seq, "log_head": b64(case.state.head), "epoch": 2}
    assert Seal.objects.filter(thread=case.id, epoch=2).count() == 3


def test_a_thread_is_begun_once_however_often_it_is_sent(cast: Cast) -> None:
    case = Case(cast.patient, cast.maya, cast.elena)
    assert begin(cast, case) == begin(cast, case)
    assert Thread.objects.count() == 1


def test_nobody_begins_a_thread_about_a_patient_who_is_not_theirs(cast: Cast) -> None:
    case = Case(cast.patient, cast.maya, cast.chidi)
    status, body = Desk(cast.chidi).post("/threads", Batch(case.entries).body())
    assert (status, body["code"]) == (404, "not_found")
    assert Thread.objects.count() == LogEntry.objects.count() == 0


def test_a_genesis_pins_the_patients_own_key_and_the_roots_that_are_here(cast: Cast) -> None:
    case = Case(cast.patient, cast.maya, cast.elena)
    genesis = parse_payload(parse_entry(case.entries[0].body))
    assert isinstance(genesis, Genesis)
    [authority] = genesis.authorities
    stranger = replace(genesis, authorities=(replace(authority, user=cast.elena.id, fp=cast.elena.fp),))
    elsewhere = replace(genesis, roots=((bytes(16), bytes(32)),))
    for changed, code in ((stranger, "E_GRANT_AUTHORITY"), (elsewhere, "E_CERT")):
        entry = replace(parse_entry(case.entries[0].body), payload=changed.encode())
        signed = entry.signed(cast.elena.identity.sign_seed)
        status, body = Desk(cast.elena).post("/threads", Batch([signed]).body())
        assert (status, body["code"]) == (422, code)
    assert Thread.objects.count() == 0


def test_whoever_comes_second_is_told_the_head(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    elder = case.state
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    winner = case.state
    case.state = elder
    status, body = hand_in(case, cast.samuel, case.epoch(cast.samuel))
    assert (status, body["code"]) == (409, "E_LOG_SEQ")
    assert (body["log_seq"], body["log_head"]) == (winner.seq, b64(winner.head))
    assert thread_row(case).epoch == 2


def test_an_entry_that_follows_another_head_is_refused(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    case.state = replace(case.state, hashes=(*case.state.hashes[:-1], bytes(32)))
    status, body = hand_in(case, cast.elena, case.epoch(cast.elena))
    assert (status, body["code"]) == (409, "E_LOG_PREV")


def test_the_same_entries_again_are_done_already(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    batch = case.epoch(cast.elena)
    assert hand_in(case, cast.elena, batch) == hand_in(case, cast.elena, batch)
    assert LogEntry.objects.filter(thread=case.id).count() == case.state.seq + 1


def test_of_two_who_append_at_once_one_wins(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    before = case.state
    batches = {}
    for who in (cast.elena, cast.samuel):
        case.state = before
        batches[who.user.pk] = (who, case.epoch(who))
    statuses: list[int] = []

    def write(index: int) -> None:
        who, batch = list(batches.values())[index]
        try:
            statuses.append(hand_in(case, who, batch)[0])
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(index,)) for index in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert sorted(statuses) == [200, 409]
    assert (thread_row(case).epoch, thread_row(case).log_seq) == (2, before.seq + 1)


def test_an_entry_is_handed_in_by_its_author_alone(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    batch = case.epoch(cast.elena)
    status, body = Desk(cast.samuel).post(f"/threads/{case.id}/log", batch.body())
    assert (status, body["code"]) == (422, "E_SCOPE")


def test_an_epoch_with_a_ghost_or_without_a_member_is_refused(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    everybody = case.state.recipients(case.state.ts)
    ghost = (*everybody, (1, cast.chidi.id, cast.chidi.fp))
    for recipients in (tuple(sorted(ghost)), everybody[:-1]):
        start = EpochStart(2, Suite.X25519, EpochReason.REQUESTED, secrets.token_bytes(32), recipients)
        status, body = hand_in(case, cast.elena, Batch([case.entry(cast.elena, start)]))
        assert (status, body["code"]) == (422, "E_RECIPIENTS")
    assert thread_row(case).epoch == 1


def test_an_epoch_comes_with_a_seal_for_each_of_its_recipients(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    batch = case.epoch(cast.elena)
    batch.seals = [seal for seal in batch.seals if seal[1] != cast.samuel.id]
    status, body = hand_in(case, cast.elena, batch)
    assert (status, body["code"]) == (422, "E_SEAL_MISSING")
    assert thread_row(case).epoch == 1
    assert Seal.objects.filter(thread=case.id, epoch=2).count() == 0


def test_no_seal_is_kept_for_somebody_whom_the_log_does_not_give_the_epoch(cast: Cast) -> None:
    case = open_case(cast)
    seal = (1, cast.chidi.id, secrets.token_bytes(100))
    status, body = hand_in(case, cast.elena, Batch([], [seal]))
    assert (status, body["code"]) == (422, "E_RECIPIENTS")


def test_a_member_may_seal_again_and_cannot_put_rubbish_over_anothers_seal(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    assert hand_in(case, cast.samuel, Batch([], [(1, cast.maya.id, b"rubbish")]))[0] == 200
    _, held = Desk(cast.maya).get(f"/threads/{case.id}/seals")
    assert len(held["seals"]) == 2
    assert held["seals"][1]["blob"] == b64(b"rubbish")


def test_nobody_is_added_whom_the_patient_has_not_let_in(cast: Cast) -> None:
    case = open_case(cast)
    directive = case.permit(cast.samuel)
    grant(cast, case, directive)
    assert hand_in(case, cast.elena, case.consent(cast.elena, directive))[0] == 200
    ghost = case.entry(cast.elena, MemberAdd(cast.chidi.id, cast.chidi.fp, cast.chidi.role, directive.directive_id, 1))
    status, body = hand_in(case, cast.elena, Batch([ghost]))
    assert (status, body["code"]) == (422, "E_GRANT_SUBJECT")
    assert not Member.objects.filter(user=cast.chidi.user).exists()


def test_what_the_log_lacks_is_told_to_members_in_the_order_it_was_given(cast: Cast) -> None:
    case = open_case(cast)
    first, second = case.permit(cast.samuel), case.directive(GranteeKind.KEY, cast.tom.fp)
    for directive in (first, second):
        grant(cast, case, directive)
    revoke = withdraw(cast, case, first.directive_id)
    _, owed = Desk(cast.elena).get(f"/threads/{case.id}/owed")
    # The first permit is over before any log carried it: neither it nor its revocation is owed.
    assert [(one["kind"], one["body"]) for one in owed["objects"]] == [("directive", b64(second.encode()))]
    assert hand_in(case, cast.elena, case.consent(cast.elena, second))[0] == 200
    after = Desk(cast.elena).get(f"/threads/{case.id}/owed")[1]
    assert after == {"rotate": False, "objects": [], "members": [], "people": []}
    assert revoke.kind == RevokeKind.DIRECTIVE


def test_a_permit_that_was_given_after_everything_was_withdrawn_outlives_the_withdrawal(cast: Cast) -> None:
    case = open_case(cast)
    let_in(cast, case, cast.samuel)
    everyone = withdraw_all(cast, case)
    anew = case.permit(cast.elena, nbf=everyone.ts + 1)
    grant(cast, case, anew)
    _, owed = Desk(cast.maya).get(f"/threads/{case.id}/owed")
    assert [one["kind"] for one in owed["objects"]] == ["revoke", "directive"]
    both = together(case.consent(cast.maya, anew), case.consent(cast.maya, everyone))
    assert hand_in(case, cast.maya, both)[0] == 200
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    assert {user for _, user, _ in case.state.epochs[-1].recipients} == {cast.elena.id, cast.maya.id}


def test_one_who_is_removed_by_the_log_finds_the_thread_gone(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    assert hand_in(case, cast.elena, case.remove(cast.elena, cast.samuel))[0] == 200
    assert Desk(cast.samuel).get(f"/threads/{case.id}/log")[0] == 404
    assert Desk(cast.samuel).get("/threads")[1]["threads"][0]["standing"] == "ended"
