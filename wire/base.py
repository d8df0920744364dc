"""What every object on the wire has in common: closed shapes, base64url bytes, millisecond times."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

MAX_MILLIS = 253_402_300_799_999
"""The last millisecond of the year 9999, since 1970: what a datetime can hold."""


def b64(raw: bytes) -> str:
    """Bytes as base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """The bytes of a base64url text without padding; raises ValueError on anything else.

    Only the canonical spelling is taken: two spellings of one id would be two keys in a cache.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if b64(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def _decode(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return unb64(value)
    raise ValueError("expected base64url text")


_AS_TEXT = (
    BeforeValidator(_decode),
    PlainSerializer(b64, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string"}),
)

B64 = Annotated[bytes, *_AS_TEXT]
Id16 = Annotated[bytes, Field(min_length=16, max_length=16), *_AS_TEXT]
Id32 = Annotated[bytes, Field(min_length=32, max_length=32), *_AS_TEXT]
Signature = Annotated[bytes, Field(min_length=64, max_length=64), *_AS_TEXT]
Millis = Annotated[int, Field(ge=0, le=MAX_MILLIS)]


class Body(BaseModel):
    """An HTTP body or response, or a part of one: frozen, and a field it does not name is an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_serialization_defaults_required=True,
        use_attribute_docstrings=True,
        ser_json_bytes="base64",
    )


class Frame(Body):
    """A socket frame: every subclass adds `type: Literal["noun.verb"]`."""
