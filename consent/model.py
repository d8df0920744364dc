"""The vocabulary of a decision: who asks for what, and what the patient has said. Frozen, and free of I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from consent.index import Index

ACTIONS = frozenset(
    {
        "thread.read", "thread.post", "thread.attach", "thread.invite", "session.join", "session.record",
        "card.view", "card.author", "export", "redisclose", "consent.grant", "consent.revoke",
    }
)  # fmt: skip
READING = frozenset({"thread.read", "card.view"})
CATEGORIES = frozenset(
    {
        "message", "intake", "screening", "diagnosis", "medication", "allergy", "plan", "crisis_plan",
        "psychosocial", "family_history", "referral", "session", "note", "consent",
    }
)  # fmt: skip
EMERGENCY_CATEGORIES = frozenset({"allergy", "medication", "crisis_plan", "diagnosis", "screening", "message"})

PURPOSE_COVERS = {"TREAT": frozenset({"TREAT", "ETREAT", "CAREMGT", "COC"})}
"""A purpose of a directive covers itself and these (HL7 v3 ActReason)."""
PURPOSES = frozenset(
    {
        "TREAT", "ETREAT", "CAREMGT", "COC", "BTG", "HPAYMT", "HOPERAT", "HRESCH", "PATRQT", "FAMRQT", "PWATRNY",
        "HMARKT", "HLEGAL", "HTEST",
    }
)  # fmt: skip

PSYCHOTHERAPY_NOTE, PART2, MINOR_CONFIDENTIAL = "PSYTHPN", "42CFRPart2", "MINORCONF"
UNPROTECTED_LABELS = frozenset({"U", "L", "M", "N"})
"""Confidentiality up to normal: an item that carries no other label is not specially protected."""
LABEL_WITHIN = {
    "ETHUD": frozenset({"ETH", "SUD", "BH"}),
    "OPIOIDUD": frozenset({"ETH", "SUD", "BH"}),
    "SUD": frozenset({"ETH", "BH"}),
    "ETH": frozenset({"BH"}),
    "MH": frozenset({"BH"}),
    "PSY": frozenset({"MH", "BH"}),
    "PSYTHPN": frozenset({"MH", "BH"}),
    "COGN": frozenset({"BH"}),
    "EMOTDIS": frozenset({"BH"}),
    "DVD": frozenset({"BH"}),
}
"""The wider sensitivity codes that a narrower one lies within (HL7 v3 ActCode)."""
PROTECTED_LABELS = frozenset(
    {
        "R", "V", "BH", "MH", "PSY", "PSYTHPN", "ETH", "SUD", "ETHUD", "OPIOIDUD", "COGN", "EMOTDIS", "DVD", "HIV",
        "STD", "SDV", "SEX", "VIO", "GDIS", "SICKLE", "TBOO", "SPI", "MST", "ADOL", "CEL", "EMP", "DIA", "DRGIS",
        "LOCIS", "PHY", "PRS", "DEMO", "42CFRPart2", "MINORCONF",
    }
)  # fmt: skip

_CLINICAL = frozenset(ACTIONS - {"consent.grant", "consent.revoke"})
_COORDINATING = frozenset(
    {"thread.read", "thread.post", "thread.attach", "thread.invite", "session.join", "card.view", "card.author"}
)
CAPABILITIES = {
    "medical": _CLINICAL,
    "therapist": _CLINICAL,
    "nurse": _CLINICAL - {"session.record"},
    "case_manager": _COORDINATING,
    "interpreter": frozenset({"session.join"}),
}
"""What a professional role may ever do; the minimum necessary is carried here, not by consent."""
SELF_ACTIONS = ACTIONS - {"session.record"}
TEAM_ACTIONS = frozenset({"thread.read", "thread.post", "thread.attach", "session.join", "card.view", "card.author"})
"""What an organisation's default may give its own standing care team: nothing that carries anything further out."""


