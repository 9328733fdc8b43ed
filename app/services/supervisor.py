"""Starts named child processes, watches them, and stops them in order. Knows nothing about what they are.

    with Supervisor(echo=click.echo) as supervisor, supervisor.stopping_on_signals():
        supervisor.start(Program("web", ["gunicorn", …], ready=answers))
        supervisor.watch()                      # until Ctrl-C, SIGTERM or request_stop()

Leaving the block stops everything, the last started first. If the supervisor itself is killed, a
watchdog process ends the children. Each child leads a process group of its own, so a Ctrl-C in the
terminal reaches the supervisor only, and what a child forked goes with it.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from app.kernel.errors import Misconfigured
from app.services import watchdog

#: When a child that ended by itself is started again.
Restart = Literal["never", "on-failure", "always"]

TICK_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
HEALTHY_SECONDS = 30.0
LOG_LIMIT_BYTES = 10_000_000


class ProgramFailed(Misconfigured):
    """A child did not become ready. `tail` has its last lines, `reason` the line that tells most."""

    def __init__(self, name: str, what: str, tail: Sequence[str], log: Path | None) -> None:
        self.name = name
        self.tail = list(tail)
        complaints = [line for line in tail if re.search("fatal|error|cannot|failed", line, re.IGNORECASE)]
        self.reason = (complaints or self.tail or [""])[-1]
        last = f" It said: {self.reason}" if self.reason else ""
        super().__init__(f"{name} {what}.{last}", remedy=f"See {log}." if log else "")


class Stopped(Exception):
    """A stop was asked for while something was still starting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One child process, described.

    env: variables added to this process's own; with `bare_env` they are all the child gets.
    ready: asked until it says True; without it, a child is ready as soon as it runs.
    before: called before each start, also before a restart.
    log: a file for its output; without one, each line is echoed as `name | line`.
    spawn_options: further arguments for subprocess.Popen (another user, say).
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    bare_env: bool = False
    cwd: Path | None = None
    ready: Callable[[], bool] | None = None
    ready_seconds: float = 60.0
    before: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    restart: Restart = "on-failure"
    log: Path | None = None
    spawn_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=30))
    log_start: int = 0
    reader: threading.Thread | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    start_again_at: float | None = None


