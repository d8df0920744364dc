"""Who would still see it: a change that nobody has signed yet, tried on a copy of what the patient has said."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from consent import access, model
from consent.actions.giving import ended_by
from consent.dossier import Dossier, dossier_of
from consent.reading import NOBODY, Person, people_by_id
from consent.translate import to_rule
from crypto import directives as ct1
from crypto.tables import GranteeKind
from people.models import CareTeamMember, KeyBundle, Patient, User
from wire import patient as wire
from wire.base import b64, unb64
from wire.errors import Invalid

CALLS = ""
"""The place that is no thread: the patient's calls and sessions."""


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
    """One person at one place, before and after."""

    before: model.Decision
    after: model.Decision

    @property
    def concerns(self) -> bool:
        return self.before.permit or self.after.permit


def rehearse(patient: Patient, body: wire.RehearsalIn, now: datetime, *, as_seen_by: User) -> wire.RehearsalOut:
    """Who sees each thread, and the calls, now and after a change; Ct1Error or Invalid for bytes that say nothing.

    One who acts for the patient hears only of threads that are open to them too: what a young person has confided
    elsewhere is not told by way of a rehearsal.
    """
    today = dossier_of(patient.pk)
    assert today is not None
    after = replace(today, snapshot=_after(patient, today.snapshot, body, now))
    shown = [place for function in _places for place in function(patient.pk)]
    if as_seen_by.pk != patient.account_id:
        shown = [place for place in shown if _reads(today, as_seen_by, place, now)]
    named = _grantees(body)
    callers = frozenset[UUID]().union(*(place.members | place.asked for place in shown), named)
    if as_seen_by.pk == patient.account_id:
        callers |= set(CareTeamMember.objects.filter(patient=patient, until=None).values_list("user_id", flat=True))
    everywhere = [*shown, Place(CALLS, (), callers)]
    users = {user.pk: user for user in User.objects.filter(pk__in=callers).exclude(patient=patient)}
    people = people_by_id(users)
    answered = []
    for place in everywhere:
        here = {
            pk: sight
            for pk in sorted((place.members | place.asked) & users.keys())
            if (sight := _sight(today, after, users[pk], place, now)).concerns
        }
        seers = [_seer(users[pk], people.get(pk, NOBODY), sight) for pk, sight in here.items()]
        answered.append(wire.RehearsedPlace(thread=unb64(place.thread) if place.thread else None, seers=seers))
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


def _grantees(body: wire.RehearsalIn) -> frozenset[UUID]:
    """The person whom a new directive names, who may be in nothing yet."""
    if body.kind == "revocation":
        return frozenset()
    directive = ct1.parse_directive(body.body)
    if directive.grantee_kind != GranteeKind.KEY:
        return frozenset()
    return frozenset(KeyBundle.objects.filter(fp=directive.grantee).values_list("user_id", flat=True))


def _reads(dossier: Dossier, user: User, place: Place, now: datetime) -> bool:
    resource = access.place_of(place.thread, place.labels)
    return access.answer(dossier, user, access.question(dossier, user, "thread.read", resource, "TREAT", now)).permit


def _sight(today: Dossier, after: Dossier, user: User, place: Place, now: datetime) -> Sight:
    """Both answers to one question; whoever is only asked into a thread holds no key of it before."""
    action = "thread.read" if place.thread else "session.join"
    asked = access.question(today, user, action, access.place_of(place.thread, place.labels), "TREAT", now)
    before = access.answer(today, user, asked)
    if user.pk not in place.members:
        before = replace(before, permit=False)
    return Sight(before, access.answer(after, user, asked))


def _seer(user: User, person: Person, sight: Sight) -> wire.Seer:
    telling = sight.after if sight.after.permit else sight.before
    return wire.Seer(
        user=user.pk.bytes,
        name=user.name,
        role=person.role,
        organisation=person.organisation,
        before=sight.before.permit,
        after=sight.after.permit,
        reason=str(telling.reason),
        directives=[unb64(one) for one in telling.basis],
    )
