"""What holds for all inputs: CE1 says one thing one way, and the log is a total, pure function of its bytes."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import entries, log, messages, slots
from crypto.directives import parse_directive, parse_revoke
from crypto.encoding import Reader, Writer
from crypto.entries import SignedEntry
from crypto.errors import Ct1Error
from crypto.keys import SignedCertificate, parse_certificate, verify_certificate, verify_ukr
from crypto.primitives import pad, unpad
from crypto.state import Directory, ThreadState
from crypto.tables import MAX_INTEGER, Action, RevokeKind, SlotKind
from tests.vectors.cast import DAY, NOW, T0, Log, World

SMALL = settings(max_examples=150, deadline=None)

FIELDS = {
    "u8": st.integers(0, 2**8 - 1),
    "u16": st.integers(0, 2**16 - 1),
    "u32": st.integers(0, 2**32 - 1),
    "u64": st.integers(0, MAX_INTEGER),
    "v16": st.binary(max_size=300),
    "v32": st.binary(max_size=300),
}
values = st.lists(st.sampled_from(sorted(FIELDS)).flatmap(lambda name: st.tuples(st.just(name), FIELDS[name])))


@cache
def world() -> tuple[World, Directory]:
    made = World()
    return made, made.directory()


def played() -> Log:
    """A log with one of each: permit, member, epochs, share, withdrawal."""
    made = Log(world()[0], "played").open()
    made.add("elena", "samuel", made.permit("samuel"))
    made.epoch("elena", "elena", "maya", "samuel")
    made.share("elena", "samuel", 1, 1)
    made.revoke(RevokeKind.GRANTEE, world()[0]["samuel"].fp)
    made.epoch("maya", "elena", "maya")
    return made


@SMALL
@given(values)
def test_it_works(fields: list[tuple[str, Any]]) -> None:
    writer = Writer()
    for name, value in fields:
        getattr(writer, name)(value)
    reader = Reader(writer.done())
    assert [getattr(reader, name)() for name, _ in fields] == [value for _, value in fields]
    reader.done()


@SMALL
@given(values.filter(bool), st.data())
def test_no_shorter_bytes_say_the_same(fields: list[tuple[str, Any]], data: st.DataObject) -> None:
    writer = Writer()
    for name, value in fields:
        getattr(writer, name)(value)
    raw = writer.done()
    reader = Reader(raw[: data.draw(st.integers(0, len(raw) - 1))])

    def read_on() -> None:
        for name, _ in fields:
            getattr(reader, name)()
        reader.done()

    with pytest.raises(Ct1Error, match="truncated"):
        read_on()


@given(st.integers(max_value=-1) | st.integers(min_value=MAX_INTEGER + 1))
def test_what_has_no_spelling_is_not_written(number: int) -> None:
    with pytest.raises(Ct1Error) as refusal:
        Writer().u64(number)
    assert refusal.value.code == "E_ENC"


@SMALL
@given(st.binary(max_size=9000), st.sampled_from([256, 4096]))
def test_padding_comes_off_as_it_went_on(body: bytes, block: int) -> None:
    padded = pad(body, block)
    assert len(padded) % block == 0
    assert unpad(padded, block) == body


@SMALL
@given(st.binary(max_size=400))
def test_any_bytes_are_an_object_or_one_refusal(data: bytes) -> None:
    readers = (
        entries.parse_entry,
        messages.parse_wire,
        messages.parse_header,
        parse_directive,
        parse_revoke,
        parse_certificate,
        lambda raw: verify_ukr(raw, raw[:64], raw[:64]),
        lambda raw: verify_certificate(SignedCertificate(raw, raw[:64]), raw[:32]),
        lambda raw: slots.open_keyring(bytes(32), bytes(16), 1, raw),
        lambda raw: slots.unwrap_umk(raw, bytes(32), slots.SlotTerms(bytes(16), SlotKind.PASSWORD, bytes(16))),
        lambda raw: log.replay([SignedEntry(raw, raw[:64])], world()[1], NOW),
    )
    for read in readers:
        with pytest.raises(Ct1Error):
            read(data)


@SMALL
@given(st.text(max_size=60))
def test_any_text_is_a_recovery_code_or_a_refusal(text: str) -> None:
    code, verdict = b"", ""
    try:
        code = slots.parse_recovery(text)
    except Ct1Error as refusal:
        verdict = refusal.code
    else:
        verdict = "ok"
    assert (verdict, len(code)) in {("ok", 20), ("E_UNWRAP", 0)}


@SMALL
@given(st.binary(min_size=20, max_size=20))
def test_a_recovery_code_survives_paper(code: bytes) -> None:
    shown = slots.recovery_text(code)
    assert slots.parse_recovery(shown.lower().replace("-", " ").replace("0", "o")) == code


@SMALL
@given(st.data())
def test_a_log_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    signed = played().entries()
    at = data.draw(st.integers(0, len(signed) - 1))
    body, sig = signed[at].body, signed[at].sig
    where = data.draw(st.integers(0, len(body) + len(sig) - 1))
    raw = bytearray(body + sig)
    raw[where] ^= 1 << data.draw(st.integers(0, 7))
    signed[at] = SignedEntry(bytes(raw[: len(body)]), bytes(raw[len(body) :]))
    with pytest.raises(Ct1Error):
        log.replay(signed, world()[1], NOW)


def test_appending_leaves_the_state_before_as_it_was() -> None:
    signed, directory = played().entries(), world()[1]
    states = [log.start(signed[0], directory, NOW)]
    for entry in signed[1:]:
        states.append(log.append(states[-1], entry, directory, NOW))
    for number, state in enumerate(states):
        assert state == log.replay(signed[: number + 1], directory, NOW)


def test_a_refused_entry_changes_nothing() -> None:
    signed, directory = played().entries(), world()[1]
    state = log.replay(signed[:-1], directory, NOW)
    with pytest.raises(Ct1Error):
        log.append(state, SignedEntry(signed[-1].body, bytes(64)), directory, NOW)
    assert log.append(state, signed[-1], directory, NOW) == log.replay(signed, directory, NOW)


ACTIONS = st.integers(1, sum(Action))
WHO = st.sampled_from(["elena", "samuel", "tom", None])
LABELS = st.sets(st.sampled_from([b"ETH", b"HIV", b"SDV"])).map(lambda found: tuple(sorted(found)))
DIRECTIVES = st.lists(st.tuples(st.booleans(), WHO, ACTIONS, LABELS), max_size=6)


def _with(given_: list[tuple[bool, str | None, int, tuple[bytes, ...]]], labels: tuple[bytes, ...]) -> ThreadState:
    made = Log(world()[0], "given", labels=labels)
    for permits, who, actions, covered in given_:
        (made.permit if permits else made.deny)(who, actions=actions, labels=covered)
    return log.replay(made.entries(), world()[1], NOW)


def _may(state: ThreadState, now: int = NOW) -> set[Action]:
    elena = state.members[world()[0]["elena"].user]
    return {action for action in Action if state.may(elena, action, now)}


@SMALL
@given(DIRECTIVES, LABELS, WHO, ACTIONS, LABELS)
def test_one_more_deny_never_permits(
    given_: list[tuple[bool, str | None, int, tuple[bytes, ...]]],
    labels: tuple[bytes, ...],
    who: str | None,
    actions: int,
    covered: tuple[bytes, ...],
) -> None:
    assert _may(_with([*given_, (False, who, actions, covered)], labels)) <= _may(_with(given_, labels))


@SMALL
@given(DIRECTIVES, LABELS, st.sampled_from([b"ETH", b"HIV", b"SDV"]))
def test_one_more_label_never_permits(
    given_: list[tuple[bool, str | None, int, tuple[bytes, ...]]], labels: tuple[bytes, ...], label: bytes
) -> None:
    more = tuple(sorted({*labels, label}))
    assert _may(_with(given_, more)) <= _may(_with(given_, labels))


@SMALL
@given(DIRECTIVES, LABELS)
def test_the_order_of_directives_decides_nothing(
    given_: list[tuple[bool, str | None, int, tuple[bytes, ...]]], labels: tuple[bytes, ...]
) -> None:
    assert _may(_with(given_, labels)) == _may(_with(given_[::-1], labels))


@SMALL
@given(DIRECTIVES)
def test_nothing_outlives_its_term_but_the_patient(
    given_: list[tuple[bool, str | None, int, tuple[bytes, ...]]],
) -> None:
    state = _with(given_, ())
    assert _may(state, T0 + 90 * DAY) == set()
    assert [one[1] for one in state.recipients(T0 + 90 * DAY)] == [world()[0]["maya"].user]
