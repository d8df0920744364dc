"""What a directive must not be when it is given: each refusal with its code, each rule written once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from consent.actions.voices import Voice
from consent.dossier import dossier_of
from consent.model import PROTECTED_LABELS, PURPOSES, UNPROTECTED_LABELS, Reason, comes_of_age
from consent.models import Directive, Revocation
from consent.translate import actions_of, parse_server_rules
from crypto import directives as ct1
from crypto.errors import Ct1Error
from crypto.tables import DIRECTIVE_MAX_MS, AuthKind, Effect, GranteeKind, RevokeKind
from people.models import Affiliation, KeyBundle, Patient
from wire.base import b64
from wire.consent import ConsentCode
from wire.errors import Conflict, Invalid, Refused
from wire.witness import WitnessCode

_KNOWN_LABELS = PROTECTED_LABELS | UNPROTECTED_LABELS


def check_words(directive: ct1.Directive) -> None:
    """Refuses labels, purposes and rules for the server that nobody here knows.

    A permit with an unknown word opens nothing; but a deny with one protects nothing, and its patient believes it does.
    """
    if strange := [one for one in directive.labels if one.decode("utf-8", "replace") not in _KNOWN_LABELS]:
        raise Invalid("This label is not known here.", code=ConsentCode.UNKNOWN_LABEL, re=strange[0].decode())
    if strange := [one for one in directive.purposes if one.decode("utf-8", "replace") not in PURPOSES]:
        raise Invalid("This purpose is not known here.", code=ConsentCode.UNKNOWN_PURPOSE, re=strange[0].decode())
    try:
        parse_server_rules(directive.server)
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid("This permission holds rules that are not known here.", code=ConsentCode.SERVER_RULES) from error


def check_time(patient: Patient, directive: ct1.Directive, voice: Voice, now: datetime) -> None:
    """Refuses what is over, begins in another age, or outlasts what the organisation or a proxy's authority allows."""
    now_ms = now.timestamp() * 1000
    if directive.exp <= now_ms:
        raise Ct1Error("E_GRANT_EXPIRED", "the directive has ended before it began")
    if directive.nbf > now_ms + DIRECTIVE_MAX_MS:
        raise Ct1Error("E_GRANT_TIME", "the directive begins more than 366 days from now")
    if directive.effect == Effect.DENY:
        return
    dossier = dossier_of(patient.pk)
    assert dossier is not None
    if directive.exp - directive.nbf > dossier.rules.longest_days * 86_400_000:
        raise Ct1Error("E_GRANT_TIME", f"a permission here lasts at most {dossier.rules.longest_days} days")
    if voice.is_the_patients:
        return
    for person in voice.people:
        authority = dossier.authorities.get(person)
        ends = [authority.valid_until] if authority and authority.valid_until else []
        if authority and authority.type == "parent" and dossier.facts.birth_date:
            ends.append(comes_of_age(dossier.facts.birth_date, dossier.facts.majority_age, dossier.facts.zone))
        if any(directive.exp > end.timestamp() * 1000 for end in ends):
            raise Ct1Error("E_GRANT_TIME", "it would outlast the authority of one who gives it")


def check_not_dead(
    directive: ct1.Directive, standing: Sequence[Directive], revocations: Iterable[Revocation], voice: Voice
) -> None:
    """Refuses what the logs hold for dead: swept or named by a withdrawal, or replaced before it came.

    Raises E_GRANT_DUP for a directive that replaces itself. A deny of the patient's own is in time whatever others
    withdrew before it: what protects is not stopped in advance.
    """
    if directive.effect == Effect.DENY and voice.is_the_patients:
        revocations = [row for row in revocations if ct1.parse_revoke(row.body).auth_fp == directive.auth_fp]
    if directive.directive_id in directive.supersedes:
        raise Ct1Error("E_GRANT_DUP", "it replaces itself")
    for row in revocations:
        revoke = ct1.parse_revoke(row.body)
        named = revoke.kind == RevokeKind.DIRECTIVE and revoke.target == directive.directive_id
        if named or revoke.sweeps(directive):
            raise Ct1Error("E_GRANT_REVOKED", "it begins no later than a withdrawal that ends it")
    if any(directive.directive_id in ct1.parse_directive(row.body).supersedes for row in standing):
        raise Ct1Error("E_GRANT_REVOKED", "another one has taken its place already")


