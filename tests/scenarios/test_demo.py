"""The demo, as a newcomer runs it: a process of its own, in a folder with a space in its name."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests

from tests.fixtures.services import folder_for_servers

ROOT = Path(__file__).resolve().parents[2]
STEPS = (
    "PostgreSQL and Valkey run",
    "The database is up to date",
    "A Salesforce org runs on this machine",
    "Tandem is connected to the org",
    "First sync",
    "What the org has is here",
    "Tandem believes the org's word for its users",
    "The API, a worker and the scheduler run",
    "The Lightning pages are in the browser",
    "A company applies to be a partner",
    "Two levels decide, one of them in Salesforce",
    "The agreement is accepted",
    "Its level and activation are in the org",
    "A partner signs in",
    "The partner registers a deal",
    "A second partner claims the same customer",
    "Two people approve, by its amount",
    "Lead and opportunity are in the org",
    "A rep lists the partner's deals in the org",
    "A rep's change comes back",
    "One account, changed on both sides",
    "Nothing is left to write",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with folder_for_servers() as made:
        yield made / "demo data"


def command(folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """What to run, and in which environment."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
    }
    return [sys.executable, "-m", "app.cli", "demo", *arguments], env | {"TANDEM_DATA_DIR": str(folder)}


def table(output: str) -> dict[str, str]:
    """Step → result, from the table at the end."""
    rows = output[output.index("\nstep ") :].splitlines()
    found = (re.fullmatch(r"(.+?) {2,}(ok|failed|not run) {2,}\d+\.\d", row) for row in rows)
    return {row[1]: row[2] for row in found if row}


def left_over(folder: Path) -> list[str]:
    """Command lines and working directories of processes that still belong to this data directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (process / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line or f"TANDEM_DATA_DIR={folder}" in environment:
            found.append(line)
    return found


def wait_for(line: str, process: subprocess.Popen[str], log: Path) -> str:
    """What the process has said, once it has said this."""
    end = time.monotonic() + 150
    while line not in (said := log.read_text()):
        assert process.poll() is None, said
        assert time.monotonic() < end, said
        time.sleep(0.1)
    return said


@pytest.fixture(scope="module")
def first_run(folder: Path) -> subprocess.CompletedProcess[str]:
    """The first run in an empty folder."""
    line, env = command(folder, "--once")
    return subprocess.run(line, env=env, cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.mark.timeout(400)
def test_every_step_holds_and_nothing_is_left_running(
    folder: Path, first_run: subprocess.CompletedProcess[str]
) -> None:
    run = first_run

    assert table(run.stdout) == dict.fromkeys(STEPS, "ok"), run.stdout + run.stderr
    assert run.returncode == 0
    assert run.stderr == ""
    assert "channel director, on its record in the org: PA-1001 has the authorization PA-A-" in run.stdout
    assert "with the authorization DEAL-A-" in run.stdout
    assert "This deal overlaps DR-1001 of another partner (same customer, same product family" in run.stdout
    assert left_over(folder) == []


@pytest.mark.timeout(400)
def test_a_second_demo_keeps_the_data_stays_up_and_stops_at_ctrl_c(
    folder: Path, first_run: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    assert first_run.returncode == 0
    line, env = command(folder)
    log = tmp_path / "out"
    with log.open("w") as output:
        process = subprocess.Popen(
            line, env=env, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, text=True
        )
        try:
            said = wait_for("Ctrl-C stops it", process, log)
            assert table(said) == dict.fromkeys(STEPS, "ok"), said
            assert "applied in an earlier run: PA-1001 is approved." in said
            web = f"http://127.0.0.1:{json.loads((folder / 'demo.json').read_text())['web']}"

            token_line, _ = command(folder, "token")
            token = subprocess.run(token_line, env=env, cwd=ROOT, capture_output=True, text=True, check=True)
            deals = requests.get(
                f"{web}/api/deals", headers={"Authorization": f"Bearer {token.stdout.strip()}"}, timeout=30
            ).json()
            # One deal of this partner a run: those of the second partner are not among them.
            assert deals["total"] == 2
            assert {deal["partner_name"] for deal in deals["items"]} == {"Lone Star Controls LLC"}
            urls = json.loads((folder / "services.json").read_text())["urls"]
            with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
                connection.execute("SELECT set_config('tandem.scope', 'system', true)")
                row = connection.execute("SELECT count(*) FROM deal_registration").fetchone()
            assert row == (4,)

            again = subprocess.run(line, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
            assert again.returncode == 1
            assert f"The demo runs already (process {process.pid})." in again.stdout
            assert requests.get(f"{web}/readyz", timeout=30).status_code == 200

            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    assert left_over(folder) == []


@pytest.mark.timeout(100)
def test_the_demo_keeps_off_a_data_directory_of_a_real_org(tmp_path: Path) -> None:
    connection = {"login_url": "https://acme.my.salesforce.com", "client_id": "x", "username": "u"}
    (tmp_path / "connection.json").write_text(json.dumps(connection))
    line, env = command(tmp_path, "--once")

    run = subprocess.run(line, env=env, cwd=ROOT, capture_output=True, text=True, timeout=90)

    assert run.returncode == 1
    assert "connected to acme.my.salesforce.com, and the demo would write into it" in run.stdout
    assert [result for result in table(run.stdout).values() if result == "ok"] == []
    assert {path.name for path in tmp_path.iterdir()} == {"connection.json"}


def test_a_token_needs_a_running_demo(tmp_path: Path) -> None:
    line, env = command(tmp_path, "token")

    run = subprocess.run(line, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert run.returncode == 1
    assert run.stderr == f"tandem: {tmp_path}: The demo does not run. Start it with `make demo`.\n"
