"""Secret calendar addresses."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

from wire.base import b64

TOKEN_BYTES = 32


def new_token(rng: Callable[[int], bytes] = os.urandom) -> str:
    """256 random bits, base64url: a calendar program can send nothing but its address."""
    return b64(rng(TOKEN_BYTES))


def token_hash(token: str) -> bytes:
    """What is stored of a token; a plain hash is enough for 256 random bits."""
    return hashlib.sha256(b"consilium calendar feed\0" + token.encode("utf-8", "surrogatepass")).digest()
