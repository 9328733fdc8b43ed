"""`tandem workflows` and `tandem roles`: what is decided how, and who is who."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import roles as held
from app.approvals import store
from app.approvals.document.reading import Document, hints, read
from app.audit import operator
from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import BadInput, NotFound
from app.services import locate

_files = click.argument(
    "files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE]…"
)


@contextmanager
def _session() -> Iterator[Session]:
    database = Database(locate(Settings.from_env()).database, pool_size=1)
    try:
        with database.session(SYSTEM) as session:
            yield session
    finally:
        database.dispose()


def _documents(files: tuple[Path, ...]) -> list[Document]:
    """The documents of these files, or of those that come with Tandem; every faulty one is told."""
    found, faulty = [], []
    for file in files or store.shipped():
        try:
            found.append(store.read_file(file))
        except BadInput as error:
            faulty.append(error.sentence())
    if faulty:
        raise BadInput("\n".join(faulty))
    return found


@click.group()
def workflows() -> None:
    """Check, preview, publish and revert workflows: who may start them, their forms, limits and routes.

    The active version in the database is what new requests follow; those that run keep theirs.
    """


@workflows.command()
@_files
def lint(files: tuple[Path, ...]) -> None:
    """Report every fault of the files, with its place and remedy; exit code 1 when there is one."""
    documents = _documents(files)
    for document in documents:
        steps = len(list(document.workflow.steps()))
        click.echo(f"{document.workflow.key}: {steps} steps, no faults.")
        for hint in hints(document.workflow):
            click.echo(f"  note: {hint}")


@workflows.command()
@_files
def plan(files: tuple[Path, ...]) -> None:
    """Show what publishing the files would change. Writes nothing."""
    documents = _documents(files)
    with _session() as session:
        for document in documents:
            key = document.workflow.key
            now = next((one for one in store.versions(session, key) if one.active), None)
            if now is not None and now.hash == document.hash:
                click.echo(f"{key}: version {now.version} says this already.")
                continue
            before = now.source.splitlines() if now else []
            name = f"version {now.version}" if now else "nothing"
            for line in difflib.unified_diff(before, document.source.splitlines(), name, "file", lineterm=""):
                click.echo(line)
            running: int = session.execute(
                text(
                    "SELECT count(*) FROM approval_request WHERE workflow_key = :key "
                    "AND state IN ('submitted', 'info_needed')"
                ),
                {"key": key},
            ).scalar_one()
            click.echo(f"{key}: {running} running requests keep their version.")
    click.echo("Nothing was written. `tandem workflows apply` publishes this.")


@workflows.command()
@_files
@click.option("--note", default="", help="Why, for the list of versions.")
@click.option("--shipped", is_flag=True, help="Publish the workflows that come with Tandem, as they came.")
def apply(files: tuple[Path, ...], note: str, shipped: bool) -> None:
    """Publish the files. With any fault nothing changes."""
    if bool(files) == shipped:
        raise click.UsageError("Name the files to publish, or say --shipped.")
    documents = _documents(files)
    with _session() as session:
        for document in documents:
            before = {one.version for one in store.versions(session, document.workflow.key)}
            made = store.publish(session, document, operator(), note=note)
            if made.version in before:
                click.echo(f"{made.key}: version {made.version} says this already.")
            else:
                click.echo(f"{made.key}: version {made.version} is active; new requests follow it.")


@workflows.command()
@click.argument("key", required=False)
@click.option("--version", "number", type=int, help="An older version.")
def show(key: str | None, number: int | None) -> None:
    """Show a workflow as it was written; without KEY, list them all."""
    with _session() as session:
        if key is None:
            for version in store.all_active(session):
                workflow = version.workflow()
                steps = ", ".join(step.key for _, step in workflow.steps())
                click.echo(f"{version.key}  version {version.version}  {workflow.name()}: {steps}")
            return
        found = store.active(session, key) if number is None else store.get(session, key, number)
    click.echo(f"# {found.key}, version {found.version}{' (active)' if found.active else ''}", err=True)
    click.echo(found.source.rstrip())


@workflows.command()
@click.argument("key")
def versions(key: str) -> None:
    """List the versions of a workflow, newest first."""
    with _session() as session:
        found = store.versions(session, key)
    if not found:
        raise NotFound(f'There is no workflow "{key}".', remedy="`tandem workflows show` lists them.")
    for one in found:
        mark = "*" if one.active else " "
        words = f"  {one.note}" if one.note else ""
        click.echo(
            f"{mark} {one.version:>3}  {one.published_at:%Y-%m-%d %H:%M} UTC  {one.published_by}{words}"
        )


@workflows.command()
@click.argument("key")
@click.argument("version", type=int, required=False)
def revert(key: str, version: int | None) -> None:
    """Make an older version active again: VERSION, or the one before."""
    with _session() as session:
        made = store.revert(session, key, operator(), version)
    click.echo(f"{key}: version {made.version} is active. {made.note}.")


@workflows.command()
@click.argument("key")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--version", "number", type=int, help="An older version.")
def export(key: str, directory: Path, number: int | None) -> None:
    """Write a workflow to DIRECTORY/KEY.yaml, to edit and apply it."""
    with _session() as session:
        found = store.active(session, key) if number is None else store.get(session, key, number)
    read(found.source)
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / f"{key}.yaml"
    file.write_text(found.source, encoding="utf-8")
    click.echo(f"{file}: version {found.version}.")


@click.group()
def roles() -> None:
    """Say who of the company is what: rep, channel_manager, finance …; a queue's members hold its name."""


@roles.command()
@click.argument("role")
@click.argument("username")
def grant(role: str, username: str) -> None:
    """Give a role to a user of the company."""
    with _session() as session:
        new = held.grant(session, operator(), role, username)
    click.echo(f"{username} {'now has' if new else 'has'} the role {role}{'' if new else ' already'}.")


@roles.command()
@click.argument("role")
@click.argument("username")
def withdraw(role: str, username: str) -> None:
    """Take a role away, at once."""
    with _session() as session:
        gone = held.withdraw(session, operator(), role, username)
    click.echo(f"{username} {'no longer has' if gone else 'does not have'} the role {role}.")


@roles.command(name="list")
def list_() -> None:
    """List the roles and who holds them."""
    with _session() as session:
        found = held.listed(session)
    if not found:
        click.echo("Nobody has a role yet. `tandem roles grant channel_manager someone@company.example`")
    for role, username, name, active in found:
        click.echo(f"{role}  {username}  {name}{'' if active else '  (not active)'}")
