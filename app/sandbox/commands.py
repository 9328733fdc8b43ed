"""`tandem sandbox org`: one local org, served until it is told to stop."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from pathlib import Path

import click
import orjson

from app.sandbox.org import PROFILES

_PR_SET_PDEATHSIG = 1


@click.group()
def sandbox() -> None:
    """A local Salesforce org."""


@sandbox.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Directory of the org's files.")
@click.option("--port", type=int, default=0, show_default=True, help="http port; 0 takes a free one.")
@click.option("--https-port", type=int, default=0, show_default=True, help="https port; 0 takes a free one.")
@click.option("--profile", type=click.Choice(PROFILES), default="stock-enterprise", show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Makes ids, people and figures.")
@click.option("--scale", type=int, default=0, help="Add so many accounts.")
@click.option("--empty", is_flag=True, help="Only users, no records.")
@click.option("--die-with-parent", is_flag=True, help="Stop when the process that started this one ends.")
def org(
    data: Path,
    port: int,
    https_port: int,
    profile: str,
    seed: int,
    scale: int,
    empty: bool,
    die_with_parent: bool,
) -> None:
    """Serve an org; one JSON line on standard output says when it is ready and where."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if die_with_parent:
        _die_with_parent()
    from app.sandbox import world
    from app.sandbox.auth import ready
    from app.sandbox.opening import open_org
    from app.sandbox.server import Server

    try:
        fresh = not (data / "org.sqlite").exists()
        opened = open_org(data, profile=profile, seed=seed, world_seed=None if empty else seed)
        if scale and fresh:
            world.scale(opened, scale, seed)
        server = Server(opened, port=port, https_port=https_port)
    except OSError as error:
        raise click.ClickException(f"The org cannot be opened in {data}: {error}.") from error
    server.start()
    line = {"http": opened.http_url, "https": opened.https_url, "ca": str(server.ca_file), **ready(opened)}
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()
    stopped.wait()
    server.stop()
    opened.close()


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent ends (Linux)."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
