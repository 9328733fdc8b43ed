"""The embedded PostgreSQL: made once, started, given its roles. On 127.0.0.1 only, passwords by SCRAM."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from app.kernel.errors import Misconfigured
from app.services import orphans, ports
from app.services.accounts import Account, give, own_directory, spawn_options
from app.services.binaries import Postgres
from app.services.supervisor import Program, ProgramFailed

ADMIN, OWNER, APP, DATABASE = "tandem_admin", "tandem_owner", "tandem_app", "tandem"

#: For servers whose data nobody wants back after a crash: many times faster on a slow disk.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def data_major(data: Path) -> int | None:
    """The major version that made the data; None when there is none yet."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None


def create_cluster(
    postgres: Postgres, data: Path, account: Account | None, admin_password: str, *, throwaway: bool = False
) -> None:
    """Make an empty cluster at `data` unless there is one. One half made by a killed run is discarded."""
    if data_major(data) is not None:
        return
    fresh = data.with_name(f"{data.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    own_directory(fresh, account)
    password_file = fresh.with_name(f"{data.name}.pw")
    password_file.touch(mode=0o600)
    try:
        password_file.write_text(admin_password)
        give(password_file, account)
        answer = subprocess.run(  # noqa: S603 - the program that binaries found
            [
                postgres.program("initdb"),
                f"--pgdata={fresh}",
                f"--username={ADMIN}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--data-checksums",
                "--no-instructions",
                *(["--no-sync"] if throwaway else []),
                *_locale(postgres),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            **spawn_options(account),
        )
    finally:
        password_file.unlink()
    if answer.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise explain(ProgramFailed("initdb", "failed", answer.stderr.strip().splitlines(), None), data)
    hba = fresh / "pg_hba.conf"
    hba.write_text(
        "# One way in: TCP on this machine, with a password.\nhost all all 127.0.0.1/32 scram-sha-256\n"
    )
    fresh.replace(data)


def program(
    postgres: Postgres,
    data: Path,
    port: int,
    log: Path,
    account: Account | None,
    admin_password: str,
    extra: Mapping[str, str],
) -> Program:
    """The server as a supervised program. `extra` are further settings of postgresql.conf."""
    settings = {
        "listen_addresses": ports.HOST,
        "port": str(port),
        # TCP only: a socket's path would be limited to about a hundred characters.
        "unix_socket_directories": "",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **extra,
    }
    command = [postgres.program("postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return Program(
        name="postgres",
        command=command,
        env=_environment(),
        bare_env=True,
        cwd=data.parent,
        ready=lambda: _answers(port, admin_password),
        # Replaying the log of a hard stop may take its time.
        ready_seconds=300,
        before=lambda: orphans.clear(data / "postmaster.pid", f"-D {data}", signal.SIGINT),
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, the data is left clean.
        stop_signal=signal.SIGINT,
        stop_seconds=60,
        restart="always",
        log=log,
        spawn_options=spawn_options(account),
    )


def create_roles(port: int, passwords: Mapping[str, str]) -> None:
    """Make the two login roles and the database unless they exist, and set the roles' passwords."""
    with connect(port, "postgres", passwords[ADMIN]) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        for role in (OWNER, APP):
            verb = sql.SQL("ALTER" if role in known else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD {}").format(
                    verb, sql.Identifier(role), sql.Literal(passwords[role])
                )
            )
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            create_database(connection, DATABASE)


def create_database(connection: psycopg.Connection, name: str, template: str | None = None) -> None:
    """Make a database that the owner's role owns and only Tandem's roles may enter."""
    database, owner, app = sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(APP)
    copied = sql.SQL("TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} {}").format(database, owner, copied))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, app))


def connect(port: int, database: str, admin_password: str) -> psycopg.Connection:
    """A superuser's connection, every statement its own transaction."""
    return psycopg.connect(
        host=ports.HOST,
        port=port,
        user=ADMIN,
        password=admin_password,
        dbname=database,
        connect_timeout=5,
        autocommit=True,
    )


def url(role: str, password: str, port: int, database: str = DATABASE) -> str:
    """The address by which a role reaches a database."""
    return f"postgresql://{role}:{password}@{ports.HOST}:{port}/{database}"


def explain(error: ProgramFailed, data: Path) -> Misconfigured:
    """The same failure as one sentence about the machine, when the server's own words tell the reason."""
    said = "\n".join(error.tail)
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return Misconfigured(
            "PostgreSQL could not start because the disk is full.",
            where=str(data),
            remedy="Free some space, or set TANDEM_DATA_DIR to another disk; no data was lost.",
        )
    if "could not bind" in said:
        return Misconfigured(
            "PostgreSQL may not listen on that port.",
            where="--postgres-port",
            remedy="Choose a port above 1023, or leave the option out.",
        )
    if "Permission denied" in said or "Operation not permitted" in said:
        return Misconfigured(
            "PostgreSQL may not read or write its data.",
            where=str(data),
            remedy="Give the directory back to the user who made it, or set TANDEM_DATA_DIR to another one.",
        )
    if "checkpoint record" in said or "invalid data in file" in said or "could not open file" in said:
        return Misconfigured(
            f"PostgreSQL found its data damaged ({error.reason}).",
            where=str(data),
            remedy="Restore the directory from a backup, or move it away to start with an empty database.",
        )
    return error


def why(error: BaseException) -> str:
    """The reason in a failed connection's several lines: `Connection refused`, `FATAL: password …`."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    telling = [line.rpartition(" failed: ")[2] for line in lines if " failed: " in line]
    return (telling or lines)[0].strip()


def port_was_taken(error: ProgramFailed) -> bool:
    """Whether the start failed only because another program took the port meanwhile."""
    return any("Address already in use" in line for line in error.tail)


def _answers(port: int, admin_password: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), connect(port, "postgres", admin_password):
        return True
    return False


def _locale(postgres: Postgres) -> list[str]:
    if postgres.major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    known: list[str] = []
    if program := shutil.which("locale"):
        answer = subprocess.run([program, "-a"], capture_output=True, text=True, check=False)  # noqa: S603
        known = answer.stdout.split()
    return ["--locale=C.UTF-8" if {"C.utf8", "C.UTF-8"} & set(known) else "--locale=C"]


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}
