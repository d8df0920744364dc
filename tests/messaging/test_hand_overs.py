"""Which changes of authority a log waits for: at once, announced, or when the time has come. Pure, no database."""

from __future__ import annotations

from dataclasses import replace

from crypto.authority import Change
from crypto.directives import Revoke
from crypto.log import ThreadState, replay
from crypto.tables import CHANGE_STANDS_MS, CHANGE_WAIT_MS, AuthKind, RevokeKind
from messaging.consents import ConsentObject
from messaging.owed import lacking
from tests.vectors.cast import DAY, T0, Log, World
from tests.vectors.stories.announcements import RIPE, announced
from tests.vectors.stories.story import BOTH, of_gerd, under_way

WORLD = World()
DIRECTORY = WORLD.directory()
LATE = RIPE + 2 * CHANGE_STANDS_MS


def read(log: Log) -> ThreadState:
    return replay(log.entries(), DIRECTORY, LATE)


def said(log: Log, change: Change) -> ConsentObject:
    """What both witnesses have signed, as the server keeps it."""
    signatures = tuple((WORLD[name].fp, bytes(64)) for name in BOTH)
    return ConsentObject(change.change_id, change.encode(), signatures, None, True, (), change)


def is_owed(log: Log, change: Change, at_ms: int) -> bool:
    return lacking(read(log), [said(log, change)], at_ms) != []


def test_it_works() -> None:
    log = of_gerd(WORLD, "owed")
    change = log.change(AuthKind.PATIENT, "maya", not_before=RIPE)
    assert is_owed(log, change, RIPE - CHANGE_WAIT_MS)
    assert not is_owed(log, change, RIPE - CHANGE_WAIT_MS + 1)
    log, change = announced(of_gerd(WORLD, "announced"))
    assert not is_owed(log, change, RIPE - 1)
    assert is_owed(log, change, RIPE)
    assert not is_owed(log, change, RIPE + CHANGE_STANDS_MS + 1)


def test_witnesses_hand_over_at_once_and_once() -> None:
    log = under_way(WORLD, "at once")
    change = log.change(AuthKind.PATIENT, "maya")
    assert is_owed(log, change, log.ts)
    log.hand_over(change, *BOTH)
    assert not is_owed(log, change, log.ts)
    assert not is_owed(log, replace(change, change_id=bytes(16)), log.ts)


def test_a_thread_in_its_patients_hands_waits_for_no_witnesses() -> None:
    log = Log(WORLD, "own").open()
    assert not is_owed(log, log.change(AuthKind.PATIENT, "maya anew"), log.ts)
    assert not is_owed(log, log.change(AuthKind.PATIENT, "maya", not_before=RIPE), T0 + DAY)


def test_what_was_cancelled_is_owed_no_more_and_the_cancelling_is() -> None:
    log, change = announced(of_gerd(WORLD, "cancelled"))
    gerd = WORLD["gerd"].fp
    revoke = Revoke(bytes(16), log.patient_ref, RevokeKind.DIRECTIVE, change.change_id, gerd, log.ts)
    cancelling = ConsentObject(revoke.revoke_id, revoke.encode(), ((gerd, bytes(64)),), None, True, ())
    assert lacking(read(log), [cancelling], log.ts) == [cancelling]
    log.revoke(RevokeKind.DIRECTIVE, change.change_id, "gerd")
    assert lacking(read(log), [said(log, change), cancelling], RIPE) == []
