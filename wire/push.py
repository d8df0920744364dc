"""Web push: where a browser may be told that there is something new, never what."""

from __future__ import annotations

from pydantic import Field

from wire.base import B64, Body


class PushStanding(Body):
    """`GET /api/me/push`: the server's public key (P-256, uncompressed), and whether this device is told."""

    key: B64
    on: bool


class PushSubscribe(Body):
    """`PUT /api/me/push`: what the browser's push service gave this device (RFC 8030, RFC 8291); one a device."""

    endpoint: str = Field(min_length=12, max_length=1000)
    p256dh: B64
    auth: B64
