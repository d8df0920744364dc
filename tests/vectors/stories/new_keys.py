"""A member comes with a new key; a thread is closed."""

from __future__ import annotations

from typing import Any

from crypto.tables import AuthKind, CloseReason, EntryType, GenesisFlag, GranteeKind, RevokeKind
from tests.vectors.cast import T0, Log, World
from tests.vectors.stories.story import authority_of, story, with_samuel

FOLLOWS = int(GenesisFlag.FOLLOW_ROTATION)


def following(world: World, seed: str, **changes: Any) -> Log:
    """A thread whose directives follow a rotated key, with Samuel in it."""
    log = Log(world, seed, flags=FOLLOWS).open()
    log.add("elena", "samuel", log.permit("samuel", **changes))
    log.epoch("elena", "elena", "maya", "samuel")
    return log


def of_ruth(world: World, seed: str) -> Log:
    """A thread in the hands of one representative."""
    log = Log(world, seed, auth_kind=AuthKind.REPRESENTATIVE, authorities=(authority_of(world, "ruth"),))
    log.consent(log.directive("elena"), "ruth")
    log.epoch("elena", "elena", "ruth")
    return log


@story("ok")
def a_new_key_carries_on_where_directives_follow_it(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel again")
    log.epoch("samuel again", "elena", "maya", "samuel again")
    log.share("elena", "samuel again", 1, 1)
    return log


@story("ok")
def two_new_keys_at_once(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel thirdly")
    log.epoch("samuel thirdly", "elena", "maya", "samuel thirdly")
    return log


@story("ok")
def two_new_keys_one_after_the_other(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel again")
    log.update("samuel again", "samuel thirdly")
    log.epoch("elena", "elena", "maya", "samuel thirdly")
    return log


@story("ok")
def where_directives_do_not_follow_the_new_key_reads_nothing(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.update("samuel", "samuel again")
    log.epoch("elena", "elena", "maya")
    return log


@story("ok")
def a_new_permit_for_the_new_key_lets_it_read_again(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.update("samuel", "samuel again")
    log.permit("samuel again")
    log.epoch("samuel again", "elena", "maya", "samuel again")
    return log


@story("E_NOT_MEMBER")
def the_old_key_starts_no_epoch(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel again")
    log.epoch("samuel", "elena", "maya", "samuel again")
    return log


@story("E_RECIPIENTS")
def an_epoch_for_the_old_key(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel again")
    log.epoch("elena", "elena", "maya", "samuel")
    return log


@story("E_NOT_MEMBER")
def a_second_update_from_the_same_old_key(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel again")
    log.update("samuel", "samuel thirdly")
    return log


@story("E_NOT_MEMBER")
def a_new_key_of_one_who_is_no_member(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.update("samuel", "samuel again")
    return log


@story("E_NOT_MEMBER")
def a_new_key_for_somebody_else(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("elena", "samuel again")
    return log


@story("E_UNKNOWN_KEY")
def the_old_key_announces_the_new_one(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel again", author="samuel")
    return log


@story("E_UNKNOWN_KEY")
def a_new_key_of_another_record(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel again", ukr_hash=bytes(32))
    return log


@story("E_KEY_CHANGED")
def a_reset_key_is_no_continuation(world: World, seed: str) -> Log:
    log = Log(world, seed, flags=FOLLOWS).open()
    log.add("elena", "tom", log.permit("tom"))
    log.update("tom", "tom anew")
    return log


@story("E_KEY_CHANGED")
def a_patient_who_began_anew_is_no_authority_by_it(world: World, seed: str) -> Log:
    log = Log(world, seed, flags=FOLLOWS).open()
    log.update("maya", "maya anew")
    return log


@story("E_CERT")
def a_new_key_that_nobody_has_certified(world: World, seed: str) -> Log:
    log = Log(world, seed, flags=FOLLOWS).open()
    log.add("elena", "nina", log.permit("nina"))
    log.update("nina", "nina again")
    return log


@story("ok")
def who_was_put_out_after_a_reset_comes_back_under_a_new_permit(world: World, seed: str) -> Log:
    log = Log(world, seed, flags=FOLLOWS).open()
    log.add("elena", "tom", log.permit("tom"))
    log.epoch("elena", "elena", "maya", "tom")
    log.remove("elena", "tom")
    log.add("elena", "tom anew", log.permit("tom anew"))
    log.epoch("tom anew", "elena", "maya", "tom anew")
    return log


@story("E_GRANT_SUBJECT")
def a_permit_for_the_old_key_does_not_let_a_reset_one_in(world: World, seed: str) -> Log:
    log = Log(world, seed, flags=FOLLOWS).open()
    old = log.permit("tom")
    log.add("elena", "tom anew", old)
    return log


@story("E_NOT_MEMBER")
def a_refusal_is_not_shaken_off_by_a_new_key(world: World, seed: str) -> Log:
    log = following(world, seed, grantee_kind=GranteeKind.CARE_TEAM, grantee=b"")
    log.deny("samuel")
    log.update("samuel", "samuel again")
    log.epoch("samuel again", "elena", "maya", "samuel again")
    return log


@story("E_NOT_MEMBER")
def a_withdrawal_from_the_new_key_ends_what_the_old_one_was_given(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.update("samuel", "samuel again")
    log.revoke(RevokeKind.GRANTEE, world["samuel again"].fp)
    log.epoch("samuel again", "elena", "maya", "samuel again")
    return log


@story("E_NOT_MEMBER")
def a_withdrawal_from_the_new_key_before_it_came(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.revoke(RevokeKind.GRANTEE, world["samuel again"].fp)
    log.update("samuel", "samuel again")
    log.epoch("samuel again", "elena", "maya", "samuel again")
    return log


@story("ok")
def an_authority_with_a_new_key_consents_with_it(world: World, seed: str) -> Log:
    log = of_ruth(world, seed)
    log.update("ruth", "ruth again")
    log.epoch("ruth again", "elena", "ruth again")
    log.consent(log.directive("samuel", auth_fp=world["ruth again"].fp), "ruth again")
    return log


@story("ok")
def what_an_authority_signed_before_it_changed_its_key_still_counts(world: World, seed: str) -> Log:
    log = of_ruth(world, seed)
    log.update("ruth", "ruth again")
    log.consent(log.directive("samuel"), "ruth")
    return log


@story("E_GRANT_AUTHORITY")
def a_key_that_follows_is_no_authority_before_the_log_says_so(world: World, seed: str) -> Log:
    log = of_ruth(world, seed)
    log.consent(log.directive("samuel", auth_fp=world["ruth again"].fp), "ruth again")
    return log


@story("E_GRANT_AUTHORITY")
def the_word_of_a_key_given_up_for_compromised_counts_no_more(world: World, seed: str) -> Log:
    people = (authority_of(world, "rolf again"),)
    log = Log(world, seed, auth_kind=AuthKind.REPRESENTATIVE, authorities=people)
    log.consent(log.directive("elena", auth_fp=world["rolf"].fp), "rolf")
    return log


@story("E_QUORUM")
def the_old_key_and_the_new_one_are_one_person(world: World, seed: str) -> Log:
    log = of_ruth(world, seed)
    log.update("ruth", "ruth again")
    log.consent(log.directive("samuel"), "ruth", "ruth again")
    return log


@story("ok")
def a_closed_thread_still_hears_consent_and_lets_people_go(world: World, seed: str) -> Log:
    log = with_samuel(world, seed)
    log.close("elena")
    log.revoke(RevokeKind.GRANTEE, world["samuel"].fp)
    log.permit("tom")
    log.remove("elena", "samuel")
    log.write("elena", 200, b"")
    return log


@story("ok")
def a_new_key_comes_to_a_closed_thread_with_its_history(world: World, seed: str) -> Log:
    log = following(world, seed)
    log.close("maya", CloseReason.MOVED)
    log.update("samuel", "samuel again")
    return log


@story("E_SCOPE")
def a_nurse_closes_no_thread(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "nina", log.permit("nina"))
    log.close("nina")
    return log


@story("E_NOT_MEMBER")
def an_outsider_closes_no_thread(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.close("samuel")
    return log


@story("E_SCOPE")
def a_thread_is_closed_once(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.close("elena")
    log.close("maya")
    return log


@story("E_SCOPE")
def nobody_comes_to_a_closed_thread(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    permit = log.permit("samuel")
    log.close("elena")
    log.add("elena", "samuel", permit)
    return log


@story("E_SCOPE")
def a_closed_thread_needs_no_further_key(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.close("elena")
    log.epoch("elena", "elena", "maya")
    return log


@story("E_ENUM")
def a_close_for_no_known_reason(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", EntryType.CLOSE, b"\x63", ts=T0 + 60_000)
    return log
