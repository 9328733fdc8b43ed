"""`tandem mappings …`: check, preview, apply and revert field mappings."""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from app.config import Settings
from app.db import Base, Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import Misconfigured, Unavailable
from app.salesforce.connection import Connection
from app.salesforce.gateway import Gateway
from app.services import state
from app.sync import mapping_store as store
from app.sync.admin.lint import Report, check, local_tables
from app.sync.admin.lint_filter import check_filters
from app.sync.admin.lint_org import check_org
from app.sync.admin.preview import preview
from app.sync.engine import alone
from app.sync.mapping.document import json_schema
from app.sync.mapping.reader import MappingFaults

#: Seconds to wait for a running sync before `apply` and `revert` give up.
PATIENCE = 60.0

_directory = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    help="Directory of the mapping files (default: TANDEM_MAPPINGS_DIR, else mappings/).",
)
_org = click.option(
    "--org/--offline",
    default=None,
    help="Ask the org too, or never. Default: ask it when `tandem connect` has been run.",
)


@click.group()
def mappings() -> None:
    """Check, preview, apply and revert field mappings.

    The files in mappings/ say what is wanted; the active version in the database is what the sync follows.
    """


@mappings.command()
@_directory
@_org
def lint(directory: Path | None, org: bool | None) -> None:
    """Report every fault of the mapping files, with line and remedy; exit code 1 when there is one."""
    settings = Settings.from_env()
    report, asked = _checked(settings, directory, org)
    for note in report.notes:
        click.echo(f"note: {note}")
    if report.faults:
        raise MappingFaults(report.faults)
    assert report.mappings is not None
    objects = report.mappings.objects
    parts = sum(len(o.parts) for o in objects)
    click.echo(f"{len(objects)} objects, {parts} fields and lookups: no faults. Checked against {asked}.")


@mappings.command()
@_directory
@_org
@click.option("--limit", default=20, show_default=True, help="Records to show for each object.")
@click.option("--examine", default=10_000, show_default=True, help="Records to compare for each object.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def plan(directory: Path | None, org: bool | None, limit: int, examine: int, as_json: bool) -> None:
    """Show what applying the files would do, record by record and in API calls. Writes nothing."""
    settings = Settings.from_env()
    report, _ = _checked(settings, directory, org)
    if report.faults or report.mappings is None:
        raise MappingFaults(report.faults)
    with (
        _gateway(settings, org) as gateway,
        _database(settings) as database,
        database.session(SYSTEM) as session,
    ):
        now = store.active(session)
        old = None if now is None else now.mappings()
        found = list(preview(session, old, report.mappings, gateway, report.org, examine=examine))
    if as_json:
        click.echo(json.dumps([p.as_json(limit) for p in found], indent=2, ensure_ascii=False, default=str))
        return
    if not found:
        click.echo(f"The files say what is active already{f' (version {now.id})' if now else ''}.")
        return
    for part in found:
        click.echo("\n".join(part.lines(limit)))
    click.echo("Nothing was written. `tandem mappings apply` makes this active.")


@mappings.command()
@_directory
@_org
@click.option("--note", default="", help="Why, for the list of versions.")
def apply(directory: Path | None, org: bool | None, note: str) -> None:
    """Make the files the active version. With any fault nothing changes."""
    settings = Settings.from_env()
    report, asked = _checked(settings, directory, org)
    if report.faults:
        raise MappingFaults(report.faults)
    documents = store.read_files(directory or settings.mappings_dir)
    with _database(settings) as database, _between_syncs(database), database.session(SYSTEM) as session:
        before = store.active(session)
        stored = store.apply(session, documents, by=_who(), note=note)
    if before is not None and before.id == stored.id:
        click.echo(f"The files say what is active already (version {stored.id}).")
    else:
        click.echo(f"Version {stored.id} is active, checked against {asked}; the next sync follows it.")


@mappings.command()
@click.argument("version", type=int, required=False)
def revert(version: int | None) -> None:
    """Go back to an older VERSION, or to the one before the active one. The files stay as they are."""
    with (
        _database(Settings.from_env()) as database,
        _between_syncs(database),
        database.session(SYSTEM) as session,
    ):
        stored = store.revert(session, version, by=_who())
    click.echo(f"{stored.note}: version {stored.id} is active; the next sync follows it.")


@mappings.command()
def versions() -> None:
    """List the versions, newest first; the active one has a star."""
    with _database(Settings.from_env()) as database, database.session(SYSTEM) as session:
        stored = store.versions(session)
    for v in stored:
        star = "*" if v.active else " "
        when = v.applied_at.strftime("%Y-%m-%d %H:%M")
        click.echo(f"{star} {v.id:>4}  {when} UTC  {v.hash[:12]}  {v.applied_by}  {v.note}".rstrip())
    if not stored:
        click.echo("There is no version yet; the first sync stores the files as version 1.")


@mappings.command()
@click.option("--check", is_flag=True, help="Only say whether the file in the directory is current.")
@_directory
def schema(directory: Path | None, check: bool) -> None:
    """Write the JSON Schema that editors use to help with the YAML (mapping.schema.json)."""
    file = (directory or Settings.from_env().mappings_dir) / "mapping.schema.json"
    wanted = schema_text()
    if check:
        if not file.is_file() or file.read_text() != wanted:
            raise Misconfigured(
                "The schema is out of date.", where=str(file), remedy="Run `tandem mappings schema`."
            )
        click.echo(f"{file} is current.")
        return
    try:
        file.write_text(wanted)
    except OSError as error:
        raise Misconfigured(
            f"The schema cannot be written: {error.strerror}.",
            where=str(file),
            remedy="Name another directory with --dir.",
        ) from None
    click.echo(f"Wrote {file}.")


def schema_text() -> str:
    """The JSON Schema as the file holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _checked(settings: Settings, directory: Path | None, org: bool | None) -> tuple[Report, str]:
    """The files, checked; and against what, in words."""
    documents = store.read_files(directory or settings.mappings_dir)
    report = check(documents, local_tables(Base.metadata))
    with _gateway(settings, org) as gateway:
        if gateway is None:
            return report, "the tables only (no org was asked)"
        if report.mappings is None:
            return report, "the tables"
        probed = gateway.probe(report.mappings.objects_named())
        check_filters(check_org(report, probed), gateway)
        return report, f"the tables and the org {probed.name}"


@contextmanager
def _gateway(settings: Settings, org: bool | None) -> Iterator[Gateway | None]:
    """The gateway when the org is to be asked; None otherwise."""
    if org is False or (org is None and not _connected(settings)):
        yield None
        return
    with Gateway.open(settings) as gateway:
        yield gateway


def _connected(settings: Settings) -> bool:
    if settings.salesforce_login_url:
        return True
    try:
        Connection.load(settings)
    except Misconfigured:
        return False
    return True


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(state.locate(settings).database)
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def _between_syncs(database: Database) -> Iterator[None]:
    """Wait for a running sync and keep the next one back: it must not work under two mappings.

    Raises Unavailable when the running one has not ended after PATIENCE seconds.
    """
    deadline = time.monotonic() + PATIENCE
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(alone(database))
                break
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield


def _who() -> str:
    """The name of the person at the keyboard, as the machine knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
