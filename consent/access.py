"""The road from a person and a patient to a decision; every door of the server goes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from audit.actions import record
from consent import model
from consent.dossier import Dossier, dossier_of
from consent.epochs import epoch_of
from consent.models import Duty
from consent.rules import decide
from consent.translate import CARE_TEAM, RELATED, roles_of
from people.access import posts, posts_of
from people.models import Affiliation, Patient, User
from wire.errors import NotFound, Unavailable

__all__ = [
    "access_own_record",
    "access_record",
    "decide_for",
    "decide_for_members",
    "deciders_of",
    "epoch_of",
    "relates",
    "require",
    "snapshot_for",
]

Relates = Callable[[UUID, UUID, str], bool]
_relations: list[Relates] = []
_TEAMS = frozenset({CARE_TEAM, RELATED})
_PURPOSES = {"patient": "PATRQT", "proxy": "FAMRQT"}


def relates(function: Relates) -> Relates:
    """Registers another live relationship than the care team's: (user, patient, thread id or "") -> bool.

    Membership of a thread is one, and so is a pending invitation to it. A relationship opens nothing by itself.
    """
    _relations.append(function)
    return function


def snapshot_for(patient_id: UUID) -> model.Snapshot:
    """What the patient has said, as of the newest commit; an unknown patient has said nothing."""
    dossier = dossier_of(patient_id)
    return dossier.snapshot if dossier else model.Snapshot()


def _actor(
    user: User,
    dossier: Dossier,
    thread_id: str,
    now: datetime,
    *,
    held: Sequence[Affiliation] | None = None,
    related: bool = False,
) -> model.Actor:
    """Who the person is to this patient: the patient, somebody who acts for the patient, or a clinician.

    `held`: the person's posts, where the caller has them. `related`: the caller knows of a relationship.
    """
    if dossier.account_id == user.pk:
        return model.Actor(dossier.patient_id.hex, "patient", eligible=user.is_active)
    treats = dossier.on_care_team(user.pk, now)
    if user.pk in dossier.authorities and not treats:
        return model.Actor(
            user.pk.hex,
            "proxy",
            eligible=user.is_active,
            authority=dossier.authorities[user.pk],
            safeguarding_block=dossier.is_blocked(user.pk, now),
        )
    related = related or treats or any(ask(user.pk, dossier.patient_id, thread_id) for ask in _relations)
    held = list(posts(user)) if held is None else held
    return model.Actor(
        user.pk.hex,
        "clinician",
        orgs=frozenset(post.organisation_id.hex for post in held),
        roles=roles_of(post.role for post in held),
        teams=frozenset({CARE_TEAM} if treats else {RELATED} if related else ()),
        eligible=user.is_active and bool(held),
    )


def decide_for_members(
    users: Sequence[User],
    actions: Sequence[str],
    patient_id: UUID,
    *,
    thread_id: str,
    labels: Iterable[str],
    now: datetime,
    epoch: int | None = None,
    held: Mapping[UUID, Sequence[Affiliation]] | None = None,
) -> dict[tuple[UUID, str], model.Decision]:
    """As `decide_for` of each of these, who are members of the thread by its log, with two queries for all of them.

    None are needed by a caller who has just read the patient's consent epoch and the posts that these people hold.
    Raises Unavailable where the store does not answer.
    """
    resource = model.Resource(thread=thread_id, category="message", teams=_TEAMS, labels=frozenset(labels))
    dossier = dossier_of(patient_id, epoch)
    if dossier is None:
        nobody = model.Decision(False, model.Reason.NO_RELATIONSHIP)
        return {(user.pk, action): nobody for user in users for action in actions}
    held = posts_of(user.pk for user in users) if held is None else held
    decisions = {}
    for user in users:
        actor = _actor(user, dossier, thread_id, now, held=held[user.pk], related=True)
        for action in actions:
            request = _request(actor, dossier, action, resource, "TREAT", now)
            decisions[user.pk, action] = answer(dossier, user, request)
    return decisions


def decide_for(
    user: User,
    action: str,
    patient_id: UUID,
    *,
    thread_id: str | None = None,
    labels: Iterable[str] = (),
    category: str = "message",
    purpose: str = "TREAT",
    now: datetime | None = None,
    author: UUID | None = None,
    protected_word: bool = False,
) -> model.Decision:
    """The decision on one person's action about one patient, as of the newest commit.

    `thread_id` is base64url, `now` defaults to the present; an unknown patient is a refusal like any other, and so is
    a store that does not answer (PDP_UNAVAILABLE). `protected_word` marks what the patient said to be protected by.
    """
    resource = model.Resource(
        thread=thread_id or "",
        category=category,
        teams=_TEAMS,
        labels=frozenset(labels),
        author=author.hex if author else "",
        advance_directive=protected_word,
    )
    try:
        dossier = dossier_of(patient_id)
        if dossier is None:
            return model.Decision(False, model.Reason.NO_RELATIONSHIP)
        return answer(dossier, user, question(dossier, user, action, resource, purpose, now or timezone.now()))
    except (OperationalError, InterfaceError, Unavailable):
        return model.Decision(False, model.Reason.PDP_UNAVAILABLE)


def question(
    dossier: Dossier, user: User, action: str, resource: model.Resource, purpose: str, now: datetime
) -> model.Request:
    """What is asked when this person wants to do this: who they are to the patient, read now."""
    return _request(_actor(user, dossier, resource.thread, now), dossier, action, resource, purpose, now)


def _request(
    actor: model.Actor, dossier: Dossier, action: str, resource: model.Resource, purpose: str, now: datetime
) -> model.Request:
    return model.Request(
        actor=actor,
        action=action,
        resource=resource,
        purpose=_PURPOSES.get(actor.kind, purpose),
        patient=dossier.facts_at(now),
        now=now,
    )


def answer(dossier: Dossier, user: User, request: model.Request) -> model.Decision:
    """The decision by a dossier that the caller brings; a rehearsal's holds what has not been said yet."""
    decision = decide(dossier.snapshot, request)
    return decision if decision.permit else _in_an_emergency(user, dossier, request) or decision


