"""What queries find, and how records look, on an org with a few records."""

from __future__ import annotations

from typing import Any

import pytest

from app.sandbox import admin
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, PicklistValue
from app.sandbox.soql import records, stream
from tests.fixtures.engine import Engine, fresh


def refusal(engine: Engine, soql: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        records(engine.ctx(), soql)
    return caught.value


def names(engine: Engine, where: str, sobject: str = "Account") -> list[str]:
    return [row["Name"] for row in engine.query(f"SELECT Name FROM {sobject} WHERE {where} ORDER BY Name")]


@pytest.fixture
def shops(engine: Engine) -> Engine:
    engine.insert("Account", Name="Acme", Industry="Banking", AnnualRevenue=1000, BillingCity="Łódź")
    engine.insert("Account", Name="beta 50%", Industry="Energy", AnnualRevenue=2000, Phone="1")
    engine.insert("Account", Name="Élan_Vital", AnnualRevenue=3000)
    return engine


# --- filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'ACME'", ["Acme"]),
        ("Name = 'élan_VITAL'", ["Élan_Vital"]),
        ("Name IN ('acme', 'ÉLAN_vital')", ["Acme", "Élan_Vital"]),
        ("Name != 'acme'", ["beta 50%", "Élan_Vital"]),
        ("Name LIKE '%50\\%'", ["beta 50%"]),
        ("Name LIKE '%\\_%'", ["Élan_Vital"]),
        ("Name LIKE 'éLAN%'", ["Élan_Vital"]),
        ("Name LIKE '_cm_'", ["Acme"]),
        ("BillingCity = 'łÓDŹ'", ["Acme"]),
        ("Industry = null", ["Élan_Vital"]),
        ("Industry = ''", ["Élan_Vital"]),
        ("Industry != null", ["Acme", "beta 50%"]),
        ("Industry != 'Energy'", ["Acme", "Élan_Vital"]),
        ("Industry NOT IN ('Energy')", ["Acme", "Élan_Vital"]),
        ("NOT Industry LIKE 'E%'", ["Acme", "Élan_Vital"]),
        ("Industry > 'banking'", ["beta 50%"]),
        ("AnnualRevenue >= 2000 AND (NOT Name LIKE 'b%')", ["Élan_Vital"]),
        ("AnnualRevenue > 1999.5", ["beta 50%", "Élan_Vital"]),
        ("AnnualRevenue = 2000.5", []),
        ("AnnualRevenue != 2000.5", ["Acme", "beta 50%", "Élan_Vital"]),
        ("AnnualRevenue < USD1500", ["Acme"]),
        ("AnnualRevenue > 99999999999999999999", []),
        ("IsDeleted = FALSE AND Phone = '1'", ["beta 50%"]),
        ("Owner.IsActive = true AND Owner.Name != null AND Name = 'acme'", ["Acme"]),
        ("Parent.Name = null AND Parent.Owner.Name != 'x' AND Name = 'acme'", ["Acme"]),
    ],
)
def test_a_filter_finds(shops: Engine, where: str, found: list[str]) -> None:
    assert names(shops, where) == found


def test_an_id_is_compared_in_both_of_its_lengths(shops: Engine) -> None:
    account = shops.one("SELECT Id FROM Account WHERE Name = 'Acme'")["Id"]
    assert names(shops, f"Id = '{account[:15]}'") == ["Acme"]
    assert names(shops, f"Id IN ('{account}')") == ["Acme"]


def test_date_literals_follow_the_users_zone(engine: Engine) -> None:
    engine.insert("Account", Name="Now")
    # It is 12:00 UTC on Monday, 2 March; on Kiritimati 3 March began two hours ago.
    engine.org.store._writer.execute(
        "UPDATE User SET TimeZoneSidKey = 'Pacific/Kiritimati' WHERE Id = ?", (engine.user_id,)
    )
    assert names(engine, "CreatedDate = TODAY") == ["Now"]
    assert (
        names(engine, "CreatedDate >= 2026-03-02T10:00:00Z AND CreatedDate < 2026-03-03T00:00:00+14:00") == []
    )
    assert names(engine, "DAY_ONLY(CreatedDate) = 2026-03-02") == ["Now"]
    assert names(engine, "DAY_ONLY(convertTimezone(CreatedDate)) = 2026-03-03") == ["Now"]
    assert names(engine, "HOUR_IN_DAY(convertTimezone(CreatedDate)) = 2") == ["Now"]
    assert names(engine, "CreatedDate > TODAY") == []
    assert names(engine, "CreatedDate < YESTERDAY") == []


