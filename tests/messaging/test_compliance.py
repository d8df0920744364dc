"""Threads of an organisation with a compliance key: they name exactly that key, and every epoch is sealed to it."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace

import pytest
from django.utils import timezone

from audit.models import Entry
from client import custody
from consent.actions.standing import entrust
from crypto.compliance import (
    AccessRecord,
    ComplianceKey,
    SignedComplianceKey,
    box_pk_of,
    export_hash,
    sign_access_record,
)
from crypto.entries import EpochStart
from crypto.errors import Ct1Error
from crypto.keys import OrgRoot
from crypto.opening import open_sealed_key
from crypto.tables import EpochReason, RecipientKind, Suite
from messaging.compliance.actions import export_thread, keep_opening
from messaging.models import RecordsOpening, Seal, Thread
from people.actions.roots import set_compliance_key
from tests.messaging.cast import Cast, Desk, hand_in, let_in
from tests.messaging.house import Batch, Case, now_ms
from wire.base import unb64
from wire.errors import NotFound
from wire.records import RecordsExport

pytestmark = pytest.mark.server


def with_key(cast: Cast) -> custody.Made:
    root = OrgRoot.from_seed(base64.b64decode(cast.patient.organisation.demonstration_seed))
    made = custody.make(root, cast.patient.organisation.pk.bytes, "Records office", now_ms(), shares=3, threshold=2)
    set_compliance_key(SignedComplianceKey(made.statement.body, made.statement.sig))
    return made


def begun(cast: Cast, key: ComplianceKey | None) -> tuple[Case, int, dict[str, object]]:
    case = Case(cast.patient, cast.maya, cast.elena, compliance=key)
    status, answer = Desk(cast.elena).post("/threads", Batch(case.entries).body())
    return case, status, answer


def permitted(cast: Cast, made: custody.Made) -> Case:
    case, status, answer = begun(cast, made.key)
    assert status == 200, answer
    let_in(cast, case, cast.elena)
    return case


def test_it_works(cast: Cast) -> None:
    made = with_key(cast)
    case = permitted(cast, made)
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    seal = Seal.objects.get(thread=case.id, user="00000000-0000-0000-0000-000000000000")
    secret = custody.join(made.shares[1:], made.key.box_pk)
    commit = case.state.epoch_numbered(1).start.key_commit
    assert open_sealed_key(seal.blob, unb64(case.id), 1, commit, bytes(16), secret) == case.keys[1]
    # Nobody is handed the seal over the door of the members: it is in the export alone.
    for reader in (cast.elena, cast.maya):
        assert len(Desk(reader).get(f"/threads/{case.id}/seals")[1]["seals"]) == 1


def test_a_thread_that_leaves_the_key_out_does_not_begin(cast: Cast) -> None:
    with_key(cast)
    _, status, answer = begun(cast, None)
    assert (status, answer["code"]) == (422, "E_COMPLIANCE")
    assert not Thread.objects.exists()


def test_no_other_key_is_slipped_in(cast: Cast) -> None:
    key = with_key(cast).key
    for other in (replace(key, box_pk=box_pk_of(secrets.token_bytes(32))), replace(key, label=b"Nobody at all")):
        _, status, answer = begun(cast, other)
        assert (status, answer["code"]) == (422, "E_COMPLIANCE")
    assert not Thread.objects.exists()


def test_an_organisation_without_a_key_has_threads_without_one(cast: Cast) -> None:
    root = OrgRoot.from_seed(bytes(32))
    key = custody.make(root, cast.patient.organisation.pk.bytes, "Records office", now_ms(), shares=3, threshold=2).key
    _, status, answer = begun(cast, key)
    assert (status, answer["code"]) == (422, "E_COMPLIANCE")


def test_an_epoch_that_leaves_the_key_out_is_refused(cast: Cast) -> None:
    case = permitted(cast, with_key(cast))
    people = tuple(one for one in case.state.recipients(now_ms()) if one[0] != RecipientKind.COMPLIANCE)
    start = EpochStart(1, Suite.X25519, EpochReason.FIRST, secrets.token_bytes(32), people)
    status, answer = hand_in(case, cast.elena, Batch([case.entry(cast.elena, start)]))
    assert (status, answer["code"]) == (422, "E_RECIPIENTS")


def test_an_epoch_comes_with_a_seal_for_the_key(cast: Cast) -> None:
    case = permitted(cast, with_key(cast))
    batch = case.epoch(cast.elena)
    batch.seals = [seal for seal in batch.seals if seal[1] != bytes(16)]
    status, answer = hand_in(case, cast.elena, batch)
    assert (status, answer["code"]) == (422, "E_SEAL_MISSING")
    assert not Seal.objects.exists()


def exported(cast: Cast) -> tuple[Case, AccessRecord]:
    """A conversation that has left, and what elena, a privacy officer, would sign to open it."""
    made = with_key(cast)
    case = permitted(cast, made)
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200
    raw = export_thread(case.id, "A court has asked.", timezone.now())
    entrust(cast.elena.user, cast.patient.organisation, "privacy_officer", None)
    export = RecordsExport.model_validate_json(raw)
    return case, AccessRecord(
        export_id=export.id,
        thread_id=case.state.thread_id,
        export_hash=export_hash(raw),
        log_seq=case.state.seq,
        messages=0,
        comp_fp=made.key.fp,
        user=cast.elena.id,
        fp=cast.elena.fp,
        indexes=(1, 2),
        left_out=(),
        ts=now_ms(),
        reason=b"A court has asked.",
    )


def openings() -> int:
    return Entry.objects.filter(verb="records.open").count()


def test_an_opening_is_kept_once_and_the_patient_reads_of_it(cast: Cast) -> None:
    case, named = exported(cast)
    signed = sign_access_record(cast.elena.identity.sign_seed, named)
    for _ in range(2):
        keep_opening(cast.elena.user, signed, timezone.now())
    [entry] = Entry.objects.filter(verb="records.open")
    assert (entry.actor, entry.patient, entry.object_id) == (cast.elena.user.pk, cast.patient.pk, case.id)
    assert Entry.objects.filter(verb="records.export", patient=cast.patient.pk).count() == 1


def test_a_record_that_is_not_of_this_export_is_not_kept(cast: Cast) -> None:
    _, named = exported(cast)
    for wrong, code in (
        ({"ts": now_ms() - 600_000}, "E_TS"),
        ({"messages": 1}, "E_COMPLIANCE"),
        ({"log_seq": 0}, "E_COMPLIANCE"),
        ({"export_hash": bytes(32)}, "E_COMPLIANCE"),
        ({"comp_fp": bytes(32)}, "E_COMPLIANCE"),
        ({"thread_id": bytes(32)}, "E_COMPLIANCE"),
        ({"user": cast.samuel.id}, "E_UNKNOWN_KEY"),
        ({"fp": cast.samuel.fp}, "E_UNKNOWN_KEY"),
    ):
        signed = sign_access_record(cast.elena.identity.sign_seed, replace(named, **wrong))
        with pytest.raises(Ct1Error) as refusal:
            keep_opening(cast.elena.user, signed, timezone.now())
        assert refusal.value.code == code, wrong
    forged = sign_access_record(cast.samuel.identity.sign_seed, named)
    with pytest.raises(Ct1Error) as refusal:
        keep_opening(cast.elena.user, forged, timezone.now())
    assert refusal.value.code == "E_SIG"
    assert openings() == 0 and not RecordsOpening.objects.exists()


def test_nobody_without_the_office_learns_that_there_is_an_export(cast: Cast) -> None:
    _, named = exported(cast)
    for person in (cast.samuel, cast.maya, cast.chidi):
        mine = replace(named, user=person.id, fp=person.fp)
        for one in (mine, replace(mine, export_id=bytes(16))):
            with pytest.raises(NotFound):
                keep_opening(person.user, sign_access_record(person.identity.sign_seed, one), timezone.now())
    assert openings() == 0


def test_nobody_opens_their_own_record(cast: Cast) -> None:
    _, named = exported(cast)
    cast.patient.account = cast.elena.user
    cast.patient.save()
    with pytest.raises(NotFound):
        keep_opening(cast.elena.user, sign_access_record(cast.elena.identity.sign_seed, named), timezone.now())
    assert openings() == 0
