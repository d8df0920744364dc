"""Whose keys and names one may see."""

from __future__ import annotations

import secrets

import pytest
from django.test import RequestFactory

from crypto.encoding import Writer
from crypto.errors import Ct1Error
from crypto.keys import SignedCertificate, SignedUkr, new_identity, verify_ukr
from crypto.primitives import sign
from crypto.state import Directory
from crypto.tables import Label, UkrReason
from people.actions import keys
from people.models import Slot, User
from tests.cast import Cast, Http
from wire.base import b64, unb64
from wire.errors import Refused
from wire.people import ChangePassword, NewRecoveryCode, SlotIn, UkrBlob

pytestmark = [pytest.mark.server, pytest.mark.django_db]


def asked(cast: Cast) -> dict[str, list[str]]:
    return {"users": [b64(one.id) for one in cast.people]}


def test_it_works(cast: Cast) -> None:
    status, body = cast.elena.http.post("/people/keys", asked(cast))
    assert status == 200
    assert {one["name"] for one in body["people"]} == {"Elena", "Tom", "Samuel", "Chidi", "Maya"}


def test_the_keys_verify_under_the_organisations_roots(cast: Cast) -> None:
    people = cast.elena.http.post("/people/keys", asked(cast))[1]["people"]
    roots = [unb64(one["root_pk"]) for one in Http().get("/config")[1]["organisations"]]
    directory = Directory.build(
        [
            SignedUkr(unb64(one["ukr"]), unb64(one["pop"]), unb64(one["sig"]))
            for person in people
            for one in person["bundles"]
        ],
        [
            SignedCertificate(unb64(one["body"]), unb64(one["sig"]))
            for person in people
            for one in person["certificates"]
        ],
        roots,
    )
    assert set(directory.ukrs) == {one.fp for one in cast.people}


def test_an_outsider_is_not_shown_the_patient(cast: Cast) -> None:
    people = cast.chidi.http.post("/people/keys", asked(cast))[1]["people"]
    assert "Maya" not in {one["name"] for one in people}


def test_the_patient_sees_clinicians_and_herself(cast: Cast) -> None:
    people = cast.maya.http.post("/people/keys", asked(cast))[1]["people"]
    assert {one["name"] for one in people} == {"Elena", "Tom", "Samuel", "Chidi", "Maya"}


def test_an_unknown_person_is_left_out_without_a_word(cast: Cast) -> None:
    assert cast.elena.http.post("/people/keys", {"users": [b64(secrets.token_bytes(16))]}) == (200, {"people": []})


def test_the_directory_finds_clinicians_and_never_patients(cast: Cast) -> None:
    assert [one["name"] for one in cast.maya.http.get("/directory", query="north sam")[1]["people"]] == ["Samuel"]
    assert cast.elena.http.get("/directory", query="maya")[1]["people"] == []
    everybody = cast.elena.http.get("/directory")[1]
    assert [one["name"] for one in everybody["people"]] == ["Chidi", "Elena", "Samuel", "Tom"]


def test_the_directory_is_for_those_who_are_signed_in(cast: Cast) -> None:
    assert Http().get("/directory")[0] == 401


def test_salts_of_unknown_addresses_are_steady_and_look_like_any_other() -> None:
    first = Http().post("/login-parameters", {"email": "nobody@test.consilium"})
    again = Http().post("/login-parameters", {"email": "Nobody@test.consilium"})
    other = Http().post("/login-parameters", {"email": "somebody@test.consilium"})
    assert first == again
    assert first[1]["salt"] != other[1]["salt"]
    assert (first[1]["t"], first[1]["m"]) == (3, 64 * 1024 * 1024)


def test_signing_up_without_a_code_is_closed(cast: Cast) -> None:
    path = "/_allauth/browser/v1/auth/signup"
    body = {"email": "stranger@test.consilium", "password": b64(secrets.token_bytes(32))}
    client = Http().client
    assert client.post(path, body, content_type="application/json").status_code == 403


def test_a_typed_password_is_refused(cast: Cast) -> None:
    code = cast.elena.http.post(
        "/patients", {"id": b64(secrets.token_bytes(16)), "name": "Ivo", "birth_date": "", "zone": "UTC"}
    )[1]["enrolment_code"]
    answer = Http().client.post(
        "/_allauth/browser/v1/auth/signup",
        {"email": "ivo@test.consilium", "password": "correct horse battery"},
        content_type="application/json",
        headers={"X-Enrolment-Code": code},
    )
    assert answer.status_code == 400


def test_the_doors_of_allauth_that_would_part_password_and_keys_are_shut(cast: Cast) -> None:
    for door in ("auth/password/request", "auth/password/reset", "account/password/change", "account/email"):
        assert cast.elena.http.client.post(f"/_allauth/browser/v1/{door}").status_code in (404, 405)


def slot_of(kind: Slot.Kind) -> SlotIn:
    rc_auth = bytes(32) if kind == Slot.Kind.RECOVERY else None
    return SlotIn(kind=kind, slot_id=bytes(16), salt=bytes(16), t=3, m=1 << 26, blob=bytes(72), rc_auth=rc_auth)


def test_a_password_that_another_device_has_replaced_meanwhile_locks_nothing_anew(cast: Cast) -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    cast.elena.user.set_password(b64(old))
    cast.elena.user.save()
    waiting = User.objects.get(pk=cast.elena.user.pk)
    cast.elena.user.set_password(b64(new))
    cast.elena.user.save()
    password = ChangePassword(current_auth=old, auth=old, slot=slot_of(Slot.Kind.PASSWORD))
    with pytest.raises(Refused):
        keys.change_password(RequestFactory().put("/"), waiting, password)
    with pytest.raises(Refused):
        keys.change_recovery_code(waiting, NewRecoveryCode(current_auth=old, slot=slot_of(Slot.Kind.RECOVERY)))
    assert not Slot.objects.filter(user=waiting).exists()


def test_a_device_id_of_another_person_is_a_conflict(cast: Cast) -> None:
    mine = {"id": b64(cast.elena.device), "label": "desk"}
    assert cast.elena.http.post("/devices", mine)[0] == 200
    assert cast.chidi.http.post("/devices", mine)[0] == 409


def test_the_demonstration_cast_exists_in_demonstration_mode_alone() -> None:
    assert Http().get("/demo/cast")[0] == 404


@pytest.mark.parametrize("point", [bytes(32), bytes([1]) + bytes(31)])
def test_a_key_to_which_nothing_can_be_sealed_is_not_taken(cast: Cast, point: bytes) -> None:
    identity = new_identity(cast.elena.id, 1, 0)
    core = Writer().fixed(cast.elena.id, 16).u32(1).fixed(identity.sign_pk, 32).fixed(point, 32).v16(b"").done()
    body = Writer(Label.UKR).v16(core).fixed(bytes(32), 32).u8(UkrReason.FIRST).u64(0).done()
    blob = UkrBlob(ukr=body, pop=sign(identity.sign_seed, Label.UKR_POP, body), sig=b"")
    with pytest.raises(Ct1Error, match="sealed to"):
        keys.store_bundle(cast.elena.user, blob, verify_ukr(blob.ukr, blob.pop))
