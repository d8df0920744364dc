"""Reading: pages, gaps, history, marks, who can read, and what is left after a withdrawal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async

from audit.models import Entry
from crypto.tables import ContentType, HistoryKind
from messaging.models import Message
from tests.messaging.cast import Cast, Desk, grant, hand_in, let_in, open_case, withdraw
from tests.messaging.house import Batch, Case, now_ms, together
from tests.messaging.socket import sockets
from tests.messaging.test_posting import post
from wire.base import b64

pytestmark = pytest.mark.server


def seqs(desk: Desk, case: Case, query: str = "") -> list[int]:
    status, page = desk.get(f"/threads/{case.id}/messages{query}")
    assert status == 200, page
    return [one["seq"] for one in page["messages"]]


def filled(cast: Cast, count: int) -> Case:
    case = open_case(cast, cast.samuel)
    for _ in range(count):
        post(case, cast.elena, case.seal(cast.elena))
    return case


def test_it_works(cast: Cast) -> None:
    case = filled(cast, 7)
    desk = Desk(cast.samuel)
    assert seqs(desk, case) == [1, 2, 3, 4, 5, 6, 7]
    assert seqs(desk, case, "?limit=3") == [5, 6, 7]
    assert seqs(desk, case, "?before=5&limit=3") == [2, 3, 4]


def test_a_gap_is_fetched_by_its_ends(cast: Cast) -> None:
    case = filled(cast, 7)
    assert seqs(Desk(cast.samuel), case, "?after=2&before=6") == [3, 4, 5]
    assert seqs(Desk(cast.samuel), case, "?after=5") == [6, 7]
    assert seqs(Desk(cast.samuel), case, "?after=7") == []
    assert Desk(cast.samuel).get(f"/threads/{case.id}/messages?after=-1")[0] == 400


def test_a_page_around_a_seq_has_half_of_it_before(cast: Cast) -> None:
    case = filled(cast, 7)
    desk = Desk(cast.samuel)
    assert seqs(desk, case, "?around=4&limit=4") == [2, 3, 4, 5]
    assert seqs(desk, case, "?around=1&limit=4") == [1, 2, 3, 4]
    assert seqs(desk, case, "?around=99&limit=4") == [6, 7]
    assert desk.get(f"/threads/{case.id}/messages?around=-1")[0] == 400


def test_asides_are_found_without_the_rest(cast: Cast) -> None:
    case = filled(cast, 2)
    for ctype in (ContentType.EDIT, ContentType.TEXT, ContentType.REDACT, ContentType.PIN, ContentType.CARD):
        post(case, cast.elena, case.seal(cast.elena, ctype=ctype))
    desk = Desk(cast.samuel)
    assert seqs(desk, case, "?asides=true&after=0") == [3, 5, 6, 7]
    assert seqs(desk, case, "?asides=true&after=3&before=7") == [5, 6]
    assert Desk(cast.chidi).get(f"/threads/{case.id}/messages?asides=true")[0] == 404


def test_a_time_leads_to_the_first_message_of_then(cast: Cast) -> None:
    case = filled(cast, 9)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for row in Message.objects.filter(thread_id=case.id):
        Message.objects.filter(pk=row.pk).update(created_at=start + timedelta(days=row.seq))

    def at(day: float) -> int:
        time = int((start + timedelta(days=day)).timestamp() * 1000)
        status, place = Desk(cast.samuel).get(f"/threads/{case.id}/messages/at?time={time}")
        assert status == 200, place
        return int(place["seq"])

    assert [at(-400), at(1), at(4.5), at(9), at(400), at(10**6)] == [1, 1, 5, 9, 9, 9]
    assert Desk(cast.samuel).get(f"/threads/{case.id}/messages/at?time={10**30}")[1] == {"seq": 9}
    assert Desk(cast.chidi).get(f"/threads/{case.id}/messages/at?time=0")[0] == 404


def test_a_time_before_ones_history_leads_to_where_it_begins(cast: Cast) -> None:
    case = open_case(cast)
    post(case, cast.elena, case.seal(cast.elena))
    directive = case.permit(cast.samuel, history=HistoryKind.NONE)
    grant(cast, case, directive)
    joined = together(
        case.consent(cast.elena, directive),
        case.add(cast.elena, cast.samuel, directive, history_from=2),
        case.epoch(cast.elena),
    )
    assert hand_in(case, cast.elena, joined)[0] == 200
    desk = Desk(cast.samuel)
    assert desk.get(f"/threads/{case.id}/messages/at?time=0")[1] == {"seq": 0}
    assert desk.get("/threads")[1]["threads"][0]["unread"] == 0
    post(case, cast.elena, case.seal(cast.elena))
    assert desk.get(f"/threads/{case.id}/messages/at?time=0")[1] == {"seq": 2}
    assert desk.get("/threads")[1]["threads"][0]["unread"] == 1


def test_each_page_read_is_one_row_in_the_ledger_with_the_permission_it_rests_on(cast: Cast) -> None:
    case = filled(cast, 3)
    seqs(Desk(cast.samuel), case)
    row = Entry.objects.get(verb="thread.read", actor=cast.samuel.user.pk)
    assert (row.outcome, row.patient, row.object_id) == ("permit", cast.patient.pk, case.id)
    assert row.detail == {"from": 1, "to": 3}
    assert len(row.basis) == 1


def test_one_who_joins_without_history_is_given_nothing_from_before(cast: Cast) -> None:
    case = open_case(cast)
    post(case, cast.elena, case.seal(cast.elena))
    directive = case.permit(cast.samuel, history=HistoryKind.NONE)
    grant(cast, case, directive)
    joined = together(
        case.consent(cast.elena, directive),
        case.add(cast.elena, cast.samuel, directive, history_from=2),
        case.epoch(cast.elena),
    )
    assert hand_in(case, cast.elena, joined)[0] == 200
    desk = Desk(cast.samuel)
    page = desk.get(f"/threads/{case.id}/messages")[1]
    assert (page["messages"], page["head"], page["floor"]) == ([], 1, 2)
    post(case, cast.elena, case.seal(cast.elena))
    page = desk.get(f"/threads/{case.id}/messages")[1]
    assert ([one["seq"] for one in page["messages"]], page["floor"]) == ([2], 2)
    assert [one["epoch"] for one in desk.get(f"/threads/{case.id}/seals")[1]["seals"]] == [2]


def test_after_a_withdrawal_one_keeps_what_one_wrote_and_sees_nothing_later(cast: Cast) -> None:
    case = open_case(cast)
    directive = let_in(cast, case, cast.samuel)
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    post(case, cast.elena, case.seal(cast.elena))
    own = case.seal(cast.samuel)
    post(case, cast.samuel, own)
    revoke = withdraw(cast, case, directive)
    together_now = together(case.consent(cast.elena, revoke), case.epoch(cast.elena))
    assert hand_in(case, cast.elena, together_now)[0] == 200
    post(case, cast.elena, case.seal(cast.elena))
    desk = Desk(cast.samuel)
    page = desk.get(f"/threads/{case.id}/messages")[1]
    assert (page["own_only"], page["head"]) == (True, 2)
    assert [one["wire"] for one in page["messages"]] == [b64(own)]
    summary = desk.get(f"/threads/{case.id}")[1]
    assert (summary["standing"], summary["head"], summary["members"], summary["epoch"]) == ("ended", 2, [], 0)
    for path in ("/log", "/keys", "/seals", "/readers", "/owed", "/marks"):
        assert desk.get(f"/threads/{case.id}{path}")[0] == 404
    assert desk.put(f"/threads/{case.id}/marks", {"read": 3})[0] == 404


def test_marks_tell_who_has_got_how_far_and_what_could_not_be_opened(cast: Cast) -> None:
    case = filled(cast, 3)
    desk = Desk(cast.samuel)
    said = {"delivered": 3, "read": 2, "failed": [{"seq": 3, "code": "E_AEAD"}]}
    answer = desk.put(f"/threads/{case.id}/marks", said)[1]
    moves = answer.pop("moves")
    assert answer == {"user": b64(cast.samuel.id), **said}
    assert [one["read"] for one in moves] == [2]
    assert desk.put(f"/threads/{case.id}/marks", {"delivered": 1, "read": 99})[1]["read"] == 3
    [mine] = Desk(cast.elena).get(f"/threads/{case.id}/marks")[1]["marks"]
    moves = mine.pop("moves")
    assert mine == {"user": b64(cast.samuel.id), **said, "read": 3}
    assert [one["read"] for one in moves] == [2, 3]
    assert moves[0]["at"] <= moves[1]["at"] <= now_ms()
    desk.put(f"/threads/{case.id}/marks", {"healed": [3]})
    [mine] = Desk(cast.elena).get(f"/threads/{case.id}/marks")[1]["marks"]
    assert mine["failed"] == []


def test_unread_counts_what_others_wrote_after_ones_mark(cast: Cast) -> None:
    case = filled(cast, 3)
    desk = Desk(cast.samuel)
    assert desk.get("/threads")[1]["threads"][0]["unread"] == 3
    desk.put(f"/threads/{case.id}/marks", {"read": 2})
    assert desk.get("/threads")[1]["threads"][0]["unread"] == 1
    assert Desk(cast.elena).get("/threads")[1]["threads"][0]["unread"] == 0


def test_a_change_of_a_message_is_no_unread_message(cast: Cast) -> None:
    case = filled(cast, 2)
    desk = Desk(cast.samuel)
    desk.put(f"/threads/{case.id}/marks", {"read": 2})
    for ctype in (ContentType.EDIT, ContentType.REDACT, ContentType.PIN):
        post(case, cast.elena, case.seal(cast.elena, ctype=ctype))
    assert desk.get("/threads")[1]["threads"][0]["unread"] == 0
    post(case, cast.elena, case.seal(cast.elena, ctype=ContentType.CARD))
    assert desk.get("/threads")[1]["threads"][0]["unread"] == 1


def test_unread_is_counted_so_far_and_no_further(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from messaging import reading

    monkeypatch.setattr(reading, "MOST_UNREAD", 2)
    filled(cast, 4)
    assert Desk(cast.samuel).get("/threads")[1]["threads"][0]["unread"] == 2


async def test_a_mark_is_pushed_to_the_members_and_to_nobody_else(cast: Cast) -> None:
    case = await sync_to_async(filled)(cast, 1)
    async with sockets(cast.elena, cast.chidi) as (elena, chidi):
        desk = await sync_to_async(Desk)(cast.samuel)
        await sync_to_async(desk.put)(f"/threads/{case.id}/marks", {"delivered": 1, "read": 1})
        heard = await elena.hears("marks.changed")
        assert (heard["thread"], heard["marks"]["user"], heard["marks"]["read"]) == (case.id, b64(cast.samuel.id), 1)
        await chidi.is_served()
        assert chidi.of("marks.changed") == []


def test_who_can_read_is_told_with_the_permission_behind_it(cast: Cast) -> None:
    case = open_case(cast)
    directive = let_in(cast, case, cast.samuel)
    readers = {one["user"]: one for one in Desk(cast.maya).get(f"/threads/{case.id}/readers")[1]["readers"]}
    assert set(readers) == {b64(who.id) for who in (cast.elena, cast.samuel, cast.maya)}
    samuel = readers[b64(cast.samuel.id)]
    assert (samuel["basis"], samuel["organisation_name"]) == ([b64(directive)], "Northgate Psychiatry")
    assert samuel["until"] is not None
    maya = readers[b64(cast.maya.id)]
    assert (maya["is_patient"], maya["basis"], maya["until"]) == (True, [], None)
    withdraw(cast, case, directive)
    left = Desk(cast.maya).get(f"/threads/{case.id}/readers")[1]["readers"]
    assert b64(cast.samuel.id) not in [one["user"] for one in left]


def test_threads_come_by_latest_activity_and_by_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from messaging import reading

    monkeypatch.setattr(reading, "THREADS_PAGE", 2)
    cases = [open_case(cast) for _ in range(3)]
    post(cases[0], cast.elena, cases[0].seal(cast.elena))
    desk = Desk(cast.elena)
    first = desk.get("/threads")[1]
    second = desk.get(f"/threads?cursor={first['cursor']}")[1]
    listed = [one["id"] for one in (*first["threads"], *second["threads"])]
    assert listed == [cases[0].id, cases[2].id, cases[1].id]
    assert second["cursor"] is None
    assert desk.get("/threads?cursor=rubbish")[0] == 400


def test_one_who_opened_a_thread_and_was_never_permitted_waits_and_nothing_has_ended(cast: Cast) -> None:
    case = Case(cast.patient, cast.maya, cast.elena)
    assert Desk(cast.elena).post("/threads", Batch(case.entries[:1]).body())[0] == 200
    assert Desk(cast.elena).get(f"/threads/{case.id}")[1]["standing"] == "waiting"
