"""Directives and withdrawals as objects; what they do in a log is in logs.json."""

from __future__ import annotations

from dataclasses import replace

from crypto.directives import Directive, Revoke, sign_directive, sign_revoke
from crypto.tables import GranteeKind, HistoryKind, Label, RevokeKind, RevokeReason, Role
from tests.vectors.cast import DAY, T0, Log, World
from tests.vectors.families.case import Case, changed, flipped


def directives() -> list[Case]:
    world = World()
    log = Log(world, "directives")
    return _directives(world, log) + _revokes(world, log)


def _directive(world: World, name: str, made: Directive, expect: str = "ok") -> Case:
    maya, body = world["maya"].identity, made.encode()
    given = {"body": body.hex(), "public": maya.sign_pk.hex(), "sig": sign_directive(maya.sign_seed, body).hex()}
    return Case(name, "directive", given, expect)


def _directives(world: World, log: Log) -> list[Case]:
    plain = log.directive("elena")
    full = replace(
        plain,
        threads=(bytes([1] * 32), bytes([2] * 32)),
        labels=(b"ETH", b"HIV", b"Sucht"),
        purposes=(b"HPAYMT", b"TREAT"),
        history=HistoryKind.FROM_DATE,
        history_from=T0,
        supersedes=(bytes([1] * 16), bytes([2] * 16)),
        text_hash=bytes(range(32)),
        server=b'{"basis":"consent"}',
    )
    good = _directive(world, "a directive with everything", full)
    body = full.encode()
    maya = world["maya"].identity
    return [
        _directive(world, "a directive for one key", plain),
        good,
        _directive(
            world, "for an organisation", replace(plain, grantee_kind=GranteeKind.ORGANISATION, grantee=bytes(16))
        ),
        _directive(world, "for a role", replace(plain, grantee_kind=GranteeKind.ROLE, grantee=bytes([Role.NURSE]))),
        _directive(world, "for the care team", replace(plain, grantee_kind=GranteeKind.CARE_TEAM, grantee=b"")),
        _directive(world, "for 366 days", replace(plain, exp=T0 + 366 * DAY)),
        _directive(world, "for a millisecond longer", replace(plain, exp=T0 + 366 * DAY + 1), "E_GRANT_TIME"),
        _directive(world, "for no time", replace(plain, exp=T0), "E_GRANT_TIME"),
        _directive(world, "no actions", replace(plain, actions=0), "E_ENUM"),
        _directive(world, "an unknown action", replace(plain, actions=128), "E_ENUM"),
        _directive(
            world,
            "a role of two bytes",
            replace(plain, grantee_kind=GranteeKind.ROLE, grantee=b"\0\1"),
            "E_GRANT_SUBJECT",
        ),
        _directive(world, "threads twice", replace(plain, threads=(bytes(32), bytes(32))), "E_ENC"),
        _directive(world, "labels out of order", replace(plain, labels=(b"HIV", b"ETH")), "E_ENC"),
        _directive(world, "purposes out of order", replace(plain, purposes=(b"TREAT", b"HPAYMT")), "E_ENC"),
        _directive(world, "superseded twice", replace(plain, supersedes=(bytes(16), bytes(16))), "E_ENC"),
        _directive(world, "a label that is not text", replace(plain, labels=(b"\xc3",)), "E_ENC"),
        _directive(world, "an unknown history", replace(plain, history=9), "E_ENUM"),  # type: ignore[arg-type]
        changed(good, "a flipped bit in the body", "E_SIG", body=flipped(body).hex()),
        changed(good, "the signature of a withdrawal", "E_SIG", sig=sign_revoke(maya.sign_seed, body).hex()),
        changed(good, "the key of another", "E_SIG", public=world["elena"].identity.sign_pk.hex()),
        changed(good, "a byte too many", "E_ENC", body=(body + b"\0").hex()),
        changed(good, "a byte too few", "E_ENC", body=body[:-1].hex()),
        changed(good, "another label", "E_LABEL", body=flipped(body, 2).hex()),
        changed(good, "another version", "E_VERSION", body=flipped(body, 1 + len(Label.DIRECTIVE)).hex()),
        changed(good, "no bytes", "E_ENC", body=""),
    ]


def _revoke(world: World, name: str, made: Revoke, expect: str = "ok") -> Case:
    maya, body = world["maya"].identity, made.encode()
    given = {"body": body.hex(), "public": maya.sign_pk.hex(), "sig": sign_revoke(maya.sign_seed, body).hex()}
    return Case(name, "revoke", given, expect)


def _revokes(world: World, log: Log) -> list[Case]:
    maya = world["maya"]
    one = Revoke(log.rng(16), log.patient_ref, RevokeKind.DIRECTIVE, bytes(16), maya.fp, T0, RevokeReason.SAFETY)
    every = replace(one, kind=RevokeKind.EVERYONE, target=b"")
    good = _revoke(world, "of one directive", one)
    body = one.encode()
    grantees = [
        _revoke(world, f"of a grantee of {size} bytes", replace(one, kind=RevokeKind.GRANTEE, target=bytes(size)))
        for size in (0, 1, 16, 32)
    ]
    return [
        good,
        *grantees,
        _revoke(world, "of everyone", every),
        _revoke(world, "of a grantee of two bytes", replace(one, kind=RevokeKind.GRANTEE, target=bytes(2)), "E_ENC"),
        _revoke(world, "of a directive without an id", replace(one, target=b""), "E_ENC"),
        _revoke(world, "of everyone and somebody", replace(every, target=b"\0"), "E_ENC"),
        _revoke(world, "an unknown kind", replace(one, kind=9), "E_ENUM"),  # type: ignore[arg-type]
        _revoke(world, "an unknown reason", replace(one, reason=99), "E_ENUM"),  # type: ignore[arg-type]
        changed(good, "a flipped bit", "E_SIG", body=flipped(body, 40).hex()),
        changed(good, "signed as a directive", "E_SIG", sig=sign_directive(maya.identity.sign_seed, body).hex()),
        changed(good, "a directive in its place", "E_LABEL", body=log.directive("elena").encode().hex()),
    ]
