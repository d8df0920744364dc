"""Rules of every shape that the model has, for round trips."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from consent.model import ACTIONS, CATEGORIES, PROTECTED_LABELS, PURPOSES, Directive, Grantee

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
_MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
_IDS = st.sampled_from(["psy1", "ther1", "0b5e2f", "a_b", "Dr. Who / 7", "urn:x:1", "é"])


def _some(values: st.SearchStrategy[str]) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(values, max_size=3)


@st.composite
def _spans(draw: st.DrawFn) -> tuple[datetime | None, datetime | None]:
    begin, until = draw(st.none() | _MOMENTS), draw(st.none() | _MOMENTS)
    return (until, begin) if begin and until and until < begin else (begin, until if until != begin else None)


GRANTEES = st.builds(
    Grantee,
    users=_some(_IDS),
    orgs=_some(_IDS),
    roles=_some(_IDS),
    teams=_some(_IDS),
    any_team_member=st.booleans(),
    but=st.frozensets(_IDS, max_size=2),
)


@st.composite
def rules(draw: st.DrawFn) -> Directive:
    """A rule; moments are to the microsecond, ids also of kinds that FHIR does not allow."""
    valid, data = draw(_spans()), draw(_spans())
    return Directive(
        id=draw(_IDS),
        effect=draw(st.sampled_from(["permit", "deny"])),
        grantee=draw(GRANTEES),
        grantor=draw(st.sampled_from(["patient", "", "mum", "a_b c"])),
        patient=draw(st.sampled_from(["pat1", "pat_1"])),
        supersedes=draw(st.frozensets(_IDS, max_size=2)),
        actions=draw(_some(st.sampled_from(sorted(ACTIONS)))),
        threads=draw(_some(_IDS)),
        resources=draw(_some(_IDS)),
        categories=draw(_some(st.sampled_from(sorted(CATEGORIES)))),
        labels=draw(st.frozensets(st.sampled_from(sorted(PROTECTED_LABELS)), max_size=4)),
        purposes=draw(_some(st.sampled_from(sorted(PURPOSES)))),
        data_from=data[0],
        data_until=data[1],
        authored_by=draw(_some(_IDS)),
        valid_from=valid[0],
        valid_until=valid[1],
        revoked_at=draw(st.none() | _MOMENTS),
        status=draw(
            st.sampled_from(["active", "draft", "proposed", "revoked", "superseded", "expired", "entered-in-error"])
        ),
        part2=draw(st.sampled_from(["none", "named", "tpo"])),
        specific=draw(st.frozensets(st.sampled_from(["psychotherapy_notes", "part2_proceedings"]))),
        redisclose=draw(st.sampled_from(["hipaa", "reconsent", "never"])),
    )
