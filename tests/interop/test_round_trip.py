"""A rule that goes out as FHIR and comes back is the rule that went."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings

from consent.model import READING, Directive, Grantee
from interop.consent_export import SAID, SAID_OF_GRANTEES, Frame, Unexportable, export_consent
from interop.consent_import import import_consent
from interop.trees import Which
from interop.validation import structural_refusals
from tests.interop.strategies import AT, rules


def test_it_works() -> None:
    rule = Directive(
        id="D1", effect="permit", patient="pat1", grantee=Grantee(users=frozenset({"psy1"})), actions=READING
    )
    consent = export_consent(rule, AT)
    assert consent["provision"]["actor"][0]["reference"] == {"reference": "Practitioner/psy1"}
    assert import_consent(consent, "pcf").directives == (rule,)


@settings(max_examples=1000, deadline=None)
@given(rules())
def test_what_goes_out_comes_back_the_same(rule: Directive) -> None:
    consent = export_consent(rule, AT)
    assert structural_refusals(consent) == []
    assert import_consent(consent, "pcf").directives == (rule,)


def test_the_property_reaches_every_field_of_the_model() -> None:
    assert {one.name for one in fields(Directive)} == SAID
    assert {one.name for one in fields(Grantee)} == SAID_OF_GRANTEES


@pytest.mark.parametrize("which", ["pcf", "core"])
def test_both_readings_agree_on_what_is_our_own(which: Which) -> None:
    rule = Directive(id="D1", effect="deny", patient="pat1", grantee=Grantee(roles=frozenset({"nurse"})))
    assert import_consent(export_consent(rule, AT), which).directives == (rule,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actions", frozenset({"thread.reed"})),
        ("purposes", frozenset({"MARKETING"})),
        ("labels", frozenset({"SECRET"})),
        ("categories", frozenset({"gossip"})),
        ("status", "rejected"),
        ("id", ""),
    ],
)
def test_a_word_that_fhir_would_not_know_is_refused_by_field(name: str, value: object) -> None:
    rule = Directive(id="D1", effect="permit", patient="pat1")
    with pytest.raises(Unexportable) as refusal:
        export_consent(replace(rule, **{name: value}), AT)  # type: ignore[arg-type]
    assert refusal.value.name == name


def test_a_deny_of_the_label_normal_means_another_thing_in_fhir_and_stays() -> None:
    with pytest.raises(Unexportable):
        export_consent(Directive(id="D1", effect="deny", patient="pat1", labels=frozenset({"N"})), AT)


def test_a_patients_word_without_a_patient_is_refused() -> None:
    with pytest.raises(Unexportable):
        export_consent(Directive(id="D1", effect="permit"), AT)


def test_a_permit_to_read_keeps_the_pcf_profile_and_one_to_write_does_not_claim_it() -> None:
    frame = Frame(
        dated=AT, organisations=("riverside",), source={"contentType": "text/plain", "data": "YQ==", "title": "paper"}
    )
    reading = Directive(id="D1", effect="permit", patient="pat1", actions=READING, purposes=frozenset({"TREAT"}))
    consent = export_consent(reading, AT, frame)
    assert consent["meta"]["profile"][0].endswith("consentAdvanced")
    assert "action" not in consent["provision"]
    assert "meta" not in export_consent(replace(reading, actions=frozenset({"thread.post"})), AT, frame)
    assert "meta" not in export_consent(reading, AT)
    deny = export_consent(replace(reading, effect="deny", actions=None), AT, frame)
    assert deny["meta"]["profile"][0].endswith("consentBasic")


def test_what_narrows_a_permit_is_a_modifier_that_no_reader_may_skip() -> None:
    rule = Directive(
        id="D1",
        effect="permit",
        patient="pat1",
        grantee=Grantee(roles=frozenset({"nurse"}), teams=frozenset({"care"})),
        redisclose="never",
    )
    consent = export_consent(rule, AT)
    assert consent["modifierExtension"][0]["valueCode"] == "never"
    assert consent["provision"]["modifierExtension"][0]["valueBoolean"] is True
