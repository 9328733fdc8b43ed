"""Servers that outlived supervisor and watchdog: recognised by their files, stopped before a start."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from app.kernel.errors import Misconfigured
from app.services.watchdog import alive

PATIENCE_SECONDS = 15.0


def clear(pid_file: Path, mark: str, orderly: signal.Signals) -> None:
    """Make sure that no server runs on the data whose process id `pid_file` holds.

    mark: what only this server's command line has. Another program that got the number since is left
    alone, and the file removed, which would make PostgreSQL refuse to start. A file whose process is gone
    stays: PostgreSQL reads in it whether sessions of the dead server still use the data.
    Raises Misconfigured when the server cannot be stopped.
    """
    try:
        first_line = pid_file.read_text().partition("\n")[0].strip()
    except FileNotFoundError:
        return
    pid = int(first_line) if first_line.isdigit() else 0
    if not pid or not alive(pid):
        return
    if mark in _command_line(pid):
        for number in (orderly, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if _gone(pid):
                break
        else:
            raise Misconfigured(
                f"A server of an earlier run (process {pid}) uses this data and cannot be stopped.",
                where=str(pid_file.parent),
                remedy=f"End process {pid}, then try again.",
            )
    pid_file.unlink(missing_ok=True)


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        pass  # no such process any more, or a system without /proc
    if Path("/proc/self").exists():
        return ""
    answer = subprocess.run(  # noqa: S603 - fixed but for a number
        ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607 - wherever ps is
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout
