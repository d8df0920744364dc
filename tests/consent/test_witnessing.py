"""Consent on paper or by mouth: two witnesses open a door, one closes it, and nobody who gains by it is one."""

from typing import Any

import pytest
from django.utils import timezone

from consent.access import decide_for
from consent.actions.standing import relieve
from consent.models import Directive, Witnessing
from crypto.authority import Authorities, Authority, Change, sign_change
from crypto.directives import Directive as Said
from crypto.tables import CHANGE_WAIT_MS, AuthKind, Effect, GranteeKind, RevokeKind
from people.shapes import millis
from tests.cast import Cast, Person
from tests.consent.signing import directive_body, permit, revoke_of
from tests.consent.standing import (
    NO_FP,
    bring_in,
    officer_of,
    signed,
    signer,
    without_account,
    witnessed,
    witnesses,
)
from wire.base import b64

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture
def house(cast: Cast) -> Cast:
    """Elena and Tom may witness for Maya, who has no account yet."""
    witnesses(cast, cast.elena, cast.tom)
    without_account(cast)
    return cast


def witnessings(cast: Cast) -> str:
    return f"/patients/{b64(cast.patient.pk.bytes)}/witnessings"


def second(person: Person, answer: dict[str, Any], said: Said) -> tuple[int, Any]:
    return person.http.post(f"/witnessings/{answer['id']}/sign", signer(person, said))


def may_read(cast: Cast, person: Person) -> bool:
    # Samuel is of another organisation: consent is one half, the relationship is asked elsewhere.
    return decide_for(person.user, "thread.read", cast.patient.pk).reason in ("CONSENT_PERMIT", "NO_RELATIONSHIP")


def test_it_works(house: Cast) -> None:
    said = witnessed(house, house.samuel)
    status, first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))
    assert (status, first["done"], first["needed"], first["witnesses"]) == (200, False, 2, ["Elena"])
    assert Directive.objects.count() == 0
    (waiting,) = house.tom.http.get("/witnessings")[1]["witnessings"]
    assert (waiting["id"], waiting["mine"]) == (first["id"], False)
    status, done = second(house.tom, first, said)
    assert (status, done["done"], done["witnesses"]) == (200, True, ["Elena", "Tom"])
    row = Directive.objects.get()
    assert (row.method, row.given_by) == ("paper", house.tom.user)
    assert house.elena.http.get("/witnessings")[1]["witnessings"] == []


def test_one_witness_ends_what_two_opened(house: Cast) -> None:
    said = witnessed(house, house.samuel)
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    second(house.tom, first, said)
    revoke = revoke_of(house, said, auth_fp=NO_FP)
    status, ended = house.tom.http.post(witnessings(house), bring_in(revoke, house.tom, "verbal"))
    assert (status, ended["done"], ended["needed"]) == (200, True, 1)
    assert Directive.objects.get().ended_at is not None


def test_the_end_of_a_deny_needs_both_witnesses_since_it_opens(house: Cast) -> None:
    deny = witnessed(house, house.samuel, effect=Effect.DENY)
    first = house.elena.http.post(witnessings(house), bring_in(deny, house.elena))[1]
    second(house.tom, first, deny)
    revoke = revoke_of(house, deny, auth_fp=NO_FP)
    opening = house.tom.http.post(witnessings(house), bring_in(revoke, house.tom))[1]
    assert (opening["done"], opening["needed"]) == (False, 2)
    assert Directive.objects.get().ended_at is None


def test_nobody_witnesses_twice(house: Cast) -> None:
    said = witnessed(house, house.samuel)
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    assert second(house.elena, first, said)[1]["code"] == "witnessed_twice"
    assert Directive.objects.count() == 0


def test_the_one_who_is_named_is_no_witness(house: Cast) -> None:
    said = witnessed(house, house.elena)
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    status, refused = second(house.tom, first, said)
    assert (status, refused["code"]) == (422, "E_GRANT_AUTHORITY")
    assert Directive.objects.count() == 0


