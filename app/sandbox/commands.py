"""`tandem sandbox`: a local Salesforce org as a process."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import click
import orjson

from app.sandbox.org import PROFILES, OrgSettings


@click.group()
def sandbox() -> None:
    """A local Salesforce org over real HTTP."""


@sandbox.command()
@click.option(
    "--data", "directory", type=click.Path(path_type=Path), required=True, help="Directory of the org."
)
@click.option("--port", default=0, show_default="a free one", help="Port of the http listener.")
@click.option("--https-port", default=0, show_default="a free one", help="Port of the https listener.")
@click.option("--profile", type=click.Choice(PROFILES), default="stock-enterprise", show_default=True)
@click.option("--seed", default=1, show_default=True, help="Another seed gives another world.")
@click.option("--scale", default=0, help="Add so many accounts.")
@click.option("--empty", is_flag=True, help="Users and settings only, no records.")
@click.option("--die-with-parent", is_flag=True, help="Stop when the process that started this one is gone.")
def org(
    directory: Path,
    port: int,
    https_port: int,
    profile: str,
    seed: int,
    scale: int,
    empty: bool,
    die_with_parent: bool,
) -> None:
    """Serve an org until the process is stopped.

    Prints one line of JSON when it is ready: http, https, ca, client_id, username, access_token.
    While it runs the line also lies in the directory as org.json, beside the private key of the JWT app,
    integration.key.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if die_with_parent:
        _watch_parent(stop)
    # imported here, so that `--help` and a wrong option answer at once
    from app.sandbox.auth import ready
    from app.sandbox.build import open_org
    from app.sandbox.server import Server

    # the seeded world's customers pay in their own currencies; an empty org starts with one
    settings = OrgSettings(multi_currency=not empty)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = _hold(directory)
        opened = open_org(
            directory,
            profile=profile,
            seed=seed,
            empty=empty,
            scale=scale,
            settings=settings,
            progress=_told(scale) if sys.stderr.isatty() else None,
        )
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(
            f"{directory} cannot be used for an org ({error}). Name a directory that can be written."
        ) from error
    try:
        server = Server(opened, port=port, https_port=https_port)
    except OSError as error:
        opened.close()
        if error.errno == errno.EACCES or "in use" in str(error) or "No socket" in str(error):
            raise click.ClickException(
                f"A port is taken or not allowed (asked for {port} and {https_port}). "
                "Choose another one, or 0 for a free one."
            ) from error
        raise click.ClickException(f"{directory} cannot be used for an org ({error}).") from error
    server.start()
    line: dict[str, Any] = {
        "http": opened.http_url,
        "https": opened.https_url,
        "ca": str(server.ca_file.resolve()),
        **ready(opened),
    }
    running = directory / "org.json"
    _write_private(running, orjson.dumps(line))
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()
    stop.wait()
    server.stop()
    opened.close()
    held.close()
    running.unlink(missing_ok=True)


@sandbox.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", default=1, show_default=True, help="Another seed gives another world.")
def tree(directory: Path, seed: int) -> None:
    """Write the seeded world into DIRECTORY as files for `sf data import tree`."""
    from app.sandbox.build import open_org
    from app.sandbox.carrying import PLAN, write

    with tempfile.TemporaryDirectory() as place:
        org = open_org(Path(place), profile="prm", seed=seed, settings=OrgSettings(multi_currency=True))
        try:
            counts = write(org, directory)
        except OSError as error:
            raise click.ClickException(
                f"{directory} cannot be written ({error}). Name a directory that can."
            ) from error
        finally:
            org.close()
    told = ", ".join(f"{count} {sobject}" for sobject, count in counts.items())
    click.echo(f"{directory / PLAN}: {told}")


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that only this user may read; the old one, if any, was of an earlier run."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _told(scale: int) -> Callable[[int], None]:
    """Says on the terminal, on one line, how many accounts are written."""
    return lambda done: click.echo(f"\r{done:,} of {scale:,} accounts", nl=done >= scale, err=True)


def _hold(directory: Path) -> IO[bytes]:
    """Claim the directory for this process; the claim ends with the process, however it ends."""
    file = (directory / "org.lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise click.ClickException(
            f"{directory} is already served by another process. Stop that one, or name another directory."
        ) from error
    return file


def _watch_parent(stop: threading.Event) -> None:
    parent = os.getppid()

    def watch() -> None:
        while not stop.wait(0.5):
            if os.getppid() != parent:
                stop.set()

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
