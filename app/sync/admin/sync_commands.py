"""`tandem sync`: move changes, and show how it stands."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import BadInput, TandemError
from app.services import locate
from app.sync import conflicts, mapping_store, outbox, reconcile, service
from app.sync import status as state
from app.sync.engine import Engine, Observer
from app.sync.tx import Tx


@click.group()
def sync() -> None:
    """Move changes between Salesforce and Tandem, and show the state."""


def observers() -> tuple[Observer, ...]:
    """Who is told of changes from Salesforce; the command line puts the rooms above in here."""
    found = click.get_current_context().find_root().obj or {}
    return tuple(found.get("sync_observers", ()))


@contextmanager
def _engine() -> Iterator[Engine]:
    with (
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        ) as bars,
        service.opened(Settings.from_env(), observers=observers()) as engine,
    ):
        tasks: dict[str, Any] = {}

        def show(sobject: str, done: int, total: int) -> None:
            if sobject not in tasks:
                tasks[sobject] = bars.add_task(f"Reading {sobject}", total=total or None)
            bars.update(tasks[sobject], completed=done, total=total or None)

        engine.progress = show
        yield engine


_only = click.option("--only", multiple=True, metavar="SOBJECT", help="Only these objects; may be repeated.")
_json = click.option("--json", "as_json", is_flag=True, help="Machine-readable.")


@sync.command()
@click.option("--watch", type=click.IntRange(1), metavar="SECONDS", help="Go on, with this pause in between.")
@_json
def run(watch: int | None, as_json: bool) -> None:
    """One whole cycle: read what changed, merge, send what waits."""
    with _engine() as engine:
        while True:
            _say(service.cycle(engine), as_json)
            if watch is None:
                return
            time.sleep(watch)


@sync.command()
@_only
@_json
def pull(only: tuple[str, ...], as_json: bool) -> None:
    """Read what changed in Salesforce; send nothing."""
    with _engine() as engine:
        _known(engine, only)
        _say(service.cycle(engine, only=only or None, outward=False), as_json)


@sync.command()
@_json
def push(as_json: bool) -> None:
    """Send what waits. Reads the objects concerned first, so that nobody's change is covered."""
    with _engine() as engine:
        with engine.transaction() as tx:
            tables = {
                r[0] for r in tx.rows("SELECT DISTINCT table_name FROM sync_outbox WHERE state <> 'held'")
            }
        only = [o.sobject for o in engine.mappings.objects if o.table in tables]
        _say(service.cycle(engine, only=only), as_json)


def _known(engine: Engine, only: tuple[str, ...]) -> None:
    unknown = [name for name in only if name not in engine.mappings]
    if unknown:
        raise BadInput(
            f"No mapping for {', '.join(unknown)}.",
            remedy=f"Mapped: {', '.join(o.sobject for o in engine.mappings.objects)}.",
        )


def _say(done: service.Cycle, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**done.counts(), "api_calls": done.calls}))
    else:
        parts = [
            f"{name}: {r.created} created, {r.updated} updated, {r.deleted} deleted here"
            + (f", {r.refused} put aside" if r.refused else "")
            for name, r in done.pulled.items()
            if r.created or r.updated or r.deleted or r.refused
        ]
        sent = done.pushed
        if sent.sent or sent.held or sent.waiting:
            parts.append(
                f"Salesforce: {sent.created} created, {sent.updated} updated, {sent.deleted} deleted"
                + (f", {sent.held} put aside" if sent.held else "")
                + (f", {sent.waiting} to be tried again" if sent.waiting else "")
            )
        for part in parts or ["Nothing to do: both sides are equal."]:
            click.echo(part)
        click.echo(f"{done.calls} API calls.")
    if done.refused:
        raise next(iter(done.refused.values()))


@contextmanager
def _database() -> Iterator[Tx]:
    database = Database(locate(Settings.from_env()).database)
    try:
        with database.session(SYSTEM) as session:
            yield Tx(session)
    finally:
        database.dispose()


