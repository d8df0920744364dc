"""One provision of a FHIR Consent, by itself, as rules of the model; how provisions nest is for interop.trees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from consent.model import ACTIONS, CATEGORIES, PURPOSES, READING, UNPROTECTED_LABELS, Directive, Grantee
from interop import codes
from interop.elements import Element, spelled
from interop.moments import period
from interop.references import Context, Target, coding_of, concept_of, id_of, target_of

Values = frozenset[str] | None


@dataclass(frozen=True)
class Provision:
    """A provision with its own rules: several, where it names people or data of several kinds (any of which counts)."""

    element: Element
    effect: str
    rules: tuple[Directive, ...]
    labels: Values
    """None: it names none."""
    actions_said: bool
    nested: tuple[Provision, ...]

    @property
    def path(self) -> str:
        return spelled(self.element.path)

    @property
    def bare(self) -> bool:
        """Whether it names nobody and nothing, its time of validity aside: a base for its exceptions."""
        plain = Directive(id="", effect=self.rules[0].effect)
        rules = tuple(replace(one, valid_from=None, valid_until=None, actions=None) for one in self.rules)
        return rules == (plain,) and self.labels is None and not self.actions_said


def read_provision(element: Element, context: Context) -> Provision:
    """Reads a provision and those within it; everything that cannot be held is refused on the way."""
    effect = element.text("type")
    if effect not in ("permit", "deny"):
        element.refuse("effect-missing", "A provision must say permit or deny.", "type")
    modifiers = _own_modifiers(element)
    begin, until = period(element.child("period"), context.zone)
    data_from, data_until = period(element.child("dataPeriod"), context.zone)
    actions, labels = _actions(element), _labels(element)
    if effect == "deny" and labels and labels & UNPROTECTED_LABELS:
        element.refuse("deny-of-normal", "A deny here cannot reach just what has no label.", "securityLabel")
    categories, purposes = _classes(element), _purposes(element)
    for index, _ in enumerate(element.children("code")):
        element.refuse("code-not-held", "Kinds of content are categories here, and no clinical codes.", "code", index)
    rule = Directive(
        id="",
        effect="permit" if effect == "permit" else "deny",
        actions=actions,
        categories=categories,
        purposes=purposes,
        labels=labels or frozenset(),
        data_from=data_from,
        data_until=data_until,
        valid_from=begin,
        valid_until=until,
    )
    grantees = _grantees(element, context, each_kind=modifiers.actors_of_each_kind)
    reaches = _data(element, context, each_kind=modifiers.data_of_each_kind)
    rules = tuple(
        replace(rule, grantee=replace(grantee, but=modifiers.but), **reach) for grantee in grantees for reach in reaches
    )
    nested = tuple(read_provision(one, context) for one in element.children("provision"))
    return Provision(element, effect, rules, labels, element.has("action"), nested)


@dataclass(frozen=True)
class _Modifiers:
    """What our own modifiers say, where FHIR has people or data of any kind count, and excepts nobody."""

    actors_of_each_kind: bool
    data_of_each_kind: bool
    but: frozenset[str]


def _own_modifiers(element: Element) -> _Modifiers:
    """Reads those that are ours; any other stays unread, and so is refused."""
    flags = {codes.extension_url(name): name for name in ("actors-of-each-kind", "data-of-each-kind")}
    found: set[str] = set()
    but: set[str] = set()
    for extension in element.children("modifierExtension"):
        for url, name in flags.items():
            if extension.says("url", url) and extension.says("valueBoolean", True):
                extension.text("url")
                extension.flag("valueBoolean")
                found.add(name)
        if extension.says("url", codes.extension_url("but")):
            extension.text("url")
            but.add(extension.text("valueString"))
    return _Modifiers("actors-of-each-kind" in found, "data-of-each-kind" in found, frozenset(but))


def _actions(element: Element) -> Values:
    if not element.has("action"):
        return None
    found: set[str] = set()
    for index, one in enumerate(element.children("action")):
        match concept_of(one):
            case (codes.ACTION_SYSTEM, "any"):
                return None
            case (codes.ACTION_SYSTEM, word) if word in ACTIONS:
                found.add(word)
            case (codes.CONSENT_ACTION, "access"):
                found |= READING
            case (codes.NOTHING_SYSTEM, "none"):
                pass
            case _:
                element.refuse("action-not-held", "No action here is the same as this one.", "action", index)
    return frozenset(found)


def _labels(element: Element) -> Values:
    if not element.has("securityLabel"):
        return None
    found = set()
    for index, one in enumerate(element.children("securityLabel")):
        label = codes.LABELS.get(coding_of(one))
        if label is None:
            element.refuse("label-not-held", "This security label is not known here.", "securityLabel", index)
        else:
            found.add(label)
    return frozenset(found)


def _purposes(element: Element) -> Values:
    if not element.has("purpose"):
        return None
    found = set()
    for index, one in enumerate(element.children("purpose")):
        system, code = coding_of(one)
        if system == codes.ACT_REASON and code in PURPOSES:
            found.add(code)
        elif (system, code) != (codes.NOTHING_SYSTEM, "none"):
            element.refuse("purpose-not-held", "This purpose is not known here.", "purpose", index)
    return frozenset(found)


def _classes(element: Element) -> Values:
    if not element.has("class"):
        return None
    found: set[str] = set()
    for index, one in enumerate(element.children("class")):
        system, code = coding_of(one)
        if system == codes.CATEGORY_SYSTEM and code in CATEGORIES:
            found.add(code)
        elif system == codes.RESOURCE_TYPES and code in codes.CLASS_CATEGORIES:
            found |= codes.CLASS_CATEGORIES[code]
        elif (system, code) != (codes.NOTHING_SYSTEM, "none"):
            element.refuse("class-not-held", "No category here holds exactly this kind of content.", "class", index)
    return frozenset(found)


_ACTOR_FIELDS = {"Practitioner": "users", "Organization": "orgs", "CareTeam": "teams"}


def _grantees(element: Element, context: Context, *, each_kind: bool) -> list[Grantee]:
    """Whom it speaks of: one grantee a kind, since people of any kind count; one in all where each kind must match."""
    named: dict[str, set[str]] = {}
    any_member = False
    for actor in element.children("actor"):
        _role(actor)
        found = target_of(actor.child("reference"))
        if found == Target("Group", system=codes.GRANTEE_ID, value=codes.ANY_TEAM_MEMBER):
            any_member = True
            continue
        field = _actor_field(actor, found, context)
        if field is not None:
            named.setdefault(field[0], set()).update(field[1])
    fields: dict[str, Any] = {name: frozenset(values) for name, values in named.items()}
    if each_kind:
        return [Grantee(**fields, any_team_member=any_member)]
    each = [Grantee(**{name: values}) for name, values in fields.items()]
    return each + [Grantee(any_team_member=True)] * any_member or [Grantee()]


def _role(actor: Element) -> None:
    role = actor.child("role")
    if role is None:
        actor.refuse("actor-role-missing", "An actor's role says whether it is the one who receives.", "role")
    elif concept_of(role) != (codes.PARTICIPATION, codes.IDENTIFIABLE):
        role.refuse("actor-role-not-held", "Rules here speak of those who receive information (IRCP) alone.")


def _actor_field(actor: Element, found: Target | None, context: Context) -> tuple[str, list[str]] | None:
    """(field of the grantee, its values)."""
    if found is None:
        if not actor.has("reference"):
            actor.refuse("actor-missing", "An actor must be named.", "reference")
        return None
    if found.system == codes.ROLE_ID:
        return "roles", [found.value]
    if found.system == codes.NOTHING_SYSTEM and found.value in ("users", "orgs", "roles", "teams"):
        return found.value, []
    field = _ACTOR_FIELDS.get(found.kind)
    if field is None:
        actor.refuse("actor-kind-not-held", "Rules here name people, organisations, teams and roles.", "reference")
        return None
    known = id_of(found, context)
    if known is None:
        actor.refuse("actor-unknown", "Nobody known here is meant by this.", "reference")
        return None
    return field, [known]


def _data(element: Element, context: Context, *, each_kind: bool) -> list[dict[str, Any]]:
    """Which data it speaks of, by field of the rule: one mapping a kind, or one in all; `[{}]` for all data."""
    named: dict[str, set[str]] = {}
    for one in element.children("data"):
        meaning, found = one.text("meaning"), target_of(one.child("reference"))
        if found is None:
            one.refuse("data-not-held", "The data must be referred to.", "reference")
            continue
        field = _data_field(meaning, found, context)
        if field is None:
            one.refuse("data-not-held", "Rules here name threads, items and authors.")
            continue
        named.setdefault(field[0], set()).update(field[1])
    fields: dict[str, Any] = {name: frozenset(values) for name, values in named.items()}
    if each_kind:
        return [fields]
    return [{name: values} for name, values in fields.items()] or [{}]


def _data_field(meaning: str, found: Target, context: Context) -> tuple[str, list[str]] | None:
    if found.system == codes.NOTHING_SYSTEM and found.value in ("threads", "resources", "authored_by"):
        return found.value, []
    if meaning == "dependents" and found.system == codes.THREAD_ID:
        return "threads", [found.value]
    if meaning == "instance" and found.system == codes.RESOURCE_ID:
        return "resources", [found.value]
    known = id_of(found, context)
    if known is None:
        return None
    if meaning == "instance" and found.id:
        return "resources", [known]
    return ("authored_by", [known]) if meaning == "authoredby" and found.kind == "Practitioner" else None
