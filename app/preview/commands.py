"""`tandem preview`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import click

from app.config import Settings
from app.demo.crm import Crm
from app.preview.build import SFDX, find_node, install, pages
from app.preview.people import People
from app.preview.server import create_server

THREADS = 8


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--sandbox-dir",
    type=click.Path(path_type=Path),
    help="Where `tandem sandbox org` keeps its data. TANDEM_DATA_DIR/org by default.",
)
@click.option(
    "--session-minutes",
    default=120.0,
    show_default=True,
    help="How long a session stays without a click.",
)
@click.pass_context
def preview(
    context: click.Context, host: str, port: int, sandbox_dir: Path | None, session_minutes: float
) -> None:
    """Serve the Lightning pages without an org, until Ctrl-C.

    Needs a running API (TANDEM_PUBLIC_URL) and a running sandbox org, whose users sign in. The pages are
    built from `sfdx` at the first start, with Node.
    """
    if context.invoked_subcommand is not None:
        return
    from waitress import create_server as listen

    settings = Settings.from_env()
    crm = Crm.read(sandbox_dir or settings.data_dir / "org")
    built = pages(lambda line: click.echo(line, err=True))
    app: Any = create_server(People(crm, settings.public_url), built, idle_seconds=session_minutes * 60)
    try:
        server = listen(app, host=host, port=port, threads=THREADS, ident=None)
    except OSError as error:
        raise click.ClickException(
            f"{host}:{port} cannot be used ({error.strerror}). Choose another one with --port."
        ) from None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    click.echo(f"The pages answer at http://{host}:{port}", err=True)
    try:
        server.run()
    finally:
        server.close()
        crm.close()


@preview.command()
@click.option("--tests", is_flag=True, help="Install what the tests of the components need as well.")
def build(tests: bool) -> None:
    """Build the pages, where these sources were not built before."""

    def echo(line: str) -> None:
        click.echo(line, err=True)

    if tests:
        install(SFDX / "unit", find_node(), echo)
    click.echo(pages(echo))