def place_of(thread_id: str, labels: Iterable[str]) -> model.Resource:
    """A thread, or without an id a patient's calls and sessions, as something to decide about."""
    return model.Resource(thread=thread_id, teams=_TEAMS, labels=frozenset(labels))


def _in_an_emergency(user: User, dossier: Dossier, request: model.Request) -> model.Decision | None:
    """The same question under the emergency that the person has declared, if one stands."""
    declared = dossier.emergency_of(user.pk, request.now)
    if declared is None or request.actor.kind != "clinician":
        return None
    duties = Duty.objects.filter(user=user, kind=Duty.Kind.EMERGENCY)
    entrusted = {duty.organisation_id for duty in duties if duty.stands(request.now)}
    # The duty ends with the post at the organisation that gave it.
    privileged = any(post.organisation_id in entrusted for post in posts(user))
    actor = replace(request.actor, emergency_privilege=privileged)
    return decide(dossier.snapshot, replace(request, actor=actor, purpose="BTG", break_glass=declared))


def require(
    user: User,
    action: str,
    patient_id: UUID,
    *,
    thread_id: str | None = None,
    labels: Iterable[str] = (),
    category: str = "message",
) -> model.Decision:
    """As decide_for; a refusal is written into the ledger and raised as the NotFound of whatever is not there.

    Raises Unavailable (PDP_UNAVAILABLE) where the store does not answer, since then nothing can be written either.
    """
    decision = decide_for(user, action, patient_id, thread_id=thread_id, labels=labels, category=category)
    if decision.reason is model.Reason.PDP_UNAVAILABLE:
        raise Unavailable("Permissions cannot be read just now.", code=str(decision.reason))
    if not decision.permit:
        record(
            actor=user.pk,
            verb=action,
            patient=patient_id,
            object_kind="thread" if thread_id else "",
            object_id=thread_id or "",
            outcome="deny",
            reason=str(decision.reason),
            basis=decision.basis,
        )
        raise NotFound
    return decision


def access_own_record(user: User, patient_id: UUID) -> Patient:
    """The patient's own record for the patient's own account; NotFound for everybody else, clinicians too."""
    patient = Patient.objects.select_related("account").filter(pk=patient_id, account=user).first()
    if patient is None:
        raise NotFound
    return patient


@dataclass(frozen=True)
class Standpoint:
    """From where a person looks at a patient's permissions."""

    patient: Patient
    kind: Literal["self", "proxy"]

    @property
    def is_own(self) -> bool:
        return self.kind == "self"


def deciders_of(patient: Patient) -> list[UUID]:
    """Whom a question to the patient concerns: the patient's account, and whoever has been given an authority.

    It opens nothing: whoever is told asks for what is theirs, and an authority that sleeps or ended shows nothing.
    """
    dossier = dossier_of(patient.pk)
    return [person for person in (patient.account_id, *(dossier.authorities if dossier else ())) if person is not None]


def access_record(user: User, patient_id: UUID) -> Standpoint:
    """A patient's permissions for the patient, or for somebody whose authority to act for the patient holds now.

    NotFound for everybody else: for one whose authority sleeps, has ended or is blocked as for a stranger.
    """
    patient = Patient.objects.select_related("account").filter(pk=patient_id).first()
    if patient is not None and patient.account_id == user.pk:
        return Standpoint(patient, "self")
    dossier = dossier_of(patient_id) if patient is not None else None
    if patient is None or dossier is None or user.pk not in dossier.authorities:
        raise NotFound
    scope = sorted(dossier.authorities[user.pk].scope)
    asked = [decide_for(user, action, patient_id, category="consent") for action in scope]
    if any(decision.reason is model.Reason.PDP_UNAVAILABLE for decision in asked):
        raise Unavailable("Permissions cannot be read just now.", code=str(model.Reason.PDP_UNAVAILABLE))
    # One who treats the patient as well is asked about as a clinician: that opens no page of the patient's.
    if not any(decision.reason is model.Reason.PROXY_ACCESS for decision in asked):
        raise NotFound
    return Standpoint(patient, "proxy")
