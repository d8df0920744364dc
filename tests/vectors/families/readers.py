"""Messages in threads with a reader of an emergency, or with an authority whose office ends."""

from __future__ import annotations

from crypto.log import replay
from crypto.messages import Header
from crypto.sealing import seal_message
from crypto.tables import EMERGENCY_MAX_MS, ContentType
from tests.vectors.cast import NOW, T0, Log, Stream, World
from tests.vectors.families.case import Case
from tests.vectors.families.logs import log_given
from tests.vectors.stories.story import flagged, of_gerd, opened


def readers() -> list[Case]:
    world = World()
    return [*_messages(world, opened(world, "readers")), *_sending(world)]


def _messages(world: World, log: Log) -> list[Case]:
    state, rng = replay(log.entries(), world.directory(), NOW), Stream("readers")

    def case(name: str, sender: str, expect: str = "ok") -> Case:
        identity = world[sender].identity
        header = Header(
            thread=state.thread_id,
            epoch=2,
            sender=identity.user,
            sender_gen=identity.gen,
            device=rng(16),
            msg_id=rng(16),
            ctr=1,
            log_seq=state.seq,
            log_head=state.head,
            seen=bytes(32),
            ts=log.ts,
            ctype=ContentType.TEXT,
        )
        wire = seal_message(header, b'{"text":"She is awake."}', log.keys[1], identity, rng).wire
        given = {**log_given(world, log.entries()), "wire": wire.hex(), "epoch_key": log.keys[1].hex()}
        return Case(name, "message", given, expect)

    return [
        case("by a member while an emergency lasts", "elena"),
        case("by a reader in an emergency", "edda", "E_NOT_MEMBER"),
    ]


def _sending(world: World) -> list[Case]:
    def case(name: str, log: Log, who: str, expect: str = "ok", now: int = log_time(0)) -> Case:
        given = {**log_given(world.before(), log.entries()), "now": now, "log_now": now, "user": world[who].user.hex()}
        return Case(f"may send: {name}", "may_send", {**given, "sent_in_epoch": 0}, expect)

    declared = flagged(world, "declared")
    declared.declare("edda")
    answered = opened(world, "answered")
    return [
        case("before an emergency is answered", declared, "elena", "E_ROTATE_REQUIRED"),
        case("when an emergency is answered", answered, "elena"),
        case("a reader in an emergency", answered, "edda", "E_NOT_MEMBER"),
        case("when an emergency is over", answered, "elena", "E_ROTATE_REQUIRED", log_time(EMERGENCY_MAX_MS)),
        case("while a guardian is in office", of_gerd(world, "in office"), "elena"),
        case("when an office has ended", of_gerd(world, "ended"), "elena", "E_ROTATE_REQUIRED", T0 + 3_600_000),
    ]


def log_time(later: int) -> int:
    """A minute after the stories begin, or so much later."""
    return T0 + 60_000 + later
