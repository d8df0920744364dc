"""Ages, authors, defaults and emergencies: the rules that turn on who somebody is and when it is asked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from consent.model import (
    BreakGlass,
    Directive,
    Grantee,
    PatientFacts,
    Policy,
    Reason,
    Snapshot,
    comes_of_age,
)
from consent.rules import decide
from tests.consent.test_rules import ANN, ASK, EMERGENCY, IMPLIED, NOW, OWN, PERMIT, about, proxy, why

HOUR = timedelta(hours=1)
TEAM = Policy("team-unlabelled", frozenset({"t1"}))


def test_one_born_on_29_february_comes_of_age_on_1_march_where_there_is_no_29th() -> None:
    born = date(2008, 2, 29)
    assert comes_of_age(born, 18, UTC) == datetime(2026, 3, 1, tzinfo=UTC)
    assert comes_of_age(born, 20, UTC) == datetime(2028, 2, 29, tzinfo=UTC)


def test_a_birthday_begins_where_the_patient_lives() -> None:
    honolulu = ZoneInfo("Pacific/Honolulu")
    young = PatientFacts("pat2", date(2008, 11, 1), zone=honolulu)
    midnight = datetime(2026, 11, 1, tzinfo=honolulu)
    for moment, reason in ((midnight - HOUR, Reason.PROXY_ACCESS), (midnight, Reason.PROXY_AGED_OUT)):
        assert why(replace(proxy(), patient=young, now=moment.astimezone(UTC))) is reason


def test_an_organisation_says_when_people_come_of_age() -> None:
    sixteen = PatientFacts("pat2", date(2010, 11, 1), majority_age=16)
    assert why(replace(proxy(), patient=sixteen)) is Reason.PROXY_AGED_OUT
    assert why(replace(proxy(), patient=replace(sixteen, majority_age=18))) is Reason.PROXY_ACCESS


def test_only_a_parent_ages_out_and_only_where_the_birth_date_is_known() -> None:
    grown = PatientFacts("pat2", date(1990, 1, 1))
    assert why(replace(proxy("guardian"), patient=grown)) is Reason.PROXY_ACCESS
    assert why(replace(proxy(), patient=PatientFacts("pat2"))) is Reason.PROXY_ACCESS


def test_what_was_confided_is_not_opened_to_a_parent_by_a_parent() -> None:
    confided = about(proxy(), labels=frozenset({"SEX", "MINORCONF"}))
    opened = replace(PERMIT, grantee=Grantee(users=frozenset({"mum"})), labels=frozenset({"SEX", "MINORCONF"}))
    assert why(confided, opened) is Reason.PROXY_ACCESS
    assert why(confided, replace(opened, grantor="proxy")) is Reason.MINOR_CONFIDENTIAL


def test_an_authors_own_entry_stays_in_sight_after_a_withdrawal_and_nothing_else_does() -> None:
    mine, gone = about(ASK, author="ann"), replace(PERMIT, revoked_at=NOW)
    assert why(mine, gone) is Reason.AUTHOR_OWN_RECORD
    assert why(mine, Directive("D2", "deny")) is Reason.AUTHOR_OWN_RECORD
    assert why(replace(mine, actor=replace(ANN, teams=frozenset()))) is Reason.AUTHOR_OWN_RECORD
    for beyond in ("card.author", "thread.read", "export", "redisclose"):
        assert why(replace(mine, action=beyond), gone) is Reason.REVOKED
    assert why(ASK, gone) is Reason.REVOKED
    assert why(mine, PERMIT) is Reason.CONSENT_PERMIT


def test_an_author_who_is_nobody_any_more_sees_nothing() -> None:
    mine = about(ASK, author="ann")
    assert why(replace(mine, actor=replace(ANN, eligible=False))) is Reason.SUBJECT_NOT_ELIGIBLE
    assert why(replace(mine, actor=replace(ANN, roles=frozenset()))) is Reason.ROLE_CAPABILITY


def test_a_team_default_gives_the_standing_team_what_a_role_may_do_with_unlabelled_things() -> None:
    assert why(ASK, policy=TEAM) is Reason.IMPLIED_TEAM_CARE
    assert why(replace(ASK, action="thread.post"), policy=TEAM) is Reason.IMPLIED_TEAM_CARE
    for action in ("thread.invite", "export", "redisclose"):
        assert why(replace(ASK, action=action), policy=TEAM) is Reason.NO_CONSENT
    assert why(about(ASK, labels=frozenset({"HIV"})), policy=TEAM) is Reason.NO_CONSENT
    assert why(replace(ASK, purpose="HPAYMT"), policy=TEAM) is Reason.NO_CONSENT


@pytest.mark.parametrize("default", ["implied-direct-care", "team-unlabelled"])
def test_who_is_merely_invited_gets_nothing_by_default(default: str) -> None:
    invited = replace(ASK, actor=replace(ANN, teams=frozenset({"related"})))
    invited = about(invited, teams=frozenset({"t1", "related"}))
    standing = Policy(default, frozenset({"t1"}))  # type: ignore[arg-type]  # a word of the literal
    assert why(invited, policy=standing) is Reason.NO_CONSENT
    assert why(invited, PERMIT, policy=standing) is Reason.CONSENT_PERMIT


def test_no_default_outlives_a_withdrawal_or_a_deny() -> None:
    for policy in (TEAM, IMPLIED):
        assert why(ASK, replace(PERMIT, revoked_at=NOW), policy=policy) is Reason.REVOKED
        assert why(ASK, Directive("D2", "deny"), policy=policy) is Reason.CONSENT_DENY


def test_an_emergency_opens_what_was_declared_while_it_was_declared() -> None:
    declared = BreakGlass("unconscious", categories=frozenset({"allergy"}), declared_at=NOW, expires_at=NOW + HOUR)
    allergy = about(replace(EMERGENCY, break_glass=declared), category="allergy")
    assert why(allergy) is Reason.BREAK_GLASS
    assert why(about(allergy, category="medication")) is Reason.BREAK_GLASS_REFUSED
    assert why(replace(allergy, now=NOW - HOUR)) is Reason.BREAK_GLASS_REFUSED
    assert why(replace(allergy, now=NOW + HOUR)) is Reason.BREAK_GLASS_REFUSED


def test_declaring_a_note_does_not_make_it_an_emergencys() -> None:
    declared = BreakGlass("unconscious", categories=frozenset({"note", "psychosocial"}))
    for category in ("note", "psychosocial"):
        assert why(about(replace(EMERGENCY, break_glass=declared), category=category)) is Reason.BREAK_GLASS_REFUSED


def test_nobody_cosigns_their_own_emergency() -> None:
    named = Directive("D2", "deny", Grantee(users=frozenset({"ann"})))
    own = replace(EMERGENCY, break_glass=BreakGlass("unconscious", cosigner="ann"))
    assert why(own, named) is Reason.BREAK_GLASS_NEEDS_COSIGN


def test_a_deny_that_has_ended_asks_for_no_cosigner() -> None:
    named = Directive("D2", "deny", Grantee(users=frozenset({"ann"})), valid_until=NOW)
    assert why(EMERGENCY, named) is Reason.BREAK_GLASS
    everybody = Directive("D3", "deny")
    assert why(EMERGENCY, everybody) is Reason.BREAK_GLASS


def test_a_refusal_by_one_who_has_lost_capacity_yields_to_the_emergency() -> None:
    for capacity in ("lacks", "unknown"):
        patient = replace(EMERGENCY.patient, emergency_refusal=True, capacity=capacity)
        assert why(replace(EMERGENCY, patient=patient)) is Reason.BREAK_GLASS


def test_a_time_without_a_zone_is_no_time() -> None:
    naive = NOW.replace(tzinfo=None)
    assert why(replace(ASK, now=naive), PERMIT) is Reason.INVALID_REQUEST
    assert why(about(ASK, authored_at=naive), PERMIT) is Reason.INVALID_REQUEST


def test_nobody_at_all_asks_for_nothing() -> None:
    assert why(replace(ASK, actor=replace(ANN, id="")), PERMIT) is Reason.INVALID_REQUEST
    assert why(replace(ASK, patient=replace(ASK.patient, id="")), PERMIT) is Reason.INVALID_REQUEST
    assert why(replace(ASK, actor=replace(ANN, kind="robot")), PERMIT) is Reason.INVALID_REQUEST  # type: ignore[arg-type]  # on purpose
    assert why(about(ASK, category="gossip"), PERMIT) is Reason.INVALID_REQUEST


def test_what_another_patient_said_is_about_another_patient() -> None:
    assert why(ASK, replace(PERMIT, patient="pat9")) is Reason.NO_CONSENT
    assert why(ASK, replace(PERMIT, patient="pat1")) is Reason.CONSENT_PERMIT


def test_what_has_been_replaced_does_not_come_back_with_the_end_of_what_replaced_it() -> None:
    newer = replace(PERMIT, id="D2", supersedes=frozenset({"D1"}), valid_until=NOW)
    assert why(ASK, PERMIT, newer) is Reason.EXPIRED
    assert why(ASK, PERMIT, replace(newer, status="draft")) is Reason.CONSENT_PERMIT


def test_one_who_is_excepted_is_not_named() -> None:
    team = replace(PERMIT, grantee=Grantee(any_team_member=True, but=frozenset({"ann"})))
    assert why(ASK, team) is Reason.NO_CONSENT
    assert why(replace(ASK, actor=replace(ANN, id="bob")), team) is Reason.CONSENT_PERMIT


def test_a_patient_gives_and_withdraws_with_a_receipt_and_reads_without() -> None:
    given = decide(Snapshot(), replace(OWN, action="consent.grant"))
    assert given.obligations == ("audit", "receipt")
    assert decide(Snapshot(), OWN).obligations == ("audit",)
    parent = decide(Snapshot(), replace(proxy("parent", "consent.revoke"), action="consent.revoke"))
    assert parent.obligations == ("audit", "notify-patient", "receipt")


def test_one_who_lacks_capacity_reads_and_one_in_doubt_still_gives() -> None:
    lacking, doubtful = replace(OWN.patient, capacity="lacks"), replace(OWN.patient, capacity="unknown")
    assert why(replace(OWN, patient=lacking)) is Reason.SELF_ACCESS
    assert why(replace(OWN, action="consent.grant", patient=doubtful)) is Reason.SELF_CONSENT_ACT


@pytest.mark.parametrize("other", ["pat0", "pat9"])
def test_another_patient_is_nobody_whatever_their_id(other: str) -> None:
    assert why(replace(OWN, actor=replace(OWN.actor, id=other))) is Reason.NO_RELATIONSHIP


def test_a_protection_keeps_a_proxy_from_lifting_it_and_from_nothing_else() -> None:
    protected = about(proxy(), advance_directive=True)
    assert why(protected) is Reason.PROXY_ACCESS
    for action in ("consent.grant", "thread.read"):
        assert (
            why(replace(about(proxy("parent", action), advance_directive=True), action=action)) is Reason.PROXY_ACCESS
        )
    lifting = replace(about(proxy("parent", "consent.revoke"), advance_directive=True), action="consent.revoke")
    assert why(lifting) is Reason.ADVANCE_DIRECTIVE_PROTECTED


def test_a_guardians_word_does_not_open_what_was_confided_either() -> None:
    confided = about(proxy(), labels=frozenset({"MINORCONF"}))
    opened = replace(PERMIT, grantee=Grantee(users=frozenset({"mum"})), labels=frozenset({"MINORCONF"}))
    assert why(confided, replace(opened, grantor="guardian")) is Reason.MINOR_CONFIDENTIAL
    assert why(confided, opened) is Reason.PROXY_ACCESS


@pytest.mark.parametrize("author", ["aaa", "zzz"])
def test_who_wrote_it_is_one_person_and_not_whoever_sorts_beside_them(author: str) -> None:
    gone = replace(PERMIT, revoked_at=NOW)
    assert why(about(ASK, author=author), gone) is Reason.REVOKED
    note = about(ASK, author=author, labels=frozenset({"PSYTHPN"}))
    general = replace(PERMIT, labels=frozenset({"PSYTHPN"}))
    assert why(note, general) is Reason.PSYTHPN_REQUIRES_SPECIFIC_AUTH


@pytest.mark.parametrize("action", ["export", "session.join"])
def test_what_may_not_be_passed_on_may_be_used(action: str) -> None:
    assert why(replace(ASK, action=action), replace(PERMIT, redisclose="never")) is Reason.CONSENT_PERMIT


def test_an_unknown_label_is_refused_and_a_plain_one_asks_nothing() -> None:
    assert why(about(ASK, labels=frozenset({"GOSSIP"})), PERMIT) is Reason.INVALID_REQUEST
    plain = decide(Snapshot((PERMIT,)), about(ASK, labels=frozenset({"N"})))
    assert (plain.reason, plain.obligations) == (Reason.CONSENT_PERMIT, ("audit",))


def test_an_item_of_unknown_age_is_reached_by_undated_permits_and_by_every_deny() -> None:
    ageless = about(ASK, authored_at=None)
    dated = replace(PERMIT, id="D2", data_until=NOW)
    assert why(ageless, dated) is Reason.NO_CONSENT
    assert why(ageless, dated, PERMIT) is Reason.CONSENT_PERMIT
    assert why(ageless, PERMIT, replace(dated, effect="deny")) is Reason.CONSENT_DENY
    assert why(ageless, PERMIT, replace(dated, effect="deny", data_until=None, data_from=NOW)) is Reason.CONSENT_DENY


def test_many_words_at_many_times_are_each_told_for_themselves() -> None:
    said = tuple(
        replace(
            PERMIT, id=f"d{n}", valid_from=NOW + n * HOUR, data_from=NOW - n * HOUR, data_until=NOW + n * HOUR + HOUR
        )
        for n in range(6)
    )
    for hours in range(6):
        asked = about(replace(ASK, now=NOW + hours * HOUR), authored_at=NOW)
        assert decide(Snapshot(said), asked).basis == tuple(f"d{n}" for n in range(hours + 1))
        late = about(asked, authored_at=NOW + hours * HOUR)
        assert decide(Snapshot(said), late).basis == (f"d{hours}",)