class Reason(StrEnum):
    """Why; stable, for programs, tests and the ledger."""

    INVALID_REQUEST = "INVALID_REQUEST"
    PDP_UNAVAILABLE = "PDP_UNAVAILABLE"
    SUBJECT_NOT_ELIGIBLE = "SUBJECT_NOT_ELIGIBLE"
    SELF_ACCESS = "SELF_ACCESS"
    SELF_CONSENT_ACT = "SELF_CONSENT_ACT"
    PSYTHPN_NO_ACCESS_RIGHT = "PSYTHPN_NO_ACCESS_RIGHT"
    HARM_HOLD = "HARM_HOLD"
    CAPACITY_REQUIRED = "CAPACITY_REQUIRED"
    MINOR_NOT_COMPETENT = "MINOR_NOT_COMPETENT"
    PROXY_ACCESS = "PROXY_ACCESS"
    PROXY_NO_AUTHORITY = "PROXY_NO_AUTHORITY"
    PROXY_AGED_OUT = "PROXY_AGED_OUT"
    PROXY_NOT_ACTIVATED = "PROXY_NOT_ACTIVATED"
    SAFEGUARDING = "SAFEGUARDING"
    MINOR_CONFIDENTIAL = "MINOR_CONFIDENTIAL"
    PROXY_SCOPE = "PROXY_SCOPE"
    ADVANCE_DIRECTIVE_PROTECTED = "ADVANCE_DIRECTIVE_PROTECTED"
    ROLE_CAPABILITY = "ROLE_CAPABILITY"
    PSYTHPN_REQUIRES_SPECIFIC_AUTH = "PSYTHPN_REQUIRES_SPECIFIC_AUTH"
    PART2_LEGAL_PROCEEDINGS = "PART2_LEGAL_PROCEEDINGS"
    PART2_REDISCLOSURE = "PART2_REDISCLOSURE"
    REDISCLOSURE_NEEDS_CONSENT = "REDISCLOSURE_NEEDS_CONSENT"
    RECORDING_NOT_UNANIMOUS = "RECORDING_NOT_UNANIMOUS"
    NO_RELATIONSHIP = "NO_RELATIONSHIP"
    CONSENT_PERMIT = "CONSENT_PERMIT"
    CONSENT_DENY = "CONSENT_DENY"
    IMPLIED_DIRECT_CARE = "IMPLIED_DIRECT_CARE"
    IMPLIED_TEAM_CARE = "IMPLIED_TEAM_CARE"
    AUTHOR_OWN_RECORD = "AUTHOR_OWN_RECORD"
    LABEL_NOT_COVERED = "LABEL_NOT_COVERED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    NO_CONSENT = "NO_CONSENT"
    BREAK_GLASS = "BREAK_GLASS"
    BREAK_GLASS_REFUSED = "BREAK_GLASS_REFUSED"
    BREAK_GLASS_NEEDS_COSIGN = "BREAK_GLASS_NEEDS_COSIGN"
    EMERGENCY_REFUSED_BY_PATIENT = "EMERGENCY_REFUSED_BY_PATIENT"


@dataclass(frozen=True)
class Authority:
    """By what a proxy acts; `activation` is whether it sleeps until the patient lacks capacity."""

    type: str
    scope: frozenset[str] = frozenset()
    activation: Literal["always", "incapacity", "by_type"] = "by_type"
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def stands(self, now: datetime) -> bool:
        begun = self.valid_from is None or self.valid_from <= now
        return begun and (self.valid_until is None or now < self.valid_until)

    @property
    def sleeps_until_incapacity(self) -> bool:
        if self.activation == "by_type":
            return self.type in ("lpa", "hcpoa", "attorney")
        return self.activation == "incapacity"


@dataclass(frozen=True)
class Actor:
    """Who asks. `eligible` sums up account, second factor and licence."""

    id: str
    kind: Literal["clinician", "patient", "proxy"]
    orgs: frozenset[str] = frozenset()
    """Every organisation where the person holds a post: a deny to any one of them reaches."""
    roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    eligible: bool = True
    emergency_privilege: bool = False
    authority: Authority | None = None
    safeguarding_block: bool = False


