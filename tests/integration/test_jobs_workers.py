"""Real workers and schedulers in processes of their own, killed, paused, and robbed of Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import Misconfigured
from app.queues import Queues
from app.services import ServiceUrls, ports, valkey
from app.services.accounts import service_account
from app.services.binaries import pick_valkey
from app.services.supervisor import Supervisor
from app.services.watchdog import alive, descendants
from jobs import runs, schedule, work
from jobs.schedule import Job
from jobs.scheduler import Scheduler
from tests.fixtures.services import folder_for_servers

PROJECT = Path(__file__).resolve().parents[2]

#: Jobs that leave a line in a file when they begin and when they end.
JOBS = """
import os, time
from datetime import timedelta
from pathlib import Path
from app.kernel.errors import Misconfigured, Unavailable
from jobs import schedule
from jobs.schedule import Job

def note(word):
    with Path(os.environ["NOTES"]).open("a") as file:
        file.write(word + "\\n")

def quick(settings, n=0):
    note(f"did {n}")

def slow(settings):
    note("began")
    time.sleep(float(os.environ.get("SLOW", "1.5")))
    note("ended")

def refusing(settings):
    raise Unavailable("Salesforce does not answer.", remedy="Nothing to do.")

def misconfigured(settings):
    raise Misconfigured("Tandem is not connected.", remedy="Run `tandem connect`.")

def broken(settings):
    raise ValueError("no such column")

second = timedelta(seconds=1)
schedule.SCHEDULE = (
    Job(name="test.quick", function="probe_jobs:quick", description="x"),
    Job(name="test.slow", function="probe_jobs:slow", description="x", lease=second),
    Job(name="test.refusing", function="probe_jobs:refusing", description="x", attempts=2),
    Job(name="test.misconfigured", function="probe_jobs:misconfigured", description="x"),
    Job(name="test.broken", function="probe_jobs:broken", description="x", attempts=1),
)
if os.environ.get("TICKING"):
    schedule.SCHEDULE = (Job(name="test.tick", function="probe_jobs:quick", every=second, description="x"),)
