"""The HTTP doors of conference: parse, access, respond."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from conference.access import access_lobby
from conference.roster import room_view
from people.reading import person_of
from wire.base import unb64
from wire.conference import RoomView
from wire.errors import NotFound

router = Router(tags=["conference"])


@router.get("/rooms/{session_id}", response=RoomView)
def lobby(request: HttpRequest, session_id: str) -> RoomView:
    user = person_of(request.user)
    try:
        room_id = UUID(bytes=unb64(session_id))
    except ValueError:
        raise NotFound from None
    return room_view(access_lobby(user.pk, room_id).room, user.pk)
