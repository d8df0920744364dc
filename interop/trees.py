"""How the provisions of a Consent bear on each other, in the two readings that exist, as a flat list of rules.

PCF: a nested provision is looked at first and decides; what it leaves unsaid is as the root says. Core FHIR: a nested
provision is an exception within its parent, and is not reached where the parent does not match. Here every deny beats
every permit, so an exception that opens part of what a deny shuts cannot be held, and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from consent.labels import labels_reached
from consent.model import (
    PROTECTED_LABELS,
    PURPOSE_COVERS,
    READING,
    UNPROTECTED_LABELS,
    Directive,
    Grantee,
)
from interop.provisions import Provision, Values

Which = Literal["pcf", "core"]
READINGS: tuple[Which, ...] = ("pcf", "core")


@dataclass(frozen=True)
class Note:
    """A choice that the reading made where FHIR leaves room, or what came to nothing."""

    path: str
    code: str
    message: str


@dataclass
class Flat:
    """The rules, each with the path it came from, and what is to be said about them."""

    rules: list[tuple[str, Directive]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    base: Literal["permit", "deny"] = "deny"

    def note(self, provision: Provision, code: str, message: str) -> None:
        self.notes.append(Note(provision.path, code, message))


def flatten(root: Provision, which: Which) -> Flat:
    """The rules that a tree of provisions comes to; what they cannot hold is refused on the elements themselves."""
    flat = Flat(base="permit" if root.effect == "permit" else "deny")
    own = [_finished(rule, root, which) for rule in root.rules]
    _note_silence(root, which, flat)
    if root.effect == "permit":
        _check_reaches_normal(root, own, [])
    base_alone = root.effect == "deny" and root.bare and bool(root.nested)
    if base_alone:
        flat.note(root, "base-is-the-default", "It shuts what its exceptions do not open: nothing is said of that.")
    else:
        flat.rules += [(root.path, rule) for rule in own]
    for child in root.nested:
        if which == "pcf":
            _pcf(child, root, own, flat, base_alone=base_alone)
        else:
            _core(child, root, list(root.rules), flat, base_alone=base_alone, top=True)
    return flat


def _pcf(child: Provision, root: Provision, own: list[Directive], flat: Flat, *, base_alone: bool) -> None:
    if child.nested:
        child.element.refuse("nested-too-deep", "PCF knows one level of exceptions.", "provision")
        return
    rules = [_inherited(_finished(rule, child, "pcf"), parent, child) for rule in child.rules for parent in own]
    reachable = [rule for rule in rules if _lasts(rule)]
    if not reachable:
        flat.note(child, "never-reached", "Its time lies outside that of the Consent.")
    if child.effect == "permit":
        _check_reaches_normal(child, reachable, own if root.effect == "permit" else [])
        denies = [] if root.effect == "permit" or base_alone else own
        if any(not _disjoint(rule, deny) for rule in reachable for deny in denies):
            _refuse_exception(child)
    flat.rules += [(child.path, rule) for rule in dict.fromkeys(reachable)]


def _core(
    child: Provision, parent: Provision, above: list[Directive], flat: Flat, *, base_alone: bool, top: bool
) -> None:
    """`above` are the parent's own rules within its own parents', by which it is reached."""
    within = [_within(rule, outer, child, top=top) for rule in child.rules for outer in above]
    reached = [rule for rule in within if rule is not None and _lasts(rule)]
    if not reached:
        flat.note(child, "never-reached", "What it speaks of lies outside its parent.")
        return
    if child.effect == "permit" and parent.effect == "deny" and not base_alone:
        _refuse_exception(child)
        return
    if child.effect == parent.effect and not base_alone:
        flat.note(child, "says-the-same", "It says what its parent says.")
    else:
        finished = [_finished(rule, child, "core") for rule in reached]
        if child.effect == "permit":
            _check_reaches_normal(child, finished, [])
        flat.rules += [(child.path, rule) for rule in dict.fromkeys(finished)]
    for one in child.nested:
        _core(one, child, reached, flat, base_alone=False, top=False)


def _refuse_exception(child: Provision) -> None:
    child.element.refuse("exception-to-deny", "A deny here shuts all it names: no permit opens a part of it.")


def _note_silence(root: Provision, which: Which, flat: Flat) -> None:
    if root.effect == "permit" and not root.actions_said:
        flat.note(root, "no-action-is-reading", "A permit that names no action permits reading.")
    if root.effect == "permit" and root.labels is None:
        if which == "core":
            flat.note(root, "no-label-is-every-label", "Core FHIR: no label is no limit, so every label is named.")
        else:
            flat.note(root, "no-label-is-unlabelled", "A permit that names no label reaches what has none.")


def _finished(rule: Directive, provision: Provision, which: Which) -> Directive:
    """A permit's silence put into our terms: without an action it is for reading; labels are named."""
    if rule.effect == "deny":
        return rule
    if not provision.actions_said and rule.actions is None:
        rule = replace(rule, actions=READING)
    if provision.labels is None and which == "core" and not rule.labels:
        return replace(rule, labels=PROTECTED_LABELS)
    return replace(rule, labels=rule.labels - UNPROTECTED_LABELS)


