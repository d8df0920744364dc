"""An organisation's root, kept off every network: `python -m client.roots make | show | sign` (docs/operations.md).

The root's seed exists in clear while a command runs and nowhere else: it lies in a file under a password, or in three
shares of which any two make it. What the server needs goes over by hand, as files: the public key once, then requests
for certificates out and signed certificates in.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from crypto import tables
from crypto.errors import Ct1Error
from crypto.keys import OrgRoot, SignedCertificate, Ukr, issue_certificate, verify_ukr
from crypto.primitives import NONCE_BYTES, aead_open, aead_seal, argon2id, random_bytes
from crypto.tables import CertKind, CertMethod, Role
from wire.base import B64, Body, Id16, Id32, b64
from wire.people import CertificateBlob, CertificateRequest, CertificateRequests, IssuedCertificates

YEAR_MS = 365 * 86_400_000
SKEW_MS = 300_000
Random = Callable[[int], bytes]


class SealedRoot(Body):
    """A root under a password."""

    kind: Literal["root"] = "root"
    name: str = Field(max_length=200)
    root_pk: Id32
    salt: Id16
    t: int = tables.PASSWORD_T
    m: int = tables.PASSWORD_M
    blob: B64


class Share(Body):
    """One of three shares: two halves, each of which makes the seed with the same half of one other share."""

    kind: Literal["share"] = "share"
    name: str = Field(max_length=200)
    root_pk: Id32
    number: int = Field(ge=1, le=3)
    halves: dict[Literal["12", "13", "23"], Id32]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def seal_root(root: OrgRoot, name: str, password: str, rng: Random = random_bytes) -> SealedRoot:
    """The root under a password; some 0.1 s of Argon2id by design."""
    salt, nonce = rng(16), rng(NONCE_BYTES)
    key = argon2id(password.encode("utf-8"), salt, tables.PASSWORD_T, tables.PASSWORD_M, 32)
    blob = nonce + aead_seal(key, nonce, root.seed, root.sign_pk)
    return SealedRoot(name=name, root_pk=root.sign_pk, salt=salt, blob=blob)


def open_root(sealed: SealedRoot, password: str) -> OrgRoot:
    """The root; E_UNWRAP for another password, E_KDF_WEAK or E_KDF_DOS for a file that asks for too little or much."""
    if sealed.t < tables.PASSWORD_T or sealed.m < tables.PASSWORD_M:
        raise Ct1Error("E_KDF_WEAK", "the file asks for too little work")
    if sealed.t > tables.PASSWORD_MAX_T or sealed.m > tables.PASSWORD_MAX_M:
        raise Ct1Error("E_KDF_DOS", "the file asks for too much work")
    key = argon2id(password.encode("utf-8"), sealed.salt, sealed.t, sealed.m, 32)
    nonce, box = sealed.blob[:NONCE_BYTES], sealed.blob[NONCE_BYTES:]
    return _the_root(aead_open(key, nonce, box, sealed.root_pk, code="E_UNWRAP"), sealed.root_pk)


def split_root(root: OrgRoot, name: str, rng: Random = random_bytes) -> list[Share]:
    """Three shares: for each pair of them a random pad of its own cuts the seed in two, so that one tells nothing."""
    pads = {pair: rng(32) for pair in ("12", "13", "23")}
    others = {pair: _xor(pad, root.seed) for pair, pad in pads.items()}
    halves = [
        {"12": pads["12"], "13": pads["13"]},
        {"12": others["12"], "23": pads["23"]},
        {"13": others["13"], "23": others["23"]},
    ]
    made = enumerate(halves, start=1)
    return [Share(name=name, root_pk=root.sign_pk, number=at, halves=mine) for at, mine in made]


def join_shares(one: Share, other: Share) -> OrgRoot:
    """The root of two shares; E_UNWRAP for one share twice, for shares of two roots, and for a damaged one."""
    if one.number == other.number or one.root_pk != other.root_pk:
        raise Ct1Error("E_UNWRAP", "two different shares of one root are needed")
    [pair] = set(one.halves) & set(other.halves)
    return _the_root(_xor(one.halves[pair], other.halves[pair]), one.root_pk)


def _the_root(seed: bytes, sign_pk: bytes) -> OrgRoot:
    if len(seed) != 32 or OrgRoot.from_seed(seed).sign_pk != sign_pk:
        raise Ct1Error("E_UNWRAP", "this is not the root that it should be")
    return OrgRoot.from_seed(seed)


def verified(asked: CertificateRequest) -> Ukr:
    """The record that a request is about; raises as `verify_ukr`, E_CERT for another person's.

    A record that continues another key was signed by that: the request brings the whole chain, from its first.
    """
    ukr: Ukr | None = None
    for blob in (*asked.earlier, asked.ukr):
        ukr = verify_ukr(blob.ukr, blob.pop, blob.sig, ukr)
    if ukr is None or ukr.user != asked.subject:
        raise Ct1Error("E_CERT", "the key is not that of the person who is named")
    return ukr


def certify(root: OrgRoot, asked: CertificateRequest, now_ms: int, rng: Random = random_bytes) -> SignedCertificate:
    """A certificate for a year, or until the request's end; raises as `verified`, E_ENUM for what no root certifies."""
    ukr = verified(asked)
    if asked.cert_kind not in CertKind._value2member_map_ or any(
        one not in Role._value2member_map_ for one in asked.roles
    ):
        raise Ct1Error("E_ENUM", "a kind or role that this version does not know")
    end = now_ms + YEAR_MS
    return issue_certificate(
        root,
        cert_id=rng(16),
        org=asked.organisation,
        subject=asked.subject,
        subject_fp=ukr.fp,
        kind=CertKind(asked.cert_kind),
        roles=asked.roles,
        nbf=now_ms - SKEW_MS,
        exp=end if asked.until is None else min(end, asked.until),
        method=CertMethod.IN_PERSON,
    )


