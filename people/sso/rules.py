"""What an identity provider must answer before anybody is believed; no network, no database, no clock (OIDC Core 3.1).

allauth's own OpenID Connect is not used: it asks for no nonce and does not verify the token's signature
(docs/decisions/0060).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from pydantic import BaseModel, ConfigDict, Field, field_validator

from wire.errors import Refused
from wire.sso import SsoCode

LIFETIME_S = 600
"""How long a person may take at the provider."""
LEEWAY_S = 60
"""How far the provider's clock may be off."""
SUBJECT_MAX = 255
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures by keys that are published: with a shared secret, or none, whoever reads the client's secret signs."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Provider(BaseModel):
    """An identity provider as the operator names it in CONSILIUM_IDENTITY_PROVIDERS; it speaks for one organisation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    organisation: str = Field(min_length=1, max_length=200)
    """The organisation's name here: only people who hold a post there sign in by this provider."""
    issuer: str = Field(min_length=8, max_length=500)
    client_id: str = Field(min_length=1, max_length=300)
    client_secret: str = Field(default="", max_length=1000, repr=False)
    """Empty for a public client: PKCE is used either way."""

    @field_validator("issuer")
    @classmethod
    def _is_sealed(cls, issuer: str) -> str:
        if not is_sealed(issuer):
            raise ValueError("must be an https address")
        return issuer


def is_sealed(address: str) -> bool:
    """Whether nobody on the way can read or change what is said there: HTTPS, or this very machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def challenge_of(verifier: str) -> str:
    """PKCE's S256 (RFC 7636): whoever steals the code on its way back cannot redeem it."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorization_address(
    endpoint: str, provider: Provider, redirect: str, *, state: str, nonce: str, verifier: str
) -> str:
    """Where the browser goes; the scope is `openid` alone, since no name, address or profile is believed from there."""
    asked = {
        "response_type": "code",
        "scope": "openid",
        "client_id": provider.client_id,
        "redirect_uri": redirect,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def same(one: str, other: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def subject_of(token: str, keys: Mapping[str, Any], provider: Provider, nonce: str, now: float) -> str:
    """Whom the provider says this is: the `sub` of an ID token that holds in every part.

    Refused with `sso_answer`, and `re` naming the first part that does not: signature, iss, aud, azp, exp, iat, nonce,
    sub. `keys` is the provider's JWK set, `now` seconds since the epoch.
    """
    claims = _signed_claims(token, keys)
    _require("iss", claims.get("iss") == provider.issuer)
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    _require("aud", provider.client_id in named)
    _require(
        "azp", claims.get("azp", provider.client_id) == provider.client_id and (len(named) == 1 or "azp" in claims)
    )
    _require("exp", _seconds(claims.get("exp")) > now - LEEWAY_S)
    _require("iat", now - LIFETIME_S - LEEWAY_S < _seconds(claims.get("iat")) < now + LEEWAY_S)
    said = claims.get("nonce")
    _require("nonce", isinstance(said, str) and same(said, nonce))
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
        raise _refused("sub")
    return subject


def _signed_claims(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        found = [one for one in jwt.PyJWKSet.from_dict(dict(keys)).keys if one.public_key_use != "enc"]
        key = next(one for one in found if kid is None or one.key_id == kid)
        # The claims are judged above, in our words and by our clock.
        unjudged = {"verify_signature": True, **{f"verify_{one}": False for one in ("exp", "nbf", "iat", "aud", "iss")}}
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=list(ALGORITHMS), options=unjudged)  # type: ignore[arg-type]  # a TypedDict by shape
    except (jwt.PyJWTError, StopIteration, TypeError, AttributeError):
        raise _refused("signature") from None
    return claims


def _seconds(value: object) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else float("-inf")


def _require(claim: str, holds: bool) -> None:
    if not holds:
        raise _refused(claim)


def _refused(claim: str) -> Refused:
    return Refused("The sign-in service gave an answer that does not hold.", code=SsoCode.ANSWER, re=claim)
