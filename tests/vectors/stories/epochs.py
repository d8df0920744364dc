"""What a removal, an epoch or a share gets wrong."""

from __future__ import annotations

from crypto.sealing import epoch_commitment
from crypto.tables import (
    EntryType,
    HistoryKind,
    RecipientKind,
    RevokeKind,
)
from tests.vectors.cast import T0, Log, World
from tests.vectors.stories.story import story, with_samuel


@story("E_NOT_MEMBER")
def the_removal_of_a_stranger(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.remove("elena", "samuel")
    return log


@story("E_SCOPE")
def the_patient_is_not_put_out(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.remove("elena", "maya")
    return log


@story("E_SCOPE")
def a_nurse_puts_nobody_out(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "nina", log.permit("nina"))
    log.remove("nina", "elena")
    return log


@story("E_NOT_MEMBER")
def one_who_was_removed_writes_nothing_more(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.remove("elena", "samuel")
    log.epoch("samuel", "elena", "maya")
    return log


@story("E_NOT_MEMBER")
def one_whose_consent_was_withdrawn_makes_no_epoch(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.revoke(RevokeKind.GRANTEE, world["samuel"].fp)
    log.epoch("samuel", "elena", "maya")
    return log


@story("E_NOT_MEMBER")
def an_unknown_entry_by_an_outsider(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("samuel", 200, b"")
    return log


@story("E_RECIPIENTS")
def a_ghost_in_an_epoch(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.epoch("elena", "elena", "maya", "chidi")
    return log


@story("E_RECIPIENTS")
def a_member_left_out_in_silence(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.epoch("elena", "elena", "maya")
    return log


@story("E_RECIPIENTS")
def an_epoch_for_one_whose_permit_has_run_out(world: World, seed: str) -> Log:
    log = with_samuel(world, seed, exp=T0 + 3_600_000)
    log.epoch("elena", "elena", "maya", "samuel", ts=T0 + 3_600_000)
    return log


@story("E_RECIPIENTS")
def a_silent_compliance_key(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.epoch("elena", "elena", "maya", extra=[(int(RecipientKind.COMPLIANCE), bytes(16), bytes(32))])
    return log


@story("E_ENC")
def recipients_out_of_order(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    recipients = sorted([log.recipient("elena"), log.recipient("maya")], reverse=True)
    log.epoch("elena", recipients=tuple(recipients))
    return log


@story("E_EPOCH_SEQ")
def an_epoch_number_left_out(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.epoch("elena", "elena", "maya", epoch=3)
    return log


@story("E_KEY_REUSE")
def an_old_key_for_a_new_epoch(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.epoch("elena", "elena", "maya", key_commit=epoch_commitment(log.keys[0], log.thread))
    return log


@story("E_SUITE")
def an_epoch_of_an_unknown_suite(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.epoch("elena", "elena", "maya", suite=2)
    return log


@story("E_HISTORY")
def a_share_of_what_is_not_there_yet(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.share("elena", "samuel", 1, 3)
    return log


@story("E_HISTORY")
def a_share_of_what_the_sharer_does_not_hold(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.add("elena", "tom", log.permit("tom"))
    log.epoch("elena", "elena", "maya", "samuel", "tom")
    log.share("samuel", "tom", 1, 2)
    return log


@story("E_HISTORY")
def a_narrower_permit_binds_at_once(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    wide = log.permit("samuel")
    log.add("elena", "samuel", wide)
    log.epoch("elena", "elena", "maya", "samuel")
    log.permit("samuel", history=HistoryKind.NONE, supersedes=(wide.directive_id,))
    log.share("elena", "samuel", 1, 1)
    return log


@story("E_NOT_MEMBER")
def a_share_with_one_who_may_not_read(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.deny("samuel")
    log.share("elena", "samuel", 1, 1)
    return log


@story("E_NOT_MEMBER")
def a_share_with_another_key_of_a_member(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    samuel, tom = world["samuel"], world["tom"]
    log.write("elena", EntryType.HISTORY_SHARE, samuel.user + tom.fp + bytes(3) + b"\x01" + bytes(3) + b"\x01")
    return log
