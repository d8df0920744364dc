"""A compliance key's ceremony: any two of three custodians make it, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from client import custody, records, roots
from client.custody import CustodianShare
from crypto import shares as shamir
from crypto.compliance import SignedComplianceKey, box_pk_of, verify_compliance_key
from crypto.errors import Ct1Error
from crypto.keys import OrgRoot
from tests.vectors.cast import NOW, Stream
from wire.base import b64
from wire.people import ComplianceKeyBlob

RNG = Stream("custody")
ROOT = OrgRoot.from_seed(RNG(32))
ORG = RNG(16)


def made() -> custody.Made:
    return custody.make(ROOT, ORG, "Riverside records office", NOW, shares=3, threshold=2, rng=RNG)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Ct1Error) as refusal:
        act()
    return refusal.value.code


def test_any_two_make_the_key() -> None:
    one = made()
    for left_out in range(3):
        pair = [share for share in one.shares if share.index != left_out + 1]
        assert box_pk_of(custody.join(pair, one.key.box_pk)) == one.key.box_pk
    assert one.key.label == b"Riverside records office, any 2 of 3 custodians together"


def test_what_does_not_make_it() -> None:
    one, other = made(), made()
    first, second, _ = one.shares
    pk = one.key.box_pk
    assert code_of(lambda: custody.join([first], pk)) == "E_SHARE"
    assert code_of(lambda: custody.join([first, first], pk)) == "E_SHARE"
    assert code_of(lambda: custody.join([first, other.shares[1]], pk)) == "E_SHARE"
    assert code_of(lambda: custody.join([first, second], other.key.box_pk)) == "E_SHARE"


def test_a_forged_share_does_not_pass_for_a_true_one() -> None:
    one = made()
    # With a check that is right, on a machine where nobody looks: what comes out is not the key.
    forged = custody.make(ROOT, ORG, "x", NOW, shares=3, threshold=2, rng=RNG).shares[1]
    points = shamir.split(RNG(32), one.key.fp, shares=3, threshold=2, rng=RNG)[1]
    posed = forged.model_copy(
        update={"box_pk": one.key.box_pk, "fingerprint": one.key.fp, "points": points.points, "check": points.check}
    )
    custody.check(posed)
    assert code_of(lambda: custody.join([one.shares[0], posed], one.key.box_pk)) == "E_SHARE"
    renamed = one.shares[0].model_copy(update={"box_pk": forged.box_pk})
    assert code_of(lambda: custody.check(renamed)) == "E_SHARE"


def test_the_ceremony_at_the_console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    halves = []
    for share in roots.split_root(ROOT, "Riverside")[:2]:
        halves.append(tmp_path / f"root{share.number}")
        halves[-1].write_text(share.model_dump_json())
    words = ["ceremony", "--organisation", b64(ORG), "--label", "Records office", "--out", str(tmp_path / "out")]
    words += ["--root", *map(str, halves)]
    assert records.main(words) == 0
    told = capsys.readouterr().out
    blob = ComplianceKeyBlob.model_validate_json((tmp_path / "out/compliance-key.json").read_bytes())
    key = verify_compliance_key(SignedComplianceKey(blob.body, blob.sig), ORG, ROOT.sign_pk)
    assert b64(key.fp) in told
    files = [tmp_path / f"out/share{index}.json" for index in (1, 2, 3)]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    held = [CustodianShare.model_validate_json(file.read_bytes()) for file in files]
    assert box_pk_of(custody.join(held[1:], key.box_pk)) == key.box_pk
    assert records.main(["show", str(files[0])]) == 0
    assert "share        1, whole" in capsys.readouterr().out
    assert records.main(words) == 2


def test_a_damaged_share_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    share = made().shares[0].model_copy(update={"points": bytes(32)})
    (tmp_path / "share").write_text(share.model_dump_json())
    assert records.main(["show", str(tmp_path / "share")]) == 1
    assert capsys.readouterr().err.startswith("E_SHARE")
    (tmp_path / "share").write_text("{}")
    assert records.main(["show", str(tmp_path / "share")]) == 2