def _check_reaches_normal(provision: Provision, rules: list[Directive], base: list[Directive]) -> None:
    """A permit of ours that names a label reaches unlabelled things too; one of FHIR's does not, unless it says `N`."""
    if provision.labels is None or provision.labels & UNPROTECTED_LABELS:
        return
    if not all(any(_covers(outer, rule) for outer in base) for rule in rules):
        provision.element.refuse(
            "label-without-normal",
            "A permit here cannot reach labelled things alone: it must name N as well.",
            "securityLabel",
        )


_DATA = ("threads", "resources", "authored_by")
"""What FHIR says in one attribute, `data`."""
_SETS = ("actions", "threads", "resources", "categories", "purposes", "authored_by")


def _covers(outer: Directive, inner: Directive) -> bool:
    """Whether the outer permit speaks wherever the inner does, labels aside."""

    def within(wide: Values, narrow: Values) -> bool:
        return wide is None or (narrow is not None and narrow <= wide)

    sets = all(within(getattr(outer, name), getattr(inner, name)) for name in _SETS)
    people = outer.grantee in (Grantee(), inner.grantee)
    times = all(getattr(outer, name) in (None, getattr(inner, name)) for name in _TIMES)
    return sets and people and times


_TIMES = ("valid_from", "valid_until", "data_from", "data_until")


def _lasts(rule: Directive) -> bool:
    return rule.valid_from is None or rule.valid_until is None or rule.valid_from < rule.valid_until


