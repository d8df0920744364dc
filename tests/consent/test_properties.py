"""What must hold for every decision, whatever is asked and whatever was said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.model import (
    ACTIONS,
    CAPABILITIES,
    CATEGORIES,
    PROTECTED_LABELS,
    PURPOSES,
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
LABELS = ["HIV", "ETH", "ETHUD", "SUD", "PSYTHPN", "42CFRPart2", "MINORCONF", "SDV"]


def some(values: list[str], most: int = 3) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=most)


def perhaps(values: list[str]) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(st.sampled_from(values), min_size=1, max_size=3)


MOMENTS = st.none() | st.integers(-400, 400).map(lambda days: NOW + timedelta(days=days))
GRANTEES = st.builds(
    Grantee,
    users=perhaps(["ann", "bob"]),
    orgs=perhaps(["mayo", "kp"]),
    roles=perhaps(list(CAPABILITIES)),
    teams=perhaps(["t1", "t2"]),
    any_team_member=st.booleans(),
)
DIRECTIVES = st.builds(
    Directive,
    id=st.uuids().map(str),
    effect=st.sampled_from(["permit", "deny"]),
    grantee=GRANTEES,
    actions=perhaps(sorted(ACTIONS)),
    threads=perhaps(["th1", "th2"]),
    resources=perhaps(["m1", "m2"]),
    categories=perhaps(sorted(CATEGORIES)),
    labels=some(LABELS),
    purposes=perhaps(["TREAT", "HPAYMT", "BTG"]),
    data_from=MOMENTS,
    data_until=MOMENTS,
    valid_from=MOMENTS,
    valid_until=MOMENTS,
    revoked_at=MOMENTS,
    status=st.sampled_from(["active", "active", "draft", "superseded"]),
    part2=st.sampled_from(["none", "named", "tpo"]),
    specific=some(["psychotherapy_notes", "part2_proceedings"]),
    redisclose=st.sampled_from(["hipaa", "reconsent", "never"]),
)
SNAPSHOTS = st.builds(
    Snapshot,
    directives=st.lists(DIRECTIVES, max_size=5).map(tuple),
    policy=st.sampled_from([Policy(), Policy("implied-direct-care")]),
)
ACTORS = st.builds(
    Actor,
    id=st.sampled_from(["ann", "bob", "pat1"]),
    kind=st.sampled_from(["clinician", "clinician", "patient", "proxy"]),
    orgs=some(["mayo", "kp"], 2),
    roles=some(list(CAPABILITIES), 2),
    teams=some(["t1", "t2"], 2),
    eligible=st.booleans() | st.just(True),
    emergency_privilege=st.booleans(),
    authority=st.none()
    | st.builds(Authority, type=st.sampled_from(["parent", "lpa", "deputy"]), scope=some(sorted(ACTIONS), 6)),
    safeguarding_block=st.booleans(),
)
RESOURCES = st.builds(
    Resource,
    id=st.sampled_from(["m1", "m2"]),
    thread=st.sampled_from(["th1", "th2"]),
    category=st.sampled_from(sorted(CATEGORIES)),
    teams=some(["t1", "t2"], 2),
    labels=some(LABELS),
    author=st.sampled_from(["ann", "bob"]),
    authored_at=MOMENTS,
)
REQUESTS = st.builds(
    Request,
    actor=ACTORS,
    action=st.sampled_from(sorted(ACTIONS)),
    resource=RESOURCES,
    purpose=st.sampled_from(sorted(PURPOSES)),
    patient=st.builds(PatientFacts, id=st.just("pat1"), capacity=st.sampled_from(["has", "lacks", "unknown"])),
    now=st.just(NOW),
    break_glass=st.none() | st.just(BreakGlass("unconscious")),
    participants=st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.booleans()), max_size=3).map(tuple),
)
many = settings(max_examples=250, deadline=None)


@many
@given(SNAPSHOTS, REQUESTS, DIRECTIVES)
def test_adding_a_deny_never_opens_a_door(snapshot: Snapshot, request: Request, more: Directive) -> None:
    denied = replace(snapshot, directives=(*snapshot.directives, replace(more, effect="deny")))
    assert decide(snapshot, request).permit or not decide(denied, request).permit


@many
@given(SNAPSHOTS, REQUESTS, st.sampled_from(sorted(PROTECTED_LABELS)))
def test_adding_a_label_never_opens_a_door(snapshot: Snapshot, request: Request, label: str) -> None:
    labelled = replace(request, resource=replace(request.resource, labels=request.resource.labels | {label}))
    assert decide(snapshot, request).permit or not decide(snapshot, labelled).permit


@many
@given(SNAPSHOTS, REQUESTS)
def test_leaving_the_team_never_opens_a_door(snapshot: Snapshot, request: Request) -> None:
    alone = replace(request, actor=replace(request.actor, teams=frozenset()))
    assert decide(snapshot, request).permit or not decide(snapshot, alone).permit


@many
@given(SNAPSHOTS, REQUESTS)
def test_the_same_question_has_the_same_answer(snapshot: Snapshot, request: Request) -> None:
    assert decide(snapshot, request) == decide(snapshot, request)


@many
@given(REQUESTS)
def test_nothing_is_permitted_without_a_snapshot(request: Request) -> None:
    assert decide(None, request).reason in (Reason.PDP_UNAVAILABLE, Reason.INVALID_REQUEST)
    assert not decide(None, request).permit


@many
@given(SNAPSHOTS, REQUESTS)
def test_every_permit_says_by_what(snapshot: Snapshot, request: Request) -> None:
    decision = decide(snapshot, request)
    if decision.permit:
        by_name = {
            Reason.SELF_ACCESS, Reason.SELF_CONSENT_ACT, Reason.PROXY_ACCESS, Reason.IMPLIED_DIRECT_CARE,
            Reason.IMPLIED_TEAM_CARE, Reason.AUTHOR_OWN_RECORD, Reason.BREAK_GLASS,
        }  # fmt: skip
        assert decision.basis or decision.reason in by_name
        assert decision.obligations
    else:
        assert decision.obligations == ()


@many
@given(SNAPSHOTS, REQUESTS, st.text(max_size=12))
def test_a_word_that_is_not_known_is_refused(snapshot: Snapshot, request: Request, word: str) -> None:
    if word not in ACTIONS:
        assert decide(snapshot, replace(request, action=word)).reason is Reason.INVALID_REQUEST
    if word not in PURPOSES:
        assert decide(snapshot, replace(request, purpose=word)).reason is Reason.INVALID_REQUEST
    if word not in PROTECTED_LABELS | {"U", "L", "M", "N"}:
        labelled = replace(request.resource, labels=frozenset({word}))
        assert decide(snapshot, replace(request, resource=labelled)).reason is Reason.INVALID_REQUEST


@many
@given(SNAPSHOTS, REQUESTS)
def test_no_emergency_opens_a_psychotherapy_note_an_export_or_a_recording(snapshot: Snapshot, request: Request) -> None:
    decision = decide(snapshot, request)
    if decision.reason is Reason.BREAK_GLASS:
        assert "PSYTHPN" not in request.resource.labels
        assert request.action in ("thread.read", "card.view")


@many
@given(REQUESTS, DIRECTIVES)
def test_a_permission_that_ran_out_is_no_worse_than_silence(request: Request, lapsed: Directive) -> None:
    ran_out = replace(lapsed, effect="permit", status="active", revoked_at=None, valid_until=NOW - timedelta(days=1))
    silent = Snapshot(policy=Policy(default="implied-direct-care"))
    assert decide(replace(silent, directives=(ran_out,)), request).permit == decide(silent, request).permit
