"""What happens in Salesforce comes back to the registration."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.web import Caller, Connected

#: What the timeline says before the records are in the org.
DECIDED = {"opened", "submitted", "approved", "authorized", "protected"}


class Deal:
    """An approved registration whose records are in the org."""

    def __init__(self, connected: Connected) -> None:
        self.connected, self.org = connected, connected.org
        account = self.org.insert("Account", Name="Rhein Automation GmbH", Type="Channel Partner / Reseller")
        connected.sides.cycle()
        partner = connected.sides.row("account", account)["id"]
        connected.adopt(partner)
        self.partner_sf_id = account
        self.anna: Caller = connected.partner_user(partner)
        rep = connected.rep()
        registered = self.anna.register()
        self.id = registered["id"]
        done = rep.decide(registered, "approve")
        connected.sides.settle(2)
        self.opportunity = connected.sides.sf_id(done["opportunity_id"])
        self.lead = connected.sides.sf_id(done["lead_id"])
        self.customer = connected.sides.sf_id(done["customer_account_id"])

    def now(self) -> dict[str, Any]:
        """The registration after both sides are equal."""
        self.connected.sides.settle(2)
        return self.anna.deal(self.id)

    def last(self) -> str:
        sentence: str = self.now()["timeline"][-1]["sentence"]
        return sentence


@pytest.fixture
def deal(connected: Connected) -> Deal:
    return Deal(connected)


def test_a_lost_and_reopened_opportunity_loses_and_reopens_the_registration(deal: Deal) -> None:
    deal.org.update("Opportunity", deal.opportunity, StageName="Closed Lost")
    assert deal.now()["state"] == "lost"
    status = deal.org.get("Opportunity", deal.opportunity, "Registration_Status__c")
    assert status == {"Registration_Status__c": "Lost"}
    deal.org.update("Opportunity", deal.opportunity, StageName="Qualification")
    seen = deal.now()
    assert (seen["state"], seen["stage"]) == ("approved", "Qualification")
    status = deal.org.get("Opportunity", deal.opportunity, "Registration_Status__c")
    assert status == {"Registration_Status__c": "Approved"}


def test_a_change_that_is_no_stage_adds_no_line(deal: Deal) -> None:
    before = deal.now()["timeline"]
    deal.org.update("Opportunity", deal.opportunity, NextStep="Call Eva")
    assert deal.now()["timeline"] == before


def test_a_status_changed_in_the_org_is_set_back(deal: Deal) -> None:
    deal.org.update("Opportunity", deal.opportunity, Registration_Status__c="Rejected")
    assert deal.now()["state"] == "approved"


def test_a_deleted_opportunity_is_noted_and_the_registration_stands(deal: Deal) -> None:
    deal.org.delete("Opportunity", deal.opportunity)
    assert deal.last() == "The opportunity was deleted in Salesforce."
    assert deal.now()["state"] == "approved"
    deal.org.undelete(deal.opportunity)
    assert deal.last() == "The opportunity was restored in Salesforce."


def test_a_converted_lead_is_noted(deal: Deal) -> None:
    deal.org.convert(deal.lead, account_id=deal.customer, create_opportunity=False)
    assert deal.last().startswith("The lead was converted by ")


def test_a_merged_customer_takes_the_registration_along(deal: Deal) -> None:
    survivor = deal.org.insert("Account", Name="Bosch Rexroth")
    deal.connected.sides.cycle()
    deal.org.merge("Account", survivor, deal.customer)
    seen = deal.now()
    assert seen["timeline"][-1]["sentence"] == (
        "The end customer's account was merged into another one in Salesforce."
    )
    assert seen["customer_account_id"] == str(deal.connected.sides.row("account", survivor)["id"])


def test_a_merged_partner_keeps_its_registrations(deal: Deal) -> None:
    survivor = deal.org.insert("Account", Name="Rhein Automation Europe")
    deal.connected.sides.cycle()
    deal.org.merge("Account", survivor, deal.partner_sf_id)
    deal.connected.sides.settle(2)
    partner = deal.connected.sides.row("account", survivor)["id"]
    anna = deal.connected.partner_user(partner, "Bea", "Lang")
    assert [line["kind"] for line in anna.deal(deal.id)["timeline"]] == [
        "opened", "submitted", "approved", "authorized", "protected",
    ]  # fmt: skip
    assert deal.anna.get(f"/api/deals/{deal.id}").status_code in (401, 404)


def test_a_parent_given_later_makes_subsidiaries_one_customer(deal: Deal) -> None:
    group = deal.org.insert("Account", Name="Robert Bosch Holding")
    deal.org.insert("Account", Name="Bosch Packaging", ParentId=group, BillingCountry="Germany")
    deal.org.update("Account", deal.customer, ParentId=group)
    deal.connected.sides.settle(2)
    other = deal.connected.partner("Polderland")
    piet = deal.connected.partner_user(other, "Piet", "Visser")
    seen = piet.register(
        customer_name="Bosch Packaging GmbH", customer_website="", contact_email="x@web.de",
        customer_postal_code="",
    )  # fmt: skip
    assert [one["number"] for one in seen["conflicts"]] == [deal.anna.deal(deal.id)["number"]]


def test_lead_and_opportunity_have_their_partner_by_the_registration(deal: Deal) -> None:
    rows = deal.connected.sql(
        "SELECT subject, manner, because FROM partner_assignment WHERE ended_at IS NULL ORDER BY subject"
    )
    why = f"It registered the deal: {deal.anna.deal(deal.id)['number']}."
    assert [(row["subject"], row["manner"], row["because"]) for row in rows] == [
        ("lead", "registration", why), ("opportunity", "registration", why),
    ]  # fmt: skip


def test_both_sides_read_one_timeline_from_the_first_word_to_the_close(deal: Deal) -> None:
    org, sides = deal.org, deal.connected.sides
    [manager] = org.query("SELECT Username FROM User WHERE Username LIKE 'channel.manager@%'")
    mason = {"as": manager["Username"]}
    [robin] = org.query("SELECT Id FROM User WHERE Username LIKE 'admin@%'")

    def change(sobject: str, record: str, **fields: Any) -> None:
        org.act("update", object=sobject, id=record, fields=fields, **mason)
        sides.cycle()

    change("Lead", deal.lead, Status="Working - Contacted")
    change("Opportunity", deal.opportunity, OwnerId=robin["Id"], StageName="Qualification")
    change("Opportunity", deal.opportunity, CloseDate="2031-04-20")
    change("Opportunity", deal.opportunity, NextStep="Call Eva")
    other = org.insert("Account", Name="Polderland BV")
    change("Opportunity", deal.opportunity, Partner__c=other)
    change("Opportunity", deal.opportunity, Partner__c=deal.partner_sf_id)
    change("Opportunity", deal.opportunity, StageName="Closed Won")
    seen = deal.anna.deal(deal.id)
    assert [line["sentence"] for line in seen["timeline"] if line["kind"] not in DECIDED] == [
        "The lead's status is now “Working - Contacted”, set by Mason Okafor.",
        "Stage changed from Prospecting to Qualification by Mason Okafor.",
        "Robin Ellery works on the opportunity now.",
        "The expected close is now 20 April 2031, set by Mason Okafor.",
        "Mason Okafor assigned the opportunity to somebody else.",
        "Mason Okafor assigned the opportunity to this partner again.",
        "Stage changed from Qualification to Closed Won by Mason Okafor.",
        "The deal was won: the stage is Closed Won.",
    ]
    rep = deal.connected.sign_in(mason["as"])
    said = {"text": "Mind the margin.", "visible": "company"}
    assert rep.on_request(seen, "comments", **said).status_code == 201
    company, partner = (caller.deal(deal.id)["timeline"] for caller in (rep, deal.anna))
    inside = [line for line in company if line["reason"] == "Mind the margin."]
    assert len(inside) == 1
    # Days are written as each reader's country writes them; the lines are the same.
    lines = [[(one["at"], one["kind"], one["by"]) for one in told] for told in (company, partner)]
    lines[0].remove((inside[0]["at"], "comment", "Mason Okafor"))
    assert lines[0] == lines[1]
