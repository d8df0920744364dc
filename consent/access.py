"""The road from a person and a patient to a decision; every door of the server goes through here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from threading import Lock
from uuid import UUID

from django.utils import timezone

from audit.actions import record
from consent import model
from consent.models import ConsentEpoch, Directive
from consent.rules import decide
from consent.translate import CARE_TEAM, RELATED, roles_of, to_rule
from crypto.directives import parse_directive
from people.access import is_on_care_team, posts
from people.models import KeyBundle, Patient, User
from wire.errors import NotFound

Relates = Callable[[UUID, UUID, str], bool]
_relations: list[Relates] = []

CACHED_PATIENTS = 2048
_cache: OrderedDict[tuple[UUID, int], model.Snapshot] = OrderedDict()
_cache_lock = Lock()


def relates(function: Relates) -> Relates:
    """Registers another live relationship than the care team's: (user, patient, thread id or "") -> bool.

    Membership of a thread is one, and so is a pending invitation to it. A relationship opens nothing by itself.
    """
    _relations.append(function)
    return function


def epoch_of(patient_id: UUID) -> int:
    """The patient's consent epoch; 0 before the first directive."""
    return ConsentEpoch.objects.filter(patient_id=patient_id).values_list("number", flat=True).first() or 0


def snapshot_for(patient_id: UUID) -> model.Snapshot:
    """What the patient has said, as of the newest commit.

    The epoch is read first: a change that commits between the two reads is cached under the older epoch, which
    nobody asks for again once the newer one is seen.
    """
    key = (patient_id, epoch_of(patient_id))
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    made = _read_snapshot(patient_id, key[1])
    # A directive that commits during the read is in `made` although the key is older: caching it is right only
    # while the epoch still stands.
    if epoch_of(patient_id) == key[1]:
        with _cache_lock:
            _cache[key] = made
            while len(_cache) > CACHED_PATIENTS:
                _cache.popitem(last=False)
    return made


def _read_snapshot(patient_id: UUID, epoch: int) -> model.Snapshot:
    rows = list(Directive.objects.filter(patient_id=patient_id))
    parsed = [parse_directive(row.body) for row in rows]
    fps = {directive.grantee for directive in parsed}
    users = {fp: user.hex for fp, user in KeyBundle.objects.filter(fp__in=fps).values_list("fp", "user_id")}
    rules = (
        to_rule(directive, users, ended_at=row.ended_at, superseded=row.superseded)
        for directive, row in zip(parsed, rows, strict=True)
    )
    return model.Snapshot(tuple(rules), epoch=epoch)


def _facts(patient: Patient) -> model.PatientFacts:
    born = date.fromisoformat(patient.birth_date) if patient.birth_date else None
    return model.PatientFacts(patient.pk.hex, born)


def _actor(user: User, patient: Patient, thread_id: str) -> model.Actor:
    if patient.account_id == user.pk:
        return model.Actor(patient.pk.hex, "patient", eligible=user.is_active)
    held = list(posts(user))
    teams = set[str]()
    if is_on_care_team(user.pk, patient.pk):
        teams.add(CARE_TEAM)
    elif any(ask(user.pk, patient.pk, thread_id) for ask in _relations):
        teams.add(RELATED)
    return model.Actor(
        user.pk.hex,
        "clinician",
        orgs=frozenset(post.organisation_id.hex for post in held),
        roles=roles_of(post.role for post in held),
        teams=frozenset(teams),
        eligible=user.is_active and bool(held),
    )


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
) -> model.Decision:
    """The decision on one person's action about one patient, as of the newest commit.

    `thread_id` is base64url, `now` defaults to the present; an unknown patient is a refusal like any other.
    """
    patient = Patient.objects.filter(pk=patient_id).first()
    if patient is None:
        return model.Decision(False, model.Reason.NO_RELATIONSHIP)
    actor = _actor(user, patient, thread_id or "")
    resource = model.Resource(
        thread=thread_id or "", category=category, teams=frozenset({CARE_TEAM, RELATED}), labels=frozenset(labels)
    )
    request = model.Request(
        actor=actor,
        action=action,
        resource=resource,
        purpose="PATRQT" if actor.kind == "patient" else purpose,
        patient=_facts(patient),
        now=now or timezone.now(),
    )
    return decide(snapshot_for(patient_id), request)


def require(
    user: User,
    action: str,
    patient_id: UUID,
    *,
    thread_id: str | None = None,
    labels: Iterable[str] = (),
    category: str = "message",
) -> model.Decision:
    """As decide_for; a refusal is written into the ledger and raised as the NotFound of whatever is not there."""
    decision = decide_for(user, action, patient_id, thread_id=thread_id, labels=labels, category=category)
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
