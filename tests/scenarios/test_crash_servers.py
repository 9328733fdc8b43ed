"""kill -9 of PostgreSQL, Valkey, worker and scheduler in the middle of a push."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis

from app.config import PROJECT, Settings
from app.services import state
from app.services.commands import detach
from app.services.embedded import Options
from app.services.state import ServiceUrls
from app.services.upgrade import upgrade
from app.services.watchdog import alive, descendants
from tests.fixtures.crash import eventually, go_again, reached, syncing, unlocked
from tests.fixtures.org import OrgProcess
from tests.fixtures.services import folder_for_servers
from tests.fixtures.sync import BothSides, assert_equal_sides, both_sides


@dataclass
class Machine:
    """A pair of servers of this module's own, and the service's processes beside them."""

    data_dir: Path
    urls: ServiceUrls
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def server(self, name: str) -> int:
        """The process id of `postgres` or `valkey`."""
        home = Path(json.loads((self.data_dir / "services.json").read_text())["home"])
        file = home / name / ("postmaster.pid" if name == "postgres" else "valkey.pid")
        return int(file.read_text().split()[0])

    def kill(self, name: str) -> None:
        """kill -9, and wait until the supervisor has started it again."""
        before = self.server(name)
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: not alive(before))
        assert eventually(lambda: self.answers(name))

    def answers(self, name: str) -> bool:
        """Whether that server works."""
        try:
            if name == "postgres":
                psycopg.connect(self.urls.database, connect_timeout=2).close()
            else:
                with redis.Redis.from_url(self.urls.redis) as client:
                    client.ping()
        except (psycopg.Error, redis.RedisError):
            return False
        return True

    def run(self, sides: BothSides, *words: str) -> subprocess.Popen[bytes]:
        """`tandem …` as an operator starts it."""
        settings = sides.settings
        env = {
            **os.environ,
            "DATABASE_URL": self.urls.database,
            "REDIS_URL": self.urls.redis,
            "TANDEM_DATA_DIR": str(settings.data_dir),
            "SALESFORCE_LOGIN_URL": sides.org.https,
            "SALESFORCE_CLIENT_ID": sides.org.client_id,
            "SALESFORCE_USERNAME": sides.org.username,
            "SALESFORCE_KEY_FILE": str(sides.org.key_file),
            "SALESFORCE_CA_FILE": sides.org.ca,
        }
        with (self.data_dir / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", *words], cwd=PROJECT, env=env, stderr=log
            )
        self.processes.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 of a process with all that it started."""
        for pid in (process.pid, *descendants(process.pid)):
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def servers() -> Iterator[Machine]:
    with folder_for_servers() as folder:
        data_dir = folder / "data"
        data_dir.mkdir()
        settings = Settings(
            TANDEM_DATA_DIR=data_dir, DATABASE_URL=None, DATABASE_OWNER_URL=None, REDIS_URL=None
        )
        supervisor = detach(data_dir, Options(while_pid=os.getpid()))
        urls = state.locate(settings)
        upgrade(urls)
        yield Machine(data_dir, urls)
        os.kill(supervisor, signal.SIGTERM)
        assert eventually(lambda: not alive(supervisor))


@pytest.fixture
def machine(servers: Machine) -> Iterator[Machine]:
    """The servers, empty."""
    with psycopg.connect(servers.urls.database_owner) as connection:
        connection.execute("SELECT set_config('tandem.scope', 'system', false)")
        connection.execute(
            "TRUNCATE account, contact, crm_user, product, lead, opportunity, sync_link, sync_alias, "
            "sync_outbox, sync_cursor, sync_conflict, sync_refusal, sync_event, sync_bulk_job, sync_run, "
            "job_run CASCADE"
        )
    with redis.Redis.from_url(servers.urls.redis) as client:
        client.flushall()
    yield servers
    for process in servers.processes:
        servers.end(process)
    servers.processes.clear()


