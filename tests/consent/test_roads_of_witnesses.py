"""A witnessed word has one road, and what holds on it holds to the end of it."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consent.access import decide_for
from consent.actions.standing import entrust, place_block, record_authority
from consent.models import Directive, Duty, Revocation
from crypto.tables import Effect, GranteeKind, RevokeKind, Role
from people.models import Affiliation
from people.shapes import millis
from tests.cast import Cast, Person
from tests.consent.signing import directive_body, permit, revoke_body, revoke_of
from tests.consent.standing import (
    NO_FP,
    bring_in,
    officer_of,
    signed,
    signer,
    someone_who_acts,
    without_account,
    witnessed,
    witnesses,
)
from wire.base import MAX_MILLIS, b64
from wire.standing import AuthorityIn

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def door(cast: Cast, what: str) -> str:
    return f"/patients/{b64(cast.patient.pk.bytes)}/{what}"


def say(cast: Cast, said: Any) -> None:
    assert cast.maya.http.post(door(cast, "directives"), directive_body(cast, said))[0] == 200


def an_advocate_who_witnesses(cast: Cast) -> Person:
    """Ingrid may join Maya's sessions; elsewhere she is staff, and a witness there, as Chidi is."""
    ingrid, _ = someone_who_acts(cast, officer_of(cast), "advocate")
    Affiliation.objects.create(user=ingrid.user, organisation=cast.northgate, role=Role.PHYSICIAN, licence="x")
    for person in (ingrid, cast.chidi):
        entrust(person.user, cast.northgate, Duty.Kind.WITNESS, None)
    return ingrid


def test_no_witness_is_heard_through_the_door_of_one_who_acts(cast: Cast) -> None:
    ingrid = an_advocate_who_witnesses(cast)
    deny = permit(cast, ingrid, effect=Effect.DENY, actions=1)
    say(cast, deny)
    status, answer = ingrid.http.post(
        door(cast, "directives"), signed(witnessed(cast, cast.samuel), [ingrid, cast.chidi])
    )
    assert (status, answer["code"]) == (422, "E_GRANT_AUTHORITY")
    for ended in (
        revoke_of(cast, deny, auth_fp=NO_FP),
        revoke_of(cast, deny, auth_fp=NO_FP, kind=RevokeKind.EVERYONE, target=b""),
    ):
        body = {"body": b64(ended.encode()), "signers": [signer(ingrid, ended), signer(cast.chidi, ended)]}
        assert ingrid.http.post(door(cast, "revocations"), body)[1]["code"] == "E_REVOKE_AUTHORITY"
    assert Directive.objects.get().ended_at is None


def test_witnesses_end_no_protection_of_a_patient_who_can_sign(cast: Cast) -> None:
    witnesses(cast, cast.elena, cast.tom)
    deny = permit(cast, cast.samuel, effect=Effect.DENY)
    say(cast, deny)
    ended = revoke_of(cast, deny, auth_fp=NO_FP)
    waiting = cast.elena.http.post(door(cast, "witnessings"), bring_in(ended, cast.elena))[1]
    answer = cast.tom.http.post(f"/witnessings/{waiting['id']}/sign", signer(cast.tom, ended))
    assert (answer[0], answer[1]["code"]) == (403, "patient_decides")
    assert Directive.objects.get().ended_at is None


def test_whoever_is_kept_out_does_not_witness_the_end_of_it(cast: Cast) -> None:
    witnesses(cast, cast.elena, cast.tom)
    deny = permit(cast, cast.elena, effect=Effect.DENY)
    say(cast, deny)
    without_account(cast)
    ended = revoke_of(cast, deny, auth_fp=NO_FP)
    waiting = cast.elena.http.post(door(cast, "witnessings"), bring_in(ended, cast.elena))[1]
    answer = cast.tom.http.post(f"/witnessings/{waiting['id']}/sign", signer(cast.tom, ended))
    assert answer[1]["code"] == "E_REVOKE_AUTHORITY"
    assert not decide_for(cast.elena.user, "thread.read", cast.patient.pk).permit


def test_one_who_has_an_account_by_the_second_signature_signs_alone(cast: Cast) -> None:
    witnesses(cast, cast.elena, cast.tom)
    without_account(cast)
    said = witnessed(cast, cast.samuel)
    waiting = cast.elena.http.post(door(cast, "witnessings"), bring_in(said, cast.elena))[1]
    cast.patient.account = cast.maya.user
    cast.patient.save(update_fields=["account"])
    assert (
        cast.tom.http.post(f"/witnessings/{waiting['id']}/sign", signer(cast.tom, said))[1]["code"] == "patient_decides"
    )
    assert not Directive.objects.exists()


