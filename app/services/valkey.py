"""The embedded Valkey (or the machine's own Redis): on 127.0.0.1 only, with a password, kept on disk."""

from __future__ import annotations

import contextlib
import re
import signal
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.services import orphans, ports
from app.services.accounts import Account, give, own_directory, spawn_options
from app.services.binaries import Valkey
from app.services.state import write_private
from app.services.supervisor import Program, ProgramFailed


def program(
    valkey: Valkey, home: Path, port: int, log: Path, account: Account | None, password: str
) -> Program:
    """The server as a supervised program. Its password stands in a file, never on the command line."""
    data = own_directory(home / "valkey", account)
    configuration = data / "valkey.conf"
    pid_file = data / "valkey.pid"
    last_address = f"{ports.HOST}:{_last_port(configuration)}"
    write_private(
        configuration,
        "\n".join(
            [
                f"bind {ports.HOST}",
                f"port {port}",
                f"requirepass {password}",
                f"dir {_quoted(data)}",
                f"pidfile {_quoted(pid_file)}",
                "daemonize no",
                "appendonly yes",
                "appendfsync everysec",
                "save ''",
                # Short of memory, refuse new jobs rather than forget old ones.
                "maxmemory-policy noeviction",
                "",
            ]
        ),
    )
    give(configuration, account)
    return Program(
        name="valkey",
        command=[str(valkey.program), str(configuration)],
        cwd=data,
        ready=lambda: _answers(port, password),
        before=lambda: orphans.clear(pid_file, last_address, signal.SIGTERM),
        restart="always",
        log=log,
        spawn_options=spawn_options(account),
    )


def url(password: str, port: int) -> str:
    """The address with its password."""
    return f"redis://:{password}@{ports.HOST}:{port}/0"


def client(address: str, seconds: float) -> redis.Redis:
    """A connection that tries once, and says so within `seconds` when nobody answers."""
    return redis.Redis.from_url(
        address, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )


def port_was_taken(error: ProgramFailed) -> bool:
    """Whether the start failed only because another program took the port meanwhile."""
    return any("Address already in use" in line for line in error.tail)


def _answers(port: int, password: str) -> bool:
    with (
        contextlib.suppress(redis.RedisError),
        contextlib.closing(client(url(password, port), 2)) as connection,
    ):
        return bool(connection.ping())
    return False


def _last_port(configuration: Path) -> str:
    """The port of the last run, which that server shows in its command line; "none" before the first run."""
    if not configuration.exists():
        return "none"
    found = re.search(r"^port (\d+)$", configuration.read_text(), re.MULTILINE)
    return found.group(1) if found else "none"


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