@pytest.mark.parametrize("group", ["organisation", "role", "team"])
def test_nobody_witnesses_a_permission_to_a_group_they_are_in(house: Cast, group: str) -> None:
    grantee: dict[str, Any] = {
        "organisation": {"grantee_kind": GranteeKind.ORGANISATION, "grantee": house.riverside.pk.bytes},
        "role": {"grantee_kind": GranteeKind.ROLE, "grantee": bytes([house.elena.role])},
        "team": {"grantee_kind": GranteeKind.CARE_TEAM, "grantee": b""},
    }[group]
    said = witnessed(house, house.samuel, **grantee)
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    assert second(house.tom, first, said)[1]["code"] == "E_GRANT_AUTHORITY"


def test_a_witness_gains_nothing_later_by_a_group_they_join(house: Cast) -> None:
    northgate = {"grantee_kind": GranteeKind.ORGANISATION, "grantee": house.northgate.pk.bytes}
    said = witnessed(house, house.samuel, **northgate)
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    assert second(house.tom, first, said)[0] == 200
    house.elena.user.affiliations.create(organisation=house.northgate, role=house.elena.role)
    assert decide_for(house.elena.user, "thread.read", house.patient.pk).reason == "NO_CONSENT"


def test_a_colleague_without_the_duty_is_no_witness(cast: Cast) -> None:
    witnesses(cast, cast.elena)
    without_account(cast)
    said = witnessed(cast, cast.samuel)
    refused = cast.tom.http.post(witnessings(cast), bring_in(said, cast.tom))[1]
    assert refused["code"] == "not_a_witness"
    first = cast.elena.http.post(witnessings(cast), bring_in(said, cast.elena))[1]
    assert second(cast.tom, first, said)[1]["code"] == "not_a_witness"


def test_whoever_does_not_treat_the_patient_finds_nothing(house: Cast) -> None:
    said = witnessed(house, house.samuel)
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    officer = officer_of(house)
    for stranger in (house.chidi, house.samuel, officer):
        assert stranger.http.post(witnessings(house), bring_in(said, stranger))[0] == 404
        assert second(stranger, first, said)[0] == 404
        assert stranger.http.delete(f"/witnessings/{first['id']}")[0] == 404
        assert stranger.http.get("/witnessings")[1]["witnessings"] == []


def test_a_patient_who_can_sign_is_not_spoken_for(cast: Cast) -> None:
    witnesses(cast, cast.elena, cast.tom)
    said = witnessed(cast, cast.samuel)
    refused = cast.elena.http.post(witnessings(cast), bring_in(said, cast.elena))[1]
    assert refused["code"] == "patient_decides"


def test_a_patient_with_an_account_may_still_withdraw_by_word_of_mouth(cast: Cast) -> None:
    witnesses(cast, cast.elena)
    said = permit(cast, cast.samuel)
    cast.maya.http.post(f"/patients/{b64(cast.patient.pk.bytes)}/directives", directive_body(cast, said))
    everyone = revoke_of(cast, said, kind=RevokeKind.EVERYONE, target=b"", auth_fp=NO_FP)
    assert cast.elena.http.post(witnessings(cast), bring_in(everyone, cast.elena, "verbal"))[1]["done"]
    assert Directive.objects.get().ended_at is not None


def test_a_signature_over_other_bytes_is_none(house: Cast) -> None:
    said, other = witnessed(house, house.samuel), witnessed(house, house.chidi)
    wrong = bring_in(said, house.elena) | {"signer": signer(house.elena, other)}
    assert house.elena.http.post(witnessings(house), wrong)[1]["code"] == "E_SIG"
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    assert second(house.tom, first, other)[1]["code"] == "E_SIG"
    borrowed = bring_in(said, house.tom)
    assert house.elena.http.post(witnessings(house), borrowed)[1]["code"] == "invalid"


