"""Threads of an organisation with a compliance key: they name exactly that key, and every epoch is sealed to it."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace

import pytest

from client import custody
from crypto.compliance import ComplianceKey, SignedComplianceKey, box_pk_of
from crypto.entries import EpochStart
from crypto.keys import OrgRoot
from crypto.opening import open_sealed_key
from crypto.tables import EpochReason, RecipientKind, Suite
from messaging.models import Seal, Thread
from people.actions.roots import set_compliance_key
from tests.messaging.cast import Cast, Desk, hand_in, let_in
from tests.messaging.house import Batch, Case, now_ms
from wire.base import unb64

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
