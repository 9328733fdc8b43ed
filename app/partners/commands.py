"""`tandem partners` and `tandem agreements`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit import operator
from app.config import Settings
from app.db import Database
from app.partners import adoption, service
from app.partners.agreements import publish as publish_version
from app.services import locate


@contextmanager
def _session() -> Iterator[tuple[Session, date]]:
    settings = Settings.from_env()
    database = Database(locate(settings).database, pool_size=1)
    try:
        with database.session(operator()) as session:
            yield session, service.today(session, settings.business_time_zone)
    finally:
        database.dispose()


@click.group()
def partners() -> None:
    """Who the partners are."""


@partners.command()
@click.option("--type", "types", multiple=True, help="An account type that makes a partner; repeat for more.")
@click.option("--distributor", "distributors", multiple=True, metavar="NAME", help="It is a distributor.")
def adopt(types: tuple[str, ...], distributors: tuple[str, ...]) -> None:
    """Take over the partners that the CRM already has. Safe to repeat; prospects are left out."""
    with _session() as (session, today):
        done = adoption.adopt(
            session, operator(), today=today, types=types or adoption.TYPES, distributors=distributors
        )
    counted = f"{len(done.taken)} taken over, {done.already} were partners already"
    click.echo(f"{counted}, {len(done.left)} left out.")
    for name in done.left:
        click.echo(f"left out, a prospect: {name}")
    for level in sorted(done.strange):
        click.echo(f"not a level here: {level}. Its partners got the initial level; make it and set it anew.")


@partners.command(name="list")
def list_partners() -> None:
    """Every partner with kind, status and level, by name."""
    with _session() as (session, _):
        rows = session.execute(
            text(
                "SELECT a.name, p.kind, p.status, coalesce(a.partner_level, '-') AS level FROM partner p "
                "JOIN account a ON a.id = p.account_id WHERE a.deleted_at IS NULL "
                "ORDER BY lower(a.name), a.id"
            )
        ).all()
    if not rows:
        click.echo("There is no partner yet. `tandem partners adopt` takes over those of the CRM.")
    for row in rows:
        click.echo(f"{row.name} · {row.kind} · {row.status} · {row.level}")


@click.group()
def agreements() -> None:
    """What partners accept before they are active."""


@agreements.command()
@click.argument("texts", nargs=-1, required=True, metavar="LANGUAGE=FILE…")
@click.option("--agreement", default="partner_agreement", show_default=True, help="Which one.")
@click.option(
    "--from", "effective", type=click.DateTime(["%Y-%m-%d"]), help="Its first day. Today by default."
)
@click.option("--within", default=30, show_default=True, type=click.IntRange(1, 3650), help="Days to accept.")
def publish(texts: tuple[str, ...], agreement: str, effective: datetime | None, within: int) -> None:
    """Publish a new version: `tandem agreements publish en=agreement.txt de=vertrag.txt`.

    Every partner is asked to accept it. The same texts again publish nothing.
    """
    read: dict[str, str] = {}
    for one in texts:
        language, equals, name = one.partition("=")
        if not equals or not Path(name).is_file():
            raise click.UsageError(f"{one}: write a language and a file, such as en=agreement.txt.")
        try:
            read[language] = Path(name).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise click.UsageError(f"{name}: the text is not UTF-8.") from None
    with _session() as (session, today):
        day = effective.date() if effective else today
        version = publish_version(
            session, operator(), agreement, read, effective_on=day, accept_within_days=within
        )
    click.echo(f"{agreement}, version {version}, from {day.isoformat()}.")


@agreements.command(name="list")
def list_agreements() -> None:
    """Every version: its languages, its first day, and how many partners accepted it."""
    with _session() as (session, _):
        rows = session.execute(
            text(
                "SELECT a.key, v.version, v.effective_on, "
                "ARRAY(SELECT jsonb_object_keys(v.texts)) AS languages, "
                "(SELECT count(*) FROM agreement_acceptance c WHERE c.version_id = v.id) AS accepted "
                "FROM agreement a LEFT JOIN agreement_version v ON v.agreement = a.key "
                "ORDER BY a.key, v.version"
            )
        ).all()
    for row in rows:
        if row.version is None:
            click.echo(f"{row.key}: no version yet")
            continue
        languages = ", ".join(sorted(row.languages))
        click.echo(
            f"{row.key} {row.version} · {languages} · from {row.effective_on} · {row.accepted} accepted"
        )
