"""Receipts: what was given and what became of it, signed, and verifiable by anybody with the public key."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent import receipts
from consent.model import PROTECTED_LABELS
from consent.models import Directive, Revocation
from crypto.directives import statement_hash
from crypto.errors import Ct1Error
from crypto.tables import Effect, RevokeKind
from tests.cast import Cast, Person
from tests.consent.signing import STATEMENT, directive_body, permit, revoke_body, revoke_of
from tests.consent.standing import bring_in, officer_of, signer, someone_who_acts, without_account, witnessed, witnesses
from wire.base import b64, unb64

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def path(cast: Cast, what: str) -> str:
    return f"/patients/{b64(cast.patient.pk.bytes)}/{what}"


def give(cast: Cast, named: Person, **chosen: Any) -> bytes:
    said = permit(cast, named, **chosen)
    status, answer = cast.maya.http.post(path(cast, "directives"), directive_body(cast, said))
    assert status == 200, answer
    return said.directive_id


def receipt_of(cast: Cast, directive: bytes, by: Person | None = None) -> tuple[int, Any]:
    return (by or cast.maya).http.get(path(cast, f"directives/{b64(directive)}/receipt"))


def test_it_works(cast: Cast) -> None:
    given = give(cast, cast.samuel, labels=(b"ETHUD",), server=b'{"legal_basis":"dpv:Consent"}')
    status, receipt = receipt_of(cast, given)
    assert status == 200
    [record] = receipt["consent_records"]
    said = record["pii_processing"]
    assert (record["record_id"], record["record_version"]) == (b64(given), 1)
    assert (said["privacy_notice"], said["privacy_notice_hash"]) == (STATEMENT, b64(statement_hash(STATEMENT)))
    assert said["purposes"] == ["Your treatment"]
    assert said["actions"] == ["card.author", "card.view", "session.join", "thread.post", "thread.read"]
    assert said["special_pii_category"] == ["alcohol"]
    assert said["lawful_basis"] == "dpv:Consent"
    assert [one["party_name"] for one in record["recipients"]] == ["Samuel"]
    assert [one["party_name"] for one in record["pii_controllers"]] == ["Riverside", "Northgate"]
    assert [one["party_name"] for one in record["given_by"]] == ["Maya"]
    assert [(one["event_type"], one["event_state"]) for one in record["events"]] == [("given", "dpv:ConsentGiven")]
    assert str(cast.patient.pk) not in json.dumps(receipt)
    assert record["pii_principal_id"] != b64(cast.patient.pk.bytes)
    receipts.verify(receipt, public_key(cast))


def public_key(cast: Cast) -> bytes:
    return unb64(cast.chidi.http.get("/receipt-key")[1]["public_key"])


def test_anybody_verifies_it_with_another_library_and_four_lines(cast: Cast) -> None:
    _, receipt = receipt_of(cast, give(cast, cast.samuel))
    proof = receipt.pop("proof")
    content = json.dumps(receipt, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    label = proof["label"].encode()
    raw = base64.urlsafe_b64decode(proof["signature"] + "==")
    key = base64.urlsafe_b64decode(proof["public_key"] + "=")
    Ed25519PublicKey.from_public_bytes(key).verify(raw, bytes([len(label)]) + label + content)


@pytest.mark.parametrize("change", ["a word", "an event", "another key"])
def test_a_receipt_that_was_changed_does_not_verify(cast: Cast, change: str) -> None:
    _, receipt = receipt_of(cast, give(cast, cast.samuel))
    key = public_key(cast)
    if change == "a word":
        receipt["consent_records"][0]["pii_processing"]["privacy_notice"] = "Everybody may read all."
    elif change == "an event":
        receipt["consent_records"][0]["events"] = []
    else:
        key = hashlib.sha256(b"another").digest()
    with pytest.raises(Ct1Error) as refused:
        receipts.verify(receipt, key)
    assert refused.value.code == "E_SIG"


def test_replacing_withdrawing_and_running_out_are_events(cast: Cast, settings: Any) -> None:
    first = give(cast, cast.samuel)
    second = give(cast, cast.samuel, supersedes=(first,))
    [old], [new] = (receipt_of(cast, one)[1]["consent_records"] for one in (first, second))
    assert [(one["event_type"], one["entity_name"]) for one in old["events"]] == [
        ("given", "Maya"),
        ("superseded", "Maya"),
    ]
    assert new["record_version"] == 2
    gone = revoke_of(cast, permit(cast, cast.samuel), target=second)
    assert cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, gone))[0] == 200
    [ended] = receipt_of(cast, second)[1]["consent_records"]
    assert ended["events"][-1]["event_state"] == "dpv:ConsentWithdrawn"
    assert ended["events"][-1]["entity_name"] == "Maya"


def test_a_withdrawal_has_a_receipt_of_all_that_it_ended(cast: Cast) -> None:
    kept, one, two = give(cast, cast.elena), give(cast, cast.samuel), give(cast, cast.samuel)
    gone = revoke_of(cast, permit(cast, cast.samuel), kind=RevokeKind.GRANTEE, target=cast.samuel.fp)
    cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, gone))
    status, receipt = cast.maya.http.get(path(cast, f"withdrawals/{b64(gone.revoke_id)}/receipt"))
    assert status == 200
    assert {record["record_id"] for record in receipt["consent_records"]} == {b64(one), b64(two)}
    assert b64(kept) not in json.dumps(receipt)
    receipts.verify(receipt, public_key(cast))
    endings = cast.maya.http.get(path(cast, "notices"))[1]["endings"]
    assert {(end["how"], *end["by"], end["withdrawal"]) for end in endings} == {
        ("withdrawn", "Maya", b64(gone.revoke_id))
    }


def test_a_denial_is_refused_consent_and_its_receipt_says_so(cast: Cast) -> None:
    [record] = receipt_of(cast, give(cast, cast.chidi, effect=Effect.DENY))[1]["consent_records"]
    assert record["pii_processing"]["effect"] == "deny"
    assert [one["event_state"] for one in record["events"]] == ["dpv:ConsentRefused"]


def test_both_witnesses_stand_in_the_receipt_of_what_was_said_on_paper(cast: Cast) -> None:
    elena, tom = witnesses(cast, cast.elena, cast.tom)
    said = witnessed(cast, cast.samuel)
    without_account(cast)
    status, opened = elena.http.post(path(cast, "witnessings"), bring_in(said, elena))
    assert status == 200, opened
    tom.http.post(f"/witnessings/{opened['id']}/sign", signer(tom, said))
    row = Directive.objects.get()
    record = receipts.of_directive(cast.patient, row, row.given_at).consent_records[0]
    assert [(one.event_type, one.entity_name) for one in record.events][:2] == [
        ("witnessed", "Elena"),
        ("witnessed", "Tom"),
    ]
    assert record.pii_processing.collection_method == "paper"
    assert record.given_by_kind == "witnessed"


@pytest.mark.parametrize("who", ["elena", "samuel", "chidi"])
def test_a_receipt_is_the_patients_and_of_nobody_else(cast: Cast, who: str) -> None:
    given = give(cast, cast.samuel)
    assert receipt_of(cast, given, getattr(cast, who))[0] == 404
    gone = revoke_of(cast, permit(cast, cast.samuel), target=given)
    cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, gone))
    person = getattr(cast, who)
    assert person.http.get(path(cast, f"withdrawals/{b64(Revocation.objects.get().pk.bytes)}/receipt"))[0] == 404
    assert person.http.get(path(cast, "notices"))[0] == 404


def test_a_mother_has_receipts_of_what_she_gave_and_of_nothing_else(cast: Cast) -> None:
    ingrid, _ = someone_who_acts(cast, officer_of(cast), "guardian")
    given = give(cast, cast.samuel)
    assert receipt_of(cast, given, ingrid)[0] == 404
    gone = revoke_of(cast, permit(cast, cast.samuel), target=given)
    cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, gone))
    assert ingrid.http.get(path(cast, f"withdrawals/{b64(gone.revoke_id)}/receipt"))[0] == 404
    assert ingrid.http.get(path(cast, "notices"))[1]["endings"] == []
    hers = permit(cast, cast.elena, auth_kind=2, auth_fp=ingrid.fp)
    status, answer = ingrid.http.post(path(cast, "directives"), directive_body(cast, hers, signer=ingrid))
    assert status == 200, answer
    [record] = receipt_of(cast, hers.directive_id, ingrid)[1]["consent_records"]
    assert record["given_by_kind"] == "representative"
    assert record["given_by"][0]["party_role"] == "dpv:GuardianOfDataSubject"


def test_an_unknown_id_and_no_id_are_answered_alike(cast: Cast) -> None:
    for strange in (b64(secrets.token_bytes(16)), "nothing"):
        assert cast.maya.http.get(path(cast, f"directives/{strange}/receipt"))[0] == 404
        assert cast.maya.http.get(path(cast, f"withdrawals/{strange}/receipt"))[0] == 404


def test_every_protected_topic_has_words(cast: Cast) -> None:
    assert receipts.label_words().keys() == PROTECTED_LABELS
