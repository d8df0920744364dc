"""The access report: what a patient is told, and a file that a script of a page proves on any machine."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.checkpoints import make_checkpoint
from audit.keys import signer
from audit.note import Signer, open_note, sign_note
from consent.access import require
from consent.report_views import SCRIPT
from crypto.tables import Role
from tests.cast import Cast, make_patient, make_person
from tests.consent.signing import directive_body, permit
from wire.base import b64
from wire.errors import NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def path(cast: Cast, page: str) -> str:
    return f"/patients/{b64(cast.patient.pk.bytes)}/ledger/{page}"


@pytest.fixture
def lived(cast: Cast) -> Cast:
    """Maya permitted Tom something, and Chidi was refused; another patient's entries lie between hers."""
    given = directive_body(cast, permit(cast, cast.tom))
    cast.maya.http.post(f"/patients/{b64(cast.patient.pk.bytes)}/directives", given)
    other = make_person("Otto", cast.northgate, Role.PATIENT)
    make_patient(other, cast.northgate)
    for _ in range(3):
        with pytest.raises(NotFound):
            require(cast.chidi.user, "thread.read", cast.patient.pk)
        with pytest.raises(NotFound):
            require(cast.elena.user, "thread.read", other.user.patient.pk)
    make_checkpoint()
    return cast


def check(report: Any, folder: Path, *arguments: str) -> tuple[int, str]:
    """What the shipped script says, run alone by an interpreter that knows nothing of the product."""
    file = folder / "report.json"
    file.write_text(json.dumps(report), encoding="utf-8")
    command = [sys.executable, "-I", str(SCRIPT), str(file), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_it_works(lived: Cast, tmp_path: Path) -> None:
    status, report = lived.maya.http.get(path(lived, "report"))
    assert status == 200
    assert len(report["entries"]) >= 4
    code, said = check(report, tmp_path, "--key", signer().verifier)
    assert (code, said.split(":")[0]) == (0, "In order")
    script = Client().get("/api/ledger/verify_report.py").content
    assert script == SCRIPT.read_bytes()


def test_the_script_is_short_and_needs_nothing_but_python() -> None:
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    assert len(lines) < 150
    needs = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert needs <= sys.stdlib_module_names


def test_nobody_elses_entries_are_in_it(lived: Cast) -> None:
    report = lived.maya.http.get(path(lived, "report"))[1]
    assert {line["content"]["patient"] for line in report["entries"]} == {lived.patient.pk.hex}
    assert {line["who"] for line in report["entries"]} <= {"Maya", "Chidi", "The system", "Tom"}


@pytest.mark.parametrize("who", ["elena", "tom", "samuel", "chidi"])
def test_nobody_but_the_patient_gets_it(lived: Cast, who: str) -> None:
    for page in ("report", "summary"):
        assert getattr(lived, who).http.get(path(lived, page))[0] == 404


def test_a_line_that_was_changed_removed_or_lent_is_named(lived: Cast, tmp_path: Path) -> None:
    report = lived.maya.http.get(path(lived, "report"))[1]
    spoils: list[tuple[Callable[[Any], object], str]] = [
        (lambda line: line["content"].update(outcome="permit"), "not in the log, or was changed"),
        (lambda line: line.update(index=line["index"] + 1), "not in the log"),
        (lambda line: line.update(index=10**6), "outside the log"),
        (lambda line: line["proof"].append("00" * 32), "too long"),
        (lambda line: line["proof"].pop(), "too short"),
        (lambda line: line["content"].update(patient="0" * 32), "somebody else"),
    ]
    for spoil, named in spoils:
        spoilt = json.loads(json.dumps(report))
        spoil(spoilt["entries"][2])
        code, said = check(spoilt, tmp_path)
        assert code == 1
        assert "line 3 of the report" in said
        assert named in said, said


def test_a_checkpoint_of_another_key_is_refused(lived: Cast, tmp_path: Path) -> None:
    report = lived.maya.http.get(path(lived, "report"))[1]
    forger = Signer.of(signer().name, b"f" * 32)
    forged = sign_note(open_note(report["checkpoint"], signer()), forger)
    code, said = check(report | {"checkpoint": forged}, tmp_path, "--key", signer().verifier)
    assert (code, "has not signed" in said) == (1, True)
    swapped = report["checkpoint"].replace("\n\n", "\n\n", 1).split("\n")
    swapped[1] = str(int(swapped[1]) + 1)
    code, said = check(report | {"checkpoint": "\n".join(swapped)}, tmp_path)
    assert (code, "signature is not the log's" in said) == (1, True)


def test_a_later_report_continues_the_earlier_one(lived: Cast, tmp_path: Path) -> None:
    first = lived.maya.http.get(path(lived, "report"))[1]
    size = open_note(first["checkpoint"], signer()).size
    earlier = tmp_path / "earlier.json"
    earlier.write_text(json.dumps(first), encoding="utf-8")
    make_checkpoint()
    later = lived.maya.http.get(path(lived, "report"), since=size)[1]
    assert open_note(later["checkpoint"], signer()).size > size
    code, said = check(later, tmp_path, "--earlier", str(earlier))
    assert code == 0, said
    code, said = check(
        later | {"consistency": ["11" * 32, *later["consistency"][1:]]}, tmp_path, "--earlier", str(earlier)
    )
    assert (code, "rewritten" in said) == (1, True)
    assert lived.maya.http.get(path(lived, "report"), since=10**9)[0] == 400


def test_who_did_what_is_told_by_house_and_person(lived: Cast) -> None:
    told = lived.maya.http.get(path(lived, "summary"))[1]
    chidi = next(one for house in told["organisations"] for one in house["people"] if one["who"] == "Chidi")
    assert (chidi["organisation"], chidi["times"], chidi["refused"]) == ("Northgate", 3, 3)
    refused = lived.maya.http.get(path(lived, "summary"), show="refused")[1]
    assert [one["who"] for house in refused["organisations"] for one in house["people"]] == ["Chidi"]
    chosen = lived.maya.http.get(path(lived, "summary"), user=b64(lived.tom.id))[1]
    assert chosen["times"] == 0
    assert lived.maya.http.get(path(lived, "summary"), show="gossip")[0] == 400
    assert lived.maya.http.get(path(lived, "summary"), since=2**60)[0] == 400


def test_who_looked_at_the_permissions_is_told(lived: Cast) -> None:
    lived.maya.http.get(f"/patients/{b64(lived.patient.pk.bytes)}/directives")
    told = lived.maya.http.get(path(lived, "summary"), show="permissions")[1]
    assert [one["who"] for house in told["organisations"] for one in house["people"]] == ["Maya"]


def test_a_file_of_many_lines_says_that_there_are_earlier_ones(lived: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consent.report.MOST_LINES", 2)
    first = lived.maya.http.get(path(lived, "report"))[1]
    assert (len(first["entries"]), first["earlier"]) == (2, first["entries"][-1]["index"])
    rest = lived.maya.http.get(path(lived, "report"), before=first["earlier"])[1]
    assert all(line["index"] < first["earlier"] for line in rest["entries"])
