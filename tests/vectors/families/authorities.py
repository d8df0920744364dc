"""Changes of authority and emergencies as objects; what they do in a log is in logs.json."""

from __future__ import annotations

from dataclasses import replace

from crypto.authority import Authorities, Authority, Change
from crypto.emergency import Emergency
from crypto.tables import MAX_INTEGER, AuthKind, ChangeReason, Label, Role
from tests.vectors.cast import T0, Log, World
from tests.vectors.families.case import Case, changed, flipped


def authorities() -> list[Case]:
    world = World()
    log = Log(world, "authorities")
    return _changes(log) + _emergencies(world, log)


def _object(kind: str, name: str, made: Change | Emergency, expect: str = "ok") -> Case:
    return Case(name, "object", {"kind": kind, "data": made.encode().hex()}, expect)


def _spoilt(good: Case, what: str, label: str) -> list[Case]:
    body = bytes.fromhex(good.given["data"])
    return [
        changed(good, f"{what} of another label", "E_LABEL", data=flipped(body, 2).hex()),
        changed(good, f"{what} of another version", "E_VERSION", data=flipped(body, 1 + len(label)).hex()),
        changed(good, f"{what} with a byte too many", "E_ENC", data=(body + b"\0").hex()),
        changed(good, f"{what} with a byte too few", "E_ENC", data=body[:-1].hex()),
        changed(good, f"{what} of no bytes", "E_ENC", data=""),
    ]


def _changes(log: Log) -> list[Case]:
    full = log.change(AuthKind.QUORUM, "ruth", "rolf", not_before=T0, reason=ChangeReason.OFFICE_ENDED)
    ruth, rolf = full.authorities.people
    nobody = Authority(bytes(16), ruth.fp)

    def of(kind: AuthKind, *people: Authority, quorum: int = 1) -> Change:
        return replace(full, authorities=Authorities(kind, people, quorum))

    late = MAX_INTEGER.to_bytes(8, "big")
    too_late = full.encode().replace(T0.to_bytes(8, "big"), (MAX_INTEGER + 1).to_bytes(8, "big"))
    good = _object("change", "two representatives together", full)
    return [
        good,
        _object("change", "one patient", of(AuthKind.PATIENT, ruth)),
        _object("change", "either of two", of(AuthKind.REPRESENTATIVE, ruth, rolf)),
        _object("change", "the last moment there is", replace(full, not_before=int.from_bytes(late, "big"))),
        changed(good, "a moment that there is not", "E_ENC", data=too_late.hex()),
        _object("change", "witnesses as authorities", of(AuthKind.WITNESSED, ruth), "E_GRANT_AUTHORITY"),
        _object("change", "nobody", of(AuthKind.PATIENT), "E_GRANT_AUTHORITY"),
        _object("change", "a kind that is not", of(9, ruth), "E_ENUM"),  # type: ignore[arg-type]
        _object("change", "a reason that is not", replace(full, reason=99), "E_ENUM"),  # type: ignore[arg-type]
        _object("change", "authorities out of order", of(AuthKind.QUORUM, rolf, ruth, quorum=2), "E_ENC"),
        _object("change", "the same authority twice", of(AuthKind.QUORUM, ruth, ruth, quorum=2), "E_ENC"),
        _object("change", "one without an account", of(AuthKind.PATIENT, nobody), "E_UNKNOWN_KEY"),
        _object("change", "an account twice", of(AuthKind.REPRESENTATIVE, *_twice(ruth)), "E_QUORUM"),
        _object("change", "no quorum", of(AuthKind.PATIENT, ruth, quorum=0), "E_QUORUM"),
        _object("change", "a quorum of more than there are", of(AuthKind.PATIENT, ruth, quorum=2), "E_QUORUM"),
        _object("change", "several of whom one is enough", of(AuthKind.QUORUM, ruth, rolf), "E_QUORUM"),
        *_spoilt(good, "a change", Label.AUTHORITY),
    ]


def _twice(one: Authority) -> list[Authority]:
    return sorted([one, Authority(one.user, bytes(32))], key=lambda each: each.fp)


def _emergencies(world: World, log: Log) -> list[Case]:
    edda = world["edda"]
    made = Emergency(log.rng(16), log.thread, edda.user, edda.fp, Role.PHYSICIAN, T0, "Bewußtlos".encode())
    good = _object("emergency", "an emergency", made)
    return [
        good,
        _object("emergency", "a reason of one letter", replace(made, reason=b"a")),
        _object("emergency", "a reason of 500 bytes", replace(made, reason=b"a" * 500)),
        _object("emergency", "a reason of 501 bytes", replace(made, reason=b"a" * 501), "E_SIZE"),
        _object("emergency", "no reason", replace(made, reason=b""), "E_SIZE"),
        _object("emergency", "a reason that is no text", replace(made, reason=b"\xc3"), "E_ENC"),
        _object("emergency", "a role that is not", replace(made, role=99), "E_ENUM"),  # type: ignore[arg-type]
        *_spoilt(good, "an emergency", Label.BREAK_GLASS),
    ]
