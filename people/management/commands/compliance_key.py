"""`manage.py compliance_key show|set|end`: the server's side of a compliance key that is made offline."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crypto.compliance import SignedComplianceKey
from crypto.errors import Ct1Error
from people.actions import roots
from people.models import Organisation
from wire.base import b64
from wire.people import ComplianceKeyBlob


class Command(BaseCommand):
    help = "The compliance key that new threads about an organisation's patients name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        shown = acts.add_parser("show", help="the organisation's id, which the ceremony asks for, and its key")
        shown.add_argument("organisation")
        taken = acts.add_parser("set", help="takes in the statement that the ceremony has signed")
        taken.add_argument("file", type=Path)
        ended = acts.add_parser("end", help="new threads name no key any more")
        ended.add_argument("organisation")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(_ACTS[options["act"]](options))
        except (Ct1Error, ValueError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal


def _organisation(options: dict[str, Any]) -> Organisation:
    found = Organisation.objects.filter(name=options["organisation"]).first()
    if found is None:
        raise CommandError("There is no organisation with this name.")
    return found


def _show(options: dict[str, Any]) -> str:
    organisation = _organisation(options)
    key = roots.compliance_key_of(organisation)
    told = f"{key.label.decode()}\nfingerprint  {b64(key.fp)}" if key else "no compliance key"
    return f"id  {b64(organisation.pk.bytes)}\n{told}"


def _set(options: dict[str, Any]) -> str:
    given = ComplianceKeyBlob.model_validate_json(options["file"].read_bytes())
    organisation, key = roots.set_compliance_key(SignedComplianceKey(given.body, given.sig))
    return f"{organisation.name}: {key.label.decode()}\nfingerprint  {b64(key.fp)}"


def _end(options: dict[str, Any]) -> str:
    organisation = _organisation(options)
    roots.end_compliance_key(organisation)
    return f"{organisation.name}: new threads name no compliance key"


_ACTS = {"show": _show, "set": _set, "end": _end}
