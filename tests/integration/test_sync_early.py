"""Large groups of updates leave while what was read is applied; whatever was read is merged first."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.salesforce import BulkJob, QueryPage
from app.sync.inward import pull
from app.sync.outward import early
from app.sync.outward.settling import Report
from tests.fixtures.sync import BothSides, assert_equal_sides

Records = list[tuple[str, UUID]]


@pytest.fixture
def large(sides: BothSides) -> BothSides:
    """Both sides, and more than three rows are a large group."""
    sides.edit_mapping("Account", "order: 20", "order: 20\nbatch: {bulk_threshold: 3}")
    return sides


@pytest.fixture
def records(large: BothSides) -> Records:
    """Forty accounts that both sides hold: record ids with our ids."""
    sf_ids = large.org.insert_many("Account", [{"Name": f"Account {n}", "Phone": "1"} for n in range(40)])
    large.cycle()
    large.org.advance(600)  # what is older than the poll's overlap is not read again
    large.cycle()
    return [(sf_id, large.row("account", sf_id)["id"]) for sf_id in sf_ids]


def phones(sides: BothSides) -> dict[str, str]:
    """What the org's accounts hold."""
    return {row["Id"]: row["Phone"] for row in sides.org.query("SELECT Id, Phone FROM Account")}


def jobs(sides: BothSides) -> int:
    """How many Bulk jobs there were."""
    return int(sides.sql("SELECT count(*) AS n FROM sync_bulk_job")[0]["n"])


