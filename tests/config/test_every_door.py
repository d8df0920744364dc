"""Every HTTP door, taken from the code: the outsider learns nothing at any, and a new one cannot be forgotten."""

from __future__ import annotations

import re
import secrets

import pytest
from django.apps import apps
from django.test import Client

from audit.models import Entry
from config.api import api
from consent.models import Directive
from messaging.models import Invitation
from tests.messaging.cast import Cast, Desk, make_cast, open_case
from tests.scheduling.desk import booked
from wire.base import b64

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]

OWN = frozenset(
    {
        "/config", "/demo/cast", "/login-parameters", "/enrolments/look", "/me", "/keys/enrol", "/keys/mine",
        "/keys/password", "/recovery/open", "/recovery/finish", "/people/keys", "/directory", "/patients",
        "/devices", "/sign-out-everywhere", "/threads", "/invitations", "/me/hours", "/me/exceptions", "/me/feed",
        "/sessions/find", "/sessions/hold", "/sessions/start", "/sessions", "/receipt-key",
        "/fhir/metadata", "/fhir/Consent", "/fhir/AuditEvent", "/fhir/Provenance", "/fhir/Consent/$import",
    }
)  # fmt: skip
"""Doors whose address names nobody else: they show what is one's own, and each app tests what they filter."""


def doors() -> list[tuple[str, str]]:
    """(method, path) of every operation of the API."""
    found = []
    for _, router in api._routers:
        for path, view in router.path_operations.items():
            found += [(method, path) for operation in view.operations for method in operation.methods]
    return found


NAMING = [door for door in doors() if door[1] not in OWN]


def rows() -> dict[str, int]:
    """How many rows each table holds; the ledger may grow, since a refusal is an entry."""
    return {model.__name__: model._default_manager.count() for model in apps.get_models() if model is not Entry}


class SignedOut(Desk):
    """A browser without a session."""

    def __init__(self) -> None:
        self._client = Client()


class House:
    """Maya's thread and session, with the ids that an address may name."""

    def __init__(self, cast: Cast) -> None:
        case = open_case(cast, cast.samuel)
        session = booked(cast, case, cast.samuel)
        invitation = Invitation.objects.order_by("pk").first()
        directive = Directive.objects.order_by("pk").first()
        patient = b64(cast.patient.pk.bytes)
        self.ids = {
            "patient": patient,
            "patient_id": patient,
            "thread_id": case.id,
            "session_id": session["id"],
            "user_id": b64(cast.elena.id),
            "directive_id": b64(directive.pk.bytes) if directive else b64(secrets.token_bytes(16)),
            "withdrawal_id": b64(secrets.token_bytes(16)),
            "invitation_id": b64(invitation.pk.bytes) if invitation else b64(secrets.token_bytes(16)),
            "consent_id": secrets.token_hex(16),
            "device_id": b64(secrets.token_bytes(16)),
            "exception_id": b64(secrets.token_bytes(16)),
        }
        self.absent = {name: b64(secrets.token_bytes(32 if name == "thread_id" else 16)) for name in self.ids}

    def ask(self, desk: Desk, method: str, path: str, ids: dict[str, str]) -> tuple[int, object]:
        address = re.sub(r"\{(\w+)\}", lambda match: ids[match.group(1)], path)
        if method == "GET":
            return desk.get(address)
        return desk.send(method.lower(), address, {})


def test_every_door_that_names_somebody_is_asked_here() -> None:
    assert {path for _, path in doors() if "{" not in path} == OWN
    assert len(NAMING) >= 30


def test_the_outsider_gets_one_answer_for_what_is_there_and_what_is_not() -> None:
    cast = make_cast()
    house = House(cast)
    desk, before = Desk(cast.chidi), rows()
    for method, path in NAMING:
        there, absent = (house.ask(desk, method, path, ids) for ids in (house.ids, house.absent))
        assert there == absent, f"{method} {path} tells what is there from what is not"
        assert there[0] in (400, 404), f"{method} {path} answered {there[0]}"
    assert rows() == before


def test_nobody_who_is_signed_out_passes_a_door() -> None:
    house = House(make_cast())
    stranger = SignedOut()
    for method, path in NAMING:
        assert house.ask(stranger, method, path, house.ids)[0] == 401, f"{method} {path}"
