"""Failures that other integrations met, T1 to T7: what a poll misses, and what empty and "NA" mean."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from app.sync import service
from app.sync.engine import Applied
from app.sync.inward import pull
from tests.fixtures.sync import BothSides, assert_equal_sides


def names_here(sides: BothSides) -> list[str]:
    return [row["name"] for row in sides.sql("SELECT name FROM account ORDER BY name")]


# --- T1: rows that become visible late -----------------------------------------------------------


def test_a_record_that_a_long_transaction_shows_90_seconds_late_is_not_missed(sides: BothSides) -> None:
    """T1: stamped before the cursor, visible after it."""
    sides.cycle()
    sides.org.act("insert", object="Account", fields={"Name": "Late"}, commit_after=90)
    sides.org.advance(60)
    sides.org.insert("Account", Name="In time")
    sides.org.advance(1)
    sides.cycle()
    assert names_here(sides) == ["In time"]
    sides.org.advance(60)
    sides.cycle()
    assert names_here(sides) == ["In time", "Late"]
    sides.settle()
    assert_equal_sides(sides)


def test_a_change_that_a_long_transaction_shows_late_is_not_missed(sides: BothSides) -> None:
    """T1: the same for a record that we know."""
    sf_id = sides.org.insert("Account", Name="Bosch", Phone="1")
    sides.cycle()
    sides.org.act("update", object="Account", id=sf_id, fields={"Phone": "2"}, commit_after=90)
    sides.org.advance(85)
    sides.cycle()
    assert sides.row("account", sf_id)["phone"] == "1"
    sides.org.advance(10)
    sides.cycle()
    assert sides.row("account", sf_id)["phone"] == "2"
    sides.settle()
    assert_equal_sides(sides)


def test_the_sync_looks_further_back_once_records_have_come_late(sides: BothSides) -> None:
    """T1: what came 100 seconds late teaches it to expect 200."""
    sides.cycle()
    for number, seconds in enumerate((100, 180, 350)):
        sides.org.act("insert", object="Account", fields={"Name": f"Late {number}"}, commit_after=seconds)
        sides.org.advance(seconds - 3)
        sides.cycle()
        sides.org.advance(4)
        sides.cycle()
        assert len(names_here(sides)) == number + 1
    assert_equal_sides(sides)


# --- T2: many rows in one second -----------------------------------------------------------------


def test_five_thousand_records_of_one_second_all_arrive_though_the_process_dies_between_pages(
    sides: BothSides,
) -> None:
    """T2: the stamp alone is no place to go on from."""
    sides.org.freeze()
    sides.org.insert_many("Account", [{"Name": f"Account {n:04}"} for n in range(5000)])
    sides.org.advance(600)  # far behind the horizon: the cursor may come to stand on that very second
    sides.org.fault("short_page", rows=200)
    applied: list[int] = []

    def die_in_the_middle(_: Session, changes: Sequence[Applied]) -> None:
        if len(applied) == 4:
            raise KeyboardInterrupt
        applied.append(len(changes))

    sides.engine.observers = [die_in_the_middle]
    with pytest.raises(KeyboardInterrupt):
        sides.cycle()
    assert len(names_here(sides)) == sum(applied[1:]) == 2200  # the users came before
    sides.restart()
    cycle = sides.cycle()
    assert cycle.pulled["Account"].created == 2800
    assert names_here(sides) == [f"Account {n:04}" for n in range(5000)]
    sides.settle(0)
    sides.org.clear_faults()
    assert_equal_sides(sides)


# --- T3: a wrong clock ---------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [600, -600], ids=["ten minutes behind", "ten minutes ahead"])
def test_a_client_whose_clock_is_wrong_misses_nothing_and_knows_who_was_last(
    sides: BothSides, seconds: int
) -> None:
    """T3: only Salesforce's clock counts, for the cursor and for the owner `newest`."""
    sides.org.fault("clock_skew", seconds=seconds)
    ours_last, theirs_last = (sides.org.insert("Account", Name=name) for name in ("Ours", "Theirs"))
    service.cycle(sides.engine)
    service.cycle(sides.engine)  # a poll that finds nothing: what a clock of ours would move the cursor to
    local_id = sides.row("account", theirs_last)["id"]
    sides.change("account", local_id, website="ours.example")
    sides.org.update("Account", ours_last, Website="theirs.example")
    time.sleep(1.1)
    sides.change("account", sides.row("account", ours_last)["id"], website="ours.example")
    sides.org.update("Account", theirs_last, Website="theirs.example")
    sides.org.insert("Account", Name="New")
    service.cycle(sides.engine)
    assert names_here(sides) == ["New", "Ours", "Theirs"]
    sides.settle()
    assert sides.org.get("Account", ours_last, "Website")["Website"] == "ours.example"
    assert sides.org.get("Account", theirs_last, "Website")["Website"] == "theirs.example"
    assert_equal_sides(sides)


