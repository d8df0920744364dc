"""What the server takes for a message, and each thing it refuses."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Entry
from crypto.errors import Ct1Error
from crypto.messages import parse_wire
from messaging.actions import desk
from messaging.actions.posting import Post, post_message, post_messages
from messaging.footing import Footings, Row
from messaging.models import Message, Thread
from tests.messaging.cast import Cast, grant, hand_in, let_in, open_case, withdraw
from tests.messaging.house import Case, Person
from wire.errors import NotFound
from wire.messaging import MessageAck

pytestmark = pytest.mark.server


def prepared(case: Case, sender: Person, wire: bytes) -> Post:
    return Post(sender.user.pk, sender.device, case.state.thread_id, parse_wire(wire).header.msg_id, wire)


def post(case: Case, sender: Person, wire: bytes) -> MessageAck:
    return post_message(prepared(case, sender, wire))


def refused(case: Case, sender: Person, wire: bytes) -> str:
    """The code of the refusal, with nothing written."""
    before = Message.objects.count()
    [outcome] = post_messages([prepared(case, sender, wire)])
    assert not isinstance(outcome, MessageAck)
    assert Message.objects.count() == before
    return str(outcome.code)


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    acks = [post(case, cast.elena, case.seal(cast.elena)) for _ in range(3)]
    assert [(ack.seq, ack.dup) for ack in acks] == [(1, False), (2, False), (3, False)]
    assert Entry.objects.filter(verb="thread.post", actor=cast.elena.user.pk, outcome="permit").count() == 3


def test_the_same_message_again_is_the_same_ack_and_no_second_row(cast: Cast) -> None:
    case = open_case(cast)
    wire = case.seal(cast.elena)
    first, again = post(case, cast.elena, wire), post(case, cast.elena, wire)
    assert (again.seq, again.at, again.dup) == (first.seq, first.at, True)
    assert Message.objects.count() == 1


def test_the_same_message_twice_in_one_batch_is_one_row(cast: Cast) -> None:
    case = open_case(cast)
    one = prepared(case, cast.elena, case.seal(cast.elena))
    acks = post_messages([one, one])
    assert [ack.dup for ack in acks if isinstance(ack, MessageAck)] == [False, True]
    assert Message.objects.count() == 1


def test_an_id_is_never_used_for_another_message(cast: Cast) -> None:
    case, other = open_case(cast), open_case(cast)
    msg_id = secrets.token_bytes(16)
    post(case, cast.elena, case.seal(cast.elena, msg_id=msg_id))
    assert refused(case, cast.elena, case.seal(cast.elena, "another", msg_id=msg_id)) == "conflict"
    assert refused(other, cast.elena, other.seal(cast.elena, msg_id=msg_id)) == "conflict"


def test_the_outsider_posts_nothing_and_learns_nothing(cast: Cast) -> None:
    case = open_case(cast)
    wire = case.seal(cast.chidi)
    with pytest.raises(NotFound) as known:
        post(case, cast.chidi, wire)
    nowhere = case.seal(cast.chidi, thread=bytes(32))
    with pytest.raises(NotFound) as unknown:
        post_message(Post(cast.chidi.user.pk, cast.chidi.device, bytes(32), parse_wire(nowhere).header.msg_id, nowhere))
    assert known.value.body() == unknown.value.body()
    assert Message.objects.count() == 0


def test_a_message_under_another_name_device_or_thread_is_refused(cast: Cast) -> None:
    case, other = open_case(cast, cast.samuel), open_case(cast)
    wire = case.seal(cast.samuel)
    header = parse_wire(wire).header
    stolen = Post(cast.elena.user.pk, cast.samuel.device, case.state.thread_id, header.msg_id, wire)
    elsewhere = Post(cast.samuel.user.pk, cast.elena.device, case.state.thread_id, header.msg_id, wire)
    moved = Post(cast.samuel.user.pk, cast.samuel.device, other.state.thread_id, header.msg_id, wire)
    codes = [
        str(outcome.code)
        for outcome in post_messages([stolen, elsewhere, moved])
        if not isinstance(outcome, MessageAck)
    ]
    assert codes == ["E_SCOPE", "E_SCOPE", "E_THREAD"]
    assert Message.objects.count() == 0


def test_a_forged_or_changed_message_is_refused(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    wire = case.seal(cast.elena)
    assert refused(case, cast.elena, wire[:-1] + bytes([wire[-1] ^ 1])) == "E_SIG"
    flipped = bytearray(wire)
    flipped[300] ^= 1
    assert refused(case, cast.elena, bytes(flipped)) == "E_SIG"
    assert refused(case, cast.elena, case.seal(cast.samuel, sender=cast.elena.id, device=cast.elena.device)) == "E_SIG"
    assert refused(case, cast.elena, case.seal(cast.elena, sender_gen=2)) == "E_UNKNOWN_KEY"


@pytest.mark.parametrize("cut", [0, 1, 2, 100, 189, 250])
def test_a_truncated_message_is_refused_by_the_protocol(cast: Cast, cut: int) -> None:
    case = open_case(cast)
    wire = case.seal(cast.elena)
    header = parse_wire(wire).header
    with pytest.raises(Ct1Error):
        post_message(Post(cast.elena.user.pk, cast.elena.device, case.state.thread_id, header.msg_id, wire[:cut]))
    with pytest.raises(Ct1Error):
        post_message(Post(cast.elena.user.pk, cast.elena.device, case.state.thread_id, header.msg_id, wire + b"\0"))


def test_a_message_under_an_old_epoch_is_refused_until_it_is_sealed_again(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    msg_id = secrets.token_bytes(16)
    stale = case.seal(cast.elena, msg_id=msg_id)
    assert hand_in(case, cast.samuel, case.epoch(cast.samuel))[0] == 200
    assert refused(case, cast.elena, stale) == "E_STALE_EPOCH"
    assert post(case, cast.elena, case.seal(cast.elena, msg_id=msg_id)).seq == 1


def test_what_another_process_wrote_meanwhile_counts_here(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case, (here, there) = open_case(cast, cast.samuel), (Footings(), Footings())
    for process, sender, ctr in ((here, cast.elena, 7), (there, cast.elena, 8), (there, cast.samuel, 3)):
        monkeypatch.setattr("messaging.actions.desk.footings", process)
        post(case, sender, case.seal(sender, ctr=ctr))
    monkeypatch.setattr("messaging.actions.desk.footings", here)
    assert refused(case, cast.elena, case.seal(cast.elena, ctr=8)) == "E_REPLAY"
    assert refused(case, cast.samuel, case.seal(cast.samuel, ctr=3)) == "E_REPLAY"
    assert post(case, cast.samuel, case.seal(cast.samuel, ctr=4)).seq == 4


def test_a_signature_is_measured_by_the_key_that_the_log_has_now(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = open_case(cast, cast.samuel)
    post(case, cast.elena, case.seal(cast.elena))
    # Whatever was remembered before the lock, the key found under it decides.
    stale = {cast.elena.user.pk: cast.samuel.identity.fp, cast.samuel.user.pk: cast.samuel.identity.fp}
    monkeypatch.setattr(Footings, "fp_of", lambda self, thread, user: stale[user])
    assert post(case, cast.elena, case.seal(cast.elena)).seq == 2
    forged = bytearray(case.seal(cast.samuel))
    forged[-1] ^= 1
    assert refused(case, cast.samuel, bytes(forged)) == "E_SIG"


def test_a_counter_goes_up_and_another_log_is_not_cited(cast: Cast) -> None:
    case = open_case(cast)
    post(case, cast.elena, case.seal(cast.elena, ctr=7))
    assert refused(case, cast.elena, case.seal(cast.elena, ctr=7)) == "E_REPLAY"
    assert refused(case, cast.elena, case.seal(cast.elena, ctr=8, log_head=bytes(32))) == "E_LOG_FORK"
    assert refused(case, cast.elena, case.seal(cast.elena, ctr=8, log_seq=99)) == "E_LOG_FORK"
    assert post(case, cast.elena, case.seal(cast.elena, ctr=8)).seq == 2


def test_nobody_posts_before_the_log_says_what_the_patient_said(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    samuels = case.permit(cast.samuel)
    grant(cast, case, samuels)
    assert refused(case, cast.elena, case.seal(cast.elena)) == "E_LOG_BEHIND"
    assert hand_in(case, cast.elena, case.consent(cast.elena, samuels))[0] == 200
    assert post(case, cast.elena, case.seal(cast.elena)).seq == 1


def test_after_a_withdrawal_the_thread_waits_for_the_log_then_for_a_new_key(cast: Cast) -> None:
    case = open_case(cast)
    directive = let_in(cast, case, cast.samuel)
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    revoke = withdraw(cast, case, directive)
    with pytest.raises(NotFound):
        post(case, cast.samuel, case.seal(cast.samuel))
    assert refused(case, cast.elena, case.seal(cast.elena)) == "E_LOG_BEHIND"
    assert hand_in(case, cast.elena, case.consent(cast.elena, revoke))[0] == 200
    assert refused(case, cast.elena, case.seal(cast.elena)) == "E_ROTATE_REQUIRED"
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    assert post(case, cast.elena, case.seal(cast.elena)).seq == 1


def test_one_bad_message_does_not_take_its_batch_along(cast: Cast) -> None:
    case = open_case(cast)
    good, bad, last = case.seal(cast.elena), case.seal(cast.elena), case.seal(cast.elena)
    spoilt = bad[:-1] + bytes([bad[-1] ^ 1])
    header = parse_wire(bad).header
    outcomes = post_messages(
        [
            prepared(case, cast.elena, good),
            Post(cast.elena.user.pk, cast.elena.device, case.state.thread_id, header.msg_id, spoilt),
            prepared(case, cast.elena, last),
        ]
    )
    assert [one.seq if isinstance(one, MessageAck) else one.code for one in outcomes] == [1, "E_SIG", 2]


def test_a_thread_that_begins_at_that_moment_is_not_there_yet(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = open_case(cast)
    with monkeypatch.context() as moment:
        # The question before the lock did not find it, and the lock does.
        moment.setattr(desk, "_patients_of", lambda threads: set())
        assert refused(case, cast.elena, case.seal(cast.elena)) == "not_found"
    assert post(case, cast.elena, case.seal(cast.elena)).seq == 1


def test_who_waited_for_the_lock_is_judged_and_timed_after_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case, locked, at = open_case(cast), desk._locked, list[datetime]()

    def wait(threads: list[str]) -> tuple[dict[str, Row], dict[UUID, int]]:
        found = locked(threads)
        at.append(timezone.now())
        return found

    monkeypatch.setattr(desk, "_locked", wait)
    post(case, cast.elena, case.seal(cast.elena))
    assert Message.objects.get().created_at >= at[0]


def test_seqs_have_no_gaps_and_no_doubles_when_many_write_at_once(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    posts = {who.user.pk: [prepared(case, who, case.seal(who)) for _ in range(20)] for who in (cast.elena, cast.samuel)}
    acks: list[MessageAck] = []

    def write(mine: list[Post]) -> None:
        try:
            acks.extend(post_message(one) for one in mine)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(mine,)) for mine in posts.values()]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert sorted(ack.seq for ack in acks) == list(range(1, 41))
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 41))
    assert Thread.objects.get(pk=case.id).head == 40