def test_semi_joins_follow_both_directions(shops: Engine) -> None:
    account = shops.one("SELECT Id FROM Account WHERE Name = 'Acme'")["Id"]
    shops.insert("Contact", LastName="Meyer", AccountId=account, Email="meyer@acme.test")
    assert names(shops, "Id IN (SELECT AccountId FROM Contact WHERE Email LIKE '%@acme.test')") == ["Acme"]
    assert names(shops, "Id NOT IN (SELECT AccountId FROM Contact)") == ["beta 50%", "Élan_Vital"]
    assert names(shops, "AccountId IN (SELECT Id FROM Account WHERE Name = 'acme')", "Contact") == ["Meyer"]


def test_multipicklists_include_all_of_a_group_or_any_of_several(engine: Engine) -> None:
    values = [PicklistValue(v, v) for v in ("Red", "Green", "Größe", "Blue")]
    admin.add_field(
        engine.org,
        engine.org.schema.get("Account"),
        Field("Colours__c", "Colours", "multipicklist", length=4099, custom=True, picklist=values),
    )
    engine.insert("Account", Name="A", Colours__c="Red;Green")
    engine.insert("Account", Name="B", Colours__c="Green;Größe")
    engine.insert("Account", Name="C")
    assert names(engine, "Colours__c INCLUDES ('red;green', 'BLUE')") == ["A"]
    assert names(engine, "Colours__c INCLUDES ('grÖSSe')") == ["B"]
    assert names(engine, "Colours__c INCLUDES ('Gre')") == []
    assert names(engine, "Colours__c EXCLUDES ('Red')") == ["B", "C"]


def test_deleted_records_come_only_when_asked_for(shops: Engine) -> None:
    account = shops.one("SELECT Id FROM Account WHERE Name = 'Acme'")["Id"]
    shops.org.store._writer.execute("UPDATE Account SET IsDeleted = 1 WHERE Id = ?", (account,))
    assert names(shops, "Name = 'acme'") == []
    assert shops.query("SELECT Name, IsDeleted FROM Account WHERE Name = 'acme'", all_rows=True) == [
        {"Name": "Acme", "IsDeleted": True}
    ]
    assert len(shops.query("SELECT Id FROM Account ALL ROWS")) == 3


# --- records -------------------------------------------------------------------------------------


def test_records_show_parents_children_and_addresses(shops: Engine) -> None:
    account = shops.one("SELECT Id FROM Account WHERE Name = 'Acme'")["Id"]
    contact = shops.insert("Contact", FirstName="Ida", LastName="Meyer", AccountId=account)
    found = list(
        records(
            shops.ctx(),
            "select name, ANNUALREVENUE, BillingAddress, ShippingAddress, parent.name, (SELECT Name, "
            "Account.Name FROM Contacts) from account where name IN ('acme', 'beta 50%') order by Name",
        )
    )
    assert found[0] == {
        "attributes": {"type": "Account", "url": f"/services/data/v67.0/sobjects/Account/{account}"},
        "Name": "Acme",
        "AnnualRevenue": 1000.0,
        "BillingAddress": {
            "city": "Łódź",
            "country": None,
            "geocodeAccuracy": None,
            "latitude": None,
            "longitude": None,
            "postalCode": None,
            "state": None,
            "street": None,
        },
        "ShippingAddress": None,
        "Parent": None,
        "Contacts": {
            "totalSize": 1,
            "done": True,
            "records": [
                {
                    "attributes": {
                        "type": "Contact",
                        "url": f"/services/data/v67.0/sobjects/Contact/{contact}",
                    },
                    "Name": "Ida Meyer",
                    "Account": {
                        "attributes": {
                            "type": "Account",
                            "url": f"/services/data/v67.0/sobjects/Account/{account}",
                        },
                        "Name": "Acme",
                    },
                }
            ],
        },
    }
    assert list(found[0]) == [
        "attributes", "Name", "AnnualRevenue", "BillingAddress", "ShippingAddress", "Parent", "Contacts"
    ]  # fmt: skip
    assert found[1]["Contacts"] is None


