"""Partners in the CRM: what the account shows, and what a rep changes in a channel program or on a record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.kernel.actor import SYSTEM
from app.listeners import SYNC_OBSERVERS
from app.partners import adoption, levels, people, service
from tests.fixtures.sync import assert_equal_sides
from tests.fixtures.web import Caller, Connected

FIELDS = (
    "Partner_Kind__c",
    "Partner_Status__c",
    "Partner_Level__c",
    "Partner_Activation__c",
    "Partner_Since__c",
)


def adopt(connected: Connected) -> None:
    with connected.database.session(SYSTEM) as session:
        adoption.adopt(session, SYSTEM, today=service.today(session))


def partner_account(connected: Connected) -> str:
    return connected.org.insert(
        "Account", Name="Rhein Automation", Type="Channel Partner / Reseller", BillingCountry="Germany"
    )


def local(connected: Connected, sf_id: str) -> UUID:
    [row] = connected.sql("SELECT local_id FROM sync_link WHERE sf_id = :id", id=sf_id)
    return UUID(str(row["local_id"]))


def quiet(connected: Connected) -> None:
    """Both sides hold the same, and another cycle writes nothing either way."""
    last = connected.sides.cycle()
    assert last.writes == 0, last.counts()
    assert_equal_sides(connected.sides)
    assert connected.sql("SELECT count(*) AS n FROM sync_outbox") == [{"n": 0}]


@pytest.fixture
def manager(connected: Connected) -> Caller:
    connected.sides.cycle()
    return connected.rep("Cem", "Aydin", rights=("partners.manage",))


def test_status_level_and_onboarding_are_seen_on_the_account_and_both_sides_are_quiet_then(
    connected: Connected, manager: Caller
) -> None:
    org = connected.org
    account = partner_account(connected)
    org.insert("Account", Name="Wouldbe Ltd", Type="Prospect")
    connected.sides.cycle()
    adopt(connected)
    connected.sides.settle()
    assert org.get("Account", account, *FIELDS) == {
        "Partner_Kind__c": "Reseller", "Partner_Status__c": "Active", "Partner_Level__c": "Bronze",
        "Partner_Activation__c": "Fully operational",
        "Partner_Since__c": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
    partner = local(connected, account)
    manager.post(f"/api/partners/{partner}/level", level="gold", reason="Best year")
    manager.post(f"/api/partners/{partner}/suspend", reason="Invoices unpaid")
    connected.sides.settle()
    seen = org.get("Account", account, *FIELDS)
    assert (seen["Partner_Level__c"], seen["Partner_Status__c"]) == ("Gold", "Suspended")
    quiet(connected)


def test_a_lead_assigned_here_shows_its_partner_there_and_one_assigned_there_has_its_history_here(
    connected: Connected, manager: Caller
) -> None:
    org = connected.org
    account = partner_account(connected)
    ours, theirs = (
        org.insert("Lead", Company=name, LastName="Keller", Country="Germany")
        for name in ("Bosch", "Siemens")
    )
    connected.sides.cycle()
    adopt(connected)
    connected.sides.settle()
    manager.post("/api/assignments/automatic", record_id=str(local(connected, ours)))
    org.update("Lead", theirs, Partner__c=account)
    connected.sides.settle()
    assert org.get("Lead", ours, "Partner__c") == {"Partner__c": account}
    [row] = manager.get("/api/assignments", record_id=str(local(connected, theirs))).get_json()["items"]
    assert (row["partner"], row["manner"]) == ("Rhein Automation", "crm")
    org.update("Lead", theirs, Partner__c=None)
    connected.sides.settle()
    [row] = manager.get("/api/assignments", record_id=str(local(connected, theirs))).get_json()["items"]
    assert row["end_reason"] == "Changed in Salesforce."
    quiet(connected)


def test_an_order_gets_its_partner_here_and_shows_it_there(connected: Connected, manager: Caller) -> None:
    org = connected.org
    account = partner_account(connected)
    customer = org.insert("Account", Name="Bosch", BillingCountry="Germany")
    order = org.insert("Order", AccountId=customer, EffectiveDate="2031-01-01", Status="Draft")
    connected.sides.cycle()
    adopt(connected)
    connected.sides.settle()
    given = manager.post(
        "/api/assignments", subject="sales_order", record_id=str(local(connected, order)),
        partner_id=str(local(connected, account)), reason="Fulfils it",
    )  # fmt: skip
    assert given.status_code == 200, given.get_json()
    connected.sides.settle()
    assert org.get("Order", order, "Partner__c") == {"Partner__c": account}
    quiet(connected)


def test_a_merged_partner_goes_where_its_account_went(connected: Connected, manager: Caller) -> None:
    org = connected.org
    kept = org.insert("Account", Name="Rhein Automation GmbH")
    lost = org.insert("Account", Name="Rhein Automation", Type="Channel Partner / Reseller")
    connected.sides.cycle()
    adopt(connected)
    connected.sides.settle()
    manager.post(f"/api/partners/{local(connected, lost)}/level", level="gold", reason="x")
    connected.sides.settle()
    winner = local(connected, kept)
    org.merge("Account", kept, lost)
    connected.sides.settle()
    shown = manager.get(f"/api/partners/{winner}").get_json()
    assert (shown["name"], shown["level"], shown["status"]) == ("Rhein Automation GmbH", "gold", "active")
    assert shown["timeline"][0]["sentence"] == (
        "The account Rhein Automation was merged into this one in Salesforce."
    )
    assert "Cem Aydin set the level Gold after Bronze" in str(shown["timeline"])
    assert connected.sql("SELECT count(*) AS n FROM partner") == [{"n": 1}]
    assert org.get("Account", kept, "Partner_Level__c") == {"Partner_Level__c": "Gold"}


# -- an org that has partner management ---------------------------------------------------------------


class Program:
    """A channel program with two levels and one member, in the org."""

    def __init__(self, connected: Connected) -> None:
        org = connected.org
        self.account = org.insert("Account", Name="Rhein Automation", Type="Channel Partner / Reseller")
        program = org.insert("ChannelProgram", Name="Distributors", Category="Distribution", IsActive=True)
        self.silver, self.gold = (
            org.insert("ChannelProgramLevel", ProgramId=program, Name=name, Rank=rank)
            for name, rank in (("Silver", 2), ("Gold", 3))
        )
        self.member = org.insert(
            "ChannelProgramMember", ProgramId=program, PartnerId=self.account, LevelId=self.silver
        )


@pytest.fixture
def licensed(connected: Connected) -> Connected:
    """The application over an org with partner management."""
    connected.org.reset(profile="prm")
    connected.sides.restart()
    connected.sides.engine.observers = SYNC_OBSERVERS
    connected.sides.engine.probe()
    skipped = {one.part for one in connected.sides.engine.skipped}
    assert "ChannelProgramMember" not in skipped
    return connected


def test_levels_go_both_ways_between_a_channel_program_and_the_partner(licensed: Connected) -> None:
    program = Program(licensed)
    org = licensed.org
    licensed.sides.cycle()
    adopt(licensed)
    licensed.sides.settle()
    manager = licensed.rep("Cem", "Aydin", rights=("partners.manage",))
    partner = local(licensed, program.account)
    first = manager.get(f"/api/partners/{partner}").get_json()
    assert (first["kind"], first["level"]) == ("distributor", "silver")

    manager.post(f"/api/partners/{partner}/level", level="gold", reason="Best year")
    licensed.sides.settle()
    assert org.get("ChannelProgramMember", program.member, "LevelId") == {"LevelId": program.gold}

    org.update("ChannelProgramMember", program.member, LevelId=program.silver)
    licensed.sides.settle()
    back = manager.get(f"/api/partners/{partner}").get_json()
    assert back["level"] == "silver"
    assert back["levels"][0]["reason"] == "Set in Salesforce, in the channel program Distributors."
    assert org.get("Account", program.account, "Partner_Level__c") == {"Partner_Level__c": "Silver"}
    quiet(licensed)


def test_where_both_sides_set_a_level_at_once_tandems_holds(licensed: Connected) -> None:
    program = Program(licensed)
    licensed.sides.cycle()
    adopt(licensed)
    licensed.sides.settle()
    partner = local(licensed, program.account)
    with licensed.database.session(SYSTEM) as session:
        found = service.get(session, SYSTEM, partner)
        levels.set_level(session, SYSTEM, found, "gold", today=service.today(session), reason="Best year")
        assert people.people(session, partner) == []
    licensed.org.update("ChannelProgramMember", program.member, LevelId=None)
    licensed.sides.settle()
    assert licensed.org.get("ChannelProgramMember", program.member, "LevelId") == {"LevelId": program.gold}
    quiet(licensed)


def test_a_level_that_only_the_org_knows_is_left_alone(licensed: Connected) -> None:
    program = Program(licensed)
    org = licensed.org
    [row] = org.query(f"SELECT ProgramId FROM ChannelProgramMember WHERE Id = '{program.member}'")
    org.insert("ChannelProgramLevel", ProgramId=row["ProgramId"], Name="Bronze", Rank=1)
    titan = org.insert("ChannelProgramLevel", ProgramId=row["ProgramId"], Name="Titan", Rank=9)
    org.update("ChannelProgramMember", program.member, LevelId=titan)
    licensed.sides.cycle()
    with licensed.database.session(SYSTEM) as session:
        done = adoption.adopt(session, SYSTEM, today=service.today(session))
    assert done.strange == {"Titan"}
    licensed.sides.settle()
    assert org.get("ChannelProgramMember", program.member, "LevelId") == {"LevelId": titan}
    assert org.get("Account", program.account, "Partner_Level__c") == {"Partner_Level__c": "Bronze"}


def test_an_org_without_partner_management_is_synced_all_the_same(connected: Connected) -> None:
    skipped: list[Any] = [one.part for one in connected.sides.engine.skipped]
    assert {"ChannelProgram", "ChannelProgramLevel", "ChannelProgramMember"} <= set(skipped)
    connected.sides.cycle()
    quiet(connected)
