"""The whole way in, over the API: application, two approvals, agreement; then the CRM shows a partner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.approvals import store
from app.kernel.actor import SYSTEM
from tests.fixtures.approvals import Desk
from tests.fixtures.sync import assert_equal_sides
from tests.fixtures.web import Caller, Connected

APPLICATION: dict[str, Any] = {
    "kind": "distributor", "company_name": "Ostsee Automationstechnik GmbH", "country": "DE",
    "countries": ["DE", "DK"], "stock": "Two thousand drives in Rostock", "contact_name": "Nina Vogt",
    "contact_email": "nina.vogt@ostsee.example",
    "people": [{"name": "Ben Roth", "email": "ben.roth@ostsee.example", "role": "finance"}],
    "reason": "We sell to shipyards along the Baltic coast.", "expected_revenue": "250000.00",
    "currency": "EUR",
}  # fmt: skip


class Way:
    """An applicant in the org, and the people of the company who decide."""

    def __init__(self, connected: Connected) -> None:
        self.connected, org = connected, connected.org
        self.desk = Desk(connected)
        with connected.database.session(SYSTEM) as session:
            store.ensure(session)
        self.account = org.insert(
            "Account", Name="Ostsee Automationstechnik GmbH", Type="Prospect", BillingCountry="Germany"
        )
        org.insert(
            "Contact",
            AccountId=self.account,
            FirstName="Ben",
            LastName="Roth",
            Email="ben.roth@ostsee.example",
        )  # fmt: skip
        connected.sides.cycle()
        [row] = connected.sql("SELECT local_id FROM sync_link WHERE sf_id = :id", id=self.account)
        self.id = UUID(str(row["local_id"]))
        self.nina = connected.partner_user(self.id, "Nina", "Vogt")
        self.channel = self.desk.person("Cem Aydin", "channel_manager", rights=("partners.manage",))
        self.direction = self.desk.person("Dana Frey", "channel_director")
        self.manager: Caller = self.channel

    def in_crm(self) -> dict[str, Any]:
        """What a rep sees on the account."""
        found: dict[str, Any] = self.connected.org.get(
            "Account", self.account, "Partner_Status__c", "Partner_Kind__c", "Partner_Level__c",
            "Partner_Activation__c", "Partner_Since__c",
        )  # fmt: skip
        return found


@pytest.fixture
def way(connected: Connected) -> Way:
    return Way(connected)


def test_a_company_applies_two_people_agree_it_accepts_and_the_crm_shows_a_partner(way: Way) -> None:
    made = way.manager.post("/api/agreements", texts={"en": "Both sides act fairly."}).get_json()
    request = way.desk.ask(way.nina, "partner_application", **APPLICATION)
    way.connected.sides.settle()
    assert way.in_crm()["Partner_Status__c"] is None or way.in_crm()["Partner_Status__c"] == "Applicant"
    way.desk.decide(way.channel, request, "approve", "Good coverage of the coast")
    assert way.nina.get("/api/partner").get_json()["status"] == "applicant"
    approved = way.desk.decide(way.direction, request, "approve", "Agreed")
    assert approved["state"] == "approved"
    assert approved["authorization"]
    own = way.nina.get("/api/partner").get_json()
    assert (own["status"], own["kind"], own["countries"]) == ("approved", "distributor", ["DE", "DK"])
    assert {p["name"]: p["roles"] for p in own["people"]} == {
        "Ben Roth": ["finance"], "Nina Vogt": ["admin", "seller"],
    }  # fmt: skip
    way.connected.sides.settle()
    assert way.in_crm()["Partner_Status__c"] == "Approved"
    accepted = way.nina.post(
        f"/api/partner/agreements/{made['version_id']}/accept", language="en", sha256=made["sha256"],
        name_typed="Nina Vogt",
    )  # fmt: skip
    assert accepted.status_code == 200, accepted.get_json()
    way.connected.sides.settle()
    assert way.in_crm() == {
        "Partner_Status__c": "Active", "Partner_Kind__c": "Distributor", "Partner_Level__c": "Bronze",
        "Partner_Activation__c": "First contact",
        "Partner_Since__c": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
    assert_equal_sides(way.connected.sides)
    again = way.nina.post("/api/requests", workflow="partner_application", values=APPLICATION, submit=True)
    assert (again.status_code, again.get_json()["code"]) in ((409, "partner_already"), (403, "not_allowed"))


def test_a_rejected_application_leaves_an_applicant_who_knows_why(way: Way) -> None:
    request = way.desk.ask(way.nina, "partner_application", **APPLICATION)
    way.desk.decide(way.channel, request, "reject", "No coverage needed there")
    own = way.nina.get("/api/partner").get_json()
    assert (own["status"], own["status_reason"]) == ("applicant", "No coverage needed there")
    assert own["level"] == ""
    assert "approved" not in {line["kind"] for line in own["timeline"]}
