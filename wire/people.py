"""Accounts, keys, organisations, patients and care teams, as HTTP bodies and answers.

Signing in and up is allauth's headless browser client (`/_allauth/browser/v1/auth/…`): its `password` is the
derived `auth` as base64url, never what the person typed. Signing up needs the header `X-Enrolment-Code`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from wire.base import B64, Body, Id16, Id32, Millis, Signature
from wire.sso import IdentityProviderOut

Email = Annotated[str, Field(min_length=3, max_length=254)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Kind = Literal["staff", "patient", "representative"]


class PeopleCode(StrEnum):
    """Refusals of accounts and keys that a client acts upon, besides those of wire.errors."""

    ENROLMENT_CODE = "enrolment_code"
    """The code is unknown, used or expired."""
    ALREADY_ENROLLED = "already_enrolled"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  # a code
    PROVE_AGAIN = "prove_again"
    """The session has not proved its person within the last minutes: ask for the password or the passkey."""
    WRONG_RECOVERY = "wrong_recovery"
    """No such account, or not its recovery code: one answer for both."""
    RECOVERY_SLOT_MISSING = "recovery_slot_missing"
    """Enrolment without a recovery code would lose everything with one forgotten password."""
    CARE_TEAM_ELSEWHERE = "care_team_elsewhere"
    """Colleagues of other organisations come in by the patient's consent, not by the care team."""


class ComplianceKeyBlob(Body):
    """An organisation's compliance key as its root vouches for it (CT1 compliance key): the ceremony's file too."""

    body: B64 = Field(min_length=1, max_length=512)
    sig: Signature


class OrganisationOut(Body):
    """An organisation; clients pin `root_fp` and verify certificates with `root_pk`.

    `compliance`: the key that every new thread about its patients must name, or null where it has none.
    """

    id: Id16
    name: str
    kind: str
    zone: str
    root_pk: Id32
    root_fp: Id32
    compliance: ComplianceKeyBlob | None = None


class Config(Body):
    """`GET /api/config`, without a session: what a client must know before anybody signs in.

    `offline_hours`: how long a device may show what it has without hearing from the server; 0: not at all.
    """

    protocol: int
    oldest_build: int
    build: str
    offline_hours: int
    demo: bool
    now: Millis
    organisations: list[OrganisationOut]
    identity_providers: list[IdentityProviderOut] = Field(default_factory=list)


class DemoPerson(Body):
    """One of the demonstration cast; `window` is the host label that keeps this person's window apart."""

    name: str
    email: str
    role: str
    organisation: str
    window: str


class DemoCast(Body):
    """`GET /api/demo/cast`, in demonstration mode alone: who can be played, and with which password."""

    people: list[DemoPerson]
    password: str


class DemoCode(Body):
    """`GET /api/demo/code?email=`, in demonstration mode alone: what one of the cast's authenticator app shows now."""

    code: str
    seconds: int
    """How long it is shown yet."""


class SecondFactor(Body):
    """`GET /api/me/second-factor`: whether an authenticator app is set up, and until when its last proof is recent.

    Setting up, proving and recovery codes are allauth's (`/_allauth/browser/v1/account/authenticators`, `auth/2fa`).
    """

    on: bool
    fresh_until: Millis | None


class LoginQuestion(Body):
    """`POST /api/login-parameters`, without a session."""

    email: Email


class LoginParameters(Body):
    """The Argon2id parameters of an address; the same made-up answer every time for an unknown one.

    A new account uses this answer's salt for its first password slot, so that a sign-up that broke off before
    enrolment can be resumed by signing in. Memory `m` in bytes, `t` passes.
    """

    salt: Id16
    t: int
    m: int


class EnrolmentQuestion(Body):
    """`POST /api/enrolments/look`, without a session: what a code is for."""

    code: str = Field(min_length=8, max_length=64)


class EnrolmentOffer(Body):
    """What a valid code enrols its bearer as; `role` is the CT1 role number."""

    organisation: OrganisationOut
    kind: Kind
    role: int
    expires: Millis


class Post(Body):
    """A post held at an organisation; `role` is the CT1 role number."""

    organisation: Id16
    organisation_name: str
    role: int
    licence: str
    since: Millis


class Me(Body):
    """`GET /api/me`: who is signed in; `enrolled` is false until keys exist."""

    id: Id16
    email: str
    name: str
    kind: Literal["staff", "patient", "representative", "none"]
    enrolled: bool
    fp: Id32 | None
    gen: int
    posts: list[Post]
    patient: Id16 | None
    zone: str


