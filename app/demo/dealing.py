"""A partner's deal, from its registration over a route by its amount to the rep's next move.

Every step proves what it says: by the API as the person in the story sees it, and by asking the org.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.demo.api import Person
from app.demo.crm import CHANNEL_DIRECTOR, CHANNEL_MANAGER, PARTNER_TYPE, REP
from app.demo.scene import Scene, fail
from app.demo.telling import Told
from app.kernel.errors import Conflict, NotFound

FIRST_PARTNER = "Lone Star Controls LLC"
SECOND_PARTNER = "Harbor Systems Integration Inc."
FAMILY = "Industrial Switches"
#: Above what one person decides alone.
AMOUNT = "148600.00"
CURRENCY = "USD"
NEW_STAGE = "Negotiation/Review"


@dataclass
class Dealing:
    """The people and the deal of this run. Methods are steps, in the order in which they stand here."""

    scene: Scene
    partner: Person | None = None
    rival: Person | None = None
    customer: dict[str, Any] = field(default_factory=dict)
    deal: dict[str, Any] = field(default_factory=dict)
    rival_deal: dict[str, Any] = field(default_factory=dict)
    opportunity_id: str = ""

    def sign_in(self) -> Told:
        """The org vouches for its partner user, and Tandem asks nobody for a password."""
        self.partner = self.scene.seller(FIRST_PARTNER)
        return Told(
            f"{self.partner.name} of {FIRST_PARTNER} signs in through the org and sees that partner's rows "
            "only, for 15 minutes.",
            f"{self.scene.web}/api/me",
        )

    def register(self) -> Told:
        """A partner claims a deal with a customer whom nobody works on yet."""
        assert self.partner is not None
        self.customer = self._free_customer()
        self.deal = self.partner.post("/api/deals", **self._registration(self.customer["Name"]))
        if self.deal["state"] != "submitted" or self.deal["conflicts"]:
            fail(f"{self.deal['number']} is {self.deal['state_words']}, overlaps: {self.deal['conflicts']}.")
        asked = [step["key"] for step in self.deal["route"] if step["state"] != "skipped"]
        if asked != ["channel", "direction"]:
            fail(f"for {CURRENCY} {AMOUNT} the route is {asked}.")
        return Told(
            f"{self.partner.name} registers {self.deal['number']}: {FAMILY} for {self.customer['Name']}, "
            f"{CURRENCY} {Decimal(AMOUNT):,.2f}. So much needs two: {self.deal['held_by']} has it until "
            f"{self.deal['due'][:16].replace('T', ' ')} UTC.",
            self._deal_address,
        )

    def overlap(self) -> Told:
        """A second partner claims the same customer, spelled another way, and is told so in words."""
        assert self.partner is not None
        self.rival = self.scene.seller(SECOND_PARTNER)
        self.rival_deal = self.rival.post("/api/deals", **self._registration(self.customer["Name"].upper()))
        sentences = [one["sentence"] for one in self.rival_deal["conflicts"]]
        if not any(self.deal["number"] in sentence for sentence in sentences):
            fail(f"{self.rival_deal['number']} was not seen to overlap {self.deal['number']}.")
        told = " ".join(sentences)
        if FIRST_PARTNER in told or self.partner.name in told:
            fail("the overlap names the other partner.")
        try:
            self.rival.get(f"/api/deals/{self.deal['id']}")
        except NotFound:
            pass
        else:
            fail(f"{SECOND_PARTNER} can read {self.deal['number']}.")
        return Told(
            f"{self.rival.name} of {SECOND_PARTNER} registers {self.rival_deal['number']} and reads: "
            f"“{sentences[0]}”",
            f"{self.scene.web}/api/deals/{self.rival_deal['id']}",
        )

    def approve(self) -> Told:
        """The channel manager decides, and then, because of the amount, the channel director."""
        assert self.partner is not None
        names = []
        for username in (CHANNEL_MANAGER, CHANNEL_DIRECTOR):
            approver = self.scene.sign_in(username)
            inbox = approver.get("/api/requests/inbox?limit=200")["items"]
            if self.deal["request_id"] not in {one["request"]["id"] for one in inbox}:
                fail(f"{self.deal['number']} does not wait for {approver.name}.")
            approver.post(f"/api/requests/{self.deal['request_id']}/decide", decision="approve")
            names.append(approver.name)
        self.deal = self.partner.get(f"/api/deals/{self.deal['id']}")
        if self.deal["state"] != "approved" or not self.deal["protected_until"]:
            fail(f"{self.deal['number']} is {self.deal['state_words']}.")
        return Told(
            f"{names[0]}, channel manager, and {names[1]}, channel director, approve {self.deal['number']} "
            f"under {self.deal['authorization_number']}: {FIRST_PARTNER} is protected until "
            f"{self.deal['protected_until']}.",
            f"{self.scene.web}/api/authorizations/{self.deal['authorization_number']}",
        )

    def in_the_org(self) -> Told:
        """Lead and opportunity are in the org, each with our id, and nowhere twice."""
        number = self.deal["number"]

        def arrived() -> tuple[dict[str, Any], dict[str, Any]] | None:
            leads = self.scene.crm.query(
                "SELECT Id, Tandem_Id__c, Registration_Status__c, Partner__r.Name, Authorization_Number__c "
                "FROM Lead "
                "WHERE Registration_Number__c = :number",
                REP,
                number=number,
            )
            opportunities = self.scene.crm.query(
                "SELECT Id, Tandem_Id__c, Name, StageName, Amount, CurrencyIsoCode, Account.Name, "
                "Registration_Status__c, Partner__r.Name, Authorization_Number__c FROM Opportunity "
                "WHERE Registration_Number__c = :number",
                REP,
                number=number,
            )
            if len(leads) > 1 or len(opportunities) > 1:
                fail(f"the org has {len(leads)} leads and {len(opportunities)} opportunities for it.")
            return (leads[0], opportunities[0]) if leads and opportunities else None

        lead, opportunity = self.scene.until(arrived, "the org has no lead and opportunity for it yet.")
        wanted = (
            (lead["Tandem_Id__c"], self.deal["lead_id"]),
            (opportunity["Tandem_Id__c"], self.deal["opportunity_id"]),
            (f"{opportunity['Amount']:.2f}", AMOUNT),
            (opportunity["CurrencyIsoCode"], CURRENCY),
            (opportunity["Partner__r"]["Name"], FIRST_PARTNER),
            (lead["Partner__r"]["Name"], FIRST_PARTNER),
            (opportunity["Registration_Status__c"], "Approved"),
            (opportunity["Account"]["Name"], self.customer["Name"]),
            (opportunity["Authorization_Number__c"], self.deal["authorization_number"]),
            (lead["Authorization_Number__c"], self.deal["authorization_number"]),
        )
        for there, here in wanted:
            if there != here:
                fail(f"the org has {there!r} where {here!r} belongs.")
        self.opportunity_id = opportunity["Id"]
        return Told(
            f"Arden's reps find lead {lead['Id']} and opportunity “{opportunity['Name']}” in the org, "
            f"at {opportunity['StageName']}, for {opportunity['Account']['Name']}, with the authorization "
            f"{opportunity['Authorization_Number__c']}.",
            self.scene.crm.record_address("Opportunity", self.opportunity_id),
        )

    def listed(self) -> Told:
        """The registration is a record of the org: a rep lists a partner's deals there."""
        number = self.deal["number"]

        def arrived() -> list[dict[str, Any]] | None:
            found = self.scene.crm.query(
                "SELECT Id, Name, State__c, Protected_Until__c, Customer_Name__c, Amount__c, "
                "CurrencyIsoCode, Registered_By__c, Opportunity__c FROM Deal_Registration__c "
                "WHERE Partner__r.Name = :partner ORDER BY Submitted__c DESC",
                REP,
                partner=FIRST_PARTNER,
            )
            there = any(one["Name"] == number and one["Opportunity__c"] for one in found)
            return found if there else None

        found = self.scene.until(arrived, f"the org's list of {FIRST_PARTNER}'s deals lacks {number}.")
        record = found[0]
        assert self.partner is not None
        wanted = (
            (record["Name"], number),
            (record["State__c"], "Approved"),
            (record["Protected_Until__c"], self.deal["protected_until"]),
            (record["Customer_Name__c"], self.customer["Name"]),
            (f"{record['Amount__c']:.2f}", AMOUNT),
            (record["CurrencyIsoCode"], CURRENCY),
            (record["Registered_By__c"], self.partner.name),
            (record["Opportunity__c"], self.opportunity_id),
        )
        for there, here in wanted:
            if there != here:
                fail(f"the list has {there!r} where {here!r} belongs.")
        return Told(
            f"Arden's reps list {FIRST_PARTNER}'s deals in the org, newest first: {number}, approved, "
            f"protected until {record['Protected_Until__c']}; {len(found)} in all.",
            self.scene.crm.record_address("Deal_Registration__c", record["Id"]),
        )

    def stage_comes_back(self) -> Told:
        """A rep works on the opportunity in the org; the partner reads it in the registration."""
        partner = self.partner
        assert partner is not None
        self.scene.crm.update("Opportunity", self.opportunity_id, REP, StageName=NEW_STAGE)

        def told() -> str | None:
            timeline = partner.get(f"/api/deals/{self.deal['id']}")["timeline"]
            return next((e["sentence"] for e in timeline if e["kind"] == "stage"), None)

        sentence = self.scene.until(told, "the registration does not know the new stage yet.")
        if NEW_STAGE not in sentence:
            fail(f"the registration says: {sentence}")
        return Told(
            f"A rep moves the opportunity in the org; {partner.name} reads: “{sentence}”", self._deal_address
        )

    # --- how ------------------------------------------------------------------------------------

    @property
    def _deal_address(self) -> str:
        return f"{self.scene.web}/api/deals/{self.deal['id']}"

    def _free_customer(self) -> dict[str, Any]:
        """An American account without an open opportunity, parent or namesake; not registered before."""
        candidates = self.scene.crm.query(
            "SELECT Id, Name, Website, BillingCity, BillingPostalCode FROM Account "
            "WHERE Type != :partner AND BillingCountry = 'United States' AND ParentId = null "
            "AND Website != null AND Id NOT IN (SELECT AccountId FROM Opportunity WHERE IsClosed = false) "
            "AND Id NOT IN (SELECT AccountId FROM Opportunity WHERE Registration_Number__c != null) "
            "ORDER BY Name",
            REP,
            partner=PARTNER_TYPE,
        )
        everybody = self.scene.crm.query("SELECT Id, Name, Website, ParentId FROM Account")
        parents = {one["ParentId"] for one in everybody}
        for one in candidates:
            first_word = one["Name"].split()[0].casefold()
            namesakes = [
                other
                for other in everybody
                if other["Name"].split()[0].casefold() == first_word or other["Website"] == one["Website"]
            ]
            if len(namesakes) == 1 and one["Id"] not in parents:
                return one
        raise Conflict(
            "The org has no American account left that nobody works on.",
            remedy="Delete the data directory to begin anew.",
        )

    def _registration(self, customer: str) -> dict[str, Any]:
        closing = datetime.now(UTC).date() + timedelta(days=75)
        return {
            "customer_name": customer,
            "customer_country": "US",
            "customer_postal_code": self.customer["BillingPostalCode"] or "",
            "customer_city": self.customer["BillingCity"] or "",
            "customer_website": self.customer["Website"],
            "contact_first_name": "Dana",
            "contact_last_name": "Whitfield",
            "contact_email": "dana.whitfield@plant.example",
            "product_family": FAMILY,
            "amount": AMOUNT,
            "currency": CURRENCY,
            "close_date": closing.isoformat(),
            "submit": True,
        }
