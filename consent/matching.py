"""Which directives speak to a request, and what they come to (rules R1 to R6 of docs/consent.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from consent.model import (
    LABEL_WITHIN,
    MINOR_CONFIDENTIAL,
    PURPOSE_COVERS,
    UNPROTECTED_LABELS,
    Actor,
    Directive,
    Reason,
    Request,
    Resource,
    Snapshot,
)


def protected(labels: frozenset[str]) -> frozenset[str]:
    """The labels that a permit must cover."""
    return labels - UNPROTECTED_LABELS


def labels_reached(labels: frozenset[str]) -> frozenset[str]:
    """The labels and every wider code they lie within: a deny on ETH reaches ETHUD."""
    return labels.union(*(LABEL_WITHIN.get(label, frozenset()) for label in labels))


def covers_labels(directive: Directive, labels: frozenset[str]) -> bool:
    """R4: every protected label is named by the permit, itself or by a wider code."""
    return all(({label} | LABEL_WITHIN.get(label, frozenset())) & directive.labels for label in protected(labels))


def is_active(directive: Directive, now: datetime) -> bool:
    """R1: status, period and revocation are all asked."""
    return ending(directive, now) is None


def ending(directive: Directive, now: datetime) -> Reason | None:
    """Why a directive does not count now, or None when it does."""
    if directive.status == "revoked" or (directive.revoked_at is not None and directive.revoked_at <= now):
        return Reason.REVOKED
    if directive.status == "expired" or (directive.valid_until is not None and directive.valid_until <= now):
        return Reason.EXPIRED
    if directive.valid_from is not None and now < directive.valid_from:
        return Reason.NOT_YET_VALID
    return None if directive.status == "active" else Reason.NO_CONSENT


def _names(directive: Directive, actor: Actor, resource: Resource) -> bool:
    grantee = directive.grantee
    asked = (
        (grantee.users, frozenset({actor.id})),
        (grantee.orgs, actor.orgs),
        (grantee.roles, actor.roles),
        (grantee.teams, actor.teams),
    )
    if grantee.any_team_member and not actor.teams & resource.teams:
        return False
    return all(stated is None or stated & own for stated, own in asked)


def _within_period(directive: Directive, authored_at: datetime | None) -> bool:
    if directive.data_from is None and directive.data_until is None:
        return True
    if authored_at is None:
        # Unknown age: a permit does not reach it and a deny does.
        return directive.effect == "deny"
    begun = directive.data_from is None or directive.data_from <= authored_at
    return begun and (directive.data_until is None or authored_at < directive.data_until)


def _purpose_matches(directive: Directive, purpose: str) -> bool:
    if directive.purposes is None:
        return True
    return any(purpose in PURPOSE_COVERS.get(stated, frozenset({stated})) for stated in directive.purposes)


def speaks_to(directive: Directive, request: Request) -> bool:
    """R2: every field that the directive states matches, its labels and its period of validity aside."""
    resource = request.resource
    stated = (
        (directive.actions, request.action),
        (directive.threads, resource.thread),
        (directive.resources, resource.id),
        (directive.categories, resource.category),
        (directive.authored_by, resource.author),
    )
    return (
        _names(directive, request.actor, resource)
        and all(values is None or value in values for values, value in stated)
        and _purpose_matches(directive, request.purpose)
        and _within_period(directive, resource.authored_at)
    )


def denies(directive: Directive, request: Request) -> bool:
    """R3: a deny without labels reaches everything, one with labels whatever overlaps."""
    labels = request.resource.labels
    overlaps = not directive.labels or bool(directive.labels & labels_reached(labels))
    return (
        directive.effect == "deny" and is_active(directive, request.now) and speaks_to(directive, request) and overlaps
    )


def permits(directive: Directive, request: Request) -> bool:
    return (
        directive.effect == "permit"
        and is_active(directive, request.now)
        and speaks_to(directive, request)
        and covers_labels(directive, request.resource.labels)
    )


def all_that(snapshot: Snapshot, request: Request, test: Callable[[Directive, Request], bool]) -> tuple[Directive, ...]:
    return tuple(directive for directive in snapshot.directives if test(directive, request))


def names_actor(directive: Directive, request: Request) -> bool:
    """A deny in force that names this very person, for whatever purpose."""
    users = directive.grantee.users
    active = directive.effect == "deny" and is_active(directive, request.now)
    return active and users is not None and request.actor.id in users


def permits_confidential(directive: Directive, request: Request) -> bool:
    """The minor's own permit to a parent for what was confided."""
    return permits(directive, request) and MINOR_CONFIDENTIAL in directive.labels


def why_not(snapshot: Snapshot, request: Request) -> Reason:
    """The most telling reason why no permit reaches the request, in a fixed order."""
    near = [d for d in snapshot.directives if d.effect == "permit" and speaks_to(d, request)]
    if any(is_active(d, request.now) for d in near):
        return Reason.LABEL_NOT_COVERED
    endings = {ending(d, request.now) for d in near}
    order = (Reason.REVOKED, Reason.EXPIRED, Reason.NOT_YET_VALID)
    return next((reason for reason in order if reason in endings), Reason.NO_CONSENT)
