"""Forgotten jobs, short answers, jumping clocks: the sync goes on and says what it could not do."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from app.salesforce import BulkJob, SalesforceError
from app.sync import service
from app.sync.inward import pull, reread
from tests.fixtures.sync import BothSides, assert_equal_sides

GONE = "750000000000001AAA"


def remember_backfill(sides: BothSides, sobject: str, phase: str) -> None:
    """As if a process had died in a first sync whose job Salesforce has thrown away since."""
    state = {
        "job": asdict(BulkJob(GONE, phase, "query", sobject)),  # type: ignore[arg-type]
        "locator": None,
        "slice": 0,
        "rows": 0,
        "horizon": "2026-01-01T00:00:00Z",
    }
    sides.sql(
        "INSERT INTO sync_cursor (sobject, backfill) VALUES (:sobject, CAST(:state AS jsonb))",
        sobject=sobject,
        state=orjson.dumps(state).decode(),
    )


def test_a_bulk_write_that_salesforce_has_forgotten_does_not_stop_the_sending(sides: BothSides) -> None:
    sides.cycle()
    sides.sql(
        "INSERT INTO sync_bulk_job (sobject, job) VALUES ('Account', CAST(:job AS jsonb))",
        job=orjson.dumps(asdict(BulkJob(GONE, "running", "upsert", "Account"))).decode(),
    )
    local_id = sides.insert("account", name="Siemens AG")
    sides.settle()
    assert sides.org.get("Account", sides.sf_id(local_id), "Name")["Name"] == "Siemens AG"
    assert service.pending_work(sides.database) == []


@pytest.mark.parametrize("phase", ["running", "done"])
def test_a_first_sync_whose_job_is_gone_begins_again_and_holds_up_no_other_object(
    sides: BothSides, phase: str
) -> None:
    account = sides.org.insert("Account", Name="Bosch GmbH")
    sides.org.insert("Product2", Name="Drill")
    remember_backfill(sides, "Product2", phase)
    first = sides.cycle()
    assert list(first.refused) == ["Product2"]
    assert sides.row("account", account)["name"] == "Bosch GmbH"
    sides.settle()
    assert [row["name"] for row in sides.sql("SELECT name FROM product")] == ["Drill"]


def test_what_changed_during_a_long_first_sync_is_read_before_anything_is_sent(
    sides: BothSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_FROM", 2)
    ids = sides.org.insert_many("Account", [{"Name": f"Account {n}"} for n in range(4)])

    def meanwhile(sobject: str, rows: int, of: int) -> None:
        if sobject != "Account":
            return
        sides.org.update("Account", ids[0], Phone="theirs")
        sides.change("account", sides.row("account", ids[0])["id"], phone="ours")

    sides.engine.progress = meanwhile
    sides.cycle()
    assert sides.row("account", ids[0])["phone"] == "theirs"
    assert sides.org.get("Account", ids[0], "Phone")["Phone"] == "theirs"
    sides.engine.progress = None
    sides.settle()
    assert_equal_sides(sides)


def test_records_of_a_short_answer_are_not_taken_for_deleted(sides: BothSides) -> None:
    ids = sides.org.insert_many("Account", [{"Name": f"Account {n}"} for n in range(6)])
    sides.cycle()
    sides.org.fault("short_page", rows=2, times=9)
    reread.look_up(sides.engine, {"Account": set(ids)})
    sides.org.clear_faults()
    assert sides.sql("SELECT name FROM account WHERE deleted_at IS NOT NULL") == []
    assert sides.events("deleted") == []


def test_a_poll_in_smaller_windows_never_passes_what_may_still_appear(sides: BothSides) -> None:
    sides.org.insert("Account", Name="Early")
    sides.cycle()
    sides.org.fault("query_timeout", object="Account", times=1)
    sides.cycle()
    [row] = sides.sql("SELECT stamp, lag_seconds FROM sync_cursor WHERE sobject = 'Account'")
    org_now = datetime.fromtimestamp(sides.org.now(), UTC)
    assert (org_now - row["stamp"]).total_seconds() >= row["lag_seconds"]
    sides.org.clear_faults()
    sides.settle()
    assert_equal_sides(sides)


def test_a_clock_of_ours_that_went_back_a_day_does_not_stop_slow_objects(sides: BothSides) -> None:
    sides.cycle()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    sides.sql("UPDATE sync_cursor SET polled_at = :at WHERE sobject = 'User'", at=tomorrow)
    assert "User" in sides.cycle(due_only=True).pulled


def test_a_slow_object_with_changes_to_send_is_read_first_whatever_its_beat(sides: BothSides) -> None:
    sides.edit_mapping("Account", "\nfields:", "\nevery: 86400\nfields:")
    sf_ids = sides.org.insert_many("Account", [{"Name": f"Account {n}", "Phone": "1"} for n in range(30)])
    sides.cycle()
    for sf_id in sf_ids:
        sides.org.update("Account", sf_id, Phone="theirs")
    sides.sql("UPDATE account SET phone = 'ours'")
    sides.cycle(due_only=True)
    sides.cycle(due_only=True)
    found = {r["Phone"] for r in sides.org.query("SELECT Phone FROM Account")}
    assert found == {"theirs"}
    assert {row["phone"] for row in sides.sql("SELECT phone FROM account")} == {"theirs"}


def test_objects_that_could_not_be_read_are_not_written_over(sides: BothSides) -> None:
    sf_ids = sides.org.insert_many("Account", [{"Name": f"Account {n}", "Phone": "1"} for n in range(30)])
    sides.cycle()
    for sf_id in sf_ids:
        sides.org.update("Account", sf_id, Phone="theirs")
    sides.sql("UPDATE account SET phone = 'ours'")
    sides.org.fault("query_timeout", object="Account", times=20)
    with suppress(SalesforceError):
        sides.cycle()
    sides.org.clear_faults()
    sides.settle()
    assert {r["Phone"] for r in sides.org.query("SELECT Phone FROM Account")} == {"theirs"}


def test_a_bulk_write_that_hangs_is_aborted_and_its_rows_go_with_the_next(sides: BothSides) -> None:
    sides.edit_mapping("Account", "\nfields:", "\nbatch: {bulk_threshold: 5}\nfields:")
    sides.cycle()
    for number in range(8):
        sides.insert("account", name=f"Account {number}")
    sides.org.fault("bulk_stuck")
    sides.engine.bulk_patience = 0.5
    sides.cycle()
    assert sides.org.query("SELECT COUNT(Id) n FROM Account")[0]["n"] in (0, 8)
    sides.org.clear_faults()
    sides.sql("UPDATE sync_outbox SET next_at = clock_timestamp()")
    sides.settle()
    assert sides.org.query("SELECT COUNT(Id) n FROM Account")[0]["n"] == 8
    assert sides.outbox() == []
