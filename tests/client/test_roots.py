"""A root that is kept offline: under a password, in shares, and at its one work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client import roots
from crypto.directory import Directory
from crypto.errors import Ct1Error
from crypto.keys import Identity, OrgRoot, SignedUkr, make_ukr, new_identity, verify_certificate
from crypto.tables import CertKind, Role, UkrReason
from tests.vectors.cast import NOW, Stream
from wire.base import b64
from wire.people import CertificateRequest, CertificateRequests, IssuedCertificates, UkrBlob

RNG = Stream("roots")
ROOT = OrgRoot.from_seed(RNG(32))
ORG = RNG(16)


def request(user: bytes = bytes([1] * 16), identity: Identity | None = None, **changes: object) -> CertificateRequest:
    ukr = make_ukr(identity or new_identity(user, 1, NOW, RNG), NOW)
    asked = CertificateRequest(
        organisation=ORG,
        subject=user,
        name="Elena",
        ukr=UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig),
        cert_kind=int(CertKind.STAFF),
        roles=[int(Role.THERAPIST)],
    )
    return asked.model_copy(update=changes)


def code_of(act: object) -> str:
    with pytest.raises(Ct1Error) as refusal:
        act()  # type: ignore[operator]
    return refusal.value.code


def test_it_works() -> None:
    asked = request()
    signed = roots.certify(ROOT, asked, NOW, RNG)
    directory = Directory.build([roots_ukr(asked)], [signed], [ROOT.sign_pk])
    [fp] = directory.ukrs
    found = directory.certificate(fp, asked.subject, Role.THERAPIST, {ORG: ROOT.fp}, NOW)
    assert (found.org, found.exp) == (ORG, NOW + roots.YEAR_MS)


def roots_ukr(asked: CertificateRequest) -> SignedUkr:
    return SignedUkr(asked.ukr.ukr, asked.ukr.pop, asked.ukr.sig)


def test_the_password_opens_it_and_no_other() -> None:
    sealed = roots.seal_root(ROOT, "Riverside", "lantern heron orchard", RNG)
    assert roots.open_root(sealed, "lantern heron orchard") == ROOT
    assert code_of(lambda: roots.open_root(sealed, "lantern heron")) == "E_UNWRAP"
    assert code_of(lambda: roots.open_root(sealed.model_copy(update={"t": 1}), "x")) == "E_KDF_WEAK"
    assert code_of(lambda: roots.open_root(sealed.model_copy(update={"m": 2**40}), "x")) == "E_KDF_DOS"
    assert code_of(lambda: roots.open_root(sealed.model_copy(update={"root_pk": bytes(32)}), "x")) == "E_UNWRAP"


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (1, 2), (2, 0)])
def test_any_two_shares_make_it(pair: tuple[int, int]) -> None:
    shares = roots.split_root(ROOT, "Riverside", RNG)
    assert roots.join_shares(shares[pair[0]], shares[pair[1]]) == ROOT


def test_one_share_makes_nothing() -> None:
    shares = roots.split_root(ROOT, "Riverside", RNG)
    for share in shares:
        assert all(half != ROOT.seed for half in share.halves.values())
        assert code_of(lambda share=share: roots.join_shares(share, share)) == "E_UNWRAP"
    others = roots.split_root(ROOT, "Riverside", RNG)
    assert code_of(lambda: roots.join_shares(shares[0], others[1])) == "E_UNWRAP"
    elsewhere = roots.split_root(OrgRoot.from_seed(bytes(32)), "Elsewhere", RNG)
    assert code_of(lambda: roots.join_shares(shares[0], elsewhere[1])) == "E_UNWRAP"


def test_nobody_is_certified_for_a_key_that_is_not_theirs() -> None:
    assert code_of(lambda: roots.certify(ROOT, request(subject=bytes([2] * 16)), NOW)) == "E_CERT"
    assert code_of(lambda: roots.certify(ROOT, request(cert_kind=99), NOW)) == "E_ENUM"
    asked = request()
    forged = UkrBlob(ukr=asked.ukr.ukr, pop=bytes(64), sig=b"")
    assert code_of(lambda: roots.certify(ROOT, asked.model_copy(update={"ukr": forged}), NOW)) == "E_SIG"
    before = new_identity(asked.subject, 1, NOW, RNG)
    after = make_ukr(new_identity(asked.subject, 2, NOW, RNG), NOW, previous=before, reason=UkrReason.ROTATE)
    rotated = UkrBlob(ukr=after.body, pop=after.pop, sig=after.sig)
    assert code_of(lambda: roots.certify(ROOT, asked.model_copy(update={"ukr": rotated}), NOW)) == "E_KEY_CHANGED"


def test_a_key_that_continues_another_is_certified_with_its_whole_chain() -> None:
    asked = request()
    first = new_identity(asked.subject, 1, NOW, RNG)
    chain = [
        make_ukr(first, NOW),
        make_ukr(second := new_identity(asked.subject, 2, NOW, RNG), NOW, previous=first, reason=UkrReason.ROTATE),
    ]
    blobs = [UkrBlob(ukr=one.body, pop=one.pop, sig=one.sig) for one in chain]
    made = roots.certify(ROOT, asked.model_copy(update={"ukr": blobs[1], "earlier": blobs[:1]}), NOW)
    assert verify_certificate(made, ROOT.sign_pk).subject_fp == second.fp
    strange = new_identity(bytes(16), 1, NOW, RNG)
    other = make_ukr(strange, NOW)
    wrong = [UkrBlob(ukr=other.body, pop=other.pop, sig=b"")]
    assert (
        code_of(lambda: roots.certify(ROOT, asked.model_copy(update={"ukr": blobs[1], "earlier": wrong}), NOW))
        == "E_KEY_CHANGED"
    )


def test_the_ceremony_from_files_to_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "riverside"
    assert roots.main(["make", "Riverside", "--out", str(root), "--shares"]) == 0
    shares = [f"{root}.share{number}" for number in (1, 2, 3)]
    assert roots.main(["show", shares[0]]) == 0
    told = capsys.readouterr().out
    assert b64(roots.Share.model_validate_json(Path(shares[2]).read_bytes()).root_pk) in told
    asked = tmp_path / "requests.json"
    asked.write_text(CertificateRequests(requests=[request()]).model_dump_json())
    out = tmp_path / "certificates.json"
    words = ["sign", "--root", shares[0], shares[2], "--requests", str(asked), "--out", str(out), "--yes"]
    assert roots.main(words) == 0
    assert len(IssuedCertificates.model_validate_json(out.read_bytes()).certificates) == 1
    assert roots.main(words) == 2, "what is there is not written over"
    assert roots.main(["sign", "--root", shares[0], shares[0], *words[4:]]) == 1
    assert json.loads(Path(shares[0]).read_text())["number"] == 1
    assert Path(shares[0]).stat().st_mode & 0o077 == 0


def test_the_officer_compares_the_key_itself_and_a_name_writes_no_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, asked, out = tmp_path / "riverside", tmp_path / "requests.json", tmp_path / "certificates.json"
    assert roots.main(["make", "Riverside", "--out", str(root), "--shares"]) == 0
    capsys.readouterr()
    mine, theirs = (new_identity(bytes([1] * 16), 1, NOW, RNG) for _ in range(2))
    # A server that puts its own key in Elena's place keeps everything else as it was.
    swapped = request(identity=theirs, name=f"Elena\nfingerprint  {b64(mine.fp)}\x1b[8m")
    asked.write_text(CertificateRequests(requests=[swapped]).model_dump_json())
    monkeypatch.setattr("builtins.input", lambda question: "")
    shares = [f"{root}.share{number}" for number in (1, 2)]
    assert roots.main(["sign", "--root", *shares, "--requests", str(asked), "--out", str(out)]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("fingerprint")]
    assert [line.removeprefix("fingerprint").replace(" ", "") for line in told] == [b64(theirs.fp)]
    assert IssuedCertificates.model_validate_json(out.read_bytes()).certificates == []