class SlotIn(Body):
    """A wrapped user master key: kind 1 password, 2 passkey (with `credential`), 3 recovery code (with `rc_auth`)."""

    kind: int = Field(ge=1, le=3)
    slot_id: Id16
    salt: Id16
    t: int = Field(ge=0, le=100)
    m: int = Field(ge=0, le=2**33)
    blob: B64 = Field(min_length=32, max_length=512)
    rc_auth: B64 | None = Field(default=None, max_length=64)
    credential: B64 | None = Field(default=None, min_length=1, max_length=1023)


class SlotOut(Body):
    """A wrapped user master key, as stored; `credential` is the passkey's id for kind 2, null for the others."""

    kind: int
    slot_id: Id16
    salt: Id16
    t: int
    m: int
    blob: B64
    credential: B64 | None = None


class KeyringBlob(Body):
    """A person's private keys, sealed by the user master key (CT1 keyring)."""

    version: int = Field(ge=1, le=2**53 - 1)
    blob: B64 = Field(min_length=1, max_length=16_384)


class PinsBlob(Body):
    """`PUT /api/keys/pins`: what a person's devices have seen of logs and keys, sealed by them (CT1 pins).

    The version is one more than the one that is kept, else `conflict`: fetch, merge, seal again. Answered as it is
    kept.
    """

    version: int = Field(ge=1, le=2**53 - 1)
    blob: B64 = Field(min_length=1, max_length=1_048_576)


class KeptPins(Body):
    """`GET /api/keys/pins`: the newest sealed pins, or null before the first."""

    pins: PinsBlob | None = None


class UkrBlob(Body):
    """A signed user key record: `pop` by its own key, `sig` by the previous one (empty for the first)."""

    ukr: B64 = Field(min_length=1, max_length=1024)
    pop: Signature
    sig: B64 = Field(default=b"", max_length=64)


class CertificateBlob(Body):
    """A certificate body and its issuer's signature."""

    body: B64
    sig: Signature


class CertificateRequest(Body):
    """One key that waits for the certificate of a root that is kept offline; `earlier` are those that it continues."""

    organisation: Id16
    subject: Id16
    name: str = Field(max_length=200)
    ukr: UkrBlob
    earlier: list[UkrBlob] = Field(default_factory=list, max_length=1000)
    cert_kind: int = Field(ge=0, le=255)
    roles: list[int] = Field(min_length=1, max_length=8)
    until: Millis | None = None


class CertificateRequests(Body):
    """A file that `manage.py roots requests` writes and `python -m client.roots sign` reads."""

    requests: list[CertificateRequest] = Field(max_length=10_000)


class IssuedCertificates(Body):
    """A file that `python -m client.roots sign` writes and `manage.py roots certificates` takes in."""

    certificates: list[CertificateBlob] = Field(max_length=10_000)


class EnrolKeys(Body):
    """`POST /api/keys/enrol`: the first keys of the account that is signed in; answered with `MyKeys`.

    `slots` holds a password slot and a recovery slot at least. The name is what colleagues will see.
    """

    enrolment_code: str = Field(min_length=8, max_length=64)
    name: Name
    ukr: UkrBlob
    slots: list[SlotIn] = Field(min_length=2, max_length=8)
    keyring: KeyringBlob


class MyKeys(Body):
    """`GET /api/keys/mine`: all that a fresh browser needs to open this person's keys with the password."""

    user: Id16
    bundles: list[UkrBlob]
    certificates: list[CertificateBlob]
    slots: list[SlotOut]
    keyring: KeyringBlob


class ChangePassword(Body):
    """`PUT /api/keys/password`: the new `auth` and password slot together; every other session ends."""

    current_auth: B64 = Field(min_length=16, max_length=64)
    auth: B64 = Field(min_length=16, max_length=64)
    slot: SlotIn


class PasskeySlot(Body):
    """`PUT /api/keys/passkey`: the slot of a passkey that this account has registered already; repeats replace it.

    The session must have proved its person lately (allauth's reauthentication), as for registering the passkey.
    """

    slot: SlotIn


class PasskeyOut(Body):
    """A passkey of one's own; `opens_keys` is false for one that signs in alone, after which the password opens."""

    id: int
    name: str
    credential: B64
    created: Millis
    last_used: Millis | None
    opens_keys: bool


class Passkeys(Body):
    """`GET /api/keys/passkeys`; one is removed with its slot by allauth's `DELETE .../authenticators/webauthn`."""

    passkeys: list[PasskeyOut]


class NewRecoveryCode(Body):
    """`PUT /api/keys/recovery`: a new recovery slot in place of the old one, whose code opens nothing from then on."""

    current_auth: B64 = Field(min_length=16, max_length=64)
    slot: SlotIn


