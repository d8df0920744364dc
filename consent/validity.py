"""Whether a directive counts: its status, its period, its withdrawal, and what took its place (rules R1 and R6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from consent.model import Directive, Reason


def ending(directive: Directive, at: datetime | None) -> Reason | None:
    """R1: why a directive does not count at a moment (None: before everything), or None when it does."""

    def passed(moment: datetime | None) -> bool:
        return moment is not None and at is not None and moment <= at

    if directive.status == "revoked" or passed(directive.revoked_at):
        return Reason.REVOKED
    if directive.status == "expired" or passed(directive.valid_until):
        return Reason.EXPIRED
    if directive.valid_from is not None and not passed(directive.valid_from):
        return Reason.NOT_YET_VALID
    return None if directive.status == "active" else Reason.NO_CONSENT


_NEVER_SAID = frozenset({"draft", "proposed", "entered-in-error"})


def superseded(directives: Sequence[Directive]) -> int:
    """The directives that a later word has replaced, as bits; for good, since its own end does not bring them back.

    What was never said replaces nothing. Where words replace each other in a circle there is no later one: none of
    them replaces anything, the permits among them are void and the denies stand.
    """
    links = {one.id: one.supersedes for one in directives if one.supersedes and one.status not in _NEVER_SAID}
    circular = _circular(links)
    replaced = {old for one, olds in links.items() if one not in circular for old in olds}
    replaced |= {one.id for one in directives if one.id in circular and one.effect == "permit"}
    return sum(1 << bit for bit, one in enumerate(directives) if one.id in replaced)


def _circular(links: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Those that come back to themselves, looked for among what remains when all loose ends have been cut off."""
    caught = frozenset(links)
    while True:
        pointed_at = frozenset[str]().union(*(links[one] for one in caught))
        kept = frozenset(one for one in caught & pointed_at if links[one] & caught)
        if kept == caught:
            return frozenset(one for one in caught if one in _reached(links, one))
        caught = kept


def _reached(links: Mapping[str, frozenset[str]], start: str) -> set[str]:
    """Whatever a directive replaces, itself or through others."""
    seen, ahead = set[str](), list(links[start])
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            ahead.extend(links.get(one, ()))
    return seen