def test_what_waits_is_dropped_by_witnesses_and_not_by_whom_it_keeps_out(cast: Cast) -> None:
    witnesses(cast, cast.elena)
    without_account(cast)
    deny = witnessed(cast, cast.tom, effect=Effect.DENY)
    waiting = cast.elena.http.post(door(cast, "witnessings"), bring_in(deny, cast.elena))[1]
    assert cast.tom.http.get("/witnessings")[1]["witnessings"] == []
    assert cast.tom.http.delete(f"/witnessings/{waiting['id']}")[0] == 403
    witnesses(cast, cast.tom)
    assert cast.tom.http.delete(f"/witnessings/{waiting['id']}")[0] == 403
    assert cast.elena.http.delete(f"/witnessings/{waiting['id']}")[0] == 200


def test_one_witness_fills_nobodys_list(cast: Cast) -> None:
    witnesses(cast, cast.elena)
    without_account(cast)
    answers = [
        cast.elena.http.post(door(cast, "witnessings"), bring_in(witnessed(cast, cast.samuel), cast.elena))[0]
        for _ in range(21)
    ]
    assert answers == [200] * 20 + [429]


def test_a_withdrawal_is_not_dated_ahead(cast: Cast) -> None:
    given = permit(cast, cast.samuel)
    say(cast, given)
    for ahead in (MAX_MILLIS, millis(timezone.now() + timedelta(hours=1))):
        ended = revoke_of(cast, given, kind=RevokeKind.EVERYONE, target=b"", ts=ahead)
        assert cast.maya.http.post(door(cast, "revocations"), revoke_body(cast, ended))[1]["code"] == "E_GRANT_TIME"
    say(cast, permit(cast, cast.tom))
    assert not Revocation.objects.exists()


def test_a_withdrawal_under_an_id_of_another_says_that_nothing_was_withdrawn(cast: Cast) -> None:
    first, second = permit(cast, cast.samuel), permit(cast, cast.tom)
    say(cast, first)
    say(cast, second)
    same = secrets.token_bytes(16)
    ended = revoke_body(cast, revoke_of(cast, first, revoke_id=same))
    assert [cast.maya.http.post(door(cast, "revocations"), ended)[0] for _ in range(2)] == [200, 200]
    status, answer = cast.maya.http.post(
        door(cast, "revocations"), revoke_body(cast, revoke_of(cast, second, revoke_id=same))
    )
    assert (status, answer["code"]) == (409, "directive_exists")
    assert Directive.objects.get(ended_at=None).pk.bytes == second.directive_id


def test_nobody_else_stops_a_protection_of_the_patients_before_it_comes(cast: Cast) -> None:
    ingrid, _ = someone_who_acts(cast, officer_of(cast), "guardian")
    deny = permit(cast, cast.samuel, effect=Effect.DENY)
    early = revoke_of(cast, deny, auth_fp=ingrid.fp)
    body = {"body": b64(early.encode()), "signers": [signer(ingrid, early)]}
    assert ingrid.http.post(door(cast, "revocations"), body)[0] == 404
    sweeping = revoke_of(cast, deny, auth_fp=ingrid.fp, kind=RevokeKind.EVERYONE, target=b"")
    assert (
        ingrid.http.post(
            door(cast, "revocations"), {"body": b64(sweeping.encode()), "signers": [signer(ingrid, sweeping)]}
        )[0]
        == 200
    )
    say(cast, deny)


def test_one_who_treats_the_patient_does_not_act_by_an_authority_that_is_blocked(cast: Cast) -> None:
    officer = officer_of(cast)
    say(cast, permit(cast, cast.elena, grantee_kind=GranteeKind.CARE_TEAM, grantee=b""))
    deed = AuthorityIn(person=cast.elena.id, type="attorney", evidence="A deed of 3 May, seen.")
    record_authority(cast.patient, officer.user, deed)
    place_block(cast.patient, officer.user, cast.elena.user.pk, "By order of the court.")
    assert cast.elena.http.get("/represented")[1]["patients"] == []
    assert cast.elena.http.get(door(cast, "directives"))[0] == 404
