"""What an admitted person is given for media: the ticket, and credentials for the relay that die with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from conference.media.ticket import make_grant, seal_ticket
from conference.models import Admission
from conference.plane import forwarder_key
from wire.conference import IceServer, RoomAdmitted


def admitted(admission: Admission, device: bytes, now_ms: int) -> RoomAdmitted:
    """The frame that lets this device connect; whoever calls this has just asked consent."""
    grant = make_grant(admission.room_id.bytes, admission.user_id.bytes, device, now_ms)
    return RoomAdmitted(
        room=grant.room,
        device=device,
        ticket=seal_ticket(forwarder_key(), grant),
        expires=grant.expires,
        ice_servers=ice_servers(admission.user_id, grant.expires),
    )


def ice_servers(user_id: UUID, expires_ms: int) -> list[IceServer]:
    """The relays with ephemeral credentials (coturn's use-auth-secret: HMAC-SHA1 of `expiry:user`), or none.

    A relay reads the expiry when an allocation is made, not when it is refreshed, and nothing here can end one. What
    ends a lost right is the forwarder, the only peer that the relay may reach (deploy/coturn/turnserver.conf).
    """
    urls = [url for url in settings.ENVIRONMENT.turn_urls.split(",") if url]
    if not urls:
        return []
    username = f"{expires_ms // 1000}:{user_id.hex}"
    tag = hmac.new(settings.ENVIRONMENT.turn_secret.encode(), username.encode(), hashlib.sha1).digest()
    return [IceServer(urls=urls, username=username, credential=base64.b64encode(tag).decode())]