class OpenRecovery(Body):
    """`POST /api/recovery/open`, without a session and rate limited: the slot that a recovery code opens."""

    email: Email
    rc_auth: B64 = Field(min_length=16, max_length=64)


class RecoverySlot(Body):
    """What the bearer of the recovery code needs to reach the keys and to make a new password slot."""

    user: Id16
    slot: SlotOut
    bundles: list[UkrBlob]
    keyring: KeyringBlob


class FinishRecovery(Body):
    """`POST /api/recovery/finish`: sets `auth`, password slot and recovery slot together and ends every session.

    The code that proved itself is spent with it: the new `recovery` slot has another. The asker is signed in.
    """

    email: Email
    rc_auth: B64 = Field(min_length=16, max_length=64)
    auth: B64 = Field(min_length=16, max_length=64)
    slot: SlotIn
    recovery: SlotIn


class Done(Body):
    """The act is done and has nothing to tell."""

    ok: Literal[True] = True


class KeysQuestion(Body):
    """`POST /api/people/keys`: whose keys; those one may not see are left out without a word."""

    users: list[Id16] = Field(max_length=200)


class PersonKeys(Body):
    """A person's public keys of every generation, oldest first, and the certificates over them."""

    user: Id16
    name: str
    kind: Kind
    bundles: list[UkrBlob]
    certificates: list[CertificateBlob]


class PeopleKeys(Body):
    """The answer to `KeysQuestion`."""

    people: list[PersonKeys]


class DirectoryEntry(Body):
    """A clinician who can be invited; `role` is the CT1 role number."""

    user: Id16
    name: str
    organisation: Id16
    organisation_name: str
    role: int
    fp: Id32


class DirectoryPage(Body):
    """`GET /api/directory?query=&page=`: clinicians by name or organisation, 50 a page, from page 1."""

    people: list[DirectoryEntry]
    page: int
    more: bool


class PatientOut(Body):
    """A patient of one's caseload; `account` and `fp` are null until the patient has signed up.

    `role` is one's own role on this care team (a CT1 role number); `id` is the CT1 `patient_ref`.
    """

    id: Id16
    name: str
    birth_date: str
    organisation: Id16
    zone: str
    account: Id16 | None
    fp: Id32 | None
    role: int
    since: Millis


class PatientsPage(Body):
    """`GET /api/patients?page=`: one's caseload by name, 100 a page, from page 1."""

    patients: list[PatientOut]
    page: int
    more: bool


class NewPatient(Body):
    """`POST /api/patients`: enrols a patient of one's own organisation; retry-safe by the client-made `id`."""

    id: Id16
    name: Name
    birth_date: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    zone: str = Field(default="UTC", max_length=64)


class PatientEnrolment(Body):
    """A patient and the one-time code to hand over; `POST /api/patients/{id}/enrolment` makes a new one."""

    patient: PatientOut
    enrolment_code: str
    expires: Millis


class CareTeamPerson(Body):
    """One who treats or serves a patient; `role` is the CT1 role number."""

    user: Id16
    name: str
    organisation: Id16
    organisation_name: str
    role: int
    since: Millis


class CareTeam(Body):
    """`GET /api/patients/{id}/care-team`, for the team and the patient."""

    people: list[CareTeamPerson]


class JoinCareTeam(Body):
    """`POST /api/patients/{id}/care-team`: a colleague of the patient's organisation joins; repeats are one row.

    `DELETE /api/patients/{id}/care-team/{user}` ends it.
    """

    user: Id16


class DeviceIn(Body):
    """`POST /api/devices`: this browser, under an id it made; an id that another person uses is a conflict."""

    id: Id16
    label: str = Field(max_length=120)
    remembered: bool = False
    """Whether it keeps the master key for some hours (protocol.md 3.3, kind 4)."""


class DeviceOut(Body):
    """One's session on a device: `number` names it for signing it out, `current` is the one that asks.

    `label` is what the device called itself; of one that never opened the keys it is what its browser says.
    """

    number: int
    label: str
    first_seen: Millis
    last_seen: Millis
    current: bool
    remembered: bool
    opened: bool
    """Whether the keys were opened in it."""


class Devices(Body):
    """`GET /api/devices`: where one is signed in, the newest hundred, last seen first.

    `DELETE /api/devices/{number}` signs one out, `POST /api/sign-out-others` all but this one,
    `POST /api/sign-out-everywhere` this one too. Sockets of an ended session are closed with 4401.
    """

    devices: list[DeviceOut]