def _inherited(rule: Directive, parent: Directive, child: Provision) -> Directive:
    """PCF: what an exception leaves unsaid is as the root says; its time lies within the root's.

    A deny does not take over the root's labels: it is silent on labels to reach all of them.
    """
    said = [getattr(rule, name) is not None for name in _DATA]
    unsaid = {
        name: getattr(parent, name)
        for name in _SETS
        if getattr(rule, name) is None and not (name in _DATA and any(said))
    }
    if not child.actions_said:
        unsaid["actions"] = parent.actions if rule.effect == parent.effect else rule.actions
    if rule.data_from is None and rule.data_until is None:
        unsaid |= {"data_from": parent.data_from, "data_until": parent.data_until}
    if rule.effect == "permit" and child.labels is None:
        unsaid["labels"] = parent.labels if parent.effect == "permit" else frozenset()
    unnamed = rule.grantee == Grantee(but=rule.grantee.but)
    grantee = replace(parent.grantee, but=parent.grantee.but | rule.grantee.but) if unnamed else rule.grantee
    return replace(
        rule,
        **unsaid,
        grantee=grantee,
        valid_from=_later(rule.valid_from, parent.valid_from),
        valid_until=_earlier(rule.valid_until, parent.valid_until),
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _disjoint(permit: Directive, deny: Directive) -> bool:
    """Whether no request can match both, for certain."""
    single = any(
        (one := getattr(permit, name)) is not None
        and (other := getattr(deny, name)) is not None
        and one.isdisjoint(other)
        for name in _SETS
        if name != "purposes"
    )
    users, denied = permit.grantee.users, deny.grantee.users
    if users is not None and denied is not None and users.isdisjoint(denied):
        return True
    if permit.purposes is not None and deny.purposes is not None and not _purposes(permit.purposes, deny.purposes):
        return True
    return single or (bool(deny.labels) and not _share_a_label(permit, deny))


def _share_a_label(permit: Directive, deny: Directive) -> bool:
    """Whether some label may stand on a thing that the permit covers and the deny reaches."""
    wider = {label: labels_reached(frozenset({label})) for label in PROTECTED_LABELS | UNPROTECTED_LABELS}
    covered = (label for label, reach in wider.items() if label in UNPROTECTED_LABELS or reach & permit.labels)
    return any(wider[label] & deny.labels for label in covered)


def _within(rule: Directive, outer: Directive, child: Provision, *, top: bool) -> Directive | None:
    """Core FHIR: what both match; None where nothing can, refused where the model cannot say it."""
    both: dict[str, Any] = {}
    for name in _SETS:
        one, other = getattr(rule, name), getattr(outer, name)
        both[name] = other if one is None else one if other is None else _common(name, one, other)
        if both[name] == frozenset() and one and other:
            return None
    grantee = _both_grantees(rule.grantee, outer.grantee, child)
    labels = _both_labels(rule, outer, child, top=top)
    if grantee is None or labels is None:
        return None
    return replace(
        rule,
        **both,
        grantee=grantee,
        labels=labels,
        valid_from=_later(rule.valid_from, outer.valid_from),
        valid_until=_earlier(rule.valid_until, outer.valid_until),
        data_from=_later(rule.data_from, outer.data_from),
        data_until=_earlier(rule.data_until, outer.data_until),
    )


def _common(name: str, one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return _purposes(one, other) if name == "purposes" else one & other


def _purposes(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The purposes that both reach: a wider one covers narrower ones."""

    def reached(purposes: frozenset[str]) -> frozenset[str]:
        return purposes.union(*(PURPOSE_COVERS.get(purpose, frozenset()) for purpose in purposes))

    return frozenset((one & reached(other)) | (other & reached(one)))


def _both_labels(rule: Directive, outer: Directive, child: Provision, *, top: bool) -> frozenset[str] | None:
    """Labels that both name, by hierarchy; None where they name none in common.

    A deny cannot be limited to normal things. Within the root it need not be, since outside of the root nothing is
    open; further in, something may be.
    """
    if rule.effect == "deny" and not rule.labels and outer.labels & UNPROTECTED_LABELS:
        if not top:
            child.element.refuse("deny-of-normal", "A deny here cannot reach just what has no label.")
        return frozenset()
    if not rule.labels or not outer.labels:
        return rule.labels or outer.labels
    common = {one for one in rule.labels if labels_reached(frozenset({one})) & outer.labels}
    common |= {one for one in outer.labels if labels_reached(frozenset({one})) & rule.labels}
    return frozenset(common) or None


def _both_grantees(one: Grantee, other: Grantee, child: Provision) -> Grantee | None:
    """Who is meant by both; a person is one user but may be in several organisations, roles and teams."""
    users = one.users if other.users is None else other.users if one.users is None else one.users & other.users
    if users == frozenset() and one.users and other.users:
        return None
    both: dict[str, Any] = {}
    for name in ("orgs", "roles", "teams"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine is None or theirs is None or mine >= theirs or theirs >= mine:
            both[name] = min((x for x in (mine, theirs) if x is not None), key=len, default=None)
        else:
            child.element.refuse("actors-not-held", "Rules here cannot ask for two groups of people at once.", "actor")
            return None
    return Grantee(
        users=users, **both, any_team_member=one.any_team_member or other.any_team_member, but=one.but | other.but
    )
