"""The HTTP door of records that are opened: parse, access, act, answer."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from crypto.compliance import SignedAccess
from messaging.compliance import access, actions
from people.reading import person_of
from people.second_factor import recent_second_factor
from people.shapes import millis
from wire import records as wire
from wire.errors import Refused

router = Router(tags=["records"])


@router.post("/records/openings", response=wire.OpeningOut)
def open_records(request: HttpRequest, body: wire.OpeningIn) -> wire.OpeningOut:
    user = person_of(request.user)
    access.require_office(user)
    if not recent_second_factor(request, user):
        raise Refused("Show your second factor again: it counts for 15 minutes.", code=wire.RecordsCode.SECOND_FACTOR)
    row = actions.keep_opening(user, SignedAccess(body.body, body.sig), timezone.now())
    return wire.OpeningOut(export=row.export_id.bytes, at=millis(row.opened_at))
