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
from consent.model import PURPOSE_COVERS, Actor, Directive, Reason, Request
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
class Timeline:
    """What the directives are worth over time: it changes at `instants` alone, so a moment is found by bisection."""

    instants: tuple[datetime, ...]
    worth: tuple[dict[Reason | None, int], ...]
    """For each stretch between instants, by why they do not count (None: they do), the directives."""

    @classmethod
    def of(cls, directives: Sequence[Directive], dead: int) -> Timeline:
        """Sweeps over time, touching at each instant only the directives that change there."""
        changing = _by_moment(directives, lambda one: (one.valid_from, one.valid_until, one.revoked_at))
        reasons = [Reason.NO_CONSENT if dead >> bit & 1 else ending(one, None) for bit, one in enumerate(directives)]
        masks: dict[Reason | None, int] = {}
        for bit, reason in enumerate(reasons):
            masks[reason] = masks.get(reason, 0) | 1 << bit
        stretches = [dict(masks)]
        for instant in sorted(changing):
            for bit in changing[instant]:
                if not dead >> bit & 1:
                    masks[reasons[bit]] &= ~(1 << bit)
                    reasons[bit] = ending(directives[bit], instant)
                    masks[reasons[bit]] = masks.get(reasons[bit], 0) | 1 << bit
            stretches.append(dict(masks))
        return cls(tuple(sorted(changing)), tuple(stretches))

    def at(self, now: datetime) -> dict[Reason | None, int]:
        return self.worth[bisect_right(self.instants, now)]

    def active(self, now: datetime) -> int:
        return self.at(now).get(None, 0)


@dataclass(frozen=True)
class Ages:
    """Which directives' data periods hold an item, by when it was written; undated ones hold every item."""

    instants: tuple[datetime, ...]
    holding: tuple[int, ...]
    unknown: int
    """For an item of unknown age: the undated, and every deny."""

    @classmethod
    def of(cls, directives: Sequence[Directive]) -> Ages:
        changing = _by_moment(directives, lambda one: (one.data_from, one.data_until))
        undated = sum(
            1 << bit for bit, one in enumerate(directives) if one.data_from is None and one.data_until is None
        )
        mask = sum(1 << bit for bit, one in enumerate(directives) if one.data_from is None)
        stretches = [mask]
        for instant in sorted(changing):
            for bit in changing[instant]:
                one = directives[bit]
                # What changes here begins or ends here, so that "has it begun" need not be asked.
                holds = one.data_until is None or instant < one.data_until
                mask = mask | 1 << bit if holds else mask & ~(1 << bit)
            stretches.append(mask)
        denies = sum(1 << bit for bit, one in enumerate(directives) if one.effect == "deny")
        return cls(tuple(sorted(changing)), tuple(stretches), undated | denies)

    def of_item(self, authored_at: datetime | None) -> int:
        return self.unknown if authored_at is None else self.holding[bisect_right(self.instants, authored_at)]


def _by_moment(
    directives: Sequence[Directive], moments: Callable[[Directive], Iterable[datetime | None]]
) -> dict[datetime, list[int]]:
    """The places of the directives that something happens to, by when."""
    found: dict[datetime, list[int]] = {}
    for bit, one in enumerate(directives):
        for moment in moments(one):
            if moment is not None:
                found.setdefault(moment, []).append(bit)
    return found


_TELLING = (Reason.REVOKED, Reason.EXPIRED, Reason.NOT_YET_VALID)
"""Why a permit does not count, the most telling first."""


@dataclass(frozen=True)
class Index:
    """All directives of one snapshot, ready to be asked; masks are returned, `ids` and `among` read them."""

    directives: tuple[Directive, ...]
    permits: int
    denies: int
    team_bound: int
    unlabelled_denies: int
    timeline: Timeline
    ages: Ages
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
            unlabelled_denies=those(lambda one: one.effect == "deny" and not one.labels),
            timeline=Timeline.of(directives, superseded(directives)),
            ages=Ages.of(directives),
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
        return found & self.ages.of_item(resource.authored_at)

    def denying(self, speaking: int, request: Request) -> int:
        """R3: a deny in force without labels reaches everything, one with labels whatever overlaps."""
        found = speaking & self.denies & self.timeline.active(request.now)
        if not found:
            return 0
        overlapping = self.unlabelled_denies
        for label in labels_reached(request.resource.labels):
            overlapping |= self.labelled.get(label, 0)
        return found & overlapping

    def permitting(self, speaking: int, request: Request) -> int:
        """R4: a permit in force must name every protected label, itself or by a wider code."""
        found = speaking & self.permits & self.timeline.active(request.now)
        if found and request.resource.labels:
            for label in protected(request.resource.labels):
                covered = 0
                for wider in covering(label):
                    covered |= self.labelled.get(wider, 0)
                found &= covered
        return found

    def why_not(self, speaking: int, request: Request) -> Reason:
        """The most telling reason why no permit reaches the request, in a fixed order."""
        near, worth = speaking & self.permits, self.timeline.at(request.now)
        if near & worth.get(None, 0):
            return Reason.LABEL_NOT_COVERED
        return next((reason for reason in _TELLING if near & worth.get(reason, 0)), Reason.NO_CONSENT)

    def naming_denies(self, actor: Actor, now: datetime) -> int:
        """The denies in force that name this very person, for whatever purpose."""
        users = self.fields[0]
        return users.by(actor.id) & ~users.silent & self.denies & self.timeline.active(now)

    def among(self, mask: int) -> list[Directive]:
        """The directives of a mask, in the snapshot's order."""
        found = []
        while mask:
            bit = mask & -mask
            found.append(self.directives[bit.bit_length() - 1])
            mask ^= bit
        return found

    def ids(self, mask: int) -> tuple[str, ...]:
        known = self._ids.get(mask)
        if known is None:
            if len(self._ids) >= MEMORY:
                self._ids.clear()
            known = self._ids[mask] = tuple(one.id for one in self.among(mask))
        return known


def _purposes(directive: Directive) -> frozenset[str] | None:
    """A directive's purposes and whatever each of them covers."""
    stated = directive.purposes
    if stated is None:
        return None
    return frozenset[str]().union(*(PURPOSE_COVERS.get(one, frozenset({one})) for one in stated))
