"""Maya's thread, session and room with Elena and Samuel, and the ids that an address, a body or a frame may name."""

from __future__ import annotations

import json
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.test import Client

from conference.models import Room
from config.api import api
from consent.models import Directive
from crypto.directives import parse_directive
from messaging.models import Invitation
from people.standby.models import OnCallRole
from tests.config.samples import Sampler
from tests.messaging.cast import Cast, open_case
from tests.messaging.files import sent
from tests.messaging.house import STATEMENT, Person
from tests.scheduling.desk import booked
from wire.base import b64, unb64


def signed_in(person: Person | None) -> Client:
    """A person's browser, or one without a session; an error of the server is an answer, not an exception."""
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


class House:
    """`ids` are there, `absent` are of nothing; both by the names that paths and bodies give them."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.case = open_case(cast, cast.samuel)
        session = booked(cast, self.case, cast.samuel)
        self.room = Room.objects.get(pk=UUID(bytes=unb64(session["id"])))
        invitation = Invitation.objects.order_by("pk").first()
        directive = Directive.objects.filter(patient=cast.patient).order_by("pk").first()
        assert directive is not None
        patient = b64(cast.patient.pk.bytes)
        role = OnCallRole.objects.create(organisation=cast.patient.organisation, name="Crisis line")
        self.ids: Mapping[str, str] = {
            "patient": patient,
            "patient_id": patient,
            "thread_id": self.case.id,
            "session_id": session["id"],
            "room": session["id"],
            "user_id": b64(cast.elena.id),
            "person": b64(cast.samuel.id),
            "holder": b64(cast.elena.id),
            "organisation": b64(cast.patient.organisation_id.bytes),
            "role": b64(role.pk.bytes),
            "directive_id": b64(directive.pk.bytes),
            "device": b64(cast.elena.device),
            "attachment_id": b64(sent(self.case, cast.elena).att_id),
            **({"invitation_id": b64(invitation.pk.bytes)} if invitation else {}),
        }
        self.absent: Mapping[str, str] = {
            name: b64(secrets.token_bytes(32 if name == "thread_id" else 16)) for name in self.ids
        }
        self.schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
        self.sampler = Sampler(self.schema, self.ids)

    def address(self, path: str, ids: Mapping[str, str]) -> str:
        known = defaultdict(lambda: b64(bytes(16)), ids)
        return "/api" + re.sub(r"\{(\w+)\}", lambda found: known[found.group(1)], path)

    def body(self, method: str, path: str) -> Any:
        """A good body of a door, or None where it takes none."""
        operation = self.schema["paths"][f"/api{path}"][method.lower()]
        if "requestBody" not in operation:
            return None
        if path == "/patients/{patient}/directives":
            return self._directive()
        return self.sampler.value(operation["requestBody"]["content"]["application/json"]["schema"])

    def _directive(self) -> dict[str, object]:
        directive = self.case.permit(self.cast.tom)
        assert parse_directive(directive.encode()) == directive
        signer = {"fp": b64(self.cast.maya.fp), "sig": b64(self.case.signature(directive))}
        return {"body": b64(directive.encode()), "signers": [signer], "statement": STATEMENT}

    def ask(self, client: Client, method: str, path: str, ids: Mapping[str, str], body: object = None) -> Any:
        """The answer of a door, whatever it is."""
        sent = json.dumps(body) if body is not None else ""
        return client.generic(method, self.address(path, ids), data=sent, content_type="application/json")
