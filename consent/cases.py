"""Runs a file of decision cases: `python -m consent.cases FILE`. A line a mismatch, a closing count, exit 1 on any.

The file is a JSON list; each case has `n`, `title`, `request`, `directives` (null: the store is unreachable),
perhaps `policy`, and what is expected: `expect` (permit or deny), `reason`, `obligations`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from consent.model import (
    Actor,
    Authority,
    BreakGlass,
    Decision,
    Directive,
    Grantee,
    PatientFacts,
    Policy,
    Request,
    Resource,
    Snapshot,
)
from consent.rules import decide

Case = Mapping[str, Any]


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _set(values: Sequence[str] | str | None) -> frozenset[str] | None:
    """A list as a set, one text as a set of one; an empty list constrains nothing, as if it were absent."""
    if not values:
        return None
    return frozenset([values] if isinstance(values, str) else values)


def _authority(raw: Case | None) -> Authority | None:
    if raw is None:
        return None
    return Authority(
        type=raw["type"],
        scope=frozenset(raw.get("scope", ())),
        activation=raw.get("activation", "by_type"),
        valid_from=_moment(raw.get("valid_from")),
        valid_until=_moment(raw.get("valid_until")),
    )


def _actor(raw: Case) -> Actor:
    eligible = all(raw.get(name, True) for name in ("active", "mfa", "licence_valid", "eligible"))
    return Actor(
        id=raw.get("id", ""),
        kind=raw.get("kind", ""),
        orgs=_set(raw.get("org")) or frozenset(),
        roles=frozenset(raw.get("roles", ())),
        teams=frozenset(raw.get("teams", ())),
        eligible=eligible,
        emergency_privilege=raw.get("emergency_privilege", False),
        authority=_authority(raw.get("authority")),
        safeguarding_block=raw.get("safeguarding_block", False),
    )


def _resource(raw: Case) -> Resource:
    return Resource(
        id=raw.get("id", ""),
        thread=raw.get("thread") or "",
        category=raw.get("category", "message"),
        teams=frozenset(raw.get("teams", ())),
        labels=frozenset(raw.get("labels", ())),
        author=raw.get("author", ""),
        authored_at=_moment(raw.get("authored_at")),
        advance_directive=raw.get("advance_directive", False),
        harm_hold=raw.get("harm_hold", False),
    )


def _patient(raw: Case) -> PatientFacts:
    born = raw.get("dob")
    return PatientFacts(
        id=raw.get("id", ""),
        birth_date=date.fromisoformat(born) if born else None,
        capacity=raw.get("capacity", "has"),
        competent=raw.get("competent", True),
        emergency_refusal=raw.get("emergency_refusal", False),
    )


def request_of(raw: Case) -> Request:
    """The request of a case; raises KeyError or ValueError where it cannot be read."""
    context = raw.get("ctx") or {}
    declared = context.get("break_glass")
    now = _moment(raw["now"])
    assert now is not None
    return Request(
        actor=_actor(raw["actor"]),
        action=raw["action"],
        resource=_resource(raw["resource"]),
        purpose=raw["purpose"],
        patient=_patient(raw["patient"]),
        now=now,
        break_glass=BreakGlass(declared.get("reason", ""), declared.get("cosigner", "")) if declared else None,
        participants=tuple((one["id"], bool(one["record_ok"])) for one in context.get("participants", ())),
    )


def _grantor(raw: Case | str | None) -> str:
    """Who said it; a proxy may be written as an object with its authority."""
    if isinstance(raw, str) or raw is None:
        return raw or "patient"
    return str(raw.get("kind", "proxy"))


def directive_of(raw: Case) -> Directive:
    grantee = raw.get("grantee") or {}
    return Directive(
        id=raw["id"],
        effect=raw["effect"],
        grantee=Grantee(
            users=_set(grantee.get("users")),
            orgs=_set(grantee.get("orgs")),
            roles=_set(grantee.get("roles")),
            teams=_set(grantee.get("teams")),
            any_team_member=grantee.get("any_team_member", False),
        ),
        grantor=_grantor(raw.get("grantor")),
        patient=raw.get("patient") or "",
        supersedes=_set(raw.get("supersedes")) or frozenset(),
        actions=_set(raw.get("actions")),
        threads=_set(raw.get("threads") or raw.get("thread")),
        resources=_set(raw.get("resources")),
        categories=_set(raw.get("categories")),
        labels=frozenset(raw.get("labels") or ()),
        purposes=_set(raw.get("purposes")),
        data_from=_moment(raw.get("data_from")),
        data_until=_moment(raw.get("data_until")),
        authored_by=_set(raw.get("authored_by")),
        valid_from=_moment(raw.get("valid_from")),
        valid_until=_moment(raw.get("valid_until")),
        revoked_at=_moment(raw.get("revoked_at")),
        status=raw.get("status", "active"),
        part2=raw.get("part2", "none"),
        specific=frozenset([raw["specific"]] if isinstance(raw.get("specific"), str) else raw.get("specific") or ()),
        redisclose=raw.get("redisclose", "hipaa"),
    )


def snapshot_of(case: Case) -> Snapshot | None:
    if case.get("directives") is None:
        return None
    policy = Policy(default=(case.get("policy") or {}).get("default", "deny"))
    return Snapshot(tuple(directive_of(raw) for raw in case["directives"]), policy)


def run(case: Case) -> Decision:
    """The decision of a case."""
    return decide(snapshot_of(case), request_of(case["request"]))


def mismatch(case: Case) -> str | None:
    """One line that says how the decision differs from what the case expects, or None."""
    decision = run(case)
    got = ("permit" if decision.permit else "deny", str(decision.reason), sorted(decision.obligations))
    expected = (case["expect"], case["reason"], sorted(case.get("obligations", [])))
    if got == expected:
        return None
    return f"case {case['n']}: expected {expected}, got {got}: {case.get('title', '')}"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m consent.cases FILE", file=sys.stderr)
        return 2
    try:
        cases = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"consent.cases: {arguments[0]}: {error}", file=sys.stderr)
        return 2
    failed = 0
    for case in cases:
        try:
            line = mismatch(case)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            line = f"case {case.get('n', '?')}: cannot be read: {error!r}"
        if line is not None:
            failed += 1
            print(line)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
