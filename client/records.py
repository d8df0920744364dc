"""A compliance key and what it opens: `python -m client.records ceremony | show | open` (docs/operations.md)."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from client import account as accounts
from client import custody, exports
from client.account import Account, now_ms
from client.api import Api
from client.custody import CustodianShare
from client.errors import ApiError, Unreachable, Untrusted
from client.exports import VerifiedExport
from client.roots import opened, write
from crypto.compliance import AccessRecord, compliance_fingerprint, sign_access_record
from crypto.errors import Ct1Error
from wire.base import b64, unb64
from wire.records import OpeningIn, OpeningOut


def _ceremony(options: argparse.Namespace) -> None:
    root = opened(options.root)
    org = unb64(options.organisation)
    made = custody.make(root, org, options.label, now_ms(), shares=options.shares, threshold=options.threshold)
    options.out.mkdir(parents=True, exist_ok=True)
    for share in made.shares:
        write(options.out / f"share{share.index}.json", share.model_dump_json(indent=1))
    write(options.out / "compliance-key.json", made.statement.model_dump_json(indent=1))
    _tell(made.key.label.decode(), made.key.fp)


def _tell(label: str, fp: bytes) -> None:
    sys.stdout.write(f"{label}\nfingerprint  {b64(fp)}\n")


def _show(options: argparse.Namespace) -> None:
    share = CustodianShare.model_validate_json(options.share.read_bytes())
    custody.check(share)
    _tell(share.label, share.fingerprint)
    sys.stdout.write(f"share        {share.index}, whole\n")


@dataclass(frozen=True)
class Wish:
    """What somebody asks to open, and where the words shall go."""

    raw: bytes
    shares: Sequence[CustodianShare]
    root_pks: list[bytes]
    reason: str
    out: Path
    left_out: Sequence[int] = ()


async def open_records(account: Account, wish: Wish) -> int:
    """Opens an export into a new folder, and returns how many messages it has.

    Nothing is written unless the whole export is verified, the shares make its key, and the server holds the signed
    record in its ledger. Raises Ct1Error with the code of what does not hold, ApiError where the server refuses the
    record, Unreachable where it cannot be asked, FileExistsError.
    """
    now = now_ms()
    verified = exports.verify_export(wish.raw, wish.root_pks, now)
    box_pk = verified.key_of(wish.shares)
    secret = custody.join(wish.shares, box_pk)
    # Kept in memory until the record stands: what cannot be opened should not be announced, nor read unannounced.
    lines = exports.open_messages(verified, exports.open_epochs(verified, secret, wish.left_out))
    if wish.out.exists():
        raise FileExistsError(wish.out)
    signed = sign_access_record(
        account.vault.identity.sign_seed, _record(account, wish, verified, compliance_fingerprint(box_pk), now)
    )
    kept = await account.api.post("/records/openings", OpeningIn(body=signed.body, sig=signed.sig), OpeningOut)
    if kept.export != verified.export.id:
        raise Untrusted("the server has kept a record of something else")
    wish.out.mkdir(mode=0o700)
    write(wish.out / "access-record.json", OpeningIn(body=signed.body, sig=signed.sig).model_dump_json(indent=1))
    write(wish.out / "messages.jsonl", "\n".join(one.model_dump_json() for one in lines))
    return len(lines)


def _record(account: Account, wish: Wish, verified: VerifiedExport, comp_fp: bytes, now: int) -> AccessRecord:
    return AccessRecord(
        export_id=verified.export.id,
        thread_id=verified.state.thread_id,
        export_hash=verified.hash,
        log_seq=verified.state.seq,
        messages=verified.export.head,
        comp_fp=comp_fp,
        user=account.me.id,
        fp=account.vault.identity.fp,
        indexes=tuple(one.index for one in wish.shares),
        left_out=tuple(wish.left_out),
        ts=now,
        reason=wish.reason.encode(),
    )


async def _signed_in(options: argparse.Namespace, wish: Wish) -> int:
    password = os.environ.get("CONSILIUM_PASSWORD") or getpass.getpass("Password of the officer: ")
    async with Api(options.base_url) as api:
        secret = os.environ.get("CONSILIUM_SECOND_FACTOR", "")
        account = await accounts.sign_in(api, email=options.email, password=password, second_factor=secret)
        try:
            return await open_records(account, wish)
        finally:
            await api.sign_out()


def _open(options: argparse.Namespace) -> None:
    wish = Wish(
        raw=options.export.read_bytes(),
        shares=[CustodianShare.model_validate_json(one.read_bytes()) for one in options.share],
        root_pks=[unb64(one) for one in options.root],
        reason=options.reason,
        out=options.out,
        left_out=options.leave_out,
    )
    # Refused before a password is asked for: what is forged should not cost the officer a sign-in.
    exports.verify_export(wish.raw, wish.root_pks, now_ms())
    sys.stdout.write(f"{asyncio.run(_signed_in(options, wish))} messages, in {options.out}\n")


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
    opening = commands.add_parser("open", help="the words of an export, by two custodians and an officer")
    opening.add_argument("export", type=Path)
    opening.add_argument("--share", type=Path, action="append", required=True, help="a custodian's file, one each")
    opening.add_argument("--root", action="append", required=True, help="a public root key of the thread, base64url")
    opening.add_argument("--out", type=Path, required=True, help="a folder that is not there yet")
    opening.add_argument("--reason", required=True, help="kept signed, with the officer's name")
    opening.add_argument("--email", required=True, help="the officer's account")
    opening.add_argument("--base-url", default="http://127.0.0.1:8000")
    opening.add_argument("--leave-out", type=int, action="append", default=[], help="an epoch whose key does not open")
    opening.set_defaults(act=_open)
    return parser


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.act(options)
    except Ct1Error as refusal:
        sys.stderr.write(f"{refusal.code}: {refusal}\n")
        return 1
    except (ApiError, Unreachable, Untrusted) as refusal:
        sys.stderr.write(f"nothing was opened: {refusal}\n")
        return 1
    except (ValidationError, ValueError, OSError) as fault:
        sys.stderr.write(f"{type(fault).__name__}: the file is not what it should be, or is there already\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
