"""In whose voice consent is given: a mother's, a guardian's, two parents' together, and where each of them ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consent.access import decide_for
from consent.actions import standing as actions
from consent.models import Authority, Directive
from crypto.tables import AuthKind, Effect, RevokeKind
from tests.cast import Cast, Person
from tests.consent.signing import HOUR, directive_body, now_ms, permit, revoke_body, revoke_of
from tests.consent.standing import officer_of, signed, someone_who_acts
from wire.base import b64
from wire.standing import CapacityIn

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def path(cast: Cast, page: str = "directives") -> str:
    return f"/patients/{b64(cast.patient.pk.bytes)}/{page}"


def by(person: Person, cast: Cast, **chosen: Any) -> Any:
    """A permit to Samuel in this person's voice."""
    said = {"auth_kind": AuthKind.REPRESENTATIVE, "auth_fp": person.fp, **chosen}
    return permit(cast, cast.samuel, **said)


@pytest.fixture
def mother(cast: Cast) -> tuple[Cast, Person, Authority]:
    """Maya is fourteen, and Ingrid is her mother."""
    cast.patient.birth_date = (timezone.now() - timedelta(days=14 * 365)).date().isoformat()
    cast.patient.save()
    return cast, *someone_who_acts(cast, officer_of(cast))


def test_it_works(mother: tuple[Cast, Person, Authority]) -> None:
    cast, ingrid, _ = mother
    said = by(ingrid, cast)
    assert ingrid.http.post(path(cast), directive_body(cast, said, signer=ingrid))[0] == 200
    (shown,) = ingrid.http.get(path(cast))[1]["directives"]
    assert (shown["voice"], shown["given_by"]) == ("representative", ["Ingrid"])
    gone = revoke_of(cast, said, auth_fp=ingrid.fp)
    assert ingrid.http.post(path(cast, "revocations"), revoke_body(cast, gone, signer=ingrid))[0] == 200
    assert Directive.objects.get().ended_at is not None


def test_a_mother_sees_what_she_gave_and_not_what_her_child_confided(mother: tuple[Cast, Person, Authority]) -> None:
    cast, ingrid, _ = mother
    actions.assert_capacity(
        cast.patient, cast.elena.user, CapacityIn(kind="competence", finding="has", method="interview")
    )
    own = permit(cast, cast.elena, labels=(b"MINORCONF", b"SEX"))
    assert cast.maya.http.post(path(cast), directive_body(cast, own))[0] == 200
    hers = by(ingrid, cast)
    ingrid.http.post(path(cast), directive_body(cast, hers, signer=ingrid))
    (shown,) = ingrid.http.get(path(cast))[1]["directives"]
    assert shown["id"] == b64(hers.directive_id)
    assert len(cast.maya.http.get(path(cast))[1]["directives"]) == 2


def test_a_child_who_is_not_found_competent_withdraws_and_does_not_give(mother: tuple[Cast, Person, Authority]) -> None:
    cast, ingrid, _ = mother
    own = permit(cast, cast.samuel)
    assert cast.maya.http.post(path(cast), directive_body(cast, own))[1]["code"] == "MINOR_NOT_COMPETENT"
    hers = by(ingrid, cast)
    ingrid.http.post(path(cast), directive_body(cast, hers, signer=ingrid))
    gone = revoke_of(cast, hers)
    assert cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, gone))[0] == 200
    assert Directive.objects.get().ended_at is not None


def test_a_mother_gives_nothing_beyond_her_childs_eighteenth_birthday(mother: tuple[Cast, Person, Authority]) -> None:
    cast, ingrid, _ = mother
    cast.patient.birth_date = (timezone.now() - timedelta(days=18 * 365 - 20)).date().isoformat()
    cast.patient.save()
    actions.place_block(cast.patient, cast.tom.user, cast.chidi.user.pk, "raises the epoch")
    long, short = by(ingrid, cast), by(ingrid, cast, exp=now_ms() + 24 * HOUR)
    refused = ingrid.http.post(path(cast), directive_body(cast, long, signer=ingrid))[1]
    assert refused["code"] == "E_GRANT_TIME"
    assert ingrid.http.post(path(cast), directive_body(cast, short, signer=ingrid))[0] == 200


@pytest.mark.parametrize("how", ["grown", "blocked", "ended", "out of scope"])
def test_one_whose_authority_does_not_hold_is_a_stranger(mother: tuple[Cast, Person, Authority], how: str) -> None:
    cast, ingrid, authority = mother
    said = by(ingrid, cast)
    if how == "grown":
        cast.patient.birth_date = "1990-05-01"
        cast.patient.save()
        actions.place_block(cast.patient, cast.tom.user, cast.chidi.user.pk, "raises the epoch")
    elif how == "blocked":
        actions.place_block(cast.patient, cast.tom.user, ingrid.user.pk, "a court order")
    elif how == "ended":
        actions.end_authority(authority, cast.tom.user)
    else:
        Authority.objects.update(scope=["thread.read"])
        actions.place_block(cast.patient, cast.tom.user, cast.chidi.user.pk, "raises the epoch")
    status, refused = ingrid.http.post(path(cast), directive_body(cast, said, signer=ingrid))
    if how == "out of scope":
        assert (status, refused["code"]) == (403, "PROXY_SCOPE")
    else:
        assert (status, refused["code"]) == (404, "not_found")
        assert ingrid.http.get(path(cast))[0] == 404
        assert ingrid.http.get("/represented")[1]["patients"] == []
    assert Directive.objects.count() == 0


