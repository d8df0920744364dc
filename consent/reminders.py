"""What a patient is asked to look at again: permissions that end soon, those nobody has looked at, coming of age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID

import structlog
from django.core.mail import send_mail
from django.db import transaction

from audit.actions import record
from audit.models import Entry
from consent.dossier import Dossier, dossier_of
from consent.model import comes_of_age
from consent.models import Authority, Directive
from crypto.directives import parse_directive
from crypto.tables import Effect
from people.models import Patient, User
from wire.base import b64

log = structlog.get_logger("reminders")
EXPIRY_DAYS = 14
COMING_OF_AGE_DAYS = (90, 30)
REVIEWED = "consent.review"
SUBJECT = "Consilium: please have a look"
TEXT = "There is something for you to look at in Consilium. Please sign in as usual.\n"
"""No name, no reason, no link: whoever sees the mail learns nothing, and nobody learns to follow links in mails."""

Kind = Literal["ends", "review"]


@dataclass(frozen=True)
class Due:
    """One permission to look at, and the moment it is about: its end, or when it was last looked at."""

    directive: UUID
    kind: Kind
    at: datetime


def due(row: Directive, looked: datetime, review_days: int, now: datetime) -> Due | None:
    """What is to be asked about one directive, last looked at when it was given or `looked`.

    A denial protects and is left alone, and so is what has ended.
    """
    said = parse_directive(row.body)
    end, begin = datetime.fromtimestamp(said.exp / 1000, UTC), datetime.fromtimestamp(said.nbf / 1000, UTC)
    if said.effect != Effect.PERMIT or row.ended_at is not None or end <= now:
        return None
    # A permission for ten days is not about to end from its first hour on: half its length at most.
    if end - now <= min(timedelta(days=EXPIRY_DAYS), (end - begin) / 2):
        return Due(row.pk, "ends", end)
    return Due(row.pk, "review", looked) if now - looked >= timedelta(days=review_days) else None


def reminders_of(patient: Patient, rows: Sequence[Directive], now: datetime) -> list[Due]:
    """What a patient's home page asks, the first to end first."""
    dossier = dossier_of(patient.pk)
    assert dossier is not None
    looked, days = _looked(patient.pk), dossier.rules.review_days
    found = [one for row in rows if (one := due(row, looked.get(b64(row.pk.bytes), row.given_at), days, now))]
    return sorted(found, key=lambda one: (one.kind == "review", one.at))


def review(row: Directive, by: UUID) -> None:
    """The patient has looked at a permission and keeps it; the ledger holds it, and the next question waits on it."""
    record(actor=by, verb=REVIEWED, patient=row.patient_id, object_kind="directive", object_id=b64(row.pk.bytes))


def _looked(patient_id: UUID) -> Mapping[str, datetime]:
    """For a directive's id when it was last looked at."""
    rows = Entry.objects.filter(patient=patient_id, verb=REVIEWED).order_by("pk")
    return dict(rows.values_list("object_id", "at"))


@dataclass(frozen=True)
class Majority:
    """From this day on those who act as parents no longer do."""

    on: date
    days: int
    names: tuple[str, ...]


def majority_of(patient: Patient, now: datetime) -> Majority | None:
    """The notice that a young person gets within ninety days of coming of age, where a parent acts for them."""
    dossier = dossier_of(patient.pk)
    left = _days_left(dossier, now) if dossier else None
    if left is None or dossier is None:
        return None
    rows = Authority.objects.filter(patient=patient, type=Authority.Type.PARENT, ended_at=None).select_related("person")
    names = tuple(sorted(row.person.name for row in rows))
    return Majority(left[0], left[1], names) if names else None


def _days_left(dossier: Dossier, now: datetime) -> tuple[date, int] | None:
    facts = dossier.facts
    if facts.birth_date is None:
        return None
    moment = comes_of_age(facts.birth_date, facts.majority_age, facts.zone)
    days = (moment.date() - now.astimezone(facts.zone).date()).days
    return (moment.date(), days) if 0 < days <= COMING_OF_AGE_DAYS[0] else None


def remind(now: datetime) -> int:
    """Tells every patient once of each end and review that is due, and of coming of age; returns how many were told.

    Safe to run as often as one likes and by several processes at once: each claims a row before it sends.
    """
    told = {pk for pk in _claim_permissions(now)} | {pk for pk in _claim_majorities(now)}
    for address in User.objects.filter(patient__in=told, is_active=True).values_list("email", flat=True):
        _send(address)
    return len(told)


def _claim_permissions(now: datetime) -> list[UUID]:
    told: list[UUID] = []
    standing = Directive.objects.filter(ended_at=None).select_related("patient")
    for row in standing.order_by("patient", "given_at").iterator(chunk_size=500):
        dossier = dossier_of(row.patient_id)
        if dossier is None:
            continue
        days, looked = dossier.rules.review_days, _looked(row.patient_id).get(b64(row.pk.bytes), row.given_at)
        asked, again = due(row, looked, days, now), now - timedelta(days=days)
        if asked is None:
            continue
        column = "expiry_told_at" if asked.kind == "ends" else "review_told_at"
        untold = Directive.objects.filter(pk=row.pk, ended_at=None, **{column: None})
        if asked.kind == "review":
            untold |= Directive.objects.filter(pk=row.pk, ended_at=None, review_told_at__lte=again)
        if untold.update(**{column: now}):
            told.append(row.patient_id)
    return told


def _claim_majorities(now: datetime) -> list[UUID]:
    """Young people at ninety and at thirty days; that they were told is in the ledger, which is also what is asked."""
    told: list[UUID] = []
    parents = Authority.objects.filter(type=Authority.Type.PARENT, ended_at=None)
    for patient in Patient.objects.filter(pk__in=parents.values("patient"), account__isnull=False):
        coming = majority_of(patient, now)
        if coming is None:
            continue
        stage = min(days for days in COMING_OF_AGE_DAYS if coming.days <= days)
        with transaction.atomic():
            # The row's lock makes two processes take turns, so that only the first finds no entry.
            Patient.objects.select_for_update().get(pk=patient.pk)
            mark = {"verb": "authority.ends_soon", "patient": patient.pk, "object_id": str(stage)}
            if Entry.objects.filter(**mark).exists():
                continue
            record(actor=None, verb="authority.ends_soon", patient=patient.pk, object_kind="days", object_id=str(stage))
        told.append(patient.pk)
    return told


def _send(address: str) -> None:
    try:
        send_mail(SUBJECT, TEXT, None, [address])
    except OSError as error:
        # The home page tells it too; a mail that is lost is not worth telling twice about.
        log.warning("reminders.mail", error=type(error).__name__)
