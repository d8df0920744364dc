"""Key records, certificates, slots and keyrings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crypto import slots as ct1
from crypto.encoding import Writer
from crypto.keys import Identity, OrgRoot, SignedUkr, issue_certificate, make_ukr, new_identity
from crypto.primitives import sign
from crypto.tables import PASSWORD_M, CertKind, CertMethod, Label, Role, SlotKind, UkrReason
from tests.vectors.cast import T0, Stream
from tests.vectors.families.case import Case, changed, flipped


def keys() -> list[Case]:
    rng = Stream("keys")
    return _records(rng) + _certificates(rng)


def _record(name: str, signed: SignedUkr, previous: SignedUkr | None = None, expect: str = "ok") -> Case:
    before = {"body": previous.body.hex(), "pop": previous.pop.hex()} if previous else None
    given = {"body": signed.body.hex(), "pop": signed.pop.hex(), "sig": signed.sig.hex(), "previous": before}
    return Case(name, "ukr", given, expect)


def _made(identity: Identity, prev_fp: bytes, reason: UkrReason, core: bytes | None = None) -> SignedUkr:
    body = Writer(Label.UKR).v16(core or identity.core).fixed(prev_fp, 32).u8(reason).u64(T0).done()
    return SignedUkr(body, sign(identity.sign_seed, Label.UKR_POP, body))


def _records(rng: Stream) -> list[Case]:
    first = new_identity(rng(16), 1, T0, rng)
    second = new_identity(first.user, 2, T0, rng)
    stranger = new_identity(rng(16), 1, T0, rng)
    one, other = make_ukr(first, T0), make_ukr(stranger, T0)
    two = make_ukr(second, T0 + 1, previous=first, reason=UkrReason.ROTATE)
    lost = make_ukr(second, T0 + 1, previous=first, reason=UkrReason.COMPROMISE)
    reset = make_ukr(second, T0 + 1, reason=UkrReason.RESET)
    extended = first.core[:-2] + bytes([0, 4, 1, 0, 1, 0])
    return [
        _record("a first record", one),
        _record("a rotation", two, one),
        _record("a rotation after a compromise", lost, one),
        _record("a reset", reset),
        _record("no proof of possession", replace(one, pop=bytes(64)), expect="E_SIG"),
        _record("the proof of another", replace(one, pop=other.pop), expect="E_SIG"),
        _record("a rotation without the record before", two, expect="E_KEY_CHANGED"),
        _record("a rotation after the record of another", two, other, "E_KEY_CHANGED"),
        _record("a rotation that the old key did not sign", replace(two, sig=bytes(64)), one, "E_SIG"),
        _record("a first record with an old signature", replace(one, sig=two.sig), expect="E_SIG"),
        _record(
            "a reset in the guise of a first record", _made(second, bytes(32), UkrReason.FIRST), expect="E_KEY_CHANGED"
        ),
        _record(
            "a first record that follows something", _made(first, one.pop[:32], UkrReason.FIRST), expect="E_KEY_CHANGED"
        ),
        _record("a reset of the first generation", _made(first, bytes(32), UkrReason.RESET), expect="E_KEY_CHANGED"),
        _record(
            "an extension of a later version",
            _made(first, bytes(32), UkrReason.FIRST, extended),
            expect="E_UNSUPPORTED",
        ),
        _record(
            "a core with a byte too many", _made(first, bytes(32), UkrReason.FIRST, first.core + b"\0"), expect="E_ENC"
        ),
        _record("a record with a byte too many", replace(one, body=one.body + b"\0"), expect="E_ENC"),
        _record("another label", replace(one, body=flipped(one.body, 3)), expect="E_LABEL"),
        _record("another version", replace(one, body=flipped(one.body, 8)), expect="E_VERSION"),
        _record("an unknown reason", replace(one, body=one.body[:-9] + b"\x09" + one.body[-8:]), expect="E_ENUM"),
    ]


def _certificates(rng: Stream) -> list[Case]:
    root, other = OrgRoot.from_seed(rng(32)), OrgRoot.from_seed(rng(32))
    terms: dict[str, Any] = {
        "cert_id": rng(16),
        "org": rng(16),
        "subject": rng(16),
        "subject_fp": rng(32),
        "kind": CertKind.STAFF,
        "roles": [Role.THERAPIST, Role.PSYCHOLOGIST],
        "nbf": T0,
        "exp": T0 + 1,
        "method": CertMethod.IN_PERSON,
    }
    signed = issue_certificate(root, **terms)
    never = issue_certificate(root, **{**terms, "exp": T0})
    given = {"body": signed.body.hex(), "sig": signed.sig.hex(), "root": root.sign_pk.hex()}
    good = Case("a certificate", "certificate", given)
    return [
        good,
        changed(good, "of another root", "E_CERT", root=other.sign_pk.hex()),
        changed(good, "a forged signature", "E_SIG", sig=flipped(signed.sig).hex()),
        changed(good, "another subject", "E_SIG", body=flipped(signed.body, 80).hex()),
        changed(good, "one that never stands", "E_CERT", body=never.body.hex(), sig=never.sig.hex()),
        changed(good, "an unknown method", "E_ENUM", body=(signed.body[:-1] + b"\x09").hex()),
        changed(good, "an unknown kind", "E_ENUM", body=(signed.body[:-20] + b"\x09" + signed.body[-19:]).hex()),
        changed(good, "a certificate cut short", "E_ENC", body=signed.body[:-1].hex()),
    ]


def slots() -> list[Case]:
    rng = Stream("slots")
    salt = rng(16)
    password = Case(
        "a password", "password", {"password": "demo-consilium", "salt": salt.hex(), "t": 3, "m": PASSWORD_M}
    )
    return [
        password,
        changed(password, "a password in three scripts", "ok", password="пароль Zoë 密码"),
        changed(password, "two passes", "E_KDF_WEAK", t=2),
        changed(password, "less than 64 MiB", "E_KDF_WEAK", m=PASSWORD_M - 1),
        changed(password, "weak comes before excessive", "E_KDF_WEAK", t=2, m=2**31),
        changed(password, "21 passes", "E_KDF_DOS", t=21),
        changed(password, "more than 1 GiB", "E_KDF_DOS", m=2**30 + 1),
        *_recovery(rng),
        *_wrapped(rng),
        *_keyrings(rng),
        *_passkeys(rng),
    ]


def _passkeys(rng: Stream) -> list[Case]:
    good = Case("a passkey's secret", "passkey", {"prf": rng(32).hex(), "credential": rng(64).hex()})
    return [
        good,
        changed(good, "the secret of one passkey under the id of another", "ok", credential=rng(64).hex()),
        changed(good, "a passkey that keeps no secret", "E_UNWRAP", prf=""),
        changed(good, "a secret cut short", "E_UNWRAP", prf=good.given["prf"][:-2]),
    ]


def _recovery(rng: Stream) -> list[Case]:
    code = rng(20)
    text = ct1.recovery_text(code)
    good = Case("a recovery code", "recovery", {"text": text, "slot_id": rng(16).hex()})
    wrong_check = text[:-1] + ("0" if text[-1] != "0" else "1")
    wrong_letter = ("0" if text[0] != "0" else "2") + text[1:]
    return [
        good,
        changed(good, "in small letters without hyphens", "ok", text=text.lower().replace("-", " ")),
        changed(
            good,
            "with O for 0 and I, L for 1",
            "ok",
            text=ct1.recovery_text(bytes(19) + b"\x21").replace("0", "O").replace("1", "l"),
        ),
        changed(good, "a wrong check character", "E_UNWRAP", text=wrong_check),
        changed(good, "a code cut short", "E_UNWRAP", text=text[:-1]),
        changed(good, "a letter that no code has", "E_UNWRAP", text="U" + text[1:]),
        changed(good, "one letter mistaken", "E_UNWRAP", text=wrong_letter),
        changed(good, "nothing", "E_UNWRAP", text=""),
    ]


def _wrapped(rng: Stream) -> list[Case]:
    umk, kek, user, slot_id, salt = rng(32), rng(32), rng(16), rng(16), rng(16)
    terms = ct1.SlotTerms(user, SlotKind.PASSWORD, slot_id, 3, PASSWORD_M, salt)
    blob = ct1.wrap_umk(umk, kek, terms, rng)
    fields = {"kek": kek, "user": user, "slot_id": slot_id, "salt": salt, "blob": blob}
    given = {name: value.hex() for name, value in fields.items()}
    good = Case("a password slot", "slot", {**given, "kind": 1, "t": 3, "m": PASSWORD_M})
    tampered = [
        changed(good, f"a slot with another {name}", "E_UNWRAP", **{name: flipped(value).hex()})
        for name, value in fields.items()
    ]
    return [
        good,
        *tampered,
        changed(good, "a slot of another kind", "E_UNWRAP", kind=3),
        changed(good, "a slot with fewer passes", "E_UNWRAP", t=2),
        changed(good, "a slot with less memory", "E_UNWRAP", m=PASSWORD_M - 1),
        changed(good, "another commitment", "E_UNWRAP", blob=flipped(blob, 0).hex()),
        changed(good, "a slot cut short", "E_UNWRAP", blob=blob[:40].hex()),
        changed(good, "an empty slot", "E_UNWRAP", blob=""),
    ]


def _keyrings(rng: Stream) -> list[Case]:
    umk, user = rng(32), rng(16)
    ring = ct1.Keyring(tuple(new_identity(user, gen, T0, rng) for gen in (1, 2)), rng(32))
    blob = ct1.seal_keyring(umk, user, 7, ring, rng)
    given = {"umk": umk.hex(), "user": user.hex(), "version": 7, "blob": blob.hex(), "newest_gen": 2}
    good = Case("a keyring of two generations", "keyring", given)
    return [
        good,
        changed(good, "an older keyring", "E_KEYRING_ROLLBACK", newest_gen=3),
        changed(good, "a keyring under another version", "E_UNWRAP", version=8),
        changed(good, "the keyring of another", "E_UNWRAP", user=flipped(user).hex()),
        changed(good, "another master key", "E_UNWRAP", umk=flipped(umk).hex()),
        changed(good, "a flipped bit in a keyring", "E_UNWRAP", blob=flipped(blob).hex()),
        changed(good, "a keyring cut short", "E_UNWRAP", blob=blob[:20].hex()),
    ]
