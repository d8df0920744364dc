"""An organisation's compliance key comes in by its root's word, and an older one never comes back."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from client import custody
from crypto.keys import OrgRoot
from people.actions.roots import import_root
from people.models import Organisation
from tests.cast import Http
from wire.base import b64

pytestmark = [pytest.mark.server, pytest.mark.django_db]
ROOT, OTHER = OrgRoot.from_seed(bytes([7] * 32)), OrgRoot.from_seed(bytes([8] * 32))
NOW = 1_800_000_000_000


def told(*words: str) -> str:
    out = StringIO()
    call_command("compliance_key", *words, stdout=out)
    return out.getvalue().strip()


def lakeside() -> Organisation:
    return import_root("Lakeside", "community centre", "UTC", ROOT.sign_pk)


def statement(folder: Path, organisation: Organisation, root: OrgRoot = ROOT, now: int = NOW) -> str:
    made = custody.make(root, organisation.pk.bytes, "Records office", now, shares=3, threshold=2)
    path = folder / f"{root.fp.hex()[:6]}-{now}.json"
    path.write_text(made.statement.model_dump_json())
    return str(path)


def offered() -> list[object]:
    return [one["compliance"] for one in Http().get("/config")[1]["organisations"]]


def test_it_works(tmp_path: Path) -> None:
    organisation = lakeside()
    assert offered() == [None]
    assert told("show", "Lakeside") == f"id  {b64(organisation.pk.bytes)}\nno compliance key"
    file = statement(tmp_path, organisation)
    assert "Records office, any 2 of 3 custodians together" in told("set", file)
    assert offered() == [json.loads(Path(file).read_text())]
    assert "Records office" in told("show", "Lakeside")
    told("set", file)
    told("end", "Lakeside")
    assert offered() == [None]
    kept = Entry.objects.filter(verb="compliance.key").order_by("pk")
    assert [one.detail["change"] for one in kept] == ["set", "end"]


def test_what_another_root_signed_is_not_taken(tmp_path: Path) -> None:
    file = statement(tmp_path, lakeside(), OTHER)
    with pytest.raises(CommandError, match="another organisation"):
        told("set", file)
    assert offered() == [None]


def test_an_older_key_does_not_come_back(tmp_path: Path) -> None:
    organisation = lakeside()
    old, new = statement(tmp_path, organisation), statement(tmp_path, organisation, now=NOW + 1)
    told("set", new)
    with pytest.raises(CommandError, match="newer"):
        told("set", old)


def test_what_is_no_statement(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}")
    for words in (("set", str(tmp_path / "x")), ("set", str(tmp_path / "y")), ("show", "Nowhere")):
        with pytest.raises(CommandError):
            told(*words)
