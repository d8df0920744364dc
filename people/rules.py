"""Decisions about accounts and codes that need neither database nor clock."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from crypto.tables import Role
from wire.base import unb64

PATIENT_ROLE = int(Role.PATIENT)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O, U, so a code survives being read aloud."""
CODE_LENGTH = 16
CODE_LIFETIME = timedelta(days=14)
CERTIFICATE_LIFETIME = timedelta(days=365)
_READ_AS = str.maketrans("ILOU", "110V")


def new_code() -> str:
    """A one-time enrolment code of 80 random bits, in groups of four."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def code_hash(code: str) -> bytes:
    """What is stored of a code; hyphens, spaces, case and look-alike letters do not matter.

    A plain hash is enough: 80 random bits cannot be guessed from it.
    """
    plain = code.upper().replace("-", "").replace(" ", "").translate(_READ_AS)
    return hashlib.sha256(b"consilium enrolment code\0" + plain.encode()).digest()


def recovery_hash(rc_auth: bytes) -> bytes:
    """What is stored of the secret that a recovery code proves itself with (256 random-looking bits)."""
    return hashlib.sha256(b"consilium recovery auth\0" + rc_auth).digest()


def same(one: bytes, other: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one, other)


def stand_in_salt(secret: str, email: str) -> bytes:
    """The salt told for an address that has no password slot: the same every time, so asking teaches nothing."""
    return hmac.digest(secret.encode(), b"consilium salt\0" + email.lower().encode(), "sha256")[:16]


def is_derived_auth(password: str) -> bool:
    """Whether a sign-in secret is the 32 derived bytes: a client that sends what was typed is refused."""
    try:
        return len(unb64(password)) == 32
    except ValueError:
        return False


_BROWSERS = (("Firefox", "Firefox"), ("Edg", "Edge"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iOS"), ("Windows", "Windows"), ("Mac", "Mac"))


def browser_of(agent: str) -> str:
    """What a person may recognise of a browser by what it says of itself: "Firefox on Windows"."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "A program")
    system = next((name for mark, name in (*_SYSTEMS, ("Linux", "Linux")) if mark in agent), "")
    return f"{browser} on {system}" if system else browser
