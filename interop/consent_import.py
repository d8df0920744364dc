"""A FHIR R4 Consent as rules of the model, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from consent.model import Directive
from interop import codes
from interop.elements import Element, Reading, Refusal, Refused, too_deep
from interop.moments import moment
from interop.provisions import read_provision
from interop.references import Context, coding_of, concept_of, id_of, target_of
from interop.trees import Flat, Note, Which, flatten
from interop.validation import structural_refusals

STATUSES = {
    "draft": "draft",
    "proposed": "proposed",
    "active": "active",
    "inactive": "revoked",
    "entered-in-error": "entered-in-error",
}
"""`rejected` is missing: nobody here keeps what was never agreed. `inactive` is read as withdrawn, the stricter way."""
OWN_STATES = frozenset({"revoked", "superseded", "expired"})
_PART2 = frozenset({"none", "named", "tpo"})
_REDISCLOSE = frozenset({"hipaa", "reconsent", "never"})
_SPECIFIC = frozenset({"psychotherapy_notes", "part2_proceedings"})


@dataclass(frozen=True)
class Imported:
    """What a Consent comes to: the rules, where each came from, and how it was read."""

    id: str
    reading: Which
    directives: tuple[Directive, ...]
    paths: tuple[str, ...]
    """For each directive the provision that it came from."""
    base: Literal["permit", "deny"]
    """What the Consent's root says; whatever no rule speaks of is shut either way."""
    patient: str
    dated: datetime | None
    profiles: tuple[str, ...]
    policies: tuple[str, ...]
    notes: tuple[Note, ...]
    is_test: bool
    """The Consent marks itself as test data."""
    identifiers: tuple[str, ...]
    """What others call it, as `system|value`."""


@dataclass(frozen=True)
class _Own:
    """What our own extensions say of the whole rule."""

    state: str = ""
    ended_at: datetime | None = None
    supersedes: frozenset[str] = frozenset()
    part2: str = "none"
    specific: frozenset[str] = frozenset()
    redisclose: str = "hipaa"


def import_consent(resource: Mapping[str, Any], which: Which, context: Context | None = None) -> Imported:
    """The rules of a Consent in the PCF or the core reading; raises Refused with every element that cannot be held."""
    context = context or Context()
    if too_deep(resource):
        raise Refused([Refusal("Consent", "too-deep", "It is nested deeper than any Consent has to be.")])
    reading = Reading()
    root = Element(resource, ("Consent",), reading)
    imported = _read(root, which, context)
    for refusal in structural_refusals(resource):
        if not reading.refusals:
            reading.refuse((refusal.path,), refusal.code, refusal.message)
    reading.finish(resource, ("Consent",))
    return imported


def _read(root: Element, which: Which, context: Context) -> Imported:
    if root.text("resourceType") != "Consent":
        root.refuse("resource-not-held", "A Consent is expected.", "resourceType")
    profiles, is_test = _meta(root.child("meta"))
    _kind(root)
    _evidence(root, context)
    own = _own_extensions(root, context)
    patient = _patient(root, context)
    status = _status(root, own)
    grantor = _grantor(root, patient, context)
    policies = _policies(root, context)
    flat = _provisions(root, which, context)
    ours, identifiers = _identifiers(root)
    own_id = root.text("id")
    name = ours or own_id
    directives = tuple(
        replace(
            rule,
            id=name if number == 0 else f"{name}/{number}",
            patient=patient,
            grantor=grantor,
            status=status,
            revoked_at=own.ended_at,
            supersedes=own.supersedes,
            part2=own.part2,
            specific=own.specific,
            redisclose=own.redisclose,
        )
        for number, (_, rule) in enumerate(flat.rules)
    )
    dated = moment(root, "dateTime", context.zone)
    paths = tuple(path for path, _ in flat.rules)
    return Imported(
        name,
        which,
        directives,
        paths,
        flat.base,
        patient,
        dated,
        profiles,
        policies,
        tuple(flat.notes),
        is_test,
        identifiers,
    )


def _meta(meta: Element | None) -> tuple[tuple[str, ...], bool]:
    """The profiles it claims, and whether it marks itself as test data; any other label on it is refused."""
    if meta is None:
        return (), False
    for name in ("versionId", "lastUpdated", "source"):
        meta.text(name)
    profiles = meta.texts("profile")
    for index, profile in enumerate(profiles):
        if profile.partition("|")[0] not in codes.PCF_PROFILES:
            meta.refuse("profile-not-held", "This profile may ask for what is not known here.", "profile", index)
    labels = [coding_of(one) for one in meta.children("security")]
    for index, label in enumerate(labels):
        if label != (codes.ACT_REASON, "HTEST"):
            meta.refuse("label-not-held", "Permissions carry no labels of their own here.", "security", index)
    return tuple(profiles), bool(labels)


def _kind(root: Element) -> None:
    scope = root.child("scope")
    if scope is None or concept_of(scope) != (codes.CONSENT_SCOPE, "patient-privacy"):
        root.refuse("scope-not-held", "Only consents about privacy are read here.", "scope")
    for index, category in enumerate(root.children("category")):
        if concept_of(category) not in codes.CATEGORIES_OF_CONSENT:
            root.refuse("category-not-held", "This kind of consent is not known here.", "category", index)
    rule = root.child("policyRule")
    if rule is not None and concept_of(rule) != (codes.ACT_CODE, "OPTOUT"):
        rule.refuse("policy-rule-not-held", "Here nothing is open but what is permitted: no other base can be kept.")


