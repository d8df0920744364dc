"""Consent that representatives give, and the end of their office."""

from __future__ import annotations

from dataclasses import replace

from crypto.tables import AuthKind, Effect, RevokeKind
from tests.vectors.cast import T0, Log, World
from tests.vectors.stories.story import authority_of, of_gerd, represented, story


@story("ok")
def a_guardian_consents_alone(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.REPRESENTATIVE, 1)
    log.consent(log.directive("elena", auth_fp=world["ruth"].fp), "ruth")
    log.epoch("elena", "elena", "ruth", "rolf")
    return log


@story("ok")
def a_represented_patient_is_a_member_like_any_other(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.REPRESENTATIVE, 1)
    log.consent(log.directive("elena", auth_fp=world["ruth"].fp), "ruth")
    log.add("elena", "maya", log.consent(log.directive("maya", auth_fp=world["ruth"].fp), "ruth"))
    log.epoch("maya", "elena", "ruth", "rolf", "maya")
    return log


@story("E_GRANT_AUTHORITY")
def a_represented_patient_gives_no_directive(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.REPRESENTATIVE, 1)
    log.add("ruth", "maya", log.consent(log.directive("maya", auth_fp=world["ruth"].fp), "ruth"))
    log.consent(log.directive("elena", auth_fp=world["maya"].fp), "maya")
    return log


@story("E_SCOPE")
def a_represented_patient_admits_nobody(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.REPRESENTATIVE, 1)
    log.add("ruth", "maya", log.consent(log.directive("maya", auth_fp=world["ruth"].fp), "ruth"))
    log.add("maya", "samuel", log.consent(log.directive("samuel", auth_fp=world["ruth"].fp), "ruth"))
    return log


@story("ok")
def one_of_two_representatives_ends_a_permit(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.QUORUM, 2)
    log.consent(log.directive("elena", auth_fp=world["ruth"].fp), "ruth", "rolf")
    log.revoke(RevokeKind.EVERYONE, b"", "rolf", auth_fp=world["rolf"].fp)
    log.epoch("ruth", "ruth", "rolf")
    return log


@story("E_QUORUM")
def one_of_two_representatives_does_not_lift_a_refusal(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.QUORUM, 2)
    deny = log.consent(log.directive("elena", auth_fp=world["ruth"].fp, effect=Effect.DENY), "ruth", "rolf")
    log.revoke(RevokeKind.DIRECTIVE, deny.directive_id, "rolf", auth_fp=world["rolf"].fp)
    return log


@story("ok")
def a_guardian_whose_office_ended_reads_no_more(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.epoch("elena", "elena", ts=T0 + 3_600_000)
    return log


@story("E_RECIPIENTS")
def an_epoch_for_a_guardian_whose_office_ended(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.epoch("elena", "elena", "gerd", ts=T0 + 3_600_000)
    return log


@story("E_CERT")
def a_guardian_whose_office_ended_permits_nobody(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.consent(log.directive("samuel"), "gerd", author="elena", ts=T0 + 3_600_000)
    return log


@story("E_CERT")
def a_guardian_whose_office_ended_lifts_no_refusal(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    deny = log.consent(log.directive("samuel", effect=Effect.DENY), "gerd")
    log.revoke(RevokeKind.DIRECTIVE, deny.directive_id, "gerd", ts=T0 + 3_600_000)
    return log


@story("ok")
def a_guardian_whose_office_ended_still_shuts(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.revoke(RevokeKind.EVERYONE, b"", "gerd", ts=T0 + 3_600_000)
    return log


@story("E_NOT_MEMBER")
def a_guardian_whose_office_ended_writes_no_entry(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.remove("gerd", "elena")
    log.drafts[-1] = replace(log.drafts[-1], ts=T0 + 3_600_000)
    return log


@story("ok")
def a_guardian_whose_office_ended_can_be_removed(world: World, seed: str) -> Log:
    log = of_gerd(world, seed)
    log.ts = T0 + 3_600_000
    log.remove("elena", "gerd")
    log.epoch("elena", "elena")
    return log


@story("E_CERT")
def a_clinician_as_a_guardian(world: World, seed: str) -> Log:
    return Log(world, seed, auth_kind=AuthKind.REPRESENTATIVE, authorities=(authority_of(world, "samuel"),))


@story("E_QUORUM")
def one_person_twice_among_the_authorities(world: World, seed: str) -> Log:
    people = sorted([authority_of(world, "ruth"), authority_of(world, "ruth again")], key=lambda one: one.fp)
    return Log(world, seed, auth_kind=AuthKind.QUORUM, authorities=tuple(people), quorum=2)
