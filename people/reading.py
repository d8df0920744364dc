"""What people's pages show, gathered in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from crypto import tables
from people import access, rules, shapes
from people.models import Affiliation, Certificate, Device, Enrolment, KeyBundle, Keyring, Pins, Slot, User
from wire import people as wire
from wire.errors import NotFound

DIRECTORY_PAGE, CASELOAD_PAGE = 50, 100


def current_fps(users: Iterable[UUID]) -> dict[UUID, bytes]:
    """The newest fingerprint of each of these people who has keys."""
    rows = KeyBundle.objects.filter(user__in=list(users)).order_by("gen").values_list("user_id", "fp")
    return dict(rows)


def person_of(user: User | AnonymousUser) -> User:
    """The account behind a request that has passed the API's authentication."""
    if not isinstance(user, User):
        raise NotFound
    return user


def me(user: User) -> wire.Me:
    """Who is signed in."""
    held = list(access.posts(user))
    record = getattr(user, "patient", None)
    bundle = KeyBundle.objects.filter(user=user).order_by("-gen").first()
    zone = record.zone if record is not None else held[0].organisation.zone if held else "UTC"
    return wire.Me(
        id=user.pk.bytes,
        email=user.email,
        name=user.name,
        kind=_kind_of(user, is_staff=bool(held), is_patient=record is not None),
        enrolled=bundle is not None,
        fp=bundle.fp if bundle else None,
        gen=bundle.gen if bundle else 0,
        posts=[shapes.post(row) for row in held],
        patient=record.pk.bytes if record is not None else None,
        zone=zone,
    )


def offered_kind(enrolment: Enrolment) -> wire.Kind:
    """What its bearer becomes."""
    kinds: dict[str, wire.Kind] = {"staff": "staff", "representative": "representative"}
    return kinds.get(enrolment.kind, "patient")


def _kind_of(user: User, *, is_staff: bool, is_patient: bool) -> Literal["staff", "patient", "representative", "none"]:
    if is_staff or is_patient:
        return "staff" if is_staff else "patient"
    acts = Certificate.objects.filter(subject=user, kind=tables.CertKind.REPRESENTATIVE).exists()
    return "representative" if acts else "none"


def login_parameters(email: str, secret: str) -> wire.LoginParameters:
    """The Argon2id parameters of an address, made up and steady for an unknown one."""
    row = Slot.objects.filter(user__email__iexact=email, kind=Slot.Kind.PASSWORD).first()
    if row is not None:
        return wire.LoginParameters(salt=row.salt, t=row.t, m=row.m)
    return wire.LoginParameters(salt=rules.stand_in_salt(secret, email), t=tables.PASSWORD_T, m=tables.PASSWORD_M)


def my_keys(user: User) -> wire.MyKeys:
    """Everything stored of one's own keys; NotFound before enrolment."""
    ring = Keyring.objects.filter(user=user).first()
    if ring is None:
        raise NotFound
    return wire.MyKeys(
        user=user.pk.bytes,
        bundles=shapes.bundles(KeyBundle.objects.filter(user=user)),
        certificates=shapes.certificates(Certificate.objects.filter(subject=user)),
        slots=[shapes.slot(row) for row in Slot.objects.filter(user=user).order_by("kind", "pk")],
        keyring=shapes.keyring(ring),
    )


def my_pins(user: User) -> wire.KeptPins:
    """The sealed pins of one's own devices, or none."""
    row = Pins.objects.filter(user=user).first()
    return wire.KeptPins(pins=wire.PinsBlob(version=row.version, blob=row.blob) if row else None)


def passkeys(user: User) -> wire.Passkeys:
    """One's own passkeys, oldest first, and which of them open the keys."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).select_related("slot")
    return wire.Passkeys(passkeys=[shapes.passkey(row) for row in rows.order_by("created_at", "pk")])


MOST_DEVICES = 100


def devices(user: User, session_key: str) -> wire.Devices:
    """Where a person is signed in now, last seen first; sessions that have run out are left out."""
    rows = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")[:MOST_DEVICES]
    keys = [row.session_key for row in rows]
    standing = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    alive = set(standing.values_list("session_key", flat=True))
    held = {row.session_key: row for row in Device.objects.filter(user=user, session_key__in=keys)}
    found = [shapes.device(row, held.get(row.session_key), session_key) for row in rows if row.session_key in alive]
    return wire.Devices(devices=sorted(found, key=lambda one: one.last_seen, reverse=True))


def people_keys(users: Iterable[UUID]) -> wire.PeopleKeys:
    """Names, key bundles and certificates of people whom the caller has already been found to see."""
    rows = (
        User.objects.filter(pk__in=list(users), key_bundles__isnull=False)
        .distinct()
        .prefetch_related("key_bundles", "certificates", "affiliations")
        .order_by("pk")
    )
    return wire.PeopleKeys(
        people=[
            wire.PersonKeys(
                user=row.pk.bytes,
                name=row.name,
                kind="staff" if row.affiliations.all() else "representative" if _represents(row) else "patient",
                bundles=shapes.bundles(row.key_bundles.all()),
                certificates=shapes.certificates(row.certificates.all()),
            )
            for row in rows
        ]
    )


def _represents(row: User) -> bool:
    return any(certificate.kind == tables.CertKind.REPRESENTATIVE for certificate in row.certificates.all())


def directory(query: str, page: int) -> wire.DirectoryPage:
    """Clinicians with keys whose name or organisation holds every word of the query, by name.

    Names are sealed in the database, so they are compared here: some 20 µs a clinician.
    """
    now = timezone.now()
    standing = Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))
    rows = Affiliation.objects.filter(standing, user__is_active=True).select_related("user", "organisation")
    words = query.casefold().split()
    found = [
        row for row in rows if all(word in f"{row.user.name} {row.organisation.name}".casefold() for word in words)
    ]
    fps = current_fps({row.user_id for row in found})
    found = sorted((row for row in found if row.user_id in fps), key=lambda row: (row.user.name.casefold(), row.pk))
    first = (page - 1) * DIRECTORY_PAGE
    return wire.DirectoryPage(
        people=[
            wire.DirectoryEntry(
                user=row.user_id.bytes,
                name=row.user.name,
                organisation=row.organisation_id.bytes,
                organisation_name=row.organisation.name,
                role=row.role,
                fp=fps[row.user_id],
            )
            for row in found[first : first + DIRECTORY_PAGE]
        ],
        page=page,
        more=len(found) > first + DIRECTORY_PAGE,
    )


def patients(user: User, page: int) -> wire.PatientsPage:
    """One's caseload by name."""
    rows = sorted(access.caseload(user), key=lambda row: (row.patient.name.casefold(), row.patient_id))
    first = (page - 1) * CASELOAD_PAGE
    shown = rows[first : first + CASELOAD_PAGE]
    fps = current_fps({row.patient.account_id for row in shown if row.patient.account_id})
    return wire.PatientsPage(
        patients=[shapes.patient(row, fps.get(row.patient.account_id or row.patient_id)) for row in shown],
        page=page,
        more=len(rows) > first + CASELOAD_PAGE,
    )