def test_children_have_their_own_filter_order_and_limit(shops: Engine) -> None:
    account = shops.one("SELECT Id FROM Account WHERE Name = 'Acme'")["Id"]
    for last in ("Adam", "Berg", "Carl"):
        shops.insert("Contact", LastName=last, AccountId=account)
    found = shops.one(
        "SELECT (SELECT LastName FROM Contacts WHERE LastName != 'Carl' ORDER BY LastName DESC LIMIT 1) "
        "FROM Account WHERE Name = 'Acme'"
    )
    assert [row["LastName"] for row in found["Contacts"]["records"]] == ["Berg"]


def test_a_polymorphic_owner_is_a_name(engine: Engine) -> None:
    engine.insert("Lead", LastName="Meyer", Company="Acme")
    found = engine.one("SELECT Owner.Name, Owner.Type FROM Lead")
    assert found["Owner"]["Type"] == "User"
    assert found["Owner"]["attributes"] == {
        "type": "Name",
        "url": f"/services/data/v67.0/sobjects/User/{engine.user_id}",
    }
    assert refusal(engine, "SELECT Owner.Division FROM Lead").message.endswith("the appropriate names.")


def test_typeof_shows_each_type_its_own_fields(engine: Engine) -> None:
    engine.insert("Lead", LastName="Meyer", Company="Acme")
    found = engine.one(
        "SELECT TYPEOF Owner WHEN User THEN Username, Alias WHEN Group THEN Name END FROM Lead"
    )
    user = engine.one(f"SELECT Username, Alias FROM User WHERE Id = '{engine.user_id}'")
    assert found["Owner"] == {
        "attributes": {"type": "User", "url": f"/services/data/v67.0/sobjects/User/{engine.user_id}"},
        **user,
    }


def test_fields_names_them_all_but_only_for_few_rows(shops: Engine) -> None:
    found = shops.query("SELECT FIELDS(ALL) FROM Account LIMIT 200")[0]
    assert {"Id", "Name", "BillingAddress", "SystemModstamp"} <= set(found)
    assert "Name" in shops.query("SELECT FIELDS(STANDARD) FROM Account")[0]
    assert refusal(shops, "SELECT FIELDS(ALL) FROM Account LIMIT 201").code == "MALFORMED_QUERY"


def test_labels_and_formats_are_for_reading(engine: Engine) -> None:
    engine.insert("Account", Name="Acme", AnnualRevenue=1234567, NumberOfEmployees=1200)
    assert engine.one(
        "SELECT FORMAT(AnnualRevenue) money, FORMAT(NumberOfEmployees) heads, FORMAT(CreatedDate) made "
        "FROM Account"
    ) == {"money": "$1,234,567.00", "heads": "1,200", "made": "3/2/2026, 12:00 PM"}


def test_labels_stand_for_values_in_select_filter_and_order(engine: Engine) -> None:
    engine.insert("Account", Name="A", CleanStatus="Matched")
    engine.insert("Account", Name="B", CleanStatus="Pending")
    assert engine.query("SELECT CleanStatus, toLabel(CleanStatus) shown FROM Account ORDER BY Name") == [
        {"CleanStatus": "Matched", "shown": "In Sync"},
        {"CleanStatus": "Pending", "shown": "Not Compared"},
    ]
    assert names(engine, "toLabel(CleanStatus) = 'in sync'") == ["A"]
    assert names(engine, "CleanStatus = 'In Sync'") == []
    found = engine.query("SELECT Name FROM Account ORDER BY toLabel(CleanStatus) DESC")
    assert [row["Name"] for row in found] == ["B", "A"]


