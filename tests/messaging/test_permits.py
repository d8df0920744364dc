"""A decision is kept for a moment, and never for a message that was posted under later consent."""

from __future__ import annotations

from uuid import uuid4

from consent.model import Decision, Reason
from messaging.permits import SECONDS, Permits

YES = Decision(True, Reason.CONSENT_PERMIT)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def kept() -> tuple[Permits, Clock]:
    clock = Clock()
    permits = Permits(clock)
    permits.keep(WHO, "thread", "delivery", YES, patient=PATIENT, epoch=3, log_seq=7)
    return permits, clock


WHO, PATIENT = uuid4(), uuid4()


def test_it_works() -> None:
    permits, _ = kept()
    assert permits.find(WHO, "thread", "delivery", epoch=3, log_seq=7) is YES
    assert permits.find(WHO, "thread", "delivery", epoch=2, log_seq=6) is YES


def test_it_says_nothing_about_anything_else() -> None:
    permits, _ = kept()
    assert permits.find(uuid4(), "thread", "delivery", epoch=3) is None
    assert permits.find(WHO, "another", "delivery", epoch=3) is None
    assert permits.find(WHO, "thread", "thread.read", epoch=3) is None


def test_it_does_not_count_once_consent_or_the_log_has_moved() -> None:
    permits, _ = kept()
    assert permits.find(WHO, "thread", "delivery", epoch=4, log_seq=7) is None
    assert permits.find(WHO, "thread", "delivery", epoch=3, log_seq=8) is None


def test_it_does_not_count_for_long() -> None:
    permits, clock = kept()
    clock.now = SECONDS - 0.01
    assert permits.find(WHO, "thread", "delivery", epoch=3) is YES
    clock.now = SECONDS
    assert permits.find(WHO, "thread", "delivery", epoch=3) is None


def test_it_is_void_once_this_process_has_heard_of_a_later_epoch_of_that_patient() -> None:
    permits, _ = kept()
    permits.moved(uuid4(), 9)
    permits.moved(PATIENT, 3)
    assert permits.find(WHO, "thread", "delivery", epoch=3) is YES
    permits.moved(PATIENT, 4)
    permits.moved(PATIENT, 2)
    assert permits.find(WHO, "thread", "delivery", epoch=3) is None
    permits.keep(WHO, "thread", "delivery", YES, patient=PATIENT, epoch=4, log_seq=7)
    assert permits.find(WHO, "thread", "delivery", epoch=3) is YES


def test_it_is_forgotten_when_consent_is_heard_to_move() -> None:
    permits, _ = kept()
    permits.forget()
    assert permits.find(WHO, "thread", "delivery", epoch=0) is None
