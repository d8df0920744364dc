"""Column types: text that only the server's keyring opens, and bytes that come back as bytes."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from crypto import primitives

if TYPE_CHECKING:
    _TextBase = models.TextField[str, str]
    _BinaryBase = models.BinaryField[bytes, bytes]
else:
    _TextBase, _BinaryBase = models.TextField, models.BinaryField


class FieldKeyMissing(Exception):
    """A stored value names a key that FIELD_KEYS no longer holds: restore the key, the value is not lost."""


def seal_text(text: str) -> str:
    """The text as `<key id>:<base64 of nonce and box>` under the first of FIELD_KEYS; empty stays empty."""
    if not text:
        return ""
    key_id, key = settings.FIELD_KEYS[0]
    return f"{key_id}:{base64.b64encode(primitives.secretbox_seal(text.encode(), key)).decode('ascii')}"


def open_text(stored: str) -> str:
    """The text that `seal_text` sealed; raises FieldKeyMissing or ValueError, never returns garbage."""
    if not stored:
        return ""
    key_id, _, body = stored.partition(":")
    keys = dict(settings.FIELD_KEYS)
    if key_id not in keys:
        raise FieldKeyMissing(key_id)
    try:
        boxed = base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError("a sealed column is damaged") from error
    return primitives.secretbox_open(boxed, keys[key_id]).decode()


class EncryptedTextField(_TextBase):
    """Text that a copy of the database does not reveal: sealed with the server's keyring, kept outside of it.

    It cannot be searched or sorted by the database; filter in Python over a bounded set.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal_text(text) if isinstance(text, str) else text

    def from_db_value(self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper) -> str | None:
        return None if value is None else open_text(value)


class BytesField(_BinaryBase):
    """Binary that is `bytes` on every database: a memoryview neither hashes nor compares as a key does."""

    def from_db_value(
        self, value: bytes | memoryview | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> bytes | None:
        return None if value is None else bytes(value)