schedule.PENDING = ()
"""


KNOWN = ("quick", "slow", "refusing", "broken", "misconfigured")


@dataclass
class Plant:
    """A database, a Redis and a folder in which workers run the jobs above."""

    urls: ServiceUrls
    folder: Path
    database: Database
    queues: Queues
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, command: str, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        script = f"import probe_jobs; from jobs.commands import {command}; {command}()"
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", script, *arguments], cwd=self.folder, env=self.env | env, stderr=log
            )
        self.processes.append(process)
        return process

    def burst(self, **env: str) -> None:
        """One worker, until the queues are empty."""
        assert self.run("worker", "--burst", **env).wait(60) == 0, (self.folder / "log").read_text()

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(PROJECT)]),
            "DATABASE_URL": self.urls.database,
            "DATABASE_OWNER_URL": self.urls.database_owner,
            "REDIS_URL": self.urls.redis,
            "NOTES": str(self.folder / "notes"),
        }

    def notes(self) -> list[str]:
        path = self.folder / "notes"
        return path.read_text().split("\n")[:-1] if path.exists() else []

    def ask(self, name: str, **arguments: object) -> None:
        with self.database.session(SYSTEM) as session:
            runs.request(session, name, arguments)

    def tick(self) -> int:
        return Scheduler(self.database, self.queues).tick()

    def rows(self) -> list[tuple[str, int, str | None]]:
        with self.database.session(SYSTEM) as session:
            found = session.execute(text("SELECT outcome, attempts, error FROM job_run ORDER BY due_at"))
            return [(row.outcome, row.attempts, row.error) for row in found]


@pytest.fixture
def plant(
    database_urls: ServiceUrls,
    database: Database,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Plant]:
    (tmp_path / "probe_jobs.py").write_text(JOBS)
    urls = ServiceUrls(database_urls.database, database_urls.database_owner, redis_url)
    known = [Job(name=f"test.{name}", function="jobs.work:perform", description="") for name in KNOWN]
    monkeypatch.setattr(schedule, "SCHEDULE", tuple(known))
    monkeypatch.setattr(schedule, "PENDING", ())
    made = Plant(urls, tmp_path, database, Queues(redis_url))
    yield made
    for process in made.processes:
        family = [process.pid, *descendants(process.pid)]
        for pid in family:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait()
    made.queues.close()


def eventually(true: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_hint_becomes_a_row_and_the_row_is_done(plant: Plant) -> None:
    assert plant.queues.enqueue_hint("test.quick", n=7)
    assert plant.queues.enqueue_hint("test.quick", n=7), "the same again, before a worker began"
    plant.burst()
    assert plant.notes() == ["did 7"]
    assert plant.rows() == [("done", 1, None)]
    assert plant.queues.enqueue_hint("test.quick", n=7)
    plant.burst()
    assert plant.notes() == ["did 7", "did 7"]


def test_all_that_redis_forgot_is_rebuilt_from_the_rows(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(20):
        plant.ask("test.quick", n=n)
    assert plant.tick() == 20
    plant.queues.connection.flushdb()
    plant.burst()
    assert plant.notes() == [], "nothing is left in Redis"

    assert plant.tick() == 0, "not before the workers had their time"
    monkeypatch.setattr(runs, "HINT_AGAIN", timedelta(0))
    assert plant.tick() == 20
    plant.burst()
    assert sorted(plant.notes()) == sorted(f"did {n}" for n in range(20))
    assert plant.rows() == [("done", 1, None)] * 20


def test_a_killed_workers_job_is_taken_over_when_its_lease_ends(plant: Plant) -> None:
    plant.ask("test.slow")
    assert plant.tick() == 1
    worker = plant.run("worker", SLOW="60")
    assert eventually(lambda: plant.notes() == ["began"])
    for pid in (worker.pid, *descendants(worker.pid)):
        os.kill(pid, signal.SIGKILL)
    assert plant.tick() == 0, "its lease has not ended yet"
    assert eventually(lambda: plant.tick() == 1, seconds=5)
    plant.burst(SLOW="0")
    assert plant.notes() == ["began", "began", "ended"]
    assert plant.rows() == [("done", 2, None)]


def test_a_worker_that_was_paused_past_its_lease_ends_without_a_word(plant: Plant) -> None:
    plant.ask("test.slow")
    plant.tick()
    worker = plant.run("worker", SLOW="4")
    assert eventually(lambda: plant.notes() == ["began"])
    (horse,) = descendants(worker.pid)
    os.kill(worker.pid, signal.SIGSTOP)
    os.kill(horse, signal.SIGSTOP)
    assert eventually(lambda: plant.tick() == 1, seconds=5)
    plant.burst(SLOW="0")
    os.kill(horse, signal.SIGCONT)
    assert eventually(lambda: not alive(horse), seconds=3)
    assert plant.notes() == ["began", "began", "ended"]
    assert plant.rows() == [("done", 2, None)]


def test_a_job_longer_than_its_lease_keeps_it(plant: Plant) -> None:
    plant.ask("test.slow")
    plant.tick()
    worker = plant.run("worker", "--burst", SLOW="2.5")
    assert eventually(lambda: plant.notes() == ["began"])
    while worker.poll() is None:
        assert plant.tick() == 0
        time.sleep(0.2)
    assert plant.notes() == ["began", "ended"]
    assert plant.rows() == [("done", 1, None)]


def test_a_failing_job_says_why_and_is_tried_again_later(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.ask("test.refusing")
    plant.tick()
    plant.burst()
    reason = "Salesforce does not answer. Nothing to do."
    assert plant.rows() == [(None, 1, reason)]
    with plant.database.session(SYSTEM) as session:
        wait = session.execute(text("SELECT due_at - clock_timestamp() FROM job_run")).scalar_one()
        assert timedelta(seconds=1) < wait <= work.FIRST_PAUSE
        session.execute(text("UPDATE job_run SET due_at = clock_timestamp()"))
    plant.tick()
    plant.burst()
    assert plant.rows() == [("failed", 2, reason)]


def test_a_broken_job_is_failed_with_its_error(plant: Plant) -> None:
    plant.queues.enqueue_hint("test.broken")
    plant.burst()
    assert plant.rows() == [("failed", 1, "ValueError: no such column")]


def test_what_only_a_person_can_mend_is_not_tried_again(plant: Plant) -> None:
    plant.queues.enqueue_hint("test.misconfigured")
    plant.burst()
    assert plant.rows() == [("failed", 1, "Tandem is not connected. Run `tandem connect`.")]


def test_a_job_that_nobody_knows_makes_no_row(plant: Plant) -> None:
    plant.queues.enqueue_hint("test.ghost")
    plant.burst()
    assert plant.rows() == []


def test_two_schedulers_fill_each_slot_once_and_one_takes_over_when_the_other_is_killed(plant: Plant) -> None:
    def led() -> int:
        return (plant.folder / "log").read_text().count("this scheduler leads")

    def slots() -> list[object]:
        with plant.database.session(SYSTEM) as session:
            return list(session.execute(text("SELECT slot FROM job_run ORDER BY slot")).scalars())

    def work_off() -> None:
        with plant.database.session(SYSTEM) as session:
            session.execute(
                text(
                    "UPDATE job_run SET started_at = now(), finished_at = now(), outcome = 'done' "
                    "WHERE finished_at IS NULL"
                )
            )

    leader = plant.run("scheduler", TICKING="1")
    assert eventually(lambda: led() == 1)
    plant.run("scheduler", TICKING="1")
    assert eventually(lambda: "standing by" in (plant.folder / "log").read_text())
    assert eventually(lambda: work_off() or len(slots()) >= 2)
    assert led() == 1

    leader.kill()
    assert eventually(lambda: led() == 2)
    so_far = len(slots())
    assert eventually(lambda: work_off() or len(slots()) > so_far)
    assert len(slots()) == len(set(slots()))


def test_without_redis_nobody_is_held_up_and_nothing_is_lost(plant: Plant) -> None:
    gone = Queues("redis://127.0.0.1:1/0")
    began = time.monotonic()
    assert gone.enqueue_hint("test.quick") is False
    assert time.monotonic() - began < 1
    plant.ask("test.quick", n=1)
    assert Scheduler(plant.database, gone).tick() == 0
    gone.close()
    with plant.database.session(SYSTEM) as session:
        session.execute(text("UPDATE job_run SET hinted_at = hinted_at - interval '1 minute'"))
    assert plant.tick() == 1
    plant.burst()
    assert plant.notes() == ["did 1"]


def test_a_redis_without_memory_refuses_a_hint_and_forgets_none() -> None:
    port = ports.choose(None, None, "Valkey", "")
    with folder_for_servers() as folder, Supervisor() as supervisor:
        account, log = service_account(), folder / "valkey.log"
        supervisor.start(valkey.program(pick_valkey(), folder, port, log, account, "secret"))
        queues = Queues(valkey.url("secret", port))
        assert queues.enqueue_hint("test.quick", n=1)
        assert queues.connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        queues.connection.config_set("maxmemory", "1mb")
        assert queues.enqueue_hint("test.quick", n=2) is False
        queues.connection.config_set("maxmemory", "0")
        assert queues.connection.llen("rq:queue:test") == 1
        queues.close()


def test_an_unknown_queue_is_refused_by_name(plant: Plant) -> None:
    worker = plant.run("worker", "--queue", "tset")
    assert worker.wait(30) == 2
    assert "no such queue: tset. Queues: test." in (plant.folder / "log").read_text()


def test_a_run_of_a_job_that_is_not_in_the_schedule_is_a_clear_error(plant: Plant) -> None:
    plant.ask("gone.job")
    with plant.database.session(SYSTEM) as session:
        assert runs.due(session, ["test.quick"]) == []
        (run,) = (one.run for one in runs.due(session, ["gone.job"]))
    with pytest.raises(Misconfigured, match=r'There is no job "gone\.job"'):
        work.work_on(plant.database, Settings.from_env(), run)
