"""How the signed directive of CT1 reads to the decision function: one object, two readers, no drift."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from consent import model
from crypto.directives import Directive
from crypto.tables import CLOCK_TOLERANCE_MS, Action, AuthKind, Effect, GranteeKind, Role
from wire.base import MAX_MILLIS, b64

CARE_TEAM, RELATED = "care", "related"
"""How a decision tells the patient's care team from those who are merely in, or asked into, something of hers."""

ACTION_NAMES: Mapping[Action, frozenset[str]] = {
    Action.READ: frozenset({"thread.read", "card.view"}),
    Action.POST: frozenset({"thread.post", "card.author"}),
    Action.ATTACH: frozenset({"thread.attach"}),
    Action.JOIN: frozenset({"session.join"}),
    Action.ADMIT: frozenset({"thread.invite"}),
    Action.RECORD: frozenset({"session.record"}),
    Action.EXPORT: frozenset({"export"}),
}

ROLE_NAMES: Mapping[int, str] = {
    Role.THERAPIST: "therapist",
    Role.PSYCHOLOGIST: "therapist",
    Role.PSYCHIATRIST: "medical",
    Role.PHYSICIAN: "medical",
    Role.NURSE: "nurse",
    Role.PHARMACIST: "nurse",
    Role.CASE_MANAGER: "case_manager",
    Role.SOCIAL_WORKER: "case_manager",
}
"""CT1 roles as the capability table of consent.model knows them; a role that is missing can do nothing."""


def exact_role(role: int) -> str:
    """How a directive for one CT1 role names it, beside the wider capability names."""
    return f"ct1:{role}"


def roles_of(roles: Iterable[int]) -> frozenset[str]:
    """Everything that a person's CT1 roles are called in decisions."""
    listed = list(roles)
    capability = {ROLE_NAMES[role] for role in listed if role in ROLE_NAMES}
    return frozenset(capability | {exact_role(role) for role in listed})


def actions_of(bits: int) -> frozenset[str]:
    return frozenset[str]().union(*(names for action, names in ACTION_NAMES.items() if bits & action))


def _moment(ms: int) -> datetime:
    # A later moment is beyond any calendar, and means "for ever" wherever it may stand.
    return datetime.fromtimestamp(min(ms, MAX_MILLIS) / 1000, UTC)


@dataclass(frozen=True)
class ServerRules:
    """The part of a directive that binds the server alone, which holds no key to enforce it with."""

    part2: str = "none"
    specific: frozenset[str] = frozenset()
    redisclose: str = "hipaa"
    categories: frozenset[str] | None = None
    resources: frozenset[str] | None = None
    authored_by: frozenset[str] | None = None
    """Users by the hex of their ids."""
    data_from: datetime | None = None
    data_until: datetime | None = None


_RECORDED = frozenset({"legal_basis", "evidence"})
"""Kept with the signed bytes as evidence; no rule reads them."""
_ALLOWED = {"part2": {"none", "named", "tpo"}, "redisclose": {"hipaa", "reconsent", "never"}}
_LISTS: Mapping[str, frozenset[str] | None] = {
    "specific": frozenset({"psychotherapy_notes", "part2_proceedings"}),
    "categories": model.CATEGORIES,
    "resources": None,
    "authored_by": None,
}
_MOMENTS = frozenset({"data_from", "data_until"})


def parse_server_rules(raw: bytes) -> ServerRules:
    """The directive's `server` field; ValueError for any word that is not known.

    A word that was skipped might have been the one that narrows what the patient gave.
    """
    found = json.loads(raw.decode("utf-8"))
    if not isinstance(found, dict) or found.keys() - _RECORDED - _ALLOWED.keys() - _LISTS.keys() - _MOMENTS:
        raise ValueError("unknown rules for the server")
    if any(found[name] not in allowed for name, allowed in _ALLOWED.items() if name in found):
        raise ValueError("an unknown value of a rule for the server")
    lists = {name: _listed(found.get(name, []), known) for name, known in _LISTS.items()}
    moments = {name: _moment(_whole(found[name])) if name in found else None for name in _MOMENTS}
    return ServerRules(
        part2=found.get("part2", "none"),
        specific=lists["specific"] or frozenset(),
        redisclose=found.get("redisclose", "hipaa"),
        categories=lists["categories"],
        resources=lists["resources"],
        authored_by=lists["authored_by"],
        data_from=moments["data_from"],
        data_until=moments["data_until"],
    )


