"""People who stand for the cast's patient: an officer, witnesses, a mother, and what each of them signs."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from consent.actions.standing import entrust, record_authority
from consent.models import Authority, Duty
from crypto import directives as ct1
from crypto.tables import AuthKind, CertKind, Role
from people import certify
from people.models import Patient
from tests.cast import Cast, Person, make_person
from tests.consent.signing import STATEMENT, permit
from wire.base import b64
from wire.standing import AuthorityIn

NO_FP = bytes(32)


def officer_of(cast: Cast) -> Person:
    """Riverside's privacy officer, on nobody's care team."""
    officer = make_person("Grace", cast.riverside, Role.SOCIAL_WORKER)
    entrust(officer.user, cast.riverside, Duty.Kind.PRIVACY_OFFICER, None)
    return officer


def witnesses(cast: Cast, *people: Person) -> list[Person]:
    """These people of Riverside, certified as witnesses."""
    for person in people:
        entrust(person.user, cast.riverside, Duty.Kind.WITNESS, None)
    return list(people)


def someone_who_acts(cast: Cast, officer: Person, kind: str = "parent", **chosen: Any) -> tuple[Person, Authority]:
    """Ingrid, with an account and a representative's certificate, and her authority for the cast's patient."""
    ingrid = make_person("Ingrid", cast.riverside, Role.REPRESENTATIVE)
    ingrid.user.affiliations.all().delete()
    bundle = ingrid.user.key_bundles.get()
    certify.issue(bundle, cast.riverside, CertKind.REPRESENTATIVE, [Role.REPRESENTATIVE], timezone.now())
    body = {"person": b64(ingrid.id), "type": kind, "evidence": "Birth certificate seen.", **chosen}
    row = record_authority(cast.patient, officer.user, AuthorityIn.model_validate(body))
    return ingrid, row


def without_account(cast: Cast) -> Patient:
    """The cast's patient, from before there was an account."""
    cast.patient.account = None
    cast.patient.save(update_fields=["account"])
    return cast.patient


def witnessed(cast: Cast, named: Person, **chosen: Any) -> ct1.Directive:
    """The patient's word as witnesses bring it in."""
    return permit(cast, named, **{"auth_kind": AuthKind.WITNESSED, "auth_fp": NO_FP, **chosen})


def signer(person: Person, said: ct1.Directive | ct1.Revoke) -> dict[str, str]:
    """One signature over an object."""
    sign = ct1.sign_revoke if isinstance(said, ct1.Revoke) else ct1.sign_directive
    return {"fp": b64(person.fp), "sig": b64(sign(person.identity.sign_seed, said.encode()))}


def bring_in(said: ct1.Directive | ct1.Revoke, first: Person, method: str = "paper") -> dict[str, Any]:
    """The body of `POST …/witnessings`."""
    revoking = isinstance(said, ct1.Revoke)
    return {
        "id": b64(secrets.token_bytes(16)),
        "kind": "revoke" if revoking else "directive",
        "method": method,
        "body": b64(said.encode()),
        "signer": signer(first, said),
        "statement": "" if revoking else STATEMENT,
    }


def signed(said: ct1.Directive, people: Sequence[Person]) -> dict[str, Any]:
    """The body of `POST …/directives` with several signatures."""
    return {"body": b64(said.encode()), "signers": [signer(one, said) for one in people], "statement": STATEMENT}
