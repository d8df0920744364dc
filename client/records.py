"""A compliance key and what it opens: `python -m client.records ceremony | show` (docs/operations.md)."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from pydantic import ValidationError

from client import custody
from client.roots import opened, write
from crypto.errors import Ct1Error
from wire.base import b64, unb64


def _ceremony(options: argparse.Namespace) -> None:
    root = opened(options.root)
    now_ms = int(time.time() * 1000)
    org = unb64(options.organisation)
    made = custody.make(root, org, options.label, now_ms, shares=options.shares, threshold=options.threshold)
    options.out.mkdir(parents=True, exist_ok=True)
    for share in made.shares:
        write(options.out / f"share{share.index}.json", share.model_dump_json(indent=1))
    write(options.out / "compliance-key.json", made.statement.model_dump_json(indent=1))
    _tell(made.key.label.decode(), made.key.fp)


def _tell(label: str, fp: bytes) -> None:
    sys.stdout.write(f"{label}\nfingerprint  {b64(fp)}\n")


def _show(options: argparse.Namespace) -> None:
    share = custody.CustodianShare.model_validate_json(options.share.read_bytes())
    custody.check(share)
    _tell(share.label, share.fingerprint)
    sys.stdout.write(f"share        {share.index}, whole\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="An organisation's compliance key, and the records that it opens.")
    commands = parser.add_subparsers(required=True)
    ceremony = commands.add_parser("ceremony", help="a new key, in shares, signed by the organisation's root")
    ceremony.add_argument("--organisation", required=True, help="its id, as `manage.py compliance_key show` tells it")
    ceremony.add_argument("--label", required=True, help="who keeps the key, as every member will read it")
    ceremony.add_argument("--root", type=Path, nargs="+", required=True, help="the sealed root, or two shares of it")
    ceremony.add_argument("--shares", type=int, default=3)
    ceremony.add_argument("--threshold", type=int, default=2)
    ceremony.add_argument("--out", type=Path, required=True, help="a folder for the shares and the statement")
    ceremony.set_defaults(act=_ceremony)
    show = commands.add_parser("show", help="whether a share is whole, and of which key it is")
    show.add_argument("share", type=Path)
    show.set_defaults(act=_show)
    return parser


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.act(options)
    except Ct1Error as refusal:
        sys.stderr.write(f"{refusal.code}: {refusal}\n")
        return 1
    except (ValidationError, ValueError, OSError) as fault:
        sys.stderr.write(f"{type(fault).__name__}: the file is not what it should be, or is there already\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
