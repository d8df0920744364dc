"""Other limits, other flags, another compliance key or none: what a thread is held to, as its authority has it."""

from __future__ import annotations

from typing import Any

from crypto.compliance import box_pk_of
from crypto.primitives import digest
from crypto.tables import AuthKind, GenesisFlag, GranteeKind, Label, RecipientKind
from tests.vectors.cast import DAY, NOW, T0, Log, World, statement
from tests.vectors.stories.story import BOTH, of_gerd, represented, story, under_way, with_samuel

KEPT = int(GenesisFlag.COMPLIANCE)
FIRST = box_pk_of(bytes([1] * 32))


def records(key: int) -> tuple[int, bytes, bytes]:
    return (int(RecipientKind.COMPLIANCE), bytes(16), digest(Label.COMP_FP, box_pk_of(bytes([key] * 32))))


def kept(world: World, seed: str, **genesis: Any) -> Log:
    """A thread whose records a first key opens."""
    given: dict[str, Any] = {
        "flags": KEPT, "compliance_pk": FIRST, "compliance_label": b"Records office", **genesis
    }  # fmt: skip
    log = Log(world, seed, **given)
    log.permit("elena")
    log.epoch("elena", "elena", "maya", extra=[records(1)])
    return log


@story("ok")
def a_patient_shortens_the_life_of_a_key(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(epoch_max_age_s=3600, epoch_max_msgs=100)
    log.epoch("elena", "elena", "maya")
    return log


@story("ok")
def a_policy_follows_a_policy(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(epoch_max_age_s=3600)
    log.policy(epoch_max_age_s=604_800)
    return log


@story("ok")
def a_patient_opens_the_thread_for_emergencies(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(flags=int(GenesisFlag.BREAK_GLASS))
    log.declare("edda")
    log.epoch("elena", "elena", "maya", extra=[log.recipient("edda", RecipientKind.EMERGENCY)])
    return log


@story("E_SCOPE")
def a_patient_closes_the_thread_for_emergencies(world: World, seed: str) -> Log:
    log = Log(world, seed, flags=int(GenesisFlag.BREAK_GLASS)).open()
    log.policy(flags=0)
    log.declare("edda")
    return log


@story("E_RECIPIENTS")
def directives_stop_following_a_new_key(world: World, seed: str) -> Log:
    log = with_samuel_following(world, seed)
    log.policy(flags=0)
    log.update("samuel", "samuel again")
    log.epoch("elena", "elena", "maya", "samuel again")
    return log


def with_samuel_following(world: World, seed: str) -> Log:
    log = Log(world, seed, flags=int(GenesisFlag.FOLLOW_ROTATION)).open()
    log.add("elena", "samuel", log.permit("samuel"))
    log.epoch("elena", "elena", "maya", "samuel")
    return log


@story("ok")
def a_compliance_key_is_ended_and_sealed_to_no_more(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(flags=0)
    log.epoch("elena", "elena", "maya")
    return log


@story("E_RECIPIENTS")
def an_epoch_for_a_compliance_key_that_was_ended(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(flags=0)
    log.epoch("elena", "elena", "maya", extra=[records(1)])
    return log


@story("ok")
def another_compliance_key_on_the_word_of_the_root(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(**statement(world, "riverside", 2))
    log.epoch("elena", "elena", "maya", extra=[records(2)])
    return log


@story("E_RECIPIENTS")
def an_epoch_for_the_compliance_key_of_before(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(**statement(world, "riverside", 2))
    log.epoch("elena", "elena", "maya", extra=[records(1)])
    return log


@story("E_COMPLIANCE")
def a_thread_gains_no_compliance_key(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(flags=KEPT, **statement(world, "riverside", 1))
    return log


@story("E_COMPLIANCE")
def a_compliance_key_that_was_ended_does_not_come_back(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(flags=0)
    log.policy(flags=KEPT, **statement(world, "riverside", 2))
    return log


@story("E_COMPLIANCE")
def another_compliance_key_of_a_house_that_is_not_pinned(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(**statement(world, "faraway", 2))
    return log


@story("E_COMPLIANCE")
def another_compliance_key_where_the_flags_say_none(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(flags=0, **statement(world, "riverside", 2))
    return log


@story("E_COMPLIANCE")
def another_compliance_key_that_one_person_holds(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(**statement(world, "riverside", 2, threshold=1))
    return log


@story("E_SIG")
def another_compliance_key_that_the_root_did_not_state(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(**statement(world, "riverside", 2, by="northgate"))
    return log


@story("E_KEY_REUSE")
def the_compliance_key_of_before_comes_back(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(**statement(world, "riverside", 2))
    log.policy(**statement(world, "riverside", 1))
    return log


@story("E_ENC")
def a_statement_without_its_signature(world: World, seed: str) -> Log:
    log = kept(world, seed)
    log.policy(statement=statement(world, "riverside", 2)["statement"])
    return log


@story("E_GRANT_AUTHORITY")
def a_policy_that_nobody_signed(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(epoch_max_age_s=3600)
    draft = log.drafts.pop()
    assert not isinstance(draft.payload, bytes)
    log.write("elena", draft.type, draft.payload.encode()[: -2 - 96] + bytes(2))
    return log


@story("E_GRANT_AUTHORITY")
def a_clinician_makes_a_policy(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.policy("elena", epoch_max_age_s=3600)
    return log


@story("E_QUORUM")
def one_of_two_representatives_makes_a_policy(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.QUORUM, 2)
    log.consent(log.directive("elena"), "ruth", "rolf")
    log.policy("ruth", epoch_max_age_s=3600)
    return log


@story("ok")
def two_representatives_make_a_policy(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.QUORUM, 2)
    log.consent(log.directive("elena"), "ruth", "rolf")
    log.policy("ruth", "rolf", epoch_max_age_s=3600)
    return log


@story("ok")
def two_witnesses_make_a_policy(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.policy(*BOTH, epoch_max_age_s=3600)
    return log


@story("E_QUORUM")
def one_witness_makes_no_policy(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.policy("wanda", epoch_max_age_s=3600)
    return log


@story("E_CERT")
def a_guardian_whose_office_ended_makes_no_policy(world: World, seed: str) -> tuple[Log, int]:
    log = of_gerd(world, seed)
    log.policy("gerd", epoch_max_age_s=3600, ts=T0 + 2 * 3_600_000)
    return log, NOW


@story("E_GRANT_THREAD")
def a_policy_of_another_thread(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(thread_id=bytes([5] * 32))
    return log


@story("E_DUP")
def the_same_policy_twice(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(epoch_max_age_s=3600)
    log.policy(number=1, epoch_max_age_s=3600)
    return log


@story("E_DUP")
def a_policy_that_was_held_back(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(epoch_max_age_s=3600)
    log.policy(epoch_max_age_s=60)
    log.policy(number=2, epoch_max_age_s=604_800)
    return log


@story("E_SIZE")
def a_key_that_lives_longer_than_a_week(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(epoch_max_age_s=604_801)
    return log


@story("E_SIZE")
def an_epoch_without_messages(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(epoch_max_msgs=0)
    return log


@story("E_ENUM")
def a_policy_with_a_flag_without_a_meaning(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.policy(flags=8)
    return log


@story("E_NOT_MEMBER")
def a_policy_leaves_consent_as_it_was(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.permit(None, grantee_kind=GranteeKind.KEY, grantee=world["nina"].fp, nbf=T0, exp=T0 + DAY)
    log.policy(epoch_max_age_s=3600)
    log.epoch("nina", "elena", "maya", "nina")
    return log
