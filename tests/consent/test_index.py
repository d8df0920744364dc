"""The index of bits answers as a plain reading does, directive by directive, whatever was said and asked."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.index import MEMORY, Index
from consent.model import Directive, Grantee, Reason, Request, Snapshot
from tests.consent import plainly
from tests.consent.test_properties import DIRECTIVES, NOW, REQUESTS
from tests.consent.test_rules import ASK, PERMIT

IDS = ["d1", "d2", "d3", "d4", "d5", "d6"]
LINKED = st.lists(DIRECTIVES, min_size=1, max_size=6).flatmap(
    lambda said: st.tuples(
        *(
            st.builds(
                lambda one, id, old, but, patient: replace(
                    one, id=id, supersedes=frozenset(old), grantee=replace(one.grantee, but=but), patient=patient
                ),
                st.just(one),
                st.just(IDS[place]),
                st.lists(st.sampled_from(IDS), max_size=2),
                st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"ann"})]),
                st.sampled_from(["", "", "pat1", "pat9"]),
            )
            for place, one in enumerate(said)
        )
    )
)


@settings(max_examples=500, deadline=None)
@given(LINKED, REQUESTS)
def test_bits_and_plain_reading_agree(said: tuple[Directive, ...], request: Request) -> None:
    snapshot = Snapshot(said)
    index = snapshot.index
    speaking = index.speaking(request)
    assert index.ids(speaking) == tuple(one.id for one in said if plainly.speaks(one, request))
    assert list(index.ids(index.permitting(speaking, request))) == plainly.counting(snapshot, request, "permit")
    assert list(index.ids(index.denying(speaking, request))) == plainly.counting(snapshot, request, "deny")


def mostly(right: str, wrong: str) -> st.SearchStrategy[frozenset[str] | None]:
    """A field that is silent, or states the right value, more often than a wrong one."""
    said = [None, None, frozenset({right}), frozenset({right, wrong}), frozenset({wrong})]
    return st.sampled_from(said)


NEAR_MOMENTS = st.sampled_from([None, None, NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)])
NEAR = st.builds(
    Directive,
    id=st.just(""),
    effect=st.sampled_from(["permit", "deny"]),
    grantee=st.builds(
        Grantee,
        users=mostly("ann", "bob"),
        orgs=mostly("mayo", "kp"),
        roles=mostly("medical", "nurse"),
        teams=mostly("t1", "t2"),
        any_team_member=st.booleans(),
    ),
    actions=mostly("card.view", "export"),
    threads=mostly("th1", "th2"),
    labels=st.sampled_from([frozenset[str](), frozenset({"HIV"}), frozenset({"HIV", "ETH"}), frozenset({"SDV"})]),
    data_from=NEAR_MOMENTS,
    data_until=NEAR_MOMENTS,
    valid_from=NEAR_MOMENTS,
    valid_until=NEAR_MOMENTS,
    revoked_at=st.sampled_from([None, None, None, NOW]),
    status=st.sampled_from(["active", "active", "active", "draft"]),
)


@settings(max_examples=1000, deadline=None)
@given(
    st.lists(NEAR, min_size=2, max_size=6),
    st.sampled_from([frozenset[str](), frozenset({"HIV"}), frozenset({"ETHUD"}), frozenset({"HIV", "ETHUD"})]),
    st.sampled_from([None, NOW - timedelta(days=2), NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)]),
    st.sampled_from([NOW - timedelta(days=1), NOW, NOW + timedelta(hours=1), NOW + timedelta(days=2)]),
    st.booleans(),
)
def test_they_agree_where_nearly_everything_matches(
    near: list[Directive], labels: frozenset[str], authored_at: datetime | None, now: datetime, is_outside: bool
) -> None:
    said = tuple(replace(one, id=f"n{place}") for place, one in enumerate(near))
    resource = replace(ASK.resource, labels=labels, authored_at=authored_at)
    actor = replace(ASK.actor, teams=frozenset({"t2"})) if is_outside else ASK.actor
    request = replace(ASK, actor=actor, resource=resource, now=now)
    snapshot = Snapshot(said)
    index = snapshot.index
    speaking = index.speaking(request)
    assert index.ids(speaking) == tuple(one.id for one in said if plainly.speaks(one, request))
    assert list(index.ids(index.permitting(speaking, request))) == plainly.counting(snapshot, request, "permit")
    assert list(index.ids(index.denying(speaking, request))) == plainly.counting(snapshot, request, "deny")


def test_fifty_directives_are_told_apart() -> None:
    said = tuple(replace(PERMIT, id=f"d{n}", grantee=Grantee(users=frozenset({f"u{n}"}))) for n in range(50))
    index = Index.of(said)
    for n in (0, 1, 31, 32, 49):
        asked = replace(ASK, actor=replace(ASK.actor, id=f"u{n}"))
        assert index.ids(index.permitting(index.speaking(asked), asked)) == (f"d{n}",)


def test_a_moment_belongs_to_what_begins_with_it() -> None:
    dated = replace(PERMIT, valid_from=NOW, valid_until=NOW + timedelta(days=1))
    index = Index.of((dated,))
    assert index.timeline.active(NOW - timedelta(microseconds=1)) == 0
    assert index.timeline.active(NOW) == 1
    assert index.timeline.active(NOW + timedelta(days=1)) == 0


def test_the_most_telling_ending_is_told_first() -> None:
    revoked, expired, ahead = (
        replace(PERMIT, id="r", revoked_at=NOW),
        replace(PERMIT, id="e", valid_until=NOW),
        replace(PERMIT, id="a", valid_from=NOW + timedelta(days=1)),
    )
    for said, reason in (
        ((revoked, expired, ahead), Reason.REVOKED),
        ((expired, ahead), Reason.EXPIRED),
        ((ahead,), Reason.NOT_YET_VALID),
        ((), Reason.NO_CONSENT),
    ):
        index = Index.of(said)
        assert index.why_not(index.speaking(ASK), ASK) is reason


def test_what_is_remembered_is_bounded() -> None:
    index = Index.of(tuple(replace(PERMIT, id=f"d{n}") for n in range(12)))
    for mask in range(MEMORY + 10):
        assert len(index.ids(mask)) == mask.bit_count()
    assert len(index._ids) <= MEMORY


def test_a_permit_in_a_circle_is_void_and_a_deny_stands() -> None:
    there, back = (replace(PERMIT, id=a, supersedes=frozenset({b})) for a, b in (("p", "d"), ("d", "p")))
    index = Index.of((there, replace(back, effect="deny")))
    assert index.ids(index.timeline.active(NOW)) == ("d",)


def test_one_that_replaces_itself_is_void() -> None:
    index = Index.of((replace(PERMIT, supersedes=frozenset({"D1"})),))
    assert index.timeline.active(NOW) == 0


def test_a_deny_in_a_circle_is_replaced_by_a_word_from_outside_it() -> None:
    itself = replace(PERMIT, id="d2", effect="deny", supersedes=frozenset({"d2"}))
    later = replace(PERMIT, id="d1", supersedes=frozenset({"d2"}))
    index = Index.of((later, itself))
    assert index.ids(index.timeline.active(NOW)) == ("d1",)


def test_a_word_between_two_circles_is_in_none() -> None:
    links = {"a": {"b", "x"}, "b": {"a"}, "x": {"c"}, "c": {"d"}, "d": {"c"}}
    said = tuple(replace(PERMIT, id=one, supersedes=frozenset(olds)) for one, olds in links.items())
    index = Index.of(said)
    # The circles are void, and being void they replace nothing: what lies between them stands.
    assert index.ids(index.timeline.active(NOW)) == ("x",)