def test_an_attorney_sleeps_until_capacity_is_lost_and_lifts_no_protection_of_the_patients(cast: Cast) -> None:
    attorney, _ = someone_who_acts(cast, officer_of(cast), "attorney")
    deny = permit(cast, cast.chidi, effect=Effect.DENY)
    cast.maya.http.post(path(cast), directive_body(cast, deny))
    said = by(attorney, cast)
    assert attorney.http.post(path(cast), directive_body(cast, said, signer=attorney))[0] == 404
    lost = CapacityIn(kind="capacity", finding="lacks", method="clinical interview")
    actions.assert_capacity(cast.patient, cast.elena.user, lost)
    assert attorney.http.post(path(cast), directive_body(cast, said, signer=attorney))[0] == 200
    gone = revoke_of(cast, deny, auth_fp=attorney.fp)
    refused = attorney.http.post(path(cast, "revocations"), revoke_body(cast, gone, signer=attorney))[1]
    assert refused["code"] == "ADVANCE_DIRECTIVE_PROTECTED"
    instead = by(attorney, cast, supersedes=(deny.directive_id,))
    refused = attorney.http.post(path(cast), directive_body(cast, instead, signer=attorney))[1]
    assert refused["code"] == "ADVANCE_DIRECTIVE_PROTECTED"
    assert (
        cast.maya.http.post(path(cast), directive_body(cast, permit(cast, cast.tom)))[1]["code"] == "CAPACITY_REQUIRED"
    )


def test_two_who_act_sign_together_and_one_of_them_alone_does_not_stand_for_both(
    mother: tuple[Cast, Person, Authority],
) -> None:
    cast, ingrid, _ = mother
    father, _ = someone_who_acts(cast, officer_of(cast))
    both = by(ingrid, cast, auth_kind=AuthKind.QUORUM)
    assert ingrid.http.post(path(cast), signed(both, [ingrid]))[1]["code"] == "E_GRANT_AUTHORITY"
    assert ingrid.http.post(path(cast), signed(both, [ingrid, ingrid]))[1]["code"] == "E_QUORUM"
    assert ingrid.http.post(path(cast), signed(both, [ingrid, cast.elena]))[1]["code"] == "E_GRANT_AUTHORITY"
    assert ingrid.http.post(path(cast), signed(both, [ingrid, father]))[0] == 200


def test_nobody_sends_in_what_somebody_else_signed(mother: tuple[Cast, Person, Authority]) -> None:
    cast, ingrid, _ = mother
    said = by(ingrid, cast)
    assert cast.maya.http.post(path(cast), directive_body(cast, said, signer=ingrid))[1]["code"] == "E_GRANT_AUTHORITY"
    assert cast.elena.http.post(path(cast), directive_body(cast, said, signer=ingrid))[0] == 404


def test_a_clinician_does_not_become_a_proxy_by_saying_so(cast: Cast) -> None:
    said = by(cast.elena, cast)
    assert cast.elena.http.post(path(cast), directive_body(cast, said, signer=cast.elena))[0] == 404
    assert Directive.objects.count() == 0


def test_words_that_replace_themselves_or_come_too_late_are_refused(cast: Cast) -> None:
    said = permit(cast, cast.samuel)
    itself = permit(cast, cast.samuel, directive_id=said.directive_id, supersedes=(said.directive_id,))
    assert cast.maya.http.post(path(cast), directive_body(cast, itself))[1]["code"] == "E_GRANT_DUP"
    newer = permit(cast, cast.samuel, supersedes=(said.directive_id,))
    cast.maya.http.post(path(cast), directive_body(cast, newer))
    assert cast.maya.http.post(path(cast), directive_body(cast, said))[1]["code"] == "E_GRANT_REVOKED"
    ahead = permit(cast, cast.elena)
    gone = revoke_of(cast, ahead, kind=RevokeKind.DIRECTIVE, target=ahead.directive_id)
    cast.maya.http.post(path(cast, "revocations"), revoke_body(cast, gone))
    assert cast.maya.http.post(path(cast), directive_body(cast, ahead))[1]["code"] == "E_GRANT_REVOKED"


def test_words_that_nobody_knows_are_refused_since_a_deny_by_them_would_protect_nothing(cast: Cast) -> None:
    deny = permit(cast, cast.samuel, effect=Effect.DENY, labels=(b"SECRET",))
    assert cast.maya.http.post(path(cast), directive_body(cast, deny))[1]["code"] == "unknown_label"
    purpose = permit(cast, cast.samuel, purposes=(b"CURIOSITY",))
    assert cast.maya.http.post(path(cast), directive_body(cast, purpose))[1]["code"] == "unknown_purpose"


def test_a_permit_against_a_standing_deny_asks_which_was_meant_and_a_deny_is_never_asked(cast: Cast) -> None:
    deny, allow = permit(cast, cast.tom, effect=Effect.DENY), permit(cast, cast.tom)
    cast.maya.http.post(path(cast), directive_body(cast, deny))
    status, asked = cast.maya.http.post(path(cast), directive_body(cast, allow))
    assert (status, asked["code"], asked["re"]) == (409, "opposed", b64(deny.directive_id))
    assert cast.maya.http.post(path(cast), directive_body(cast, allow) | {"keep_both": True})[0] == 200
    assert decide_for(cast.tom.user, "thread.read", cast.patient.pk).reason == "CONSENT_DENY"
    instead = permit(cast, cast.tom, supersedes=(deny.directive_id,))
    assert cast.maya.http.post(path(cast), directive_body(cast, instead))[0] == 200
    assert decide_for(cast.tom.user, "thread.read", cast.patient.pk).permit
    again = permit(cast, cast.tom, effect=Effect.DENY)
    assert cast.maya.http.post(path(cast), directive_body(cast, again))[0] == 200
    assert decide_for(cast.tom.user, "thread.read", cast.patient.pk).reason == "CONSENT_DENY"
