"""What a directive or a withdrawal gets wrong."""

from __future__ import annotations

from crypto.directives import Revoke, Signer, sign_revoke
from crypto.entries import Signed
from crypto.tables import (
    AuthKind,
    EntryType,
    RevokeKind,
)
from tests.vectors.cast import ALL, DAY, T0, Log, World
from tests.vectors.stories.story import represented, story


@story("E_GRANT_SUBJECT")
def a_directive_of_another_patient(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.permit("elena", patient_ref=bytes([3] * 16))
    return log


@story("E_GRANT_THREAD")
def a_directive_of_other_threads(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.permit("elena", threads=(bytes([3] * 32),))
    return log


@story("E_GRANT_AUTHORITY")
def a_clinician_signs_the_directive(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.consent(log.directive("elena", auth_fp=world["elena"].fp), "elena")
    return log


@story("E_GRANT_AUTHORITY")
def a_directive_of_another_kind_of_authority(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.permit("elena", auth_kind=AuthKind.REPRESENTATIVE)
    return log


@story("E_GRANT_AUTHORITY")
def a_directive_that_nobody_signed(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.write("maya", EntryType.DIRECTIVE, Signed(log.directive("elena").encode(), ()))
    return log


@story("E_SIG")
def a_forged_signature_of_the_patient(world: World, seed: str) -> Log:
    log = Log(world, seed)
    body = log.directive("elena").encode()
    log.write("elena", EntryType.DIRECTIVE, Signed(body, (Signer(world["maya"].fp, bytes(64)),)))
    return log


@story("E_SIG")
def a_withdrawal_signature_on_a_directive(world: World, seed: str) -> Log:
    log = Log(world, seed)
    body = log.directive("elena").encode()
    sig = world["maya"].identity
    log.write("elena", EntryType.DIRECTIVE, Signed(body, (Signer(sig.fp, sign_revoke(sig.sign_seed, body)),)))
    return log


@story("E_GRANT_DUP")
def the_same_directive_twice(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.consent(log.permit("elena"))
    return log


@story("E_GRANT_TIME")
def a_directive_longer_than_a_year(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.permit("elena", exp=T0 + 367 * DAY)
    return log


@story("E_ENUM")
def an_action_that_does_not_exist(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.permit("elena", actions=ALL | 128)
    return log


@story("E_GRANT_SUBJECT")
def a_grantee_of_the_wrong_length(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.permit("elena", grantee=bytes(31))
    return log


@story("E_QUORUM")
def one_of_two_representatives_is_not_enough(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.QUORUM, 2)
    log.consent(log.directive("elena", auth_fp=world["ruth"].fp), "ruth")
    return log


@story("E_QUORUM")
def one_representative_signs_twice(world: World, seed: str) -> Log:
    log = represented(world, seed, AuthKind.QUORUM, 2)
    log.consent(log.directive("elena", auth_fp=world["ruth"].fp), "ruth", "ruth")
    return log


@story("E_CERT")
def a_representative_whose_office_has_ended(world: World, seed: str) -> tuple[Log, int]:
    log = represented(world, seed, AuthKind.REPRESENTATIVE, 1)
    late = T0 + 366 * DAY
    log.consent(log.directive("elena", auth_fp=world["ruth"].fp), "ruth", author="ruth", ts=late)
    return log, late


# What a withdrawal gets wrong.


@story("E_REVOKE_AUTHORITY")
def a_colleague_withdraws_consent(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.revoke(RevokeKind.EVERYONE, b"", "elena", auth_fp=world["elena"].fp)
    return log


@story("E_REVOKE_AUTHORITY")
def a_withdrawal_of_another_patient(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.revoke(RevokeKind.EVERYONE, patient_ref=bytes(16))
    return log


@story("E_DUP")
def the_same_withdrawal_twice(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.revoke(RevokeKind.EVERYONE, revoke_id=bytes(16))
    log.revoke(RevokeKind.EVERYONE, revoke_id=bytes(16))
    return log


@story("E_TS")
def a_withdrawal_of_the_future(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    maya = world["maya"]
    revoke = Revoke(bytes(16), log.patient_ref, RevokeKind.EVERYONE, b"", maya.fp, log.ts + 1000 + 300_001)
    sig = sign_revoke(maya.identity.sign_seed, revoke.encode())
    log.write("maya", EntryType.REVOKE, Signed(revoke.encode(), (Signer(maya.fp, sig),)))
    return log


@story("E_ENC")
def a_withdrawal_of_nothing_nameable(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.revoke(RevokeKind.DIRECTIVE, bytes(15))
    return log
