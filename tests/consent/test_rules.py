"""The rules that no agreed case reaches, each by the one whom it keeps out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from consent.model import (
    Actor,
    Authority,
    BreakGlass,
    Directive,
    Grantee,
    PatientFacts,
    Policy,
    Reason,
    Request,
    Resource,
    Snapshot,
)
from consent.rules import decide

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
T1 = frozenset({"t1"})
ANN = Actor("ann", "clinician", orgs=frozenset({"mayo"}), roles=frozenset({"medical"}), teams=T1)
PATIENT = Actor("pat1", "patient")
ADULT = PatientFacts("pat1", date(1990, 5, 1))
CARD = Resource("m1", "th1", teams=T1, author="bob", authored_at=NOW - DAY)
ASK = Request(ANN, "card.view", CARD, "TREAT", ADULT, NOW)
OWN = replace(ASK, actor=PATIENT, purpose="PATRQT")
PERMIT = Directive("D1", "permit", Grantee(users=frozenset({"ann"})))
IMPLIED = Policy("implied-direct-care")
EMERGENCY = replace(
    ASK,
    actor=replace(ANN, teams=frozenset(), emergency_privilege=True),
    purpose="BTG",
    break_glass=BreakGlass("unconscious"),
)


def why(request: Request, *said: Directive, policy: Policy = Policy()) -> Reason:  # noqa: B008  # frozen
    return decide(Snapshot(said, policy), request).reason


def about(request: Request, **changed: object) -> Request:
    """The request, about a resource that differs in these fields."""
    return replace(request, resource=replace(request.resource, **changed))  # type: ignore[arg-type]


def proxy(kind: str = "parent", *scope: str, **changed: object) -> Request:
    authority = Authority(kind, frozenset(scope or ("card.view",)), **changed)  # type: ignore[arg-type]
    minor = PatientFacts("pat2", date(2011, 3, 1))
    return replace(ASK, actor=Actor("mum", "proxy", authority=authority), purpose="FAMRQT", patient=minor)


def test_it_works() -> None:
    assert why(ASK, PERMIT) is Reason.CONSENT_PERMIT
    assert why(OWN) is Reason.SELF_ACCESS
    assert why(proxy()) is Reason.PROXY_ACCESS
    assert why(EMERGENCY) is Reason.BREAK_GLASS
    assert why(ASK, policy=IMPLIED) is Reason.IMPLIED_DIRECT_CARE


def test_one_whose_account_or_licence_has_ended_is_out_whatever_was_said() -> None:
    assert why(replace(ASK, actor=replace(ANN, eligible=False)), PERMIT) is Reason.SUBJECT_NOT_ELIGIBLE
    assert why(replace(OWN, actor=replace(PATIENT, eligible=False))) is Reason.SUBJECT_NOT_ELIGIBLE


def test_a_patient_is_nobody_on_another_patients_record() -> None:
    assert why(replace(OWN, actor=Actor("pat9", "patient"))) is Reason.NO_RELATIONSHIP


def test_a_patient_does_not_read_psychotherapy_notes_or_what_is_held_for_harm() -> None:
    assert why(about(OWN, labels=frozenset({"PSYTHPN"}))) is Reason.PSYTHPN_NO_ACCESS_RIGHT
    assert why(about(OWN, harm_hold=True)) is Reason.HARM_HOLD
    assert why(replace(about(OWN, harm_hold=True), action="consent.revoke")) is Reason.SELF_CONSENT_ACT


def test_a_minor_gives_permission_only_when_found_competent_and_withdraws_always() -> None:
    minor = PatientFacts("pat1", date(2011, 3, 1), competent=False)
    grant = replace(OWN, action="consent.grant", patient=minor)
    assert why(grant) is Reason.MINOR_NOT_COMPETENT
    assert why(replace(grant, patient=replace(minor, competent=True))) is Reason.SELF_CONSENT_ACT
    assert why(replace(grant, action="consent.revoke")) is Reason.SELF_CONSENT_ACT


def test_a_child_comes_of_age_on_the_birthday_and_the_parent_is_out() -> None:
    eve, birthday = (PatientFacts("pat2", date(2008, month, day)) for month, day in ((11, 2), (11, 1)))
    assert why(replace(proxy(), patient=eve)) is Reason.PROXY_ACCESS
    assert why(replace(proxy(), patient=birthday)) is Reason.PROXY_AGED_OUT


def test_an_authority_reaches_no_further_than_its_words_and_its_time() -> None:
    assert why(replace(proxy(), action="thread.read")) is Reason.PROXY_SCOPE
    assert why(proxy(valid_until=NOW)) is Reason.PROXY_NO_AUTHORITY
    assert why(proxy(valid_from=NOW + SECOND)) is Reason.PROXY_NO_AUTHORITY
    assert why(replace(proxy(), actor=Actor("mum", "proxy"))) is Reason.PROXY_NO_AUTHORITY


def test_a_sleeping_authority_wakes_with_incapacity_alone() -> None:
    attorney = replace(proxy("lpa"), patient=replace(ADULT, capacity="unknown"))
    assert why(attorney) is Reason.PROXY_NOT_ACTIVATED
    assert why(replace(attorney, patient=replace(ADULT, capacity="lacks"))) is Reason.PROXY_ACCESS


def test_what_a_minor_confided_is_opened_by_a_permit_that_names_it_and_no_other() -> None:
    confided = about(proxy(), labels=frozenset({"SEX", "MINORCONF"}))
    mums = replace(PERMIT, grantee=Grantee(users=frozenset({"mum"})))
    assert why(confided, replace(mums, labels=frozenset({"SEX"}))) is Reason.MINOR_CONFIDENTIAL
    assert why(confided, replace(mums, labels=frozenset({"SEX", "MINORCONF"}))) is Reason.PROXY_ACCESS


def test_a_deny_stops_a_proxy_too() -> None:
    deny = Directive("D2", "deny", Grantee(users=frozenset({"mum"})))
    assert why(proxy(), deny) is Reason.CONSENT_DENY


def test_a_part_2_record_goes_to_no_court_without_its_own_permission() -> None:
    court = replace(about(ASK, labels=frozenset({"42CFRPart2"})), purpose="HLEGAL")
    general = replace(PERMIT, labels=frozenset({"42CFRPart2"}), part2="tpo")
    assert why(court, general) is Reason.PART2_LEGAL_PROCEEDINGS
    specific = replace(general, specific=frozenset({"part2_proceedings"}))
    assert why(court, specific) is Reason.CONSENT_PERMIT


def test_redisclosure_stands_on_any_one_permit_that_allows_it() -> None:
    share = replace(ASK, action="redisclose")
    never = replace(PERMIT, id="D2", redisclose="never")
    assert why(share, never) is Reason.REDISCLOSURE_NEEDS_CONSENT
    assert why(share, never, PERMIT) is Reason.CONSENT_PERMIT


@pytest.mark.parametrize("who", [ANN, PATIENT])
def test_nobody_records_a_room_where_one_has_not_agreed_or_nobody_is_known(who: Actor) -> None:
    record = replace(ASK, actor=who, action="session.record", purpose="TREAT" if who is ANN else "PATRQT")
    for present in ((), (("ann", True), ("pat1", False))):
        assert why(replace(record, participants=present), PERMIT) is Reason.RECORDING_NOT_UNANIMOUS
    agreed = (("ann", True), ("pat1", True))
    assert decide(Snapshot((PERMIT,)), replace(record, participants=agreed)).permit


def test_a_proxy_records_nothing_that_somebody_has_not_agreed_to() -> None:
    record = replace(proxy("parent", "session.record"), action="session.record")
    assert why(record) is Reason.RECORDING_NOT_UNANIMOUS
    assert why(replace(record, participants=(("mum", True),))) is Reason.PROXY_ACCESS


def test_after_a_withdrawal_nothing_is_implied_and_after_an_end_silence_is_silence() -> None:
    assert why(ASK, replace(PERMIT, revoked_at=NOW), policy=IMPLIED) is Reason.REVOKED
    assert why(ASK, replace(PERMIT, valid_until=NOW), policy=IMPLIED) is Reason.IMPLIED_DIRECT_CARE


@pytest.mark.parametrize(
    "beyond", [{"action": "thread.post"}, {"purpose": "HRESCH"}, {"resource": replace(CARD, labels=frozenset({"HIV"}))}]
)
def test_what_is_implied_is_reading_for_treatment_without_labels(beyond: dict[str, object]) -> None:
    assert why(replace(ASK, **beyond), policy=IMPLIED) is Reason.NO_CONSENT  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "lacking",
    [
        {"purpose": "TREAT"},
        {"break_glass": BreakGlass("  ")},
        {"actor": replace(EMERGENCY.actor, emergency_privilege=False)},
        {"action": "export"},
        {"resource": replace(CARD, category="note")},
    ],
    ids=["another purpose", "no reason", "no privilege", "an export", "a note"],
)
def test_an_emergency_that_is_not_one_opens_nothing(lacking: dict[str, object]) -> None:
    assert why(replace(EMERGENCY, **lacking)) is Reason.BREAK_GLASS_REFUSED  # type: ignore[arg-type]


def test_a_refusal_made_with_capacity_holds_in_an_emergency() -> None:
    refusing = replace(EMERGENCY, patient=replace(ADULT, emergency_refusal=True))
    assert why(refusing) is Reason.EMERGENCY_REFUSED_BY_PATIENT


def test_a_cosigner_is_needed_by_the_one_who_was_denied_by_name_and_by_no_other() -> None:
    named = Directive("D2", "deny", Grantee(users=frozenset({"ann"})))
    other = replace(named, grantee=Grantee(users=frozenset({"bob"})))
    assert why(EMERGENCY, named) is Reason.BREAK_GLASS_NEEDS_COSIGN
    assert why(EMERGENCY, other) is Reason.BREAK_GLASS
    assert why(replace(EMERGENCY, break_glass=BreakGlass("unconscious", "eve")), named) is Reason.BREAK_GLASS


def test_any_team_member_is_a_member_of_the_things_own_team() -> None:
    anyone = replace(PERMIT, grantee=Grantee(any_team_member=True))
    assert why(ASK, anyone) is Reason.CONSENT_PERMIT
    denied = Directive("D2", "deny", Grantee(any_team_member=True))
    elsewhere = replace(EMERGENCY, actor=replace(EMERGENCY.actor, teams=frozenset({"t2"})))
    assert not decide(Snapshot((anyone,)), replace(elsewhere, break_glass=None, purpose="TREAT")).permit
    assert why(replace(proxy(), actor=replace(proxy().actor, teams=frozenset({"t2"}))), denied) is Reason.PROXY_ACCESS


def test_a_period_of_writing_holds_its_first_moment_and_not_its_last() -> None:
    written = NOW - DAY
    assert why(ASK, replace(PERMIT, data_from=written)) is Reason.CONSENT_PERMIT
    assert why(ASK, replace(PERMIT, data_from=written + SECOND)) is Reason.NO_CONSENT
    assert why(ASK, replace(PERMIT, data_until=written)) is Reason.NO_CONSENT
    assert why(ASK, replace(PERMIT, data_until=written + SECOND)) is Reason.CONSENT_PERMIT


def test_what_has_no_known_age_is_outside_a_permits_period_and_inside_a_denys() -> None:
    ageless, since = about(ASK, authored_at=None), NOW - 2 * DAY
    assert why(ageless, replace(PERMIT, data_from=since)) is Reason.NO_CONSENT
    assert why(ageless, PERMIT, replace(PERMIT, id="D2", effect="deny", data_from=since)) is Reason.CONSENT_DENY


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        ({"revoked_at": NOW}, Reason.REVOKED),
        ({"status": "revoked"}, Reason.REVOKED),
        ({"valid_until": NOW}, Reason.EXPIRED),
        ({"valid_from": NOW + SECOND}, Reason.NOT_YET_VALID),
        ({"status": "proposed"}, Reason.NO_CONSENT),
        ({"status": "entered-in-error"}, Reason.NO_CONSENT),
    ],
)
def test_what_does_not_count_now_says_why(ended: dict[str, object], reason: Reason) -> None:
    assert why(ASK, replace(PERMIT, **ended)) is reason  # type: ignore[arg-type]
    deny = replace(PERMIT, id="D2", effect="deny", **ended)  # type: ignore[arg-type]
    assert why(ASK, PERMIT, deny) is Reason.CONSENT_PERMIT
