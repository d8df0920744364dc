"""Classes of cases that published suites for these primitives ask, made here: points of small order, other encodings,
edges of the scalar, and one known answer."""

from __future__ import annotations

from crypto.primitives import box_pair, domain, sign, signing_pair
from crypto.tables import Label
from tests.vectors.cast import Stream, fixed_seal
from tests.vectors.families.basics import FIELD, ORDER
from tests.vectors.families.case import Case, changed

SMALL_ED25519 = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)
"""The eight points whose order divides 8, as they are encoded."""
SMALL_X25519 = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)
"""Points with which every agreement comes to nothing but zeros, or to one of few values."""


def hard_cases() -> list[Case]:
    rng = Stream("hard cases")
    return [*_signatures(rng), *_boxes(rng), *_ciphertexts()]


def _signatures(rng: Stream) -> list[Case]:
    seed, data = rng(32), rng(40)
    public, sig = signing_pair(seed).public, sign(seed, Label.LOG_SIG, data)
    given = {"public": public.hex(), "label": Label.LOG_SIG, "data": data.hex(), "sig": sig.hex()}
    good = Case("a signature among hard ones", "verify", given)
    scalars = {"zero": 0, "L": ORDER, "L - 1": ORDER - 1, "2^253": 2**253, "all ones": 2**256 - 1}
    wide = {"p": FIELD, "p + 1": FIELD + 1, "2^255 - 1": 2**255 - 1}
    return [
        good,
        *(changed(good, f"a key of small order {at}", "E_SIG", public=one) for at, one in enumerate(SMALL_ED25519)),
        *(
            changed(good, f"an R of small order {at}", "E_SIG", sig=one + sig[32:].hex())
            for at, one in enumerate(SMALL_ED25519)
        ),
        *(
            changed(good, f"small order on both sides {at}", "E_SIG", public=one, sig=one + "00" * 32)
            for at, one in enumerate(SMALL_ED25519)
        ),
        *(
            changed(good, f"S of {name}", "E_SIG", sig=(sig[:32] + value.to_bytes(32, "little")).hex())
            for name, value in scalars.items()
        ),
        *(changed(good, f"a key encoded as {name}", "E_SIG", public=_wide(value)) for name, value in wide.items()),
        *(
            changed(good, f"an R encoded as {name}", "E_SIG", sig=_wide(value) + sig[32:].hex())
            for name, value in wide.items()
        ),
        changed(good, "a key with its sign turned", "E_SIG", public=(public[:31] + bytes([public[31] ^ 0x80])).hex()),
        changed(good, "no signature", "E_SIG", sig=""),
        changed(good, "a signature of zeros", "E_SIG", sig="00" * 64),
        changed(good, "the label inside the data", "E_SIG", data=domain(Label.LOG_SIG, data).hex()),
    ]


def _wide(value: int) -> str:
    return value.to_bytes(32, "little").hex()


def _boxes(rng: Stream) -> list[Case]:
    seed = rng(32)
    blob = fixed_seal(b"a key of an epoch", box_pair(seed).public, rng)
    good = Case("a sealed box among hard ones", "open_seal", {"seed": seed.hex(), "blob": blob.hex()})
    return [
        good,
        *(
            changed(good, f"a sender's point of small order {at}", "E_SEAL", blob=one + blob[32:].hex())
            for at, one in enumerate(SMALL_X25519)
        ),
        changed(good, "no box", "E_SEAL", blob=""),
        changed(good, "a box of nothing but zeros", "E_SEAL", blob="00" * len(blob)),
    ]


def _ciphertexts() -> list[Case]:
    """The example of draft-irtf-cfrg-xchacha-03, A.3.1."""
    ciphertext = (
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
        "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
        "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"
    )
    given = {
        "key": bytes(range(0x80, 0xA0)).hex(),
        "nonce": bytes(range(0x40, 0x58)).hex(),
        "associated": "50515253c0c1c2c3c4c5c6c7",
        "ciphertext": ciphertext,
    }
    good = Case("the example of the XChaCha draft", "aead", given)
    tags = {"zeros": "00" * 16, "ones": "ff" * 16}
    return [
        good,
        *(changed(good, f"a tag of {name}", "E_AEAD", ciphertext=ciphertext[:-32] + tag) for name, tag in tags.items()),
        changed(good, "a tag turned round", "E_AEAD", ciphertext=bytes.fromhex(ciphertext)[::-1].hex()),
        changed(good, "no associated data", "E_AEAD", associated=""),
        changed(good, "the tag alone", "E_AEAD", ciphertext=ciphertext[-32:]),
    ]
