"""Who would still see it: a change is tried before it is signed, over real threads, and changes nothing."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from django.utils import timezone

from consent.actions.standing import record_authority
from consent.models import Directive, Revocation
from crypto import directives as ct1
from crypto.tables import CertKind, Effect, GranteeKind, RevokeKind, Role
from people import certify
from people.models import KeyBundle
from tests.messaging.cast import Cast, Desk, grant, make_member, open_case, withdraw_all
from tests.messaging.house import Person, now_ms
from tests.messaging.test_invitations import asking, invite
from wire.base import b64
from wire.standing import AuthorityIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def rehearse(cast: Cast, said: ct1.Directive | ct1.Revoke, by: Person | None = None) -> tuple[int, Any]:
    kind = "revocation" if isinstance(said, ct1.Revoke) else "directive"
    body = {"kind": kind, "body": b64(said.encode())}
    return Desk(by or cast.maya).post(f"/patients/{b64(cast.patient.pk.bytes)}/rehearsals", body)


def seen(answer: Any, place: str) -> dict[str, tuple[bool, bool]]:
    [found] = [one for one in answer["places"] if one["thread"] == place]
    return {one["name"]: ("read" in one["before"], "read" in one["after"]) for one in found["seers"]}


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    of_samuel = directive_of(cast.samuel)
    status, answer = rehearse(cast, case.revoke(RevokeKind.DIRECTIVE, of_samuel))
    assert status == 200
    assert seen(answer, case.id) == {"Elena": (True, True), "Samuel": (True, False)}
    [samuel] = [one for one in answer["places"][0]["seers"] if one["name"] == "Samuel"]
    assert (samuel["before"], samuel["after"]) == (["read", "join"], [])
    assert Revocation.objects.count() == 0
    [elena] = [one for one in answer["places"][0]["seers"] if one["name"] == "Elena"]
    assert elena["reason"] == "CONSENT_PERMIT"
    assert len(elena["directives"]) == 1


def directive_of(person: Person) -> bytes:
    """The id of the one directive that names a person."""
    [found] = [row.pk.bytes for row in Directive.objects.all() if ct1.parse_directive(row.body).grantee == person.fp]
    return found


def test_a_second_permission_that_still_lets_them_in_is_named(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    first = directive_of(cast.samuel)
    second = case.permit(cast.samuel)
    grant(cast, case, second)
    _, answer = rehearse(cast, case.revoke(RevokeKind.DIRECTIVE, first))
    [samuel] = [one for one in answer["places"][0]["seers"] if one["name"] == "Samuel"]
    assert (samuel["after"], samuel["directives"]) == (["read", "join"], [b64(second.directive_id)])
    _, answer = rehearse(cast, case.revoke(RevokeKind.GRANTEE, cast.samuel.fp))
    assert seen(answer, case.id)["Samuel"] == (True, False)


def test_a_request_shows_who_would_come_in_and_nobody_reads_before(cast: Cast) -> None:
    case = open_case(cast)
    invite(case, cast.elena, asking(cast.samuel))
    _, answer = rehearse(cast, case.permit(cast.samuel))
    assert seen(answer, case.id) == {"Elena": (True, True), "Samuel": (False, True)}
    assert Directive.objects.count() == 1


def test_what_was_rehearsed_is_what_happens(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    gone = case.revoke(RevokeKind.EVERYONE, b"")
    _, before = rehearse(cast, gone)
    assert seen(before, case.id) == {"Elena": (True, False), "Samuel": (True, False)}
    withdraw_all(cast, case)
    _, after = rehearse(cast, gone)
    assert seen(after, case.id) == {}


@pytest.mark.parametrize("who", ["elena", "samuel", "chidi"])
def test_nobody_else_rehearses_and_the_refusal_tells_nothing(cast: Cast, who: str) -> None:
    case = open_case(cast, cast.samuel)
    person = getattr(cast, who)
    assert rehearse(cast, case.revoke(RevokeKind.EVERYONE, b""), by=person)[0] == 404


def test_the_bytes_of_another_patient_and_bytes_that_say_nothing_are_refused(cast: Cast) -> None:
    case = open_case(cast)
    strange = case.permit(cast.samuel, patient_ref=secrets.token_bytes(16))
    assert rehearse(cast, strange)[1]["code"] == "foreign_patient"
    rubbish = {"kind": "directive", "body": b64(b"nothing")}
    status, refused = Desk(cast.maya).post(f"/patients/{b64(cast.patient.pk.bytes)}/rehearsals", rubbish)
    assert (status, refused["code"]) == (422, "E_ENC")


def test_one_who_acts_for_the_patient_hears_of_no_thread_that_is_closed_to_them(cast: Cast) -> None:
    confided = open_case(cast, cast.samuel)
    ingrid = a_mother(cast)
    # She reads unlabelled threads by her authority; a thread that the young person keeps from her she does not.
    deny = confided.directive(GranteeKind.KEY, ingrid.fp, effect=Effect.DENY, purposes=())
    grant(cast, confided, deny)
    said = ct1.Revoke(secrets.token_bytes(16), cast.patient.pk.bytes, RevokeKind.EVERYONE, b"", ingrid.fp, now_ms())
    status, answer = rehearse(cast, said, by=ingrid)
    assert status == 200
    assert answer["places"] == []


def a_mother(cast: Cast) -> Person:
    """Ingrid, who acts for the patient."""
    house = cast.patient.organisation
    ingrid = make_member("ingrid", house, Role.REPRESENTATIVE)
    ingrid.user.affiliations.all().delete()
    bundle = KeyBundle.objects.get(user=ingrid.user)
    certify.issue(bundle, house, CertKind.REPRESENTATIVE, [Role.REPRESENTATIVE], timezone.now())
    body = AuthorityIn(person=ingrid.id, type="guardian", evidence="A court's order was seen.")
    record_authority(cast.patient, cast.tom.user, body)
    return ingrid
