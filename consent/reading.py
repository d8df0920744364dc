"""Directives and the ledger as their patient reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from audit.models import Entry
from consent.actions import stored_signers
from consent.models import Directive
from crypto.directives import Directive as SignedDirective
from crypto.directives import parse_directive
from crypto.tables import CLOCK_TOLERANCE_MS, Effect, GranteeKind, Role
from people.models import Affiliation, KeyBundle, Organisation, Patient, User
from wire.base import unb64
from wire.consent import DirectiveOut, LedgerLine

State = Literal["active", "not_yet", "expired", "revoked", "superseded"]


@dataclass(frozen=True)
class Person:
    """Who somebody is to a reader of the ledger."""

    name: str
    role: str
    organisation: str


NOBODY = Person("", "", "")


def role_name(role: int) -> str:
    """`case manager` for CASE_MANAGER."""
    try:
        return Role(role).name.replace("_", " ").lower()
    except ValueError:
        return ""


def people_by_id(ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Names, roles and organisations of many people in three queries; a patient's account has the role patient."""
    wanted = set(ids)
    found = {user.pk: Person(user.name, "", "") for user in User.objects.filter(pk__in=wanted)}
    for post in Affiliation.objects.filter(user_id__in=wanted).select_related("organisation").order_by("since"):
        found[post.user_id] = Person(found[post.user_id].name, role_name(post.role), post.organisation.name)
    for patient in Patient.objects.filter(account_id__in=wanted):
        if patient.account_id is not None:
            found[patient.account_id] = Person(patient.name, "patient", "")
    return found


def state_of(row: Directive, directive: SignedDirective, now: datetime) -> State:
    """What a directive is worth at `now`."""
    if row.superseded:
        return "superseded"
    if row.ended_at is not None:
        return "revoked"
    now_ms = now.timestamp() * 1000
    if directive.exp <= now_ms:
        return "expired"
    return "active" if directive.nbf - CLOCK_TOLERANCE_MS <= now_ms else "not_yet"


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def directives_out(rows: Sequence[Directive], now: datetime) -> list[DirectiveOut]:
    """The directives with the people and organisations they name."""
    parsed = [parse_directive(row.body) for row in rows]
    fps = [one.grantee for one in parsed if one.grantee_kind == GranteeKind.KEY]
    fps += [unb64(signer["fp"]) for row in rows for signer in row.signers]
    users = dict(KeyBundle.objects.filter(fp__in=fps).values_list("fp", "user_id"))
    people = people_by_id(users.values())
    org_ids = [UUID(bytes=one.grantee) for one in parsed if one.grantee_kind == GranteeKind.ORGANISATION]
    organisations = {org.pk.bytes: org.name for org in Organisation.objects.filter(pk__in=org_ids)}
    return [_directive_out(row, one, users, people, organisations, now) for row, one in zip(rows, parsed, strict=True)]


def _directive_out(
    row: Directive,
    one: SignedDirective,
    users: dict[bytes, UUID],
    people: dict[UUID, Person],
    organisations: dict[bytes, str],
    now: datetime,
) -> DirectiveOut:
    user = users.get(one.grantee)
    signed_by = [users[unb64(signer["fp"])] for signer in row.signers if unb64(signer["fp"]) in users]
    person = people.get(user, NOBODY) if user else NOBODY
    role = role_name(one.grantee[0]) if one.grantee_kind == GranteeKind.ROLE else person.role
    return DirectiveOut(
        id=one.directive_id,
        effect="permit" if one.effect == Effect.PERMIT else "deny",
        grantee_kind=one.grantee_kind,
        grantee=one.grantee,
        grantee_user=user.bytes if user else None,
        grantee_name=person.name or organisations.get(one.grantee, ""),
        grantee_role=role,
        grantee_organisation=person.organisation or organisations.get(one.grantee, ""),
        actions=one.actions,
        threads=list(one.threads),
        labels=[label.decode("utf-8", "replace") for label in one.labels],
        purposes=[purpose.decode("utf-8", "replace") for purpose in one.purposes],
        history=one.history,
        history_from=one.history_from,
        nbf=one.nbf,
        exp=one.exp,
        given_at=_millis(row.given_at),
        ended_at=_millis(row.ended_at) if row.ended_at else None,
        state=state_of(row, one, now),
        voice=one.auth_kind.name.lower(),
        given_by=[people[signer].name for signer in signed_by if signer in people],
        method=row.method,
        statement=row.statement,
        server=one.server.decode("utf-8", "replace"),
        body=row.body,
        signers=stored_signers(row),
    )


def _about_id(entry: Entry) -> UUID | None:
    raw = str(entry.detail.get("about", ""))
    return UUID(hex=raw) if len(raw) == 32 else None


def ledger_lines(entries: Sequence[Entry]) -> list[LedgerLine]:
    """The entries with the names of who did it and whom it concerned."""
    about = {entry.pk: _about_id(entry) for entry in entries}
    ids = {entry.actor for entry in entries if entry.actor} | {one for one in about.values() if one}
    people = people_by_id(ids)
    return [_ledger_line(entry, about[entry.pk], people) for entry in entries]


def _ledger_line(entry: Entry, about: UUID | None, people: dict[UUID, Person]) -> LedgerLine:
    actor = people.get(entry.actor, NOBODY) if entry.actor else Person("The server", "", "")
    concerned = people.get(about, NOBODY).name if about and about != entry.actor else ""
    return LedgerLine(
        id=entry.pk,
        at=_millis(entry.at),
        who=actor.name,
        role=actor.role,
        organisation=actor.organisation,
        user=entry.actor.bytes if entry.actor else None,
        verb=entry.verb,
        object_kind=entry.object_kind,
        object_id=entry.object_id,
        outcome=entry.outcome,
        reason=entry.reason,
        basis=[str(one) for one in entry.basis],
        about=concerned,
        count=int(entry.detail.get("count", 0)),
        leaf=bytes(entry.leaf),
    )
