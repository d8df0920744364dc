"""Messages and senders where somebody has a new key, or the thread is closed."""

from __future__ import annotations

from crypto.log import replay
from crypto.messages import Header
from crypto.sealing import seal_message
from crypto.tables import ContentType
from tests.vectors.cast import NOW, T0, Log, Stream, World
from tests.vectors.families.case import Case
from tests.vectors.families.logs import log_given
from tests.vectors.stories.new_keys import following
from tests.vectors.stories.story import with_samuel


def new_keys() -> list[Case]:
    world = World()
    return [*_messages(world), *_sending(world)]


def _messages(world: World) -> list[Case]:
    rng = Stream("new keys")
    updated = following(world, "updated")
    updated.update("samuel", "samuel again")
    renewed = following(world, "renewed")
    renewed.update("samuel", "samuel again")
    renewed.epoch("samuel again", "elena", "maya", "samuel again")
    closed = with_samuel(world, "closed")
    closed.close("elena")

    def case(name: str, log: Log, who: str, expect: str = "ok", *, back: int = 0) -> Case:
        state, identity = replay(log.entries(), world.directory(), NOW), world[who].identity
        header = Header(
            thread=state.thread_id,
            epoch=len(log.keys),
            sender=identity.user,
            sender_gen=identity.gen,
            device=rng(16),
            msg_id=rng(16),
            ctr=1,
            log_seq=state.seq - back,
            log_head=state.hashes[state.seq - back],
            seen=bytes(32),
            ts=log.ts,
            ctype=ContentType.TEXT,
        )
        wire = seal_message(header, b'{"text":"I have a new key."}', log.keys[-1], identity, rng).wire
        given = {**log_given(world, log.entries()), "wire": wire.hex(), "epoch_key": log.keys[-1].hex()}
        return Case(name, "message", given, expect)

    return [
        case("by a new key in its epoch", renewed, "samuel again"),
        case("by the old key before the new one came", updated, "samuel", back=1),
        case("by the old key when the new one had come", updated, "samuel", "E_STALE_EPOCH"),
        case("by the new key before its epoch", updated, "samuel again", "E_STALE_EPOCH"),
        case("by the old key in the new one's epoch", renewed, "samuel", "E_UNKNOWN_KEY"),
        case("by others when a new key had come", updated, "elena"),
        case("before the thread was closed", closed, "elena", back=1),
        case("when the thread was closed", closed, "elena", "E_SCOPE"),
    ]


def _sending(world: World) -> list[Case]:
    def case(name: str, log: Log, who: str, expect: str, *later: str) -> Case:
        known, now = world.before(*later), T0 + 60_000
        given = {**log_given(known, log.entries()), "now": now, "log_now": now, "user": world[who].user.hex()}
        return Case(f"may send: {name}", "may_send", {**given, "sent_in_epoch": 0}, expect)

    plain = with_samuel(world, "new keys")
    carried = following(world, "carried")
    carried.update("samuel", "samuel again")
    due = Log(world, "due", flags=4).open()
    due.add("elena", "samuel", due.permit("samuel"))
    due.epoch("elena", "elena", "maya", "samuel")
    due.update("samuel", "samuel again")
    due.epoch("samuel again", "elena", "maya", "samuel again")
    closed = Log(world, "closed to all").open()
    closed.close("elena")
    with_tom = Log(world, "tom").open()
    with_tom.add("elena", "tom", with_tom.permit("tom"))
    with_tom.epoch("elena", "elena", "maya", "tom")
    without_tom = Log(world, "without tom").open()
    without_tom.add("elena", "tom", without_tom.permit("tom"))
    without_tom.remove("elena", "tom")
    without_tom.epoch("elena", "elena", "maya")
    return [
        case("one whose new key the log does not say", plain, "samuel", "E_ROTATE_REQUIRED", "samuel again"),
        case("the others meanwhile", plain, "elena", "ok", "samuel again"),
        case("before the epoch for a new key", carried, "samuel", "E_ROTATE_REQUIRED", "samuel again"),
        case("one whose new key has come", due, "samuel", "ok", "samuel again"),
        case("where a reader began anew", with_tom, "elena", "E_KEY_CHANGED", "tom anew"),
        case("where the patient began anew", plain, "elena", "E_KEY_CHANGED", "maya anew"),
        case("one who began anew", with_tom, "tom", "E_KEY_CHANGED", "tom anew"),
        case("where one who began anew was put out", without_tom, "elena", "ok", "tom anew"),
        case("in a closed thread", closed, "elena", "E_SCOPE"),
    ]
