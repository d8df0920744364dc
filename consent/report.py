"""The patient's access report: who did what, grouped; and as a file whose every line proves itself offline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from django.utils import timezone

from audit import merkle
from audit.access import EVERYTHING, Counted, Filter, people_in, placed_about
from audit.checkpoints import make_checkpoint
from audit.keys import signer
from audit.models import Checkpoint, Entry
from audit.places import Reader
from consent.reading import NOBODY, Person, people_by_id
from people.models import Patient
from people.shapes import millis
from wire import ledger as wire
from wire.errors import Invalid

Show = Literal["", "refused", "permissions"]
LOOKS_AT_PERMISSIONS = ("consent.read", "standing.read", "ledger.read", "ledger.report", "receipt.read")
MOST_LINES = 500
"""Lines of one file: each carries some twenty hashes, so that a file is made within a second."""


def filter_of(show: str, user: UUID | None, since: int | None, until: int | None) -> Filter:
    """What a patient asked to see; Invalid for a word that is none, or a time that is none."""
    if show not in ("", "refused", "permissions"):
        raise Invalid("This is nothing that can be shown.", re="show")
    return Filter(
        actor=user,
        verbs=LOOKS_AT_PERMISSIONS if show == "permissions" else (),
        outcome="deny" if show == "refused" else "",
        since=_moment(since, "since"),
        until=_moment(until, "until"),
    )


def _moment(ms: int | None, name: str) -> datetime | None:
    try:
        return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        raise Invalid("This is no time.", re=name) from None


def summary(patient: Patient, chosen: Filter) -> wire.ReportOut:
    """Everything that was done about a patient, by organisation and person, the newest first."""
    rows = people_in(patient.pk, chosen)
    known = people_by_id(row.actor for row in rows if row.actor)
    by_actor: dict[UUID | None, list[Counted]] = {}
    for row in rows:
        by_actor.setdefault(row.actor, []).append(row)
    people = [_person(actor, counted, known) for actor, counted in by_actor.items()]
    houses: dict[str, list[wire.ReportPerson]] = {}
    for person in people:
        houses.setdefault(person.organisation, []).append(person)
    return wire.ReportOut(
        organisations=[
            wire.ReportOrganisation(
                organisation=house,
                times=sum(one.times for one in members),
                refused=sum(one.refused for one in members),
                people=members,
            )
            for house, members in houses.items()
        ],
        times=sum(one.times for one in people),
        refused=sum(one.refused for one in people),
    )


def _person(actor: UUID | None, counted: Sequence[Counted], known: dict[UUID, Person]) -> wire.ReportPerson:
    person = known.get(actor, NOBODY) if actor else Person("The system", "", "")
    return wire.ReportPerson(
        user=actor.bytes if actor else None,
        who=person.name,
        role=person.role,
        organisation=person.organisation,
        times=sum(row.times for row in counted),
        refused=sum(row.times for row in counted if row.outcome == "deny"),
        first=millis(min(row.first for row in counted)),
        last=millis(max(row.last for row in counted)),
    )


def report_file(patient: Patient, *, since: int, before: int | None = None) -> wire.ReportFile:
    """The newest lines about a patient under the newest checkpoint, each with its proof.

    `since` is the size of an earlier report's checkpoint (0: none). Raises Invalid for one that is larger than the log.
    """
    checkpoint = Checkpoint.objects.order_by("-size").first() or make_checkpoint()
    if not 0 <= since <= checkpoint.size:
        raise Invalid("The log was never of that size.", re="since")
    below = checkpoint.size if before is None else max(0, min(before, checkpoint.size))
    rows = placed_about(patient.pk, below=below, most=MOST_LINES, chosen=EVERYTHING)
    known = people_by_id(entry.actor for _, entry in rows if entry.actor)
    reader = Reader()
    consistency = (
        merkle.consistency_proof(reader.subtree, since, checkpoint.size) if 0 < since < checkpoint.size else []
    )
    return wire.ReportFile(
        patient=patient.pk.hex,
        patient_name=patient.name,
        made_at=millis(timezone.now()),
        log_key=signer().verifier,
        checkpoint=checkpoint.note,
        since=since,
        consistency=[step.hex() for step in consistency],
        entries=[_line(index, entry, checkpoint.size, known, reader) for index, entry in rows],
        earlier=rows[-1][0] if len(rows) == MOST_LINES else None,
    )


def _line(index: int, entry: Entry, size: int, known: dict[UUID, Person], reader: Reader) -> wire.ReportEntry:
    person = known.get(entry.actor, NOBODY) if entry.actor else Person("The system", "", "")
    return wire.ReportEntry(
        who=person.name,
        organisation=person.organisation,
        index=index,
        content=wire.ReportContent.model_validate(entry.content()),
        proof=[step.hex() for step in merkle.inclusion_proof(reader.subtree, index, size)],
    )
