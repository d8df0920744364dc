"""Answers, mentions, edits and retractions: told from messages alone, and over the wire."""

from __future__ import annotations

from dataclasses import replace

import pytest

from client.errors import ApiError
from client.live import Live
from client.speech import MOST_MENTIONS, answer, edit, pin, pinned, retract, say, speech
from client.threads import Opened, open_thread
from crypto.tables import ContentType
from tests.client.test_threads import begin
from tests.server import Server
from wire.base import b64

ELENA, MAYA = b"e" * 16, b"m" * 16


def told(seq: int, sender: bytes, ctype: ContentType, **body: object) -> Opened:
    return Opened(seq, seq * 1000, sender, "", ctype, body, msg_id=bytes([seq]) * 16, hash=bytes([seq]) * 32)


def ref(seq: int) -> str:
    return b64(bytes([seq]) * 16)


TEXT, EDIT, REDACT = ContentType.TEXT, ContentType.EDIT, ContentType.REDACT


def test_an_edit_keeps_what_was_said_before() -> None:
    (said,) = speech([told(1, ELENA, TEXT, text="5 mg"), told(2, ELENA, EDIT, ref=ref(1), text="50 mg")])
    assert (said.versions, said.text) == (["5 mg", "50 mg"], "50 mg")


@pytest.mark.parametrize("ctype", [EDIT, REDACT])
def test_another_than_the_author_changes_nothing(ctype: ContentType) -> None:
    (said,) = speech([told(1, ELENA, TEXT, text="mine"), told(2, MAYA, ctype, ref=ref(1), text="yours")])
    assert (said.versions, said.taken_back_at) == (["mine"], None)


def test_what_was_taken_back_has_no_words_and_takes_no_edit() -> None:
    messages = [told(1, ELENA, TEXT, text="a", mentions=[b64(MAYA)]), told(2, ELENA, REDACT, ref=ref(1))]
    (said,) = speech([*messages, told(3, ELENA, EDIT, ref=ref(1), text="b")])
    assert (said.versions, said.mentions, said.text, said.taken_back_at) == ([], [], "", 2000)


def test_a_card_is_not_edited_and_a_message_not_before_it_is_there() -> None:
    messages = [
        told(1, ELENA, ContentType.CARD, text="card"),
        told(2, ELENA, EDIT, ref=ref(1), text="other"),
        told(3, ELENA, EDIT, ref=ref(4), text="early"),
        told(4, ELENA, TEXT, text="said"),
    ]
    assert [one.versions for one in speech(messages)] == [["card"], ["said"]]


def test_ten_thousand_mentions_name_nobody() -> None:
    (said,) = speech([told(1, ELENA, TEXT, text="all", mentions=[b64(MAYA)] * 10_000)])
    assert (said.text, said.mentions) == ("all", [])


@pytest.mark.parametrize("mentions", [None, "x", [3, "short", None], {"a": 1}])
def test_mentions_that_are_none_name_nobody(mentions: object) -> None:
    (said,) = speech([told(1, ELENA, TEXT, text="a", mentions=mentions)])
    assert said.mentions == []


def test_an_answer_names_the_very_bytes_that_it_answers() -> None:
    asked = told(1, ELENA, TEXT, text="?")
    reply = {"ref": ref(1), "seq": 1, "hash": b64(asked.hash)}
    answered = told(2, MAYA, TEXT, text="!", reply=reply)
    assert speech([asked, answered])[1].answers == asked.msg_id
    assert speech([replace(asked, hash=bytes(32)), answered])[1].answers == b""
    assert speech([answered])[0].answers == b""
    wrong: list[object] = [3, {}, {**reply, "seq": True}, {**reply, "ref": "x"}, {**reply, "hash": None}]
    assert [speech([asked, told(2, MAYA, TEXT, text="!", reply=one)])[1].answers for one in wrong] == [b""] * 5


def pinning(seq: int, sender: bytes, about: int, is_pinned: object = True) -> Opened:
    body: dict[str, object] = {"ref": ref(about), "seq": about, "pinned": is_pinned}
    return replace(told(seq, sender, ContentType.PIN), body=body)


def test_of_all_that_is_said_of_a_pin_the_last_word_stands() -> None:
    messages = [told(1, ELENA, TEXT, text="a"), told(2, MAYA, TEXT, text="b")]
    pins = [pinning(3, MAYA, 1), pinning(4, ELENA, 2), pinning(5, MAYA, 2, is_pinned=False), pinning(6, ELENA, 2)]
    assert [(one.said.text, one.by) for one in pinned([*messages, *pins])] == [("b", ELENA), ("a", MAYA)]
    assert [one.said.text for one in pinned([*messages, *pins[:3]])] == ["a"]


def test_a_pin_of_what_was_taken_back_or_is_not_there_is_none() -> None:
    messages = [told(1, ELENA, TEXT, text="a"), pinning(2, MAYA, 1), pinning(3, MAYA, 9)]
    assert len(pinned(messages)) == 1
    assert pinned([*messages, told(4, ELENA, REDACT, ref=ref(1))]) == []
    wrong: list[object] = [None, 1, "yes", []]
    assert [pinned([messages[0], pinning(2, MAYA, 1, is_pinned=one)]) for one in wrong] == [[]] * 4


@pytest.mark.server
async def test_what_one_pins_is_pinned_for_the_other(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    async with Live(case.elena.account.api) as live:
        await say(case.thread, live, "Call the pharmacy on Monday.")
        await pin(case.thread, live, (await case.thread.read())[-1])
    read = await (await open_thread(case.maya.account, case.thread.id)).read()
    (one,) = pinned(read)
    assert (one.said.text, one.by) == ("Call the pharmacy on Monday.", case.elena.account.me.id)


@pytest.mark.server
async def test_both_sides_read_answers_edits_and_retractions(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    maya = case.maya.account.me.id
    async with Live(case.elena.account.api) as live:
        await say(case.thread, live, "Sleep?", mentions=[maya])
        asked = (await case.thread.read())[-1]
        await answer(case.thread, live, asked, "It was better.")
        given = (await case.thread.read())[-1]
        await edit(case.thread, live, asked, "How was your sleep?")
        await retract(case.thread, live, given)
        with pytest.raises(ApiError, match="too_many"):
            await say(case.thread, live, "all", mentions=[maya] * (MOST_MENTIONS + 1))
    read = speech(await (await open_thread(case.maya.account, case.thread.id)).read())
    assert [(one.versions, one.answers) for one in read] == [
        (["Sleep?", "How was your sleep?"], b""),
        ([], asked.msg_id),
    ]
    assert read[1].taken_back_at is not None
