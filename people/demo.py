"""The people of the demonstration: fictional, each with a window and one password that everybody may know."""

from __future__ import annotations

from dataclasses import dataclass

from crypto.tables import Role
from wire import people as wire

PASSWORD = "demo-consilium-2026"  # noqa: S105  # printed on the sign-in page of the demonstration, nowhere else


@dataclass(frozen=True)
class DemoOrganisation:
    """An organisation of the demonstration."""

    name: str
    kind: str
    zone: str
    country: str = "US"


@dataclass(frozen=True)
class DemoMember:
    """One of the cast: staff with a role and licence, or the patient."""

    window: str
    name: str
    organisation: str
    role: Role
    title: str
    licence: str = ""
    duties: tuple[str, ...] = ()
    """What the organisation entrusts to them beside the post (consent.models.Duty)."""
    second_factor: str = ""
    """The secret of their authenticator app, in base32: as public as the password."""

    @property
    def email(self) -> str:
        return f"{self.window}@demo.consilium"


RIVERSIDE, NORTHGATE, HARBOUR = "Riverside Counselling", "Northgate Psychiatry", "Harbour Family Health"
ORGANISATIONS = (
    DemoOrganisation(RIVERSIDE, "community centre", "America/New_York"),
    DemoOrganisation(NORTHGATE, "multidisciplinary centre", "America/Chicago"),
    DemoOrganisation(HARBOUR, "payer-provider", "America/New_York"),
)
PATIENT = DemoMember("patient", "Maya Lindqvist", RIVERSIDE, Role.PATIENT, "Patient")
STAFF = (
    DemoMember("therapist", "Dr. Elena Marsh", RIVERSIDE, Role.THERAPIST, "Therapist", "PSY-20114", ("witness",)),
    DemoMember("psychiatrist", "Dr. Samuel Okafor", NORTHGATE, Role.PSYCHIATRIST, "Psychiatrist", "MD-77120"),
    DemoMember(
        "physician",
        "Dr. Priya Nair",
        HARBOUR,
        Role.PHYSICIAN,
        "Family physician",
        "MD-61342",
        ("emergency",),
        second_factor="CONSILIUMDEMONSTRATIONPRIYANAIRR",
    ),
    DemoMember("coordinator", "Tom Becker", RIVERSIDE, Role.CASE_MANAGER, "Case manager", "LCSW-3381", ("witness",)),
    DemoMember("outsider", "Dr. Chidi Eze", NORTHGATE, Role.PHYSICIAN, "Physician, on no case", "MD-80457"),
    DemoMember(
        "emergency",
        "Dr. Ruth Adeyemi",
        HARBOUR,
        Role.PHYSICIAN,
        "Emergency physician",
        "MD-58813",
        ("emergency",),
        second_factor="CONSILIUMDEMONSTRATIONRUTHADEYEM",
    ),
    DemoMember(
        "officer",
        "Grace Lindgren",
        RIVERSIDE,
        Role.SOCIAL_WORKER,
        "Privacy officer",
        duties=("privacy_officer", "witness"),
    ),
)
CAST = (*STAFF, PATIENT)


def cast() -> wire.DemoCast:
    """The cast as the sign-in page offers it."""
    return wire.DemoCast(
        people=[
            wire.DemoPerson(
                name=one.name, email=one.email, role=one.title, organisation=one.organisation, window=one.window
            )
            for one in CAST
        ],
        password=PASSWORD,
    )