def is_patients_own(row: Directive) -> bool:
    """Whether a directive is the patient's own word, signed or witnessed."""
    return ct1.parse_directive(row.body).auth_kind in (AuthKind.PATIENT, AuthKind.WITNESSED)


def check_may_replace(directive: ct1.Directive, standing: Sequence[Directive], voice: Voice) -> None:
    """Refuses a proxy's word in place of a protection that the patient set (R15: ADVANCE_DIRECTIVE_PROTECTED)."""
    if voice.is_the_patients:
        return
    replaced = [row for row in standing if row.pk.bytes in directive.supersedes and is_patients_own(row)]
    if any(ct1.parse_directive(row.body).effect == Effect.DENY for row in replaced):
        raise Refused("The patient asked to be protected so.", code=str(Reason.ADVANCE_DIRECTIVE_PROTECTED))


def check_witnesses_may_open(patient: Patient, denies: Sequence[Directive], voice: Voice, now: datetime) -> None:
    """Refuses witnesses who would end a deny for a patient who can sign, or one by which a witness is kept out."""
    if patient.account_id is not None:
        raise Refused("This patient signs in the app.", code=WitnessCode.PATIENT_DECIDES)
    for row in denies:
        said = ct1.parse_directive(row.body)
        if any(is_named(patient, said, person, now) for person in voice.people):
            raise Ct1Error("E_REVOKE_AUTHORITY", "a witness is one of those whom it keeps out")


def is_named(patient: Patient, directive: ct1.Directive, person: UUID, now: datetime) -> bool:
    """Whether a directive speaks of this person: by key, or by a group of the patient's care team."""
    if directive.grantee_kind == GranteeKind.KEY:
        return KeyBundle.objects.filter(fp=directive.grantee, user_id=person).exists()
    return _is_in_group(patient, directive, person, now)


def check_no_self_witness(patient: Patient, directive: ct1.Directive, voice: Voice, now: datetime) -> None:
    """Refuses a witness whom the directive names: by key always, by a permit to a group if they are on the care team.

    Whoever gains by a permission is no witness that it was given. (In the logs such a permit matches no witness.)
    """
    if voice.kind != AuthKind.WITNESSED:
        return
    if directive.grantee_kind == GranteeKind.KEY:
        named = KeyBundle.objects.filter(fp=directive.grantee).values_list("user_id", flat=True).first()
        if named is None:
            raise Ct1Error("E_UNKNOWN_KEY", "nobody is known to have the key that it names")
        gains = named in voice.people
    elif directive.effect == Effect.DENY:
        gains = False
    else:
        gains = any(_is_in_group(patient, directive, person, now) for person in voice.people)
    if gains:
        raise Ct1Error("E_GRANT_AUTHORITY", "a witness is one of those whom it names")


def _is_in_group(patient: Patient, directive: ct1.Directive, person: UUID, now: datetime) -> bool:
    dossier = dossier_of(patient.pk)
    assert dossier is not None
    held = Affiliation.objects.filter(user_id=person, until=None)
    if not dossier.on_care_team(person, now):
        return False
    match directive.grantee_kind:
        case GranteeKind.ORGANISATION:
            return held.filter(organisation_id=UUID(bytes=directive.grantee)).exists()
        case GranteeKind.ROLE:
            return held.filter(role=directive.grantee[0]).exists()
        case _:
            return True


def check_not_opposed(directive: ct1.Directive, standing: Sequence[Directive], now: datetime) -> None:
    """Refuses a permit while a deny to the same grantee stands, unless it replaces it: it would open nothing.

    Conflict carries the deny's id; `keep_both` says that both were meant. A deny is never refused so: it wins at once.
    """
    if directive.effect == Effect.DENY:
        return
    for row in standing:
        other = ct1.parse_directive(row.body)
        over = row.ended_at is not None or other.exp <= now.timestamp() * 1000
        same = (other.grantee_kind, other.grantee) == (directive.grantee_kind, directive.grantee)
        if over or not same or other.effect == directive.effect or other.directive_id in directive.supersedes:
            continue
        threads = not other.threads or not directive.threads or set(other.threads) & set(directive.threads)
        if threads and actions_of(other.actions & directive.actions):
            raise Conflict(
                "You have said that this person may not. Replace that, or nothing will open.",
                code=ConsentCode.OPPOSED,
                re=b64(row.pk.bytes),
            )
