"""The consent decision: one pure, total function over a snapshot of what a patient has said.

Nine steps, each with its own reason (docs/consent.md). No step asks a database, a clock or a network, and whatever
is unknown is refused.
"""

from __future__ import annotations

from functools import lru_cache

from consent.index import Index
from consent.labels import protected
from consent.model import (
    ACTIONS,
    CAPABILITIES,
    CATEGORIES,
    EMERGENCY_CATEGORIES,
    MINOR_CONFIDENTIAL,
    PART2,
    PROTECTED_LABELS,
    PSYCHOTHERAPY_NOTE,
    PURPOSE_COVERS,
    PURPOSES,
    READING,
    SELF_ACTIONS,
    TEAM_ACTIONS,
    UNPROTECTED_LABELS,
    Decision,
    Policy,
    Reason,
    Request,
    Snapshot,
)

__all__ = ["Decision", "Reason", "Request", "Snapshot", "decide"]

_CONSENT_ACTS = ("consent.grant", "consent.revoke")
_EMERGENCY = ("audit:alert", "expire:4h", "minimum-necessary", "notify-patient", "notify-privacy", "review:72h")
_LABELS = PROTECTED_LABELS | UNPROTECTED_LABELS
_KINDS = frozenset({"clinician", "patient", "proxy"})


def decide(snapshot: Snapshot | None, request: Request) -> Decision:
    """Whether the request is permitted, why, by which directives, and under which obligations."""
    if not _well_formed(request):
        return _no(Reason.INVALID_REQUEST)
    if snapshot is None:
        return _no(Reason.PDP_UNAVAILABLE)
    if not request.actor.eligible:
        return _no(Reason.SUBJECT_NOT_ELIGIBLE)
    if request.actor.kind == "patient":
        return _decide_for_patient(request)
    if request.actor.kind == "proxy":
        return _decide_for_proxy(snapshot.index, request)
    return _decide_for_clinician(snapshot, request)


def _no(reason: Reason, basis: tuple[str, ...] = ()) -> Decision:
    return Decision(False, reason, basis)


def _yes(reason: Reason, basis: tuple[str, ...], *obligations: str) -> Decision:
    return Decision(True, reason, basis, tuple(sorted(obligations)))


def _well_formed(request: Request) -> bool:
    """S0: fail closed on every word that is not known; a typing mistake must not find a gap between rules.

    A time without a zone is such a word too: compared with others it would raise, and the decision is total.
    """
    resource = request.resource
    return (
        request.action in ACTIONS
        and request.purpose in PURPOSES
        and resource.category in CATEGORIES
        and resource.labels <= _LABELS
        and request.actor.kind in _KINDS
        and bool(request.actor.id)
        and bool(request.patient.id)
        and request.now.tzinfo is not None
        and (resource.authored_at is None or resource.authored_at.tzinfo is not None)
    )


def _decide_for_patient(request: Request) -> Decision:
    """S2: patients on their own record."""
    patient, resource = request.patient, request.resource
    if request.actor.id != patient.id:
        return _no(Reason.NO_RELATIONSHIP)
    if PSYCHOTHERAPY_NOTE in resource.labels:
        return _no(Reason.PSYTHPN_NO_ACCESS_RIGHT)
    if resource.harm_hold and request.action not in _CONSENT_ACTS:
        return _no(Reason.HARM_HOLD)
    if request.action == "consent.grant":
        if patient.capacity == "lacks":
            return _no(Reason.CAPACITY_REQUIRED)
        if not patient.competent and patient.is_minor(request.now):
            return _no(Reason.MINOR_NOT_COMPETENT)
    if request.action in _CONSENT_ACTS:
        # Revoking is protective and is honoured even with capacity in doubt (R14).
        return _yes(Reason.SELF_CONSENT_ACT, (), "audit", "receipt")
    if request.action not in SELF_ACTIONS and not _all_agree_to_recording(request):
        return _no(Reason.RECORDING_NOT_UNANIMOUS)
    return _yes(Reason.SELF_ACCESS, (), "audit")


