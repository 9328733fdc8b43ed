"""The forms of the workflows that come with Tandem."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.approvals.document.faults import WorkflowFaults
from app.approvals.document.reading import read
from app.approvals.forms import Form, Record, ResolvedForm, check, read_form, resolve
from app.approvals.forms.places import LANGUAGES
from app.kernel.errors import BadInput
from tests.fixtures.web import DEAL

ROOMS = Path(__file__).resolve().parents[2] / "app"
SHIPPED = sorted(ROOMS.glob("*/workflows/*.yaml"))
TODAY = date(2026, 11, 22)
RESELLER = {"user": {"scope": "partner", "kind": "reseller"}, "partner": {"kind": "reseller"}}
REP = {"user": {"scope": "staff", "kind": "rep", "roles": ["rep"]}, "partner": {"kind": "reseller"}}
#: The eight that a partner's deal cannot do without.
EIGHT = [
    "customer_name", "customer_country", "contact_last_name", "contact_email", "product_family", "amount",
    "currency", "close_date",
]  # fmt: skip


def form(name: str) -> Form:
    [file] = [one for one in SHIPPED if one.stem == name]
    return read_form(read(file.read_text()).workflow.form)


def required(resolved: ResolvedForm) -> list[str]:
    return [one.name for section in resolved.sections for one in section.fields if one.required]


def faults(name: str, facts: dict[str, Any], values: dict[str, Any], **more: Any) -> list[str]:
    try:
        check(form(name), Record(facts=facts, values=values, today=TODAY, **more))
    except BadInput as error:
        return list(error.fields)
    return []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_workflow_is_without_fault_and_speaks_every_language(file: Path) -> None:
    workflow = read(file.read_text(), where=file.name).workflow
    if workflow.form:
        assert set(workflow.form["languages"]) == set(LANGUAGES)


def test_a_reseller_and_a_rep_must_fill_in_different_fields() -> None:
    registration = form("deal_registration")
    reseller, rep = (resolve(registration, Record(facts=facts)) for facts in (RESELLER, REP))
    assert required(reseller) == EIGHT
    assert required(rep) == [*[one for one in EIGHT if one != "contact_email"], "origin"]
    assert (reseller.required, rep.required) == (8, 8)


def test_a_complete_deal_of_a_partner_is_accepted_and_one_without_a_name_is_not() -> None:
    assert faults("deal_registration", RESELLER, DEAL) == []
    for name in EIGHT:
        left_out = {key: value for key, value in DEAL.items() if key != name}
        assert name in faults("deal_registration", RESELLER, left_out)
    assert faults("deal_registration", RESELLER, DEAL | {"origin": "event"}) == ["origin"]
    assert faults("deal_registration", REP, DEAL | {"origin": "event"}) == []


def test_competitor_services_and_evidence_are_asked_for_where_they_matter() -> None:
    ask = [
        (DEAL | {"competing": True}, ["competitor"]),
        (DEAL | {"services_attached": True}, ["services"]),
        (DEAL | {"amount": "920000.00"}, []),
        (DEAL | {"amount": "920000.01"}, ["evidence"]),
        (DEAL | {"amount": "150000001", "currency": "JPY"}, ["evidence"]),
        (DEAL | {"amount": "0.99"}, ["amount"]),
        (DEAL | {"close_date": "2026-11-21"}, ["close_date"]),
    ]  # fmt: skip
    for values, missing in ask:
        assert faults("deal_registration", RESELLER, values) == missing
    large = DEAL | {"amount": "5000000.00"}
    assert faults("deal_registration", RESELLER, large, files={"evidence": ["id"]}) == []


APPLICANT = {"user": {"scope": "partner", "kind": "prospect"}, "partner": {"kind": "prospect"}}
APPLICATION = {
    "kind": "reseller", "company_name": "Wouldbe Ltd", "country": "DE", "contact_name": "Nina Vogt",
    "contact_email": "nina@wouldbe.example", "reason": "We sell drives to machine builders in Bavaria.",
    "expected_revenue": "250000.00", "currency": "EUR",
}  # fmt: skip


def test_an_applicant_says_who_it_is_and_what_it_plans() -> None:
    assert required(resolve(form("partner_application"), Record(facts=APPLICANT))) == list(APPLICATION)
    ask = [
        (APPLICATION, []),
        (APPLICATION | {"kind": "distributor"}, ["stock"]),
        (APPLICATION | {"kind": "distributor", "stock": "Two halls in Ulm"}, []),
        (APPLICATION | {"expected_revenue": "920000.01"}, ["website"]),
        (APPLICATION | {"reason": "We sell."}, ["reason"]),
        (APPLICATION | {"countries": ["DE", "XX"]}, ["countries"]),
        (APPLICATION | {"countries": ["DE", "AT"], "certifications": ["iso_9001"]}, []),
        (APPLICATION | {"people": [{"name": "Tom"}]}, ["people.0.email"]),
        (APPLICATION | {"level": "gold"}, ["level"]),
    ]  # fmt: skip
    for values, missing in ask:
        assert faults("partner_application", APPLICANT, values) == missing
    assert faults("partner_application", REP, APPLICATION | {"level": "gold"}) == []


def test_a_step_whose_condition_asks_for_a_field_that_is_not_there_is_a_fault() -> None:
    source = SHIPPED[0].read_text()
    misspelt = source.replace("field: amount", "field: ammount")
    with pytest.raises(WorkflowFaults) as error:
        read(misspelt)
    found = error.value.fields
    assert found["auto_approve"].startswith("The condition asks for ammount, which the form has not.")
    assert any(path.startswith("route[") for path in found)


def test_a_fault_of_a_form_is_a_fault_of_its_workflow() -> None:
    source = SHIPPED[0].read_text().split("form:")[0] + (
        "form: {sections: [{key: a, title: A, fields: [{key: x, type: choice, label: X}]}]}\n"
        "route: [{key: one, approvers: [{role: finance}]}]\n"
    )
    with pytest.raises(WorkflowFaults) as error:
        read(source)
    assert "form.sections[0].fields[0].options" in error.value.fields