def _listed(values: object, known: frozenset[str] | None) -> frozenset[str] | None:
    """A list of words as a set, of known ones where these are fixed; an empty list states nothing."""
    if not isinstance(values, list) or not all(isinstance(one, str) and 0 < len(one) <= 64 for one in values):
        raise ValueError("not a list of words")
    if known is not None and not known.issuperset(values):
        raise ValueError("an unknown word in a rule for the server")
    return frozenset(values) or None


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_MILLIS:
        raise ValueError("not a time in milliseconds")
    return value


def _server_rules(directive: Directive) -> ServerRules | None:
    try:
        return parse_server_rules(directive.server)
    except (ValueError, TypeError, RecursionError):
        return None


def _grantee(directive: Directive, users_by_fp: Mapping[bytes, str], witnesses: frozenset[str]) -> model.Grantee:
    # Whoever witnessed a permission gains nothing by it, through whatever group.
    grantee = _named(directive, users_by_fp)
    return replace(grantee, but=witnesses) if directive.effect == Effect.PERMIT and witnesses else grantee


def _named(directive: Directive, users_by_fp: Mapping[bytes, str]) -> model.Grantee:
    # "Everybody on your care team" lets in the care team alone, or whoever invites a colleague would give consent
    # for the patient; as a deny it stops everybody.
    permits = directive.effect == Effect.PERMIT
    team = model.Grantee(teams=frozenset({CARE_TEAM})) if permits else model.Grantee(any_team_member=True)
    match directive.grantee_kind:
        case GranteeKind.KEY:
            # A fingerprint that nobody has names nobody: the empty set matches no one.
            known = users_by_fp.get(directive.grantee)
            return model.Grantee(users=frozenset({known} if known else ()))
        case GranteeKind.ORGANISATION:
            return model.Grantee(orgs=frozenset({directive.grantee.hex()}))
        case GranteeKind.ROLE:
            return replace(team, roles=frozenset({exact_role(directive.grantee[0])}))
        case GranteeKind.CARE_TEAM:
            return team


def to_rule(
    directive: Directive,
    users_by_fp: Mapping[bytes, str],
    *,
    ended_at: datetime | None,
    superseded: bool,
    signers: Sequence[bytes] = (),
) -> model.Directive:
    """The directive as a rule; users and organisations are named by the hex of their ids.

    `history` is not a rule of the server's: it bounds which epochs' keys a member is ever given. As in the logs, a
    directive begins five minutes early, since the signer's clock may be ahead. A permit whose rules for the server
    cannot be read opens nothing, and a deny stands. `signers` are fingerprints, of which witnesses' count.
    """
    rules = _server_rules(directive)
    unread = rules is None and directive.effect == Effect.PERMIT
    known = rules or ServerRules()
    witnessed = directive.auth_kind == AuthKind.WITNESSED
    witnesses = frozenset(users_by_fp[fp] for fp in signers if witnessed and fp in users_by_fp)
    by_proxy = directive.auth_kind in (AuthKind.REPRESENTATIVE, AuthKind.QUORUM)
    return model.Directive(
        id=b64(directive.directive_id),
        effect="permit" if directive.effect == Effect.PERMIT else "deny",
        grantee=_grantee(directive, users_by_fp, witnesses),
        grantor="proxy" if by_proxy else "patient",
        supersedes=frozenset(b64(old) for old in directive.supersedes),
        actions=actions_of(directive.actions),
        threads=frozenset(b64(thread) for thread in directive.threads) or None,
        labels=frozenset(label.decode("utf-8", "replace") for label in directive.labels),
        purposes=frozenset(purpose.decode("utf-8", "replace") for purpose in directive.purposes) or None,
        valid_from=_moment(directive.nbf - CLOCK_TOLERANCE_MS),
        valid_until=_moment(directive.exp),
        revoked_at=None if superseded else ended_at,
        status="superseded" if superseded else "draft" if unread else "active",
        part2=known.part2,
        specific=known.specific,
        redisclose=known.redisclose,
        categories=known.categories,
        resources=known.resources,
        authored_by=known.authored_by,
        data_from=known.data_from,
        data_until=known.data_until,
    )