def test_a_group_is_queried_under_its_reserved_name(engine: Engine) -> None:
    members = engine.query("SELECT Group.Name FROM GroupMember WHERE Group.Type = 'Queue'")
    assert [row["Group"]["Name"] for row in members] == ["Partner Leads"]
    found = engine.query("SELECT Name FROM Group WHERE Name = 'Partner Leads' ORDER BY Name")
    assert found == [{"Name": "Partner Leads"}]


def test_amounts_come_exactly(engine: Engine) -> None:
    admin.add_field(
        engine.org,
        engine.org.schema.get("Account"),
        Field("Exact__c", "Exact", "currency", precision=18, scale=2, custom=True),
    )
    engine.insert("Account", Name="A", Exact__c="9999999999999999.99")
    engine.insert("Account", Name="B", Exact__c="0.1")
    _, rows = stream(engine.ctx(), "SELECT Exact__c FROM Account ORDER BY Name")
    assert list(rows) == [("9999999999999999.99",), ("0.1",)]
    assert names(engine, "Exact__c = 9999999999999999.99") == ["A"]


# --- aggregates ----------------------------------------------------------------------------------


def test_groups_are_counted_summed_and_filtered(shops: Engine) -> None:
    shops.insert("Account", Name="Delta", Industry="Energy", AnnualRevenue=2001)
    assert shops.query(
        "SELECT Industry, COUNT(Id) n, SUM(AnnualRevenue), AVG(AnnualRevenue) mean, MAX(Name) FROM Account "
        "WHERE Industry != null GROUP BY Industry HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC"
    ) == [{"Industry": "Energy", "n": 2, "expr0": 4001.0, "mean": 2000.5, "expr1": "Delta"}]


def test_a_parents_field_groups_under_its_own_name(shops: Engine) -> None:
    found = shops.query("SELECT Owner.Username, COUNT(Id) FROM Account GROUP BY Owner.Username")
    assert [list(row) for row in found] == [["Username", "expr0"]]
    assert found[0]["expr0"] == 3


def test_months_group_in_the_fiscal_year(shops: Engine) -> None:
    shops.org.settings.fiscal_year_start_month = 4
    assert shops.query(
        "SELECT FISCAL_YEAR(CreatedDate) y, FISCAL_QUARTER(CreatedDate) q, CALENDAR_MONTH(CreatedDate) m, "
        "COUNT(Id) n FROM Account GROUP BY FISCAL_YEAR(CreatedDate), FISCAL_QUARTER(CreatedDate), "
        "CALENDAR_MONTH(CreatedDate)"
    ) == [{"y": 2026, "q": 4, "m": 3, "n": 3}]


def test_the_smallest_and_the_largest_id_are_known(shops: Engine) -> None:
    ids = sorted(row["Id"] for row in shops.query("SELECT Id FROM Account"))
    assert shops.query("SELECT MIN(Id) low, MAX(Id) high FROM Account") == [{"low": ids[0], "high": ids[-1]}]


def test_aliases_in_from_stand_for_parents(shops: Engine) -> None:
    account = shops.one("SELECT Id FROM Account WHERE Name = 'Acme'")["Id"]
    shops.insert("Contact", LastName="Meyer", AccountId=account)
    found = shops.query("SELECT c.LastName, a.Name FROM Contact c, c.Account a WHERE a.Industry = 'Banking'")
    assert [(row["LastName"], row["Account"]["Name"]) for row in found] == [("Meyer", "Acme")]


def test_nulls_come_first_unless_told_otherwise(shops: Engine) -> None:
    def order(clause: str) -> list[Any]:
        return [row["Industry"] for row in shops.query(f"SELECT Industry FROM Account ORDER BY {clause}")]

    assert order("Industry") == [None, "Banking", "Energy"]
    assert order("Industry DESC") == [None, "Energy", "Banking"]
    assert order("Industry NULLS LAST") == ["Banking", "Energy", None]
    assert order("Industry DESC NULLS LAST") == ["Energy", "Banking", None]


