"""The seeded world: whole, varied, dirty where it should be, and the same for the same seed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.sandbox import ids, values, world
from app.sandbox.build import open_org
from app.sandbox.dml import Dml
from app.sandbox.org import Org, OrgSettings
from app.sandbox.schema import NUMERIC, Field, SObject
from app.sandbox.world.catalog import local_price
from app.sandbox.world.customers import bare
from app.sandbox.world.foundation import STAGES
from tests.fixtures.org import OrgProcess

#: objects whose rows people enter, and so could save again
ENTERED = (
    "Account", "Contact", "Lead", "Opportunity", "OpportunityLineItem", "Product2", "PricebookEntry",
    "Campaign", "CampaignMember", "Task", "ChannelProgram", "PartnerMarketingBudget",
)  # fmt: skip


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Org]]:
    opened: list[Org] = []

    def make(seed: int, **options: Any) -> Org:
        directory = tmp_path_factory.mktemp("world")
        settings = OrgSettings()
        settings.update(**{"multi_currency": True, **options.pop("settings", {})})
        opened.append(open_org(directory, seed=seed, settings=settings, **options))
        return opened[-1]

    yield make
    for org in opened:
        org.close()


@pytest.fixture(scope="module")
def full(make: Callable[..., Org]) -> Org:
    """The world of seed 1 in an org with partner management. The tests only read it."""
    return make(1, profile="prm")


def rows(org: Org, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in org.store.read().execute(sql, parameters)]


def column(org: Org, sql: str, *parameters: Any) -> list[Any]:
    return [row[0] for row in rows(org, sql, *parameters)]


def fingerprint(org: Org) -> str:
    digest = hashlib.sha256()
    for sobject in sorted(org.schema, key=lambda s: s.name):
        for row in rows(org, f'SELECT * FROM "{sobject.name}" ORDER BY Id'):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def test_the_same_seed_makes_the_same_world_and_another_seed_another(
    make: Callable[..., Org], full: Org
) -> None:
    assert fingerprint(make(1, profile="prm")) == fingerprint(full)
    assert fingerprint(make(2, profile="prm")) != fingerprint(full)


def test_the_world_has_the_size_that_a_demo_needs(full: Org) -> None:
    counts = {
        name: column(full, f'SELECT COUNT(*) FROM "{name}"')[0]
        for name in ("Account", "Contact", "Lead", "Opportunity", "Product2", "User", "ChannelProgramMember")
    }
    assert 300 <= counts["Account"] <= 450
    assert 380 <= counts["Contact"] <= 450
    assert counts["Lead"] == counts["Opportunity"] == 250
    assert counts["Product2"] == 58
    assert counts["User"] == 28 + 2 * 16 + 2
    assert counts["ChannelProgramMember"] == 16


def test_every_reference_leads_to_a_row(full: Org) -> None:
    dangling = []
    for sobject in full.schema:
        for field in sobject.fields.values():
            if not field.reference_to:
                continue
            known = " UNION ALL ".join(f'SELECT Id FROM "{name}"' for name in field.reference_to)
            found = rows(
                full,
                f'SELECT Id, "{field.name}" FROM "{sobject.name}" '
                f'WHERE "{field.name}" IS NOT NULL AND "{field.name}" NOT IN ({known})',
            )
            dangling += [(sobject.name, field.name, row) for row in found]
    assert dangling == []


@pytest.mark.parametrize(
    "settings",
    [{"multi_currency": False}, {"state_country_picklists": True, "person_accounts": True}],
    ids=["plain", "every switch on"],
)
def test_every_row_can_be_saved_again_as_it_is(make: Callable[..., Org], settings: dict[str, bool]) -> None:
    """So the world holds nothing that the org would have refused at the front door."""
    org = make(3, profile="prm", settings=settings)
    ctx = org.context(world_admin(org))
    refused = []
    for name in ENTERED:
        sobject = org.schema.get(name)
        records = [row for row in entered(org, sobject) if not row.pop("IsConverted", False)]
        results = Dml(ctx).update(sobject, records)
        refused += [(name, result.id, result.errors) for result in results if not result.success]
    assert refused == []


def entered(org: Org, sobject: SObject) -> list[dict[str, Any]]:
    """Every row as a client would send it back: Id and all filled fields that may be changed."""
    fields = [
        f for f in sobject.fields.values() if f.stored and (f.updateable or f.name in ("Id", "IsConverted"))
    ]
    cursor = org.store.read().execute(f'SELECT * FROM "{sobject.name}" ORDER BY Id')
    names = [entry[0] for entry in cursor.description]
    found = []
    for row in cursor:
        stored = dict(zip(names, row, strict=True))
        found.append({f.name: sent(f, stored[f.name]) for f in fields if stored[f.name] is not None})
    return found


def sent(field: Field, raw: Any) -> Any:
    if field.type in NUMERIC:
        return values.decimal_of(field, raw)
    return values.render(field, raw)


def world_admin(org: Org) -> str:
    return str(column(org, "SELECT Id FROM User WHERE Username = ?", world.ADMIN_USERNAME)[0])


def test_every_stage_and_every_status_occurs(full: Org) -> None:
    stages = dict(rows(full, "SELECT StageName, COUNT(*) FROM Opportunity GROUP BY 1"))
    assert set(stages) == set(STAGES)
    assert min(stages.values()) >= 2
    statuses = dict(rows(full, "SELECT Status, COUNT(*) FROM Lead GROUP BY 1"))
    assert statuses == {
        "Open - Not Contacted": 92,
        "Working - Contacted": 78,
        "Closed - Not Converted": 40,
        "Closed - Converted": 40,
    }


def test_a_stage_brings_its_probability_and_a_closed_deal_lies_in_the_past(full: Org) -> None:
    for stage, probability, category in rows(
        full, "SELECT DISTINCT StageName, Probability, ForecastCategoryName FROM Opportunity"
    ):
        assert (probability, category) == STAGES[stage]
    today = datetime.fromtimestamp(full.clock.now(), UTC).date().isoformat()
    closed = column(full, "SELECT MAX(CloseDate) FROM Opportunity WHERE StageName LIKE 'Closed%'")[0]
    assert closed <= today
    assert column(full, "SELECT MAX(CloseDate) FROM Opportunity")[0] > today


def test_the_amount_of_an_opportunity_with_products_is_the_sum_of_its_lines(full: Org) -> None:
    wrong = rows(
        full,
        "SELECT o.Id FROM Opportunity o JOIN OpportunityLineItem l ON l.OpportunityId = o.Id "
        "GROUP BY o.Id HAVING o.Amount <> SUM(l.TotalPrice) OR o.HasOpportunityLineItem = 0",
    )
    assert wrong == []
    assert column(full, "SELECT COUNT(DISTINCT OpportunityId) FROM OpportunityLineItem")[0] > 100


def test_a_price_is_the_dollar_price_at_the_orgs_rate_in_what_the_currency_can_pay() -> None:
    assert local_price(Decimal("38.50"), "EUR") == Decimal("35.42")
    assert local_price(Decimal("38.50"), "JPY") == Decimal("5833")
    assert local_price(Decimal("412"), "USD") == Decimal("412.00")


def test_every_product_has_a_list_price_in_every_currency_that_is_quoted(full: Org) -> None:
    quoted = rows(
        full,
        "SELECT e.Product2Id, COUNT(*), COUNT(DISTINCT e.CurrencyIsoCode) FROM PricebookEntry e "
        "JOIN Pricebook2 b ON b.Id = e.Pricebook2Id WHERE b.IsStandard = 1 GROUP BY 1",
    )
    assert len(quoted) == 58
    assert {(count, currencies) for _, count, currencies in quoted} == {(5, 5)}


def test_a_converted_lead_points_at_an_opportunity_and_a_contact_of_its_account(full: Org) -> None:
    strangers = rows(
        full,
        "SELECT l.Id FROM Lead l JOIN Opportunity o ON o.Id = l.ConvertedOpportunityId "
        "JOIN Contact c ON c.Id = l.ConvertedContactId WHERE l.IsConverted = 1 AND NOT "
        "(o.AccountId = l.ConvertedAccountId AND c.AccountId = l.ConvertedAccountId "
        "AND l.LastName = c.LastName)",
    )
    assert strangers == []
    assert column(full, "SELECT COUNT(*) FROM Lead WHERE IsConverted = 1 AND ConvertedDate IS NOT NULL") == [
        40
    ]


def test_partner_users_belong_to_their_contacts_account(full: Org) -> None:
    partners = rows(
        full,
        "SELECT u.Id, u.AccountId = c.AccountId, a.IsPartner, u.IsActive FROM User u "
        "JOIN Contact c ON c.Id = u.ContactId JOIN Account a ON a.Id = u.AccountId "
        "WHERE u.UserType = 'PowerPartner'",
    )
    assert len(partners) == 34
    assert {row[1:] for row in partners} == {(1, 1, 1)}


def test_two_companies_with_a_person_who_signs_in_are_no_partners_yet(full: Org) -> None:
    applicants = rows(
        full,
        "SELECT a.Name, a.Type, u.IsActive FROM Account a JOIN User u ON u.AccountId = a.Id "
        "WHERE a.Type = 'Prospect' ORDER BY a.Name",
    )
    assert applicants == [
        ("Delta Valley Controls Inc.", "Prospect", 1), ("Ostsee Automationstechnik GmbH", "Prospect", 1),
    ]  # fmt: skip
    assert column(
        full,
        "SELECT COUNT(*) FROM ChannelProgramMember m JOIN Account a ON a.Id = m.PartnerId "
        "WHERE a.Type = 'Prospect'",
    ) == [0]


def test_those_who_decide_are_known_by_name_and_report_to_somebody(full: Org) -> None:
    chain = dict(
        rows(
            full,
            "SELECT u.Username, m.Title FROM User u JOIN User m ON m.Id = u.ManagerId WHERE u.Username IN "
            f"('channel.manager@{world.DOMAIN}', 'channel.director@{world.DOMAIN}', "
            f"'finance@{world.DOMAIN}', 'rep@{world.DOMAIN}', 'regional.manager@{world.DOMAIN}')",
        )
    )
    assert chain == {
        f"channel.manager@{world.DOMAIN}": "Vice President Channel",
        f"channel.director@{world.DOMAIN}": "Chief Executive Officer",
        f"finance@{world.DOMAIN}": "Chief Financial Officer",
        f"regional.manager@{world.DOMAIN}": "Vice President Sales",
        f"rep@{world.DOMAIN}": "Regional Director",
    }


def test_the_staff_has_managers_queues_and_one_who_left(full: Org) -> None:
    assert column(full, "SELECT Username FROM User WHERE IsActive = 0") == [f"former.rep@{world.DOMAIN}"]
    assert column(
        full, "SELECT COUNT(*) FROM User WHERE Title = 'Account Executive' AND ManagerId IS NULL"
    ) == [0]
    assert sorted(column(full, "SELECT Name FROM \"Group\" WHERE Type = 'Queue'")) == [
        "Deal Desk",
        "Partner Leads",
        "Unassigned Leads",
    ]
    left = column(full, "SELECT Id FROM User WHERE IsActive = 0")[0]
    assert column(full, "SELECT COUNT(*) FROM Account WHERE OwnerId = ?", left) == [0]
    queues = column(full, 'SELECT COUNT(*) FROM Lead WHERE OwnerId IN (SELECT Id FROM "Group")')[0]
    assert queues > 20


def test_the_permission_sets_of_the_deployed_metadata_are_assigned(full: Org) -> None:
    assigned = dict(
        rows(
            full,
            "SELECT p.Name, COUNT(*) FROM PermissionSetAssignment a "
            "JOIN PermissionSet p ON p.Id = a.PermissionSetId GROUP BY 1",
        )
    )
    assert assigned == {
        "Tandem_Integration": 1,
        "Tandem_Rep": 10,
        "Tandem_Approver": 12,
        "Tandem_Partner": 34,
    }


def test_customers_sit_where_the_manufacturer_sells_in_the_currency_of_their_country(full: Org) -> None:
    by_country = dict(rows(full, "SELECT BillingCountry, COUNT(*) FROM Account GROUP BY 1"))
    assert {"United States", "Germany", "Japan", "United Kingdom", "France", "Canada"} <= set(by_country)
    assert by_country["United States"] > 100
    assert by_country["Japan"] > 40
    assert column(full, "SELECT DISTINCT CurrencyIsoCode FROM Account WHERE BillingCountry = 'Japan'") == [
        "JPY"
    ]
    states = column(full, "SELECT DISTINCT BillingState FROM Account WHERE BillingCountry = 'United States'")
    assert all(state is None or re.fullmatch("[A-Z]{2}", state) for state in states)


def test_the_data_is_dirty_on_purpose(full: Org) -> None:
    names = column(full, "SELECT Name FROM Account WHERE ParentId IS NULL")
    assert any(
        re.search(r"(G\.m\.b\.H\.|A\.G\.|Incorporated|K\.K\.|Aktiengesellschaft)$", name) for name in names
    )
    assert any(not name.isascii() for name in names)
    stems: dict[str, set[str]] = {}
    for name in names:
        stems.setdefault(bare(name).lower(), set()).add(name)
    assert sum(len(spellings) > 1 for spellings in stems.values()) >= 5
    twins = column(
        full, "SELECT COUNT(*) FROM (SELECT Email FROM Contact GROUP BY Email HAVING COUNT(*) > 1)"
    )[0]
    assert twins >= 5


def test_mail_to_anybody_in_the_world_ends_nowhere(full: Org) -> None:
    for name in ("Contact", "Lead", "User"):
        addresses = column(full, f'SELECT Email FROM "{name}" WHERE Email IS NOT NULL')
        assert [address for address in addresses if not address.endswith(".example")] == []


def test_nothing_is_dated_after_the_day_of_the_world(full: Org) -> None:
    midnight = full.clock.now() // 86_400 * 86_400
    for name in ("Account", "Contact", "Lead", "Opportunity", "User", "Product2"):
        latest, odd = rows(
            full,
            "SELECT MAX(SystemModstamp), "
            f'SUM(SystemModstamp < CreatedDate OR SystemModstamp <> LastModifiedDate) FROM "{name}"',
        )[0]
        assert latest <= midnight
        assert odd == 0


def test_ids_carry_their_checksum_and_the_sequence_goes_on_after_them(full: Org) -> None:
    accounts = column(full, "SELECT Id FROM Account")
    assert all(ids.normalize(record) == record for record in accounts)
    with full.store.write() as tx:
        assert full.ids.take(tx.connection, "001")[0] not in accounts


def test_an_org_without_partner_objects_has_the_same_people_and_no_programs(make: Callable[..., Org]) -> None:
    org = make(1, profile="stock-enterprise", settings={"multi_currency": False})
    assert org.schema.find("ChannelProgram") is None
    assert column(org, "SELECT COUNT(*) FROM User WHERE UserType = 'PowerPartner'") == [34]
    assert column(org, "SELECT COUNT(*) FROM PricebookEntry") == [58 * 2]


def test_an_empty_org_has_its_users_and_nothing_to_sell(make: Callable[..., Org]) -> None:
    org = make(1, empty=True)
    assert column(org, "SELECT Username FROM User ORDER BY Id") == [
        f"{name}@{world.DOMAIN}" for name in ("admin", "integration", "rep", "channel.manager", "former.rep")
    ]
    for name in ("Account", "Contact", "Lead", "Opportunity", "Product2"):
        assert column(org, f'SELECT COUNT(*) FROM "{name}"') == [0]


def test_a_scaled_org_has_so_many_accounts_more_each_with_its_own_id(make: Callable[..., Org]) -> None:
    org = make(5, empty=True)
    told: list[int] = []
    world.scale(org, 25_000, 5, told.append)
    found = column(org, "SELECT Id FROM Account ORDER BY Id")
    assert len(set(found)) == 25_000
    assert told == [20_000, 25_000]
    assert all(ids.normalize(record) == record for record in found[::97])
    assert column(org, "SELECT COUNT(DISTINCT Name) FROM Account") == [25_000]
    assert column(org, "SELECT COUNT(DISTINCT BillingCountry) FROM Account")[0] == 18
    indexed = column(org, "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'Account'")
    assert {"Account.modstamp", "Account.Tandem_Id__c", "Account.ParentId"} <= set(indexed)
    result = Dml(org.context(world_admin(org))).insert(org.schema.get("Account"), [{"Name": "One more"}])[0]
    assert result.success
    assert result.id not in set(found)


def test_scaled_accounts_can_be_saved_again_and_their_stamps_rise_with_their_ids(
    make: Callable[..., Org],
) -> None:
    org = make(6, empty=True)
    world.scale(org, 500, 6)
    account = org.schema.get("Account")
    records = entered(org, account)
    stamps = column(org, "SELECT SystemModstamp FROM Account ORDER BY Id")
    assert stamps == sorted(stamps)
    assert stamps[-1] <= org.clock.now()
    results = Dml(org.context(world_admin(org))).update(account, records)
    assert [result.errors for result in results if not result.success] == []


def test_a_client_reads_the_world_over_the_api(org: OrgProcess) -> None:
    org.reset(seed=4, multi_currency=True)
    deals = org.query(
        "SELECT Name, Amount, CurrencyIsoCode, ExpectedRevenue, IsWon, Account.Name, Owner.Name "
        "FROM Opportunity WHERE StageName = 'Closed Won' ORDER BY CloseDate DESC, Id LIMIT 5"
    )
    assert len(deals) == 5
    for deal in deals:
        assert deal["IsWon"] is True
        assert deal["ExpectedRevenue"] == deal["Amount"]
        assert deal["Account"]["Name"]
        assert deal["Owner"]["Name"]
    partner = org.query(
        "SELECT Name, Contact.Name, Account.Name FROM User WHERE UserType = 'PowerPartner' "
        "ORDER BY Id LIMIT 1"
    )[0]
    assert partner["Name"] == partner["Contact"]["Name"]
    assert partner["Account"]["Name"] == "Great Lakes Automation Supply Inc."
