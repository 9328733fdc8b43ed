"""The supervisor of child processes, with small real children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.services.supervisor import Program, ProgramFailed, Supervisor
from app.services.watchdog import alive

PROJECT = Path(__file__).resolve().parents[2]


def shell(name: str, script: str, **options: object) -> Program:
    return Program(name=name, command=["/bin/sh", "-c", script], **options)  # type: ignore[arg-type]


def eventually(true: object, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_child_has_started_only_when_it_is_ready(tmp_path: Path) -> None:
    flag = tmp_path / "ready"
    with Supervisor() as supervisor:
        supervisor.start(shell("slow", f"sleep 0.3; touch {flag}; sleep 60", ready=flag.exists))
        assert flag.exists()


def test_children_stop_in_the_reverse_of_their_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"trap 'echo $NAME >>{log}; exit 0' TERM; touch {tmp_path}/$NAME; while :; do sleep 0.02; done"
    with Supervisor() as supervisor:
        for name in ("first", "second"):
            supervisor.start(shell(name, script, env={"NAME": name}, ready=(tmp_path / name).exists))
    assert log.read_text().split() == ["second", "first"]


def test_a_child_that_is_killed_is_started_again() -> None:
    lines: list[str] = []
    with Supervisor(echo=lines.append) as supervisor:
        supervisor.start(shell("server", "sleep 60"))
        first = supervisor.pid("server")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        supervisor.watch(until=lambda: supervisor.pid("server") not in (None, first))
        assert supervisor.pid("server") != first
    assert "server ended (killed by SIGKILL); starting it again" in lines


def test_a_child_that_ends_well_stays_ended_when_only_failures_are_restarted() -> None:
    lines: list[str] = []
    with Supervisor(echo=lines.append) as supervisor:
        supervisor.start(shell("once", "exit 0"))
        supervisor.watch(until=lambda: bool(lines))
        assert lines == ["once ended (exit code 0)"]
        assert supervisor.pid("once") is None


def test_a_failing_start_says_what_the_child_said() -> None:
    with Supervisor() as supervisor, pytest.raises(ProgramFailed) as failure:
        supervisor.start(shell("web", "echo 'error: no such port' >&2; exit 3", ready=lambda: False))
    assert failure.value.sentence() == "web ended at start (exit code 3). It said: error: no such port"


def test_a_child_that_is_never_ready_is_stopped() -> None:
    with Supervisor() as supervisor:
        with pytest.raises(ProgramFailed, match=r"deaf was not ready after 0 s"):
            supervisor.start(shell("deaf", "sleep 60", ready=lambda: False, ready_seconds=0.2))
        with pytest.raises(KeyError):
            supervisor.pid("deaf")


def test_output_is_echoed_with_the_childs_name() -> None:
    lines: list[str] = []
    with Supervisor(echo=lines.append) as supervisor:
        supervisor.start(shell("web", "echo one; echo two"))
        assert supervisor.wait("web") == 0
    assert lines == ["web | one", "web | two"]


def test_output_goes_to_the_log_file_when_there_is_one(tmp_path: Path) -> None:
    lines: list[str] = []
    with Supervisor(echo=lines.append) as supervisor:
        supervisor.start(shell("web", "echo one; echo two >&2", log=tmp_path / "web.log"))
        supervisor.wait("web")
    assert (tmp_path / "web.log").read_text() == "one\ntwo\n"
    assert lines == []


def test_a_missing_program_is_one_sentence() -> None:
    with Supervisor() as supervisor, pytest.raises(ProgramFailed, match="ghost could not be started"):
        supervisor.start(Program(name="ghost", command=["/nowhere/ghost"]))


def test_a_child_that_ignores_the_signal_is_killed_with_all_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    fork = f"setsid sleep 60 & echo $! >{note}.new; mv {note}.new {note}"
    script = f"trap '' TERM; {fork}; while :; do sleep 0.05; done"
    with Supervisor() as supervisor:
        supervisor.start(shell("stubborn", script, ready=note.exists, stop_seconds=0.3))
        grandchild = int(note.read_text())
        child = supervisor.pid("stubborn")
        assert child is not None
    assert eventually(lambda: not alive(grandchild))
    assert not alive(child)


def test_a_stop_may_be_asked_for_from_another_thread() -> None:
    with Supervisor() as supervisor:
        supervisor.start(shell("server", "sleep 60"))
        threading.Timer(0.2, supervisor.request_stop).start()
        supervisor.watch()
        assert supervisor.stop_requested


def test_a_killed_supervisor_leaves_no_orphans(tmp_path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
from app.services.supervisor import Program, Supervisor
note = Path(sys.argv[1])
supervisor = Supervisor()
supervisor.start(Program(name="plain", command=["/bin/sh", "-c", "sleep 300"]))
fork = "setsid sleep 300 & echo $! >$0; wait"
supervisor.start(Program(name="family", command=["/bin/sh", "-c", fork, str(note) + ".child"]))
while not Path(str(note) + ".child").exists() or not Path(str(note) + ".child").read_text().strip():
    time.sleep(0.01)
pids = [supervisor.pid("plain"), supervisor.pid("family"), int(Path(str(note) + ".child").read_text())]
note.with_suffix(".new").write_text(" ".join(map(str, pids)))
note.with_suffix(".new").rename(note)
supervisor.watch()
"""
    note = tmp_path / "pids"
    process = subprocess.Popen([sys.executable, "-c", script, str(note)], cwd=PROJECT)
    assert eventually(note.exists)
    pids = [int(word) for word in note.read_text().split()]
    assert all(alive(pid) for pid in pids)
    process.kill()
    process.wait()
    assert eventually(lambda: not any(alive(pid) for pid in pids)), [pid for pid in pids if alive(pid)]
