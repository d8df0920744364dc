"""The ticket: the web side's word, short-lived and good for one use, that a person may join a room."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from pydantic import ValidationError

from wire.base import Body, Id16, Millis, b64, unb64

LIFE_MS = 60_000
_DOMAIN = b"consilium/conference-ticket/1\x00"


class Grant(Body):
    """What a ticket says: who may join which room from which device, issued and expiring when (ms), on hold or not."""

    room: Id16
    user: Id16
    device: Id16
    nonce: Id16
    issued: Millis
    expires: Millis
    hold: bool = False


class BadTicket(ValueError):
    """Forged, malformed, expired or used."""


def make_grant(room: bytes, user: bytes, device: bytes, now_ms: int, *, hold: bool = False) -> Grant:
    return Grant(
        room=room,
        user=user,
        device=device,
        nonce=secrets.token_bytes(16),
        issued=now_ms,
        expires=now_ms + LIFE_MS,
        hold=hold,
    )


def seal_ticket(key: bytes, grant: Grant) -> str:
    """`payload.tag`, both base64url: HMAC-SHA256 under the key that web and forwarder share."""
    payload = grant.model_dump_json().encode()
    return f"{b64(payload)}.{b64(_tag(key, payload))}"


def read_ticket(key: bytes, ticket: str, now_ms: int) -> Grant:
    """The grant of a ticket that is ours and in time; raises BadTicket."""
    try:
        payload_text, tag_text = ticket.split(".")
        payload, tag = unb64(payload_text), unb64(tag_text)
    except ValueError as error:
        raise BadTicket("malformed") from error
    if not hmac.compare_digest(tag, _tag(key, payload)):
        raise BadTicket("forged")
    try:
        grant = Grant.model_validate_json(payload)
    except ValidationError as error:
        raise BadTicket("malformed") from error
    if not grant.issued <= now_ms + LIFE_MS or now_ms >= grant.expires:
        raise BadTicket("expired")
    return grant


def _tag(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, _DOMAIN + payload, hashlib.sha256).digest()
