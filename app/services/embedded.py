"""The embedded pair of servers, from finding the programs to the state file; in the foreground."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from app.config import Settings
from app.kernel.errors import Conflict, Misconfigured, Unavailable
from app.services import binaries, ports, postgres, state, valkey
from app.services.accounts import home_for_servers, service_account
from app.services.supervisor import ProgramFailed, Stopped, Supervisor
from app.services.watchdog import alive

VALKEY = "valkey"
PORT_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Options:
    """How to run the servers.

    postgres_port, valkey_port: fixed ports; None for the last one, or a free one.
    choice: which programs may be used.
    throwaway: no safety against a machine's crash, and all data is removed at the end.
    while_pid: stop when this process is gone.
    """

    postgres_port: int | None = None
    valkey_port: int | None = None
    choice: binaries.Choice = "auto"
    throwaway: bool = False
    while_pid: int | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """Both servers are up. Further programs may be started in the same supervisor; they stop first."""

    supervisor: Supervisor
    urls: state.ServiceUrls


@contextmanager
def serving(
    settings: Settings,
    options: Options = Options(),
    echo: Callable[[str], None] = lambda line: None,
    *,
    join: bool = False,
) -> Iterator[Serving]:
    """Start what the environment does not give; inside, it runs, and signals ask the supervisor to stop.

    join: use servers that another supervisor of this data directory runs already, and leave them running.
    Raises Conflict when there is such a supervisor and `join` is off, Misconfigured when something on the
    machine prevents the start, Unavailable when a server of the environment does not answer, and Stopped
    when a signal came before everything was ready.
    """
    data_dir = prepare(settings.data_dir)
    lock = state.Lock(data_dir)
    mine = lock.take()
    if not mine and not join:
        raise already_running(data_dir)
    try:
        with Supervisor(echo=echo) as supervisor, supervisor.stopping_on_signals():
            if mine:
                _start_or_explain(supervisor, settings, data_dir, options, echo)
            yield Serving(supervisor, state.locate(settings))
    finally:
        lock.release()
        if mine and options.throwaway:
            shutil.rmtree(data_dir, ignore_errors=True)


def run(
    settings: Settings,
    options: Options,
    echo: Callable[[str], None],
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve, say `ready`, and stay until a signal; then stop cleanly. Raises what `serving` raises."""
    try:
        with serving(settings, options, echo) as started:
            ready()
            started.supervisor.watch(
                until=lambda: options.while_pid is not None and not alive(options.while_pid)
            )
            echo("stopping")
    except Stopped:
        echo("stopped before everything was ready")


def prepare(data_dir: Path) -> Path:
    """Make the data directory. Raises Misconfigured when it cannot be made or written."""
    data_dir = data_dir.absolute()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        writable = os.access(data_dir, os.W_OK | os.X_OK)
    except OSError as error:
        raise Misconfigured(
            f"The data directory cannot be made: {error.strerror}.",
            where=str(data_dir),
            remedy="Set TANDEM_DATA_DIR to a directory that this user may write.",
        ) from error
    if not writable:
        raise Misconfigured(
            "The data directory cannot be written by this user.",
            where=str(data_dir),
            remedy="Set TANDEM_DATA_DIR to a directory that this user may write.",
        )
    return data_dir


def already_running(data_dir: Path) -> Conflict:
    """The refusal to start a second supervisor."""
    pid = state.read(data_dir).get("supervisor", "unknown")
    return Conflict(
        f"Another supervisor (process {pid}) already runs the services.",
        where=str(data_dir),
        remedy="Use it as it is, or run `tandem services stop` first.",
    )


