"""`tandem services` with real servers: started, killed in every way, started again."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from app.services.binaries import postgres_installations
from app.services.valkey import client
from app.services.watchdog import alive
from tests.fixtures.services import folder_for_servers

PROJECT = Path(__file__).resolve().parents[2]
ROOT = os.geteuid() == 0


def eventually(true: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@dataclass
class Machine:
    """One data directory and the command, as a person would type it."""

    data_dir: Path
    launcher: list[str] = field(default_factory=lambda: [sys.executable])
    extra_env: dict[str, str] = field(default_factory=dict)

    def tandem(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.launcher, "-m", "app.cli", *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=PROJECT,
            env=self.env(),
        )

    def ok(self, *words: str) -> str:
        answer = self.tandem(*words)
        assert answer.returncode == 0, answer.stderr + answer.stdout
        return answer.stdout

    def refused(self, *words: str) -> str:
        """The one sentence of a command that must fail."""
        answer = self.tandem(*words)
        assert answer.returncode == 1, answer.stdout + answer.stderr
        lines = answer.stderr.strip().splitlines()
        assert len(lines) == 1, answer.stderr
        return lines[0]

    def env(self) -> dict[str, str]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if key not in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
        }
        return kept | {"TANDEM_DATA_DIR": str(self.data_dir)} | self.extra_env

    @property
    def state(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.data_dir / "services.json").read_text())
        return loaded

    def port(self, server: str) -> int:
        port: int = self.state["servers"][server]["port"]
        return port

    def processes(self) -> dict[str, int]:
        """The process ids of the supervisor and of both servers."""
        home = Path(self.state["home"])
        return {
            "supervisor": self.state["supervisor"],
            "postgres": int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0]),
            "valkey": int((home / "valkey" / "valkey.pid").read_text()),
        }

    def remember(self, word: str) -> None:
        """Write a word into both servers."""
        with psycopg.connect(self.state["urls"]["DATABASE_OWNER_URL"]) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
            connection.execute("INSERT INTO memory VALUES (%s)", [word])
        with redis.Redis.from_url(self.state["urls"]["REDIS_URL"]) as client:
            client.rpush("memory", word)

    def memory(self) -> tuple[list[str], list[str]]:
        """Every word that PostgreSQL and that Valkey know."""
        with psycopg.connect(self.state["urls"]["DATABASE_OWNER_URL"]) as connection:
            rows = [row[0] for row in connection.execute("SELECT word FROM memory").fetchall()]
        with redis.Redis.from_url(self.state["urls"]["REDIS_URL"]) as client:
            words: Any = client.lrange("memory", 0, -1)
        return rows, [word.decode() for word in words]


@pytest.fixture
def new_machine() -> Iterator[Machine]:
    """A data directory yet to be made, with a space in its path; what runs there is ended afterwards."""
    with folder_for_servers() as folder:
        made = Machine(folder / "my data")
        yield made
        if (made.data_dir / "services.json").exists():
            made.tandem("services", "stop")
            shutil.rmtree(made.state["home"], ignore_errors=True)


@pytest.fixture(scope="session")
def seed() -> Iterator[Path]:
    """The data directory of servers that ran once: copying it is faster than making it."""
    with folder_for_servers() as folder:
        once = Machine(folder / "data")
        once.ok("services", "start")
        once.ok("services", "stop")
        (once.data_dir / "services.json").unlink()
        yield once.data_dir


@pytest.fixture
def machine(new_machine: Machine, seed: Path) -> Machine:
    """A data directory with servers that ran before, at ports that nobody remembers."""
    subprocess.run(["cp", "-a", str(seed), str(new_machine.data_dir)], check=True)
    return new_machine


def test_start_use_stop_and_start_again(new_machine: Machine) -> None:
    new_machine.ok("services", "start")
    new_machine.remember("kept")
    before = new_machine.processes()

    assert new_machine.ok("services", "start") == "The services run already.\n"
    assert new_machine.processes() == before

    new_machine.ok("services", "stop")
    assert not any(alive(pid) for pid in before.values())
    assert new_machine.ok("services", "stop") == "The services do not run.\n"

    ports = new_machine.port("postgres"), new_machine.port("valkey")
    new_machine.ok("services", "start")
    assert (new_machine.port("postgres"), new_machine.port("valkey")) == ports
    assert new_machine.memory() == (["kept"], ["kept"])


def test_what_runs_is_told_to_people_and_to_programs_without_passwords(machine: Machine) -> None:
    down = machine.tandem("services", "status")
    assert down.returncode == 1
    assert "DOES NOT ANSWER  not started; run `tandem services start`" in down.stdout

    machine.ok("services", "start")
    told = machine.ok("services", "status", "--json")
    report = json.loads(told)
    for name, minimum in (("postgres", 15), ("valkey", 7)):
        server = report["servers"][name]
        assert server["answers"] is True
        assert server["address"] == f"127.0.0.1:{machine.port(name)}"
        assert int(server["version"].partition(".")[0]) >= minimum
    assert report["servers"]["postgres"]["bytes"] > 1_000_000
    secrets = json.loads((machine.data_dir / "services" / "secrets.json").read_text())
    assert not any(password in told for password in secrets.values())


def test_only_this_machine_with_a_password_gets_in(machine: Machine) -> None:
    machine.ok("services", "start")
    for path in ("services.json", "services/secrets.json"):
        assert stat.S_IMODE((machine.data_dir / path).stat().st_mode) == 0o600
    url = f"postgresql://tandem_app:wrong@127.0.0.1:{machine.port('postgres')}/tandem"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)
    with (
        client(f"redis://127.0.0.1:{machine.port('valkey')}", 5) as nobody,
        pytest.raises(redis.AuthenticationError),
    ):
        nobody.ping()
    with psycopg.connect(machine.state["urls"]["DATABASE_ADMIN_URL"]) as admin:
        facts = "SELECT current_setting('listen_addresses'), current_setting('password_encryption')"
        assert admin.execute(facts).fetchone() == ("127.0.0.1", "scram-sha-256")
        assert admin.execute("SHOW data_checksums").fetchone() == ("on",)
        roles = (
            "SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole) FROM pg_roles "
            "WHERE rolname IN ('tandem_app', 'tandem_owner')"
        )
        assert admin.execute(roles).fetchone() == (False,)


def test_a_killed_supervisor_leaves_nothing_behind_and_loses_nothing(machine: Machine) -> None:
    machine.ok("services", "start")
    machine.remember("kept")
    processes = machine.processes()
    time.sleep(1.1)  # Valkey writes its log to disk every second
    os.kill(processes["supervisor"], signal.SIGKILL)
    assert eventually(lambda: not any(alive(pid) for pid in processes.values()))

    assert "No PostgreSQL is running" in machine.refused("db", "status")
    machine.ok("services", "start")
    assert machine.memory() == (["kept"], ["kept"])


def test_servers_that_are_killed_come_back_with_their_data(machine: Machine) -> None:
    machine.ok("services", "start")
    machine.remember("kept")
    before = machine.processes()
    time.sleep(1.1)
    os.kill(before["postgres"], signal.SIGKILL)
    os.kill(before["valkey"], signal.SIGKILL)

    def back() -> bool:
        try:
            return machine.memory() == (["kept"], ["kept"])
        except (psycopg.OperationalError, redis.RedisError):
            return False

    assert eventually(back)
    after = machine.processes()
    assert after["supervisor"] == before["supervisor"]
    assert after["postgres"] != before["postgres"]
    assert after["valkey"] != before["valkey"]


def test_servers_that_outlived_even_the_watchdog_are_ended_at_the_next_start(machine: Machine) -> None:
    machine.ok("services", "start")
    machine.remember("kept")
    before = machine.processes()
    children = Path(f"/proc/{before['supervisor']}/task/{before['supervisor']}/children").read_text().split()
    for pid in (before["supervisor"], *map(int, set(children) - {str(pid) for pid in before.values()})):
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not alive(before["supervisor"]))
    assert alive(before["postgres"])

    machine.ok("services", "start")
    assert not alive(before["postgres"])
    assert not alive(before["valkey"])
    assert machine.memory() == (["kept"], ["kept"])


def test_another_program_that_got_the_old_process_number_is_left_alone(machine: Machine) -> None:
    machine.ok("services", "start")
    machine.remember("kept")
    machine.ok("services", "stop")
    with subprocess.Popen(["sleep", "60"]) as innocent:
        pid_file = Path(machine.state["home"]) / "postgres" / "postmaster.pid"
        pid_file.write_text(
            f"{innocent.pid}\n{pid_file.parent}\n0\n{machine.port('postgres')}\n\n127.0.0.1\n"
        )
        if ROOT:
            owner = pid_file.parent.stat()
            os.chown(pid_file, owner.st_uid, owner.st_gid)
        machine.ok("services", "start")
        assert innocent.poll() is None
        innocent.kill()
    assert machine.memory() == (["kept"], ["kept"])


def test_a_run_in_the_foreground_stops_cleanly_on_ctrl_c(machine: Machine) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "services", "run"],
        cwd=PROJECT,
        env=machine.env(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("ready"):
                break
        processes = machine.processes()
        second = machine.refused("services", "run")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert lines[-1] == "ready; Ctrl-C stops both\n"
    assert f"Another supervisor (process {processes['supervisor']}) already runs the services." in second
    assert not any(alive(pid) for pid in processes.values())


def test_two_starts_at_the_same_moment_make_one_pair_of_servers(machine: Machine) -> None:
    with ThreadPoolExecutor(3) as pool:
        said = pool.map(lambda _: machine.ok("services", "start"), range(3))
    assert sorted(line.partition(".")[0] for line in said) == [
        "The services run",
        "The services run already",
        "The services run already",
    ]
    assert machine.ok("services", "status")


def test_a_port_taken_meanwhile_is_changed_and_one_asked_for_is_refused(
    machine: Machine,
) -> None:
    machine.ok("services", "start")
    machine.remember("kept")
    machine.ok("services", "stop")
    taken = machine.port("postgres")
    with socket.create_server(("127.0.0.1", taken)):
        sentence = machine.refused("services", "start", "--postgres-port", str(taken))
        assert f"Port {taken} on 127.0.0.1 is in use by another program" in sentence
        machine.ok("services", "start")
        assert machine.port("postgres") != taken
    assert machine.memory() == (["kept"], ["kept"])


@pytest.mark.skipif(
    len({one.major for one in postgres_installations()}) < 2, reason="one PostgreSQL version only"
)
def test_the_wheels_servers_do_the_same_and_never_touch_data_of_another_version(new_machine: Machine) -> None:
    new_machine.ok("services", "start", "--programs", "wheel")
    assert new_machine.state["servers"]["postgres"]["origin"] == "wheel"
    with psycopg.connect(new_machine.state["urls"]["DATABASE_ADMIN_URL"]) as admin:
        locale = admin.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'tandem'")
        assert locale.fetchone() == ("b", "C.UTF-8")
    new_machine.ok("db", "upgrade")
    new_machine.remember("kept")
    new_machine.ok("services", "stop")

    sentence = new_machine.refused("services", "start", "--programs", "system")
    major = new_machine.state["servers"]["postgres"]["version"].partition(".")[0]
    assert f"The data was made by PostgreSQL {major}, and this machine has " in sentence
    assert "or move the directory away to start empty." in sentence

    new_machine.ok("services", "start")
    assert new_machine.memory() == (["kept"], ["kept"])


def test_an_address_that_does_not_answer_is_one_sentence(new_machine: Machine) -> None:
    new_machine.extra_env = {
        "DATABASE_URL": "postgresql://a:b@127.0.0.1:1/c",
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    sentence = new_machine.refused("services", "start")
    assert sentence.startswith("tandem: DATABASE_URL: PostgreSQL does not answer (")
    assert sentence.endswith(
        "Check the address and the password, or unset DATABASE_URL to use an embedded server."
    )


def test_a_data_directory_that_cannot_be_made_is_one_sentence(new_machine: Machine) -> None:
    new_machine.data_dir.parent.joinpath("file").write_text("")
    blocked = Machine(new_machine.data_dir.parent / "file" / "data")
    sentence = blocked.refused("services", "start")
    assert "The data directory cannot be made: Not a directory." in sentence
    assert "Set TANDEM_DATA_DIR to a directory that this user may write." in sentence


@pytest.mark.skipif(not ROOT, reason="only root may mount a small disk")
def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_made(new_machine: Machine) -> None:
    new_machine.data_dir.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", str(new_machine.data_dir)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let root mount a disk")
    try:
        sentence = new_machine.refused("services", "start")
        assert "the disk is full" in sentence
        assert "Free some space" in sentence
        left = {path.name for path in (new_machine.data_dir / "services").iterdir()}
        assert left == {"secrets.json"}
    finally:
        subprocess.run(["umount", str(new_machine.data_dir)], check=True)


@pytest.mark.skipif(not ROOT, reason="only root meets a directory that the servers' user may not enter")
def test_as_root_below_a_closed_directory_the_data_lies_where_the_servers_may_go(
    new_machine: Machine,
) -> None:
    new_machine.data_dir.parent.chmod(0o700)
    new_machine.ok("services", "start")
    home = Path(new_machine.state["home"])
    assert home.parent == Path("/var/lib")
    assert home.name.startswith("tandem-")
    new_machine.remember("kept")
    assert new_machine.memory() == (["kept"], ["kept"])
    assert (home / "postgres").stat().st_uid not in {0}
    assert stat.S_IMODE(new_machine.data_dir.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(not ROOT, reason="the whole run is an ordinary user's already")
def test_an_ordinary_user_runs_the_servers_too(new_machine: Machine) -> None:
    nobody = pwd.getpwnam("nobody")
    launcher = _as_user(nobody)
    os.chown(new_machine.data_dir.parent, nobody.pw_uid, nobody.pw_gid)
    ordinary = Machine(
        new_machine.data_dir,
        launcher,
        {"HOME": str(new_machine.data_dir.parent)},
    )
    ordinary.ok("services", "start")
    ordinary.ok("db", "upgrade")
    for pid in ordinary.processes().values():
        assert Path(f"/proc/{pid}").stat().st_uid == nobody.pw_uid
    ordinary.ok("services", "stop")

    new_machine.data_dir.chmod(0o755)
    os.chown(new_machine.data_dir, 0, 0)
    assert "The data directory cannot be written by this user." in ordinary.refused("services", "start")


def _as_user(user: pwd.struct_passwd) -> list[str]:
    """A command line that runs this Python as the user.

    This Python may lie below root's home, so the user also gets the capability to read there; writing, and
    everything that PostgreSQL checks about its user, stays as for any ordinary user.
    """
    prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    for launcher in ([*prefix, sys.executable], [*prefix, *reading, sys.executable]):
        try:
            probe = subprocess.run([*launcher, "-c", "import redis"], capture_output=True, check=False)
        except FileNotFoundError:
            break
        if probe.returncode == 0:
            return launcher
    pytest.skip("user nobody may not run this Python here")


WEB = """
import signal, sys, psycopg
from pathlib import Path
url, note = sys.argv[1], Path(sys.argv[2])
def end(*_):
    note.write_text(f"database still answers {psycopg.connect(url).execute('SELECT 1').fetchone()}")
    sys.exit()
signal.signal(signal.SIGTERM, end)
note.write_text("up")
while True:
    signal.pause()
"""
STORY = """
import sys
from pathlib import Path
from app.config import Settings
from app.services.embedded import serving
from app.services.supervisor import Program
web, note = sys.argv[1:]
settings = Settings.from_env()
with serving(settings) as first:
    command = [sys.executable, "-c", web, first.urls.database, note]
    first.supervisor.start(Program(name="web", command=command, ready=Path(note).exists))
    with serving(settings, join=True) as second:
        assert second.urls == first.urls
    assert first.supervisor.pid("postgres") and first.supervisor.pid("web")
print(Path(note).read_text())
"""


def test_a_program_beside_the_servers_stops_before_them(machine: Machine) -> None:
    note = machine.data_dir.parent / "note"
    answer = subprocess.run(
        [sys.executable, "-c", STORY, WEB, str(note)],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env=machine.env(),
    )
    assert answer.stdout == "database still answers (1,)\n", answer.stderr
    assert machine.ok("services", "stop") == "The services do not run.\n"
