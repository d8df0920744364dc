"""What a client writes into a log when keys change: its own new key, and the departure of who began anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from client.log import Batch
from client.tending import carry_key, tend
from crypto.errors import Ct1Error
from crypto.guards import require_may_send
from crypto.log import replay
from tests.vectors.cast import NOW, Log, World
from tests.vectors.stories.new_keys import following
from wire.messaging import ThreadOwed

WORLD = World()
NOTHING = ThreadOwed(objects=[], members=[], people=[])


def batch_of(log: Log, who: str, *later: str) -> Batch:
    directory = WORLD.before(*later).directory()
    return Batch(replay(log.entries(), directory, NOW), directory, WORLD[who].identity, NOW)


def with_tom(seed: str) -> Log:
    log = Log(WORLD, seed).open()
    log.add("elena", "tom", log.permit("tom"))
    log.epoch("elena", "elena", "maya", "tom")
    return log


def test_it_works() -> None:
    log = following(WORLD, "carried by a client")
    batch = batch_of(log, "samuel", "samuel again")
    tend(batch, WORLD["samuel again"].identity, NOTHING, {1: log.keys[0], 2: log.keys[1]})
    assert len(batch.entries) == 2
    assert batch.state.members[WORLD["samuel"].user].fp == WORLD["samuel again"].fp
    assert {seal.user for seal in batch.seals} == {WORLD[name].user for name in ("elena", "maya", "samuel")}
    require_may_send(batch.state, batch.directory, WORLD["samuel"].user, NOW)


def test_there_is_nothing_to_carry_where_the_log_knows_the_key() -> None:
    batch = batch_of(following(WORLD, "known"), "samuel")
    assert not carry_key(batch, WORLD["samuel"].identity)
    assert not batch


def test_a_key_that_nobody_has_certified_waits_and_the_old_one_works_on() -> None:
    log = Log(WORLD, "waits").open()
    log.add("elena", "nina", log.permit("nina"))
    batch = batch_of(log, "nina", "nina again")
    with pytest.raises(Ct1Error) as refusal:
        carry_key(batch, WORLD["nina again"].identity)
    assert refusal.value.code == "E_CERT"
    tend(batch, WORLD["nina again"].identity, NOTHING, {})
    assert batch.author == WORLD["nina"].identity
    assert len(batch.state.epochs) == 2


def test_one_who_leads_takes_out_who_began_anew_and_the_others_go_on() -> None:
    batch = batch_of(with_tom("taken out"), "elena", "tom anew")
    tend(batch, WORLD["elena"].identity, NOTHING, {})
    assert WORLD["tom"].user not in batch.state.members
    require_may_send(batch.state, batch.directory, WORLD["elena"].user, NOW)


def test_who_began_anew_writes_nothing() -> None:
    batch = batch_of(with_tom("nothing"), "tom anew", "tom anew")
    tend(batch, WORLD["tom anew"].identity, NOTHING, {})
    assert not batch


def test_nobody_takes_out_a_patient_who_began_anew() -> None:
    batch = batch_of(with_tom("patient"), "elena", "maya anew")
    tend(batch, WORLD["elena"].identity, NOTHING, {})
    assert WORLD["maya"].user in batch.state.members
    with pytest.raises(Ct1Error) as refusal:
        require_may_send(batch.state, batch.directory, WORLD["elena"].user, NOW)
    assert refusal.value.code == "E_KEY_CHANGED"


def test_a_worn_out_epoch_is_followed_by_another() -> None:
    batch = batch_of(Log(WORLD, "worn").open(), "elena")
    tend(batch, WORLD["elena"].identity, NOTHING.model_copy(update={"rotate": True}), {})
    assert len(batch.state.epochs) == 2


def test_one_who_leads_takes_out_whose_certificate_has_ended() -> None:
    log = with_tom("post ended")
    directory = WORLD.before().directory()
    ended = {fp: found for fp, found in directory.certificates.items() if fp != WORLD["tom"].fp}
    state = replay(log.entries(), directory, NOW)
    batch = Batch(state, replace(directory, certificates=ended), WORLD["elena"].identity, NOW)
    tend(batch, WORLD["elena"].identity, NOTHING, {})
    assert WORLD["tom"].user not in batch.state.members
    require_may_send(batch.state, batch.directory, WORLD["elena"].user, NOW)