def _evidence(root: Element, context: Context) -> None:
    """What is kept with a Consent and says nothing to a rule: narrative, custodians, the paper, who verified it."""
    root.text("language")
    narrative = root.child("text")
    if narrative is not None:
        narrative.text("div")
        if narrative.text("status") not in ("generated", "empty"):
            narrative.refuse("narrative-not-held", "Words that say more than the codes cannot be kept.", "status")
    for organisation in root.children("organization"):
        _known(organisation, ("Organization",), context, resolve=False)
    attachment = root.child("sourceAttachment")
    if attachment is not None:
        for name in ("contentType", "language", "data", "url", "hash", "title", "creation"):
            attachment.text(name)
        attachment.number("size")
    source = root.child("sourceReference")
    if source is not None:
        _known(source, ("DocumentReference", "Consent", "Contract", "QuestionnaireResponse"), context, resolve=False)
    for one in root.children("verification"):
        one.flag("verified")
        moment(one, "verificationDate", context.zone)
        verified_with = one.child("verifiedWith")
        if verified_with is not None:
            _known(verified_with, ("Patient", "RelatedPerson"), context)


def _known(reference: Element, kinds: tuple[str, ...], context: Context, *, resolve: bool = True) -> str:
    """The id of whoever is referred to; refuses the wrong kind, and whoever is not known here."""
    found = target_of(reference)
    if found is None:
        return ""
    if found.kind not in kinds:
        reference.refuse("reference-not-held", f"Expected: {', '.join(kinds)}.")
        return ""
    known = id_of(found, context) if resolve else found.id or found.value
    if known is None:
        reference.refuse("reference-unknown", "Nobody known here is meant by this.")
    return known or ""


def _patient(root: Element, context: Context) -> str:
    patient = root.child("patient")
    return _known(patient, ("Patient",), context) if patient is not None else ""


def _grantor(root: Element, patient: str, context: Context) -> str:
    """Whose word it is: the patient's, one representative's, or unsaid (then nothing that asks for the patient's)."""
    performers = root.children("performer")
    if len(performers) > 1:
        root.refuse("performers-not-held", "A permission here is one person's word.", "performer")
        return ""
    for performer in performers:
        found = target_of(performer)
        if found is not None and found.kind == "RelatedPerson" and found.system == codes.GRANTOR_ID:
            return found.value
        if found is not None and found.kind == "RelatedPerson":
            return id_of(found, context) or _unknown(performer)
        if found is None or found.kind != "Patient" or id_of(found, context) != patient:
            performer.refuse("performer-not-held", "Only the patient or a representative gives permission.")
        return "patient"
    return ""


def _unknown(performer: Element) -> str:
    performer.refuse("reference-unknown", "Nobody known here is meant by this.")
    return ""


def _policies(root: Element, context: Context) -> tuple[str, ...]:
    found = []
    for policy in root.children("policy"):
        address = policy.text("uri")
        if address not in context.policies | {codes.POLICY}:
            policy.refuse("policy-not-held", "What this policy says is not known here.", "uri")
        found.append(address)
    return tuple(found)


def _provisions(root: Element, which: Which, context: Context) -> Flat:
    provision = root.child("provision")
    if provision is None:
        root.refuse("nothing-computable", "It holds no rule that a program could keep, only its source.", "provision")
        return Flat()
    return flatten(read_provision(provision, context), which)


def _identifiers(root: Element) -> tuple[str, tuple[str, ...]]:
    """The id of a permission of ours, and what others call it."""
    pairs = [(identifier.text("system"), identifier.text("value")) for identifier in root.children("identifier")]
    ours = next((value for system, value in pairs if system == codes.DIRECTIVE_ID), "")
    return ours, tuple(f"{system}|{value}" for system, value in pairs if system != codes.DIRECTIVE_ID)


def _status(root: Element, own: _Own) -> str:
    status = root.text("status")
    if status not in STATUSES:
        root.refuse("status-not-held", "This state is not one that a permission has here.", "status")
        return "draft"
    if own.state and status != "inactive":
        root.refuse("status-not-held", "Its own state and its FHIR status say different things.", "status")
    return own.state or ("active" if own.ended_at is not None and status == "inactive" else STATUSES[status])


def _own_extensions(root: Element, context: Context) -> _Own:
    own = _Own()
    for name in ("extension", "modifierExtension"):
        for extension in root.children(name):
            own = _own_extension(extension, own, context)
    return own


def _own_extension(extension: Element, own: _Own, context: Context) -> _Own:
    """Reads one that is ours; any other stays unread, and so is refused."""
    ours = {codes.extension_url(name): name for name in _READERS}
    name = next((word for url, word in ours.items() if extension.says("url", url)), "")
    if not name:
        return own
    extension.text("url")
    return _READERS[name](extension, own, context)


def _coded(extension: Element, allowed: frozenset[str]) -> str:
    found = extension.text("valueCode")
    if found not in allowed:
        extension.refuse("extension-value-not-held", "This value is not known here.", "valueCode")
    return found


_READERS: dict[str, Callable[[Element, _Own, Context], _Own]] = {
    "state": lambda extension, own, _: replace(own, state=_coded(extension, OWN_STATES)),
    "ended-at": lambda extension, own, context: replace(own, ended_at=moment(extension, "valueDateTime", context.zone)),
    "supersedes": lambda extension, own, _: replace(own, supersedes=own.supersedes | {extension.text("valueString")}),
    "part2": lambda extension, own, _: replace(own, part2=_coded(extension, _PART2)),
    "specific": lambda extension, own, _: replace(own, specific=own.specific | {_coded(extension, _SPECIFIC)}),
    "redisclose": lambda extension, own, _: replace(own, redisclose=_coded(extension, _REDISCLOSE)),
}
