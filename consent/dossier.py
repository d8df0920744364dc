"""All that decisions about one patient rest on, read at one consent epoch and remembered by it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from threading import Lock
from uuid import UUID
from zoneinfo import ZoneInfo

from consent import model, profiles
from consent.epochs import epoch_of
from consent.models import Authority, CapacityAssertion, Directive, EmergencyAccess, EmergencyRefusal, Profile
from consent.models import SafeguardingBlock as Block
from consent.translate import CARE_TEAM, to_rule
from crypto.directives import parse_directive
from people.models import CareTeamMember, KeyBundle, Patient
from wire.base import unb64
from wire.errors import Unavailable

REMEMBERED = 2048
TRIES = 5
_kept: OrderedDict[UUID, Dossier] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Period:
    """From when until before when."""

    since: datetime
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True)
class Dossier:
    """A patient's facts, words and people at `snapshot.epoch`; people are named by the hex of their ids."""

    patient_id: UUID
    account_id: UUID | None
    organisation_id: UUID
    snapshot: model.Snapshot
    facts: model.PatientFacts
    """With `competent` as it was assessed; `facts_at` is what a decision takes."""
    competent_from: datetime | None
    """From when a young person is presumed able, where nobody has assessed it; None where it does not depend."""
    rules: profiles.ProfileRules
    care_team: Mapping[UUID, tuple[Period, ...]]
    authorities: Mapping[UUID, model.Authority]
    blocked: Mapping[UUID, tuple[Period, ...]]
    emergencies: Mapping[UUID, tuple[model.BreakGlass, ...]]

    @property
    def epoch(self) -> int:
        return self.snapshot.epoch

    def facts_at(self, now: datetime) -> model.PatientFacts:
        if self.competent_from is None or now < self.competent_from:
            return self.facts
        return replace(self.facts, competent=True)

    def on_care_team(self, user_id: UUID, now: datetime) -> bool:
        return any(period.holds(now) for period in self.care_team.get(user_id, ()))

    def is_blocked(self, user_id: UUID, now: datetime) -> bool:
        return any(period.holds(now) for period in self.blocked.get(user_id, ()))

    def emergency_of(self, user_id: UUID, now: datetime) -> model.BreakGlass | None:
        """The declaration of this person that stands now; of several the one that opens most."""
        standing = [one for one in self.emergencies.get(user_id, ()) if one.stands(now)]
        return max(standing, key=lambda one: len(one.categories or ()), default=None)


def dossier_of(patient_id: UUID, epoch: int | None = None) -> Dossier | None:
    """The patient's dossier as of the newest commit, or None for an unknown patient.

    `epoch` is the patient's consent epoch if the caller has just read it.

    The epoch is read before and after: rows that were read across a change may be a mixture that never was, with
    the permit of before and the team of after. Raises Unavailable if it never stands still.
    """
    epoch = epoch_of(patient_id) if epoch is None else epoch
    for _ in range(TRIES):
        with _lock:
            kept = _kept.get(patient_id)
            if kept is not None and kept.epoch == epoch:
                _kept.move_to_end(patient_id)
                return kept
        made = _read(patient_id, epoch)
        if made is None:
            return None
        before, epoch = epoch, epoch_of(patient_id)
        if epoch == before:
            _keep(made)
            return made
    raise Unavailable("This record is changing too fast to be read.", code=str(model.Reason.PDP_UNAVAILABLE))


def _keep(made: Dossier) -> None:
    with _lock:
        _kept[made.patient_id] = made
        _kept.move_to_end(made.patient_id)
        while len(_kept) > REMEMBERED:
            _kept.popitem(last=False)


def _read(patient_id: UUID, epoch: int) -> Dossier | None:
    patient = Patient.objects.filter(pk=patient_id).first()
    if patient is None:
        return None
    rules = rules_of(patient.organisation_id)
    facts, competent_from = _facts(patient, rules)
    policy = model.Policy(rules.default, frozenset({CARE_TEAM}))
    return Dossier(
        patient_id=patient_id,
        account_id=patient.account_id,
        organisation_id=patient.organisation_id,
        snapshot=model.Snapshot(_directives(patient_id), policy, epoch),
        facts=facts,
        competent_from=competent_from,
        rules=rules,
        care_team=_periods(CareTeamMember.objects.filter(patient_id=patient_id).values_list("user", "since", "until")),
        authorities={row.person_id: authority_of(row) for row in standing_authorities(patient_id)},
        blocked=_periods(Block.objects.filter(patient_id=patient_id).values_list("person", "since", "until")),
        emergencies=_emergencies(patient_id),
    )


