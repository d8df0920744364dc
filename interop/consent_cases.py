"""Tables of FHIR Consents with expected answers as decision cases: `python -m interop.consent_cases FILE…`.

A table is a JSON list. Each row has `consent` (one FHIR Consent, or a list of them), `request` and `expect` (permit or
deny; other words of other projects for "no" are deny), and perhaps `title`, `reading` (pcf or core) and `reason`.
A request has `actor` (an id, or {id, org, roles, teams}), `purpose`, `action`, `labels`, `category`, `resource` (an
id), `thread`, `author`, `authored_at`, `now`; what it leaves out is a clinician of the care team who reads, for
treatment, an unlabelled item, on the day after the newest Consent. The cases go to standard output, for
`python -m consent.cases` to run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from consent.cases import run
from consent.model import Directive
from interop.consent_import import Imported, import_consent
from interop.elements import Refused
from interop.references import Context
from interop.trees import READINGS, Which

TEAM = "care"
ACTIONS = {"": "card.view", "read": "card.view", "access": "card.view"}
"""What other projects call the one action that their tables ask about; words of ours stand for themselves."""
DENYING = frozenset({"deny", "denied", "forbid", "not-applicable", "not applicable", "no-consent", "no_consent"})


@dataclass
class Translated:
    """The cases, and for each row that could not be translated why."""

    cases: list[dict[str, Any]]
    refused: list[str]
    unlike: list[str]
    """Rows where the decision is another than the table expects; they are cases all the same."""


def translate(rows: Sequence[Mapping[str, Any]], which: Which, policies: frozenset[str] = frozenset()) -> Translated:
    """Every row as a case, or refused with the path of what cannot be held; never half of one."""
    found = Translated([], [], [])
    for number, row in enumerate(rows, 1):
        try:
            case = _case(number, row, row.get("reading", which), policies)
        except Refused as refused:
            found.refused += [f"row {number}: {one.path}: {one.code}: {one.message}" for one in refused.refusals]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            found.refused.append(f"row {number}: cannot be read: {error!r}")
        else:
            found.cases.append(case)
            if case["reason"] == UNLIKE:
                found.unlike.append(f"row {number}: expected {case['expect']}: {case['title']}")
    return found


UNLIKE = "NOT_AS_THE_TABLE_SAYS"
"""The reason of a case whose decision differs from its table: no decision has it, so that the case fails."""


def _case(number: int, row: Mapping[str, Any], which: Which, policies: frozenset[str]) -> dict[str, Any]:
    if which not in READINGS:
        raise ValueError("a reading is pcf or core")
    consents = row["consent"] if isinstance(row["consent"], list) else [row["consent"]]
    imported = [import_consent(one, which, Context(policies=policies)) for one in consents]
    case: dict[str, Any] = {
        "n": row.get("n", number),
        "title": row.get("title", f"row {number}"),
        "reading": which,
        "request": _request(row["request"], imported),
        "directives": [_raw(rule) for one in imported for rule in one.directives],
        "expect": _expected(str(row["expect"])),
    }
    decision = run(case)
    agrees = decision.permit == (case["expect"] == "permit")
    case["reason"] = row.get("reason", str(decision.reason) if agrees else UNLIKE)
    case["obligations"] = row.get("obligations", sorted(decision.obligations) if agrees else [])
    return case


def _expected(word: str) -> str:
    if word.lower() == "permit":
        return "permit"
    if word.lower() in DENYING:
        return "deny"
    raise ValueError("an expected answer is permit or deny")


def _request(asked: Mapping[str, Any], imported: Sequence[Imported]) -> dict[str, Any]:
    actor = asked.get("actor", "clinician")
    who = {"id": actor} if isinstance(actor, str) else dict(actor)
    newest = max((one.dated for one in imported if one.dated), default=datetime(2026, 1, 1, tzinfo=UTC))
    patients = {one.patient for one in imported}
    if len(patients) > 1:
        raise ValueError("the Consents of a row are about one patient")
    return {
        "actor": {"kind": "clinician", "roles": ["medical"], "teams": [TEAM], **who},
        "action": ACTIONS.get(asked.get("action", ""), asked.get("action", "")),
        "resource": {
            "id": asked.get("resource", "item"),
            "thread": asked.get("thread"),
            "category": asked.get("category", "note"),
            "teams": [TEAM, *who.get("teams", ())],
            "labels": list(asked.get("labels", ())),
            "author": asked.get("author", ""),
            "authored_at": asked.get("authored_at"),
        },
        "purpose": asked.get("purpose", "TREAT"),
        "patient": {"id": asked.get("patient", next(iter(patients)) or "patient"), "capacity": "has"},
        "now": asked.get("now", (newest + timedelta(days=1)).isoformat()),
    }


def _raw(rule: Directive) -> dict[str, Any]:
    """A rule in the case format, which has an empty list for no limit: a rule that names nothing is refused."""
    sets = {
        name: getattr(rule, name)
        for name in ("actions", "threads", "resources", "categories", "purposes", "authored_by")
    }
    grantee = {name: getattr(rule.grantee, name) for name in ("users", "orgs", "roles", "teams")}
    if frozenset() in (*sets.values(), *grantee.values()) or rule.grantee.but:
        raise ValueError("the case format has no word for a rule that names nothing, or excepts somebody")
    moments = ("data_from", "data_until", "valid_from", "valid_until", "revoked_at")
    return {
        "id": rule.id,
        "effect": rule.effect,
        "grantor": rule.grantor,
        "grantee": {
            **{name: sorted(values) for name, values in grantee.items() if values is not None},
            **({"any_team_member": True} if rule.grantee.any_team_member else {}),
        },
        **{name: sorted(values) for name, values in sets.items() if values is not None},
        "labels": sorted(rule.labels),
        **{name: getattr(rule, name).isoformat() for name in moments if getattr(rule, name) is not None},
        "status": rule.status,
        "part2": rule.part2,
        "specific": sorted(rule.specific),
        "redisclose": rule.redisclose,
    }


def _rows(path: str) -> list[Mapping[str, Any]]:
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(found, list):
        raise ValueError("a table is a JSON list")
    return found


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="interop.consent_cases", description="FHIR Consents as decision cases.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--reading", choices=READINGS, default="pcf")
    parser.add_argument("--policy", action="append", default=[], help="a policy known to say no more than its Consent")
    chosen = parser.parse_args(arguments)
    try:
        rows = [row for path in chosen.files for row in _rows(path)]
    except (OSError, ValueError) as error:
        print(f"interop.consent_cases: {error}", file=sys.stderr)
        return 2
    found = translate(rows, chosen.reading, frozenset(chosen.policy))
    print(json.dumps(found.cases, indent=1))
    for line in [*found.refused, *found.unlike]:
        print(line, file=sys.stderr)
    refused_rows = len(rows) - len(found.cases)
    counts = f"{len(found.cases)} translated, {len(found.unlike)} of them decided otherwise, {refused_rows} refused"
    print(counts, file=sys.stderr)
    return 1 if found.refused or found.unlike else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
