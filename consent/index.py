"""The directives of a snapshot as bits: which of them speak to a request is a handful of ANDs.

Bit n stands for the snapshot's directive n. Each field of a directive becomes a table from a value to the directives
that allow it, so that a question costs the same few look-ups whether a patient has said one thing or fifty. The rules
R1 to R6 of docs/consent.md are all here; tests hold this reading against a plain one, directive by directive.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from consent.labels import covering, labels_reached, protected
from consent.model import PURPOSE_COVERS, Actor, Directive, Reason, Request, Resource
from consent.validity import ending, superseded

MEMORY = 1024
"""Sets of directives whose ids are remembered; a patient's few clinicians make a few sets."""


@dataclass(frozen=True)
class Allowed:
    """One field of all directives: for a value, those that name it or state nothing."""

    silent: int
    naming: dict[str, int]

    @classmethod
    def of(cls, stated: Sequence[Iterable[str] | None]) -> Allowed:
        silent = sum(1 << bit for bit, values in enumerate(stated) if values is None)
        naming: dict[str, int] = {}
        for bit, values in enumerate(stated):
            for value in values or ():
                naming[value] = naming.get(value, silent) | 1 << bit
        return cls(silent, naming)

    def by(self, value: str) -> int:
        return self.naming.get(value, self.silent)

    def by_any(self, values: Iterable[str]) -> int:
        found = self.silent
        for value in values:
            found |= self.naming.get(value, 0)
        return found


@dataclass(frozen=True)
class Standing:
    """What the directives are worth in one stretch of time."""

    active: int
    endings: tuple[tuple[Reason, int], ...]
    """Why the others do not count, the most telling first."""


@dataclass(frozen=True)
class Timeline:
    """The directives' worth over time: it changes at `instants` alone."""

    instants: tuple[datetime, ...]
    stretches: tuple[Standing, ...]

    @classmethod
    def of(cls, directives: Sequence[Directive], dead: int) -> Timeline:
        changes = {
            moment for one in directives for moment in (one.valid_from, one.valid_until, one.revoked_at) if moment
        }
        instants = tuple(sorted(changes))
        # Before the first instant it is as a moment earlier than all; afterwards as at the instant itself.
        return cls(instants, tuple(_standing(directives, dead, at) for at in (None, *instants)))

    def at(self, now: datetime) -> Standing:
        return self.stretches[bisect_right(self.instants, now)]


def _standing(directives: Sequence[Directive], dead: int, at: datetime | None) -> Standing:
    worth = [ending(one, at) if not dead >> bit & 1 else Reason.NO_CONSENT for bit, one in enumerate(directives)]
    told = (Reason.REVOKED, Reason.EXPIRED, Reason.NOT_YET_VALID)
    return Standing(_bits(worth, None), tuple((reason, _bits(worth, reason)) for reason in told))


def _bits(worth: Sequence[Reason | None], wanted: Reason | None) -> int:
    return sum(1 << bit for bit, reason in enumerate(worth) if reason is wanted)