def test_a_jump_of_our_own_clock_does_not_move_the_cursor(sides: BothSides) -> None:
    """T3: the cursor is a moment of Salesforce's clock, behind it by the lag, also when nothing was read."""
    sides.org.fault("clock_skew", seconds=-86_400)
    sides.cycle()
    sides.cycle()
    [row] = sides.sql("SELECT stamp, server_at, lag_seconds FROM sync_cursor WHERE sobject = 'Account'")
    org_now = datetime.fromtimestamp(sides.org.now(), UTC)
    assert 0 <= (org_now - row["server_at"]).total_seconds() < 10
    assert (row["server_at"] - row["stamp"]).total_seconds() == row["lag_seconds"]


# --- T4: formulas that change without a stamp ----------------------------------------------------


def a_deal(sides: BothSides) -> tuple[str, str]:
    """A partner and an opportunity registered by it, in Salesforce; their ids."""
    partner = sides.org.insert("Account", Name="Bechtle")
    deal = sides.org.insert(
        "Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2027-01-31", Partner__c=partner
    )
    return partner, deal


def test_a_renamed_parent_refreshes_the_formula_of_its_children(sides: BothSides) -> None:
    """T4: the child's stamp stays as it was."""
    partner, deal = a_deal(sides)
    sides.cycle()
    assert sides.row("opportunity", deal)["extra"]["registration_partner_name"] == "Bechtle"
    before = sides.org.get("Opportunity", deal, "SystemModstamp")
    sides.org.advance(1000)
    sides.cycle()
    sides.cycle()  # from here on no poll looks as far back as the child's stamp
    sides.org.update("Account", partner, Name="Bechtle AG")
    assert sides.org.get("Opportunity", deal, "SystemModstamp") == before
    sides.cycle()
    assert sides.row("opportunity", deal)["extra"]["registration_partner_name"] == "Bechtle AG"
    sides.settle(0)
    assert_equal_sides(sides)


@pytest.mark.parametrize("others", [0, 30], ids=["alone", "with many"])
def test_a_parent_that_we_rename_refreshes_the_formula_of_its_children_too(
    sides: BothSides, others: int
) -> None:
    """T4: the parent comes back as an echo, at once or with the next poll, and still the child is read."""
    _, deal = a_deal(sides)
    sides.org.insert_many("Account", [{"Name": f"Account {n}"} for n in range(others)])
    sides.cycle()
    sides.org.advance(1000)
    sides.cycle()
    sides.cycle()
    sides.sql("UPDATE account SET name = name || ' AG'")
    sides.cycle()
    sides.restart()
    sides.settle(1)
    assert sides.row("opportunity", deal)["extra"]["registration_partner_name"] == "Bechtle AG"
    assert_equal_sides(sides)


# --- T5: changes by the system -------------------------------------------------------------------


def test_a_change_by_the_system_that_only_moves_system_modstamp_arrives(sides: BothSides) -> None:
    """T5: LastModifiedDate does not tell."""
    sf_id = sides.org.insert("Account", Name="Bosch", Phone="1")
    sides.cycle()
    before = sides.org.get("Account", sf_id, "LastModifiedDate")
    sides.org.advance(1000)
    sides.cycle()
    sides.org.act("poke", object="Account", id=sf_id, field="Phone", value="2")
    assert sides.org.get("Account", sf_id, "LastModifiedDate") == before
    sides.cycle()
    assert sides.row("account", sf_id)["phone"] == "2"
    sides.settle(0)
    assert_equal_sides(sides)


