"""Rules R1 to R6 read one directive at a time: slow, obvious, and what the index of bits is held against."""

from __future__ import annotations

from datetime import datetime

from consent.model import LABEL_WITHIN, PURPOSE_COVERS, UNPROTECTED_LABELS, Directive, Request, Snapshot

LIVE = "active"
UNSAID = ("draft", "proposed", "entered-in-error")


def in_force(directive: Directive, now: datetime) -> bool:
    begun = directive.valid_from is None or directive.valid_from <= now
    over = any(end is not None and end <= now for end in (directive.valid_until, directive.revoked_at))
    return directive.status == LIVE and begun and not over


def reaches_itself(start: Directive, said: dict[str, Directive]) -> bool:
    seen, ahead = set[str](), list(start.supersedes)
    while ahead:
        one = ahead.pop()
        if one == start.id:
            return True
        if one in said and one not in seen:
            seen.add(one)
            ahead.extend(said[one].supersedes)
    return False


def replaced(directive: Directive, snapshot: Snapshot) -> bool:
    said = {one.id: one for one in snapshot.directives if one.status not in UNSAID}
    if directive.id in said and reaches_itself(directive, said) and directive.effect == "permit":
        return True
    return any(directive.id in one.supersedes and not reaches_itself(one, said) for one in said.values())


def names(directive: Directive, request: Request) -> bool:
    grantee, actor = directive.grantee, request.actor
    if actor.id in grantee.but:
        return False
    if grantee.any_team_member and not actor.teams & request.resource.teams:
        return False
    return (
        (grantee.users is None or actor.id in grantee.users)
        and (grantee.orgs is None or bool(grantee.orgs & actor.orgs))
        and (grantee.roles is None or bool(grantee.roles & actor.roles))
        and (grantee.teams is None or bool(grantee.teams & actor.teams))
    )


def about(directive: Directive, request: Request) -> bool:
    resource = request.resource
    covers = (directive.purposes or ()) and {
        covered for one in directive.purposes or () for covered in PURPOSE_COVERS.get(one, {one})
    }
    return (
        (not directive.patient or directive.patient == request.patient.id)
        and (directive.actions is None or request.action in directive.actions)
        and (directive.threads is None or resource.thread in directive.threads)
        and (directive.resources is None or resource.id in directive.resources)
        and (directive.categories is None or resource.category in directive.categories)
        and (directive.authored_by is None or resource.author in directive.authored_by)
        and (directive.purposes is None or request.purpose in covers)
    )


def of_age(directive: Directive, authored_at: datetime | None) -> bool:
    if directive.data_from is None and directive.data_until is None:
        return True
    if authored_at is None:
        return directive.effect == "deny"
    return (directive.data_from is None or directive.data_from <= authored_at) and (
        directive.data_until is None or authored_at < directive.data_until
    )


def speaks(directive: Directive, request: Request) -> bool:
    return names(directive, request) and about(directive, request) and of_age(directive, request.resource.authored_at)


def wider(label: str) -> set[str]:
    return {label, *LABEL_WITHIN.get(label, ())}


def labels_match(directive: Directive, request: Request) -> bool:
    labels = request.resource.labels
    if directive.effect == "deny":
        return not directive.labels or any(wider(label) & directive.labels for label in labels)
    return all(wider(label) & directive.labels for label in labels - UNPROTECTED_LABELS)


def counting(snapshot: Snapshot, request: Request, effect: str) -> list[str]:
    """The ids of the permits, or denies, that count for a request, in the snapshot's order."""
    return [
        one.id
        for one in snapshot.directives
        if one.effect == effect
        and in_force(one, request.now)
        and not replaced(one, snapshot)
        and speaks(one, request)
        and labels_match(one, request)
    ]
