"""Who gets a lead, an opportunity or an order: by hand, automatically, in the CRM; with its history."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.fixtures.web import Caller, Company


@pytest.fixture
def manager(company: Company) -> Caller:
    return company.rep("Cem", "Aydin", rights=("partners.manage", "levels.manage"))


@pytest.fixture
def a(company: Company) -> UUID:
    return company.partner("Rhein Automation", billing_country="Germany")


@pytest.fixture
def b(company: Company) -> UUID:
    return company.partner("Harbor Systems", billing_country="United States")


def lead(company: Company, called: str = "Bosch") -> str:
    return str(company.insert("lead", company=called, last_name="Keller", country="Germany"))


def test_a_lead_given_by_hand_goes_to_the_crm_with_who_and_why(
    company: Company, a: UUID, manager: Caller
) -> None:
    one = lead(company)
    given = manager.post("/api/assignments", record_id=one, partner_id=str(a), reason="They asked for it")
    [row] = given.get_json()["items"]
    assert (row["partner"], row["manner"], row["because"], row["assigned_by"]) == (
        "Rhein Automation", "hand", "They asked for it", "Cem Aydin",
    )  # fmt: skip
    assert company.sql("SELECT partner_account_id AS p FROM lead") == [{"p": a}]
    [waiting] = company.sql("SELECT columns FROM sync_outbox WHERE table_name = 'lead'")
    assert list(waiting["columns"]) == ["partner_account_id"]
    anna = company.partner_user(a)
    assert anna.get("/api/partner").get_json()["timeline"][0]["sentence"] == (
        "The lead “Bosch” was assigned to the partner by Cem Aydin."
    )
    again = manager.post("/api/assignments", record_id=one, partner_id=str(a), reason="x")
    assert len(again.get_json()["items"]) == 1


def test_a_lead_goes_from_one_partner_to_another_and_back_to_the_company(
    company: Company, a: UUID, b: UUID, manager: Caller
) -> None:
    one = lead(company)
    manager.post("/api/assignments", record_id=one, partner_id=str(a), reason="First")
    manager.post("/api/assignments", record_id=one, partner_id=str(b), reason="Second")
    back = manager.post("/api/assignments/take-off", record_id=one, reason="Nobody called").get_json()[
        "items"
    ]
    assert [(r["partner"], r["end_reason"], r["ended_by"]) for r in back] == [
        ("Harbor Systems", "Nobody called", "Cem Aydin"), ("Rhein Automation", "Assigned anew.", "Cem Aydin"),
    ]  # fmt: skip
    assert company.sql("SELECT partner_account_id AS p FROM lead") == [{"p": None}]
    assert manager.post("/api/assignments/take-off", record_id=one, reason="x").status_code == 409


def test_the_automatic_assignment_says_why_and_why_not_the_others(
    company: Company, a: UUID, b: UUID, manager: Caller
) -> None:
    one = lead(company)
    ahead = manager.get("/api/assignments/proposal", record_id=one).get_json()
    assert (ahead["chosen"]["name"], ahead["chosen"]["why"]) == (
        "Rhein Automation", "active, sells in DE; the only one that can have it",
    )  # fmt: skip
    assert [(o["name"], o["why"]) for o in ahead["others"]] == [("Harbor Systems", "does not sell in DE")]
    assert company.sql("SELECT partner_account_id AS p FROM lead") == [{"p": None}]
    [row] = manager.post("/api/assignments/automatic", record_id=one).get_json()["items"]
    assert (row["partner"], row["manner"]) == ("Rhein Automation", "automatic")
    assert row["others"] == [{"partner": str(b), "name": "Harbor Systems", "why_not": "does not sell in DE"}]
    taken = manager.post("/api/assignments/automatic", record_id=one)
    assert taken.get_json()["detail"].startswith("This lead has a partner already.")


def test_who_gave_a_lead_back_is_not_asked_again(company: Company, a: UUID, manager: Caller) -> None:
    one = lead(company)
    manager.post("/api/assignments/automatic", record_id=one)
    manager.post("/api/assignments/take-off", record_id=one, reason="No time")
    nobody = manager.post("/api/assignments/automatic", record_id=one)
    assert (nobody.status_code, nobody.get_json()["code"]) == (409, "nobody_eligible")


def test_capacity_ends_the_automatic_and_asks_the_hand_twice(
    company: Company, a: UUID, manager: Caller
) -> None:
    manager.call("PATCH", f"/api/partners/{a}", json={"lead_capacity": 1})
    manager.post("/api/assignments/automatic", record_id=lead(company))
    second = lead(company, "Siemens")
    full = manager.post("/api/assignments/automatic", record_id=second).get_json()
    assert full["because"] == "Rhein Automation: no capacity left: 1 of 1 taken"
    by_hand = manager.post("/api/assignments", record_id=second, partner_id=str(a), reason="x")
    assert (by_hand.status_code, by_hand.get_json()["code"]) == (409, "no_capacity")
    over = manager.post(
        "/api/assignments", record_id=second, partner_id=str(a), reason="They agreed", over_capacity=True
    )
    assert over.status_code == 200


def test_a_family_that_asks_for_a_certification_goes_to_the_certified(
    company: Company, a: UUID, manager: Caller
) -> None:
    other = company.partner("Kessler", billing_country="Germany")
    manager.post("/api/certifications", key="servo", name="Servo Expert", product_family="Servo Drives")
    manager.post(f"/api/partners/{other}/certifications", certification="servo")
    found = manager.get(
        "/api/assignments/proposal", record_id=lead(company), family="Servo Drives"
    ).get_json()
    assert found["chosen"]["name"] == "Kessler"
    assert found["others"] == [
        {"partner_id": str(a), "name": "Rhein Automation", "why": "not certified for Servo Drives"}
    ]


def test_opportunities_and_orders_are_assigned_too_but_not_what_is_registered_or_closed(
    company: Company, a: UUID, manager: Caller
) -> None:
    customer = company.insert("account", name="Bosch", billing_country="Germany")
    deal: dict[str, Any] = {"stage_name": "Prospecting", "close_date": "2031-01-01", "account_id": customer}
    free = str(company.insert("opportunity", name="Free", **deal))
    registered = str(company.insert("opportunity", name="Taken", registration_number="DR-1001", **deal))
    closed = str(company.insert("opportunity", name="Closed", is_closed=True, **deal))
    order = str(company.insert("sales_order", number="00000100", account_id=customer))
    for subject, record in (("opportunity", free), ("sales_order", order)):
        answer = manager.post("/api/assignments/automatic", subject=subject, record_id=record)
        assert answer.get_json()["items"][0]["partner"] == "Rhein Automation"
    for record, said in (
        (registered, "The deal is registered: DR-1001."),
        (closed, "This opportunity is closed."),
    ):
        refused = manager.post(
            "/api/assignments", subject="opportunity", record_id=record, partner_id=str(a), reason="x"
        )
        assert (refused.status_code, refused.get_json()["detail"].startswith(said)) == (409, True)
    assert company.sql("SELECT partner_account_id AS p FROM sales_order") == [{"p": a}]


def test_a_suspended_partner_and_unknown_records_are_refused(
    company: Company, a: UUID, manager: Caller
) -> None:
    one = lead(company)
    manager.post(f"/api/partners/{a}/suspend", reason="x")
    refused = manager.post("/api/assignments", record_id=one, partner_id=str(a), reason="x")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "partner_not_active")
    assert (
        manager.post("/api/assignments", record_id=one, partner_id=str(uuid4()), reason="x").status_code
        == 404
    )
    assert manager.post("/api/assignments", record_id=str(uuid4()), partner_id=str(a)).status_code == 404
    assert manager.post("/api/assignments", partner_id=str(a)).status_code == 400
    assert company.rep().post("/api/assignments", record_id=one, partner_id=str(a)).status_code == 403
