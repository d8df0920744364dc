"""Other authorities for a thread, announced by witnesses and waited for: a lost key, an office that ended."""

from __future__ import annotations

from dataclasses import replace

from crypto.authority import Change
from crypto.tables import CHANGE_STANDS_MS, CHANGE_WAIT_MS, AuthKind, RevokeKind
from tests.vectors.cast import DAY, T0, Log, World
from tests.vectors.stories.story import BOTH, of_gerd, represented, story, with_samuel

RIPE = T0 + CHANGE_WAIT_MS + 7_200_000
LATER = RIPE + CHANGE_STANDS_MS + DAY


def announced(log: Log, *signers: str, **changes: object) -> tuple[Log, Change]:
    """Maya has lost her key, or a guardian's office has ended: witnesses announce her new one."""
    before = log.authority
    change = log.change(AuthKind.PATIENT, "maya anew", **{"not_before": RIPE, **changes})
    log.hand_over(change, *(signers or BOTH))
    log.authority = before
    return log, change


def again(log: Log, change: Change, ts: int = RIPE) -> Log:
    """The same object once more, when its time has come."""
    log.hand_over(change, *BOTH, ts=ts)
    return log


@story("ok")
def witnesses_announce_a_new_key_and_nothing_changes_yet(world: World, seed: str) -> Log:
    log, _ = announced(with_samuel(world, seed))
    log.permit("tom")
    log.epoch("maya", "elena", "maya", "samuel")
    return log


@story("ok")
def an_announced_key_takes_effect_after_three_days(world: World, seed: str) -> tuple[Log, int]:
    log = again(*announced(with_samuel(world, seed)))
    log.epoch("maya anew", "elena", "maya anew", "samuel")
    log.consent(log.directive("tom"), "maya anew", author="maya anew")
    return log, RIPE + DAY


@story("ok")
def one_who_came_of_age_takes_over_from_an_office_that_ended(world: World, seed: str) -> tuple[Log, int]:
    log = of_gerd(world, seed)
    log.ts = T0 + 3_600_000
    log, change = announced(log)
    log.epoch("elena", "elena")
    again(log, change)
    log.epoch("maya anew", "elena", "maya anew")
    return log, RIPE + DAY


@story("ok")
def the_old_authority_cancels_what_witnesses_announced(world: World, seed: str) -> Log:
    log, change = announced(with_samuel(world, seed))
    log.revoke(RevokeKind.DIRECTIVE, change.change_id)
    log.permit("tom")
    return log


@story("ok")
def one_of_two_representatives_cancels(world: World, seed: str) -> Log:
    log, change = announced(represented(world, seed, AuthKind.QUORUM, 2))
    log.revoke(RevokeKind.DIRECTIVE, change.change_id, "rolf", auth_fp=world["rolf"].fp)
    return log


@story("ok")
def another_announcement_after_one_was_cancelled(world: World, seed: str) -> tuple[Log, int]:
    log, change = announced(with_samuel(world, seed))
    log.revoke(RevokeKind.DIRECTIVE, change.change_id)
    return again(*announced(log)), RIPE + DAY


@story("E_QUORUM")
def one_witness_with_two_keys_announces_nothing(world: World, seed: str) -> Log:
    return announced(with_samuel(world, seed), "wanda", "wanda again")[0]


@story("E_CERT")
def an_announcement_by_one_who_is_no_witness(world: World, seed: str) -> Log:
    return announced(with_samuel(world, seed), "wanda", "nina")[0]


@story("E_DUP")
def an_announced_change_with_other_bytes(world: World, seed: str) -> tuple[Log, int]:
    log, change = announced(with_samuel(world, seed))
    return again(log, replace(change, not_before=RIPE + 1)), RIPE + DAY


@story("E_DUP")
def an_announcement_that_another_handover_overtook(world: World, seed: str) -> tuple[Log, int]:
    log, change = announced(with_samuel(world, seed))
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"))
    return again(log, change), RIPE + DAY


@story("E_GRANT_DUP")
def a_refusal_with_the_id_of_a_change(world: World, seed: str) -> Log:
    log, change = announced(with_samuel(world, seed))
    log.deny("samuel", directive_id=change.change_id)
    return log


@story("E_DUP")
def a_cancelled_announcement_comes_again(world: World, seed: str) -> tuple[Log, int]:
    log, change = announced(with_samuel(world, seed))
    log.revoke(RevokeKind.DIRECTIVE, change.change_id)
    return again(log, change), RIPE + DAY


@story("E_GRANT_TIME")
def an_announcement_of_less_than_three_days(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    return announced(log, not_before=log.ts + 1000 + CHANGE_WAIT_MS - 1)[0]


@story("ok")
def an_announcement_of_three_days_to_the_moment(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    return announced(log, not_before=log.ts + 1000 + CHANGE_WAIT_MS)[0]


@story("E_GRANT_TIME")
def an_announcement_that_everybody_would_have_forgotten(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    return announced(log, not_before=log.ts + 1001 + CHANGE_STANDS_MS)[0]


@story("E_GRANT_TIME")
def an_announced_change_before_its_time(world: World, seed: str) -> tuple[Log, int]:
    return again(*announced(with_samuel(world, seed)), RIPE - 1), RIPE + DAY


@story("E_GRANT_EXPIRED")
def an_announced_change_long_after_its_time(world: World, seed: str) -> tuple[Log, int]:
    return again(*announced(with_samuel(world, seed)), RIPE + CHANGE_STANDS_MS + 1), LATER


@story("E_CERT")
def a_guardian_whose_office_ended_cancels_nothing(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.ts = T0 + 3_600_000
    log, change = announced(log)
    log.revoke(RevokeKind.DIRECTIVE, change.change_id, "gerd")
    return log


@story("E_REVOKE_AUTHORITY")
def a_member_cancels_nothing(world: World, seed: str) -> Log:
    log, change = announced(with_samuel(world, seed))
    log.revoke(RevokeKind.DIRECTIVE, change.change_id, "elena", auth_fp=world["elena"].fp)
    return log


@story("E_NOT_MEMBER")
def a_lost_key_writes_nothing_more(world: World, seed: str) -> tuple[Log, int]:
    log = again(*announced(with_samuel(world, seed)))
    log.epoch("maya", "elena", "maya anew", "samuel")
    return log, RIPE + DAY
