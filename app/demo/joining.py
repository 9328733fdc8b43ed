"""How a company becomes a partner: it applies, two levels decide, it accepts the agreement, the CRM shows it.

The applicant of the org's world becomes a partner once. A later run finds that it is one, and proves that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.demo.api import Person
from app.demo.crm import CHANNEL_DIRECTOR, CHANNEL_MANAGER, REP
from app.demo.scene import Scene, fail
from app.demo.telling import Told
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.partners import agreements, service

APPLICANT = "Ostsee Automationstechnik GmbH"
#: Applies in no story: the pages are there to do it by hand.
NO_PARTNER_YET = "Delta Valley Controls Inc."
WORKFLOW = "partner_application"
AGREEMENT = {
    "en": "Arden Industrial Networks and the partner sell together. The partner registers its deals, keeps "
    "prices and names of others to itself, and either side may end this with a notice of three months.",
    "de": "Arden Industrial Networks und der Partner verkaufen gemeinsam. Der Partner registriert seine "
    "Projekte, behandelt Preise und Namen anderer vertraulich, und beide Seiten können mit einer Frist von "
    "drei Monaten kündigen.",
}
DECISION = "Decision__c"


@dataclass
class Joining:
    """The applicant and its request. Methods are steps, in the order in which they stand here."""

    scene: Scene
    applicant: Person | None = None
    request: dict[str, Any] = field(default_factory=dict)

    def apply(self) -> Told:
        """A person of the company fills the form in; what the CRM knows stands in it already."""
        self._publish()
        self.applicant = self.scene.seller(APPLICANT)
        if found := self._handed_in():
            self.request = found
            return Told(
                f"{APPLICANT} applied in an earlier run: {found['number']} is "
                f"{found['state_words'].lower()}.",
                self._address,
            )
        path = f"/api/workflows/{WORKFLOW}/form"
        form = self.applicant.post(path, values={"kind": "reseller"})["form"]
        known = {
            one["name"]: one["value"]
            for section in form["sections"]
            for one in section["fields"]
            if one["visible"] and one["value"] not in (None, "", [])
        }
        if known.get("company_name") != APPLICANT:
            fail(f"the form does not know the company: {known.get('company_name')}.")
        typed = {
            "reason": "We automate harbours and shipyards on the Baltic coast and sell switches for it.",
            "expected_revenue": "240000.00",
        }
        self.request = self.applicant.post(
            "/api/requests", workflow=WORKFLOW, values=known | typed, submit=True
        )
        holder = self.request["holder"]
        if self.request["state"] != "submitted" or holder["side"] != "company" or not holder["due"]:
            fail(f"{self.request['number']} is {self.request['state_words']}, held by {holder['who']}.")
        return Told(
            f"{self.applicant.name} of {APPLICANT} hands in {self.request['number']}; of what the form asks, "
            f"the CRM knew {len(known) - 1} answers. {holder['who']} has it until "
            f"{holder['due'][:16].replace('T', ' ')} UTC.",
            self._address,
        )

    def decide(self) -> Told:
        """The channel manager decides by the API, the channel director on the record in Salesforce."""
        names, when = [], "In an earlier run, "
        for username, act in ((CHANNEL_MANAGER, self._here), (CHANNEL_DIRECTOR, self._in_the_org)):
            approver = self.scene.sign_in(username)
            if any(one["by"] == approver.name for one in self._now()["decisions"]):
                names.append(approver.name)
                continue
            act(approver)
            names.append(approver.name)
            when = ""
        self.request = self._now()
        doors = [one["door"] for one in self.request["decisions"]]
        if (self.request["state"], doors) != ("approved", ["api", "crm"]):
            fail(f"{self.request['number']} is {self.request['state_words']}, decided by {doors}.")
        number, authorization = self.request["number"], self.request["authorization"]
        return Told(
            f"{when}{names[0]}, channel manager, approved it here and {names[1]}, channel director, on its "
            f"record in the org: {number} has the authorization {authorization}.",
            self.scene.crm.record_address("Approval_Request__c", self._record()["Id"]),
        )

    def accept(self) -> Told:
        """An administrator of the new partner reads the agreement and accepts that very text."""
        applicant = self.applicant
        assert applicant is not None
        company = applicant.get("/api/partner")
        for one in company["agreements"]["waiting"]:
            text = applicant.get(f"/api/agreements/{one['version_id']}?language=de")
            company = applicant.post(
                f"/api/partner/agreements/{one['version_id']}/accept",
                language=text["language"], sha256=text["sha256"], name_typed=applicant.name,
            )  # fmt: skip
        if company["status"] != "active" or not company["agreements"]["accepted"]:
            fail(f"the partnership is {company['status']}.")
        accepted = company["agreements"]["accepted"][0]
        return Told(
            f"{accepted['name_typed']} accepts “{accepted['title']}”, version {accepted['version']}, in "
            f"{accepted['language']} (SHA-256 {accepted['sha256'][:12]}…); {APPLICANT} is an active partner.",
            f"{self.scene.web}/api/partner",
        )

    def in_the_org(self) -> Told:
        """Status, level and activation stand on the account in Salesforce."""
        assert self.applicant is not None
        company = self.applicant.get("/api/partner")

        def shown() -> dict[str, Any] | None:
            [account] = self.scene.crm.query(
                "SELECT Id, Partner_Status__c, Partner_Kind__c, Partner_Level__c, Partner_Activation__c, "
                "Partner_Since__c FROM Account WHERE Name = :name",
                REP,
                name=APPLICANT,
            )
            return account if account["Partner_Status__c"] == "Active" else None

        account = self.scene.until(shown, "the account in the org does not show an active partner yet.")
        there = [account[name] for name in ("Partner_Level__c", "Partner_Activation__c", "Partner_Since__c")]
        here = [company["level_name"], company["activation_name"], company["since"]]
        if there != here:
            fail(f"the account says {there} where {here} belongs.")
        return Told(
            f"The account says {account['Partner_Status__c']}, {account['Partner_Kind__c']}, level "
            f"{account['Partner_Level__c']}, activation {account['Partner_Activation__c']}, since "
            f"{account['Partner_Since__c']}.",
            self.scene.crm.record_address("Account", account["Id"]),
        )

    # --- how ------------------------------------------------------------------------------------

    @property
    def _address(self) -> str:
        return f"{self.scene.web}/api/requests/{self.request['id']}"

    def _publish(self) -> None:
        actor = Actor("staff", "Channel operations")
        with self.scene.database.session(actor) as session:
            agreements.publish(
                session, actor, "partner_agreement", AGREEMENT, effective_on=service.today(session)
            )

    def _handed_in(self) -> dict[str, Any] | None:
        assert self.applicant is not None
        found = self.applicant.get(f"/api/requests?workflow={WORKFLOW}")["items"]
        open_ones = [one for one in found if one["state"] in ("submitted", "approved")]
        return open_ones[0] if open_ones else None

    def _now(self) -> dict[str, Any]:
        assert self.applicant is not None
        return self.applicant.get(f"/api/requests/{self.request['id']}")

    def _here(self, approver: Person) -> None:
        path = f"/api/requests/{self.request['id']}/decide"
        approver.post(path, decision="approve", reason="A good fit in the north.")

    def _in_the_org(self, approver: Person) -> None:
        def held() -> dict[str, Any] | None:
            found = self._found()
            return found if found and approver.name in (found["Holder__c"] or "") else None

        record = self.scene.until(
            held, f"the org does not show {self.request['number']} as {approver.name}'s yet."
        )
        self.scene.crm.update(
            "Approval_Request__c",
            record["Id"],
            approver.username,
            **{DECISION: "Approve", "Decision_Reason__c": "Welcome."},
        )

        def told() -> dict[str, Any] | None:
            found = self._found()
            return found if found and not found[DECISION] and found["State__c"] == "Approved" else None

        after = self.scene.until(told, "Tandem did not take the decision up.")
        if approver.name not in (after["Last_Decision__c"] or ""):
            fail(f"the record says: {after['Last_Decision__c']}; {after['Decision_Note__c']}")

    def _found(self) -> dict[str, Any] | None:
        found = self.scene.crm.query(
            "SELECT Id, State__c, Holder__c, Decision__c, Decision_Note__c, Last_Decision__c "
            "FROM Approval_Request__c WHERE Number__c = :number",
            CHANNEL_DIRECTOR,
            number=self.request["number"],
        )
        return found[0] if found else None

    def _record(self) -> dict[str, Any]:
        found = self._found()
        if found is None:
            raise NotFound(f"The org has no record of {self.request['number']}.")
        return found