def test_a_touch_by_the_system_writes_nothing_on_either_side(sides: BothSides) -> None:
    """T5: a new stamp without a new value is no change."""
    sf_id = sides.org.insert("Account", Name="Bosch", Phone="1")
    sides.cycle()
    version = sides.row("account", sf_id)["row_version"]
    sides.org.advance(1000)
    sides.org.act("touch", object="Account", ids=[sf_id], system=True)
    assert sides.cycle().writes == 0
    assert sides.row("account", sf_id)["row_version"] == version
    assert_equal_sides(sides)


# --- T6: empty is a value ------------------------------------------------------------------------

#: column of ours → its field, and a value that both sides begin with
EVERY_TYPE = {
    "phone": ("Phone", "+49 711 1"),
    "type": ("Type", "Customer - Direct"),
    "annual_revenue": ("AnnualRevenue", 1200),
    "description": ("Description", "two\nlines"),
    "employees": ("NumberOfEmployees", 7),
    "founded": ("Founded__c", "1886-11-15"),
    "seen_at": ("Seen_At__c", "2026-01-31T23:30:00.000+0000"),
    "tags": ("Tags__c", "A;B"),
    "share": ("Share__c", 12.5),
}


def accounts_of_every_type(sides: BothSides, count: int) -> tuple[list[str], dict[str, str]]:
    """Records with a value of every type, and two lookups; their ids, and the parents by field."""
    for field in (
        {"name": "Founded__c", "type": "date"},
        {"name": "Seen_At__c", "type": "datetime"},
        {"name": "Tags__c", "type": "multipicklist", "picklist": ["A", "B"]},
        {"name": "Share__c", "type": "percent", "precision": 5, "scale": 2},
        {"name": "Distributor__c", "type": "reference", "reference_to": ["Account"]},
    ):
        sides.org.admin("add_field", object="Account", field=field)
        sides.org.admin("grant_field", object="Account", field=field["name"])
    sides.edit_mapping(
        "Account",
        "fields:\n",
        "fields:\n"
        "  - {sf: Founded__c, local: extra.founded, type: date}\n"
        "  - {sf: Seen_At__c, local: extra.seen_at, type: datetime}\n"
        "  - {sf: Tags__c, local: extra.tags, type: multipicklist}\n"
        "  - {sf: Share__c, local: extra.share, type: decimal(2)}\n",
    )
    sides.edit_mapping("Account", "order: 20\n", "order: 20\nbatch: {bulk_threshold: 30}\n")
    # A lookup needs a column of its own; the owner's stands in for any.
    sides.edit_mapping(
        "Account",
        "  - {sf: OwnerId, local: owner_id, object: User, direction: in}",
        "  - {sf: Distributor__c, local: owner_id, object: Account, after: true}",
    )
    parents = {name: sides.org.insert("Account", Name=name) for name in ("ParentId", "Distributor__c")}
    full = dict(EVERY_TYPE.values())
    rows = [{"Name": f"Account {n}", "Website": "kept.example", **full, **parents} for n in range(count)]
    return sides.org.insert_many("Account", rows), parents


CLEAR_HERE = (
    "UPDATE account SET phone = NULL, type = NULL, annual_revenue = NULL, description = NULL, "
    "parent_id = NULL, owner_id = NULL, extra = '{}' WHERE website IS NOT NULL"
)


@pytest.mark.parametrize("bulk", [False, True], ids=["REST", "Bulk"])
def test_a_value_of_any_type_that_we_clear_is_cleared_in_salesforce(sides: BothSides, bulk: bool) -> None:
    """T6: in a bulk file an empty cell means "leave", and only `#N/A` means "empty"."""
    ids, parents = accounts_of_every_type(sides, 40 if bulk else 3)
    sides.cycle()
    assert sides.row("account", ids[0])["extra"]["tags"] == ["A", "B"]
    sides.sql(CLEAR_HERE)
    sides.org.reset_calls()
    sides.settle()
    assert ("bulk2" in sides.org.calls()) is bulk
    for sf_id in ids:
        fields = [sf for sf, _ in EVERY_TYPE.values()] + list(parents)
        assert sides.org.get("Account", sf_id, *fields) == dict.fromkeys(fields)
        assert sides.org.get("Account", sf_id, "Website")["Website"] == "kept.example"
    assert_equal_sides(sides)


