"""`tandem partners`."""

from __future__ import annotations

import click

from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.partners import adoption, service
from app.services import locate


@click.group()
def partners() -> None:
    """Who the partners are."""


@partners.command()
@click.option("--type", "types", multiple=True, help="An account type that makes a partner; repeat for more.")
@click.option(
    "--distributor", "distributors", multiple=True, metavar="NAME", help="This one is a distributor."
)
def adopt(types: tuple[str, ...], distributors: tuple[str, ...]) -> None:
    """Take over the partners that the CRM already has. Safe to repeat; prospects are left out."""
    settings = Settings.from_env()
    database = Database(locate(settings).database, pool_size=1)
    try:
        with database.session(SYSTEM) as session:
            done = adoption.adopt(
                session, SYSTEM, today=service.today(session, settings.business_time_zone),
                types=types or adoption.TYPES, distributors=distributors,
            )  # fmt: skip
    finally:
        database.dispose()
    click.echo(
        f"{len(done.taken)} taken over, {done.already} were partners already, {len(done.left)} left out."
    )
    for name in done.left:
        click.echo(f"left out, a prospect: {name}")
