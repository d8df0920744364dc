"""The signed directive, read as a rule."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from consent.access import snapshot_for
from consent.model import Actor, PatientFacts, Reason, Request, Resource, Snapshot
from consent.rules import decide
from consent.translate import CARE_TEAM, RELATED, actions_of, parse_server_rules, roles_of, to_rule
from crypto.directives import Directive
from crypto.tables import CLOCK_TOLERANCE_MS, Action, AuthKind, Effect, GranteeKind, Role
from tests.cast import Cast
from wire.base import b64

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
DAY_MS = 86_400_000
FP, ORG, THREAD = b"\x01" * 32, b"\x02" * 16, b"\x03" * 32
SIGNED = Directive(
    directive_id=secrets.token_bytes(16),
    patient_ref=bytes(16),
    effect=Effect.PERMIT,
    auth_kind=AuthKind.PATIENT,
    auth_fp=bytes(32),
    grantee_kind=GranteeKind.KEY,
    grantee=FP,
    actions=int(Action.READ),
    nbf=NOW_MS - DAY_MS,
    exp=NOW_MS + DAY_MS,
)
SAMUEL = Actor(
    "samuel",
    "clinician",
    orgs=frozenset({ORG.hex()}),
    roles=roles_of([Role.PSYCHIATRIST]),
    teams=frozenset({CARE_TEAM}),
)
ASKED = replace(SAMUEL, teams=frozenset({RELATED}))
DENY = Effect.DENY


def ask(signed: Directive, actor: Actor = SAMUEL, *, labels: frozenset[str] = frozenset(), **ended: object) -> Reason:
    """The reason of `actor` reading the thread, were this the only directive."""
    ended_at = ended.get("ended_at")
    assert ended_at is None or isinstance(ended_at, datetime)
    rule = to_rule(signed, {FP: "samuel"}, ended_at=ended_at, superseded=bool(ended.get("superseded")))
    resource = Resource(thread=b64(THREAD), teams=frozenset({CARE_TEAM, RELATED}), labels=labels)
    request = Request(actor, "thread.read", resource, "TREAT", PatientFacts("maya"), NOW)
    return decide(Snapshot((rule,)), request).reason


def grantee(kind: GranteeKind, value: bytes, effect: Effect = Effect.PERMIT) -> Directive:
    return replace(SIGNED, grantee_kind=kind, grantee=value, effect=effect)


def test_it_works() -> None:
    assert ask(SIGNED) is Reason.CONSENT_PERMIT
    assert ask(replace(SIGNED, effect=DENY)) is Reason.CONSENT_DENY


def test_a_key_that_nobody_has_names_nobody() -> None:
    assert ask(replace(SIGNED, grantee=bytes(32))) is Reason.NO_CONSENT


def test_an_organisation_is_its_own_people_alone() -> None:
    assert ask(grantee(GranteeKind.ORGANISATION, ORG)) is Reason.CONSENT_PERMIT
    assert ask(grantee(GranteeKind.ORGANISATION, bytes(16))) is Reason.NO_CONSENT


def test_a_role_is_that_role_exactly() -> None:
    assert ask(grantee(GranteeKind.ROLE, bytes([Role.PSYCHIATRIST]))) is Reason.CONSENT_PERMIT
    assert ask(grantee(GranteeKind.ROLE, bytes([Role.PHYSICIAN]))) is Reason.NO_CONSENT


@pytest.mark.parametrize(
    ("kind", "value"), [(GranteeKind.CARE_TEAM, b""), (GranteeKind.ROLE, bytes([Role.PSYCHIATRIST]))]
)
def test_the_care_team_lets_in_the_team_alone_and_as_a_deny_stops_everybody(kind: GranteeKind, value: bytes) -> None:
    assert ask(grantee(kind, value)) is Reason.CONSENT_PERMIT
    assert ask(grantee(kind, value), ASKED) is Reason.NO_CONSENT
    assert ask(grantee(kind, value, DENY), ASKED) is Reason.CONSENT_DENY


def test_no_threads_are_all_threads_and_others_are_not_this_one() -> None:
    assert ask(replace(SIGNED, threads=(THREAD,))) is Reason.CONSENT_PERMIT
    assert ask(replace(SIGNED, threads=(bytes(32),))) is Reason.NO_CONSENT


def test_no_labels_cover_no_label_in_a_permit_and_reach_any_in_a_deny() -> None:
    hiv = frozenset({"HIV"})
    assert ask(SIGNED, labels=hiv) is Reason.LABEL_NOT_COVERED
    assert ask(replace(SIGNED, labels=(b"HIV",)), labels=hiv) is Reason.CONSENT_PERMIT
    assert ask(replace(SIGNED, effect=DENY), labels=hiv) is Reason.CONSENT_DENY
    assert ask(replace(SIGNED, effect=DENY, labels=(b"SDV",)), labels=hiv) is Reason.NO_CONSENT


def test_every_action_bit_has_words_and_no_word_has_two_bits() -> None:
    words = [actions_of(bit) for bit in Action]
    assert all(words)
    assert sum(map(len, words)) == len(actions_of(sum(Action)))
    assert ask(replace(SIGNED, actions=sum(Action) - Action.READ)) is Reason.NO_CONSENT


def test_another_purpose_than_treatment_does_not_open_a_thread() -> None:
    assert ask(replace(SIGNED, purposes=(b"HRESCH",))) is Reason.NO_CONSENT


def test_a_clock_five_minutes_ahead_is_forgiven_and_no_more_as_in_the_logs() -> None:
    ahead = replace(SIGNED, nbf=NOW_MS + CLOCK_TOLERANCE_MS)
    assert ahead.live(NOW_MS)
    assert ask(ahead) is Reason.CONSENT_PERMIT
    later = replace(SIGNED, nbf=ahead.nbf + 1)
    assert not later.live(NOW_MS)
    assert ask(later) is Reason.NOT_YET_VALID


def test_the_last_millisecond_is_in_and_the_next_is_out_as_in_the_logs() -> None:
    last, over = replace(SIGNED, exp=NOW_MS + 1), replace(SIGNED, exp=NOW_MS)
    assert (last.live(NOW_MS), ask(last)) == (True, Reason.CONSENT_PERMIT)
    assert (over.live(NOW_MS), ask(over)) == (False, Reason.EXPIRED)


def test_what_was_withdrawn_says_so_and_what_was_replaced_says_nothing() -> None:
    assert ask(SIGNED, ended_at=NOW) is Reason.REVOKED
    assert ask(SIGNED, ended_at=NOW, superseded=True) is Reason.NO_CONSENT
    assert ask(replace(SIGNED, effect=DENY), ended_at=NOW) is Reason.NO_CONSENT


def test_the_rules_for_the_server_are_read() -> None:
    rules = parse_server_rules(b'{"part2":"tpo","redisclose":"never","specific":["psychotherapy_notes"],"evidence":{}}')
    assert (rules.part2, rules.redisclose, rules.specific) == ("tpo", "never", frozenset({"psychotherapy_notes"}))


NOT_RULES = [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"categories":["plans"]}', b'{"part2":"all"}',
             b'{"part2":[]}', b'{"specific":"psychotherapy_notes"}', b'{"specific":["everything"]}']  # fmt: skip


@pytest.mark.parametrize("raw", NOT_RULES, ids=lambda raw: raw[:40].decode("latin-1"))
def test_rules_that_cannot_be_read_open_nothing_and_leave_a_deny_standing(raw: bytes) -> None:
    assert ask(replace(SIGNED, server=raw)) is Reason.NO_CONSENT
    assert ask(replace(SIGNED, server=raw, effect=DENY)) is Reason.CONSENT_DENY


def test_a_psychotherapy_note_needs_its_own_permission() -> None:
    note = frozenset({"PSYTHPN"})
    general = replace(SIGNED, labels=(b"PSYTHPN",))
    assert ask(general, labels=note) is Reason.PSYTHPN_REQUIRES_SPECIFIC_AUTH
    assert ask(replace(general, server=b'{"specific":["psychotherapy_notes"]}'), labels=note) is Reason.CONSENT_PERMIT


@pytest.mark.django_db
def test_a_patient_who_has_said_nothing_has_an_empty_snapshot(cast: Cast) -> None:
    snapshot = snapshot_for(cast.patient.pk)
    assert (snapshot.directives, snapshot.epoch) == ((), 0)