@pytest.mark.parametrize("bulk", [False, True], ids=["REST", "Bulk"])
def test_a_value_of_any_type_that_a_rep_clears_is_cleared_here(
    sides: BothSides, bulk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T6: the same inwards; a bulk result shows an empty cell where JSON shows null."""
    ids, parents = accounts_of_every_type(sides, 3)
    sides.cycle()
    fields = [sf for sf, _ in EVERY_TYPE.values()] + list(parents)
    sides.org.act(
        "update_many", object="Account", records=[{"Id": sf_id, **dict.fromkeys(fields)} for sf_id in ids]
    )
    if bulk:
        monkeypatch.setattr(pull, "BULK_FROM", 0)
        sides.sql("UPDATE sync_cursor SET stamp = NULL")
        sides.org.reset_calls()
    sides.cycle()
    if bulk:
        assert "bulk2" in sides.org.calls()
    for sf_id in ids:
        row = sides.row("account", sf_id)
        assert [row[c] for c in ("phone", "type", "annual_revenue", "description")] == [None] * 4
        assert (row["parent_id"], row["owner_id"], row["website"]) == (None, None, "kept.example")
        assert {key: row["extra"][key] for key in ("employees", "founded", "seen_at", "tags", "share")} == {
            "employees": None, "founded": None, "seen_at": None, "tags": None, "share": None,
        }  # fmt: skip
    sides.settle(0)
    assert_equal_sides(sides)


def test_in_one_bulk_file_a_field_that_one_row_clears_stays_in_the_others(sides: BothSides) -> None:
    """T6: rows of one file that touch different fields leave the rest alone."""
    sides.edit_mapping("Account", "order: 20\n", "order: 20\nbatch: {bulk_threshold: 30}\n")
    ids = sides.org.insert_many(
        "Account", [{"Name": f"Account {n}", "Phone": "1", "Industry": "Energy"} for n in range(40)]
    )
    sides.cycle()
    sides.sql("UPDATE account SET phone = NULL WHERE name < 'Account 2'")
    sides.sql("UPDATE account SET industry = NULL WHERE name >= 'Account 2'")
    sides.org.reset_calls()
    sides.cycle()
    assert "bulk2" in sides.org.calls()
    for sf_id in ids:
        found = sides.org.get("Account", sf_id, "Name", "Phone", "Industry")
        expected = (None, "Energy") if found["Name"] < "Account 2" else ("1", None)
        assert (found["Phone"], found["Industry"]) == expected
    sides.settle(1)
    assert_equal_sides(sides)


# --- T7: words that look like nothing ------------------------------------------------------------

WORDS = ["NA", "N/A", "#N/A", "None", "null", "NULL", "nil", "NaN", "true", "0", "007", "-", '"', "a,b", "'"]


@pytest.mark.parametrize("bulk", [False, True], ids=["REST", "Bulk"])
def test_words_that_mean_nothing_elsewhere_arrive_in_salesforce_as_they_are(
    sides: BothSides, bulk: bool
) -> None:
    """T7: a company may be called NA."""
    if bulk:
        sides.edit_mapping("Account", "order: 20\n", "order: 20\nbatch: {bulk_threshold: 5}\n")
    sides.cycle()
    made = {word: sides.insert("account", name=word, description=word) for word in WORDS}
    sides.org.reset_calls()
    sides.settle()
    assert ("bulk2" in sides.org.calls()) is bulk
    for word, local_id in made.items():
        sf_id = sides.sf_id(local_id)
        assert sides.org.get("Account", sf_id, "Name", "Description") == {"Name": word, "Description": word}
        row = sides.row("account", sf_id)
        assert (row["name"], row["description"]) == (word, word)
    assert_equal_sides(sides)


@pytest.mark.parametrize("bulk", [False, True], ids=["REST", "Bulk"])
def test_words_that_mean_nothing_elsewhere_arrive_here_as_they_are(
    sides: BothSides, bulk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T7: the same inwards, by query and by the first sync's bulk query."""
    if bulk:
        monkeypatch.setattr(pull, "BULK_FROM", 0)
    ids = sides.org.insert_many("Account", [{"Name": word, "Description": word} for word in WORDS])
    sides.org.reset_calls()
    sides.cycle()
    assert ("bulk2" in sides.org.calls()) is bulk
    for word, sf_id in zip(WORDS, ids, strict=True):
        row = sides.row("account", sf_id)
        assert (row["name"], row["description"]) == (word, word)
    sides.settle(0)
    assert_equal_sides(sides)
