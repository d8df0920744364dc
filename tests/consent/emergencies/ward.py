"""Those whom an emergency concerns: an emergency physician and her colleague, and the privacy officer."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.utils import timezone

from client.second_factor import totp_code
from consent.actions.standing import entrust
from consent.epochs import raise_epoch
from consent.models import Duty, EmergencyAccess
from crypto.tables import Role
from tests.cast import Cast, Person, make_organisation, make_person
from tests.consent.standing import officer_of
from wire.base import b64

BORN = "1991-03-14"
CATEGORIES = ["allergy", "medication", "message"]


@dataclass
class Ward:
    """Ruth and Priya have the duty at Harbour, Grace keeps Riverside's privacy; the cast is beside them."""

    cast: Cast
    ruth: Person
    priya: Person
    grace: Person

    @property
    def declare_at(self) -> str:
        return f"/patients/{b64(self.cast.patient.pk.bytes)}/emergencies"

    def declare(self, by: Person | None = None, **chosen: Any) -> tuple[int, Any]:
        return (by or self.ruth).http.post(self.declare_at, declaration(**chosen))


def make_ward(cast: Cast) -> Ward:
    harbour = make_organisation("Harbour")
    ruth, priya = (make_person(name, harbour, Role.PHYSICIAN) for name in ("Ruth", "Priya"))
    for one in (ruth, priya):
        entrust(one.user, harbour, Duty.Kind.EMERGENCY, None)
        show_second_factor(one)
    cast.patient.birth_date = BORN
    cast.patient.save(update_fields=["birth_date"])
    return Ward(cast, ruth, priya, officer_of(cast))


def declaration(**chosen: Any) -> dict[str, Any]:
    return {
        "id": b64(secrets.token_bytes(16)),
        "categories": CATEGORIES,
        "reason_code": "overdose",
        "reason": "Found unconscious, empty blister packs beside her.",
        "attest": True,
        **chosen,
    }


def show_second_factor(person: Person) -> None:
    """Through the door that everybody uses, with a fresh authenticator."""
    Authenticator.objects.filter(user=person.user).delete()
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(person.user, secret)
    door = "/_allauth/browser/v1/auth/2fa/reauthenticate"
    body = {"code": totp_code(secret, time.time())}
    assert person.http.client.post(door, body, "application/json").status_code == 200


def age_second_factor(person: Person, minutes: float) -> None:
    """Makes what the session has shown older."""
    session = person.http.client.session
    for one in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        one["at"] -= minutes * 60
    session.save()


def let_run_out(row: EmergencyAccess) -> None:
    """Puts a declaration so far back that its hours are over."""
    row.declared_at, row.expires_at = (at - timedelta(hours=5) for at in (row.declared_at, row.expires_at))
    row.save()
    raise_epoch(row.patient_id)
    assert row.expires_at < timezone.now()
