"""For whom a committed message is, and that nobody hears it once a later word of the patient's has been heard."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.messages import parse_wire
from live.hub import hub
from live.outlet import Outlet
from live.ready import Ready
from messaging.actions.posting import Post, write_messages
from messaging.delivery import Delivery, deliver, hear, pack, unpack
from messaging.footing import SECONDS, Footings
from messaging.permits import permits
from people.models import Affiliation
from tests.messaging.cast import Cast, hand_in, let_in, open_case, withdraw
from tests.messaging.house import Case, Person
from wire.binary import decode
from wire.messaging import MessageAck, MessageNew

pytestmark = pytest.mark.server


def written(case: Case, sender: Person) -> Delivery:
    wire = case.seal(sender)
    post = Post(sender.user.pk, sender.device, case.state.thread_id, parse_wire(wire).header.msg_id, wire)
    [outcome], deliveries = write_messages([post])
    assert isinstance(outcome, MessageAck)
    return deliveries[0]


def named(case: Case, sender: Person, *people: Person) -> set[str]:
    names = {person.user.pk: person.user.name for person in people}
    return {names[reader] for reader in written(case, sender).readers}


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    one = written(case, cast.elena)
    assert set(one.readers) == {cast.elena.user.pk, cast.samuel.user.pk, cast.maya.user.pk}
    frame = decode(one.frame)
    assert isinstance(frame, MessageNew)
    assert (frame.seq, frame.sender, frame.thread) == (1, cast.elena.id, case.state.thread_id)


def test_the_outsider_and_the_withdrawn_are_not_among_the_readers(cast: Cast) -> None:
    case = open_case(cast)
    directive = let_in(cast, case, cast.samuel)
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    everybody = (cast.elena, cast.samuel, cast.maya, cast.chidi)
    assert cast.samuel.user.name in named(case, cast.elena, *everybody)
    revoke = withdraw(cast, case, directive)
    assert hand_in(case, cast.elena, case.consent(cast.elena, revoke))[0] == 200
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    assert named(case, cast.elena, *everybody) == {cast.elena.user.name, cast.maya.user.name}


def test_one_whose_post_has_ended_is_told_nothing_more_when_what_was_remembered_is_past(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("messaging.actions.desk.footings", Footings(lambda: now))
    case = open_case(cast, cast.samuel)
    assert cast.samuel.user.pk in written(case, cast.elena).readers
    Affiliation.objects.filter(user=cast.samuel.user).delete()
    now = SECONDS
    assert cast.samuel.user.pk not in written(case, cast.elena).readers


@pytest.fixture
def heard() -> Iterator[list[Ready]]:
    """What a socket of LISTENER's is told in this process."""
    told: list[Ready] = []

    async def send(ready: Ready) -> None:
        raise AssertionError("this socket has a raw road")

    class Raw:
        on_binary = None

        def write_frame(self, frame: bytes) -> int:
            told.append(Ready("", frame))
            return 0

        def cut(self, code: int) -> None:
            raise AssertionError("nothing here is slow")

    outlet = Outlet({"extensions": {"consilium.raw": Raw()}}, send, lambda: None)
    outlet.open()
    hub.join(LISTENER, outlet)
    yield told
    hub.leave(LISTENER, outlet)


LISTENER, PATIENT = uuid4(), uuid4()


def about(patient: UUID, epoch: int, *readers: UUID) -> Delivery:
    frame = b"\x03" + bytes(32 + 8 + 8 + 16 + 4) + b"sealed"
    return Delivery(patient, epoch, readers, frame)


async def test_only_the_readers_hear_it(heard: list[Ready]) -> None:
    deliver([about(PATIENT, 3, uuid4())])
    assert heard == []
    deliver([about(PATIENT, 3, uuid4(), LISTENER)])
    assert len(heard) == 1


async def test_what_was_decided_before_a_later_word_of_the_patients_is_not_delivered(heard: list[Ready]) -> None:
    patient = uuid4()
    permits.moved(patient, 4)
    deliver([about(patient, 3, LISTENER)])
    hear(pack(about(patient, 3, LISTENER)))
    assert heard == []
    deliver([about(patient, 4, LISTENER)])
    hear(pack(about(patient, 5, LISTENER)))
    assert len(heard) == 2


@given(st.uuids(), st.integers(0, 2**53 - 1), st.lists(st.uuids(), max_size=300), st.binary(min_size=1, max_size=200))
def test_what_is_told_to_the_other_processes_is_what_they_hear(
    patient: UUID, epoch: int, readers: list[UUID], frame: bytes
) -> None:
    one = Delivery(patient, epoch, tuple(readers), frame)
    assert unpack(pack(one)) == one


@given(st.binary(max_size=60))
def test_noise_on_the_channel_is_a_value_error(noise: bytes) -> None:
    try:
        unpack(noise)
    except ValueError:
        return
    assert len(noise) > 26