def write(path: Path, text: str) -> None:
    """A new file that its owner alone reads; raises FileExistsError."""
    # Never over an older root: whoever overwrites the only copy has ended an organisation.
    with path.open("x", encoding="utf-8") as file:
        path.chmod(0o600)
        file.write(text + "\n")


def _password(again: bool) -> str:
    password = getpass.getpass("Password of the root: ")
    if again and (len(password) < 12 or getpass.getpass("Once more: ") != password):
        raise SystemExit("Twelve characters at least, twice the same.")
    return password


def opened(paths: Sequence[Path]) -> OrgRoot:
    """The root of a sealed file, whose password is asked for, or of two shares."""
    if len(paths) == 1:
        return open_root(SealedRoot.model_validate_json(paths[0].read_bytes()), _password(again=False))
    one, other = (Share.model_validate_json(path.read_bytes()) for path in paths)
    return join_shares(one, other)


def _make(options: argparse.Namespace) -> None:
    root = OrgRoot.from_seed(random_bytes(32))
    if options.shares:
        for share in split_root(root, options.name):
            write(Path(f"{options.out}.share{share.number}"), share.model_dump_json(indent=1))
    else:
        write(Path(options.out), seal_root(root, options.name, _password(again=True)).model_dump_json(indent=1))
    _tell(options.name, root.sign_pk, root.fp)


def _tell(name: str, sign_pk: bytes, fp: bytes) -> None:
    sys.stdout.write(f"{name}\npublic key   {b64(sign_pk)}\nfingerprint  {b64(fp)}\n")


def _show(options: argparse.Namespace) -> None:
    found = json.loads(options.root[0].read_bytes())
    model = SealedRoot if found.get("kind") == "root" else Share
    known = model.model_validate(found)
    _tell(known.name, known.root_pk, OrgRoot(known.root_pk).fp)


def _in_fours(fp: bytes) -> str:
    """As the account page of its person shows it."""
    text = b64(fp)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _plain(name: str) -> str:
    """A name that writes no line of its own and moves no cursor: it comes from the server that is not believed here."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80])


def _sign(options: argparse.Namespace) -> None:
    asked = CertificateRequests.model_validate_json(options.requests.read_bytes()).requests
    root, issued = opened(options.root), []
    for one in asked:
        roles = ", ".join(Role(role).name.lower() for role in one.roles if role in Role._value2member_map_)
        sys.stdout.write(f"{_plain(one.name)}\nroles        {roles}\nfingerprint  {_in_fours(verified(one).fp)}\n")
        if options.yes or input("You have met this person and compared this key. Certify? [y/N] ").lower() == "y":
            signed = certify(root, one, int(time.time() * 1000))
            issued.append(CertificateBlob(body=signed.body, sig=signed.sig))
    write(options.out, IssuedCertificates(certificates=issued).model_dump_json(indent=1))
    sys.stdout.write(f"{len(issued)} of {len(asked)} certified\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="An organisation's root, offline.")
    commands = parser.add_subparsers(required=True)
    make = commands.add_parser("make", help="a new root, under a password or in three shares")
    make.add_argument("name")
    make.add_argument("--out", required=True)
    make.add_argument("--shares", action="store_true", help="three files, of which any two are enough")
    make.set_defaults(act=_make)
    show = commands.add_parser("show", help="the public half")
    show.add_argument("root", type=Path, nargs=1)
    show.set_defaults(act=_show)
    sign = commands.add_parser("sign", help="certificates for what the server asks for")
    sign.add_argument("--root", type=Path, nargs="+", required=True, help="the sealed file, or two shares")
    sign.add_argument("--requests", type=Path, required=True)
    sign.add_argument("--out", type=Path, required=True)
    sign.add_argument("--yes", action="store_true", help="asks nothing: everybody was met before")
    sign.set_defaults(act=_sign)
    options = parser.parse_args(arguments)
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