class Supervisor:
    """Owns child processes from start to stop. To be used from one thread."""

    def __init__(self, *, echo: Callable[[str], None] = lambda line: None) -> None:
        self._echo = echo
        self._children: dict[str, _Child] = {}
        self._stop = threading.Event()
        self._watchdog: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()

    @contextlib.contextmanager
    def stopping_on_signals(self) -> Iterator[None]:
        """Inside, SIGINT, SIGTERM and SIGHUP ask for an orderly stop; afterwards they do what they did."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, lambda *_: self._stop.set()) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def request_stop(self) -> None:
        """Make `watch` return. May be called from another thread."""
        self._stop.set()

    @property
    def stop_requested(self) -> bool:
        return self._stop.is_set()

    def pid(self, name: str) -> int | None:
        """The process id of a running child; None while it does not run."""
        child = self._children[name]
        return child.process.pid if child.process and child.process.poll() is None else None

    def start(self, program: Program) -> None:
        """Start a child and wait until it is ready.

        Raises ProgramFailed when it ends or is not ready in time (it is stopped then), Stopped when a stop
        was asked for meanwhile.
        """
        if program.name in self._children:
            raise ValueError(f"{program.name} is already supervised")
        child = _Child(program)
        self._children[program.name] = child
        try:
            self._spawn(child)
            self._await_ready(child)
        except BaseException:
            self.stop(program.name)
            raise

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Restart children by their policy until a stop is asked for, or `until` says True."""
        while not self._stop.wait(TICK_SECONDS) and not until():
            for child in self._children.values():
                self._tend(child)

    def wait(self, name: str) -> int:
        """Wait for a child to end by itself; its exit code. Raises Stopped when a stop was asked for."""
        process = self._children[name].process
        assert process is not None
        while (code := process.poll()) is None:
            if self._stop.wait(TICK_SECONDS):
                raise Stopped
        self._forget(self._children[name])
        return code

    def stop(self, name: str) -> None:
        """Stop a child in its orderly way, then its whole process group. Does nothing when it has ended."""
        child = self._children.pop(name)
        process = child.process
        if process is None:
            return
        family: list[int] = []
        if process.poll() is None:
            family = watchdog.descendants(process.pid)
            process.send_signal(child.program.stop_signal)
            try:
                process.wait(child.program.stop_seconds)
            except subprocess.TimeoutExpired:
                self._echo(f"{name} did not stop in {child.program.stop_seconds:.0f} s and was killed")
        watchdog.kill_rest(process.pid, family)
        process.wait()
        self._forget(child)

    def stop_all(self) -> None:
        """Stop every child, the last started first, then the watchdog."""
        for name in reversed(list(self._children)):
            self.stop(name)
        if self._watchdog is not None:
            assert self._watchdog.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._watchdog.stdin.close()
            self._watchdog.wait()
            self._watchdog = None

    def _spawn(self, child: _Child) -> None:
        program = child.program
        guard = self._ensure_watchdog()
        if program.before is not None:
            program.before()
        child.tail.clear()
        output: Any = subprocess.PIPE
        if program.log is not None:
            output = _open_log(program.log)
            child.log_start = os.fstat(output.fileno()).st_size
        env = dict(program.env) if program.bare_env else {**os.environ, **program.env}
        try:
            child.process = subprocess.Popen(  # noqa: S603 - what a supervisor is for
                list(program.command),
                env=env,
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                **program.spawn_options,
            )
        except OSError as error:
            raise ProgramFailed(program.name, f"could not be started ({error})", [], None) from error
        finally:
            if program.log is not None:
                output.close()
        _tell(guard, f"+ {child.process.pid} {int(program.stop_signal)}")
        child.started_at = time.monotonic()
        child.start_again_at = None
        if program.log is None:
            child.reader = threading.Thread(target=self._relay, args=(child, child.process), daemon=True)
            child.reader.start()

    def _await_ready(self, child: _Child) -> None:
        program, process = child.program, child.process
        assert process is not None
        deadline = time.monotonic() + program.ready_seconds
        while True:
            if (code := process.poll()) is not None and not (code == 0 and program.ready is None):
                raise ProgramFailed(
                    program.name, f"ended at start ({_ending(code)})", _tail(child), program.log
                )
            if program.ready is None or program.ready():
                return
            if time.monotonic() > deadline:
                what = f"was not ready after {program.ready_seconds:.0f} s"
                raise ProgramFailed(program.name, what, _tail(child), program.log)
            if self._stop.wait(0.05):
                raise Stopped

    def _tend(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None:
            code = child.process.poll()
            if code is None:
                if now - child.started_at > HEALTHY_SECONDS:
                    child.pause = FIRST_PAUSE_SECONDS
                return
            # What it forked would hold its port and its output.
            watchdog.kill_rest(child.process.pid, [])
            self._forget(child)
            child.process = None
            policy = child.program.restart
            if policy == "always" or (policy == "on-failure" and code != 0):
                self._echo(f"{child.program.name} ended ({_ending(code)}); starting it again")
                child.start_again_at = now + child.pause
                child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self._echo(f"{child.program.name} ended ({_ending(code)})")
        if child.start_again_at is not None and now >= child.start_again_at:
            try:
                self._spawn(child)
            except ProgramFailed as error:
                self._echo(error.sentence())
                child.start_again_at = now + child.pause
                child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS)

    def _forget(self, child: _Child) -> None:
        if child.process is not None and self._watchdog is not None:
            _tell(self._watchdog, f"- {child.process.pid}")
        if child.reader is not None:
            child.reader.join(2)
            child.reader = None

    def _relay(self, child: _Child, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for raw in output:
                line = raw.decode(errors="replace").rstrip("\r\n")
                child.tail.append(line)
                self._echo(f"{child.program.name} | {line}")

    def _ensure_watchdog(self) -> subprocess.Popen[bytes]:
        if self._watchdog is None or self._watchdog.poll() is not None:
            self._watchdog = subprocess.Popen(  # noqa: S603 - our own script
                [sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
            for child in self._children.values():
                if child.process is not None and child.process.poll() is None:
                    _tell(self._watchdog, f"+ {child.process.pid} {int(child.program.stop_signal)}")
        return self._watchdog


def _tell(guard: subprocess.Popen[bytes], line: str) -> None:
    assert guard.stdin is not None
    # A watchdog that somebody killed is replaced at the next start of a child.
    with contextlib.suppress(BrokenPipeError):
        guard.stdin.write(f"{line}\n".encode())
        guard.stdin.flush()


def _open_log(path: Path) -> Any:
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")


def _tail(child: _Child) -> list[str]:
    if child.program.log is None:
        if child.reader is not None and child.process is not None and child.process.poll() is not None:
            child.reader.join(2)
        return list(child.tail)
    with child.program.log.open("rb") as file:
        file.seek(child.log_start)
        return file.read()[-20_000:].decode(errors="replace").splitlines()[-30:]


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
