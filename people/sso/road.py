"""The road to an identity provider: three questions, each with a time limit and a bound, to no address but its own."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import structlog

from people.sso import rules
from people.sso.rules import Provider
from wire.errors import ConsiliumError, Refused, Unavailable
from wire.sso import SsoCode

log = structlog.get_logger("sso")

TIMEOUT_S = 5.0
MOST_BYTES = 262_144


def _down(provider: Provider, why: str) -> ConsiliumError:
    log.warning("sso.down", provider=provider.id, why=why)
    words = f"The sign-in of {provider.organisation} does not answer. Sign in with your password, or try again later."
    return Unavailable(words, code=SsoCode.DOWN)


def _ask(provider: Provider, method: str, address: str, **more: Any) -> tuple[int, Any]:
    """Status and JSON of an answer; Unavailable `sso_down` for none, for one that is no JSON, and for a redirect."""
    if not rules.is_sealed(address):
        raise _down(provider, "an address without TLS")
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as http,
            http.stream(method, address, headers={"Accept": "application/json"}, **more) as answer,
        ):
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise _down(provider, "too long an answer")
    except httpx.HTTPError as error:
        raise _down(provider, type(error).__name__) from error
    try:
        found = json.loads(body)
    except ValueError as error:
        raise _down(provider, f"no JSON, status {answer.status_code}") from error
    if answer.status_code >= 500 or 300 <= answer.status_code < 400 or not isinstance(found, dict):
        raise _down(provider, f"status {answer.status_code}")
    return answer.status_code, found


def discover(provider: Provider) -> Mapping[str, Any]:
    """The provider's own description (OIDC Discovery), whose issuer must be the one that the operator named."""
    status, found = _ask(provider, "GET", f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if status != 200 or not all(isinstance(found.get(one), str) for one in needed):
        raise _down(provider, "no description")
    if found.get("issuer") != provider.issuer:
        raise Refused("The sign-in service names itself otherwise than configured.", code=SsoCode.ANSWER, re="iss")
    return dict(found)


def subject(
    provider: Provider, redirect: str, *, code: str, iss: str, nonce: str, verifier: str, now: float | None = None
) -> str:
    """Whom the provider says the bearer of `code` is; Refused `sso_answer` for whatever does not hold."""
    told = discover(provider)
    # RFC 9207: a code of another provider, sent here by it, must not be redeemed as if it were this one's.
    expected = told.get("authorization_response_iss_parameter_supported") is True or iss
    if expected and iss != provider.issuer:
        raise Refused("The answer is another sign-in service's.", code=SsoCode.ANSWER, re="iss")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    status, tokens = _ask(provider, "POST", told["token_endpoint"], **_as_client(provider, told, form))
    token = tokens.get("id_token")
    if status != 200 or not isinstance(token, str):
        log.warning("sso.refused", provider=provider.id, error=str(tokens.get("error", ""))[:80])
        raise Refused("The sign-in service does not know this sign-in.", code=SsoCode.ANSWER, re="code")
    _, keys = _ask(provider, "GET", told["jwks_uri"])
    return rules.subject_of(token, keys, provider, nonce, time.time() if now is None else now)


def _as_client(provider: Provider, told: Mapping[str, Any], form: dict[str, str]) -> dict[str, Any]:
    if not provider.client_secret:
        return {"data": {**form, "client_id": provider.client_id}}
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" not in methods:
        return {"data": {**form, "client_id": provider.client_id, "client_secret": provider.client_secret}}
    # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
    return {"data": form, "auth": (quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))}
