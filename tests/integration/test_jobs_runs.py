"""The rows behind the jobs, on a real database, with leases on its clock."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from app.db import Database
from app.kernel.actor import SYSTEM
from jobs import runs

LEASE = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=50)


def ask(database: Database, name: str = "sync.cycle", **arguments: object) -> UUID:
    with database.session(SYSTEM) as session:
        return runs.request(session, name, arguments)


def claim(database: Database, run: UUID, lease: timedelta = LEASE) -> runs.Claim | None:
    with database.session(SYSTEM) as session:
        return runs.claim(session, run, lease)


def due(database: Database) -> list[UUID]:
    with database.session(SYSTEM) as session:
        return [one.run for one in runs.due(session, ["sync.cycle", "deals.expire"])]


def finish(database: Database, claimed: runs.Claim) -> bool:
    with database.session(SYSTEM) as session:
        return runs.finish(session, claimed, "done")


def column(database: Database, run: UUID, name: str) -> object:
    with database.session(SYSTEM) as session:
        return session.execute(text(f"SELECT {name} FROM job_run WHERE id = :run"), {"run": run}).scalar_one()


def test_asking_twice_before_a_worker_begins_is_asking_once(database: Database) -> None:
    first = ask(database)
    assert ask(database) == first
    assert ask(database, "sync.cycle", account="A") != first
    assert claim(database, first) is not None
    assert ask(database) != first, "what changed since the run began needs a run of its own"


def test_a_run_is_claimed_by_one_of_many_workers(database: Database) -> None:
    run = ask(database)
    with ThreadPoolExecutor(5) as pool:
        claims = list(pool.map(lambda _: claim(database, run), range(5)))
    assert [one.attempt for one in claims if one] == [1]


def test_a_job_never_runs_beside_itself(database: Database) -> None:
    first = ask(database, account="A")
    second = ask(database, account="B")
    other = ask(database, "deals.expire")
    with ThreadPoolExecutor(2) as pool:
        claims = list(pool.map(lambda run: claim(database, run), [first, second]))
    (holder,) = [one for one in claims if one]
    assert claim(database, other) is not None
    waiting = second if holder.run == first else first
    assert claim(database, waiting) is None
    assert finish(database, holder)
    assert claim(database, waiting) is not None


def test_a_finished_run_is_not_run_again(database: Database) -> None:
    run = ask(database)
    claimed = claim(database, run)
    assert claimed is not None
    assert finish(database, claimed)
    assert claim(database, run) is None
    assert due(database) == []
    assert column(database, run, "outcome") == "done"


def test_a_silent_workers_run_goes_to_another_and_its_late_word_is_refused(database: Database) -> None:
    run = ask(database)
    silent = claim(database, run, MOMENT)
    assert silent is not None
    assert claim(database, run) is None
    time.sleep(0.1)
    second = claim(database, run)
    assert second is not None
    assert second.attempt == 2
    with database.session(SYSTEM) as session:
        assert not runs.renew(session, silent, LEASE)
        assert not runs.finish(session, silent, "failed", "too late")
        assert not runs.postpone(session, silent, LEASE, "too late")
    assert finish(database, second)
    assert column(database, run, "outcome") == "done"
    assert column(database, run, "error") is None


def test_a_renewed_lease_keeps_others_out(database: Database) -> None:
    run = ask(database)
    claimed = claim(database, run, MOMENT)
    assert claimed is not None
    with database.session(SYSTEM) as session:
        assert runs.renew(session, claimed, LEASE)
    time.sleep(0.1)
    assert claim(database, run) is None


def test_a_run_is_hinted_at_once_and_again_when_its_worker_died(database: Database) -> None:
    run = ask(database)
    assert due(database) == [run]
    assert due(database) == [], "the hint was just given"
    assert claim(database, run, MOMENT) is not None
    time.sleep(0.1)
    assert due(database) == [run]


def test_a_run_that_waited_for_its_like_is_hinted_at_when_that_ends(database: Database) -> None:
    first = ask(database)
    claimed = claim(database, first)
    assert claimed is not None
    second = ask(database)
    assert due(database) == [second]
    assert claim(database, second) is None
    assert due(database) == []
    with database.session(SYSTEM) as session:
        runs.finish(session, claimed, "done")
        runs.wake_next(session, claimed.name)
    assert due(database) == [second]


def test_a_postponed_run_waits_for_its_time(database: Database) -> None:
    run = ask(database)
    claimed = claim(database, run)
    assert claimed is not None
    with database.session(SYSTEM) as session:
        assert runs.postpone(session, claimed, timedelta(milliseconds=300), "Salesforce does not answer.")
    assert due(database) == []
    assert claim(database, run) is None
    assert column(database, run, "error") == "Salesforce does not answer."
    time.sleep(0.35)
    assert due(database) == [run]
    again = claim(database, run)
    assert again is not None
    assert again.attempt == 2


def test_a_job_that_ends_its_worker_each_time_is_given_up(database: Database) -> None:
    run = ask(database)
    for _ in range(2):
        assert claim(database, run, MOMENT) is not None
        time.sleep(0.1)
    with database.session(SYSTEM) as session:
        assert runs.give_up(session, "sync.cycle", 3) == []
        assert runs.give_up(session, "sync.cycle", 2) == [run]
    assert column(database, run, "error") == "The worker ended in the middle of the job 2 times; see its log."
    assert due(database) == []


def test_a_slot_is_filled_once_by_however_many_schedulers(database: Database) -> None:
    def fill(_: int) -> UUID | None:
        with database.session(SYSTEM) as session:
            return runs.fill_slot(session, "sync.cycle", timedelta(days=1))

    with ThreadPoolExecutor(5) as pool:
        made = [run for run in pool.map(fill, range(10)) if run]
    assert len(made) == 1
    claimed = claim(database, made[0])
    assert claimed is not None
    assert finish(database, claimed)
    assert fill(0) is None, "the slot has had its run"
    with database.session(SYSTEM) as session:
        slot = session.execute(text("SELECT slot = date_trunc('day', now(), 'UTC') FROM job_run"))
        assert slot.scalar_one() is True


def test_a_nightly_job_waits_for_its_hour_and_catches_up_when_it_was_missed(database: Database) -> None:
    day = timedelta(days=1)
    with database.session(SYSTEM) as session:
        into = session.execute(text("SELECT clock_timestamp() - date_trunc('day', clock_timestamp())"))
        so_far: timedelta = into.scalar_one()
    later, earlier = so_far + timedelta(hours=1), so_far / 2

    with database.session(SYSTEM) as session:
        assert runs.fill_slot(session, "sync.cycle", day, earlier) is None, "its hour was before it was new"
        tonight = runs.fill_slot(session, "sync.cycle", day, later)
    assert tonight is not None
    assert due(database) == []
    assert ask(database) == tonight, "asked for, it runs now"
    assert due(database) == [tonight]

    with database.session(SYSTEM) as session:
        session.execute(text("UPDATE job_run SET slot = slot - interval '3 days', started_at = due_at"))
        missed = runs.fill_slot(session, "sync.cycle", day, earlier)
    assert missed is not None
    assert missed in due(database)


def test_old_runs_are_forgotten_and_open_ones_never(database: Database) -> None:
    old, fresh, still_open = ask(database), ask(database, n=2), ask(database, n=3)
    for run in (old, fresh):
        claimed = claim(database, run)
        assert claimed is not None
        assert finish(database, claimed)
    with database.session(SYSTEM) as session:
        session.execute(
            text("UPDATE job_run SET finished_at = finished_at - interval '40 days' WHERE id = :run"),
            {"run": old},
        )
        session.execute(text("UPDATE job_run SET due_at = due_at - interval '40 days'"))
        assert runs.forget(session, timedelta(days=30)) == 1
        left = set(session.execute(text("SELECT id FROM job_run")).scalars())
    assert left == {fresh, still_open}
