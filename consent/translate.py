"""How the signed directive of CT1 reads to the decision function: one object, two readers, no drift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from consent import model
from crypto.directives import Directive
from crypto.tables import Action, Effect, GranteeKind, Role
from wire.base import b64

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
    return datetime.fromtimestamp(ms / 1000, UTC)


def _grantee(directive: Directive, users_by_fp: Mapping[bytes, str]) -> model.Grantee:
    match directive.grantee_kind:
        case GranteeKind.KEY:
            # A fingerprint that nobody has names nobody: the empty set matches no one.
            known = users_by_fp.get(directive.grantee)
            return model.Grantee(users=frozenset({known} if known else ()))
        case GranteeKind.ORGANISATION:
            return model.Grantee(orgs=frozenset({directive.grantee.hex()}))
        case GranteeKind.ROLE:
            return model.Grantee(roles=frozenset({exact_role(directive.grantee[0])}), any_team_member=True)
        case GranteeKind.CARE_TEAM:
            return model.Grantee(any_team_member=True)


def to_rule(
    directive: Directive, users_by_fp: Mapping[bytes, str], *, ended_at: datetime | None, superseded: bool
) -> model.Directive:
    """The directive as a rule; users and organisations are named by the hex of their ids.

    `history` is not a rule of the server's: it bounds which epochs' keys a member is ever given.
    """
    return model.Directive(
        id=b64(directive.directive_id),
        effect="permit" if directive.effect == Effect.PERMIT else "deny",
        grantee=_grantee(directive, users_by_fp),
        actions=actions_of(directive.actions),
        threads=frozenset(b64(thread) for thread in directive.threads) or None,
        labels=frozenset(label.decode("utf-8", "replace") for label in directive.labels),
        purposes=frozenset(purpose.decode("utf-8", "replace") for purpose in directive.purposes) or None,
        valid_from=_moment(directive.nbf),
        valid_until=_moment(directive.exp),
        revoked_at=None if superseded else ended_at,
        status="superseded" if superseded else "active",
    )
