"""Urgency reaches a human: the line, the clock, the acknowledgement, and those who must not be told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from audit.models import Entry
from crypto.tables import Priority, Role
from messaging.urgency.actions import escalate
from messaging.urgency.models import Ack, Step, Urgency
from people.models import Affiliation
from people.standby.models import Notice
from tests.messaging.cast import Cast, Desk, let_in, make_member, open_case, withdraw
from tests.messaging.house import DAY_MS, now_ms
from tests.messaging.socket import sockets
from tests.messaging.urgent import ack_words, acknowledged, on_duty, overdue, posted, raised, row_of, to, words
from wire.base import b64

pytestmark = pytest.mark.server


def told() -> list[tuple[str, str]]:
    """Who is to be told what, in order."""
    return [(row.user.name, row.kind) for row in Notice.objects.select_related("user").order_by("pk")]


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom)
    msg_id, said = raised(case, cast.elena, cast.samuel, cast.tom)
    assert (said["state"], [step["outcome"] for step in said["steps"]]) == ("waiting", ["told"])
    assert told() == [("Samuel", "urgent")]
    assert escalate() == 0
    overdue(msg_id)
    assert escalate() == 1
    assert told()[1:] == [("Tom", "urgent")]
    status, ack = acknowledged(case, cast.tom, msg_id)
    assert (status, ack["user"]) == (200, b64(cast.tom.id))
    status, page = Desk(cast.samuel).get(f"/threads/{case.id}/urgencies")
    assert status == 200
    assert [(one["state"], one["due_at"]) for one in page["urgencies"]] == [("acknowledged", None)]
    assert [one["user"] for one in page["acks"]] == [b64(cast.tom.id)]
    overdue(msg_id)
    assert escalate() == 0
    verbs = Entry.objects.filter(object_id=b64(msg_id), verb__startswith="urgency.").order_by("pk")
    expected = ["urgency.raise", "urgency.tell", "urgency.tell", "urgency.acknowledge"]
    assert list(verbs.values_list("verb", flat=True)) == expected


def test_the_line_ends_and_the_sender_is_told(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    msg_id, _ = raised(case, cast.elena, cast.samuel)
    overdue(msg_id)
    assert escalate() == 1
    assert (row_of(msg_id).state, told()[-1]) == ("unanswered", ("Elena", "unanswered"))
    assert acknowledged(case, cast.samuel, msg_id)[0] == 200
    assert row_of(msg_id).state == "acknowledged"


def test_nobody_outside_the_thread_is_told_and_the_sender_hears_at_once(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    role = on_duty(cast.chidi)
    _, said = raised(case, cast.elena, cast.chidi, role)
    assert said["state"] == "unanswered"
    assert [(one["outcome"], one["user"]) for one in said["steps"]] == [("may_not_read", None)] * 2
    assert told() == [("Elena", "unanswered")]


def test_a_role_reaches_whoever_holds_it_then(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom)
    role = on_duty(cast.tom)
    msg_id, said = raised(case, cast.samuel, cast.elena, role)
    assert [one["user"] for one in said["steps"]] == [b64(cast.elena.id)]
    nina = make_member("nina", Affiliation.objects.get(user=cast.tom.user).organisation, Role.NURSE)
    status, _ = Desk(nina).post(f"/on-call/{b64(role.pk.bytes)}/turns", {"user": b64(nina.id)})
    assert status == 200
    overdue(msg_id)
    escalate()
    # Nina is on duty now, and maya has not let her in: the sender is told, tom is not disturbed.
    assert told()[-1] == ("Samuel", "unanswered")
    assert "Nina" not in [name for name, _ in told()]


def test_who_lost_the_permission_since_is_passed_over(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    permit = let_in(cast, case, cast.tom)
    assert Desk(cast.elena).post(f"/threads/{case.id}/log", case.epoch(cast.elena).body())[0] == 200
    msg_id, _ = raised(case, cast.elena, cast.samuel, cast.tom)
    withdraw(cast, case, permit)
    overdue(msg_id)
    escalate()
    assert Step.objects.get(position=1).outcome == "may_not_read"
    assert "Tom" not in [name for name, _ in told()]


def test_a_message_may_be_important_without_a_deadline(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    msg_id = posted(case, cast.elena)
    asked = words(case, cast.elena, msg_id, (), priority=Priority.IMPORTANT)
    status, said = Desk(cast.elena).post(f"/threads/{case.id}/urgencies", asked)
    assert (status, said["state"], told()) == (200, "noted", [])


def test_the_same_words_again_are_the_same_urgency_and_others_are_refused(cast: Cast) -> None:
    case, desk = open_case(cast, cast.samuel, cast.tom), Desk(cast.elena)
    msg_id, path = posted(case, cast.elena), f"/threads/{case.id}/urgencies"
    first = words(case, cast.elena, msg_id, to(cast.samuel))
    answers = [desk.post(path, first) for _ in range(3)]
    assert answers[0][0] == 200
    assert answers[0] == answers[1] == answers[2]
    assert told() == [("Samuel", "urgent")]
    status, refusal = desk.post(path, words(case, cast.elena, msg_id, to(cast.tom)))
    assert (status, refusal["code"]) == (409, "said_otherwise")


def test_two_acknowledge_and_each_stands_once(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom)
    msg_id, _ = raised(case, cast.elena, cast.samuel)
    for person in (cast.samuel, cast.tom, cast.samuel):
        assert acknowledged(case, person, msg_id)[0] == 200
    assert Ack.objects.count() == 2


def test_words_that_are_not_the_signers_are_refused(cast: Cast) -> None:
    case, now = open_case(cast, cast.samuel), now_ms()
    desk, msg_id = Desk(cast.elena), posted(case, cast.elena)
    line, path = to(cast.samuel), f"/threads/{case.id}/urgencies"
    good = words(case, cast.elena, msg_id, line)
    refused = {
        "E_UNKNOWN_KEY": words(case, cast.samuel, msg_id, line),
        "E_SIG": {**good, "sig": b64(bytes(64))},
        "E_THREAD": words(case, cast.elena, msg_id, line, thread=bytes(32)),
        "E_TS": words(case, cast.elena, msg_id, line, ts=now - 365 * DAY_MS, ack_by=now - 365 * DAY_MS + 900_000),
        "E_RECIPIENTS": words(case, cast.elena, msg_id, ()) | words(case, cast.elena, msg_id, (), ack_by=now + 90_000),
        "not_found": words(case, cast.elena, bytes(16), line),
    }
    for code, asked in refused.items():
        status, answer = desk.post(path, asked)
        assert (answer["code"], status >= 400) == (code, True)
    others = posted(case, cast.samuel)
    assert desk.post(path, words(case, cast.elena, others, line))[1]["code"] == "not_found"
    own = Desk(cast.elena).post(f"/threads/{case.id}/acks", ack_words(case, cast.elena, msg_id))
    assert own[1]["code"] == "own_message"
    assert not Urgency.objects.exists()
    assert not Ack.objects.exists()


def test_the_outsider_finds_nothing_and_changes_nothing(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    msg_id, _ = raised(case, cast.elena, cast.samuel)
    desk, before = Desk(cast.chidi), (Urgency.objects.count(), Ack.objects.count(), Notice.objects.count())
    asked = words(case, cast.chidi, msg_id, to(cast.samuel))
    for path in (case.id, b64(bytes(32))):
        assert desk.get(f"/threads/{path}/urgencies")[0] == 404
        assert desk.get(f"/threads/{path}/roles")[0] == 404
        assert desk.post(f"/threads/{path}/urgencies", asked)[0] == 404
        assert desk.post(f"/threads/{path}/acks", ack_words(case, cast.chidi, msg_id))[0] == 404
    assert before == (Urgency.objects.count(), Ack.objects.count(), Notice.objects.count())


def test_roles_are_named_to_members_with_a_holder_who_may_read(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    on_duty(cast.samuel, "Psychiatrist on call")
    on_duty(cast.chidi, "Weekend")
    on_duty(cast.tom, "Front desk")
    status, page = Desk(cast.maya).get(f"/threads/{case.id}/roles")
    assert status == 200
    shown = [(one["name"], one["holder_name"]) for one in page["roles"]]
    assert shown == [("Psychiatrist on call", "Samuel"), ("Weekend", ""), ("Front desk", "")]


def test_a_step_that_fails_is_tried_again_and_keeps_no_other_from_its_turn(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from messaging.urgency import actions

    case = open_case(cast, cast.samuel, cast.tom)
    ids = [raised(case, cast.elena, cast.samuel, cast.tom)[0] for _ in range(2)]
    for msg_id in ids:
        overdue(msg_id)
    broken, advance = row_of(ids[0]).pk, actions._advance

    def fails(urgency: Urgency, now: object) -> None:
        if urgency.pk == broken:
            raise OSError
        advance(urgency, timezone.now())

    with monkeypatch.context() as patched:
        patched.setattr(actions, "_advance", fails)
        assert escalate() == 1
    assert escalate() == 1
    assert [name for name, _ in told()].count("Tom") == 2


async def test_members_are_pushed_to_and_the_outsider_is_not(cast: Cast) -> None:
    case = await sync_to_async(open_case)(cast, cast.samuel)
    async with sockets(cast.elena, cast.samuel, cast.chidi) as (elena, samuel, chidi):
        msg_id, _ = await sync_to_async(raised)(case, cast.elena, cast.samuel)
        for socket in (elena, samuel):
            assert (await socket.hears("urgency.changed"))["msg_id"] == b64(msg_id)
        await sync_to_async(acknowledged)(case, cast.samuel, msg_id)
        assert (await elena.hears("urgency.changed", 2))["state"] == "acknowledged"
        await chidi.is_served()
        assert chidi.of("urgency.changed") == []


def test_quiet_hours_hold_what_is_important_and_urgent_breaks_them(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    desk = Desk(cast.samuel)
    now = timezone.now()
    start, end = (now - timedelta(hours=2)), (now + timedelta(hours=2))
    quiet = {"zone": "UTC", "start": start.hour * 60 + start.minute, "end": end.hour * 60 + end.minute}
    assert desk.put("/me/quiet-hours", quiet) == (200, quiet)
    raised(case, cast.elena, cast.samuel)
    msg_id = posted(case, cast.elena)
    asked = words(case, cast.elena, msg_id, to(cast.samuel), priority=Priority.IMPORTANT)
    assert Desk(cast.elena).post(f"/threads/{case.id}/urgencies", asked)[0] == 200
    urgent, important = Notice.objects.order_by("pk")
    assert urgent.due_at <= timezone.now()
    assert important.due_at > now + timedelta(minutes=118)
