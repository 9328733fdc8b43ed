"""`tandem audit`: read the trail, check it, anchor it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from app.audit import anchors, trail
from app.audit.verify import verify as check
from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.services import locate


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(locate(settings).database, pool_size=1)
    try:
        yield database
    finally:
        database.dispose()


@click.group()
def audit() -> None:
    """Who decided or changed what, and whether that record still holds."""


@audit.command()
@click.option(
    "--anchor",
    "elsewhere",
    multiple=True,
    metavar="ROW:HASH",
    help="A head that you kept elsewhere; may be given again.",
)
def verify(elsewhere: tuple[str, ...]) -> None:
    """Compute every row's seal anew: edited, deleted, moved and cut rows are found. Exit code 1 then."""
    settings = Settings.from_env()
    kept = anchors.read(anchors.path(settings.data_dir))
    with _database(settings) as database:
        with database.session(SYSTEM) as session:
            chain = anchors.head(session).chain
        verdict = check(database, [*kept, *(anchors.parse(one, chain) for one in elsewhere)])
    click.echo(verdict.sentence)
    if verdict.breach is not None:
        click.echo(
            "Do not repair it: keep a backup of the database as it is now, and compare with older ones.",
            err=True,
        )
        sys.exit(1)
    click.echo(f"Head, to keep elsewhere: {verdict.head}")


@audit.command()
@click.option("--new", "anew", is_flag=True, help="Put the present file aside and start a new one.")
def anchor(anew: bool) -> None:
    """Write the head of the chain to the file of anchors now. The scheduler does so every few minutes.

    --new is for a database that was restored from a backup or made anew: no old anchor can agree with it.
    """
    settings = Settings.from_env()
    file = anchors.path(settings.data_dir)
    with _database(settings) as database, database.session(SYSTEM) as session:
        aside = anchors.put_aside(file) if anew else None
        head = anchors.head(session)
        written = anchors.keep(file, head)
    if aside is not None:
        click.echo(f"The anchors so far are in {aside}.")
    click.echo(f"{'Anchored' if written else 'Anchored already'}: {head} in {file}")


@audit.command()
@click.option("--subject", metavar="KIND[:ID]", help="What was done to: deal_registration, or with its id.")
@click.option("--actor", "actor_id", type=click.UUID, help="A user's id here.")
@click.option("--action", help="deal.approve, or its beginning: deal.")
@click.option("--partner", type=click.UUID, help="The id of a partner's account here.")
@click.option("--since", type=click.DateTime(), help="From this moment on, UTC.")
@click.option("--until", type=click.DateTime(), help="Before this moment, UTC.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def show(
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
    **rest: Any,
) -> None:
    """Print rows of the trail, newest first."""
    kind, _, subject_id = (subject or "").partition(":")
    wanted = trail.Wanted(
        subject_kind=kind or None,
        subject_id=subject_id or None,
        actor_id=rest["actor_id"],
        action=rest["action"],
        partner_account_id=rest["partner"],
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
    )
    with _database(Settings.from_env()) as database, database.session(SYSTEM) as session:
        rows = trail.read(session, wanted, limit=limit)
    for row in rows:
        click.echo(json.dumps(row, default=str, ensure_ascii=False) if as_json else _line(row))
    if not rows:
        click.echo("No row of the trail fits.", err=True)


def _line(row: dict[str, Any]) -> str:
    changed = " ".join(
        f"{name}={json.dumps(row[name], ensure_ascii=False)}"
        for name in ("before", "after")
        if row[name] is not None
    )
    words = [
        f"{row['number']:>6}",
        f"{row['at'].astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        f"{row['action']:<24}",
        f"{row['subject_kind']} {row['subject_id']}",
        f"by {row['actor_name']}",
        f"“{row['reason']}”" if row["reason"] else "",
        changed,
    ]
    # A line break in a reason must not look like another row.
    return "  ".join(word for word in words if word).replace("\n", " ").replace("\r", " ")