@sync.command()
@_json
@click.option("--stuck", default=20, show_default=True, help="How many stuck records to name.")
def status(as_json: bool, stuck: int) -> None:
    """Per object: lag, cursor, what waits, conflicts, and which records cannot sync and why."""
    with _database() as tx:
        mappings = mapping_store.ensure(tx.session, Settings.from_env().mappings_dir).mappings()
        found = state.status(tx, mappings, examples=stuck)
    if as_json:
        click.echo(json.dumps(found.as_json(), default=str))
        return
    table = Table(box=None, header_style="bold")
    for name in ("object", "linked", "lag", "cursor (UTC)", "waiting", "conflicts", "stuck", "not visible"):
        table.add_column(
            name, justify="right" if name in {"linked", "waiting", "conflicts", "stuck"} else "left"
        )
    for one in found.objects:
        reading = f"reading, {one.backfill_rows} so far" if one.backfill_rows is not None else None
        table.add_row(
            one.sobject,
            str(one.linked),
            "never" if one.lag_seconds is None else f"{one.lag_seconds} s",
            reading or (f"{one.cursor:%Y-%m-%d %H:%M:%S}" if one.cursor else "-"),
            str(one.outbox),
            str(one.conflicts),
            str(one.stuck),
            ", ".join(one.hidden_fields) or "-",
        )
    console = Console(width=None, soft_wrap=True)
    console.print(table)
    if found.stuck:
        console.print("\nCannot sync, and why:")
    for record in found.stuck:
        where = record.sf_id or record.local_id
        console.print(
            f"  {record.sobject} {where} ({'to' if record.direction == 'out' else 'from'} Salesforce): "
        )
        console.print(f"    {record.sentence}", markup=False)
    if found.last_run and found.last_run["error"]:
        console.print(f"\nThe last run ended with: {found.last_run['error']}", markup=False)


@sync.command(name="conflicts")
@_json
def list_conflicts(as_json: bool) -> None:
    """Fields that both sides changed and that wait for somebody to decide."""
    with _database() as tx:
        found = conflicts.listing(tx)
    if as_json:
        click.echo(json.dumps(found, default=str))
        return
    for one in found:
        click.echo(
            f"{one['id']}  {one['sobject']} {one['sf_id']}  {one['field']}: "
            f"{one['base']!r} became {one['ours']!r} here and {one['theirs']!r} in Salesforce"
        )
    if not found:
        click.echo("No open conflicts.")


@sync.command()
@click.argument("conflict", type=int)
@click.option("--take", type=click.Choice(["tandem", "salesforce"]), required=True, help="Whose value stays.")
def resolve(conflict: int, take: Literal["tandem", "salesforce"]) -> None:
    """Decide one conflict; the next cycle carries it out."""
    with _engine() as engine, engine.alone(), engine.transaction() as tx:
        conflicts.resolve(engine, tx, conflict, take, by="admin")
    click.echo(f"Conflict {conflict}: the value of {take.capitalize()} stays.")


@sync.command()
@click.option("--kind", multiple=True, help="Only entries put aside for this kind of error.")
def retry(kind: tuple[str, ...]) -> None:
    """Let records that were put aside try again, after the cause was mended."""
    with _database() as tx:
        number = outbox.retry(tx, kind or None)
    click.echo(f"{number} records wait for the next cycle.")


@sync.command(name="reconcile")
@_only
@click.option("--fix", is_flag=True, help="Settle what was found, by the rules of the mapping.")
@_json
@click.option("--limit", default=50, show_default=True, help="How many differences to name for each object.")
def reconcile_command(only: tuple[str, ...], fix: bool, as_json: bool, limit: int) -> None:
    """Compare both sides, record by record. Exits with 1 when they differ and nothing was settled."""
    with _engine() as engine, engine.alone():
        _known(engine, only)
        found = [
            reconcile.compare(engine, mapping)
            for mapping in engine.mappings.objects
            if not only or mapping.sobject in only
        ]
        if fix:
            for one in found:
                reconcile.mend(engine, engine.mappings.by_sobject(one.sobject), one)
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "object": one.sobject,
                        "compared": one.compared,
                        "pending": one.pending,
                        "drift": [d.sentence() for d in one.drift],
                    }
                    for one in found
                ],
                default=str,
            )
        )
    else:
        for one in found:
            click.echo(
                f"{one.sobject}: {one.compared} compared, {len(one.drift)} differ, {one.pending} on their way"
            )
            for drift in one.drift[:limit]:
                click.echo(f"  {drift.sentence()}")
            if len(one.drift) > limit:
                click.echo(f"  … and {len(one.drift) - limit} more (--limit)")
    if any(one.drift for one in found) and not fix:
        raise _Differs(
            "The two sides differ.", remedy="`tandem sync reconcile --fix` settles it by the mappings."
        )


class _Differs(TandemError):
    """Reconcile found drift."""

    code = "drift"
