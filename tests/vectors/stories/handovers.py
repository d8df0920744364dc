"""Other authorities for a thread, handed over at once by those who have it."""

from __future__ import annotations

from dataclasses import replace

from crypto.authority import Authority
from crypto.directives import Signer
from crypto.entries import Signed
from crypto.tables import CHANGE_STANDS_MS, CHANGE_WAIT_MS, AuthKind, Effect, EntryType, HistoryKind, RevokeKind
from tests.vectors.cast import DAY, T0, Log, World
from tests.vectors.stories.story import BOTH, of_gerd, represented, story, under_way, with_samuel

RIPE = T0 + CHANGE_WAIT_MS + 7_200_000
LATER = RIPE + CHANGE_STANDS_MS + DAY


def own_key(world: World, seed: str) -> Log:
    """A witnessed thread that its patient has taken over."""
    log = under_way(world, seed)
    log.hand_over(log.change(AuthKind.PATIENT, "maya"), *BOTH)
    return log


@story("ok")
def a_patient_takes_over_from_witnesses_at_once(world: World, seed: str) -> Log:
    log = own_key(world, seed)
    log.epoch("maya", "elena", "maya")
    log.share("elena", "maya", 1, 1)
    return log


@story("ok")
def what_was_witnessed_stays_in_force_and_the_patient_ends_it(world: World, seed: str) -> Log:
    log = own_key(world, seed)
    log.epoch("elena", "elena", "maya")
    log.revoke(RevokeKind.EVERYONE)
    log.epoch("maya", "maya")
    return log


@story("ok")
def a_patient_who_took_over_permits_and_admits(world: World, seed: str) -> Log:
    log = own_key(world, seed)
    log.add("maya", "samuel", log.permit("samuel", history=HistoryKind.NONE), 2)
    log.epoch("elena", "elena", "maya", "samuel")
    return log


