"""A thread from genesis to the first messages read, through HTTP."""

from __future__ import annotations

import pytest

from messaging.actions.posting import Post, post_message
from messaging.models import LogEntry
from tests.messaging.cast import Cast, Desk, open_case
from tests.messaging.house import Batch, Case, Person
from wire.base import b64
from wire.messaging import MessageAck

pytestmark = pytest.mark.server


def post(case: Case, sender: Person, wire: bytes) -> MessageAck:
    from crypto.messages import parse_wire

    header = parse_wire(wire).header
    return post_message(Post(sender.user.pk, sender.device, case.state.thread_id, header.msg_id, wire))


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    wires = [case.seal(cast.elena), case.seal(cast.samuel, "Good morning, Elena")]
    assert [post(case, who, wire).seq for who, wire in zip((cast.elena, cast.samuel), wires, strict=True)] == [1, 2]
    for reader in (cast.elena, cast.samuel, cast.maya):
        desk = Desk(reader)
        status, page = desk.get(f"/threads/{case.id}/messages")
        assert status == 200, page
        assert [one["wire"] for one in page["messages"]] == [b64(wire) for wire in wires]
        assert (page["head"], page["floor"], page["own_only"]) == (2, 0, False)
        _, log = desk.get(f"/threads/{case.id}/log")
        assert [one["body"] for one in log["entries"]] == [b64(one.body) for one in case.entries]
        _, seals = desk.get(f"/threads/{case.id}/seals")
        assert [one["epoch"] for one in seals["seals"]] == [1]
        _, listed = desk.get("/threads")
        assert [(one["id"], one["head"], one["standing"]) for one in listed["threads"]] == [(case.id, 2, "member")]


def test_the_outsider_finds_nothing_anywhere(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    post(case, cast.elena, case.seal(cast.elena))
    desk = Desk(cast.chidi)
    for path in ("", "/log", "/seals", "/keys", "/messages", "/marks", "/readers", "/owed"):
        assert desk.get(f"/threads/{case.id}{path}") == desk.get(f"/threads/{b64(bytes(32))}{path}")
        assert desk.get(f"/threads/{case.id}{path}")[0] == 404
    assert desk.get("/threads")[1]["threads"] == []
    assert desk.put(f"/threads/{case.id}/marks", {"read": 1})[0] == 404
    ask = {"id": b64(bytes(16)), "invitee": b64(cast.tom.id), "role": 5, "actions": 3, "history": 0}
    assert desk.post(f"/threads/{case.id}/invitations", ask)[0] == 404
    entries = LogEntry.objects.count()
    assert desk.post(f"/threads/{case.id}/log", Batch([case.entries[0]]).body())[0] == 404
    assert LogEntry.objects.count() == entries
