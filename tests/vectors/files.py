"""What the operations on files mean, in Python (README.md)."""

from __future__ import annotations

from typing import Any

from crypto.attachments import FileSealer, Place, SealedFile, chunk_count, padded_size, sealed_size
from crypto.opening import FileOpener
from crypto.primitives import blake2b

In = dict[str, Any]


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def content_of(data: In) -> bytes:
    """`size` bytes of `unit` again and again."""
    unit, size = raw(data["unit"]), int(data["size"])
    return (unit * (size // len(unit) + 1))[:size]


def sealed_of(data: In) -> tuple[bytes, SealedFile]:
    drawn = [raw(data["key"]), raw(data["header"])]
    sealer = FileSealer(Place(raw(data["att_id"]), raw(data["thread"])), data["size"], lambda size: drawn.pop(0))
    sealed = b"".join(sealer.pieces([content_of(data)]))
    return sealed, sealer.file


def file_size(data: In) -> In:
    padded = padded_size(data["size"])
    return {"padded": padded, "chunks": chunk_count(padded), "sealed": sealed_size(data["size"])}


def seal_file(data: In) -> In:
    sealed, file = sealed_of(data)
    return {"head": sealed[:64].hex(), "sealed": len(sealed), "hash": file.hash.hex()}


def file(data: In) -> In:
    honest, _ = sealed_of(data["seal"])
    arrived = bytearray(b"".join(honest[start:end] for start, end in data["parts"]))
    if data["flip"] >= 0:
        arrived[data["flip"]] ^= 1
    said = data["open"]
    named = SealedFile(raw(said["key"]), said["size"], raw(said["hash"]))
    opener = FileOpener(named, Place(raw(said["att_id"]), raw(said["thread"])))
    opened = b"".join(
        opener.take(bytes(arrived[at : at + data["step"]])) for at in range(0, len(arrived), data["step"])
    )
    opener.done()
    return {"size": len(opened), "content": blake2b(opened).hex()}
