"""Who would still see it: a change that nobody has signed yet, tried on a copy of what the patient has said."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from consent import access, model
from consent.actions.giving import ended_by
from consent.dossier import Dossier, dossier_of
from consent.reading import Person, people_by_id
from consent.translate import to_rule
from crypto import directives as ct1
from people.models import KeyBundle, Patient, User
from wire import patient as wire
from wire.base import b64, unb64
from wire.errors import Invalid


@dataclass(frozen=True)
class Place:
    """A thread of a patient: who is in it, and who is asked into it and would be if the patient agreed."""

    thread: str
    labels: tuple[str, ...] = ()
    members: frozenset[UUID] = frozenset()
    asked: frozenset[UUID] = frozenset()


PlacesOf = Callable[[UUID], list[Place]]
_places: list[PlacesOf] = []


def places(function: PlacesOf) -> PlacesOf:
    """Registers where a patient's things are seen: given the patient's id, the threads with their people."""
    _places.append(function)
    return function


def with_rule(snapshot: model.Snapshot, rule: model.Directive) -> model.Snapshot:
    """What the patient would have said with one more directive, which replaces those that it names."""
    kept = tuple(replace(one, status="superseded") if one.id in rule.supersedes else one for one in snapshot.directives)
    return replace(snapshot, directives=(*kept, rule))


def without(snapshot: model.Snapshot, ended: Collection[str], now: datetime) -> model.Snapshot:
    """What the patient would have said with these directives withdrawn at `now`."""
    said = tuple(replace(one, revoked_at=now) if one.id in ended else one for one in snapshot.directives)
    return replace(snapshot, directives=said)


@dataclass(frozen=True)
class Sight:
    """One person in one thread, before and after, and one of the decisions that says why."""

    before: tuple[wire.Sight, ...]
    after: tuple[wire.Sight, ...]
    telling: model.Decision


def rehearse(patient: Patient, body: wire.RehearsalIn, now: datetime, *, as_seen_by: User) -> wire.RehearsalOut:
    """Who sees each thread and its calls, now and after a change; Ct1Error or Invalid for bytes that say nothing.

    One who acts for the patient hears only of threads that are open to them too: what a young person has confided
    elsewhere is not told by way of a rehearsal.
    """
    today = dossier_of(patient.pk)
    assert today is not None
    after = replace(today, snapshot=_after(patient, today.snapshot, body, now))
    shown = [place for function in _places for place in function(patient.pk)]
    if as_seen_by.pk != patient.account_id:
        shown = [place for place in shown if _reads(today, as_seen_by, place, now)]
    everybody = frozenset[UUID]().union(*(place.members | place.asked for place in shown))
    users = {user.pk: user for user in User.objects.filter(pk__in=everybody).exclude(patient=patient)}
    people = people_by_id(users)
    answered = []
    for place in shown:
        here = [pk for pk in sorted(place.members | place.asked) if pk in users]
        sights = [(pk, _sight(today, after, users[pk], place, now)) for pk in here]
        seers = [_seer(pk, people[pk], sight) for pk, sight in sights if sight.before or sight.after]
        answered.append(wire.RehearsedPlace(thread=unb64(place.thread), seers=seers))
    return wire.RehearsalOut(places=answered)


def _after(patient: Patient, snapshot: model.Snapshot, body: wire.RehearsalIn, now: datetime) -> model.Snapshot:
    if body.kind == "revocation":
        revoke = ct1.parse_revoke(body.body)
        _require_same(patient, revoke.patient_ref)
        return without(snapshot, {b64(row.pk.bytes) for row in ended_by(patient, revoke)}, now)
    directive = ct1.parse_directive(body.body)
    _require_same(patient, directive.patient_ref)
    users = {fp: pk.hex for fp, pk in KeyBundle.objects.filter(fp=directive.grantee).values_list("fp", "user_id")}
    return with_rule(snapshot, to_rule(directive, users, ended_at=None, superseded=False))


def _require_same(patient: Patient, ref: bytes) -> None:
    if ref != patient.pk.bytes:
        raise Invalid("This speaks of another patient.", code=wire.PatientCode.FOREIGN, re="body")


_ACTIONS: tuple[tuple[wire.Sight, str], ...] = (("read", "thread.read"), ("join", "session.join"))


def _ask(dossier: Dossier, user: User, place: Place, action: str, now: datetime) -> model.Request:
    return access.question(dossier, user, action, access.place_of(place.thread, place.labels), "TREAT", now)


def _reads(dossier: Dossier, user: User, place: Place, now: datetime) -> bool:
    return access.answer(dossier, user, _ask(dossier, user, place, "thread.read", now)).permit


def _sight(today: Dossier, after: Dossier, user: User, place: Place, now: datetime) -> Sight:
    """Both answers to the same questions; whoever is only asked into a thread has no key of it before."""
    asked = [(name, _ask(today, user, place, action, now)) for name, action in _ACTIONS]
    told = [(name, access.answer(today, user, one), access.answer(after, user, one)) for name, one in asked]
    inside = user.pk in place.members
    ahead = [decision for _, _, decision in told if decision.permit]
    behind = [decision for _, decision, _ in told if decision.permit]
    return Sight(
        before=tuple(name for name, decision, _ in told if decision.permit and inside),
        after=tuple(name for name, _, decision in told if decision.permit),
        telling=next(iter([*ahead, *behind]), told[0][2]),
    )


def _seer(user_id: UUID, person: Person, sight: Sight) -> wire.Seer:
    return wire.Seer(
        user=user_id.bytes,
        name=person.name,
        role=person.role,
        organisation=person.organisation,
        before=list(sight.before),
        after=list(sight.after),
        reason=str(sight.telling.reason),
        directives=[unb64(one) for one in sight.telling.basis],
    )