def _decide_for_proxy(index: Index, request: Request) -> Decision:
    """S3: parents, guardians, attorneys, deputies and advocates."""
    speaking = index.speaking(request)
    permitting = index.permitting(speaking, request)
    refusal = _proxy_refusal(index, permitting, request)
    if refusal is not None:
        return _no(refusal)
    if denying := index.denying(speaking, request):
        return _no(Reason.CONSENT_DENY, index.ids(denying))
    extra = ("receipt",) if request.action in _CONSENT_ACTS else ()
    return _yes(Reason.PROXY_ACCESS, index.ids(permitting), "audit", "notify-patient", *extra)


def _proxy_refusal(index: Index, permitting: int, request: Request) -> Reason | None:
    actor, patient, resource = request.actor, request.patient, request.resource
    authority = actor.authority
    if authority is None or not authority.stands(request.now):
        return Reason.PROXY_NO_AUTHORITY
    if authority.type == "parent" and patient.birth_date is not None and not patient.is_minor(request.now):
        return Reason.PROXY_AGED_OUT
    if authority.sleeps_until_incapacity and patient.capacity != "lacks":
        return Reason.PROXY_NOT_ACTIVATED
    if actor.safeguarding_block:
        return Reason.SAFEGUARDING
    if PSYCHOTHERAPY_NOTE in resource.labels:
        return Reason.PSYTHPN_NO_ACCESS_RIGHT
    if MINOR_CONFIDENTIAL in resource.labels and not _minor_agrees(index, permitting):
        return Reason.MINOR_CONFIDENTIAL
    if request.action not in authority.scope:
        return Reason.PROXY_SCOPE
    if request.action == "consent.revoke" and resource.advance_directive:
        return Reason.ADVANCE_DIRECTIVE_PROTECTED
    if request.action == "session.record" and not _all_agree_to_recording(request):
        return Reason.RECORDING_NOT_UNANIMOUS
    return None


def _minor_agrees(index: Index, permitting: int) -> bool:
    """Whether the minor has opened what was confided, by their own word: a parent's would open it to the parent.

    Whatever permits has named the label, since a permit covers every protected one.
    """
    return any(one.grantor == "patient" for one in index.among(permitting))


def _decide_for_clinician(snapshot: Snapshot, request: Request) -> Decision:
    """S4 to S9."""
    if request.action not in _able(request.actor.roles):
        return _no(Reason.ROLE_CAPABILITY)
    index = snapshot.index
    speaking = index.speaking(request)
    permitting = index.permitting(speaking, request)
    hard = _hard_rule(index, permitting, request)
    if hard is not None:
        return _no(hard)
    decision = _by_directives(snapshot, speaking, permitting, request)
    if decision.permit:
        return decision
    if _author_reads(request):
        return _yes(Reason.AUTHOR_OWN_RECORD, (), *_obligations(request))
    return decision if request.break_glass is None else _break_glass(index, request)


@lru_cache(maxsize=1024)
def _able(roles: frozenset[str]) -> frozenset[str]:
    """S4: what a person's roles may ever do."""
    return frozenset[str]().union(*(CAPABILITIES.get(role, frozenset()) for role in roles))


def _hard_rule(index: Index, permitting: int, request: Request) -> Reason | None:
    """S5: what no general permit and no emergency opens."""
    labels, action = request.resource.labels, request.action
    noted = PSYCHOTHERAPY_NOTE in labels and request.resource.author != request.actor.id
    if noted and not _specific(index, permitting, "psychotherapy_notes"):
        return Reason.PSYTHPN_REQUIRES_SPECIFIC_AUTH
    if PART2 in labels and request.purpose == "HLEGAL" and not _specific(index, permitting, "part2_proceedings"):
        return Reason.PART2_LEGAL_PROCEEDINGS
    if action == "redisclose" and permitting:
        given = index.among(permitting)
        if PART2 in labels and all(one.part2 != "tpo" for one in given):
            return Reason.PART2_REDISCLOSURE
        if all(one.redisclose != "hipaa" for one in given):
            return Reason.REDISCLOSURE_NEEDS_CONSENT
    if action == "session.record" and not _all_agree_to_recording(request):
        return Reason.RECORDING_NOT_UNANIMOUS
    return None


