"""Emergencies as their clinician, the patient, a co-signer and the privacy officer read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from consent.dossier import rules_of
from consent.emergencies import access
from consent.emergencies.rules import Declared, lasts, state_of
from consent.models import EmergencyAccess
from people.access import posts
from people.models import Patient, User
from people.reading import current_fps
from people.shapes import millis
from wire import emergency as wire

Part = Literal["mine", "cosign", "review", "about_me"]
Reaches = Callable[[EmergencyAccess, datetime], list[wire.EmergencyThread]]
_reaches: list[Reaches] = []


def reaches(function: Reaches) -> Reaches:
    """Registers what an emergency can open, for the app above that holds it: the threads of messaging."""
    _reaches.append(function)
    return function


def declared(row: EmergencyAccess) -> Declared:
    """A row as the rules read it."""
    return Declared(
        declared_at=row.declared_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        reviewed_at=row.reviewed_at,
        waits=row.cosigner_id is not None and row.cosigned_at is None,
    )


def threads_of(row: EmergencyAccess, now: datetime) -> list[wire.EmergencyThread]:
    return [one for function in _reaches for one in function(row, now)]


def emergency_out(row: EmergencyAccess, part: Part, fp: bytes, now: datetime) -> wire.EmergencyOut:
    """One declaration; threads are named to the patient, and to the clinicians while it runs or waits."""
    state = state_of(declared(row), now)
    shows_threads = part == "about_me" or (part in ("mine", "cosign") and state in ("open", "waiting_for_cosigner"))
    held = posts(row.user).filter(organisation_id=row.organisation_id).first()
    over = row.expires_at if state in ("ended", "reviewed") else None
    ended_at = row.ended_at or over
    return wire.EmergencyOut(
        id=row.pk.bytes,
        patient=row.patient_id.bytes,
        patient_name=row.patient.name,
        user=row.user_id.bytes,
        name=row.user.name,
        organisation_name=row.organisation.name,
        role=held.role if held else 0,
        fp=fp,
        part=part,
        hours=int(lasts(rules_of(row.patient.organisation_id).emergency_hours).total_seconds() // 3600),
        categories=row.categories,
        reason_code=row.reason_code,
        reason=row.reason,
        declared_at=millis(row.declared_at),
        expires_at=millis(row.expires_at),
        ended_at=millis(ended_at) if ended_at else None,
        state=state,
        cosigner=row.cosigner_id.bytes if row.cosigner_id else None,
        cosigner_name=row.cosigner.name if row.cosigner else "",
        review_due_at=millis(row.review_due_at),
        reviewed_by=row.reviewed_by.name if row.reviewed_by else "",
        outcome=row.outcome,
        review_note=row.review_note,
        threads=threads_of(row, now) if shows_threads else [],
    )


def _out(rows: Iterable[tuple[EmergencyAccess, Part]], now: datetime) -> list[wire.EmergencyOut]:
    chosen = list(rows)
    fps = current_fps({row.user_id for row, _ in chosen})
    return [emergency_out(row, part, fps.get(row.user_id, bytes(32)), now) for row, part in chosen]


def one(row: EmergencyAccess, part: Part, now: datetime) -> wire.EmergencyOut:
    return _out([(row, part)], now)[0]


def all_of(user: User, now: datetime) -> wire.EmergenciesOut:
    """A member of staff's emergencies: their own, those they may co-sign, and those to review."""
    held = access.posts_for_emergencies(user, now)
    parts: list[tuple[EmergencyAccess, Part]] = [(row, "mine") for row in access.mine(user, now)]
    parts += [(row, "cosign") for row in access.to_cosign(user, now)] if held else []
    parts += [(row, "review") for row in access.to_review(user, now)]
    colleagues = access.colleagues_of(user, held[0].organisation_id, now) if held else []
    return wire.EmergenciesOut(
        emergencies=_out(parts, now),
        may_declare=bool(held),
        may_review=bool(access.offices_of(user, now)),
        colleagues=[wire.EmergencyColleague(user=one.pk.bytes, name=one.name) for one in colleagues],
    )


def about(patient: Patient, now: datetime) -> wire.EmergenciesOut:
    """Every emergency about a patient, as the patient reads them."""
    rows: list[tuple[EmergencyAccess, Part]] = [(row, "about_me") for row in access.about(patient)]
    return wire.EmergenciesOut(emergencies=_out(rows, now), may_declare=False, may_review=False, colleagues=[])


def found(patient: Patient, now: datetime) -> wire.EmergencyFound:
    """The patient whom a clinician looked up, and what an emergency would mean here."""
    rules = rules_of(patient.organisation_id)
    return wire.EmergencyFound(
        patient=patient.pk.bytes,
        name=patient.name,
        birth_date=patient.birth_date,
        organisation_name=patient.organisation.name,
        hours=int(lasts(rules.emergency_hours).total_seconds() // 3600),
        history_days=rules.emergency_history_days,
        officers=[one.name for one in access.officers_of(patient.organisation_id, now)],
        has_account=patient.account_id is not None,
    )


def parties(row: EmergencyAccess, now: datetime) -> list[UUID]:
    """Who hears at once that it moved."""
    people = [row.user_id, row.patient.account_id, row.cosigner_id]
    people += [one.pk for one in access.officers_of(row.patient.organisation_id, now)]
    return list(dict.fromkeys(one for one in people if one is not None))
