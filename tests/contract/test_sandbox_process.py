"""The org as a process: how it starts, what it says when it cannot, and what survives its end."""

from __future__ import annotations

import json
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.fixtures.org import ROOT, OrgProcess, start_org


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.cli", "sandbox", "org", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OrgProcess]:
    process = start_org(tmp_path / "org", "--empty")
    yield process
    process.stop()


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run("--data", str(tmp_path / "org"), "--port", port, "--empty")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.strip().splitlines() == [
        f"Error: A port is taken or not allowed (asked for {port} and 0). "
        "Choose another one, or 0 for a free one."
    ]


def test_a_directory_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = run("--data", str(tmp_path / "file" / "org"), "--empty")
    assert ended.returncode == 1
    assert ended.stdout == ""
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"Error: {tmp_path}/file/org cannot be used for an org")
    assert lines[0].endswith("Name a directory that can be written.")


def test_the_private_keys_are_for_their_owner_only(own: OrgProcess) -> None:
    keys = list(own.data.glob("*.key"))
    assert {"integration.key", "server.key"} <= {key.name for key in keys}
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_the_https_listener_is_trusted_by_who_trusts_its_authority(own: OrgProcess) -> None:
    session = requests.Session()
    session.trust_env = False
    with session:
        answer = session.get(f"{own.https}/services/data", verify=own.ca, timeout=10)
        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"{own.https}/services/data", timeout=10)


def test_what_was_committed_survives_a_crash_with_its_schema_and_sessions(own: OrgProcess) -> None:
    own.admin("add_field", object="Account", field={"name": "Kept__c", "type": "string", "length": 20})
    account = own.insert("Account", Name="Acme", Kept__c="yes")
    own.admin("settings", daily_api_requests=1234)
    token, http = own.access_token, own.http
    own.kill()
    own.restart()
    assert own.http == http
    answer = requests.get(
        f"{own.http}/services/data/v67.0/sobjects/Account/{account}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert (answer.json()["Name"], answer.json()["Kept__c"]) == ("Acme", "yes")
    assert answer.headers["Sforce-Limit-Info"].endswith("/1234")


def test_a_restart_keeps_the_seeded_world(tmp_path: Path) -> None:
    with start_org(tmp_path / "org") as process:
        before = process.query("SELECT Id, Name FROM Account ORDER BY Id")
        process.restart()
        assert process.query("SELECT Id, Name FROM Account ORDER BY Id") == before
    assert len(before) > 300


def test_the_org_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "command = [sys.executable, '-m', 'app.cli', 'sandbox', 'org', '--empty', '--die-with-parent',\n"
        f"           '--data', {str(tmp_path / 'org')!r}]\n"
        "process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
        "print(process.stdout.readline(), flush=True)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    address = json.loads(ended.stdout)["http"]
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            requests.get(f"{address}/services/data", timeout=1)
        except requests.exceptions.ConnectionError:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the org outlived its parent")


def test_many_clients_upserting_one_key_at_once_make_one_record(own: OrgProcess) -> None:
    url = f"{own.http}/services/data/v67.0/sobjects/Account/Tandem_Id__c/same"
    headers = {"Authorization": f"Bearer {own.access_token}"}

    def upsert(number: int) -> int:
        answer = requests.patch(url, json={"Name": f"A{number}"}, headers=headers, timeout=30)
        return answer.status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(upsert, range(36)))
    assert statuses == [200] * 35 + [201]
    assert len(own.query("SELECT Id FROM Account")) == 1


def test_a_reset_is_quick_and_complete(own: OrgProcess) -> None:
    own.insert("Account", Name="Acme")
    own.admin("add_field", object="Account", field={"name": "Gone__c", "type": "string", "length": 20})
    own.fault(kind="latency", seconds=0.2)
    own.reset()
    assert own.query("SELECT Id FROM Account") == []
    with pytest.raises(AssertionError, match="Gone__c"):
        own.query("SELECT Gone__c FROM Account")
    assert own.control("GET", "faults") == {"faults": []}
    started = time.monotonic()
    own.reset()
    assert time.monotonic() - started < 3


def test_a_directory_is_served_by_one_process_at_a_time(own: OrgProcess) -> None:
    ended = run("--data", str(own.data), "--empty")
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines() == [
        f"Error: {own.data} is already served by another process. Stop that one, or name another directory."
    ]
    assert own.query("SELECT Id FROM Account") == []
