"""Epoch seals, messages, their arrival, and what a sender owes the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crypto.encoding import Writer
from crypto.log import replay
from crypto.messages import Header, SealedMessage
from crypto.primitives import aead_seal, kdf, sign
from crypto.sealing import epoch_commitment, message_keys, seal_message, seal_prefix
from crypto.tables import MAX_BODY, Action, ContentType, Label
from tests.vectors.cast import NOW, T0, WORKING, Log, Person, Stream, World, fixed_seal
from tests.vectors.families.case import Case, changed, flipped
from tests.vectors.families.logs import log_given

HELLO = b'{"text":"How is the sleep?"}'


class Desk:
    """A thread of three epochs: Elena and Maya; with Samuel; without him again."""

    def __init__(self) -> None:
        self.world, self.rng = World(), Stream("messages")
        self.log = Log(self.world, "messages").open()
        self.log.add("elena", "samuel", self.log.permit("samuel"))
        self.log.epoch("elena", "elena", "maya", "samuel")
        self.log.remove("elena", "samuel")
        self.log.epoch("elena", "elena", "maya")
        self.entries = self.log.entries()
        self.state = replay(self.entries, self.world.directory(), NOW)
        self.given = log_given(self.world, self.entries)

    def header(self, sender: Person, **changes: Any) -> Header:
        log_seq = changes.get("log_seq", self.state.seq)
        made = Header(
            thread=self.state.thread_id,
            epoch=3,
            sender=sender.user,
            sender_gen=1,
            device=self.rng(16),
            msg_id=self.rng(16),
            ctr=1,
            log_seq=log_seq,
            log_head=self.state.hashes[min(log_seq, self.state.seq)],
            seen=bytes(32),
            ts=T0 + 60_000,
            ctype=ContentType.TEXT,
        )
        return replace(made, **changes)

    def seal(self, name: str = "elena", body: bytes = HELLO, key: bytes | None = None, **changes: Any) -> SealedMessage:
        person = self.world[name]
        header = self.header(person, **changes)
        chosen = key if key is not None else self.log.keys[min(max(header.epoch, 1), 3) - 1]
        return seal_message(header, body, chosen, person.identity, self.rng)

    def case(self, name: str, sealed: SealedMessage | bytes, expect: str = "ok", key: bytes | None = None) -> Case:
        wire = sealed if isinstance(sealed, bytes) else sealed.wire
        chosen = key if key is not None else self.log.keys[2]
        return Case(name, "message", {**self.given, "wire": wire.hex(), "epoch_key": chosen.hex()}, expect)


def messages() -> list[Case]:
    desk = Desk()
    return [
        *_seals(desk),
        *_good(desk),
        *_moved(desk),
        *_tampered(desk),
        *_sealing(desk),
        *_arrival(desk),
        *_sending(desk),
    ]


def _seals(desk: Desk) -> list[Case]:
    elena, thread, key = desk.world["elena"].identity, desk.state.thread_id, desk.log.keys[0]
    prefix = seal_prefix(thread, 1, elena.user, elena.box_pk)

    def sealed(plain: bytes) -> str:
        return fixed_seal(plain, elena.box_pk, desk.rng).hex()

    identity = {
        "user": elena.user.hex(),
        "gen": 1,
        "sign_seed": elena.sign_seed.hex(),
        "box_seed": elena.box_seed.hex(),
    }
    commit = epoch_commitment(key, thread)
    blob = sealed(prefix + key)
    good = Case(
        "an epoch's key",
        "epoch_seal",
        {"blob": blob, "thread": thread.hex(), "epoch": 1, "key_commit": commit.hex(), **identity},
    )
    samuel = desk.world["samuel"].identity
    return [
        Case("a commitment", "epoch_commit", {"epoch_key": key.hex(), "thread": thread.hex()}),
        good,
        changed(good, "for another thread", "E_SEAL_CTX", thread=flipped(thread).hex()),
        changed(good, "for another epoch", "E_SEAL_CTX", epoch=2),
        changed(good, "for another user", "E_SEAL_CTX", user=samuel.user.hex()),
        changed(good, "for another key", "E_SEAL", box_seed=samuel.box_seed.hex()),
        changed(good, "a key that the log does not commit to", "E_KEY_COMMIT", blob=sealed(prefix + flipped(key))),
        changed(good, "another commitment", "E_KEY_COMMIT", key_commit=flipped(commit).hex()),
        changed(good, "a flipped bit in a seal", "E_SEAL", blob=flipped(bytes.fromhex(blob)).hex()),
        changed(good, "a seal without a key", "E_SEAL_CTX", blob=sealed(prefix)),
        changed(good, "an empty seal", "E_SEAL_CTX", blob=sealed(b"")),
        changed(good, "no seal", "E_SEAL", blob=""),
    ]


def _good(desk: Desk) -> list[Case]:
    sizes = (0, 1, 255, 256, 4095, 4096, 8191)
    early = desk.log.keys[0]
    return [
        desk.case("a message", desk.seal()),
        desk.case("by the patient", desk.seal("maya")),
        *(desk.case(f"a body of {size} bytes", desk.seal(body=b"a" * size)) for size in sizes),
        desk.case("of the first epoch", desk.seal(epoch=1, log_seq=2), key=early),
        desk.case("just before the next epoch", desk.seal(epoch=1, log_seq=4), key=early),
        desk.case("by one who has left since", desk.seal("samuel", epoch=2, log_seq=5), key=desk.log.keys[1]),
        desk.case("of a content type that may be passed over", desk.seal(ctype=200)),
    ]


def _moved(desk: Desk) -> list[Case]:
    """Messages that are sealed well and stand in the wrong place."""
    return [
        desk.case("of another thread", desk.seal(thread=bytes([5] * 32)), "E_THREAD"),
        desk.case("beyond the head of the log", desk.seal(log_seq=8, log_head=bytes(32)), "E_LOG_BEHIND"),
        desk.case("of a forked log", desk.seal(log_head=bytes([5] * 32)), "E_LOG_FORK"),
        desk.case("of an epoch that does not exist", desk.seal(epoch=9), "E_NO_EPOCH"),
        desk.case("of epoch 0", desk.seal(epoch=0), "E_NO_EPOCH"),
        desk.case("before its epoch", desk.seal(log_seq=4), "E_EPOCH_ORDER"),
        desk.case("under an old epoch", desk.seal(epoch=2), "E_STALE_EPOCH"),
        desk.case("at the very entry of the next epoch", desk.seal(epoch=1, log_seq=5), "E_STALE_EPOCH"),
        desk.case("by one who has left", desk.seal("samuel"), "E_NOT_MEMBER"),
        desk.case("by one who was never there", desk.seal("chidi"), "E_NOT_MEMBER"),
        desk.case("by one who had not come yet", desk.seal("samuel", epoch=1, log_seq=2), "E_NOT_MEMBER"),
        desk.case("by an unknown generation", desk.seal(sender_gen=2), "E_UNKNOWN_KEY"),
        desk.case("of a content type of a later version", desk.seal(ctype=100), "E_UNSUPPORTED"),
        desk.case("under the key of another epoch", desk.seal(key=desk.log.keys[0]), "E_KEY_COMMIT"),
        desk.case("read with the key of another epoch", desk.seal(), "E_KEY_COMMIT", desk.log.keys[0]),
    ]


def _signed_again(desk: Desk, sealed: SealedMessage, name: str = "elena", **changes: Any) -> bytes:
    """The message with parts exchanged, signed again by one who may sign."""
    made = replace(sealed, **changes)
    if "header" in changes:
        made = replace(made, header_bytes=made.header.encode())
    sig = sign(desk.world[name].identity.sign_seed, Label.MSG_SIG, made.signed_bytes)
    writer = Writer().v16(made.header_bytes).fixed(made.nonce, 24).fixed(made.kc, 32).v32(made.ct).fixed(sig, 64)
    return writer.done()


def _tampered(desk: Desk) -> list[Case]:
    sealed = desk.seal()
    wire, size = sealed.wire, len(sealed.header_bytes)
    parts = {"nonce": 2 + size, "key commitment": 26 + size, "ciphertext": 62 + size, "signature": len(wire) - 1}
    fields: dict[str, Any] = {
        "msg_id": flipped(sealed.header.msg_id),
        "ts": T0,
        "device": bytes(16),
        "ctr": 9,
        "seen": bytes([1] * 32),
    }
    keys = message_keys(desk.log.keys[2], sealed.header_bytes)
    unpadded = aead_seal(keys.mk, sealed.nonce, b"a" * 256, sealed.header_bytes)
    swapped = replace(sealed.header, sender=desk.world["maya"].user)
    suite = bytearray(wire)
    suite[2 + len(Writer(Label.MSG).done())] = 2
    return [
        *(desk.case(f"a flipped bit in the {part}", flipped(wire, at), "E_SIG") for part, at in parts.items()),
        *(
            desk.case(
                f"another {name} under the old signature",
                Writer().v16(replace(sealed.header, **{name: value}).encode()).done() + wire[2 + size :],
                "E_SIG",
            )
            for name, value in fields.items()
        ),
        desk.case(
            "somebody else signs the same ciphertext",
            _signed_again(desk, sealed, "maya", header=swapped),
            "E_KEY_COMMIT",
        ),
        desk.case(
            "another id signed over the same ciphertext",
            _signed_again(desk, sealed, header=replace(sealed.header, ts=T0)),
            "E_KEY_COMMIT",
        ),
        desk.case("a good signature over garbage", _signed_again(desk, sealed, ct=bytes(300)), "E_AEAD"),
        desk.case("a good signature over a short ciphertext", _signed_again(desk, sealed, ct=bytes(3)), "E_AEAD"),
        desk.case("a good signature over another nonce", _signed_again(desk, sealed, nonce=bytes(24)), "E_AEAD"),
        desk.case(
            "a good signature over another commitment", _signed_again(desk, sealed, kc=bytes(32)), "E_KEY_COMMIT"
        ),
        desk.case("no padding", _signed_again(desk, sealed, ct=unpadded), "E_PAD"),
        desk.case("a ciphertext too large", _signed_again(desk, sealed, ct=bytes(70_001)), "E_SIZE"),
        desk.case("an unknown suite", bytes(suite), "E_SUITE"),
        desk.case("a byte too many", wire + b"\0", "E_ENC"),
        desk.case("a byte too few", wire[:-1], "E_ENC"),
        desk.case("no message", b"", "E_ENC"),
        desk.case("a header of another label", flipped(wire, 6), "E_LABEL"),
        desk.case("a header of another version", flipped(wire, 2 + 1 + len(Label.MSG)), "E_VERSION"),
    ]


def _sealing(desk: Desk) -> list[Case]:
    elena = desk.world["elena"].identity
    given = {
        "header": desk.header(desk.world["elena"]).encode().hex(),
        "epoch_key": desk.log.keys[2].hex(),
        "user": elena.user.hex(),
        "gen": 1,
        "sign_seed": elena.sign_seed.hex(),
        "box_seed": elena.box_seed.hex(),
        "nonce": kdf(bytes(32), Label.MSG, b"", 24).hex(),
    }
    good = Case("seal a message", "seal_message", {**given, "body": HELLO.hex()})
    return [
        good,
        changed(good, "seal an empty body", "ok", body=""),
        changed(good, "seal a long body", "ok", body=(b"a" * 4096).hex()),
        changed(good, "seal a body too large", "E_SIZE", body=("61" * (MAX_BODY + 1))),
    ]


def _arrival(desk: Desk) -> list[Case]:
    elena = desk.world["elena"]
    first = desk.header(elena)
    second = replace(first, msg_id=desk.rng(16), ctr=2)
    other = replace(first, device=desk.rng(16), msg_id=desk.rng(16))

    def arriving(name: str, expect: str, *headers: Header) -> Case:
        return Case(name, "arrival", {"headers": [header.encode().hex() for header in headers]}, expect)

    return [
        arriving("three messages", "ok", first, second, other),
        arriving("the same message again", "E_DUP", first, first),
        arriving("the same id from another device", "E_DUP", first, replace(other, msg_id=first.msg_id)),
        arriving("the same counter with another id", "E_REPLAY", first, replace(second, ctr=1)),
        arriving("a counter that goes back", "E_REPLAY", second, replace(first, msg_id=desk.rng(16))),
    ]


def _sending(desk: Desk) -> list[Case]:
    world = desk.world

    def case(name: str, log: Log, who: str, expect: str = "ok", now: int = NOW, sent: int = 0) -> Case:
        given = {**log_given(world.before(), log.entries()), "now": now, "log_now": now, "user": world[who].user.hex()}
        return Case(f"may send: {name}", "may_send", {**given, "sent_in_epoch": sent}, expect)

    denied = Log(world, "denied").open()
    denied.deny("elena")
    reading = Log(world, "reading")
    reading.permit("elena", actions=int(Action.READ))
    reading.epoch("elena", "elena", "maya")
    unopened = Log(world, "unopened")
    unopened.permit("elena", actions=WORKING)
    lapsing = Log(world, "ended").open()
    lapsing.add("elena", "samuel", lapsing.permit("samuel", exp=T0 + 3_600_000))
    lapsing.epoch("elena", "elena", "maya", "samuel")
    fresh = Log(world, "plain").open()
    return [
        case("the clinician", desk.log, "elena"),
        case("the patient", desk.log, "maya"),
        case("one who has left", desk.log, "samuel", "E_NOT_MEMBER"),
        case("an outsider", desk.log, "chidi", "E_NOT_MEMBER"),
        case("one who is denied", denied, "elena", "E_SCOPE"),
        case("the others before they rotate", denied, "maya", "E_ROTATE_REQUIRED"),
        case("one who may read alone", reading, "elena", "E_SCOPE"),
        case("before the first epoch", unopened, "elena", "E_NO_EPOCH"),
        case("when a reader's permit has run out", lapsing, "elena", "E_ROTATE_REQUIRED"),
        case("an epoch a week old", fresh, "elena", now=T0 + 2000 + 604_800_000),
        case("an epoch older than a week", fresh, "elena", "E_ROTATE_REQUIRED", T0 + 2001 + 604_800_000),
        case("an epoch that is full", fresh, "elena", "E_ROTATE_REQUIRED", sent=10_000),
    ]
