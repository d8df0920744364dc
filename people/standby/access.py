"""The only ways from an id to an on-call role: for the staff of its organisation; everybody else finds nothing."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crypto.tables import LEADS
from people.access import posts
from people.models import Affiliation, Organisation, User
from people.standby.models import OnCallRole, OnCallTurn
from people.standby.rules import may_give
from wire.errors import NotFound, Refused


def post_at(user: User, organisation_id: UUID) -> Affiliation:
    """The person's standing post there; NotFound for everybody else."""
    post = posts(user).filter(organisation=organisation_id).first()
    if post is None:
        raise NotFound
    return post


def access_to_open(user: User, organisation_id: UUID) -> Organisation:
    """The organisation, for somebody who leads in it."""
    post = post_at(user, organisation_id)
    if post.role not in LEADS:
        raise Refused("A therapist, physician, psychiatrist or case manager sets up roles.")
    return post.organisation


def access_role(user: User, role_id: UUID) -> OnCallRole:
    """A role of an organisation that the person works for."""
    role = OnCallRole.objects.select_related("organisation").filter(pk=role_id).first()
    if role is None:
        raise NotFound
    post_at(user, role.organisation_id)
    return role


def access_to_give(user: User, role_id: UUID, to: UUID) -> tuple[OnCallRole, User]:
    """The role and the colleague it goes to."""
    role = access_role(user, role_id)
    leads = post_at(user, role.organisation_id).role in LEADS
    if not may_give(leads=leads, holds=holder_of(role.pk) == user.pk, to_self=to == user.pk):
        raise Refused("Who holds the role hands it on, or somebody who leads.")
    colleague = User.objects.filter(pk=to, is_active=True).first()
    if colleague is None or not posts(colleague).filter(organisation=role.organisation_id).exists():
        raise NotFound(re="user")
    return role, colleague


def holder_of(role_id: UUID) -> UUID | None:
    """Who is on duty in a role now: its holder, while their account and their post stand."""
    return holders_of([role_id]).get(role_id)


def holders_of(role_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """For each of these roles who is on duty now; roles without anybody are left out."""
    turns = OnCallTurn.objects.filter(role__in=list(role_ids), until=None, user__is_active=True)
    found = {}
    for turn in turns.select_related("role", "user"):
        if posts(turn.user).filter(organisation=turn.role.organisation_id).exists():
            found[turn.role_id] = turn.user_id
    return found
