"""Giving and withdrawing permission over HTTP."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from audit.models import Entry
from consent.access import _relations, decide_for, epoch_of, relates, require
from consent.models import Directive
from consent.signals import consent_changed
from crypto.tables import Effect, GranteeKind, RevokeKind
from people.models import Affiliation
from tests.cast import Cast
from tests.consent.signing import HOUR, directive_body, now_ms, permit, revoke_body, revoke_of
from wire.base import b64
from wire.errors import NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture(autouse=True)
def samuel_is_invited(cast: Cast) -> Iterator[None]:
    """A relationship, as a pending invitation is one: by itself it opens nothing."""
    function = relates(lambda user, patient, thread: user == cast.samuel.user.pk)
    yield
    _relations.remove(function)


def path(cast: Cast, what: str) -> str:
    return f"/patients/{b64(cast.patient.pk.bytes)}/{what}"


def may_read(cast: Cast) -> bool:
    return decide_for(cast.samuel.user, "thread.read", cast.patient.pk).permit


def test_it_works(cast: Cast) -> None:
    assert not may_read(cast)
    status, given = cast.maya.http.post(path(cast, "directives"), directive_body(cast, permit(cast, cast.samuel)))
    assert (status, given["epoch"]) == (200, 1)
    assert may_read(cast)
    decision = decide_for(cast.samuel.user, "session.join", cast.patient.pk)
    assert decision.basis == (given["id"],)


def test_a_withdrawal_bites_at_commit(cast: Cast) -> None:
    directive = permit(cast, cast.samuel)
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, directive))
    status, answer = cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, revoke_of(cast, directive)))
    assert (status, answer["epoch"]) == (200, 2)
    assert decide_for(cast.samuel.user, "thread.read", cast.patient.pk).reason == "REVOKED"


def test_a_deny_wins_over_a_newer_permit(cast: Cast) -> None:
    for effect in (Effect.DENY, Effect.PERMIT):
        cast.maya.http.post(path(cast, "directives"), directive_body(cast, permit(cast, cast.samuel, effect=effect)))
    assert decide_for(cast.samuel.user, "thread.read", cast.patient.pk).reason == "CONSENT_DENY"


def test_a_permit_that_supersedes_the_deny_counts(cast: Cast) -> None:
    deny = permit(cast, cast.samuel, effect=Effect.DENY)
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, deny))
    newer = permit(cast, cast.samuel, supersedes=(deny.directive_id,))
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, newer))
    assert may_read(cast)


def test_an_organisation_is_let_in_and_another_is_not(cast: Cast) -> None:
    grantee = {"grantee_kind": GranteeKind.ORGANISATION, "grantee": cast.riverside.pk.bytes}
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, permit(cast, cast.elena, **grantee)))
    assert decide_for(cast.elena.user, "thread.read", cast.patient.pk).permit
    assert not may_read(cast)


def test_withdrawing_from_everyone_ends_permits_and_keeps_denies(cast: Cast) -> None:
    deny = permit(cast, cast.elena, effect=Effect.DENY)
    for directive in (permit(cast, cast.samuel), permit(cast, cast.elena), deny):
        cast.maya.http.post(path(cast, "directives"), directive_body(cast, directive))
    everyone = revoke_of(cast, deny, kind=RevokeKind.EVERYONE, target=b"")
    cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, everyone))
    assert not may_read(cast)
    assert decide_for(cast.elena.user, "thread.read", cast.patient.pk).reason == "CONSENT_DENY"


def test_the_same_directive_twice_is_one(cast: Cast) -> None:
    body = directive_body(cast, permit(cast, cast.samuel))
    first, second = (cast.maya.http.post(path(cast, "directives"), body) for _ in range(2))
    assert first == second
    assert Directive.objects.count() == 1


def test_the_apps_above_hear_of_it_after_commit(cast: Cast, django_capture_on_commit_callbacks: object) -> None:
    heard: list[tuple[UUID, int]] = []

    def listen(patient_id: UUID, epoch: int, **_: object) -> None:
        heard.append((patient_id, epoch))

    consent_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            cast.maya.http.post(path(cast, "directives"), directive_body(cast, permit(cast, cast.samuel)))
    finally:
        consent_changed.disconnect(listen)
    assert heard == [(cast.patient.pk, 1)]


@pytest.mark.parametrize("who", ["elena", "samuel", "chidi", "tom"])
def test_nobody_but_the_patient_gives_permission_or_looks(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    body = directive_body(cast, permit(cast, cast.samuel))
    assert person.http.post(path(cast, "directives"), body)[0] == 404
    for page in ("directives", "ledger"):
        assert person.http.get(path(cast, page))[0] == 404
    assert Directive.objects.count() == 0
    assert epoch_of(cast.patient.pk) == 0


def test_a_directive_that_a_clinician_signed_is_refused(cast: Cast) -> None:
    body = directive_body(cast, permit(cast, cast.samuel), signer=cast.samuel)
    assert cast.maya.http.post(path(cast, "directives"), body)[1]["code"] == "E_GRANT_AUTHORITY"
    forged = directive_body(cast, permit(cast, cast.samuel, auth_fp=cast.samuel.fp), signer=cast.samuel)
    assert cast.maya.http.post(path(cast, "directives"), forged)[1]["code"] == "E_GRANT_AUTHORITY"
    assert Directive.objects.count() == 0


def test_a_signature_over_other_bytes_is_refused(cast: Cast) -> None:
    body = directive_body(cast, permit(cast, cast.samuel))
    body["signers"] = directive_body(cast, permit(cast, cast.chidi))["signers"]
    assert cast.maya.http.post(path(cast, "directives"), body)[1]["code"] == "E_SIG"


def test_other_words_than_those_signed_are_refused(cast: Cast) -> None:
    body = directive_body(cast, permit(cast, cast.samuel)) | {"statement": "Samuel may read everything for ever."}
    assert cast.maya.http.post(path(cast, "directives"), body)[1]["code"] == "statement_mismatch"


def test_a_directive_about_another_patient_is_refused(cast: Cast) -> None:
    body = directive_body(cast, permit(cast, cast.samuel, patient_ref=bytes(16)))
    assert cast.maya.http.post(path(cast, "directives"), body)[1]["code"] == "E_GRANT_SUBJECT"


def test_a_directive_that_has_ended_or_never_begins_is_refused(cast: Cast) -> None:
    old = permit(cast, cast.samuel, nbf=now_ms() - 2 * HOUR, exp=now_ms() - HOUR)
    assert cast.maya.http.post(path(cast, "directives"), directive_body(cast, old))[1]["code"] == "E_GRANT_EXPIRED"
    never = permit(cast, cast.samuel, nbf=now_ms() + HOUR, exp=now_ms())
    assert cast.maya.http.post(path(cast, "directives"), directive_body(cast, never))[1]["code"] == "E_GRANT_TIME"


def test_a_directive_that_begins_in_some_other_age_is_refused(cast: Cast) -> None:
    far = permit(cast, cast.samuel, nbf=2**52, exp=2**52 + HOUR)
    assert cast.maya.http.post(path(cast, "directives"), directive_body(cast, far))[1]["code"] == "E_GRANT_TIME"
    assert cast.maya.http.get(path(cast, "directives"))[1]["directives"] == []


def test_a_permit_that_was_held_back_until_after_a_withdrawal_is_refused(cast: Cast) -> None:
    held, given = permit(cast, cast.samuel), permit(cast, cast.elena)
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, given))
    everyone = revoke_of(cast, given, kind=RevokeKind.EVERYONE, target=b"")
    cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, everyone))
    assert cast.maya.http.post(path(cast, "directives"), directive_body(cast, held))[1]["code"] == "E_GRANT_REVOKED"
    assert not may_read(cast)
    anew = permit(cast, cast.samuel, nbf=everyone.ts + 1)
    assert cast.maya.http.post(path(cast, "directives"), directive_body(cast, anew))[0] == 200
    assert may_read(cast)


def test_rules_for_the_server_that_it_cannot_keep_are_refused(cast: Cast) -> None:
    body = directive_body(cast, permit(cast, cast.samuel, server=b'{"only_on_mondays":true}'))
    assert cast.maya.http.post(path(cast, "directives"), body)[1]["code"] == "server_rules"
    assert not may_read(cast)


def test_everybody_on_the_care_team_is_not_whoever_a_colleague_invited(cast: Cast) -> None:
    grantee = {"grantee_kind": GranteeKind.CARE_TEAM, "grantee": b""}
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, permit(cast, cast.elena, **grantee)))
    assert decide_for(cast.elena.user, "thread.read", cast.patient.pk).permit
    assert decide_for(cast.samuel.user, "thread.read", cast.patient.pk).reason == "NO_CONSENT"


def test_a_deny_to_one_of_two_organisations_reaches_who_works_for_both(cast: Cast) -> None:
    Affiliation.objects.create(user=cast.elena.user, organisation=cast.northgate, role=cast.elena.role, licence="L-2")
    for effect, house in ((Effect.PERMIT, cast.riverside), (Effect.DENY, cast.northgate)):
        grantee = {"grantee_kind": GranteeKind.ORGANISATION, "grantee": house.pk.bytes, "effect": effect}
        cast.maya.http.post(path(cast, "directives"), directive_body(cast, permit(cast, cast.elena, **grantee)))
    assert decide_for(cast.elena.user, "thread.read", cast.patient.pk).reason == "CONSENT_DENY"


def test_a_permit_opens_nothing_to_one_with_no_relationship(cast: Cast) -> None:
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, permit(cast, cast.chidi)))
    assert decide_for(cast.chidi.user, "thread.read", cast.patient.pk).reason == "NO_RELATIONSHIP"


def test_a_refusal_is_not_found_and_stands_in_the_ledger(cast: Cast) -> None:
    with pytest.raises(NotFound):
        require(cast.chidi.user, "thread.read", cast.patient.pk)
    (entry,) = Entry.objects.filter(verb="thread.read")
    assert (entry.actor, entry.outcome, entry.reason) == (cast.chidi.user.pk, "deny", "NO_RELATIONSHIP")


@pytest.mark.parametrize("who", ["elena", "samuel", "chidi", "tom"])
def test_nobody_but_the_patient_withdraws(cast: Cast, who: str) -> None:
    directive = permit(cast, cast.samuel)
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, directive))
    person = getattr(cast, who)
    signed = revoke_body(cast, revoke_of(cast, directive))
    assert person.http.post(path(cast, "revocations"), signed)[0] == 404
    assert may_read(cast)
    assert epoch_of(cast.patient.pk) == 1


def test_bytes_that_are_no_directive_are_refused_with_a_code(cast: Cast) -> None:
    body = directive_body(cast, permit(cast, cast.samuel)) | {"body": b64(b"no directive at all")}
    status, answer = cast.maya.http.post(path(cast, "directives"), body)
    assert (status, answer["code"]) == (422, "E_ENC")


def test_a_withdrawal_that_somebody_else_signed_ends_nothing(cast: Cast) -> None:
    directive = permit(cast, cast.samuel)
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, directive))
    forged = revoke_body(cast, revoke_of(cast, directive), signer=cast.elena)
    assert cast.maya.http.post(path(cast, "revocations"), forged)[1]["code"] == "E_REVOKE_AUTHORITY"
    assert may_read(cast)


def test_the_patient_reads_what_was_given_and_what_happened(cast: Cast) -> None:
    directive = permit(cast, cast.samuel)
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, directive))
    cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, revoke_of(cast, directive)))
    (shown,) = cast.maya.http.get(path(cast, "directives"))[1]["directives"]
    assert (shown["grantee_name"], shown["grantee_organisation"]) == ("Samuel", "Northgate")
    assert (shown["state"], shown["statement"][:10]) == ("revoked", "Dr. Samuel")
    lines = cast.maya.http.get(path(cast, "ledger"))[1]["lines"]
    verbs = [(line["verb"], line["who"], line["about"]) for line in lines if line["verb"].startswith("consent.")]
    assert ("consent.withdraw", "Maya", "Samuel") in verbs
    assert ("consent.permit", "Maya", "Samuel") in verbs
    assert Entry.objects.filter(verb="ledger.read").count() == 1


def test_a_cached_snapshot_never_outlives_its_epoch(cast: Cast) -> None:
    directive = permit(cast, cast.samuel)
    cast.maya.http.post(path(cast, "directives"), directive_body(cast, directive))
    assert [may_read(cast) for _ in range(3)] == [True, True, True]
    cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, revoke_of(cast, directive)))
    assert not may_read(cast)
