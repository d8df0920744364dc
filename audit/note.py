"""Checkpoints as signed notes: C2SP tlog-checkpoint and signed-note, with Ed25519.

A note is a text that ends in a newline, an empty line, and signature lines: an em dash, the key's name, and base64 of
four bytes that name the key and the signature over the text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from crypto.primitives import sign_bare, signing_pair, verify_bare

ED25519 = b"\x01"
LONGEST = 4096


class NoteError(Exception):
    """A checkpoint that is not one, or that the expected key did not sign; says which."""


@dataclass(frozen=True)
class Signer:
    """The key of a log: its name (the origin), the public half, and the seed where this side may sign."""

    name: str
    public: bytes
    seed: bytes = b""

    @classmethod
    def of(cls, name: str, seed: bytes) -> Signer:
        return cls(name, signing_pair(seed).public, seed)

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def verifier(self) -> str:
        """The key as others are given it: name, key id and public key, joined by plus signs."""
        key = base64.b64encode(ED25519 + self.public).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{key}"


@dataclass(frozen=True)
class Statement:
    """What a checkpoint says: of which log, how many leaves, under which root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def sign_note(statement: Statement, signer: Signer) -> str:
    """The checkpoint, signed."""
    text = statement.text()
    signed = base64.b64encode(signer.key_id + sign_bare(signer.seed, text.encode())).decode("ascii")
    return f"{text}\n— {signer.name} {signed}\n"


def open_note(note: str, signer: Signer) -> Statement:
    """What a checkpoint says, once this key's signature on it has been verified; raises NoteError."""
    if len(note) > LONGEST:
        raise NoteError("the checkpoint is too long to be one")
    text, empty, signatures = note.partition("\n\n")
    text += "\n"
    lines = text.split("\n")
    if not empty or len(lines) != 4 or not lines[1].isascii() or not lines[1].isdigit():
        raise NoteError("the checkpoint is damaged")
    if lines[0] != signer.name:
        raise NoteError("the checkpoint is of another log")
    signature = _signature(signatures, signer)
    if not verify_bare(signer.public, text.encode(), signature):
        raise NoteError("the checkpoint's signature does not verify")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except binascii.Error:
        raise NoteError("the checkpoint's root is no hash") from None
    if len(root) != 32 or str(int(lines[1])) != lines[1]:
        raise NoteError("the checkpoint's root or size is none")
    return Statement(lines[0], int(lines[1]), root)


def _signature(lines: str, signer: Signer) -> bytes:
    for line in lines.split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.rpartition(" ")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            continue
        if dash == "—" and name == signer.name and raw[:4] == signer.key_id and len(raw) == 68:
            return raw[4:]
    raise NoteError("this log's key has not signed the checkpoint")
