"""Several currencies in one org: what a change of currency does to lines and to summaries."""

from __future__ import annotations

import pytest

from app.sandbox import admin
from app.sandbox.dml import Dml
from app.sandbox.schema import Field
from tests.fixtures.engine import Engine, fresh


@pytest.fixture
def money(engine: Engine) -> Engine:
    """An org with several currencies, of which one euro is worth two dollars."""
    made = fresh(engine.org, multi_currency=True)
    with made.org.store.write() as tx:
        tx.execute(
            "UPDATE CurrencyType SET ConversionRate = "
            "(SELECT ConversionRate FROM CurrencyType WHERE IsoCode = 'USD') / 2 WHERE IsoCode = 'EUR'"
        )
    return made


def deal(org: Engine, account: str | None = None, currency: str = "USD", amount: float | None = None) -> str:
    return org.insert(
        "Opportunity",
        Name="Switches",
        StageName="Prospecting",
        CloseDate="2026-06-30",
        CurrencyIsoCode=currency,
        Amount=amount,
        AccountId=account,
    )


def priced(org: Engine, currency: str) -> str:
    """A price-book entry in a currency."""
    product = org.insert("Product2", Name="Switch", IsActive=True)
    book = org.one("SELECT Id FROM Pricebook2 WHERE IsStandard = true")["Id"]
    return org.insert(
        "PricebookEntry",
        Product2Id=product,
        Pricebook2Id=book,
        UnitPrice=100,
        CurrencyIsoCode=currency,
        IsActive=True,
    )


def test_a_line_takes_its_deals_new_currency_along_as_a_touch_by_the_system(money: Engine) -> None:
    opportunity = deal(money, currency="USD")
    line = money.insert("OpportunityLineItem", OpportunityId=opportunity, Quantity=2, UnitPrice=10)
    before = money.one("SELECT LastModifiedDate, SystemModstamp FROM OpportunityLineItem")
    money.org.clock.advance(60)
    money.update(opportunity, CurrencyIsoCode="GBP")
    after = money.one(
        "SELECT Id, CurrencyIsoCode, UnitPrice, LastModifiedDate, SystemModstamp FROM OpportunityLineItem"
    )
    assert after == {
        "Id": line,
        "CurrencyIsoCode": "GBP",
        "UnitPrice": 10.0,
        "LastModifiedDate": before["LastModifiedDate"],
        "SystemModstamp": "2026-03-02T12:01:00.000+0000",
    }


def test_a_deal_whose_lines_are_priced_in_its_currency_keeps_it(money: Engine) -> None:
    opportunity = deal(money, currency="USD")
    money.insert(
        "OpportunityLineItem", OpportunityId=opportunity, PricebookEntryId=priced(money, "USD"), Quantity=1
    )
    refused = money.refusal(money.try_update(opportunity, CurrencyIsoCode="EUR"))
    assert (refused.code, refused.fields) == ("FIELD_INTEGRITY_EXCEPTION", ["CurrencyIsoCode"])
    assert money.query("SELECT CurrencyIsoCode FROM OpportunityLineItem") == [{"CurrencyIsoCode": "USD"}]
    assert money.query("SELECT CurrencyIsoCode FROM Opportunity") == [{"CurrencyIsoCode": "USD"}]


def test_a_line_from_a_price_book_in_another_currency_is_refused(money: Engine) -> None:
    refused = money.refusal(
        money.try_insert(
            "OpportunityLineItem",
            OpportunityId=deal(money, currency="USD"),
            PricebookEntryId=priced(money, "EUR"),
            Quantity=1,
        )
    )
    assert refused.rest() == {
        "message": "field integrity exception: PricebookEntryId (pricebook entry currency ISO code does not "
        "match opportunity currency ISO code)",
        "errorCode": "FIELD_INTEGRITY_EXCEPTION",
        "fields": ["PricebookEntryId"],
    }


def test_a_summary_is_in_its_own_records_currency_and_follows_it(money: Engine) -> None:
    admin.add_field(
        money.org,
        money.org.schema.get("Account"),
        Field(
            "Pipeline__c",
            "Pipeline",
            "currency",
            precision=18,
            scale=2,
            rollup=("SUM", "Opportunity", "Amount", "AccountId"),
            createable=False,
            updateable=False,
        ),
    )
    account = money.insert("Account", Name="Northwind", CurrencyIsoCode="USD")
    deal(money, account, "USD", 100)
    deal(money, account, "EUR", 100)
    assert money.one("SELECT Pipeline__c FROM Account") == {"Pipeline__c": 300.0}
    money.update(account, CurrencyIsoCode="EUR")
    assert money.one("SELECT Pipeline__c FROM Account") == {"Pipeline__c": 150.0}
    assert [d["CurrencyIsoCode"] for d in money.query("SELECT CurrencyIsoCode FROM Opportunity")] == [
        "USD",
        "EUR",
    ]


def test_a_record_named_twice_in_one_call_is_deleted_once(engine: Engine) -> None:
    account = engine.insert("Account", Name="Northwind")
    first, second = Dml(engine.ctx()).delete([account, account])
    assert (first.success, second.success) == (True, False)
    assert engine.refusal(second).code == "ENTITY_IS_DELETED"
    assert engine.query("SELECT IsDeleted FROM Account", all_rows=True) == [{"IsDeleted": True}]
    assert Dml(engine.ctx()).undelete([account])[0].success
    hard = Dml(engine.ctx()).delete([account, account], hard=True)
    assert [result.success for result in hard] == [True, False]
