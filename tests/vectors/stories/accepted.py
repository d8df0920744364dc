"""Logs that must be accepted."""

from __future__ import annotations

from crypto.primitives import digest
from crypto.tables import (
    Action,
    AuthKind,
    GenesisFlag,
    GranteeKind,
    HistoryKind,
    Label,
    RecipientKind,
    RevokeKind,
    Role,
)
from tests.vectors.cast import T0, WORKING, Log, World
from tests.vectors.stories.story import represented, story, with_samuel


@story("ok")
def a_thread_begins_with_the_patient_alone(world: World, seed: str) -> Log:
    return Log(world, seed)


@story("ok")
def the_creator_is_effective_with_the_first_permit(world: World, seed: str) -> Log:
    return Log(world, seed).open()


@story("ok")
def the_patient_may_begin_an_epoch_before_anybody_is_covered(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.epoch("maya", "maya")
    return log


@story("ok")
def a_colleague_of_another_house_comes_in_with_all_history(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.share("elena", "samuel", 1, 1)
    return log


@story("ok")
def what_was_shared_can_be_shared_on(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.share("elena", "samuel", 1, 1)
    log.add("maya", "tom", log.permit("tom"))
    log.epoch("samuel", "elena", "maya", "samuel", "tom")
    log.share("samuel", "tom", 1, 2)
    return log


@story("ok")
def an_organisation_is_permitted_and_a_holder_of_admit_lets_in(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    grantee = world.orgs["northgate"]
    log.add("elena", "samuel", log.permit(None, grantee_kind=GranteeKind.ORGANISATION, grantee=grantee))
    log.epoch("samuel", "elena", "maya", "samuel")
    return log


@story("ok")
def a_role_is_permitted(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    grantee = bytes([Role.CASE_MANAGER])
    log.add("elena", "tom", log.permit(None, grantee_kind=GranteeKind.ROLE, grantee=grantee))
    log.epoch("tom", "elena", "maya", "tom")
    return log


@story("ok")
def the_care_team_is_permitted_and_the_patient_lets_in(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.add("maya", "nina", log.permit(None, actions=WORKING))
    log.epoch("nina", "elena", "maya", "nina")
    return log


@story("ok")
def a_deny_shuts_out_and_the_next_epoch_leaves_out(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.deny("samuel")
    log.epoch("elena", "elena", "maya")
    return log


@story("ok")
def a_deny_of_posting_leaves_reading(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.deny("samuel", actions=int(Action.POST))
    log.epoch("samuel", "elena", "maya", "samuel")
    return log


@story("ok")
def a_deny_for_another_thread_does_not_reach(world: World, seed: str) -> Log:
    log = Log(world, seed, labels=(b"ETH",)).open()
    log.deny("elena", labels=(b"HIV",))
    log.epoch("elena", "elena", "maya")
    return log


@story("ok")
def a_withdrawal_ends_one_permit(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    permit = log.permit("samuel")
    log.add("elena", "samuel", permit)
    log.epoch("elena", "elena", "maya", "samuel")
    log.revoke(RevokeKind.DIRECTIVE, permit.directive_id)
    log.epoch("elena", "elena", "maya")
    return log


@story("ok")
def a_withdrawal_ends_all_of_a_grantee(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.revoke(RevokeKind.GRANTEE, world["samuel"].fp)
    log.epoch("elena", "elena", "maya")
    return log


@story("ok")
def a_withdrawal_from_everyone_leaves_the_patient(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.revoke(RevokeKind.EVERYONE)
    log.epoch("maya", "maya")
    return log


@story("ok")
def a_permit_after_the_withdrawal_is_not_barred(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.revoke(RevokeKind.EVERYONE)
    log.permit("samuel", nbf=log.ts + 1000)
    log.epoch("samuel", "maya", "samuel")
    return log


@story("ok")
def a_permit_held_back_stays_ended_by_the_withdrawal(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    old = log.directive("samuel")
    log.revoke(RevokeKind.EVERYONE)
    log.consent(old, author="samuel")
    log.epoch("maya", "maya")
    return log


@story("ok")
def a_withdrawal_from_everyone_lifts_no_deny(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.deny("samuel")
    log.revoke(RevokeKind.EVERYONE)
    log.permit(None, nbf=log.ts + 1000)
    log.epoch("maya", "maya", "elena")
    return log


@story("ok")
def a_newer_permit_supersedes_a_deny(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    deny = log.deny("samuel")
    log.permit("samuel", supersedes=(deny.directive_id,))
    log.epoch("samuel", "elena", "maya", "samuel")
    return log


@story("ok")
def a_permit_runs_out(world: World, seed: str) -> Log:
    log = with_samuel(world, seed, exp=T0 + 3_600_000)
    log.epoch("elena", "elena", "maya", ts=T0 + 3_600_000)
    return log


@story("ok")
def a_member_leaves_without_being_effective(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.deny("samuel")
    log.remove("samuel", "samuel")
    log.epoch("elena", "elena", "maya")
    return log


@story("ok")
def a_member_comes_back_with_history_since_the_first_join(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    permit = log.permit("samuel", history=HistoryKind.FROM_JOIN)
    log.add("elena", "samuel", permit, 2)
    log.epoch("elena", "elena", "maya", "samuel")
    log.remove("elena", "samuel")
    log.epoch("elena", "elena", "maya")
    log.add("elena", "samuel", permit, 2)
    log.epoch("elena", "elena", "maya", "samuel")
    log.share("elena", "samuel", 2, 3)
    return log


@story("ok")
def history_begins_with_the_first_epoch_after_a_date(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.epoch("elena", "elena", "maya")
    log.add("elena", "samuel", log.permit("samuel", history=HistoryKind.FROM_DATE, history_from=log.ts), 2)
    log.epoch("elena", "elena", "maya", "samuel")
    log.share("elena", "samuel", 2, 2)
    return log


@story("ok")
def labels_are_covered_by_a_permit_that_names_them_all(world: World, seed: str) -> Log:
    return Log(world, seed, labels=(b"ETH", b"HIV")).open()


@story("ok")
def a_compliance_key_is_a_recipient_like_any_other(world: World, seed: str) -> Log:
    pk = bytes(range(32))
    log = Log(world, seed, flags=int(GenesisFlag.COMPLIANCE), compliance_pk=pk, compliance_label=b"Records office")
    log.permit("elena")
    extra = (int(RecipientKind.COMPLIANCE), bytes(16), digest(Label.COMP_FP, pk))
    log.epoch("elena", "elena", "maya", extra=[extra])
    return log


@story("ok")
def two_representatives_consent_together(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.QUORUM, 2)
    log.consent(log.directive("elena", auth_fp=world["ruth"].fp), "ruth", "rolf")
    log.epoch("elena", "elena", "ruth", "rolf")
    return log


@story("ok")
def an_unknown_entry_that_is_not_critical_is_passed_over(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"whatever")
    log.epoch("elena", "elena", "maya")
    return log