def _specific(index: Index, permitting: int, authorisation: str) -> bool:
    return any(authorisation in one.specific for one in index.among(permitting))


def _all_agree_to_recording(request: Request) -> bool:
    """R13; nobody known to be present is not everybody's agreement."""
    return bool(request.participants) and all(agrees for _, agrees in request.participants)


def _by_directives(snapshot: Snapshot, speaking: int, permitting: int, request: Request) -> Decision:
    """S6, S7 and S9: a live relationship, then any deny, else any permit, else the organisation's default."""
    index = snapshot.index
    if request.actor.teams.isdisjoint(request.resource.teams):
        return _no(Reason.NO_RELATIONSHIP)
    if denying := index.denying(speaking, request):
        return _no(Reason.CONSENT_DENY, index.ids(denying))
    if permitting:
        return Decision(True, Reason.CONSENT_PERMIT, index.ids(permitting), _obligations(request))
    reason = index.why_not(speaking, request)
    # A permission that was withdrawn is an objection: silence implies nothing after it. One that ran out is silence.
    implied = _implied(snapshot.policy, request) if reason is not Reason.REVOKED else None
    return _no(reason) if implied is None else _yes(implied, (), *_obligations(request))


def _implied(policy: Policy, request: Request) -> Reason | None:
    """What the organisation's default comes to: never for anything labelled, never but for treatment."""
    if request.purpose not in PURPOSE_COVERS["TREAT"] or protected(request.resource.labels):
        return None
    if policy.teams is not None and not policy.teams & request.actor.teams & request.resource.teams:
        return None
    if policy.default == "implied-direct-care" and request.action in READING:
        return Reason.IMPLIED_DIRECT_CARE
    if policy.default == "team-unlabelled" and request.action in TEAM_ACTIONS:
        return Reason.IMPLIED_TEAM_CARE
    return None


def _author_reads(request: Request) -> bool:
    """R11: authors keep sight of their own entries, read only, since the law has them answer for them."""
    return request.action == "card.view" and request.resource.author == request.actor.id


def _obligations(request: Request) -> tuple[str, ...]:
    """In order, as `_yes` would sort them."""
    labels = request.resource.labels
    if not labels or not protected(labels):
        return ("audit",)
    return ("audit", "mark-sensitive", "notice:42CFR2.32") if PART2 in labels else ("audit", "mark-sensitive")


def _break_glass(index: Index, request: Request) -> Decision:
    """S8: an emergency opens reading of what saves a life, for four hours, loudly."""
    declared, patient, category = request.break_glass, request.patient, request.resource.category
    if declared is None or not declared.reason.strip() or not declared.stands(request.now):
        return _no(Reason.BREAK_GLASS_REFUSED)
    opened = EMERGENCY_CATEGORIES if declared.categories is None else EMERGENCY_CATEGORIES & declared.categories
    privileged = request.actor.emergency_privilege and request.purpose == "BTG"
    if request.action not in READING or category not in opened or not privileged:
        return _no(Reason.BREAK_GLASS_REFUSED)
    if patient.emergency_refusal and patient.capacity == "has":
        return _no(Reason.EMERGENCY_REFUSED_BY_PATIENT)
    # Nobody is their own second opinion.
    cosigned = declared.cosigner not in ("", request.actor.id)
    if not cosigned and index.naming_denies(request.actor, request.now):
        return _no(Reason.BREAK_GLASS_NEEDS_COSIGN)
    record = ("record:42CFR2.51",) if PART2 in request.resource.labels else ()
    return _yes(Reason.BREAK_GLASS, (), *_EMERGENCY, *record)