def external(settings: Settings) -> None:
    """Make sure that what the environment names answers. Raises Unavailable with the reason."""
    if settings.database_url:
        try:
            psycopg.connect(_libpq(settings.database_url), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            raise Unavailable(
                f"PostgreSQL does not answer ({postgres.why(error)}).",
                where="DATABASE_URL",
                remedy="Check the address and the password, or unset DATABASE_URL to use an embedded server.",
            ) from error
    if settings.redis_url:
        client = valkey.client(settings.redis_url, 5)
        try:
            client.ping()
        except redis.RedisError as error:
            raise Unavailable(
                f"Redis does not answer ({error}).",
                where="REDIS_URL",
                remedy="Check the address and the password, or unset REDIS_URL to use an embedded server.",
            ) from error
        finally:
            client.close()


def _start_or_explain(
    supervisor: Supervisor, settings: Settings, data_dir: Path, options: Options, echo: Callable[[str], None]
) -> None:
    try:
        _start(supervisor, settings, data_dir, options, echo)
    except OSError as error:
        raise Misconfigured(
            f"The services could not start: {error.strerror or error}.",
            where=str(error.filename or data_dir),
            remedy="Free some space, or set TANDEM_DATA_DIR to a directory that this user may write.",
        ) from error


def _start(
    supervisor: Supervisor, settings: Settings, data_dir: Path, options: Options, echo: Callable[[str], None]
) -> None:
    external(settings)
    account = service_account()
    home = home_for_servers(data_dir, account)
    logs = data_dir / "logs"
    logs.mkdir(exist_ok=True)
    secrets = state.passwords(data_dir, (postgres.ADMIN, postgres.OWNER, postgres.APP, VALKEY))
    last = state.read(data_dir)
    # Until the servers answer, nobody shall take the last run's addresses for this one's.
    state.write(data_dir, last | {"supervisor": os.getpid(), "urls": {}})
    now: dict[str, Any] = {"supervisor": os.getpid(), "home": str(home), "urls": {}, "servers": {}}

    if not settings.database_url:
        data = home / "postgres"
        chosen = binaries.pick_postgres(options.choice, postgres.data_major(data), data)
        installed = binaries.reachable_postgres(chosen, account, home)
        if postgres.data_major(data) is None:
            echo(f"making an empty PostgreSQL {installed.version} database in {data}")
        postgres.create_cluster(
            installed, data, account, secrets[postgres.ADMIN], throwaway=options.throwaway
        )
        port = _start_postgres(supervisor, installed, data, logs, account, secrets, last, options)
        postgres.create_roles(port, secrets)
        now["servers"]["postgres"] = _server(
            port, installed.version, installed.directory, data, chosen.origin
        )
        now["urls"] |= {
            "DATABASE_URL": postgres.url(postgres.APP, secrets[postgres.APP], port),
            "DATABASE_OWNER_URL": postgres.url(postgres.OWNER, secrets[postgres.OWNER], port),
            "DATABASE_ADMIN_URL": postgres.url(postgres.ADMIN, secrets[postgres.ADMIN], port, "postgres"),
        }
        echo(f"PostgreSQL {installed.version} listens on {ports.HOST}:{port}")

    if not settings.redis_url:
        picked = binaries.pick_valkey(options.choice)
        server = binaries.reachable_valkey(picked, account, home)
        for attempt in range(1, PORT_ATTEMPTS + 1):
            port = ports.choose(options.valkey_port, _last_port(last, "valkey"), "Valkey", "--valkey-port")
            try:
                supervisor.start(
                    valkey.program(server, home, port, logs / "valkey.log", account, secrets[VALKEY])
                )
                break
            except ProgramFailed as error:
                if not valkey.port_was_taken(error) or attempt == PORT_ATTEMPTS:
                    raise
        now["servers"]["valkey"] = _server(
            port, server.version, server.program.parent, home / "valkey", picked.origin
        )
        now["urls"]["REDIS_URL"] = valkey.url(secrets[VALKEY], port)
        echo(f"Valkey {server.version} listens on {ports.HOST}:{port}")

    state.write(data_dir, now)


def _start_postgres(
    supervisor: Supervisor,
    installed: binaries.Postgres,
    data: Path,
    logs: Path,
    account: Any,
    secrets: dict[str, str],
    last: dict[str, Any],
    options: Options,
) -> int:
    extra = postgres.THROWAWAY if options.throwaway else {}
    for attempt in range(1, PORT_ATTEMPTS + 1):
        port = ports.choose(
            options.postgres_port, _last_port(last, "postgres"), "PostgreSQL", "--postgres-port"
        )
        described = postgres.program(
            installed, data, port, logs / "postgres.log", account, secrets[postgres.ADMIN], extra
        )
        try:
            supervisor.start(described)
        except ProgramFailed as error:
            if not postgres.port_was_taken(error) or attempt == PORT_ATTEMPTS:
                raise postgres.explain(error, data) from error
        else:
            return port
    raise AssertionError("the loop returns or raises")


def _server(port: int, version: str, programs: Path, data: Path, origin: str) -> dict[str, Any]:
    return {
        "port": port,
        "version": version,
        "programs": str(programs),
        "data": str(data),
        "origin": origin,
    }


def _last_port(last: dict[str, Any], server: str) -> int | None:
    port: int | None = last.get("servers", {}).get(server, {}).get("port")
    return port


def _libpq(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"
