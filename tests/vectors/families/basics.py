"""Primitives and CE1."""

from __future__ import annotations

from crypto.primitives import aead_seal, box_pair, pad, sign, signing_pair
from crypto.tables import Label
from tests.vectors.cast import Stream, fixed_seal
from tests.vectors.families.case import Case, changed, flipped

ORDER = 2**252 + 27742317777372353535851937790883648493
"""L, the order of Ed25519's base point."""
FIELD = 2**255 - 19


def primitives() -> list[Case]:
    rng = Stream("primitives")
    cases = [
        Case(f"hash {size} bytes", "digest", {"label": Label.FP, "data": rng(size).hex()}) for size in (0, 1, 127, 300)
    ]
    for size in (16, 32, 64):
        given = {"key": rng(32).hex(), "label": Label.MSG_KEY, "context": rng(40).hex(), "size": size}
        cases.append(Case(f"derive {size} bytes", "kdf", given))
    for size in (0, 200):
        cases.append(
            Case(f"sign {size} bytes", "sign", {"seed": rng(32).hex(), "label": Label.LOG_SIG, "data": rng(size).hex()})
        )
    cases.append(Case("a box key from its seed", "box", {"seed": rng(32).hex()}))
    return cases + _verification(rng) + _ciphertexts(rng) + _padding()


def _verification(rng: Stream) -> list[Case]:
    """The verdicts in which families of Ed25519 verifiers differ: all must be libsodium's."""
    seed, data = rng(32), rng(50)
    public, sig = signing_pair(seed).public, sign(seed, Label.LOG_SIG, data)
    given = {"public": public.hex(), "label": Label.LOG_SIG, "data": data.hex(), "sig": sig.hex()}
    valid = Case("a valid signature", "verify", given)
    higher = int.from_bytes(sig[32:], "little") + ORDER
    identity = (1).to_bytes(32, "little")
    return [
        valid,
        changed(valid, "S + L", "E_SIG", sig=(sig[:32] + higher.to_bytes(32, "little")).hex()),
        changed(valid, "a small-order key", "E_SIG", public=identity.hex(), sig=(identity + bytes(32)).hex()),
        changed(
            valid,
            "a non-canonical key",
            "E_SIG",
            public=(FIELD + 1).to_bytes(32, "little").hex(),
            sig=(identity + bytes(32)).hex(),
        ),
        changed(valid, "a flipped bit in R", "E_SIG", sig=flipped(sig, 0).hex()),
        changed(valid, "a flipped bit in S", "E_SIG", sig=flipped(sig, 32).hex()),
        changed(valid, "a signature of another kind", "E_SIG", label=Label.MSG_SIG),
        changed(valid, "a signature cut short", "E_SIG", sig=sig[:63].hex()),
        changed(valid, "a key cut short", "E_SIG", public=public[:31].hex()),
    ]


def _ciphertexts(rng: Stream) -> list[Case]:
    key, nonce, associated, plain, seed = rng(32), rng(24), rng(20), rng(70), rng(32)
    ciphertext = aead_seal(key, nonce, plain, associated)
    given = {"key": key, "nonce": nonce, "associated": associated, "ciphertext": ciphertext}
    aead = Case("an authenticated ciphertext", "aead", {name: value.hex() for name, value in given.items()})
    blob = fixed_seal(plain, box_pair(seed).public, rng)
    box = Case("a sealed box", "open_seal", {"seed": seed.hex(), "blob": blob.hex()})
    tampered = [
        changed(aead, f"a flipped bit in {name}", "E_AEAD", **{name: flipped(value).hex()})
        for name, value in given.items()
    ]
    return [
        aead,
        *tampered,
        changed(aead, "a ciphertext shorter than its tag", "E_AEAD", ciphertext=ciphertext[:15].hex()),
        box,
        changed(box, "a sealed box for another", "E_SEAL", seed=rng(32).hex()),
        changed(box, "a flipped bit in a sealed box", "E_SEAL", blob=flipped(blob).hex()),
        changed(box, "a flipped bit in the ephemeral key", "E_SEAL", blob=flipped(blob, 3).hex()),
        changed(box, "a sealed box cut short", "E_SEAL", blob=blob[:47].hex()),
    ]


def _padding() -> list[Case]:
    cases = [
        Case(f"a body of {size} bytes", "unpad", {"data": pad(b"a" * size, 256).hex(), "block": 256})
        for size in (0, 1, 255, 256)
    ]
    for name, data in (
        ("no padding", b"a" * 256),
        ("zeros alone", bytes(256)),
        ("nothing", b""),
        ("not a whole block", b"a\x80"),
        ("a block too many", b"a\x80" + bytes(510)),
        ("another mark", b"a\x81" + bytes(254)),
    ):
        cases.append(Case(name, "unpad", {"data": data.hex(), "block": 256}, "E_PAD"))
    return cases


def encoding() -> list[Case]:
    fields = ["u8", "u16", "u32", "u64", "b4", "v16", "v32", "text"]
    data = "010203040506070000000000000801deadbeef0002aabb00000003ccddee0004" + "Zoë".encode().hex()
    good = Case("one of each", "ce1", {"data": data, "fields": fields})
    cases = [
        good,
        changed(good, "a byte too many", "E_ENC", data=data + "00"),
        changed(good, "a byte too few", "E_ENC", data=data[:-2]),
        Case("the greatest number", "ce1", {"data": "001fffffffffffff", "fields": ["u64"]}),
        Case("2^53", "ce1", {"data": "0020000000000000", "fields": ["u64"]}, "E_ENC"),
        Case("2^64 - 1", "ce1", {"data": "ff" * 8, "fields": ["u64"]}, "E_ENC"),
        Case("the greatest u32", "ce1", {"data": "ffffffff", "fields": ["u32"]}),
        Case("a length beyond the end", "ce1", {"data": "ffffffff00", "fields": ["v32"]}, "E_ENC"),
        Case("an empty text", "ce1", {"data": "0000", "fields": ["text"]}),
        Case("a text that begins with a byte order mark", "ce1", {"data": "0004efbbbf41", "fields": ["text"]}),
        Case("a text beyond the basic plane", "ce1", {"data": "0004" + "🩺".encode().hex(), "fields": ["text"]}),
        Case("nothing at all", "ce1", {"data": "", "fields": []}),
    ]
    for name, text in (
        ("a lone continuation", "80"),
        ("an overlong slash", "c0af"),
        ("a surrogate", "eda080"),
        ("half a character", "c3"),
    ):
        length = f"{len(text) // 2:04x}"
        cases.append(Case(f"text: {name}", "ce1", {"data": length + text, "fields": ["text"]}, "E_ENC"))
    return cases