def test_what_was_dropped_or_waited_too_long_is_gone(house: Cast) -> None:
    said = witnessed(house, house.samuel)
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    assert house.elena.http.delete(f"/witnessings/{first['id']}")[0] == 200
    assert second(house.tom, first, said)[0] == 404
    late = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    row = Witnessing.objects.get(closed_at=None)
    row.expires_at = row.opened_at
    row.save()
    assert second(house.tom, late, said)[0] == 404


def test_a_repeat_is_the_same_and_other_bytes_under_its_id_are_refused(house: Cast) -> None:
    body = bring_in(witnessed(house, house.samuel), house.elena)
    first, again = (house.elena.http.post(witnessings(house), body)[1] for _ in range(2))
    assert first == again
    other = bring_in(witnessed(house, house.chidi), house.elena) | {"id": body["id"]}
    assert house.elena.http.post(witnessings(house), other)[0] == 409


def test_two_witnesses_do_not_go_round_the_house_to_the_patients_own_door(house: Cast) -> None:
    said = witnessed(house, house.samuel)
    path = f"/patients/{b64(house.patient.pk.bytes)}/directives"
    for person in (house.elena, house.tom, house.maya):
        assert person.http.post(path, signed(said, [house.elena, house.tom]))[0] == 404


def test_one_who_was_relieved_of_the_duty_witnesses_nothing_more(house: Cast) -> None:
    said = witnessed(house, house.samuel)
    first = house.elena.http.post(witnessings(house), bring_in(said, house.elena))[1]
    relieve(house.elena.user, house.riverside, "witness", house.tom.user)
    assert second(house.tom, first, said)[1]["code"] == "E_CERT"


def hand_over(cast: Cast, to: Person, wait_ms: int) -> dict[str, Any]:
    """The body of a hand-over to somebody's key, with Elena as the first witness."""
    people = (Authority(to.id, to.fp),)
    ahead = millis(timezone.now()) + wait_ms if wait_ms else 0
    body = Change(bytes(16), cast.patient.pk.bytes, Authorities(AuthKind.PATIENT, people, 1), ahead).encode()
    sig = sign_change(cast.elena.identity.sign_seed, body)
    named = {"fp": b64(cast.elena.fp), "sig": b64(sig)}
    return {"id": b64(bytes(15) + b"\x01"), "kind": "authority", "method": "verbal", "body": b64(body), "signer": named}


@pytest.mark.parametrize(
    ("wait_ms", "status", "code"),
    [(0, 200, ""), (CHANGE_WAIT_MS + 60_000, 200, ""), (60_000, 422, "E_GRANT_TIME"), (10**10, 422, "E_GRANT_TIME")],
)
def test_a_hand_over_is_at_once_or_three_days_ahead(cast: Cast, wait_ms: int, status: int, code: str) -> None:
    witnesses(cast, cast.elena, cast.tom)
    answer = cast.elena.http.post(witnessings(cast), hand_over(cast, cast.maya, wait_ms))
    assert (answer[0], answer[1].get("code", "")) == (status, code)
    assert Witnessing.objects.count() == (status == 200)


def test_witnesses_hand_over_to_nobody_but_the_patient(cast: Cast) -> None:
    witnesses(cast, cast.elena, cast.tom)
    for somebody in (cast.elena, cast.tom, cast.chidi):
        refused = cast.elena.http.post(witnessings(cast), hand_over(cast, somebody, 0))
        assert refused[1]["code"] == "E_GRANT_AUTHORITY"
    assert cast.chidi.http.post(witnessings(cast), hand_over(cast, cast.maya, 0))[0] == 404
    without_account(cast)
    refused = cast.elena.http.post(witnessings(cast), hand_over(cast, cast.maya, 0))
    assert refused[1]["code"] == "no_account_yet"
    assert Witnessing.objects.count() == 0
