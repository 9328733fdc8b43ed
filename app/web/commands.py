"""`tandem trust` and `tandem rights`: whose word is believed, and who may decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy.orm import Session

from app.audit import operator, record
from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import BadInput
from app.services import locate
from app.web import identity
from app.web.assertions import full_id, public_key

RIGHTS = (
    "audit.read",
    "data.export",
    "levels.manage",
    "partners.manage",
    "requests.manage",
    "sync.manage",
    "workflows.manage",
)


@contextmanager
def _session() -> Iterator[Session]:
    database = Database(locate(Settings.from_env()).database, pool_size=1)
    try:
        with database.session(SYSTEM) as session:
            yield session
    finally:
        database.dispose()


def org_of(org_id: str, issuer: str, login_url: str, certificate: str) -> identity.TrustedOrg:
    """A trusted org, its certificate checked. Raises BadInput."""
    try:
        public_key(certificate)
    except ValueError as error:
        raise BadInput(
            f"This is not a usable certificate: {error}.",
            where="--certificate",
            remedy="Export it in Setup › Certificate and Key Management, as PEM.",
        ) from None
    return identity.TrustedOrg(full_id(org_id), full_id(issuer), login_url, certificate)


@click.command()
@click.option("--org", "org_id", required=True, metavar="ID", help="The org's id, 00D….")
@click.option("--login-url", default="", help="Where its users sign in.")
@click.option("--issuer", help="The `iss` of its assertions. The org's id by default.")
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM file.")
@click.option("--remove", is_flag=True, help="Trust it no longer, and end every token.")
def trust(org_id: str, login_url: str, issuer: str | None, certificate: Path | None, remove: bool) -> None:
    """Register the certificate with which an org signs for its users."""
    org_id = full_id(org_id)
    with _session() as session:
        if remove:
            identity.distrust(session, org_id)
            record(session, operator(), "org.distrust", subject=("trusted_org", org_id))
            click.echo(f"The org {org_id} is no longer trusted; every token has ended.")
            return
        if certificate is None:
            raise click.UsageError("--certificate is needed: the PEM file that the org's admin exported.")
        org = org_of(org_id, issuer or org_id, login_url, certificate.read_text())
        identity.trust(session, org)
        record(session, operator(), "org.trust", subject=("trusted_org", org_id), after=asdict(org))
    click.echo(f"Assertions of the org {org_id} are trusted from now on.")


@click.group()
def rights() -> None:
    """Who may decide."""


@rights.command()
@click.argument("right", type=click.Choice(RIGHTS))
@click.argument("username")
def grant(right: str, username: str) -> None:
    """Give a right to a user of the company."""
    with _session() as session:
        identity.grant(session, username, right)
        record(session, operator(), "right.grant", subject=("user", username), after={"right": right})
    click.echo(f"{username} has the right {right}.")


@rights.command()
@click.argument("right", type=click.Choice(RIGHTS))
@click.argument("username")
def withdraw(right: str, username: str) -> None:
    """Take a right away."""
    with _session() as session:
        identity.withdraw(session, username, right)
        record(session, operator(), "right.withdraw", subject=("user", username), before={"right": right})
    click.echo(f"{username} no longer has the right {right}.")
