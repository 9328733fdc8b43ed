"""The parts under the records: clock, store, counters, changes by an admin, opportunity lines."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.sandbox import admin
from app.sandbox.clock import Clock
from app.sandbox.dml import Dml
from app.sandbox.errors import ApiError
from app.sandbox.hooks import Trigger
from app.sandbox.org import Counters
from app.sandbox.store import Store
from tests.fixtures.engine import Engine, fresh

# --- clock and counters --------------------------------------------------------------------------


def test_a_frozen_clock_moves_only_when_it_is_told_to() -> None:
    clock = Clock()
    clock.set(1_000_000)
    clock.freeze()
    frozen = clock.exact()
    assert clock.exact() == frozen
    assert clock.advance(90) == int(frozen) + 90
    clock.freeze(False)
    assert 0 <= clock.exact() - frozen - 90 < 5
    assert clock.http_date().startswith("Mon, 12 Jan 1970")


def test_calls_are_forgotten_after_a_day_and_records_share_a_line() -> None:
    clock = Clock()
    clock.set(1_000_000)
    counters = Counters(clock)
    counters.count("GET", "records", "/services/data/v67.0/sobjects/Account/001D000000IqhSLIAZ")
    counters.count("GET", "records", "/services/data/v67.0/sobjects/Account/001D000000IqhSM")
    assert counters.used == 2
    assert counters.dump()["requests"] == {"GET /services/data/v67.0/sobjects/Account/{id}": 2}
    counters.used += 100
    assert counters.used == 102
    clock.advance(23 * 3600)
    assert counters.used == 102
    clock.advance(3600)
    assert counters.used == 0


# --- store ---------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "org.sqlite")
    with made.write() as tx:
        tx.execute("CREATE TABLE t (n INTEGER)")
    return made


def numbers(store: Store) -> list[int]:
    return [n for (n,) in store.read().execute("SELECT n FROM t ORDER BY n")]


def test_others_see_a_transaction_only_when_it_is_committed(store: Store) -> None:
    seen: list[list[int]] = []
    with store.write() as tx:
        tx.execute("INSERT INTO t VALUES (1)")
        other = threading.Thread(target=lambda: seen.append(numbers(store)))
        other.start()
        other.join()
        assert numbers(store) == [1]
    assert seen == [[]]
    assert numbers(store) == [1]
    store.close()


def fail_inside(store: Store, happened: list[str]) -> None:
    """A write inside another one, that fails."""
    with store.write() as inner:
        inner.execute("INSERT INTO t VALUES (2)")
        inner.after_commit(lambda: happened.append("inner"))
        raise ValueError("stop")


def test_an_inner_write_that_fails_takes_back_only_itself(store: Store) -> None:
    happened: list[str] = []
    with store.write() as tx:
        tx.execute("INSERT INTO t VALUES (1)")
        tx.after_commit(lambda: happened.append("outer"))
        with pytest.raises(ValueError, match="stop"):
            fail_inside(store, happened)
        tx.execute("INSERT INTO t VALUES (3)")
        assert happened == []
    assert numbers(store) == [1, 3]
    assert happened == ["outer"]
    store.close()


def test_a_snapshot_brings_back_what_was(store: Store, tmp_path: Path) -> None:
    with store.write() as tx:
        tx.execute("INSERT INTO t VALUES (1)")
    store.snapshot(tmp_path / "copy.sqlite")
    with store.write() as tx:
        tx.execute("INSERT INTO t VALUES (2)")
    store.restore(tmp_path / "copy.sqlite")
    assert numbers(store) == [1]
    with store.write() as tx:
        tx.execute("INSERT INTO t VALUES (5)")
    assert numbers(store) == [1, 5]
    store.close()


# --- what an admin changes -----------------------------------------------------------------------


def test_a_field_that_changes_its_type_keeps_what_fits(engine: Engine) -> None:
    account = engine.org.schema.get("Account")
    engine.insert("Account", Name="A", Site="12.5")
    engine.insert("Account", Name="B", Site="north")
    admin.retype_field(engine.org, account, "Site", type="double", precision=10, scale=1, length=0)
    assert engine.query("SELECT Name, Site FROM Account ORDER BY Name") == [
        {"Name": "A", "Site": 12.5},
        {"Name": "B", "Site": None},
    ]
    admin.retype_field(engine.org, account, "Site", type="string", length=2)
    assert engine.query("SELECT Site FROM Account WHERE Name = 'A'") == [{"Site": "12"}]


def test_a_deactivated_value_stays_where_it_is_and_cannot_be_chosen_again(engine: Engine) -> None:
    kind = engine.org.schema.get("Opportunity")
    deal = engine.insert("Opportunity", Name="D", CloseDate="2026-06-01", StageName="Qualification")
    admin.set_picklist_value(engine.org, kind, "StageName", "Qualification", active=False)
    engine.update(deal, Name="E")
    assert engine.one("SELECT StageName FROM Opportunity") == {"StageName": "Qualification"}
    refused = engine.refusal(engine.try_update(deal, StageName="Qualification"))
    assert refused.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_a_schema_written_and_read_is_the_same_schema(engine: Engine) -> None:
    admin.set_record_type(
        engine.org, engine.org.schema.get("Lead"), "Partner", picklists={"Status": ["Open - Not Contacted"]}
    )
    before = [repr(sobject) for sobject in engine.org.schema]
    admin.load_schema(engine.org.schema, admin.dump_schema(engine.org.schema))
    assert [repr(sobject) for sobject in engine.org.schema] == before


def test_a_field_with_an_attribute_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ApiError, match="A field has no attribute 'lenght'"):
        admin.field_from({"name": "X__c", "lenght": 5})


# --- opportunity lines ---------------------------------------------------------------------------


def _line_of(engine: Engine, **deal: object) -> tuple[str, str]:
    product = engine.insert("Product2", Name="Switch", IsActive=True)
    book = engine.one("SELECT Id FROM Pricebook2 WHERE IsStandard = true")["Id"]
    currency = {name: value for name, value in deal.items() if name == "CurrencyIsoCode"}
    entry = engine.insert(
        "PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=19.99, IsActive=True, **currency
    )
    opportunity = engine.insert(
        "Opportunity", Name="D", CloseDate="2026-06-01", StageName="Prospecting", Pricebook2Id=book, **deal
    )
    return opportunity, engine.insert(
        "OpportunityLineItem", OpportunityId=opportunity, PricebookEntryId=entry, Quantity=3
    )


def test_a_line_takes_its_price_from_the_book_and_the_amount_is_the_sum(engine: Engine) -> None:
    opportunity, line = _line_of(engine, Amount=5)
    assert engine.one("SELECT UnitPrice, TotalPrice, ListPrice FROM OpportunityLineItem") == {
        "UnitPrice": 19.99,
        "TotalPrice": 59.97,
        "ListPrice": 19.99,
    }
    assert engine.one("SELECT Amount, HasOpportunityLineItem FROM Opportunity") == {
        "Amount": 59.97,
        "HasOpportunityLineItem": True,
    }
    engine.update(line, Quantity=2, Discount=10)
    assert engine.one("SELECT Amount FROM Opportunity") == {"Amount": 35.98}
    engine.update(opportunity, Amount=1, Name="E")
    assert engine.one("SELECT Amount, Name FROM Opportunity") == {"Amount": 35.98, "Name": "E"}


def test_a_line_has_the_currency_of_its_opportunity(engine: Engine) -> None:
    engine = fresh(engine.org, multi_currency=True)
    _line_of(engine, CurrencyIsoCode="EUR")
    assert engine.one("SELECT CurrencyIsoCode FROM OpportunityLineItem") == {"CurrencyIsoCode": "EUR"}


# --- triggers ------------------------------------------------------------------------------------


def test_what_is_saved_is_read_only_for_an_after_trigger(engine: Engine) -> None:
    @engine.org.hooks.trigger("Account", "after insert")
    def late(trigger: Trigger) -> None:
        for new, _ in trigger:
            new["Name"] = "X"

    error = engine.refusal(engine.try_insert("Account", Name="A"))
    assert error.code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert "read-only" in error.message


def test_a_trigger_can_refuse_a_deletion(engine: Engine) -> None:
    @engine.org.hooks.trigger("Account", "before delete")
    def keep(trigger: Trigger) -> None:
        for new, _ in trigger:
            if new["Name"] == "Keep":
                new.add_error("This one stays.")

    kept, gone = engine.insert("Account", Name="Keep"), engine.insert("Account", Name="Go")
    results = Dml(engine.ctx()).delete([kept, gone])
    assert [r.success for r in results] == [False, True]
    assert results[0].errors[0].message == "This one stays."
    assert engine.query("SELECT Name FROM Account") == [{"Name": "Keep"}]


def test_an_event_that_does_not_exist_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="no trigger event"):
        engine.org.hooks.trigger("Account", "during update")


def test_an_opportunitys_history_tells_what_changed_and_nothing_else(engine: Engine) -> None:
    deal = engine.insert(
        "Opportunity", Name="D", CloseDate="2026-06-01", StageName="Prospecting", Amount=99.99
    )
    engine.org.clock.advance(60)
    engine.update(deal, StageName="Closed Won")
    engine.update(deal, Name="E")
    assert engine.query(
        "SELECT StageName, Amount, Probability, ExpectedRevenue, ForecastCategory, CreatedDate "
        "FROM OpportunityHistory ORDER BY CreatedDate"
    ) == [
        {
            "StageName": "Prospecting",
            "Amount": 99.99,
            "Probability": 10.0,
            "ExpectedRevenue": 10.0,
            "ForecastCategory": "Pipeline",
            "CreatedDate": "2026-03-02T12:00:00.000+0000",
        },
        {
            "StageName": "Closed Won",
            "Amount": 99.99,
            "Probability": 100.0,
            "ExpectedRevenue": 99.99,
            "ForecastCategory": "Closed",
            "CreatedDate": "2026-03-02T12:01:00.000+0000",
        },
    ]
