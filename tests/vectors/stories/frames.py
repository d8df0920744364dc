"""What a frame or a genesis gets wrong."""

from __future__ import annotations

from dataclasses import replace

from crypto.authority import Authority
from crypto.tables import (
    EntryType,
    Role,
)
from tests.vectors.cast import NOW, T0, Log, World
from tests.vectors.stories.story import story


@story("E_LOG_SEQ")
def a_log_does_not_begin_in_the_middle(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.drafts.pop(0)
    return log


@story("E_LOG_SEQ")
def a_number_is_left_out(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"", seq=9)
    return log


@story("E_LOG_SEQ")
def there_is_one_genesis(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", EntryType.GENESIS, log.genesis)
    return log


@story("E_THREAD_ID")
def a_genesis_does_not_name_its_own_thread(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.drafts[0] = replace(log.drafts[0], frame={"thread_id": bytes([1] * 32)})
    return log


@story("E_LOG_PREV")
def a_genesis_follows_nothing(world: World, seed: str) -> Log:
    log = Log(world, seed)
    log.drafts[0] = replace(log.drafts[0], frame={"prev": bytes([1] * 32)})
    return log


@story("E_THREAD")
def an_entry_of_another_thread(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"", thread_id=bytes([7] * 32))
    return log


@story("E_LOG_PREV")
def an_entry_that_follows_another_head(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"", prev=bytes([7] * 32))
    return log


@story("E_TS")
def time_goes_backwards(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"", ts=T0 + 1999)
    return log


@story("E_TS")
def an_entry_of_the_future(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"", ts=NOW + 300_001)
    return log


@story("ok")
def a_clock_may_be_five_minutes_ahead(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"", ts=NOW + 300_000)
    return log


@story("E_UNSUPPORTED")
def a_critical_entry_of_a_later_version(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 13, b"\x01")
    return log


@story("E_UNSUPPORTED")
def a_critical_entry_that_nobody_knows(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 127, b"")
    return log


@story("E_SIG")
def somebody_else_signed_the_entry(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"", signer="samuel")
    return log


@story("E_UNKNOWN_KEY")
def an_author_of_an_unknown_generation(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", 200, b"", author_gen=9)
    return log


@story("E_ENC")
def a_payload_with_a_byte_too_many(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", EntryType.MEMBER_REMOVE, world["elena"].user + b"\x01\x00")
    return log


@story("E_ENUM")
def a_reason_that_does_not_exist(world: World, seed: str) -> Log:
    log = Log(world, seed).open()
    log.write("elena", EntryType.MEMBER_REMOVE, world["elena"].user + b"\xff")
    return log


# What a genesis gets wrong.


@story("E_UNKNOWN_KEY")
def a_creator_who_is_not_the_author(world: World, seed: str) -> Log:
    return Log(world, seed, creator_fp=world["samuel"].fp)


@story("E_CERT")
def a_creator_whose_root_is_not_pinned(world: World, seed: str) -> Log:
    return Log(world, seed, creator="chidi")


@story("E_CERT")
def a_creator_without_a_certificate(world: World, seed: str) -> Log:
    return Log(world, seed, creator="ulf")


@story("E_CERT")
def a_creator_whose_certificate_has_run_out(world: World, seed: str) -> Log:
    return Log(world, seed, creator="vera")


@story("E_CERT")
def a_creator_in_a_role_that_is_not_certified(world: World, seed: str) -> Log:
    return Log(world, seed, creator_role=Role.PSYCHIATRIST)


@story("E_CERT")
def a_clinician_as_the_patient(world: World, seed: str) -> Log:
    return Log(world, seed, authorities=(Authority(world["samuel"].user, world["samuel"].fp),))


@story("E_UNKNOWN_KEY")
def an_authority_with_the_key_of_another(world: World, seed: str) -> Log:
    return Log(world, seed, authorities=(Authority(world["maya"].user, world["samuel"].fp),))


@story("E_QUORUM")
def a_quorum_that_cannot_be_met(world: World, seed: str) -> Log:
    return Log(world, seed, quorum=2)


@story("E_ENC")
def labels_out_of_order(world: World, seed: str) -> Log:
    return Log(world, seed, labels=(b"HIV", b"ETH"))


@story("E_ENC")
def a_label_that_is_not_text(world: World, seed: str) -> Log:
    return Log(world, seed, labels=(b"\xff",))


@story("E_ENUM")
def a_flag_without_a_meaning(world: World, seed: str) -> Log:
    return Log(world, seed, flags=128)


@story("E_ENC")
def a_compliance_key_without_its_flag(world: World, seed: str) -> Log:
    return Log(world, seed, compliance_pk=bytes([9] * 32))
