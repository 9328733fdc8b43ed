"""Failures that other integrations met, T1 to T7: what a poll misses, and what empty and "NA" mean."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from app.sync import service
from app.sync.engine import Applied
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

    def die_after_eleven_pages(_: Session, changes: Sequence[Applied]) -> None:
        if len(applied) == 11:
            raise KeyboardInterrupt
        applied.append(len(changes))

    sides.engine.observers = [die_after_eleven_pages]
    with pytest.raises(KeyboardInterrupt):
        sides.cycle()
    assert len(names_here(sides)) == sum(applied[1:]) == 2000  # the users came before
    sides.restart()
    cycle = sides.cycle()
    assert cycle.pulled["Account"].created == 3000
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
    sides.org.update("Account", partner, Name="Bechtle AG")
    assert sides.org.get("Opportunity", deal, "SystemModstamp") == before
    sides.cycle()
    assert sides.row("opportunity", deal)["extra"]["registration_partner_name"] == "Bechtle AG"
    sides.settle(0)
    assert_equal_sides(sides)


def test_a_parent_that_we_rename_refreshes_the_formula_of_its_children_too(sides: BothSides) -> None:
    """T4: the change of the parent comes back as an echo, and still the child is read."""
    partner, deal = a_deal(sides)
    sides.cycle()
    sides.org.advance(1000)
    sides.change("account", sides.row("account", partner)["id"], name="Bechtle AG")
    sides.settle()
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
