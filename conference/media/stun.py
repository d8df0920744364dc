"""The half of ICE that an ICE-lite agent needs (RFC 8445 section 2.5): answer checks, remember who is nominated."""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass

from aioice import stun

Address = tuple[str, int]
MAX_CHECK_BYTES = 548
"""RFC 8489 section 6.1: a STUN message over UDP fits the smallest IPv4 path; ours and browsers' are below 200."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Check:
    """A binding request before its integrity is verified; `ufrag` is the part of USERNAME that names our peer."""

    ufrag: str
    nominated: bool
    message: stun.Message


def new_credentials() -> tuple[str, str]:
    """A fresh ufrag (48 bits) and password (143 bits), above the floors of RFC 8445 section 5.3."""
    return (
        "".join(secrets.choice(_ALPHABET) for _ in range(8)),
        "".join(secrets.choice(_ALPHABET) for _ in range(24)),
    )


def read_check(data: bytes) -> Check | None:
    """The binding request in a datagram, or None for everything else, malformed bytes included."""
    if len(data) > MAX_CHECK_BYTES:
        return None
    try:
        message = stun.parse_message(data)
    except (ValueError, struct.error, IndexError, KeyError):
        return None
    if message.message_method != stun.Method.BINDING or message.message_class != stun.Class.REQUEST:
        return None
    username = message.attributes.get("USERNAME")
    if not isinstance(username, str) or ":" not in username:
        return None
    return Check(username.split(":", 1)[0], "USE-CANDIDATE" in message.attributes, message)


def answer_check(check: Check, password: str, address: Address) -> bytes | None:
    """The signed success response, or None when the request was not signed with our password."""
    key = password.encode()
    if not check.message.check_message_integrity(key):
        return None
    response = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.RESPONSE,
        transaction_id=check.message.transaction_id,
        attributes={"XOR-MAPPED-ADDRESS": address},
    )
    response.add_message_integrity(key)
    return bytes(response)


def make_check(ufrag: str, password: str, *, nominate: bool) -> bytes:
    """A binding request as a controlling client sends it: the tests' peers speak through it."""
    attributes: dict[str, object] = {
        "USERNAME": f"{ufrag}:peer",
        "PRIORITY": 1845494015,
        "ICE-CONTROLLING": 1,
    }
    if nominate:
        attributes["USE-CANDIDATE"] = None
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
    request.add_message_integrity(password.encode())
    return bytes(request)
