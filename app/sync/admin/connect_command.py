"""`tandem connect`: from nothing to a working connection, for what the mappings need."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import orjson

from app.config import Settings
from app.kernel.errors import BadInput, Misconfigured
from app.salesforce.connect import Check, Needs, absolute, check_connection
from app.salesforce.connection import FILE_NAME, Connection
from app.salesforce.new_key import STEPS, make_key
from app.sync.mapping import MappingSet, parse

#: The sandbox keeps its app's private key beside its certificate authority.
_SANDBOX_KEY = "integration.key"


@click.command()
@click.option("--login-url", envvar="SALESFORCE_LOGIN_URL", help="The org's My Domain address.")
@click.option("--client-id", envvar="SALESFORCE_CLIENT_ID", help="The app's consumer key.")
@click.option("--username", envvar="SALESFORCE_USERNAME", help="The user Tandem works as.")
@click.option("--key-file", envvar="SALESFORCE_KEY_FILE", help="The app's private key, a PEM file.")
@click.option("--ca-file", envvar="SALESFORCE_CA_FILE", help="A CA to trust, for an org with its own.")
@click.option("--sandbox-json", help="What a running `tandem sandbox org` printed: a file, or - to read it.")
@click.option("--sandbox-dir", help="The data directory of a running `tandem sandbox org`.")
@click.option("--new-key", help="Make a private key in this file, and its certificate, and stop.")
@click.option("--check", is_flag=True, help="Check the connection Tandem has; change nothing.")
def connect(
    login_url: str | None,
    client_id: str | None,
    username: str | None,
    key_file: str | None,
    ca_file: str | None,
    sandbox_json: str | None,
    sandbox_dir: str | None,
    new_key: str | None,
    check: bool,
) -> None:
    """Connect Tandem to a Salesforce org, step by step.

    Checks the address, the key, the app, the user, the API limits and every object and field that the
    mappings use, says what is missing and where to set it, and keeps the connection when all is well.
    Without a key yet, begin with --new-key.
    """
    if new_key:
        _make_key(Path(new_key))
        return
    settings = Settings.from_env()
    needs = mapping_needs(_mappings(settings.mappings_dir))
    if check:
        connection = Connection.load(settings)
    elif sandbox_json or sandbox_dir:
        connection = sandbox_connection(_sandbox_document(sandbox_json, sandbox_dir))
    else:
        connection = Connection(
            login_url=_ask(login_url, "My Domain address (https://…)", "--login-url"),
            client_id=_ask(client_id, "Consumer key of the app", "--client-id"),
            username=_ask(username, "Username", "--username"),
            key_file=_ask(key_file, "Private key file (PEM)", "--key-file"),
            ca_file=ca_file or "",
            api_version=settings.salesforce_api_version,
        )
    connection = absolute(connection)
    failed = 0
    for outcome in check_connection(connection, needs):
        _print(outcome)
        failed += not outcome.ok
    if failed:
        what = "1 check failed" if failed == 1 else f"{failed} checks failed"
        click.echo(f"\n{what}. {'Mend it' if failed == 1 else 'Mend them'} and run `tandem connect` again.")
        sys.exit(1)
    if check:
        click.echo("\nThe connection works.")
        return
    path = connection.save(settings.data_dir)
    click.echo(f"\nConnected. Kept in {path}; next: `tandem sync run`.")
    if settings.salesforce_login_url:
        click.echo(f"The environment's SALESFORCE_* variables go before {FILE_NAME}.")


def _make_key(path: Path) -> None:
    certificate, end = make_key(path.resolve())
    click.echo(f"The private key is in {path}, its certificate in {certificate}, valid until {end:%Y-%m-%d}.")
    for number, step in enumerate(STEPS, 1):
        click.echo(f"{number}. {step}")
    click.echo(f"{len(STEPS) + 1}. Run `tandem connect --key-file {path}`.")


def mapping_needs(mappings: MappingSet) -> Needs:
    """What the mappings want of an org, without what a `when:` excuses."""
    visible = mappings.required()
    writable: dict[str, set[str]] = {}
    creatable = set()
    for mapping in mappings.objects:
        if mapping.sobject not in visible:
            continue
        outgoing = {part.sf for part in mapping.parts if part.outbound and part.when is None}
        if mapping.update not in {"both", "out"} and mapping.create not in {"both", "out"}:
            outgoing = set()
        if outgoing:
            writable[mapping.sobject] = outgoing | ({mapping.external_id} - {""})
        if mapping.create in {"both", "out"}:
            creatable.add(mapping.sobject)
    return Needs(visible, writable, frozenset(creatable))


def sandbox_connection(document: dict[str, str]) -> Connection:
    """The connection to a sandbox org from the line it prints when it is ready."""
    try:
        return Connection(
            login_url=document["https"],
            client_id=document["client_id"],
            username=document["username"],
            key_file=document.get("key_file") or str(Path(document["ca"]).with_name(_SANDBOX_KEY)),
            ca_file=document["ca"],
        )
    except KeyError as error:
        raise BadInput(
            f"the sandbox's line has no {error.args[0]}.",
            where="--sandbox-json",
            remedy="Give the first line that `tandem sandbox org` prints, as it is.",
        ) from None


def _sandbox_document(file: str | None, directory: str | None) -> dict[str, str]:
    where = "--sandbox-json" if file else str(Path(directory or "") / "org.json")
    try:
        if file == "-":
            content = sys.stdin.readline().encode()
        else:
            content = Path(file or where).read_bytes()
        document = orjson.loads(content)
    except OSError as error:
        raise BadInput(
            f"the sandbox org's description cannot be read: {error.strerror or error}.",
            where=file or where,
            remedy="Start one with `tandem sandbox org --data DIR`.",
        ) from error
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise BadInput(
            "this is not the JSON object that `tandem sandbox org` prints.",
            where=where,
            remedy="Give the first line that it prints, as it is.",
        )
    return document


def _mappings(directory: Path) -> MappingSet:
    try:
        files = {path.name: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.yaml"))}
    except OSError as error:
        raise Misconfigured(
            f"the mappings cannot be read: {error.strerror or error}.",
            where=str(directory),
            remedy="Make the directory readable, or set TANDEM_MAPPINGS_DIR.",
        ) from error
    return parse(files)


def _ask(value: str | None, question: str, option: str) -> str:
    if value:
        return value
    if not sys.stdin.isatty():
        raise BadInput(
            f"{option} is missing.",
            where="tandem connect",
            remedy="Give it as an option or in the environment, or run the command in a terminal.",
        )
    answer: str = click.prompt(question)
    return answer.strip()


def _print(outcome: Check) -> None:
    plain = os.environ.get("NO_COLOR") is not None
    mark = "✓" if outcome.ok else "✗"
    colour = None if plain else "green" if outcome.ok else "red"
    click.echo(f"{click.style(mark, fg=colour)} {outcome.name}: {outcome.detail}")
    if outcome.remedy:
        click.echo(f"  → {outcome.remedy}")
