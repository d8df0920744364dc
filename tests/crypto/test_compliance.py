"""The statement about a compliance key, and what a genesis must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.compliance import (
    AccessRecord,
    ComplianceKey,
    SignedComplianceKey,
    box_pk_of,
    parse_access_record,
    parse_compliance_key,
    sign_access_record,
    sign_compliance_key,
    verify_access_record,
    verify_compliance_key,
)
from crypto.errors import Ct1Error
from crypto.keys import OrgRoot
from crypto.primitives import signing_pair

ROOT, OTHER = OrgRoot.from_seed(bytes([1] * 32)), OrgRoot.from_seed(bytes([2] * 32))
ORG = bytes([3] * 16)
KEY = ComplianceKey(ORG, ROOT.fp, box_pk_of(bytes([4] * 32)), 2, 3, b"Riverside records office", 1_800_000_000_000)
RECORD = AccessRecord(
    export_id=bytes(16),
    thread_id=bytes(32),
    export_hash=bytes(32),
    log_seq=4,
    messages=2,
    comp_fp=KEY.fp,
    user=bytes([5] * 16),
    fp=bytes([6] * 32),
    indexes=(1, 3),
    left_out=(2,),
    ts=1_800_000_000_000,
    reason=b"A court asked.",
)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Ct1Error) as refusal:
        act()
    return refusal.value.code


def test_it_works() -> None:
    assert verify_compliance_key(sign_compliance_key(ROOT, KEY), ORG, ROOT.sign_pk) == KEY


def test_another_organisations_word_does_not_count() -> None:
    signed = sign_compliance_key(ROOT, KEY)
    assert code_of(lambda: verify_compliance_key(signed, bytes(16), ROOT.sign_pk)) == "E_COMPLIANCE"
    assert code_of(lambda: verify_compliance_key(signed, ORG, OTHER.sign_pk)) == "E_COMPLIANCE"
    forged = sign_compliance_key(OTHER, KEY)
    assert code_of(lambda: verify_compliance_key(forged, ORG, ROOT.sign_pk)) == "E_SIG"


def test_a_swapped_key_is_not_what_was_signed() -> None:
    swapped = replace(KEY, box_pk=box_pk_of(bytes([9] * 32)))
    signed = SignedComplianceKey(swapped.encode(), sign_compliance_key(ROOT, KEY).sig)
    assert code_of(lambda: verify_compliance_key(signed, ORG, ROOT.sign_pk)) == "E_SIG"


@pytest.mark.parametrize(
    "wrong",
    [{"box_pk": bytes(32)}, {"threshold": 1}, {"threshold": 4}, {"label": b""}, {"label": b"x" * 201}],
)
def test_a_key_that_makes_no_sense(wrong: dict[str, object]) -> None:
    assert code_of(lambda: parse_compliance_key(replace(KEY, **wrong).encode())) == "E_COMPLIANCE"  # type: ignore[arg-type]


def test_a_record_of_access_is_its_signers() -> None:
    seed = bytes([7] * 32)
    signed = sign_access_record(seed, RECORD)
    assert verify_access_record(signing_pair(seed).public, signed) == RECORD
    other = signing_pair(bytes([8] * 32)).public
    assert code_of(lambda: verify_access_record(other, signed)) == "E_SIG"
    assert code_of(lambda: parse_access_record(replace(RECORD, reason=b"").encode())) == "E_SIZE"
