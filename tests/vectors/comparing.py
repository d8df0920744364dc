"""How vectors ask about what people compare and what devices have seen (README.md)."""

from __future__ import annotations

from typing import Any

from crypto.directory import Directory
from crypto.pins import LogPin, PersonPin, Pins, open_pins
from crypto.safety import check_qr, safety_number, thread_phrase
from crypto.state import ThreadState
from crypto.tables import PinState

raw = bytes.fromhex


def safety(data: dict[str, Any]) -> dict[str, Any]:
    one, other = ((raw(side["fp"]), raw(side["root"])) for side in (data["one"], data["other"]))
    return {"number": safety_number(one, other)}


def phrase(data: dict[str, Any]) -> dict[str, Any]:
    fps = [raw(fp) for fp in data["fps"]]
    return {"words": thread_phrase(raw(data["thread"]), raw(data["head"]), fps, raw(data["comp_fp"]))}


def qr(data: dict[str, Any]) -> dict[str, Any]:
    check_qr(raw(data["payload"]), raw(data["mine"]), raw(data["theirs"]))
    return {}


def pins(data: dict[str, Any]) -> dict[str, Any]:
    blob, key, user = raw(data["blob"]), raw(data["key"]), raw(data["user"])
    return {"body": open_pins(blob, key, user, data["version"], at_least=data["at_least"]).encode().hex()}


def pin_log(state: ThreadState, data: dict[str, Any]) -> dict[str, Any]:
    known = Pins({state.thread_id: LogPin(data["seq"], raw(data["hash"]))})
    return {"body": known.after_log(state).encode().hex()}


def pin_person(directory: Directory, data: dict[str, Any]) -> dict[str, Any]:
    known = Pins({}, {raw(data["user"]): PersonPin(raw(data["pinned"]), PinState.VERIFIED, 1)})
    return {"body": known.after_person(raw(data["user"]), raw(data["fp"]), directory, data["now"]).encode().hex()}