@dataclass(frozen=True)
class Index:
    """All directives of one snapshot, ready to be asked; masks are returned, `ids` and `among` read them."""

    directives: tuple[Directive, ...]
    permits: int
    denies: int
    team_bound: int
    dated: int
    unlabelled_denies: int
    timeline: Timeline
    fields: tuple[Allowed, Allowed, Allowed, Allowed, Allowed, Allowed, Allowed]
    """Users, actions, threads, resources, categories, authors, patients: asked with one value each."""
    groups: tuple[Allowed, Allowed, Allowed]
    """Organisations, roles, teams: a person has several."""
    purposes: Allowed
    labelled: dict[str, int]
    """For a label, the directives that name it."""
    excepting: dict[str, int]
    """For a user, the directives that except them."""
    _ids: dict[int, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, directives: tuple[Directive, ...]) -> Index:
        def allowed(values: Callable[[Directive], Iterable[str] | None]) -> Allowed:
            return Allowed.of([values(one) for one in directives])

        def those(test: Callable[[Directive], bool]) -> int:
            return sum(1 << bit for bit, one in enumerate(directives) if test(one))

        def holding(values: Callable[[Directive], frozenset[str]]) -> dict[str, int]:
            every = frozenset[str]().union(*(values(one) for one in directives))
            return {value: those(lambda one, value=value: value in values(one)) for value in every}  # type: ignore[misc]

        return cls(
            directives=directives,
            permits=those(lambda one: one.effect == "permit"),
            denies=those(lambda one: one.effect == "deny"),
            team_bound=those(lambda one: one.grantee.any_team_member),
            dated=those(lambda one: one.data_from is not None or one.data_until is not None),
            unlabelled_denies=those(lambda one: one.effect == "deny" and not one.labels),
            timeline=Timeline.of(directives, superseded(directives)),
            fields=(
                allowed(lambda one: one.grantee.users),
                allowed(lambda one: one.actions),
                allowed(lambda one: one.threads),
                allowed(lambda one: one.resources),
                allowed(lambda one: one.categories),
                allowed(lambda one: one.authored_by),
                allowed(lambda one: (one.patient,) if one.patient else None),
            ),
            groups=(
                allowed(lambda one: one.grantee.orgs),
                allowed(lambda one: one.grantee.roles),
                allowed(lambda one: one.grantee.teams),
            ),
            purposes=allowed(_purposes),
            labelled=holding(lambda one: one.labels),
            excepting=holding(lambda one: one.grantee.but),
        )

    def speaking(self, request: Request) -> int:
        """R2: every field that a directive states matches, its labels and its period of validity aside."""
        actor, resource = request.actor, request.resource
        users, actions, threads, resources, categories, authors, patients = self.fields
        found = (
            users.by(actor.id)
            & actions.by(request.action)
            & threads.by(resource.thread)
            & resources.by(resource.id)
            & categories.by(resource.category)
            & authors.by(resource.author)
            & patients.by(request.patient.id)
            & self.purposes.by(request.purpose)
        )
        if not found:
            return 0
        orgs, roles, teams = self.groups
        found &= orgs.by_any(actor.orgs) & roles.by_any(actor.roles) & teams.by_any(actor.teams)
        found &= ~self.excepting.get(actor.id, 0)
        if found & self.team_bound and actor.teams.isdisjoint(resource.teams):
            found &= ~self.team_bound
        return self._of_age(found, resource) if found & self.dated else found

    def _of_age(self, found: int, resource: Resource) -> int:
        """Those whose data period holds the item; of unknown age it is reached by denies and by no dated permit."""
        if resource.authored_at is None:
            return found & ~(self.dated & self.permits)
        for bit, one in self._each(found & self.dated):
            begun = one.data_from is None or one.data_from <= resource.authored_at
            if not begun or (one.data_until is not None and resource.authored_at >= one.data_until):
                found &= ~bit
        return found

    def denying(self, speaking: int, request: Request) -> int:
        """R3: a deny in force without labels reaches everything, one with labels whatever overlaps."""
        found = speaking & self.denies & self.timeline.at(request.now).active
        if not found:
            return 0
        overlapping = self.unlabelled_denies
        for label in labels_reached(request.resource.labels):
            overlapping |= self.labelled.get(label, 0)
        return found & overlapping

    def permitting(self, speaking: int, request: Request) -> int:
        """R4: a permit in force must name every protected label, itself or by a wider code."""
        found = speaking & self.permits & self.timeline.at(request.now).active
        if found and request.resource.labels:
            for label in protected(request.resource.labels):
                covered = 0
                for wider in covering(label):
                    covered |= self.labelled.get(wider, 0)
                found &= covered
        return found

    def why_not(self, speaking: int, request: Request) -> Reason:
        """The most telling reason why no permit reaches the request, in a fixed order."""
        near, standing = speaking & self.permits, self.timeline.at(request.now)
        if near & standing.active:
            return Reason.LABEL_NOT_COVERED
        return next((reason for reason, ended in standing.endings if near & ended), Reason.NO_CONSENT)

    def naming_denies(self, actor: Actor, now: datetime) -> int:
        """The denies in force that name this very person, for whatever purpose."""
        users = self.fields[0]
        return users.by(actor.id) & ~users.silent & self.denies & self.timeline.at(now).active

    def naming_label(self, label: str) -> int:
        return self.labelled.get(label, 0)

    def among(self, mask: int) -> list[Directive]:
        return [one for _, one in self._each(mask)]

    def ids(self, mask: int) -> tuple[str, ...]:
        known = self._ids.get(mask)
        if known is None:
            if len(self._ids) >= MEMORY:
                self._ids.clear()
            known = self._ids[mask] = tuple(one.id for one in self.among(mask))
        return known

    def _each(self, mask: int) -> Iterable[tuple[int, Directive]]:
        while mask:
            bit = mask & -mask
            yield bit, self.directives[bit.bit_length() - 1]
            mask ^= bit


def _purposes(directive: Directive) -> frozenset[str] | None:
    """A directive's purposes and whatever each of them covers."""
    stated = directive.purposes
    if stated is None:
        return None
    return frozenset[str]().union(*(PURPOSE_COVERS.get(one, frozenset({one})) for one in stated))
