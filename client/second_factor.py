"""The codes that an authenticator app shows."""

from __future__ import annotations

import base64
import hashlib
import hmac


def totp_code(secret: str, seconds: float) -> str:
    """The six digits for a base32 secret at a time in seconds since 1970 (RFC 6238: HMAC-SHA-1, 30 s)."""
    mac = hmac.digest(base64.b32decode(secret), (int(seconds) // 30).to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"