@pytest.fixture
def sides(org: OrgProcess, machine: Machine, tmp_path: Path) -> Iterator[BothSides]:
    with both_sides(org, machine.urls, tmp_path / "data") as connected:
        yield connected


def names_there(sides: BothSides) -> list[str]:
    return [row["Name"] for row in sides.org.query("SELECT Name FROM Account ORDER BY Name")]


def done(sides: BothSides) -> bool:
    """Whether a worker has brought a cycle to its end."""
    return bool(sides.sql("SELECT id FROM job_run WHERE name = 'sync.cycle' AND outcome = 'done'"))


#: The calls of the cycle below that write: after two polls a plain one, and one with a condition.
#: `latency`: the org does its work when PostgreSQL is already gone.
MOMENTS = [
    (3, "latency"),
    (3, "timeout_after_commit"),
    (4, "latency"),
    (4, "timeout_after_commit"),
]


@pytest.mark.timeout(180)
def test_postgresql_killed_in_the_middle_of_a_push_loses_nothing_and_repeats_nothing(
    machine: Machine, sides: BothSides
) -> None:
    mine = sides.org.insert("Account", Name="Acme")
    sides.cycle()
    local_id = sides.row("account", mine)["id"]
    for number, (call, kind) in enumerate(MOMENTS):
        sides.insert("account", name=f"Made {number}")
        sides.change("account", local_id, phone=str(number))
        sides.org.advance(2)
        sides.org.update("Account", mine, Industry=f"Industry {number}")
        sides.org.advance(2)
        sides.org.fault(kind, path="/services/data", nth=call, times=1, seconds=0.5)
        child = syncing(sides.settings)
        assert reached(sides, child)
        machine.kill("postgres")
        child.join(30)
        assert child.exitcode == 1, "it says what is wrong and ends"
        sides.org.clear_faults()
        sides.database.dispose()
        unlocked(sides)
        go_again(sides)
        sides.settle()
        assert names_there(sides) == ["Acme", *(f"Made {n}" for n in range(number + 1))]
        assert sides.org.get("Account", mine, "Phone") == {"Phone": str(number)}
        assert sides.row("account", mine)["industry"] == f"Industry {number}"
        assert sides.outbox() == []
        assert_equal_sides(sides)


@pytest.mark.timeout(180)
def test_worker_scheduler_and_valkey_killed_in_the_middle_of_a_push_lose_nothing(
    machine: Machine, sides: BothSides
) -> None:
    sides.cycle()
    for name, kind in (("Stopped", "timeout"), ("Unheard", "timeout_after_commit")):
        scheduler, worker = machine.run(sides, "scheduler"), machine.run(sides, "worker")
        # The only call that says the account's name is the one that writes it.
        sides.org.fault(kind, path="/composite$", object=name, seconds=1.0)
        sides.insert("account", name=name)
        sides.sql("DELETE FROM job_run")
        assert eventually(lambda: any(fault["fired"] for fault in sides.org.faults()), 40)
        machine.end(worker)
        machine.end(scheduler)
        machine.kill("valkey")
        with redis.Redis.from_url(machine.urls.redis) as client:
            client.flushall()  # what it had not yet on disk, and the rest too
        sides.org.clear_faults()
        unlocked(sides)
        started = sides.sql("SELECT outcome FROM job_run WHERE lease_until IS NOT NULL")
        assert [run["outcome"] for run in started] == [None], "the job was under way"

        sides.sql("UPDATE job_run SET lease_until = clock_timestamp(), hinted_at = NULL")
        go_again(sides)
        machine.run(sides, "scheduler")
        machine.run(sides, "worker")
        assert eventually(lambda: sides.outbox() == [], 40)
        assert eventually(lambda: done(sides))
        for process in machine.processes:
            machine.end(process)
        unlocked(sides)
        sides.settle()
        assert names_there(sides).count(name) == 1
        assert_equal_sides(sides)
    assert names_there(sides) == ["Stopped", "Unheard"]
