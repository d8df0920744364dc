"""The FHIR doors over HTTP: the patient reads, a proposal grants nothing, everybody else finds nothing."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps

from audit.actions import record
from audit.models import Entry
from consent.access import epoch_of
from consent.models import ConsentEpoch, Directive
from crypto import directives as ct1
from crypto.tables import Effect, GranteeKind
from interop.consent_import import import_consent
from interop.validation import structural_refusals
from tests.cast import Cast, Person
from tests.consent.signing import directive_body, permit, revoke_body, revoke_of
from tests.interop.examples import example
from wire.base import b64

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def give(cast: Cast, **chosen: Any) -> ct1.Directive:
    directive = permit(cast, cast.samuel, **chosen)
    path = f"/patients/{b64(cast.patient.pk.bytes)}/directives"
    status, _ = cast.maya.http.post(path, {**directive_body(cast, directive), "keep_both": True})
    assert status == 200
    return directive


def withdraw(cast: Cast, directive: ct1.Directive) -> None:
    path = f"/patients/{b64(cast.patient.pk.bytes)}/revocations"
    assert cast.maya.http.post(path, revoke_body(cast, revoke_of(cast, directive)))[0] == 200


def get(who: Person, path: str, **params: str | int) -> tuple[int, dict[str, Any]]:
    """The answer, which is valid FHIR whatever it says."""
    response = who.http.client.get(f"/api/fhir/{path}", params, headers=who.http.headers)
    assert response["Content-Type"].startswith("application/fhir+json")
    resource: dict[str, Any] = json.loads(response.content)
    assert structural_refusals(resource) == []
    return response.status_code, resource


def post(who: Person, resource: object, reading: str = "pcf") -> tuple[int, dict[str, Any]]:
    body = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    address = f"/api/fhir/Consent/$import?reading={reading}"
    response = who.http.client.post(address, body, content_type="application/fhir+json", headers=who.http.headers)
    answer: dict[str, Any] = json.loads(response.content)
    assert structural_refusals(answer) == []
    return response.status_code, answer


def resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"]]


def whole(cast: Cast, kind: str = "Consent") -> dict[str, Any]:
    status, bundle = get(cast.maya, kind, patient=f"Patient/{cast.patient.pk}")
    assert status == 200
    return bundle


def theirs(cast: Cast, **provision: Any) -> dict[str, Any]:
    """A Consent about Maya as another system sends it."""
    consent = example("basic-treatment")
    consent["patient"] = {"reference": f"Patient/{cast.patient.pk}"}
    consent["performer"] = [consent["patient"]]
    role = consent["provision"]["actor"][0]["role"]
    consent["provision"]["actor"] = [{"role": role, "reference": {"reference": f"Practitioner/{cast.samuel.user.pk}"}}]
    consent["provision"] |= provision
    return consent


def test_it_works(cast: Cast) -> None:
    directive = give(cast)
    (consent,) = resources(whole(cast))
    assert base64.b64decode(consent["sourceAttachment"]["data"]) == directive.encode()
    assert consent["verification"][0]["verified"] is True
    (rule,) = import_consent(consent, "pcf").directives
    assert (rule.id, rule.grantee.users) == (b64(directive.directive_id), frozenset({cast.samuel.user.pk.hex}))
    status, one = get(cast.maya, f"Consent/{UUID(bytes=directive.directive_id)}")
    assert (status, one["id"]) == (200, consent["id"])


def test_each_kind_of_grantee_goes_out_and_comes_back(cast: Cast) -> None:
    give(cast, grantee_kind=GranteeKind.ORGANISATION, grantee=cast.northgate.pk.bytes)
    give(cast, grantee_kind=GranteeKind.ROLE, grantee=bytes([2]))
    give(cast, grantee_kind=GranteeKind.CARE_TEAM, grantee=b"", effect=Effect.DENY, labels=(b"HIV",))
    rules = [import_consent(one, "core").directives[0] for one in resources(whole(cast))]
    assert {rule.effect for rule in rules} == {"permit", "deny"}
    assert {rule.grantee.roles for rule in rules} == {None, frozenset({"ct1:2"})}


def test_a_permission_without_words_in_fhir_is_said_to_be_there(cast: Cast) -> None:
    odd = permit(cast, cast.samuel, labels=(b"NEW-LABEL",))
    signers = directive_body(cast, odd)["signers"]
    Directive.objects.create(
        pk=UUID(bytes=odd.directive_id), patient=cast.patient, body=odd.encode(), signers=signers, statement="x"
    )
    ConsentEpoch.objects.create(patient=cast.patient, number=7)
    (entry,) = whole(cast)["entry"]
    assert (entry["search"]["mode"], entry["resource"]["resourceType"]) == ("outcome", "OperationOutcome")
    status, outcome = get(cast.maya, f"Consent/{odd.directive_id.hex()}")
    assert (status, outcome["issue"][0]["details"]["coding"][0]["code"]) == (422, "not-exportable")


def test_each_change_has_its_provenance_with_the_signature(cast: Cast) -> None:
    first = give(cast)
    second = give(cast, supersedes=(first.directive_id,))
    withdraw(cast, second)
    for directive, codes in ((first, ["CREATE", "OBSOLETE"]), (second, ["CREATE", "ABORT"])):
        status, bundle = get(cast.maya, "Provenance", target=f"Consent/{directive.directive_id.hex()}")
        assert status == 200
        assert [one["activity"]["coding"][0]["code"] for one in resources(bundle)] == codes
    given, withdrawn = resources(bundle)
    signature = given["signature"][0]
    assert signature["type"][0]["code"] == "1.2.840.10065.1.12.1.7"
    assert signature["who"]["reference"] == f"Patient/{cast.patient.pk.hex}"
    ct1.verify_directive(second.encode(), cast.maya.identity.sign_pk, base64.b64decode(signature["data"]))
    assert withdrawn["signature"][0]["targetFormat"].endswith("ct1-revocation")
    assert given["entity"][1]["what"]["reference"] == f"Consent/{first.directive_id.hex()}"


def test_a_withdrawn_permission_is_inactive(cast: Cast) -> None:
    withdraw(cast, give(cast))
    (consent,) = resources(whole(cast))
    assert consent["status"] == "inactive"


def test_the_ledger_comes_as_audit_events_page_by_page(cast: Cast) -> None:
    for _ in range(5):
        give(cast)
    status, page = get(cast.maya, "AuditEvent", patient=cast.patient.pk.hex, _count=3)
    assert (status, len(page["entry"])) == (200, 3)
    following = next(link["url"] for link in page["link"] if link["relation"] == "next")
    seen = [one["id"] for one in resources(page)]
    response = cast.maya.http.client.get(following.removeprefix("http://testserver"))
    assert not set(seen) & {one["id"] for one in resources(json.loads(response.content))}


def test_consents_come_page_by_page_to_the_last(cast: Cast) -> None:
    for _ in range(5):
        give(cast)
    found, cursor = [], 0
    while True:
        _, page = get(cast.maya, "Consent", patient=cast.patient.pk.hex, _count=2, cursor=cursor)
        found += [one["id"] for one in resources(page)]
        if len(page["link"]) == 1:
            break
        cursor += 2
    assert len(set(found)) == len(found) == page["total"] == 5


def test_a_refusal_and_an_emergency_are_security_alerts(cast: Cast) -> None:
    basis = [b64(uuid4().bytes)]
    samuel, patient = cast.samuel.user.pk, cast.patient.pk
    record(actor=samuel, verb="thread.read", patient=patient, outcome="deny", reason="CONSENT_DENY", basis=basis)
    record(actor=samuel, verb="emergency.declare", patient=patient)
    emergency, refusal = resources(get(cast.maya, "AuditEvent", patient=cast.patient.pk.hex)[1])[1:3]
    assert (refusal["outcome"], refusal["outcomeDesc"]) == ("8", "CONSENT_DENY")
    assert refusal["meta"]["profile"][0].endswith("AuthZconsent")
    assert refusal["type"]["code"] == "110113"
    assert emergency["subtype"][0]["code"] == "110127"
    assert emergency["purposeOfEvent"][0]["coding"][0]["code"] == "BTG"


def test_reading_is_a_patient_read(cast: Cast) -> None:
    whole(cast)
    event = resources(whole(cast, "AuditEvent"))[1]
    assert event["meta"]["profile"][0].endswith("PatientRead")
    assert (event["action"], event["outcome"]) == ("R", "0")
    assert {agent["type"]["coding"][0]["code"] for agent in event["agent"]} == {"110152", "110153", "IRCP"}
    assert event["agent"][2]["who"]["reference"] == f"Patient/{cast.patient.pk.hex}"


@pytest.mark.parametrize("who", ["elena", "samuel", "chidi", "tom"])
def test_nobody_but_the_patient_finds_anything(cast: Cast, who: str) -> None:
    directive = give(cast)
    person, entries = getattr(cast, who), Entry.objects.count()
    for kind in ("Consent", "AuditEvent"):
        there = get(person, kind, patient=cast.patient.pk.hex)
        assert there == get(person, kind, patient=uuid4().hex)
        assert there[0] == 404
    for path, params in (("Consent/{}", {}), ("Provenance", {"target": "Consent/{}"})):
        there, absent = (
            get(person, path.format(one), **{name: text.format(one) for name, text in params.items()})
            for one in (directive.directive_id.hex(), uuid4().hex)
        )
        assert there == absent
        assert there[0] == 404
    assert post(person, theirs(cast))[0] == 404
    assert Entry.objects.count() == entries


def test_a_proposal_says_what_it_would_come_to_and_grants_nothing(cast: Cast) -> None:
    tables = [model for model in apps.get_models() if model is not Entry]
    before = [model._default_manager.count() for model in tables]
    status, answer = post(cast.maya, theirs(cast))
    assert status == 200
    said = {one["name"]: one for one in answer["parameter"]}
    assert (said["reading"]["valueCode"], said["base"]["valueCode"]) == ("pcf", "permit")
    parts = {part["name"]: part for part in said["directive"]["part"]}
    assert parts["grantee.users"]["valueString"] == cast.samuel.user.pk.hex
    assert parts["signable"]["valueBoolean"] is True
    assert [model._default_manager.count() for model in tables] == before
    assert (Directive.objects.count(), epoch_of(cast.patient.pk)) == (0, 0)
    (entry,) = Entry.objects.filter(verb="consent.propose")
    assert (entry.outcome, entry.detail) == ("done", {"reading": "pcf", "directives": 1})


def test_a_rule_that_could_not_be_signed_says_why(cast: Cast) -> None:
    _, answer = post(cast.maya, theirs(cast, period={"start": "2026"}), "core")
    parts = next(one for one in answer["parameter"] if one["name"] == "directive")["part"]
    assert {part["valueCode"] for part in parts if part["name"] == "not-signable-because"} == {"time-limit"}


def test_what_cannot_be_held_is_refused_with_its_path_and_entered(cast: Cast) -> None:
    status, answer = post(cast.maya, theirs(cast, expression={"language": "text/cql"}, code=[{"text": "x"}]))
    assert status == 422
    issues = {issue["expression"][0]: issue["details"]["coding"][0]["code"] for issue in answer["issue"]}
    assert issues == {
        "Consent.provision.expression": "element-not-held",
        "Consent.provision.code[0]": "code-not-held",
    }
    (entry,) = Entry.objects.filter(verb="consent.propose")
    assert (entry.outcome, entry.detail["refusals"]) == ("failed", 2)


def test_a_consent_about_somebody_else_is_refused_as_one_about_nobody(cast: Cast) -> None:
    other = theirs(cast) | {"patient": {"reference": f"Patient/{cast.elena.user.pk}"}}
    nobody = theirs(cast) | {"patient": {"reference": f"Patient/{uuid4()}"}}
    assert post(cast.maya, other) == post(cast.maya, nobody)
    assert post(cast.maya, other)[0] == 422


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"resourceType":"Consent","resourceType":"Consent"}', b"\xff", b'{"a":NaN}']
)
def test_what_is_no_json_object_is_refused(cast: Cast, body: bytes) -> None:
    status, answer = post(cast.maya, body)
    assert (status, answer["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("Consent", {}),
        ("Consent", {"patient": "x", "status": "active"}),
        ("Consent", {"patient": "x", "_count": "-1"}),
        ("AuditEvent", {"patient": "x", "date": "2026"}),
        ("Provenance", {"patient": "x"}),
    ],
)
def test_a_search_that_is_not_known_is_refused(cast: Cast, path: str, params: dict[str, str]) -> None:
    if "patient" in params and path != "Provenance":
        params = {**params, "patient": cast.patient.pk.hex}
    assert get(cast.maya, path, **params)[0] == 400


def test_an_unknown_reading_is_refused(cast: Cast) -> None:
    assert post(cast.maya, theirs(cast), "r5")[0] == 400


def test_the_server_says_what_it_does(cast: Cast) -> None:
    status, statement = get(cast.maya, "metadata")
    assert (status, statement["fhirVersion"]) == (200, "4.0.1")


def test_who_is_signed_out_gets_an_operation_outcome(cast: Cast) -> None:
    cast.maya.http.client.logout()
    status, answer = get(cast.maya, "Consent", patient=cast.patient.pk.hex)
    assert (status, answer["issue"][0]["code"]) == (401, "login")
