"""What an admission gets wrong."""

from __future__ import annotations

from crypto.tables import (
    Action,
    GranteeKind,
    HistoryKind,
    RevokeKind,
    Role,
)
from tests.vectors.cast import T0, WORKING, Log, World
from tests.vectors.stories.story import story, with_samuel


@story("E_NO_GRANT")
def an_admission_without_a_permit(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", bytes(16))
    return log


@story("E_NO_GRANT")
def an_admission_by_a_deny(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.deny("samuel"))
    return log


@story("E_GRANT_SUBJECT")
def an_admission_by_the_permit_of_another(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("tom"))
    return log


@story("E_UNKNOWN_KEY")
def the_key_of_another_under_a_permitted_name(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("samuel"), fp=world["tom"].fp)
    return log


@story("E_GRANT_ROLE")
def a_role_that_the_permit_does_not_name(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    permit = log.permit(None, grantee_kind=GranteeKind.ROLE, grantee=bytes([Role.PHARMACIST]))
    log.add("elena", "samuel", permit)
    return log


@story("E_CERT")
def a_role_that_is_not_certified(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("samuel"), role=Role.PHYSICIAN)
    return log


@story("E_CERT")
def somebody_of_a_house_that_the_thread_does_not_pin(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "chidi", log.permit("chidi"))
    return log


@story("E_GRANT_EXPIRED")
def an_admission_by_a_permit_that_has_run_out(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("samuel", exp=T0 + 1))
    return log


@story("E_GRANT_TIME")
def an_admission_before_the_permit_begins(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("samuel", nbf=log.ts + 400_000))
    return log


@story("E_GRANT_REVOKED")
def an_admission_by_a_permit_that_was_withdrawn(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    permit = log.permit("samuel")
    log.revoke(RevokeKind.DIRECTIVE, permit.directive_id)
    log.add("elena", "samuel", permit)
    return log


@story("E_GRANT_REVOKED")
def a_withdrawal_reaches_a_permit_that_comes_after_it(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    permit = log.directive("samuel")
    log.revoke(RevokeKind.DIRECTIVE, permit.directive_id)
    log.add("elena", "samuel", log.consent(permit))
    return log


@story("E_NO_GRANT")
def an_admission_against_a_deny(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.deny(None, grantee_kind=GranteeKind.ORGANISATION, grantee=world.orgs["northgate"])
    log.add("elena", "samuel", log.permit("samuel"))
    return log


@story("E_NO_GRANT")
def a_permit_that_leaves_out_a_label_of_the_thread(world: World, seed: str) -> Log:
    log = Log(world, seed, labels=(b"ETH", b"HIV")).open()
    log.add("elena", "samuel", log.permit("samuel", labels=(b"ETH",)))
    return log


@story("E_NO_GRANT")
def a_permit_for_billing_opens_no_thread(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("samuel", purposes=(b"HPAYMT",)))
    return log


@story("E_NO_GRANT")
def a_permit_to_write_alone_opens_no_thread(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("samuel", actions=int(Action.POST)))
    return log


@story("E_DUP")
def a_member_is_added_again(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.add("elena", "samuel", log.permit("samuel"))
    return log


@story("E_NOT_MEMBER")
def a_creator_whom_nothing_covers_admits(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.add("elena", "samuel", log.permit("samuel"))
    return log


@story("E_NOT_MEMBER")
def an_outsider_admits_herself(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("samuel", "samuel", log.permit("samuel"))
    return log


@story("E_SCOPE")
def a_nurse_does_not_admit(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "nina", log.permit("nina"))
    log.add("nina", "samuel", log.permit("samuel"))
    return log


@story("E_SCOPE")
def admitting_by_a_permit_of_the_team_needs_the_right_to_admit(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.permit("elena", actions=WORKING)
    log.add("elena", "samuel", log.permit(None, actions=WORKING))
    return log


@story("E_HISTORY")
def more_history_than_the_permit_gives(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("samuel", history=HistoryKind.NONE), 1)
    return log


@story("E_HISTORY")
def history_before_the_date_of_the_permit(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.epoch("elena", "elena", "maya")
    log.add("elena", "samuel", log.permit("samuel", history=HistoryKind.FROM_DATE, history_from=log.ts), 1)
    return log


@story("E_HISTORY")
def no_reading_of_what_was_written_before_the_return(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    permit = log.permit("samuel", history=HistoryKind.NONE)
    log.add("elena", "samuel", permit, 2)
    log.epoch("elena", "elena", "maya", "samuel")
    log.remove("elena", "samuel")
    log.epoch("elena", "elena", "maya")
    log.add("elena", "samuel", permit, 3)
    return log


@story("E_HISTORY")
def a_first_stay_with_all_history_does_not_widen_a_second(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    wide = log.permit("samuel")
    log.add("elena", "samuel", wide, 1)
    log.epoch("elena", "elena", "maya", "samuel")
    log.remove("elena", "samuel")
    narrow = log.permit("samuel", history=HistoryKind.FROM_JOIN, supersedes=(wide.directive_id,))
    log.add("elena", "samuel", narrow, 1)
    return log
