"""Wycheproof's vectors for the primitives of CT1, through Python's library (vectors/wycheproof/README.md)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nacl.bindings as sodium
import pytest
from nacl import exceptions

from crypto.errors import Ct1Error
from crypto.primitives import aead_open, aead_seal, verify_bare

HERE = Path(__file__).resolve().parent.parent / "vectors" / "wycheproof"
ZERO = bytes(32)


def asked(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each test of a file with its group."""
    for group in json.loads((HERE / f"{name}_test.json").read_text())["testGroups"]:
        for test in group["tests"]:
            yield group, test


def raw(test: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(test[name])


def test_ed25519() -> None:
    verdicts: Counter[bool] = Counter()
    for group, test in asked("ed25519"):
        found = verify_bare(bytes.fromhex(group["publicKey"]["pk"]), raw(test, "msg"), raw(test, "sig"))
        left_open = test["result"] == "acceptable" and "MixedOrderPublicKey" in test["flags"]
        assert found == (test["result"] == "valid" or left_open), test
        verdicts[found] += 1
    assert sum(verdicts.values()) == 210 and min(verdicts.values()) > 50


def test_xchacha20_poly1305() -> None:
    opened = 0
    for group, test in asked("xchacha20_poly1305"):
        key, nonce, sealed = raw(test, "key"), raw(test, "iv"), raw(test, "ct") + raw(test, "tag")
        if test["result"] == "valid":
            assert aead_open(key, nonce, sealed, raw(test, "aad")) == raw(test, "msg"), test
            assert aead_seal(key, nonce, raw(test, "msg"), raw(test, "aad")) == sealed, test
            opened += 1
        else:
            with pytest.raises(Ct1Error) as caught:
                aead_open(key, nonce, sealed, raw(test, "aad"))
            assert caught.value.code == "E_AEAD", (group, test)
    assert opened > 200


def shared(private: bytes, public: bytes) -> bytes:
    """X25519, or zeros where libsodium refuses."""
    try:
        return sodium.crypto_scalarmult(private, public)
    except exceptions.RuntimeError:
        return ZERO


def test_x25519() -> None:
    refused = 0
    for _, test in asked("x25519"):
        assert test["result"] in ("valid", "acceptable")
        assert shared(raw(test, "private"), raw(test, "public")) == raw(test, "shared"), test
        refused += raw(test, "shared") == ZERO
    assert refused > 20
