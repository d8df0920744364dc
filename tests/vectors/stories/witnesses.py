"""Consent that witnesses bring in, and consent that representatives give."""

from __future__ import annotations

from crypto.directives import Signer, sign_directive
from crypto.entries import Signed
from crypto.tables import Action, AuthKind, Effect, EntryType, GranteeKind, RevokeKind, Role
from tests.vectors.cast import ALL, DAY, T0, WORKING, Log, World
from tests.vectors.stories.story import BOTH, represented, story, under_way, witnessed


@story("ok")
def two_witnesses_bring_in_what_the_patient_said(world: World, seed: str) -> Log:
    return under_way(world, seed)


@story("ok")
def a_witness_of_another_house_and_one_without_a_post(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena"), "walt", "orla", author="elena")
    log.epoch("elena", "elena")
    return log


@story("ok")
def three_witnesses_where_two_are_enough(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena"), "walt", "orla", "wanda", author="elena")
    return log


@story("ok")
def two_witnesses_bring_in_a_refusal(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.consent(log.directive("samuel", effect=Effect.DENY), *BOTH, author="elena")
    return log


@story("ok")
def a_permit_for_a_house_whose_nurse_witnessed_it(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    house = log.directive(None, grantee_kind=GranteeKind.ORGANISATION, grantee=world.orgs["northgate"])
    log.add("elena", "samuel", log.consent(house, *BOTH, author="elena"))
    log.epoch("elena", "elena", "samuel")
    return log


@story("ok")
def one_witness_is_enough_to_end_a_permit(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    permit = log.consent(log.directive("samuel"), *BOTH, author="elena")
    log.add("elena", "samuel", permit)
    log.revoke(RevokeKind.DIRECTIVE, permit.directive_id, "orla")
    log.epoch("elena", "elena")
    return log


@story("ok")
def one_witness_is_enough_to_end_all_permits(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.revoke(RevokeKind.EVERYONE, b"", "orla")
    return log


@story("ok")
def one_who_was_permitted_may_write_down_that_it_ended(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.consent(log.directive("wanda"), "walt", "orla", author="elena")
    log.revoke(RevokeKind.GRANTEE, world["wanda"].fp, "wanda")
    return log


@story("ok")
def two_witnesses_lift_a_refusal(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    deny = log.consent(log.directive("samuel", effect=Effect.DENY), *BOTH, author="elena")
    log.revoke(RevokeKind.DIRECTIVE, deny.directive_id, "orla", "walt")
    return log


# What a witnessed thread gets wrong.


@story("E_GRANT_AUTHORITY")
def witnesses_and_a_named_authority_at_once(world: World, seed: str) -> Log:
    return Log(world, seed, auth_kind=AuthKind.WITNESSED, quorum=2)


@story("E_GRANT_AUTHORITY")
def a_thread_of_a_patient_without_an_authority(world: World, seed: str) -> Log:
    return Log(world, seed, authorities=())


@story("E_QUORUM")
def a_thread_with_one_witness(world: World, seed: str) -> Log:
    return witnessed(world, seed, quorum=1)


@story("E_QUORUM")
def a_quorum_of_several_that_is_one(world: World, seed: str) -> Log:
    return represented(world, seed, AuthKind.QUORUM, 1)


@story("E_GRANT_AUTHORITY")
def a_directive_that_nobody_witnessed(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.write("elena", EntryType.DIRECTIVE, Signed(log.directive("elena").encode(), ()))
    return log


@story("E_QUORUM")
def one_witness_does_not_permit(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena"), "wanda", author="elena")
    return log


@story("E_QUORUM")
def one_witness_does_not_refuse(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.consent(log.directive("samuel", effect=Effect.DENY), "wanda", author="elena")
    return log


@story("E_QUORUM")
def two_witnesses_where_three_are_asked(world: World, seed: str) -> Log:
    log = witnessed(world, seed, quorum=3)
    log.consent(log.directive("elena"), *BOTH, author="elena")
    return log


@story("E_QUORUM")
def a_witness_signs_twice(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena"), "wanda", "wanda", author="elena")
    return log


@story("E_QUORUM")
def a_witness_signs_with_two_keys(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena"), "wanda", "wanda again", author="elena")
    return log


@story("E_SIG")
def a_witness_whose_signature_is_forged(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    body, wanda = log.directive("elena").encode(), world["wanda"]
    good = Signer(wanda.fp, sign_directive(wanda.identity.sign_seed, body))
    log.write("elena", EntryType.DIRECTIVE, Signed(body, (good, Signer(world["walt"].fp, good.sig))))
    return log


@story("E_UNKNOWN_KEY")
def a_witness_whom_nobody_knows(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    body, wanda = log.directive("elena").encode(), world["wanda"]
    sig = sign_directive(wanda.identity.sign_seed, body)
    log.write("elena", EntryType.DIRECTIVE, Signed(body, (Signer(wanda.fp, sig), Signer(bytes(32), sig))))
    return log


@story("E_CERT")
def a_colleague_who_is_no_witness(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena"), "wanda", "nina", author="elena")
    return log


@story("E_CERT")
def a_witness_whose_certificate_has_run_out(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena"), "wanda", "wei", author="elena")
    return log


@story("E_CERT")
def a_witness_of_a_house_that_the_thread_does_not_pin(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena"), "wanda", "fay", author="elena")
    return log


@story("E_CERT")
def a_witness_comes_in_by_the_certificate_to_witness(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.add("elena", "orla", log.consent(log.directive("orla"), *BOTH, author="elena"))
    return log


@story("E_GRANT_AUTHORITY")
def a_witnessed_directive_names_an_authority(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena", auth_fp=world["wanda"].fp), *BOTH, author="elena")
    return log


@story("E_GRANT_AUTHORITY")
def a_patient_key_signs_in_a_witnessed_thread(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena", auth_kind=AuthKind.PATIENT, auth_fp=world["maya"].fp), "maya")
    return log


@story("E_GRANT_AUTHORITY")
def a_witnessed_directive_in_a_thread_of_the_patient(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.consent(log.directive("elena", auth_kind=AuthKind.WITNESSED, auth_fp=bytes(32)), *BOTH)
    return log


@story("E_GRANT_AUTHORITY")
def a_witness_who_is_the_grantee(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("wanda"), *BOTH, author="elena")
    return log


@story("E_GRANT_AUTHORITY")
def a_witness_whose_other_key_is_the_grantee(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("wanda again"), *BOTH, author="elena")
    return log


@story("E_GRANT_AUTHORITY")
def a_witness_who_is_the_one_refused(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("wanda", effect=Effect.DENY), *BOTH, author="elena")
    return log


@story("E_UNKNOWN_KEY")
def witnesses_for_a_key_that_nobody_knows(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena", grantee=bytes(32)), *BOTH, author="elena")
    return log


def with_wanda(world: World, seed: str) -> Log:
    """Wanda is a member by the word of two others."""
    log = under_way(world, seed)
    log.add("elena", "wanda", log.consent(log.directive("wanda"), "walt", "orla", author="elena"))
    return log


@story("E_GRANT_AUTHORITY")
def a_member_witnesses_a_permit_of_the_whole_team(world: World, seed: str) -> Log:
    log = with_wanda(world, seed)
    log.consent(log.directive(None), *BOTH, author="elena")
    return log


@story("E_GRANT_AUTHORITY")
def a_member_witnesses_a_permit_of_the_own_house(world: World, seed: str) -> Log:
    log = with_wanda(world, seed)
    house = log.directive(None, grantee_kind=GranteeKind.ORGANISATION, grantee=world.orgs["riverside"])
    log.consent(house, *BOTH, author="elena")
    return log


@story("E_GRANT_AUTHORITY")
def a_member_witnesses_a_permit_of_the_own_role(world: World, seed: str) -> Log:
    log = with_wanda(world, seed)
    role = log.directive(None, grantee_kind=GranteeKind.ROLE, grantee=bytes([Role.SOCIAL_WORKER]))
    log.consent(role, *BOTH, author="elena")
    return log


@story("ok")
def a_member_witnesses_a_permit_of_another_house(world: World, seed: str) -> Log:
    log = with_wanda(world, seed)
    house = log.directive(None, grantee_kind=GranteeKind.ORGANISATION, grantee=world.orgs["northgate"])
    log.consent(house, "wanda", "orla", author="elena")
    return log


@story("ok")
def a_member_witnesses_a_refusal_of_the_whole_team(world: World, seed: str) -> Log:
    log = with_wanda(world, seed)
    log.consent(log.directive(None, effect=Effect.DENY, actions=int(Action.POST)), *BOTH, author="elena")
    return log


@story("E_GRANT_SUBJECT")
def a_witness_comes_in_by_what_was_witnessed(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    house = log.directive(None, grantee_kind=GranteeKind.ORGANISATION, grantee=world.orgs["northgate"])
    log.add("elena", "walt", log.consent(house, *BOTH, author="elena"))
    return log


@story("E_RECIPIENTS")
def what_a_member_once_witnessed_keeps_nobody_in(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.consent(log.directive(None, actions=WORKING), *BOTH, author="elena")
    permit = log.directive("wanda", exp=T0 + 60_000)
    log.add("elena", "wanda", log.consent(permit, "walt", "orla", author="elena"))
    log.epoch("elena", "elena", "wanda", ts=T0 + 60_000)
    return log


@story("E_QUORUM")
def one_witness_does_not_lift_a_refusal(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    deny = log.consent(log.directive("samuel", effect=Effect.DENY), *BOTH, author="elena")
    log.revoke(RevokeKind.DIRECTIVE, deny.directive_id, "orla")
    return log


@story("E_QUORUM")
def one_witness_does_not_end_what_is_not_there_yet(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.revoke(RevokeKind.DIRECTIVE, bytes([5] * 16), "orla")
    return log


@story("E_REVOKE_AUTHORITY")
def a_witnessed_withdrawal_names_an_authority(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.revoke(RevokeKind.EVERYONE, b"", "orla", auth_fp=world["orla"].fp)
    return log


@story("E_REVOKE_AUTHORITY")
def a_withdrawal_that_nobody_witnessed(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.revoke(RevokeKind.EVERYONE, b"", "orla")
    body = log.drafts[-1].payload
    assert isinstance(body, Signed)
    log.drafts.pop()
    log.write("elena", EntryType.REVOKE, Signed(body.body, ()))
    return log


@story("E_CERT")
def a_colleague_who_is_no_witness_withdraws(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.revoke(RevokeKind.EVERYONE, b"", "nina")
    return log


@story("E_GRANT_TIME")
def a_witnessed_directive_longer_than_a_year(world: World, seed: str) -> Log:
    log = witnessed(world, seed)
    log.consent(log.directive("elena", exp=T0 + 367 * DAY, actions=ALL), *BOTH, author="elena")
    return log