def test_money_converts_at_the_orgs_rates(engine: Engine) -> None:
    engine = fresh(engine.org, multi_currency=True)
    tx = engine.org.store._writer
    scale = engine.org.schema.get("CurrencyType").fields["conversionrate"].scale
    tx.execute("UPDATE CurrencyType SET IsDeleted = 1")
    for n, (code, rate) in enumerate((("USD", 1), ("EUR", 2))):
        tx.execute(
            "INSERT INTO CurrencyType (Id, IsoCode, ConversionRate) VALUES (?, ?, ?)",
            (f"01L00000000000{n}AAA", code, rate * 10**scale),
        )
    engine.insert("Account", Name="A", AnnualRevenue=300, CurrencyIsoCode="EUR")
    assert engine.one("SELECT AnnualRevenue FROM Account")["AnnualRevenue"] == 300.0
    assert engine.one("SELECT convertCurrency(AnnualRevenue) usd FROM Account") == {"usd": 150.0}
    assert names(engine, "AnnualRevenue > USD149 AND AnnualRevenue < USD151") == ["A"]
    assert names(engine, "AnnualRevenue > EUR299") == ["A"]
    assert names(engine, "AnnualRevenue > USD151") == []


def test_a_moment_within_a_second_lies_between_two_stamps(engine: Engine) -> None:
    engine.insert("Account", Name="A")
    assert names(engine, "CreatedDate < 2026-03-02T12:00:00.500Z") == ["A"]
    assert names(engine, "CreatedDate > 2026-03-02T12:00:00.500Z") == []
    assert names(engine, "CreatedDate > 2026-03-02T11:59:59.500Z") == ["A"]
    assert names(engine, "CreatedDate = 2026-03-02T12:00:00.500Z") == []
    assert names(engine, "CreatedDate = 2026-03-02T14:00:00.000+02:00") == ["A"]


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Foo__c FROM Account", "INVALID_FIELD", "No such column 'Foo__c' on entity 'Account'. If"),
        ("SELECT Parent.Foo FROM Account", "INVALID_FIELD", "No such column 'Foo' on entity 'Account'. If"),
        (
            "SELECT Foo__r.Name FROM Account",
            "INVALID_FIELD",
            "Didn't understand relationship 'Foo__r' in field",
        ),
        (
            "SELECT (SELECT Id FROM Foos) FROM Account",
            "INVALID_TYPE",
            "Didn't understand relationship 'Foos' in FROM",
        ),
        ("SELECT Id FROM Foo__c", "INVALID_TYPE", "sObject type 'Foo__c' is not supported."),
        ("SELECT Name, name FROM Account", "INVALID_FIELD", "duplicate field selected: Name"),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        (
            "SELECT Name FROM Account GROUP BY Industry",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name",
        ),
        ("SELECT COUNT(), Name FROM Account", "MALFORMED_QUERY", "Grouped query cannot have COUNT()"),
        (
            "SELECT SUM(Name) FROM Account",
            "INVALID_FIELD",
            "field Name does not support aggregate operator SUM",
        ),
        (
            "SELECT CreatedDate FROM Account GROUP BY CreatedDate",
            "MALFORMED_QUERY",
            "field 'CreatedDate' can not be grouped",
        ),
        (
            "SELECT Id FROM Account WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered",
        ),
        (
            "SELECT Id FROM Account ORDER BY Description",
            "MALFORMED_QUERY",
            "field 'Description' can not be sorted",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 5",
            "INVALID_FIELD",
            "value of filter criterion for field 'Name' must be of type string and should be enclosed",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate = '2026'",
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate = 2026-01-01",
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be",
        ),
        (
            "SELECT Id FROM Account WHERE IsDeleted = 'true'",
            "INVALID_FIELD",
            "value of filter criterion for field 'IsDeleted' must be",
        ),
        ("SELECT Id FROM Account WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        (
            "SELECT Id FROM Account WHERE Id LIKE '001%'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on id field",
        ),
        (
            "SELECT Id FROM Account WHERE Name INCLUDES ('a')",
            "INVALID_QUERY_FILTER_OPERATOR",
            "includes operator is only valid on",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)",
            "INVALID_FIELD",
            "The selected field 'Name' in the semi join",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 'a' OR Id IN (SELECT AccountId FROM Contact)",
            "MALFORMED_QUERY",
            "Semi join sub-selects are only allowed at the top level",
        ),
        (
            "SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account",
            "MALFORMED_QUERY",
            "SOQL relationships may not go more than 5",
        ),
        (
            "SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'mi') < 5",
            "MALFORMED_QUERY",
            "DISTANCE is not supported by this org",
        ),
        (
            "SELECT Id FROM Account USING SCOPE team",
            "MALFORMED_QUERY",
            "USING SCOPE team is not supported by this org",
        ),
        (
            "SELECT Id FROM Account WITH SYSTEM_MODE",
            "MALFORMED_QUERY",
            "WITH SYSTEM_MODE is not supported by this org",
        ),
        (
            "SELECT COUNT(Id) FROM Account FOR VIEW",
            "MALFORMED_QUERY",
            "FOR VIEW does not go with aggregate functions",
        ),
        (
            "SELECT convertCurrency(AnnualRevenue) FROM Account",
            "MALFORMED_QUERY",
            "convertCurrency needs an org with multiple currencies",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate > 2026-02-30T00:00:00Z",
            "MALFORMED_QUERY",
            "Invalid date/time: 2026-02-30T00:00:00Z",
        ),
    ],
)
def test_the_org_refuses(engine: Engine, soql: str, code: str, message: str) -> None:
    error = refusal(engine, soql)
    assert error.code == code
    assert "ERROR at Row:1:Column:" in error.message
    assert error.message.rpartition("\n")[2].startswith(message)