@story("ok")
def a_guardian_hands_over_to_the_one_who_came_of_age(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.hand_over(log.change(AuthKind.PATIENT, "maya"), "gerd")
    log.epoch("maya", "elena", "maya")
    return log


@story("ok")
def a_member_becomes_the_authority_and_removes_the_former(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.add("gerd", "maya", log.consent(log.directive("maya"), "gerd"))
    log.hand_over(log.change(AuthKind.PATIENT, "maya"), "gerd")
    log.remove("maya", "gerd")
    log.epoch("maya", "elena", "maya")
    return log


@story("ok")
def a_patient_hands_over_to_two_representatives(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.hand_over(log.change(AuthKind.QUORUM, "ruth", "rolf"), "maya")
    log.epoch("ruth", "elena", "ruth", "rolf")
    return log


@story("ok")
def a_guardian_renews_the_office(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.REPRESENTATIVE, 1)
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"), "ruth", author="ruth")
    log.consent(log.directive("elena"), "ruth")
    log.epoch("elena", "elena", "ruth")
    return log


# What a handover gets wrong.


@story("E_GRANT_AUTHORITY")
def a_clinician_hands_a_thread_over(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"), "elena")
    return log


@story("E_GRANT_AUTHORITY")
def a_representative_takes_a_thread_without_its_patient(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"), "ruth")
    return log


@story("E_GRANT_AUTHORITY")
def witnesses_take_a_thread_from_its_patient_at_once(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.hand_over(log.change(AuthKind.PATIENT, "maya anew"), *BOTH)
    return log


@story("E_GRANT_AUTHORITY")
def a_change_that_nobody_signed(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    change = log.change(AuthKind.PATIENT, "maya anew")
    log.write("elena", EntryType.AUTHORITY_CHANGE, Signed(change.encode(), ()))
    return log


@story("E_GRANT_AUTHORITY")
def a_thread_is_handed_to_witnesses(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.hand_over(log.change(AuthKind.WITNESSED, quorum=2))
    return log


@story("E_GRANT_SUBJECT")
def a_change_for_another_patient(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.hand_over(log.change(AuthKind.PATIENT, "maya", patient_ref=bytes(16)), *BOTH)
    return log


@story("E_SIG")
def a_directive_signature_on_a_change(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.consent(log.directive("elena"))
    signed = log.drafts[-1].payload
    assert isinstance(signed, Signed)
    change = log.change(AuthKind.REPRESENTATIVE, "ruth")
    forged = Signed(change.encode(), (Signer(world["maya"].fp, signed.signers[0].sig),))
    log.write("elena", EntryType.AUTHORITY_CHANGE, forged)
    return log


@story("E_QUORUM")
def one_witness_does_not_hand_over(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.hand_over(log.change(AuthKind.PATIENT, "maya"), "wanda")
    return log


@story("E_QUORUM")
def one_of_two_representatives_does_not_hand_over(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.QUORUM, 2)
    log.hand_over(log.change(AuthKind.PATIENT, "maya"), "ruth")
    return log


@story("E_QUORUM")
def a_new_quorum_that_cannot_be_met(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.hand_over(log.change(AuthKind.PATIENT, "maya", quorum=2), *BOTH)
    return log


@story("E_QUORUM")
def a_new_authority_counted_twice(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.hand_over(log.change(AuthKind.QUORUM, "ruth", "ruth again"), *BOTH)
    return log


@story("E_UNKNOWN_KEY")
def a_new_authority_without_an_account(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    change = log.change(AuthKind.PATIENT, "maya")
    nameless = replace(change.authorities, people=(Authority(bytes(16), world["maya"].fp),))
    log.hand_over(replace(change, authorities=nameless), *BOTH)
    return log


@story("E_UNKNOWN_KEY")
def a_new_authority_with_the_key_of_another(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    change = log.change(AuthKind.PATIENT, "maya")
    swapped = replace(change.authorities, people=(Authority(world["maya"].user, world["ruth"].fp),))
    log.hand_over(replace(change, authorities=swapped), *BOTH)
    return log


@story("E_CERT")
def a_new_authority_who_is_not_certified_for_it(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.hand_over(log.change(AuthKind.PATIENT, "samuel"), *BOTH)
    return log


@story("E_CERT")
def a_guardian_whose_office_ended_hands_nothing_over(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"), "gerd", ts=T0 + 3_600_000)
    return log


@story("E_GRANT_AUTHORITY")
def a_witness_who_becomes_the_authority(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "rolf"), "wanda", "rolf")
    return log


@story("E_DUP")
def the_same_handover_twice(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.REPRESENTATIVE, 1)
    change = log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"), "ruth")
    log.hand_over(change, "ruth")
    return log


@story("E_DUP")
def a_change_with_the_id_of_a_refusal(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    deny = log.deny("samuel")
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth", change_id=deny.directive_id))
    return log


@story("E_GRANT_REVOKED")
def a_change_that_was_refused_before_it_came(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    change = log.change(AuthKind.REPRESENTATIVE, "ruth")
    log.revoke(RevokeKind.DIRECTIVE, change.change_id)
    log.hand_over(change)
    return log


# What is different when others have taken over.


@story("E_GRANT_AUTHORITY")
def witnesses_sign_after_the_patient_took_over(world: World, seed: str) -> Log:
    log = own_key(world, seed)
    log.consent(log.directive("samuel", auth_kind=AuthKind.WITNESSED, auth_fp=bytes(32)), *BOTH)
    return log


@story("E_REVOKE_AUTHORITY")
def a_witness_withdraws_after_the_patient_took_over(world: World, seed: str) -> Log:
    log = own_key(world, seed)
    log.revoke(RevokeKind.EVERYONE, b"", "wanda", auth_fp=bytes(32))
    return log


@story("E_REVOKE_AUTHORITY")
def the_former_authority_withdraws_nothing(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"))
    log.revoke(RevokeKind.EVERYONE, b"", "maya", auth_fp=world["maya"].fp)
    return log


@story("E_RECIPIENTS")
def the_former_authority_is_sealed_to_no_more(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.hand_over(log.change(AuthKind.PATIENT, "maya"), "gerd")
    log.epoch("maya", "elena", "maya", "gerd")
    return log


@story("E_REVOKE_AUTHORITY")
def a_representative_lifts_no_refusal_of_the_patient(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    deny = log.deny("samuel")
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"))
    log.revoke(RevokeKind.DIRECTIVE, deny.directive_id, "ruth")
    return log


@story("E_GRANT_AUTHORITY")
def a_representative_supersedes_no_refusal_of_the_patient(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    deny = log.deny("samuel")
    log.hand_over(log.change(AuthKind.REPRESENTATIVE, "ruth"))
    log.consent(log.directive("samuel", supersedes=(deny.directive_id,)), "ruth")
    return log


@story("ok")
def a_patient_lifts_what_witnesses_refused(world: World, seed: str) -> Log:
    log = under_way(world, seed)
    deny = log.consent(log.directive("samuel", effect=Effect.DENY), *BOTH, author="elena")
    log.hand_over(log.change(AuthKind.PATIENT, "maya"), *BOTH)
    log.revoke(RevokeKind.DIRECTIVE, deny.directive_id)
    return log