@dataclass(frozen=True)
class Resource:
    """What is asked for: an item, or a thread or session as a whole (then without `authored_at`)."""

    id: str = ""
    thread: str = ""
    category: str = "message"
    teams: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    author: str = ""
    authored_at: datetime | None = None
    advance_directive: bool = False
    harm_hold: bool = False


def comes_of_age(born: date, age: int, zone: tzinfo) -> datetime:
    """The first instant of the birthday, where the patient lives; one born on 29 February has it on 1 March.

    The later day in years without a 29th: the protection of a minor ends no earlier than the law could mean.
    """
    try:
        birthday = born.replace(year=born.year + age)
    except ValueError:
        birthday = date(born.year + age, 3, 1)
    return datetime(birthday.year, birthday.month, birthday.day, tzinfo=zone)


@dataclass(frozen=True)
class PatientFacts:
    """What the decision must know of the patient. `competent` is a minor's own competence, where it was assessed."""

    id: str
    birth_date: date | None = None
    capacity: Literal["has", "lacks", "unknown"] = "has"
    competent: bool = True
    emergency_refusal: bool = False
    zone: tzinfo = UTC
    majority_age: int = 18

    def is_minor(self, now: datetime) -> bool:
        return self.birth_date is not None and now < comes_of_age(self.birth_date, self.majority_age, self.zone)


@dataclass(frozen=True)
class BreakGlass:
    """An emergency that was declared: the reason in words, a co-signer where one is needed, what it opens, how long.

    None for `categories` is every category that an emergency may open at all.
    """

    reason: str
    cosigner: str = ""
    categories: frozenset[str] | None = None
    declared_at: datetime | None = None
    expires_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        begun = self.declared_at is None or self.declared_at <= now
        return begun and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class Request:
    """One question to the decision."""

    actor: Actor
    action: str
    resource: Resource
    purpose: str
    patient: PatientFacts
    now: datetime
    break_glass: BreakGlass | None = None
    participants: tuple[tuple[str, bool], ...] = ()
    """Who is in the session, and whether each has agreed to be recorded."""


@dataclass(frozen=True)
class Grantee:
    """To whom a directive speaks: every stated field must match, and within a field any value does."""

    users: frozenset[str] | None = None
    orgs: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    any_team_member: bool = False
    but: frozenset[str] = frozenset()
    """Users whom it never names, whatever else matches."""


@dataclass(frozen=True)
class Directive:
    """One version of what a patient said; an absent field (None) is no constraint.

    `grantor` tells the patient's own word from a proxy's; an empty `patient` is the snapshot's.
    """

    id: str
    effect: Literal["permit", "deny"]
    grantee: Grantee = Grantee()
    grantor: str = "patient"
    patient: str = ""
    supersedes: frozenset[str] = frozenset()
    actions: frozenset[str] | None = None
    threads: frozenset[str] | None = None
    resources: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    labels: frozenset[str] = frozenset()
    purposes: frozenset[str] | None = None
    data_from: datetime | None = None
    data_until: datetime | None = None
    authored_by: frozenset[str] | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    status: str = "active"
    part2: str = "none"
    specific: frozenset[str] = frozenset()
    redisclose: str = "hipaa"


@dataclass(frozen=True)
class Policy:
    """The organisation's own default where no directive speaks.

    `teams` are those whose standing members it may reach (None: any team); one who is merely invited is in none.
    """

    default: Literal["deny", "implied-direct-care", "team-unlabelled"] = "deny"
    teams: frozenset[str] | None = None


@dataclass(frozen=True)
class Snapshot:
    """Everything said about a patient's sharing at one consent epoch."""

    directives: tuple[Directive, ...] = ()
    policy: Policy = Policy()
    epoch: int = 0

    @cached_property
    def index(self) -> Index:
        """The directives as bits; made once, since a snapshot is asked many times."""
        from consent.index import Index  # here, because an index is made of this module's own shapes

        return Index.of(self.directives)


@dataclass(frozen=True)
class Decision:
    """The answer: the reason, the directives relied on, and what must be done with a permit."""

    permit: bool
    reason: Reason
    basis: tuple[str, ...] = ()
    obligations: tuple[str, ...] = field(default=())
