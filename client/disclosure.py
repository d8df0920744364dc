"""One message shown to somebody outside, and nothing else: `python -m client.disclosure FILE --root BASE64URL`.

A disclosure carries the message as its sender signed it, the key of this one message, and the sender's public records.
Whoever holds it and the organisation's root key can check, without the thread, its log or its epoch's key, that this
person wrote these words at this time in this thread. It proves nothing about what was not disclosed, and not that the
sender was permitted to write: that stands in the log (docs/protocol.md 4.9).
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from client.errors import Untrusted
from client.log import directory_of
from crypto.errors import Ct1Error
from crypto.messages import SealedMessage, parse_wire, verify_wire
from crypto.opening import open_with
from crypto.sealing import message_keys
from wire.base import B64, Body, Id32, unb64
from wire.people import PersonKeys


class Disclosure(Body):
    """What is handed over, as a file of JSON."""

    wire: B64 = Field(min_length=1, max_length=72_000)
    mk: Id32
    sender: PersonKeys


def disclose(sealed: SealedMessage, epoch_key: bytes, sender: PersonKeys) -> Disclosure:
    """A disclosure of a message that one can open; its key opens no other message."""
    return Disclosure(wire=sealed.wire, mk=message_keys(epoch_key, sealed.header_bytes).mk, sender=sender)


def verify(disclosure: Disclosure, root_pks: list[bytes]) -> tuple[SealedMessage, bytes]:
    """The message and its body; raises Ct1Error with the code of the first thing that does not hold.

    In order: the message is read; the sender's record of that generation (E_UNKNOWN_KEY); its signature (E_SIG); a
    certificate under one of the roots that stood when it was written (E_CERT); the key (E_AEAD); the padding (E_PAD).
    """
    sealed = parse_wire(disclosure.wire)
    header = sealed.header
    directory = directory_of([disclosure.sender], root_pks)
    ukr = directory.ukr_of(header.sender, header.sender_gen)
    verify_wire(sealed, ukr)
    if not any(
        one.subject == header.sender and one.stands(header.ts) for one in directory.certificates.get(ukr.fp, ())
    ):
        raise Ct1Error("E_CERT", "no certificate of these roots stood for the sender's key then")
    return sealed, open_with(sealed, disclosure.mk)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks a disclosed message and shows it.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--root", action="append", required=True, help="an organisation's public root key, base64url")
    options = parser.parse_args(arguments)
    try:
        given = Disclosure.model_validate_json(options.file.read_bytes())
        sealed, body = verify(given, [unb64(one) for one in options.root])
    except Ct1Error as refusal:
        sys.stderr.write(f"{refusal.code}: {refusal}\n")
        return 1
    except (ValidationError, Untrusted, ValueError, OSError) as fault:
        sys.stderr.write(f"not a disclosure: {type(fault).__name__}\n")
        return 2
    written = datetime.fromtimestamp(sealed.header.ts / 1000, UTC).isoformat()
    told = {"sender": given.sender.name, "written": written, "ctype": sealed.header.ctype, "body": json.loads(body)}
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