def jobs_at_each_page(sides: BothSides, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many Bulk jobs there were each time a page began to be applied."""
    seen: list[int] = []
    apply = pull._apply

    def watched(*arguments: object) -> None:
        seen.append(jobs(sides))
        apply(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pull, "_apply", watched)
    return seen


def started_before_applying(sides: BothSides, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the cycle wait with applying until the jobs are under way."""
    apply = pull._apply

    def patient(*arguments: object) -> None:
        for _ in range(200):
            if sides.sql("SELECT EXISTS (SELECT FROM sync_bulk_job) AS begun")[0]["begun"]:
                break
        apply(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pull, "_apply", patient)


def test_rows_that_nobody_touched_in_salesforce_leave_before_what_was_read_is_applied(
    large: BothSides, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sf_id, _ in records[:6]:
        large.org.update("Account", sf_id, Phone="theirs")
    for _, local_id in records[6:]:
        large.change("account", local_id, phone="ours")
    seen = jobs_at_each_page(large, monkeypatch)
    started_before_applying(large, monkeypatch)
    done = large.cycle(only=["Account"])
    assert seen == [1]
    assert (done.pulled["Account"].updated, done.pushed.updated) == (6, 34)
    assert list(phones(large).values()) == ["theirs"] * 6 + ["ours"] * 34
    assert large.outbox() == []
    large.settle()
    assert_equal_sides(large)


def test_a_row_whose_record_was_changed_as_well_is_merged_before_it_goes(
    large: BothSides, records: Records
) -> None:
    for sf_id, _ in records[:2]:
        large.org.update("Account", sf_id, Phone="theirs", Industry="Energy")
    for _, local_id in records:
        large.change("account", local_id, phone="ours", name="Renamed by us")
    large.cycle()
    found = phones(large)
    assert [found[sf_id] for sf_id, _ in records] == ["theirs"] * 2 + ["ours"] * 38
    assert large.row("account", records[0][0])["phone"] == "theirs"
    assert large.row("account", records[0][0])["industry"] == "Energy"
    large.settle()
    names = [row["Name"] for row in large.org.query("SELECT Name FROM Account")]
    assert names == ["Renamed by us"] * 40
    assert_equal_sides(large)


def test_a_record_that_was_deleted_in_salesforce_gets_no_early_write(
    large: BothSides, records: Records
) -> None:
    large.org.delete("Account", records[0][0])
    for _, local_id in records:
        large.change("account", local_id, phone="ours")
    large.cycle()
    [entry] = large.outbox()
    assert (entry["local_id"], entry["state"], entry["error_code"]) == (
        records[0][1],
        "held",
        "ENTITY_IS_DELETED",
    )
    assert set(phones(large).values()) == {"ours"}


def test_many_rows_changed_on_both_sides_make_one_job_and_not_two(large: BothSides, records: Records) -> None:
    for sf_id, _ in records[:6]:
        large.org.update("Account", sf_id, Industry="Energy")
    for _, local_id in records:
        large.change("account", local_id, phone="ours")
    large.org.reset_calls()
    large.cycle(due_only=True)
    assert jobs(large) == 1
    assert large.org.calls()["total"] == 1 + 5, "a poll; open, load, close, look and read the results"
    assert set(phones(large).values()) == {"ours"}


def test_a_job_that_was_opened_in_vain_is_aborted_and_its_rows_go_with_another(
    large: BothSides, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early, "_FRESH", -1.0)  # every plan is too old by the time the pages have come
    for _, local_id in records:
        large.change("account", local_id, phone="ours")
    large.cycle()
    assert jobs(large) == 2
    assert large.sql("SELECT count(*) AS n FROM sync_bulk_job WHERE finished_at IS NULL") == [{"n": 0}]
    kept = [BulkJob(**row["job"]) for row in large.sql("SELECT job FROM sync_bulk_job")]
    states = {job.phase for job in map(large.engine.gateway.bulk.ingest_poll, kept)}
    assert states == {"aborted", "done"}
    assert set(phones(large).values()) == {"ours"}


def test_a_row_whose_record_shows_up_on_a_later_page_is_as_it_was_before_it_was_marked(
    large: BothSides, records: Records
) -> None:
    for _, local_id in records:
        large.change("account", local_id, phone="ours")
    sent = Report()
    with early.Early(large.engine) as sender:
        assert sender.expect({"Account": QueryPage([], 40, done=False, next_url="/more")})
        sender.send({"Account": {records[0][0]}})
        [entry] = [entry for entry in large.outbox() if entry["local_id"] == records[0][1]]
        assert (entry["state"], entry["sent"]) == ("pending", None)
        sender.finish(sent)
    assert sent.updated == 39
    [entry] = large.outbox()
    assert (entry["local_id"], entry["state"], entry["sent"]) == (records[0][1], "pending", None)
    assert jobs(large) == 1
    assert phones(large)[records[0][0]] == "1"


def test_rows_of_an_object_that_was_not_read_to_the_end_are_as_before_and_stay(
    large: BothSides, records: Records
) -> None:
    for _, local_id in records:
        large.change("account", local_id, phone="ours")
    with early.Early(large.engine) as sender:
        assert sender.expect({"Account": QueryPage([], 40, done=False, next_url="/more")})
        sender.send({})
        assert {(entry["state"], entry["sent"]) for entry in large.outbox()} == {("pending", None)}
        sender.finish(Report())
    left = large.outbox()
    assert [(entry["state"], entry["sent"]) for entry in left] == [("pending", None)] * 40
    assert set(phones(large).values()) == {"1"}


def test_an_object_that_could_not_be_read_sends_nothing_early(large: BothSides, records: Records) -> None:
    for sf_id, _ in records:
        large.org.update("Account", sf_id, Phone="theirs")
    for _, local_id in records:
        large.change("account", local_id, phone="ours")
    large.org.fault("query_timeout", object="Account", times=1)
    large.settle()
    assert set(phones(large).values()) == {"theirs"}
    assert_equal_sides(large)


def test_a_row_that_changes_again_while_its_job_runs_goes_with_the_next_cycle(
    large: BothSides, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    large.org.update("Account", records[0][0], Industry="Energy")
    for _, local_id in records[1:]:
        large.change("account", local_id, phone="ours")
    apply = pull._apply

    def meanwhile(*arguments: object) -> None:
        large.change("account", records[5][1], phone="ours again")
        apply(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pull, "_apply", meanwhile)
    started_before_applying(large, monkeypatch)
    large.cycle(only=["Account"])
    assert [entry["local_id"] for entry in large.outbox()] == [records[5][1]]
    assert phones(large)[records[5][0]] == "ours"
    monkeypatch.undo()
    large.settle()
    assert phones(large)[records[5][0]] == "ours again"
    assert phones(large)[records[6][0]] == "ours"
    assert_equal_sides(large)


def test_a_row_that_salesforce_refuses_in_an_early_job_says_why_and_stops_no_other(
    large: BothSides, records: Records
) -> None:
    large.org.fault("row_error", times=1, code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="Call first.")
    for _, local_id in records:
        large.change("account", local_id, phone="ours")
    large.cycle()
    assert sorted(phones(large).values()) == ["1"] + ["ours"] * 39
    [entry] = large.outbox()
    assert entry["state"] == "held"
    assert "Call first." in entry["error"]


def test_an_answer_lost_in_an_early_job_leaves_every_row_for_the_next_cycle(
    large: BothSides, records: Records
) -> None:
    for _, local_id in records:
        large.change("account", local_id, phone="ours")
    large.org.fault("drop_before_commit", method="PUT", path="/jobs/ingest", times=9)
    large.org.insert("Account", Name="From a rep")
    with pytest.raises(Exception, match="jobs/ingest"):
        large.cycle()
    large.org.clear_faults()
    assert len(large.outbox()) == 40
    [new] = large.sql("SELECT count(*) AS n FROM account WHERE name = 'From a rep'")
    assert new["n"] == 1, "what was read stays applied"
    large.sql("UPDATE sync_outbox SET next_at = clock_timestamp()")
    large.settle()
    assert sorted(filter(None, phones(large).values())) == ["ours"] * 40
    assert_equal_sides(large)
