"""A member's new key takes the old one's place in the log, and a thread is closed."""

from __future__ import annotations

import pytest

from crypto.entries import Close, KeyUpdate
from crypto.tables import CloseReason, GenesisFlag, UkrReason
from messaging.models import LogEntry, Member
from tests.messaging.cast import Cast, Desk, grant, hand_in, let_in, open_case, rekeyed, thread_row
from tests.messaging.house import Batch, Case, Person, together
from tests.messaging.test_posting import post, refused
from wire.base import b64

pytestmark = pytest.mark.server
FOLLOWS = int(GenesisFlag.FOLLOW_ROTATION)


def _update(old: Person, new_fp: bytes, record: bytes) -> KeyUpdate:
    return KeyUpdate(old.id, old.fp, new_fp, record)


def refused_entry(case: Case, author: Person, payload: KeyUpdate | Close) -> tuple[int, str]:
    """Status and code of the answer to one entry, with nothing written."""
    before = LogEntry.objects.count()
    status, body = Desk(author).post(f"/threads/{case.id}/log", Batch([case.entry(author, payload)]).body())
    assert LogEntry.objects.count() == before
    return status, body["code"]


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, flags=FOLLOWS)
    post(case, cast.samuel, case.seal(cast.samuel, "With my old key."))
    samuel, record = rekeyed(cast.samuel)
    status, body = hand_in(case, samuel, together(case.update(cast.samuel, samuel, record), case.epoch(samuel)))
    assert (status, body["epoch"]) == (200, 2)
    assert Member.objects.get(thread=case.id, user=samuel.user).fp == samuel.fp
    assert post(case, samuel, case.seal(samuel, "With my new key.")).seq == 2


def test_the_old_key_writes_nothing_once_the_new_one_has_come(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, flags=FOLLOWS)
    late = case.seal(cast.samuel, "Sealed before.")
    samuel, record = rekeyed(cast.samuel)
    hand_in(case, samuel, case.update(cast.samuel, samuel, record))
    assert refused(case, cast.samuel, late) == "E_UNKNOWN_KEY"
    assert refused(case, cast.elena, case.seal(cast.elena)) == "E_ROTATE_REQUIRED"


def test_members_are_told_whose_key_is_newer_than_the_log_knows(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, flags=FOLLOWS)
    assert Desk(cast.elena).get(f"/threads/{case.id}/owed")[1]["people"] == []
    rekeyed(cast.samuel, UkrReason.RESET)
    [person] = Desk(cast.elena).get(f"/threads/{case.id}/owed")[1]["people"]
    assert person["user"] == b64(cast.samuel.id)
    assert len(person["bundles"]) == 2


def test_a_reset_key_takes_nobodys_place(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, flags=FOLLOWS)
    samuel, record = rekeyed(cast.samuel, UkrReason.RESET)
    assert refused_entry(case, samuel, _update(cast.samuel, samuel.fp, record)) == (422, "E_KEY_CHANGED")


def test_an_outsiders_new_key_is_no_business_of_the_thread(cast: Cast) -> None:
    case = open_case(cast, flags=FOLLOWS)
    chidi, record = rekeyed(cast.chidi)
    assert refused_entry(case, chidi, _update(cast.chidi, chidi.fp, record)) == (404, "not_found")


def test_what_the_patient_signed_before_a_new_key_is_owed_still(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, flags=FOLLOWS)
    permit = case.permit(cast.tom)
    grant(cast, case, permit)
    maya, record = rekeyed(cast.maya)
    hand_in(case, maya, together(case.update(cast.maya, maya, record)))
    owed = Desk(cast.elena).get(f"/threads/{case.id}/owed")[1]
    assert [one["kind"] for one in owed["objects"]] == ["directive"]
    status, body = hand_in(case, cast.elena, case.consent(cast.elena, permit))
    assert status == 200, body


def test_nothing_is_written_in_a_closed_thread_and_everything_is_read(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    post(case, cast.elena, case.seal(cast.elena, "The last word."))
    late = case.seal(cast.samuel, "Too late.")
    status, _ = hand_in(case, cast.elena, case.grow(cast.elena, Close(CloseReason.CARE_ENDED)))
    assert (status, thread_row(case).closed) == (200, True)
    assert refused(case, cast.samuel, late) == "E_SCOPE"
    assert refused(case, cast.elena, case.seal(cast.elena)) == "E_SCOPE"
    listed = Desk(cast.samuel).get("/threads")[1]["threads"]
    assert [one["closed"] for one in listed] == [True]
    assert len(Desk(cast.samuel).get(f"/threads/{case.id}/messages")[1]["messages"]) == 1


def test_an_outsider_closes_nothing(cast: Cast) -> None:
    case = open_case(cast)
    assert refused_entry(case, cast.chidi, Close(CloseReason.MISTAKE)) == (404, "not_found")
    assert not thread_row(case).closed


def test_who_was_put_out_after_a_reset_comes_back_with_a_new_permit(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, flags=FOLLOWS)
    samuel, _ = rekeyed(cast.samuel, UkrReason.RESET)
    assert hand_in(case, cast.elena, case.remove(cast.elena, cast.samuel))[0] == 200
    let_in(cast, case, samuel)
    assert hand_in(case, samuel, case.epoch(samuel))[0] == 200
    assert Member.objects.get(thread=case.id, user=samuel.user, left=None).fp == samuel.fp


def test_an_epoch_carries_so_many_messages_and_no_more(cast: Cast) -> None:
    case = open_case(cast, epoch_max_msgs=2)
    post(case, cast.elena, case.seal(cast.elena))
    assert not Desk(cast.elena).get(f"/threads/{case.id}/owed")[1]["rotate"]
    post(case, cast.elena, case.seal(cast.elena))
    assert refused(case, cast.elena, case.seal(cast.elena)) == "E_ROTATE_REQUIRED"
    assert Desk(cast.elena).get(f"/threads/{case.id}/owed")[1]["rotate"]
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    assert post(case, cast.elena, case.seal(cast.elena)).seq == 3
