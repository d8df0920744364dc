"""Emergency access: who may declare it, what it opens, and when it ends."""

from __future__ import annotations

from crypto.directives import Signer
from crypto.entries import Signed
from crypto.tables import EMERGENCY_AGAIN_MS, EMERGENCY_MAX_MS, EntryType, RecipientKind, RevokeKind, Role
from tests.vectors.cast import DAY, NOW, T0, Log, World
from tests.vectors.stories.story import flagged, opened, story, under_way, witnessed

BREAK_GLASS = 1
READER = RecipientKind.EMERGENCY


@story("ok")
def somebody_from_outside_declares_an_emergency(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda")
    return log


@story("ok")
def a_member_answers_with_a_key_and_the_history(world: World, seed: str) -> Log:
    log = opened(world, seed)
    log.share("elena", "edda", 1, 1)
    return log


@story("ok")
def after_four_hours_the_next_epoch_leaves_the_emergency_out(world: World, seed: str) -> Log:
    log = opened(world, seed)
    log.epoch("elena", "elena", "maya", ts=log.ts - 1000 + EMERGENCY_MAX_MS)
    return log


@story("ok")
def a_patient_ends_an_emergency_by_one_signature(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    emergency = log.declare("edda")
    log.epoch("elena", "elena", "maya", extra=[log.recipient("edda", READER)])
    log.revoke(RevokeKind.DIRECTIVE, emergency.declaration_id)
    log.epoch("elena", "elena", "maya")
    return log


@story("ok")
def one_witness_ends_an_emergency(world: World, seed: str) -> Log:
    log = witnessed(world, seed, flags=BREAK_GLASS)
    log.consent(log.directive("elena"), "wanda", "walt", author="elena")
    log.revoke(RevokeKind.DIRECTIVE, log.declare("edda").declaration_id, "orla")
    log.epoch("elena", "elena")
    return log


@story("ok")
def one_who_was_refused_by_name_with_a_second_signature(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.deny("edda")
    log.declare("edda", "tom")
    log.epoch("elena", "elena", "maya", extra=[log.recipient("edda", READER)])
    return log


@story("ok")
def a_member_who_was_refused_reads_in_an_emergency(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.add("elena", "samuel", log.permit("samuel"))
    log.deny("samuel")
    log.declare("samuel", "tom")
    log.epoch("elena", "elena", "maya", extra=[log.recipient("samuel", READER)])
    return log


@story("ok")
def one_who_is_let_in_during_an_emergency_is_a_member(world: World, seed: str) -> Log:
    log = opened(world, seed)
    log.add("elena", "edda", log.permit("edda"))
    log.epoch("edda", "elena", "maya", "edda")
    return log


@story("ok")
def a_second_emergency_with_a_second_signature(world: World, seed: str) -> Log:
    log = opened(world, seed)
    log.declare("edda", "tom")
    return log


@story("ok")
def another_emergency_a_day_later(world: World, seed: str) -> tuple[Log, int]:
    log = opened(world, seed)
    log.declare("edda", ts=log.ts - 1000 + EMERGENCY_MAX_MS + EMERGENCY_AGAIN_MS)
    return log, NOW + DAY


@story("ok")
def a_refusal_of_her_house_asks_for_no_second_signature(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.deny(None, grantee_kind=2, grantee=world.orgs["northgate"])
    log.declare("edda")
    return log


@story("ok")
def a_refusal_that_was_lifted_asks_for_no_second_signature(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.revoke(RevokeKind.DIRECTIVE, log.deny("edda").directive_id)
    log.declare("edda")
    return log


# What an emergency gets wrong.


@story("E_SCOPE")
def an_emergency_where_the_thread_knows_none(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.declare("edda")
    return log


@story("E_SCOPE")
def a_rotten_emergency_where_the_thread_knows_none(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.write("edda", EntryType.BREAK_GLASS, Signed(b"", ()))
    return log


@story("E_ENC")
def an_emergency_without_a_word(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.write("edda", EntryType.BREAK_GLASS, Signed(b"", ()))
    return log


@story("E_SIZE")
def an_emergency_without_a_reason(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", reason=b"")
    return log


@story("E_SIZE")
def an_emergency_with_a_long_story(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", reason=b"a" * 501)
    return log


@story("ok")
def a_reason_as_long_as_may_be(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", reason="é".encode() * 250)
    return log


@story("E_ENC")
def a_reason_that_is_no_text(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", reason=b"\xff")
    return log


@story("E_GRANT_THREAD")
def an_emergency_of_another_thread(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", thread_id=bytes(32))
    return log


@story("E_GRANT_SUBJECT")
def an_emergency_in_the_name_of_another(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", author="tom")
    return log


@story("E_GRANT_SUBJECT")
def an_emergency_for_another_key(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", fp=world["tom"].fp)
    return log


@story("E_GRANT_ROLE")
def a_relative_declares_no_emergency(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("ruth")
    return log


@story("E_DUP")
def the_same_emergency_twice(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    made = log.declare("edda")
    log.declare("edda", "tom", declaration_id=made.declaration_id)
    return log


@story("E_DUP")
def an_emergency_with_the_id_of_a_refusal(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", declaration_id=log.deny("samuel").directive_id)
    return log


@story("E_GRANT_TIME")
def an_emergency_of_more_than_four_hours(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", exp=log.ts + 1001 + EMERGENCY_MAX_MS)
    return log


@story("E_GRANT_TIME")
def an_emergency_that_is_over(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", exp=log.ts + 1000)
    return log


@story("E_CERT")
def an_emergency_by_somebody_who_is_not_certified(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("ulf")
    return log


@story("E_CERT")
def an_emergency_by_somebody_of_a_house_that_is_not_pinned(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("chidi")
    return log


@story("E_CERT")
def an_emergency_by_one_who_may_only_witness(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("orla")
    return log


@story("E_CERT")
def an_emergency_in_a_role_that_is_not_hers(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", role=Role.PSYCHIATRIST)
    return log


@story("E_DUP")
def a_member_who_reads_needs_no_emergency(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("elena")
    return log


@story("E_QUORUM")
def one_who_was_refused_by_name_alone(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.deny("edda")
    log.declare("edda")
    return log


@story("E_QUORUM")
def a_second_emergency_alone(world: World, seed: str) -> Log:
    log = opened(world, seed)
    log.declare("edda", ts=T0 + EMERGENCY_MAX_MS + EMERGENCY_AGAIN_MS // 2)
    return log


@story("E_QUORUM")
def one_co_signs_the_own_emergency(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.deny("edda")
    log.declare("edda", "edda")
    return log


@story("E_QUORUM")
def a_co_signer_twice(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", "tom", "tom")
    return log


@story("E_CERT")
def a_patient_co_signs_no_emergency(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", "maya")
    return log


@story("E_SIG")
def a_co_signature_that_is_forged(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", "tom")
    signed = log.drafts[-1].payload
    assert isinstance(signed, Signed)
    log.drafts.pop()
    forged = Signed(signed.body, (Signer(world["nina"].fp, signed.signers[0].sig),))
    log.write("edda", EntryType.BREAK_GLASS, forged)
    return log


@story("E_UNKNOWN_KEY")
def a_co_signer_whom_nobody_knows(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda", "tom")
    signed = log.drafts[-1].payload
    assert isinstance(signed, Signed)
    log.drafts.pop()
    log.write("edda", EntryType.BREAK_GLASS, Signed(signed.body, (Signer(bytes(32), signed.signers[0].sig),)))
    return log


@story("E_GRANT_REVOKED")
def an_emergency_that_was_ended_before_it_began(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.revoke(RevokeKind.DIRECTIVE, bytes([4] * 16))
    log.declare("edda", declaration_id=bytes([4] * 16))
    return log
