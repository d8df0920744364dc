"""What each `op` of a vector means, in Python: arguments in, answers out, Ct1Error for a refusal (README.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crypto import (
    authority,
    conference,
    directives,
    emergency,
    entries,
    keys,
    log,
    messages,
    opening,
    primitives,
    sealing,
    slots,
    urgency,
)
from crypto.encoding import Reader
from crypto.guards import Seen, check_join, check_notice, require_may_send
from crypto.state import Directory
from crypto.tables import SlotKind
from tests.vectors import comparing, files

In = dict[str, Any]
Out = dict[str, Any]


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def directory_of(data: In) -> Directory:
    ukrs = [keys.SignedUkr(raw(one["body"]), raw(one["pop"]), raw(one["sig"])) for one in data["ukrs"]]
    certificates = [keys.SignedCertificate(raw(one["body"]), raw(one["sig"])) for one in data["certificates"]]
    return Directory.build(ukrs, certificates, [raw(root) for root in data["roots"]])


def state_of(data: In, now: int) -> tuple[log.ThreadState, Directory]:
    directory = directory_of(data["directory"])
    signed = [entries.SignedEntry(raw(one["body"]), raw(one["sig"])) for one in data["entries"]]
    return log.replay(signed, directory, now), directory


def identity_of(data: In) -> keys.Identity:
    return keys.Identity(raw(data["user"]), data["gen"], raw(data["sign_seed"]), raw(data["box_seed"]), 0)


def _sign(data: In) -> Out:
    seed = raw(data["seed"])
    sig = primitives.sign(seed, data["label"], raw(data["data"]))
    return {"public": primitives.signing_pair(seed).public.hex(), "sig": sig.hex()}


def _verify(data: In) -> Out:
    primitives.verify(raw(data["public"]), data["label"], raw(data["data"]), raw(data["sig"]))
    return {}


def _aead(data: In) -> Out:
    key, nonce, ciphertext = raw(data["key"]), raw(data["nonce"]), raw(data["ciphertext"])
    return {"plain": primitives.aead_open(key, nonce, ciphertext, raw(data["associated"])).hex()}


def _ce1(data: In) -> Out:
    reader = Reader(raw(data["data"]))
    values: list[int | str] = []
    for name in data["fields"]:
        if name == "text":
            values.append(reader.text())
        elif name.startswith("b"):
            values.append(reader.fixed(int(name[1:])).hex())
        else:
            value: int | bytes = getattr(reader, name)()
            values.append(value.hex() if isinstance(value, bytes) else value)
    reader.done()
    return {"values": values}


_OBJECTS: dict[str, Callable[[bytes], object]] = {
    "entry": entries.parse_entry,
    "certificate": keys.parse_certificate,
    "directive": directives.parse_directive,
    "revoke": directives.parse_revoke,
    "change": authority.parse_change,
    "emergency": emergency.parse_emergency,
    "header": messages.parse_header,
    "wire": messages.parse_wire,
}


def _object(data: In) -> Out:
    _OBJECTS[data["kind"]](raw(data["data"]))
    return {}


def _ukr(data: In) -> Out:
    before = data["previous"]
    previous = keys.verify_ukr(raw(before["body"]), raw(before["pop"])) if before else None
    return {"fp": keys.verify_ukr(raw(data["body"]), raw(data["pop"]), raw(data["sig"]), previous).fp.hex()}


def _certificate(data: In) -> Out:
    keys.verify_certificate(keys.SignedCertificate(raw(data["body"]), raw(data["sig"])), raw(data["root"]))
    return {"root_fp": keys.root_fingerprint(raw(data["root"])).hex()}


def _password(data: In) -> Out:
    root = slots.password_root(data["password"], raw(data["salt"]), data["t"], data["m"])
    return {"auth": root.auth.hex(), "kek": root.kek.hex()}


def _recovery(data: In) -> Out:
    code = slots.parse_recovery(data["text"])
    kek, auth = slots.recovery_kek(code, raw(data["slot_id"])), slots.recovery_auth(code)
    return {"code": code.hex(), "auth": auth.hex(), "kek": kek.hex(), "text": slots.recovery_text(code)}


def _passkey(data: In) -> Out:
    kek = slots.passkey_kek(raw(data["prf"]), raw(data["credential"]))
    return {"salt": slots.passkey_salt().hex(), "kek": kek.hex()}


def _slot(data: In) -> Out:
    terms = slots.SlotTerms(
        raw(data["user"]), SlotKind(data["kind"]), raw(data["slot_id"]), data["t"], data["m"], raw(data["salt"])
    )
    return {"umk": slots.unwrap_umk(raw(data["blob"]), raw(data["kek"]), terms).hex()}


def _keyring(data: In) -> Out:
    ring = slots.open_keyring(
        raw(data["umk"]), raw(data["user"]), data["version"], raw(data["blob"]), newest_gen=data["newest_gen"]
    )
    return {
        "gens": [one.gen for one in ring.identities],
        "sign_seeds": [one.sign_seed.hex() for one in ring.identities],
        "box_seeds": [one.box_seed.hex() for one in ring.identities],
        "pins_key": ring.pins_key.hex(),
    }


def _directive(data: In) -> Out:
    made = directives.verify_directive(raw(data["body"]), raw(data["public"]), raw(data["sig"]))
    return {"directive_id": made.directive_id.hex()}


def _revoke(data: In) -> Out:
    made = directives.verify_revoke(raw(data["body"]), raw(data["public"]), raw(data["sig"]))
    return {"revoke_id": made.revoke_id.hex()}


def _directory(data: In) -> Out:
    refused = directory_of(data["directory"]).refused
    return {"refused": [[one.kind, one.place, one.code] for one in refused]}


def _log(data: In) -> Out:
    state, _ = state_of(data, data["now"])
    return {
        "thread_id": state.thread_id.hex(),
        "head": state.head.hex(),
        "seq": state.seq,
        "epoch": state.epoch.number if state.epoch else 0,
        "recipients": [(bytes([kind]) + user + fp).hex() for kind, user, fp in state.recipients(data["now"])],
        "members": sorted(user.hex() for user in state.members),
        "dead": sorted(one.hex() for one in state.dead),
    }


def _epoch_seal(data: In) -> Out:
    key = opening.open_epoch_seal(
        raw(data["blob"]), raw(data["thread"]), data["epoch"], raw(data["key_commit"]), identity_of(data)
    )
    return {"epoch_key": key.hex()}


def _message(data: In) -> Out:
    state, directory = state_of(data, data["now"])
    sealed = messages.parse_wire(raw(data["wire"]))
    body = opening.open_message(sealed, state, directory, raw(data["epoch_key"]))
    return {"body": body.hex(), "hash": sealed.hash.hex()}


def _seal_message(data: In) -> Out:
    header = messages.parse_header(raw(data["header"]))
    nonce = raw(data["nonce"])
    sealed = sealing.seal_message(header, raw(data["body"]), raw(data["epoch_key"]), identity_of(data), lambda _: nonce)
    return {"wire": sealed.wire.hex()}


def _arrival(data: In) -> Out:
    seen = Seen()
    for header in data["headers"]:
        seen = seen.then(messages.parse_header(raw(header)))
    return {}


def _may_send(data: In) -> Out:
    state, directory = state_of(data, data["log_now"])
    require_may_send(state, directory, raw(data["user"]), data["now"], sent_in_epoch=data["sent_in_epoch"])
    return {}


def _ukr_in(data: In) -> keys.Ukr:
    return keys.verify_ukr(raw(data["body"]), raw(data["pop"]))


def _parse_join(data: str) -> conference.Join:
    reader = Reader(raw(data), "CT1:conf-join")
    fixed = reader.fixed
    join = conference.Join(fixed(32), fixed(16), fixed(16), fixed(32), fixed(16), fixed(32), fixed(32), reader.u64())
    reader.done()
    return join


def _urgency(data: In) -> Out:
    body, sig, thread = raw(data["body"]), raw(data["sig"]), raw(data["thread"])
    said = urgency.verify_urgency(body, sig, thread, _ukr_in(data["ukr"]))
    return {"priority": said.priority, "span": said.ack_by - said.ts if said.ack_by else 0, "n": len(said.addressees)}


def _ack(data: In) -> Out:
    body, sig, thread = raw(data["body"]), raw(data["sig"]), raw(data["thread"])
    return {"msg_id": urgency.verify_ack(body, sig, thread, _ukr_in(data["ukr"])).msg_id.hex()}


def _join(data: In) -> Out:
    ukr, thread, conf_id = _ukr_in(data["ukr"]), raw(data["thread"]), raw(data["conf_id"])
    return {"rank": conference.verify_join(raw(data["body"]), raw(data["sig"]), ukr, thread, conf_id).rank.hex()}


def _join_guard(data: In) -> Out:
    state, _ = state_of(data, data["now"])
    check_join(_parse_join(data["body"]), state, data["now"])
    return {}


def _verified_notice(data: In) -> conference.KeyNotice:
    ukr, thread, conf_id = _ukr_in(data["ukr"]), raw(data["thread"]), raw(data["conf_id"])
    return conference.verify_notice(raw(data["body"]), raw(data["sig"]), ukr, thread, conf_id)


def _notice(data: In) -> Out:
    notice = _verified_notice(data)
    check_notice(notice, [_parse_join(join) for join in data["joins"]], data["last_n"])
    return {"n": notice.n}


def _call_seal(data: In) -> Out:
    notice = _verified_notice(data["notice"])
    join = _parse_join(data["join"])
    return {"ck": conference.open_call_key(raw(data["blob"]), raw(data["e_seed"]), notice, join).hex()}


OPERATIONS: dict[str, Callable[[In], Out]] = {
    "digest": lambda data: {"hash": primitives.digest(data["label"], raw(data["data"])).hex()},
    "kdf": lambda data: {
        "key": primitives.kdf(raw(data["key"]), data["label"], raw(data["context"]), data["size"]).hex()
    },
    "sign": _sign,
    "verify": _verify,
    "box": lambda data: {"public": primitives.box_pair(raw(data["seed"])).public.hex()},
    "open_seal": lambda data: {"plain": primitives.open_seal(raw(data["blob"]), raw(data["seed"])).hex()},
    "aead": _aead,
    "unpad": lambda data: {"body": primitives.unpad(raw(data["data"]), data["block"]).hex()},
    "ce1": _ce1,
    "object": _object,
    "ukr": _ukr,
    "certificate": _certificate,
    "password": _password,
    "recovery": _recovery,
    "passkey": _passkey,
    "slot": _slot,
    "keyring": _keyring,
    "directive": _directive,
    "revoke": _revoke,
    "directory": _directory,
    "log": _log,
    "epoch_commit": lambda data: {
        "key_commit": sealing.epoch_commitment(raw(data["epoch_key"]), raw(data["thread"])).hex()
    },
    "epoch_seal": _epoch_seal,
    "message": _message,
    "seal_message": _seal_message,
    "file_size": files.file_size,
    "seal_file": files.seal_file,
    "file": files.file,
    "safety": comparing.safety,
    "thread_phrase": comparing.phrase,
    "qr": comparing.qr,
    "pins": comparing.pins,
    "pin_log": lambda data: comparing.pin_log(state_of(data, data["now"])[0], data),
    "pin_person": lambda data: comparing.pin_person(directory_of(data["directory"]), data),
    "arrival": _arrival,
    "may_send": _may_send,
    "urgency": _urgency,
    "ack": _ack,
    "join": _join,
    "join_guard": _join_guard,
    "notice": _notice,
    "call_seal": _call_seal,
    "frame_key": lambda data: {
        "key": conference.frame_key(raw(data["ck"]), raw(data["user"]), raw(data["device"]), data["n"]).hex()
    },
    "phrase": lambda data: {
        "hash": conference.call_phrase_hash(
            raw(data["thread"]), raw(data["conf_id"]), data["n"], [raw(one) for one in data["e_pks"]]
        ).hex()
    },
}


def resolved(vector_file: In) -> list[In]:
    """The cases of a file with what they share put in its place."""
    shared: dict[str, Any] = vector_file.get("shared", {})

    def full(value: Any) -> Any:
        return shared[value] if isinstance(value, str) and value.startswith("@") else value

    return [{**case, "in": {key: full(value) for key, value in case["in"].items()}} for case in vector_file["cases"]]
