"""The whole story: a partner registers, the company approves, the CRM has it, what a rep does comes back."""

from __future__ import annotations

from uuid import uuid4

from tests.fixtures.web import Connected


def partner_user(connected: Connected, name: str, username: str, last: str) -> str:
    """A partner with one user in the org; the account's id."""
    org = connected.org
    account = org.insert("Account", Name=name, Type="Channel Partner / Reseller")
    contact = org.insert("Contact", LastName=last, AccountId=account)
    [profile] = org.query("SELECT Id FROM Profile WHERE Name = 'Partner Community User'")
    org.insert(
        "User", Username=username, LastName=last, FirstName="Anna", Alias="anna", Email=username,
        CommunityNickname=username[:40],
        ProfileId=profile["Id"], ContactId=contact, TimeZoneSidKey="Europe/Berlin", LocaleSidKey="de_DE",
        LanguageLocaleKey="de", EmailEncodingKey="UTF-8",
    )  # fmt: skip
    return account


def test_a_registered_deal_reaches_the_org_and_a_reps_stage_comes_back(connected: Connected) -> None:
    org = connected.org
    account = partner_user(connected, "Rhein Automation GmbH", "anna@rhein.example", "Weiss")
    rival = partner_user(connected, "Polderland B.V.", "piet@polderland.example", "Visser")
    connected.sides.settle(2)
    connected.adopt(*(connected.sides.row("account", one)["id"] for one in (account, rival)))
    anna, piet = connected.sign_in("anna@rhein.example"), connected.sign_in("piet@polderland.example")
    rep = connected.rep()

    first = anna.register()
    assert (first["state"], first["conflicts"], first["holder"]) == ("submitted", [], "company")
    second = piet.register(customer_name="BOSCH-Rexroth", customer_website="", contact_email="x@web.de")
    assert second["state"] == "submitted"
    assert [c["number"] for c in second["conflicts"]] == [first["number"]]

    approved = rep.decide(first, "approve")
    assert (approved["state"], approved["authorization_number"]) == ("approved", "DEAL-A-1001")
    connected.sides.settle(2)

    [lead] = org.query(
        "SELECT Company, LastName, Status, Tandem_Id__c, Partner__c, Registration_Number__c, "
        "Registration_Status__c, Approval_Status__c, Authorization_Number__c FROM Lead"
    )
    assert lead["Tandem_Id__c"] == approved["lead_id"]
    assert lead["Partner__c"] == account
    assert lead["Registration_Number__c"] == first["number"]
    assert lead["Registration_Status__c"] == "Approved"
    [deal] = org.query(
        "SELECT Id, Name, StageName, Amount, Tandem_Id__c, Partner__c, Account.Name, Approval_Status__c, "
        "Authorization_Number__c FROM Opportunity"
    )
    for record in (lead, deal):
        assert (record["Approval_Status__c"], record["Authorization_Number__c"]) == (
            "Approved", "DEAL-A-1001",
        )  # fmt: skip
    assert deal["Name"] == "Bosch Rexroth AG – Servo Drives"
    assert deal["Tandem_Id__c"] == approved["opportunity_id"]
    assert deal["Partner__c"] == account
    assert deal["Account"]["Name"] == "Bosch Rexroth AG"

    org.update("Opportunity", deal["Id"], StageName="Negotiation/Review")
    connected.sides.settle(2)
    seen = anna.deal(first["id"])
    assert seen["stage"] == "Negotiation/Review"
    # The same line, for her as the CRM knows her, and for whoever asks for another language.
    said = seen["timeline"][-1]["sentence"]
    assert said.endswith(" hat die Phase von Prospecting auf Negotiation/Review geändert."), said
    who = said.removesuffix(" hat die Phase von Prospecting auf Negotiation/Review geändert.")
    path = f"/api/deals/{first['id']}"
    for language, told in {
        "en-GB": f"Stage changed from Prospecting to Negotiation/Review by {who}.",
        "ja": f"{who} さんがフェーズを Prospecting から Negotiation/Review に変更しました。",
    }.items():
        answer = anna.call("GET", path, headers={"Accept-Language": language}).get_json()
        assert answer["timeline"][-1]["sentence"] == told
        assert answer["state_words"] == {"en-GB": "Approved", "ja": "承認済み"}[language]
    refused = anna.call("GET", f"/api/deals/{uuid4()}", headers={"Accept-Language": "es, en;q=0.5"})
    assert refused.get_json()["detail"] == "No existe ese registro. Búsquelo en la lista."
    assert refused.get_json()["title"] == "No encontrado"
    assert refused.headers["Content-Language"] == "es"

    org.update("Opportunity", deal["Id"], StageName="Closed Won")
    connected.sides.settle(2)
    assert anna.deal(first["id"])["state"] == "won"
    [deal] = org.query("SELECT Registration_Status__c FROM Opportunity")
    assert deal["Registration_Status__c"] == "Won"
