"""When an ID token holds: signed by a published key, for us, now, for this very sign-in."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from people.sso.rules import Provider, authorization_address, challenge_of, subject_of
from wire.errors import Refused

NOW, NONCE = 1_800_000_000.0, "n" * 43
PROVIDER = Provider(id="riverside", organisation="Riverside", issuer="https://id.example", client_id="consilium")
KEY = rsa.generate_private_key(65537, 2048)
PUBLIC = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "1", "alg": "RS256", "use": "sig"}
KEYS = {"keys": [PUBLIC]}
GOOD: dict[str, Any] = {
    "iss": PROVIDER.issuer, "aud": "consilium", "sub": "elena", "nonce": NONCE, "iat": int(NOW), "exp": int(NOW) + 300,
}  # fmt: skip


def token(claims: dict[str, Any], key: Any = KEY, algorithm: str = "RS256", kid: str = "1") -> str:
    return jwt.encode(claims, key, algorithm, headers={"kid": kid})


def refused(text: str, keys: Any = KEYS) -> str:
    with pytest.raises(Refused) as error:
        subject_of(text, keys, PROVIDER, NONCE, NOW)
    assert error.value.code == "sso_answer"
    return error.value.re


def test_it_works() -> None:
    assert subject_of(token(GOOD), KEYS, PROVIDER, NONCE, NOW) == "elena"


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"iss": "https://id.example/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["consilium", "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"exp": int(NOW) - 61}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"iat": int(NOW) + 61}, "iat"),
        ({"iat": int(NOW) - 3600}, "iat"),
        ({"iat": None}, "iat"),
        ({"nonce": "m" * 43}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": ""}, "sub"),
        ({"sub": "x" * 256}, "sub"),
    ],
)
def test_each_part_is_judged(changed: dict[str, Any], where: str) -> None:
    assert refused(token({key: value for key, value in {**GOOD, **changed}.items() if value is not None})) == where


def test_signatures_that_are_none() -> None:
    stranger = rsa.generate_private_key(65537, 2048)
    assert refused(token(GOOD, stranger)) == "signature"
    assert refused(token(GOOD, kid="2")) == "signature"
    assert refused(token(GOOD, None, "none")) == "signature"
    assert refused(token(GOOD, PUBLIC["n"], "HS256")) == "signature"
    assert refused("no token at all") == "signature"


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": "1"}, {"keys": [{"kty": "none"}]}])
def test_keys_that_are_none(keys: Any) -> None:
    assert refused(token(GOOD), keys) == "signature"


def test_a_provider_without_tls_is_no_provider() -> None:
    for issuer in ("http://id.example", "ftp://id.example", "id.example"):
        with pytest.raises(ValidationError):
            Provider(id="a", organisation="A", issuer=issuer, client_id="c")


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B.
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_an_endpoint_with_a_query_keeps_it() -> None:
    endpoint, back = "https://id.example/a?tenant=1", "https://c.example/sso"
    address = authorization_address(endpoint, PROVIDER, back, state="s", nonce="n", verifier="v")
    assert address.startswith("https://id.example/a?tenant=1&response_type=code&")