def test_a_field_one_may_not_read_does_not_exist(shops: Engine) -> None:
    before = refusal(shops, "SELECT Phoney FROM Account").message
    shops.org.permissions.revoke("Account", "Phone")
    for soql in ("SELECT Phone FROM Account", "SELECT Id FROM Account WHERE Phone = '1'",
                 "SELECT Id FROM Account ORDER BY Phone"):  # fmt: skip
        error = refusal(shops, soql)
        assert error.code == "INVALID_FIELD"
        assert error.message.rpartition("\n")[2] == before.rpartition("\n")[2].replace("Phoney", "Phone")
    found = list(records(shops.ctx(), "SELECT FIELDS(STANDARD) FROM Account"))
    assert "Phone" not in found[0]


def test_my_own_scope_leaves_out_what_others_own(shops: Engine) -> None:
    other = shops.one("SELECT Id FROM User WHERE Username LIKE 'rep@%'")["Id"]
    shops.insert("Account", Name="Theirs", OwnerId=other)
    found = records(shops.ctx(), "SELECT Name FROM Account USING SCOPE mine WHERE Name = 'Theirs'")
    assert list(found) == []


def test_a_query_sees_the_open_transactions_own_rows(shops: Engine) -> None:
    with shops.org.store.write() as tx:
        tx.execute("UPDATE Account SET Name = 'Changed' WHERE Name = 'Acme'")
        assert names(shops, "Name = 'changed'") == ["Changed"]
        _, rows = stream(shops.ctx(), "SELECT Name FROM Account WHERE Name = 'changed'")
        assert list(rows) == [("Changed",)]


# --- bulk ----------------------------------------------------------------------------------------


def test_bulk_rows_are_texts_with_parents_in_columns(shops: Engine) -> None:
    columns, rows = stream(
        shops.ctx(),
        "SELECT Name, AnnualRevenue, IsDeleted, CreatedDate, Parent.Name FROM Account ORDER BY Name LIMIT 1",
    )
    assert columns == ["Name", "AnnualRevenue", "IsDeleted", "CreatedDate", "Parent.Name"]
    assert list(rows) == [("Acme", "1000.0", "false", "2026-03-02T12:00:00.000Z", "")]


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT BillingAddress FROM Account",
        "SELECT (SELECT Id FROM Contacts) FROM Account",
        "SELECT COUNT() FROM Account",
        "SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry",
        "SELECT Id FROM Account LIMIT 5 OFFSET 1",
        "SELECT TYPEOF Owner WHEN User THEN Name END FROM Lead",
    ],
)
def test_bulk_refuses_what_has_no_columns(engine: Engine, soql: str) -> None:
    with pytest.raises(ApiError) as caught:
        stream(engine.ctx(), soql)
    assert caught.value.code == "FUNCTIONALITY_NOT_ENABLED"