def rules_of(organisation_id: UUID) -> profiles.ProfileRules:
    """An organisation's consent rules: its own row, or the strictest template where it has none."""
    row = Profile.objects.filter(organisation_id=organisation_id).first()
    if row is None:
        return profiles.TEMPLATES[profiles.FALLBACK]
    return profiles.ProfileRules(**{name: getattr(row, name) for name in profiles.ProfileRules.__dataclass_fields__})


def standing_authorities(patient_id: UUID) -> list[Authority]:
    """Those that nobody has ended; whether one acts now is for the decision."""
    return list(Authority.objects.filter(patient_id=patient_id, ended_at=None).select_related("person"))


def authority_of(row: Authority) -> model.Authority:
    """A recorded authority as decisions read it."""
    return model.Authority(
        type=row.type,
        scope=frozenset(row.scope),
        activation=row.activation,  # type: ignore[arg-type]  # the column's choices are the literal's
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _directives(patient_id: UUID) -> tuple[model.Directive, ...]:
    rows = list(Directive.objects.filter(patient_id=patient_id).order_by("given_at", "pk"))
    parsed = [parse_directive(row.body) for row in rows]
    signers = [[unb64(one["fp"]) for one in row.signers] for row in rows]
    fps = {directive.grantee for directive in parsed}.union(*signers)
    users = {fp: user.hex for fp, user in KeyBundle.objects.filter(fp__in=fps).values_list("fp", "user_id")}
    return tuple(
        to_rule(directive, users, ended_at=row.ended_at, superseded=row.superseded, signers=signed)
        for directive, row, signed in zip(parsed, rows, signers, strict=True)
    )


def zone_of(patient: Patient) -> tzinfo:
    """The patient's zone; UTC where the row names none that is known."""
    try:
        return ZoneInfo(patient.zone)
    except (KeyError, ValueError, OSError):
        return UTC


def _facts(patient: Patient, rules: profiles.ProfileRules) -> tuple[model.PatientFacts, datetime | None]:
    born = date.fromisoformat(patient.birth_date) if patient.birth_date else None
    zone = zone_of(patient)
    found = {  # ordered, so that the newest of a kind is what remains
        row.kind: row.finding for row in CapacityAssertion.objects.filter(patient=patient).order_by("assessed_at", "pk")
    }
    assessed = found.get(CapacityAssertion.Kind.COMPETENCE)
    facts = model.PatientFacts(
        id=patient.pk.hex,
        birth_date=born,
        capacity=found.get(CapacityAssertion.Kind.CAPACITY, "has"),  # type: ignore[arg-type]  # as above
        competent=assessed == CapacityAssertion.Finding.HAS if assessed else born is None,
        emergency_refusal=EmergencyRefusal.objects.filter(patient=patient).exists(),
        zone=zone,
        majority_age=rules.majority_age,
    )
    presumed = model.comes_of_age(born, rules.own_consent_age, zone) if born and not assessed else None
    return facts, presumed


def _periods(rows: object) -> Mapping[UUID, tuple[Period, ...]]:
    found: dict[UUID, tuple[Period, ...]] = {}
    for user, since, until in rows:  # type: ignore[attr-defined]  # a values_list of three columns
        found[user] = (*found.get(user, ()), Period(since, until))
    return found


def _emergencies(patient_id: UUID) -> Mapping[UUID, tuple[model.BreakGlass, ...]]:
    """Those that nobody has ended, by the person who declared; one without its expiry in sight is none."""
    found: dict[UUID, tuple[model.BreakGlass, ...]] = {}
    for row in EmergencyAccess.objects.filter(patient_id=patient_id, ended_at=None, reviewed_at=None):
        declared = model.BreakGlass(
            reason=row.reason_code,
            cosigner=row.cosigner_id.hex if row.cosigner_id and row.cosigned_at else "",
            categories=frozenset(row.categories),
            declared_at=row.declared_at,
            expires_at=row.expires_at,
        )
        found[row.user_id] = (*found.get(row.user_id, ()), declared)
    return found
