"""Ends the supervisor's children when the supervisor was killed. Run as a script of its own, stdlib only.

It reads its standard input, a pipe that only the supervisor holds open:

    + PID SIGNAL    a child to end, and the signal that ends it in an orderly way
    - PID           that child has ended

When the pipe closes, the supervisor is gone: every child left gets its signal, and after a grace its
whole process group is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

GRACE_SECONDS = 10.0


def main() -> None:
    """Read until the pipe closes, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    children: dict[int, int] = {}
    for line in sys.stdin:
        sign, *numbers = line.split()
        if sign == "+":
            children[int(numbers[0])] = int(numbers[1])
        else:
            children.pop(int(numbers[0]), None)
    end(children)


def end(children: dict[int, int]) -> None:
    """Signal every child, wait for all of them, then kill what remains of their process groups."""
    families = {pid: descendants(pid) for pid in children}
    for pid, number in children.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid, family in families.items():
        kill_rest(pid, family)


def kill_rest(leader: int, family: list[int]) -> None:
    """Kill what is left of a process group, and of processes that had left the group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for pid in family:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Every process that this one started, and those that they started."""
    children: dict[int, list[int]] = {}
    for child, parent in parents():
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    todo = [pid]
    while todo:
        new = children.get(todo.pop(), [])
        found += new
        todo += new
    return found


def parents() -> list[tuple[int, int]]:
    """Every process of the machine with its parent. From /proc where there is one: small images lack ps."""
    if not os.path.exists("/proc/self/stat"):
        answer = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="],  # noqa: S607 - wherever ps is
            capture_output=True,
            text=True,
            check=False,
        )
        rows = [line.split() for line in answer.stdout.splitlines()]
        return [(int(child), int(parent)) for child, parent in rows]
    pairs = []
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := stat_fields(int(name))):
            pairs.append((int(name), int(fields[1])))
    return pairs


def stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty when the process is gone or there is no /proc."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    fields = stat_fields(pid)
    return not fields or fields[0] != "Z"


if __name__ == "__main__":
    main()
