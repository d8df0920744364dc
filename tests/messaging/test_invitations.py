"""Asking somebody in: the invitee learns nothing, the patient all, and nothing opens before the patient signs."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from consent.actions.standing import end_authority, record_authority
from consent.models import Authority
from crypto.tables import HistoryKind, Role
from messaging.models import Invitation, Thread
from tests.messaging.cast import Cast, Desk, grant, hand_in, make_member, open_case
from tests.messaging.house import Batch, Case, Person, together
from tests.messaging.socket import sockets
from wire.base import b64
from wire.standing import AuthorityIn

pytestmark = pytest.mark.server


def asking(invitee: Person, **changes: Any) -> dict[str, Any]:
    ask = {
        "id": b64(secrets.token_bytes(16)),
        "invitee": b64(invitee.id),
        "role": int(invitee.role),
        "actions": 3,
        "history": int(HistoryKind.ALL),
        "reason": "A second view of the medication",
    }
    return {**ask, **changes}


def invite(case: Case, inviter: Person, ask: dict[str, Any]) -> tuple[int, Any]:
    return Desk(inviter).post(f"/threads/{case.id}/invitations", ask)


def mother_of(cast: Cast) -> Person:
    """Ingrid, who holds a parent's authority for the cast's patient."""
    ingrid = make_member("ingrid", cast.patient.organisation, Role.REPRESENTATIVE)
    ingrid.user.affiliations.all().delete()
    said = AuthorityIn(person=ingrid.id, type="parent", evidence="Birth certificate seen.")
    record_authority(cast.patient, cast.elena.user, said)
    return ingrid


def requests(cast: Cast, who: Person) -> tuple[int, Any]:
    return Desk(who).get(f"/patients/{b64(cast.patient.pk.bytes)}/requests")


def test_it_works(cast: Cast) -> None:
    case = open_case(cast)
    ask = asking(cast.samuel)
    status, sent = invite(case, cast.elena, ask)
    assert (status, sent["state"], sent["invitee_name"]) == (200, "asked", "Samuel")
    _, asked = requests(cast, cast.maya)
    [request] = asked["requests"]
    assert (request["asked_by_name"], request["invitee_name"]) == ("Elena", "Samuel")
    assert (request["invitee_organisation_name"], request["fp"]) == ("Northgate Psychiatry", b64(cast.samuel.fp))
    assert request["keys"]["certificates"]
    directive = case.permit(cast.samuel)
    grant(cast, case, directive)
    assert Invitation.objects.get().state == "agreed"
    _, owed = Desk(cast.elena).get(f"/threads/{case.id}/owed")
    assert [(one["fp"], one["directive"]) for one in owed["members"]] == [
        (b64(cast.samuel.fp), b64(directive.directive_id))
    ]
    batch = together(
        case.consent(cast.elena, directive), case.add(cast.elena, cast.samuel, directive), case.epoch(cast.elena)
    )
    assert hand_in(case, cast.elena, together(batch, case.share(cast.elena, cast.samuel, 1, 1)))[0] == 200
    assert Invitation.objects.get().state == "joined"
    assert Desk(cast.samuel).get("/invitations")[1]["received"][0]["thread"] == case.id
    assert Desk(cast.samuel).get(f"/threads/{case.id}")[0] == 200
    assert [one["epoch"] for one in Desk(cast.samuel).get(f"/threads/{case.id}/seals")[1]["seals"]] == [1, 2]


def test_before_the_patient_agrees_the_invitee_sees_that_there_is_something_and_nothing_else(cast: Cast) -> None:
    case = open_case(cast)
    ask = asking(cast.samuel)
    invite(case, cast.elena, ask)
    desk = Desk(cast.samuel)
    _, mine = desk.get("/invitations")
    [received] = mine["received"]
    assert set(received) == {"id", "created_at", "state", "thread"}
    assert (received["id"], received["state"], received["thread"]) == (ask["id"], "asked", None)
    for path in ("", "/log", "/keys", "/messages", "/seals", "/readers", "/owed", "/marks"):
        assert desk.get(f"/threads/{case.id}{path}")[0] == 404
    assert desk.get("/threads")[1]["threads"] == []
    assert requests(cast, cast.samuel)[0] == 404
    assert desk.get(f"/patients/{b64(cast.patient.pk.bytes)}/care-team")[0] == 404


async def test_the_patient_hears_at_once_the_invitee_neutrally_and_the_outsider_never(cast: Cast) -> None:
    case = await sync_to_async(open_case)(cast)
    async with sockets(cast.maya, cast.samuel, cast.chidi) as (maya, samuel, chidi):
        ask = asking(cast.samuel)
        await sync_to_async(invite)(case, cast.elena, ask)
        assert (await maya.hears("request.new"))["invitation"] == ask["id"]
        assert await samuel.hears("invitation.changed") == {
            "type": "invitation.changed",
            "id": ask["id"],
            "state": "asked",
        }
        await chidi.is_served()
        assert {frame["type"] for frame in chidi.heard} == {"welcome", "pong"}


def test_the_same_question_twice_is_one_and_a_second_for_the_same_person_is_refused(cast: Cast) -> None:
    case = open_case(cast)
    ask = asking(cast.samuel)
    assert invite(case, cast.elena, ask) == invite(case, cast.elena, ask)
    assert invite(case, cast.elena, {**ask, "actions": 7})[0] == 409
    assert invite(case, cast.elena, asking(cast.samuel))[0] == 409
    assert Invitation.objects.count() == 1


def test_only_a_colleague_with_keys_in_that_role_can_be_asked(cast: Cast) -> None:
    case = open_case(cast)
    nobody = {**asking(cast.samuel), "invitee": b64(secrets.token_bytes(16))}
    for ask in (nobody, asking(cast.maya), asking(cast.samuel, role=int(Role.THERAPIST))):
        status, body = invite(case, cast.elena, ask)
        assert (status, body["re"]) == (400, "invitee")
    assert Invitation.objects.count() == 0


def test_who_opened_a_thread_asks_for_themself_before_any_permit_and_for_nobody_else(cast: Cast) -> None:
    case = Case(cast.patient, cast.maya, cast.elena)
    assert Desk(cast.elena).post("/threads", Batch(case.entries[:1]).body())[0] == 200
    assert invite(case, cast.elena, asking(cast.samuel))[0] == 404
    assert invite(case, cast.samuel, asking(cast.samuel))[0] == 404
    status, sent = invite(case, cast.elena, asking(cast.elena))
    assert (status, sent["state"]) == (200, "asked")
    _, asked = requests(cast, cast.maya)
    assert [one["invitee_name"] for one in asked["requests"]] == ["Elena"]
    directive = case.permit(cast.elena)
    grant(cast, case, directive)
    assert hand_in(case, cast.maya, case.consent(cast.maya, directive))[0] == 200
    assert requests(cast, cast.maya)[1]["requests"] == []


def test_the_outsider_and_the_invitee_ask_nobody_in(cast: Cast) -> None:
    case = open_case(cast)
    invite(case, cast.elena, asking(cast.samuel))
    for who in (cast.chidi, cast.samuel):
        assert invite(case, who, asking(cast.tom))[0] == 404
    assert Invitation.objects.count() == 1


def test_the_patient_refuses_and_the_invitee_is_not_told_by_whom(cast: Cast) -> None:
    case = open_case(cast)
    ask = asking(cast.samuel)
    invite(case, cast.elena, ask)
    for who in (cast.chidi, cast.samuel, cast.elena):
        assert Desk(who).post(f"/invitations/{ask['id']}/refuse")[0] == 404
    assert Desk(cast.maya).post(f"/invitations/{ask['id']}/refuse")[0] == 200
    assert Desk(cast.maya).post(f"/invitations/{ask['id']}/refuse")[0] == 200
    assert Desk(cast.elena).get("/invitations")[1]["sent"][0]["state"] == "refused"
    assert Desk(cast.samuel).get("/invitations")[1]["received"][0]["state"] == "withdrawn"
    assert requests(cast, cast.maya)[1]["requests"] == []


def test_only_the_one_who_asked_takes_the_question_back(cast: Cast) -> None:
    case = open_case(cast)
    ask = asking(cast.samuel)
    invite(case, cast.elena, ask)
    for who in (cast.chidi, cast.samuel, cast.maya):
        assert Desk(who).delete(f"/invitations/{ask['id']}")[0] == 404
    assert Desk(cast.elena).delete(f"/invitations/{ask['id']}")[0] == 200
    assert Desk(cast.maya).post(f"/invitations/{ask['id']}/refuse")[0] == 409
    assert Invitation.objects.get().state == "withdrawn"


def test_one_who_acts_for_the_patient_answers_for_the_patient(cast: Cast) -> None:
    case, ingrid = open_case(cast), mother_of(cast)
    ask = asking(cast.samuel)
    invite(case, cast.elena, ask)
    assert [one["id"] for one in requests(cast, ingrid)[1]["requests"]] == [ask["id"]]
    assert Desk(ingrid).post(f"/invitations/{ask['id']}/refuse")[0] == 200
    assert requests(cast, cast.maya)[1]["requests"] == []


def test_who_was_asked_into_what_a_minor_confided_is_not_shown_to_a_parent(cast: Cast) -> None:
    case, ingrid = open_case(cast), mother_of(cast)
    Thread.objects.filter(pk=case.id).update(labels=["MINORCONF"])
    ask = asking(cast.samuel)
    invite(case, cast.elena, ask)
    assert requests(cast, ingrid)[1]["requests"] == []
    assert Desk(ingrid).post(f"/invitations/{ask['id']}/refuse")[0] == 404


def test_one_whose_authority_has_ended_is_a_stranger(cast: Cast) -> None:
    case, ingrid = open_case(cast), mother_of(cast)
    ask = asking(cast.samuel)
    invite(case, cast.elena, ask)
    [authority] = Authority.objects.all()
    end_authority(authority, cast.elena.user)
    assert requests(cast, ingrid)[0] == 404
    assert Desk(ingrid).post(f"/invitations/{ask['id']}/refuse")[0] == 404
