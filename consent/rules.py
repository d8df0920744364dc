"""The consent decision: one pure, total function over a snapshot of what a patient has said.

Nine steps, each with its own reason (docs/consent.md). No step asks a database, a clock or a network, and whatever
is unknown is refused.
"""

from __future__ import annotations

from consent.matching import (
    all_that,
    denies,
    names_actor,
    permits,
    permits_confidential,
    protected,
    why_not,
)
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
    UNPROTECTED_LABELS,
    Decision,
    Reason,
    Request,
    Snapshot,
)

__all__ = ["Decision", "Reason", "Request", "Snapshot", "decide"]

_CONSENT_ACTS = ("consent.grant", "consent.revoke")
_EMERGENCY = ("audit:alert", "expire:4h", "minimum-necessary", "notify-patient", "notify-privacy", "review:72h")


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
        return _decide_for_proxy(snapshot, request)
    return _decide_for_clinician(snapshot, request)


def _no(reason: Reason, basis: tuple[str, ...] = ()) -> Decision:
    return Decision(False, reason, basis)


def _yes(reason: Reason, basis: tuple[str, ...], *obligations: str) -> Decision:
    return Decision(True, reason, basis, tuple(sorted(obligations)))


def _well_formed(request: Request) -> bool:
    """S0: fail closed on every word that is not known; a typing mistake must not find a gap between rules."""
    return (
        request.action in ACTIONS
        and request.purpose in PURPOSES
        and request.resource.category in CATEGORIES
        and request.resource.labels <= PROTECTED_LABELS | UNPROTECTED_LABELS
        and request.actor.kind in ("clinician", "patient", "proxy")
        and bool(request.actor.id)
        and bool(request.patient.id)
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
        if patient.is_minor(request.now) and not patient.competent:
            return _no(Reason.MINOR_NOT_COMPETENT)
    if request.action in _CONSENT_ACTS:
        # Revoking is protective and is honoured even with capacity in doubt (R14).
        return _yes(Reason.SELF_CONSENT_ACT, (), "audit", "receipt")
    if request.action not in SELF_ACTIONS and not _all_agree_to_recording(request):
        return _no(Reason.RECORDING_NOT_UNANIMOUS)
    return _yes(Reason.SELF_ACCESS, (), "audit")


def _decide_for_proxy(snapshot: Snapshot, request: Request) -> Decision:
    """S3: parents, guardians, attorneys, deputies and advocates."""
    refusal = _proxy_refusal(snapshot, request)
    if refusal is not None:
        return _no(refusal)
    if denying := all_that(snapshot, request, denies):
        return _no(Reason.CONSENT_DENY, tuple(d.id for d in denying))
    basis = tuple(d.id for d in all_that(snapshot, request, permits))
    extra = ("receipt",) if request.action in _CONSENT_ACTS else ()
    return _yes(Reason.PROXY_ACCESS, basis, "audit", "notify-patient", *extra)


def _proxy_refusal(snapshot: Snapshot, request: Request) -> Reason | None:
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
    confided = MINOR_CONFIDENTIAL in resource.labels
    if confided and not all_that(snapshot, request, permits_confidential):
        return Reason.MINOR_CONFIDENTIAL
    if request.action not in authority.scope:
        return Reason.PROXY_SCOPE
    if request.action == "consent.revoke" and resource.advance_directive:
        return Reason.ADVANCE_DIRECTIVE_PROTECTED
    if request.action == "session.record" and not _all_agree_to_recording(request):
        return Reason.RECORDING_NOT_UNANIMOUS
    return None


def _decide_for_clinician(snapshot: Snapshot, request: Request) -> Decision:
    """S4 to S9."""
    able = frozenset[str]().union(*(CAPABILITIES.get(role, frozenset()) for role in request.actor.roles))
    if request.action not in able:
        return _no(Reason.ROLE_CAPABILITY)
    hard = _hard_rule(snapshot, request)
    if hard is not None:
        return _no(hard)
    decision = _by_directives(snapshot, request)
    if not decision.permit and request.break_glass is not None:
        return _break_glass(snapshot, request)
    return decision


def _hard_rule(snapshot: Snapshot, request: Request) -> Reason | None:
    """S5: what no general permit and no emergency opens."""
    labels = request.resource.labels
    permitting = all_that(snapshot, request, permits)
    specific = frozenset[str]().union(*(directive.specific for directive in permitting))
    own = request.resource.author == request.actor.id
    if PSYCHOTHERAPY_NOTE in labels and not own and "psychotherapy_notes" not in specific:
        return Reason.PSYTHPN_REQUIRES_SPECIFIC_AUTH
    if PART2 in labels and request.purpose == "HLEGAL" and "part2_proceedings" not in specific:
        return Reason.PART2_LEGAL_PROCEEDINGS
    if request.action == "redisclose" and permitting:
        if PART2 in labels and all(d.part2 != "tpo" for d in permitting):
            return Reason.PART2_REDISCLOSURE
        if all(d.redisclose != "hipaa" for d in permitting):
            return Reason.REDISCLOSURE_NEEDS_CONSENT
    if request.action == "session.record" and not _all_agree_to_recording(request):
        return Reason.RECORDING_NOT_UNANIMOUS
    return None


def _all_agree_to_recording(request: Request) -> bool:
    """R13; nobody known to be present is not everybody's agreement."""
    return bool(request.participants) and all(agrees for _, agrees in request.participants)


def _by_directives(snapshot: Snapshot, request: Request) -> Decision:
    """S6, S7 and S9: a live relationship, then any deny, else any permit, else the organisation's default."""
    if not request.actor.teams & request.resource.teams:
        return _no(Reason.NO_RELATIONSHIP)
    if denying := all_that(snapshot, request, denies):
        return _no(Reason.CONSENT_DENY, tuple(d.id for d in denying))
    obligations = _obligations(request)
    if permitting := all_that(snapshot, request, permits):
        return _yes(Reason.CONSENT_PERMIT, tuple(d.id for d in permitting), *obligations)
    reason = why_not(snapshot, request)
    # A permission that was withdrawn is an objection: silence implies nothing after it. One that ran out is silence.
    if reason is not Reason.REVOKED and _implied(snapshot, request):
        return _yes(Reason.IMPLIED_DIRECT_CARE, (), *obligations)
    return _no(reason)


def _implied(snapshot: Snapshot, request: Request) -> bool:
    return (
        snapshot.policy.default == "implied-direct-care"
        and request.action in READING
        and request.purpose in PURPOSE_COVERS["TREAT"]
        and not protected(request.resource.labels)
    )


def _obligations(request: Request) -> tuple[str, ...]:
    labels = request.resource.labels
    marks = ("mark-sensitive",) if protected(labels) else ()
    notices = ("notice:42CFR2.32",) if PART2 in labels else ()
    return ("audit", *marks, *notices)


def _break_glass(snapshot: Snapshot, request: Request) -> Decision:
    """S8: an emergency opens reading of what saves a life, for four hours, loudly."""
    declared, patient = request.break_glass, request.patient
    opens = request.action in READING and request.resource.category in EMERGENCY_CATEGORIES
    privileged = request.actor.emergency_privilege and request.purpose == "BTG"
    if declared is None or not declared.reason.strip() or not opens or not privileged:
        return _no(Reason.BREAK_GLASS_REFUSED)
    if patient.emergency_refusal and patient.capacity == "has":
        return _no(Reason.EMERGENCY_REFUSED_BY_PATIENT)
    if not declared.cosigner and all_that(snapshot, request, names_actor):
        return _no(Reason.BREAK_GLASS_NEEDS_COSIGN)
    record = ("record:42CFR2.51",) if PART2 in request.resource.labels else ()
    return _yes(Reason.BREAK_GLASS, (), *_EMERGENCY, *record)
