"""The HTTP doors of witnessing: bringing a patient's word in, signing as the second witness, taking it back."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from consent.actions import stored_signers
from consent.actions import witnessing as actions
from consent.actions.voices import is_witness
from consent.models import Witnessing
from crypto.directives import parse_directive
from crypto.tables import GranteeKind, Role
from people.access import access_treated_patient, caseload, posts
from people.models import KeyBundle, User
from people.reading import person_of
from people.shapes import millis
from wire import witness as wire
from wire.base import unb64
from wire.consent import ConsentSigner
from wire.errors import NotFound
from wire.people import Done

router = Router(tags=["witness"])
PAGE = 100


def _id(text: str) -> UUID:
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


def _treated(user: User) -> Q:
    """Those of patients whom the person treats now: a witness is somebody who was there."""
    return Q(patient__in=caseload(user).values("patient"))


def _find(user: User, witnessing: str) -> Witnessing:
    row = Witnessing.objects.select_related("patient").filter(_treated(user), pk=_id(witnessing)).first()
    if row is None:
        raise NotFound
    return row


def _about(row: Witnessing) -> wire.WitnessingAbout | None:
    """Whoever signs next checks the key of this person against the bytes, and the words against both."""
    if row.kind == Witnessing.Kind.AUTHORITY:
        person = row.patient.account
        if person is None:
            return None
        return wire.WitnessingAbout(
            user=person.pk.bytes, name=row.patient.name, role=int(Role.PATIENT), organisation_name=""
        )
    if row.kind != Witnessing.Kind.DIRECTIVE:
        return None
    said = parse_directive(row.body)
    bundle = KeyBundle.objects.select_related("user").filter(fp=said.grantee).first()
    post = posts(bundle.user).first() if bundle is not None else None
    if bundle is None or post is None or said.grantee_kind != GranteeKind.KEY:
        return None
    return wire.WitnessingAbout(
        user=bundle.user_id.bytes, name=bundle.user.name, role=post.role, organisation_name=post.organisation.name
    )


def _out(row: Witnessing, user: User) -> wire.WitnessingOut:
    signers = stored_signers(row)
    people = {
        bundle.fp: bundle.user
        for bundle in KeyBundle.objects.select_related("user").filter(fp__in=[one.fp for one in signers])
    }
    return wire.WitnessingOut(
        id=row.pk.bytes,
        patient=row.patient_id.bytes,
        patient_name=row.patient.name,
        kind=row.kind,
        method=row.method,
        statement=row.statement,
        body=row.body,
        about=_about(row),
        signers=signers,
        witnesses=[people[one.fp].name for one in signers],
        needed=actions.needed(row),
        mine=any(people[one.fp].pk == user.pk for one in signers),
        done=row.closed_at is not None and len(signers) >= actions.needed(row),
        opened_at=millis(row.opened_at),
        expires_at=millis(row.expires_at),
    )


@router.post("/patients/{patient}/witnessings", response=wire.WitnessingOut)
def bring_in(request: HttpRequest, patient: str, body: wire.WitnessingIn) -> wire.WitnessingOut:
    user = person_of(request.user)
    member = access_treated_patient(user, _id(patient))
    return _out(actions.open_witnessing(member.patient, user, body), user)


@router.get("/witnessings", response=wire.WitnessingsOut)
def waiting(request: HttpRequest) -> wire.WitnessingsOut:
    user = person_of(request.user)
    if not is_witness(user.pk, timezone.now()):
        return wire.WitnessingsOut(witnessings=[])
    rows = Witnessing.objects.select_related("patient").filter(
        _treated(user), closed_at=None, expires_at__gt=timezone.now()
    )
    return wire.WitnessingsOut(witnessings=[_out(row, user) for row in rows.order_by("opened_at")[:PAGE]])


@router.post("/witnessings/{witnessing}/sign", response=wire.WitnessingOut)
def sign(request: HttpRequest, witnessing: str, body: ConsentSigner) -> wire.WitnessingOut:
    user = person_of(request.user)
    return _out(actions.sign_witnessing(_find(user, witnessing), user, body), user)


@router.delete("/witnessings/{witnessing}", response=Done)
def take_back(request: HttpRequest, witnessing: str) -> Done:
    user = person_of(request.user)
    actions.drop_witnessing(_find(user, witnessing), user)
    return Done()
