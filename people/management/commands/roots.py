"""`manage.py roots import|requests|certificates`: the server's side of a root that is kept offline."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crypto.errors import Ct1Error
from crypto.keys import SignedCertificate
from people.actions import roots
from people.certify import request_of
from people.models import Organisation
from wire.base import b64, unb64
from wire.errors import ConsiliumError
from wire.people import CertificateRequests, IssuedCertificates


class Command(BaseCommand):
    help = "Takes in a public root, writes down whom it should certify, and takes in what it signed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        new = acts.add_parser("import", help="an organisation by the public key of its root")
        new.add_argument("name")
        new.add_argument("root_pk", help="base64url, as `python -m client.roots show` tells it")
        new.add_argument("--kind", default="community centre")
        new.add_argument("--zone", default="UTC")
        asked = acts.add_parser("requests", help="the keys that wait for a certificate, as JSON")
        asked.add_argument("organisation")
        issued = acts.add_parser("certificates", help="takes in the file that the root has signed")
        issued.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(_ACTS[options["act"]](options))
        except (Ct1Error, ConsiliumError, ValueError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal


def _import(options: dict[str, Any]) -> str:
    root_pk = unb64(options["root_pk"])
    if len(root_pk) != 32:
        raise CommandError("A public key has 32 bytes.")
    return b64(roots.import_root(options["name"], options["kind"], options["zone"], root_pk).fp)


def _requests(options: dict[str, Any]) -> str:
    organisation = Organisation.objects.filter(name=options["organisation"]).first()
    if organisation is None:
        raise CommandError("There is no organisation with this name.")
    now = timezone.now()
    asked = [request_of(bundle, enrolment, now) for bundle, enrolment in roots.waiting(organisation)]
    return CertificateRequests(requests=asked).model_dump_json(indent=1)


def _certificates(options: dict[str, Any]) -> str:
    issued = IssuedCertificates.model_validate_json(options["file"].read_bytes())
    new = roots.import_certificates([SignedCertificate(one.body, one.sig) for one in issued.certificates])
    return f"{new} new certificates"


_ACTS = {"import": _import, "requests": _requests, "certificates": _certificates}
