"""The story: a partner's deal, from its registration to the rep's next move, and an account in two hands.

Every step proves what it says: by the API as the person in the story sees it, and by asking the org.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from sqlalchemy import select, text, update

from app.crm.models import Account
from app.demo.api import Person
from app.demo.crm import CHANNEL_MANAGER, REP, Crm
from app.demo.opening import Opening
from app.demo.telling import Told, shown
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Conflict, NotFound, Unavailable
from app.queues import Queues
from app.sync import reconcile, service
from app.sync.engine import alone

Found = TypeVar("Found")

FIRST_PARTNER = "Lone Star Controls LLC"
SECOND_PARTNER = "Harbor Systems Integration Inc."
#: What the org calls a partner's account.
PARTNER_TYPE = "Channel Partner / Reseller"
FAMILY = "Industrial Switches"
AMOUNT = "48600.00"
CURRENCY = "USD"
NEW_STAGE = "Negotiation/Review"
#: How long a step waits for the worker; the schedule alone makes up for a lost hint in this time.
PATIENCE_SECONDS = 90.0
HINT_SECONDS = 3.0


@dataclass
class Story:
    """The people and the deal of this run. Methods are steps, in the order in which they stand here."""

    opening: Opening
    partner: Person | None = None
    rival: Person | None = None
    approver: Person | None = None
    customer: dict[str, Any] = field(default_factory=dict)
    deal: dict[str, Any] = field(default_factory=dict)
    rival_deal: dict[str, Any] = field(default_factory=dict)
    opportunity_id: str = ""

    @property
    def crm(self) -> Crm:
        return self.opening.crm

    @property
    def web(self) -> str:
        return self.opening.house.web

    # --- a partner signs in ---------------------------------------------------------------------

    def sign_in(self) -> Told:
        """The org vouches for its partner user, and Tandem asks nobody for a password."""
        self.partner = Person.sign_in(self.web, self.crm, partner_user(self.crm, FIRST_PARTNER))
        me = self.partner.me
        if (me["scope"], me["company"]) != ("partner", FIRST_PARTNER):
            _fail(f"{self.partner.username} became {me['scope']} of {me['company'] or 'no company'}.")
        return Told(
            f"{self.partner.name} of {FIRST_PARTNER} signs in through the org and sees that partner's rows "
            "only, for 15 minutes.",
            f"{self.web}/api/me",
        )

    # --- the deal -------------------------------------------------------------------------------

    def register(self) -> Told:
        """A partner claims a deal with a customer whom nobody works on yet."""
        assert self.partner is not None
        self.customer = self._free_customer()
        self.deal = self.partner.post("/api/deals", **self._registration(self.customer["Name"]))
        if self.deal["state"] != "submitted" or self.deal["conflicts"]:
            _fail(f"{self.deal['number']} is {self.deal['state_words']}, overlaps: {self.deal['conflicts']}.")
        return Told(
            f"{self.partner.name} registers {self.deal['number']}: {FAMILY} for {self.customer['Name']}, "
            f"{CURRENCY} {Decimal(AMOUNT):,.2f}. It waits for Arden's decision.",
            self._deal_address,
        )

    def overlap(self) -> Told:
        """A second partner claims the same customer, spelled another way, and is told so in words."""
        assert self.partner is not None
        self.rival = Person.sign_in(self.web, self.crm, partner_user(self.crm, SECOND_PARTNER))
        self.rival_deal = self.rival.post("/api/deals", **self._registration(self.customer["Name"].upper()))
        sentences = [one["sentence"] for one in self.rival_deal["conflicts"]]
        if not any(self.deal["number"] in sentence for sentence in sentences):
            _fail(f"{self.rival_deal['number']} was not seen to overlap {self.deal['number']}.")
        told = " ".join(sentences)
        if FIRST_PARTNER in told or self.partner.name in told:
            _fail("the overlap names the other partner.")
        try:
            self.rival.get(f"/api/deals/{self.deal['id']}")
        except NotFound:
            pass
        else:
            _fail(f"{SECOND_PARTNER} can read {self.deal['number']}.")
        return Told(
            f"{self.rival.name} of {SECOND_PARTNER} registers {self.rival_deal['number']} and reads: "
            f"“{sentences[0]}”",
            f"{self.web}/api/deals/{self.rival_deal['id']}",
        )

    def approve(self) -> Told:
        """The channel manager decides."""
        self.approver = Person.sign_in(self.web, self.crm, CHANNEL_MANAGER)
        waiting = {one["number"] for one in self.approver.get("/api/deals/inbox?limit=200")["items"]}
        if self.deal["number"] not in waiting:
            _fail(f"{self.deal['number']} is not among what waits for a decision.")
        self.deal = self.approver.post(f"/api/deals/{self.deal['id']}/approve")
        if self.deal["state"] != "approved" or not self.deal["protected_until"]:
            _fail(f"{self.deal['number']} is {self.deal['state_words']}.")
        return Told(
            f"{self.approver.name}, channel manager, approves {self.deal['number']}: {FIRST_PARTNER} is "
            f"protected until {self.deal['protected_until']}.",
            f"{self.web}/api/deals/inbox",
        )

    def in_the_org(self) -> Told:
        """Lead and opportunity are in the org, each with our id, and nowhere twice."""
        number = self.deal["number"]

        def arrived() -> tuple[dict[str, Any], dict[str, Any]] | None:
            leads = self.crm.query(
                "SELECT Id, Tandem_Id__c, Registration_Status__c, Partner__r.Name FROM Lead "
                "WHERE Registration_Number__c = :number",
                REP,
                number=number,
            )
            opportunities = self.crm.query(
                "SELECT Id, Tandem_Id__c, Name, StageName, Amount, CurrencyIsoCode, Account.Name, "
                "Registration_Status__c, Partner__r.Name FROM Opportunity "
                "WHERE Registration_Number__c = :number",
                REP,
                number=number,
            )
            if len(leads) > 1 or len(opportunities) > 1:
                _fail(f"the org has {len(leads)} leads and {len(opportunities)} opportunities for it.")
            return (leads[0], opportunities[0]) if leads and opportunities else None

        lead, opportunity = self._until(arrived, "the org has no lead and opportunity for it yet.")
        wanted = (
            (lead["Tandem_Id__c"], self.deal["lead_id"]),
            (opportunity["Tandem_Id__c"], self.deal["opportunity_id"]),
            (f"{opportunity['Amount']:.2f}", AMOUNT),
            (opportunity["CurrencyIsoCode"], CURRENCY),
            (opportunity["Partner__r"]["Name"], FIRST_PARTNER),
            (lead["Partner__r"]["Name"], FIRST_PARTNER),
            (opportunity["Registration_Status__c"], "Approved"),
            (opportunity["Account"]["Name"], self.customer["Name"]),
        )
        for there, here in wanted:
            if there != here:
                _fail(f"the org has {there!r} where {here!r} belongs.")
        self.opportunity_id = opportunity["Id"]
        return Told(
            f"Arden's reps find lead {lead['Id']} and opportunity “{opportunity['Name']}” in the org, "
            f"at {opportunity['StageName']}, for {opportunity['Account']['Name']}.",
            self.crm.record_address("Opportunity", self.opportunity_id),
        )

    def stage_comes_back(self) -> Told:
        """A rep works on the opportunity in the org; the partner reads it in the registration."""
        partner = self.partner
        assert partner is not None
        self.crm.update("Opportunity", self.opportunity_id, REP, StageName=NEW_STAGE)

        def told() -> str | None:
            timeline = partner.get(f"/api/deals/{self.deal['id']}")["timeline"]
            return next((e["sentence"] for e in timeline if e["kind"] == "stage"), None)

        sentence = self._until(told, "the registration does not know the new stage yet.")
        if NEW_STAGE not in sentence:
            _fail(f"the registration says: {sentence}")
        return Told(
            f"A rep moves the opportunity in the org; {partner.name} reads: “{sentence}”", self._deal_address
        )

    # --- an account in two hands ----------------------------------------------------------------

    def both_sides(self) -> Told:
        """One account, changed here and there between two syncs: each side's field survives."""
        [record] = self.crm.query(
            "SELECT Id, Name FROM Account WHERE Type != :partner AND BillingCountry = 'United States' "
            "ORDER BY Name LIMIT 1",
            partner=PARTNER_TYPE,
        )
        now = datetime.now(UTC)
        phone = f"+1 512 555 {now.second:02}{now.microsecond // 10_000:02}"
        note = f"Prefers deliveries before noon (noted {now:%Y-%m-%d %H:%M:%S} UTC)."
        local_id = self._local_id(record["Id"])
        self._while_no_sync(lambda: self._change_both(record["Id"], phone, local_id, note))

        def equal() -> bool | None:
            [there] = self.crm.query("SELECT Phone, Description FROM Account WHERE Id = :id", id=record["Id"])
            with self.opening.database.session(SYSTEM) as session:
                here = session.execute(
                    select(Account.phone, Account.description).where(Account.id == local_id)
                ).one()
            both = (phone, note)
            return ((there["Phone"], there["Description"]) == both and tuple(here) == both) or None

        self._until(equal, "the two sides are not equal yet.")
        return Told(
            f"{record['Name']}: a rep changed the phone in the org while channel operations wrote a note "
            "here; both sides have both.",
            self.crm.record_address("Account", record["Id"]),
        )

    def quiet(self) -> Told:
        """Nothing is left to write, and a comparison of every record finds no difference."""

        def settled() -> bool | None:
            with self.opening.database.session(SYSTEM) as session:
                waits = session.execute(text("SELECT EXISTS (SELECT FROM sync_outbox)")).scalar_one()
            return None if waits else True

        self._until(settled, "changes still wait to go out.")
        with service.opened(self.opening.house.settings) as engine:
            cycle = self._while_free(lambda: service.cycle(engine))
            if cycle.writes:
                _fail(f"the next cycle wrote {cycle.writes} rows: {cycle.counts()}.")
            compared = [reconcile.compare(engine, mapping) for mapping in engine.mappings.objects]
        drift = [difference.sentence() for one in compared for difference in one.drift]
        if drift:
            _fail(f"{len(drift)} records differ; the first: {drift[0]}")
        return Told(
            f"The next cycle finds nothing to write, in {cycle.calls} API calls; "
            f"{sum(one.compared for one in compared):,} records compared, no difference."
        )

    # --- how ------------------------------------------------------------------------------------

    @property
    def _deal_address(self) -> str:
        return f"{self.web}/api/deals/{self.deal['id']}"

    def _free_customer(self) -> dict[str, Any]:
        """An American account without an open opportunity, parent or namesake; not registered before."""
        candidates = self.crm.query(
            "SELECT Id, Name, Website, BillingCity, BillingPostalCode FROM Account "
            "WHERE Type != :partner AND BillingCountry = 'United States' AND ParentId = null "
            "AND Website != null AND Id NOT IN (SELECT AccountId FROM Opportunity WHERE IsClosed = false) "
            "AND Id NOT IN (SELECT AccountId FROM Opportunity WHERE Registration_Number__c != null) "
            "ORDER BY Name",
            REP,
            partner=PARTNER_TYPE,
        )
        everybody = self.crm.query("SELECT Id, Name, Website, ParentId FROM Account")
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

    def _local_id(self, sf_id: str) -> Any:
        with self.opening.database.session(SYSTEM) as session:
            return session.execute(
                text("SELECT local_id FROM sync_link WHERE sf_id = :sf_id"), {"sf_id": sf_id}
            ).scalar_one()

    def _change_both(self, sf_id: str, phone: str, local_id: Any, note: str) -> None:
        self.crm.update("Account", sf_id, REP, Phone=phone)
        with self.opening.database.session(Actor("staff", "Channel operations")) as session:
            session.execute(update(Account).where(Account.id == local_id).values(description=note))

    def _while_no_sync(self, action: Callable[[], None]) -> None:
        """Do it between two syncs."""

        def hold() -> None:
            with alone(self.opening.database):
                action()

        self._while_free(hold)

    def _while_free(self, action: Callable[[], Found]) -> Found:
        """Do what needs the sync's lock as soon as no sync runs."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return action()
            except Unavailable as error:
                if error.error_code != "sync_busy" or time.monotonic() > end:
                    raise
            self.opening.house.rest(0.2)

    def _until(self, ask: Callable[[], Found | None], otherwise: str) -> Found:
        """Ask for a sync, and ask again until there is an answer; fails with `otherwise`."""
        queues = Queues(self.opening.house.urls.redis)
        try:
            end = time.monotonic() + PATIENCE_SECONDS
            hint_at = 0.0
            while (found := ask()) is None:
                if time.monotonic() > end:
                    _fail(f"After {PATIENCE_SECONDS:.0f} s {otherwise} See {shown(self.opening.house.logs)}.")
                if time.monotonic() >= hint_at:
                    queues.enqueue_hint("sync.cycle")
                    hint_at = time.monotonic() + HINT_SECONDS
                self.opening.house.rest(0.2)
            return found
        finally:
            queues.close()


def partner_user(crm: Crm, company: str) -> str:
    """The user name of one of the partner's sellers. Raises Conflict when the org has none."""
    users = crm.query(
        "SELECT Username FROM User WHERE IsActive = true AND UserType = 'PowerPartner' "
        "AND Account.Name = :company ORDER BY Username LIMIT 1",
        company=company,
    )
    if not users:
        _fail(f"the org has no active partner user of {company}.")
    return str(users[0]["Username"])


def _fail(sentence: str) -> NoReturn:
    raise Conflict(f"{sentence[:1].upper()}{sentence[1:]}")
