"""An organisation whose root is kept elsewhere: its people enrol, wait, and are certified by a file."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from client import roots as ceremony
from client import vault
from crypto.keys import OrgRoot, make_ukr, new_identity, verify_ukr
from crypto.primitives import random_bytes
from crypto.tables import Role, UkrReason
from people.actions import keys
from people.actions.organisations import issue_staff_code
from people.models import Certificate, KeyBundle, Organisation, User
from tests.cast import Http
from wire.base import b64
from wire.people import CertificateBlob, CertificateRequests, IssuedCertificates, UkrBlob

pytestmark = [pytest.mark.server, pytest.mark.django_db]
ROOT = OrgRoot.from_seed(bytes([7] * 32))
NOW = 1_800_000_000_000


def told(*words: str) -> str:
    out = StringIO()
    call_command("roots", *words, stdout=out)
    return out.getvalue().strip()


def lakeside() -> Organisation:
    told("import", "Lakeside", b64(ROOT.sign_pk))
    return Organisation.objects.get(name="Lakeside")


def enrolled(organisation: Organisation) -> User:
    """Somebody who signed up with a code of this organisation."""
    user = User.objects.create_user("lena@test.example", None)
    code = issue_staff_code(organisation, Role.THERAPIST, "")
    at = vault.fresh_parameters()
    made = vault.enrolment(user.pk.bytes, "Lena", code, vault.password_root("heron lantern", at), at, NOW, random_bytes)
    keys.enrol(user, made.body)
    return user


def signed(path: Path, root: OrgRoot = ROOT) -> Path:
    asked = CertificateRequests.model_validate_json(told("requests", "Lakeside")).requests
    issued = [ceremony.certify(root, one, NOW) for one in asked]
    blobs = [CertificateBlob(body=one.body, sig=one.sig) for one in issued]
    path.write_text(IssuedCertificates(certificates=blobs).model_dump_json())
    return path


def test_it_works(tmp_path: Path) -> None:
    organisation = lakeside()
    user = enrolled(organisation)
    assert not Certificate.objects.filter(subject=user).exists()
    file = signed(tmp_path / "issued.json")
    assert told("certificates", str(file)) == "1 new certificates"
    row = Certificate.objects.get(subject=user)
    assert (row.organisation_id, row.role_mask) == (organisation.pk, 1 << Role.THERAPIST)
    assert told("certificates", str(file)) == "0 new certificates"
    assert CertificateRequests.model_validate_json(told("requests", "Lakeside")).requests == []


def test_the_server_never_had_the_private_half() -> None:
    assert lakeside().demonstration_seed == ""


def test_who_waits_signs_in_and_has_no_certificate_yet() -> None:
    user = enrolled(lakeside())
    status, body = Http(user).get("/keys/mine")
    assert (status, body["certificates"]) == (200, [])


def test_what_another_root_signed_is_not_taken(tmp_path: Path) -> None:
    user = enrolled(lakeside())
    file = signed(tmp_path / "forged.json", OrgRoot.from_seed(bytes([8] * 32)))
    with pytest.raises(CommandError, match="another root"):
        told("certificates", str(file))
    assert not Certificate.objects.filter(subject=user).exists()


def test_one_name_and_one_root_stand_for_one_organisation() -> None:
    lakeside()
    for name, root_pk in (("Lakeside", bytes([1] * 32)), ("Hillside", ROOT.sign_pk)):
        with pytest.raises(CommandError):
            told("import", name, b64(root_pk))
    with pytest.raises(CommandError):
        told("import", "Short", b64(bytes(31)))
    assert Organisation.objects.count() == 1


def test_a_key_that_was_rotated_waits_for_the_officer_with_its_chain(tmp_path: Path) -> None:
    user = enrolled(lakeside())
    told("certificates", str(signed(tmp_path / "first.json")))
    first = KeyBundle.objects.get(user=user)
    # Whoever enrolled here keeps no private key in this test: the chain is made anew from a key that is known.
    old, new = (new_identity(user.pk.bytes, gen, NOW) for gen in (1, 2))
    before = make_ukr(old, NOW)
    after = make_ukr(new, NOW, previous=old, reason=UkrReason.ROTATE)
    KeyBundle.objects.filter(pk=first.pk).update(ukr=before.body, pop=before.pop, sig=before.sig, fp=old.fp)
    keys.store_bundle(
        user,
        UkrBlob(ukr=after.body, pop=after.pop, sig=after.sig),
        verify_ukr(after.body, after.pop, after.sig, verify_ukr(before.body, before.pop)),
    )
    assert told("certificates", str(signed(tmp_path / "second.json"))) == "1 new certificates"
    assert Certificate.objects.filter(subject=user, fp=new.fp).exists()
