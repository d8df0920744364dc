"""What Consents of other systems come to, in the two readings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from consent.model import (
    PROTECTED_LABELS,
    READING,
    Actor,
    Directive,
    PatientFacts,
    Reason,
    Request,
    Resource,
    Snapshot,
)
from consent.rules import decide
from interop.consent_import import Imported, import_consent
from interop.elements import Refused
from interop.trees import Which
from tests.interop.examples import NAMES, example

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TPO = frozenset({"TREAT", "HPAYMT", "HOPERAT"})


def read(name: str, which: Which = "pcf") -> Imported:
    return import_consent(example(name), which)


def asks(imported: Imported, labels: str = "", who: str = "samuel", purpose: str = "TREAT", **of: Any) -> bool:
    actor = Actor(who, "clinician", frozenset({"northgate"}), frozenset({"medical"}), frozenset({"t"}))
    authored = datetime.fromisoformat(of.pop("authored", "2026-01-15T10:00:00+00:00"))
    resource = Resource(
        id=of.pop("id", "m1"), teams=frozenset({"t"}), labels=frozenset(labels.split()), authored_at=authored, **of
    )
    request = Request(actor, "card.view", resource, purpose, PatientFacts("maya"), NOW)
    return decide(Snapshot(imported.directives), request).permit


def notes(imported: Imported) -> set[str]:
    return {note.code for note in imported.notes}


def test_it_works() -> None:
    imported = read("basic-treatment")
    one, other = imported.directives
    assert (imported.reading, imported.base, imported.is_test) == ("pcf", "permit", True)
    assert {one.grantee.users, other.grantee.users} == {None, frozenset({"samuel"})}
    assert (one.effect, one.purposes, one.grantor, one.patient) == ("permit", TPO, "patient", "maya")
    assert (one.valid_from, one.valid_until) == (datetime(2026, 3, 14, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert imported.paths == ("Consent.provision", "Consent.provision")
    assert notes(imported) == {"no-action-is-reading", "no-label-is-unlabelled"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("which", ["pcf", "core"])
def test_every_example_is_read_whole_or_refused_by_element(name: str, which: Which) -> None:
    if (name, which) == ("core-three-levels", "pcf"):
        with pytest.raises(Refused, match="nested-too-deep"):
            import_consent(example(name), which)
    else:
        assert import_consent(example(name), which).reading == which


def test_a_rejection_shuts_and_leaves_other_purposes_unsaid() -> None:
    (deny,) = read("basic-reject").directives
    assert deny == Directive("basic-reject", "deny", patient="maya", purposes=TPO)


def test_months_are_whole_months() -> None:
    imported = read("intermediate-timeframe")
    assert asks(imported, authored="2026-02-28T23:59:59+00:00")
    assert not asks(imported, authored="2026-03-01T00:00:00+00:00")


def test_an_exception_by_author_takes_over_what_it_leaves_unsaid() -> None:
    imported = read("intermediate-not-authored-by")
    assert asks(imported, author="tom")
    assert not asks(imported, author="elena")
    assert imported.directives[1].purposes == TPO


def test_one_document_is_one_document() -> None:
    imported = read("intermediate-one-document")
    assert asks(imported, id="letter-7")
    assert not asks(imported, id="letter-8")
    assert not asks(imported, id="letter-7", who="chidi")


def test_what_a_bare_deny_leaves_open_is_open_and_the_rest_is_shut() -> None:
    imported = read("intermediate-break-glass-alone")
    assert [(one.effect, one.purposes) for one in imported.directives] == [("permit", frozenset({"BTG"}))]
    assert (imported.base, "base-is-the-default" in notes(imported)) == ("deny", True)
    assert not asks(imported)


def test_normal_but_not_restricted() -> None:
    imported = read("advanced-normal-not-restricted")
    assert asks(imported)
    assert not asks(imported, "R")


def test_the_readings_differ_where_a_permit_widens_its_parent() -> None:
    pcf, core = read("advanced-focused-psychiatry"), read("advanced-focused-psychiatry", "core")
    assert asks(pcf, "PSY")
    assert asks(pcf, "SDV")
    assert not asks(pcf, "PSY", who="chidi")
    assert not asks(pcf, "HIV")
    assert asks(pcf, "", who="chidi")
    assert not asks(core, "PSY")
    assert asks(core)
    assert "never-reached" in notes(core)


def test_core_reads_three_levels_and_pcf_refuses_the_third() -> None:
    imported = read("core-three-levels", "core")
    assert asks(imported, "ETH")
    assert asks(imported, "ETHUD")
    assert not asks(imported, "HIV")
    assert not asks(imported, "PSY")
    with pytest.raises(Refused) as refused:
        read("core-three-levels")
    assert [(one.path, one.code) for one in refused.value.refusals] == [
        ("Consent.provision.provision[0].provision", "nested-too-deep")
    ]


def test_silence_on_labels_is_every_label_in_core_and_none_in_pcf() -> None:
    assert not asks(read("basic-treatment"), "HIV")
    core = read("basic-treatment", "core")
    assert asks(core, "HIV")
    assert core.directives[0].labels == PROTECTED_LABELS
    assert core.directives[0].actions == READING


@pytest.mark.parametrize("which", ["pcf", "core"])
def test_a_permit_that_opens_part_of_what_a_deny_shuts_is_refused(which: Which) -> None:
    consent = example("basic-reject")
    actor = example("intermediate-one-document")["provision"]["actor"]
    consent["provision"]["provision"] = [{"type": "permit", "actor": actor}]
    with pytest.raises(Refused) as refused:
        import_consent(consent, which)
    assert [one.code for one in refused.value.refusals] == ["exception-to-deny"]


def test_a_permit_beside_what_a_deny_shuts_is_kept() -> None:
    consent = example("basic-reject")
    reason = example("intermediate-break-glass-alone")["provision"]["provision"][0]["purpose"]
    consent["provision"]["provision"] = [{"type": "permit", "purpose": reason}]
    assert [one.effect for one in import_consent(consent, "pcf").directives] == ["deny", "permit"]


def test_a_permit_of_labelled_things_alone_would_open_the_unlabelled_and_is_refused() -> None:
    consent = example("advanced-focused-psychiatry")
    consent["provision"]["securityLabel"] = consent["provision"]["provision"][0]["securityLabel"]
    with pytest.raises(Refused) as refused:
        import_consent(consent, "pcf")
    assert refused.value.refusals[0].code == "label-without-normal"


def test_a_consent_that_was_withdrawn_elsewhere_opens_nothing() -> None:
    consent = example("basic-treatment") | {"status": "inactive"}
    imported = import_consent(consent, "pcf")
    actor = Actor("samuel", "clinician", frozenset(), frozenset({"medical"}), frozenset({"t"}))
    request = Request(actor, "card.view", Resource(teams=frozenset({"t"})), "TREAT", PatientFacts("maya"), NOW)
    assert decide(Snapshot(imported.directives), request).reason is Reason.REVOKED
