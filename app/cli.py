"""The `tandem` command. Each room brings its own commands; this page only says where they are."""

from __future__ import annotations

import errno
import importlib
import sys

import click

from app.kernel.errors import TandemError

#: command → where its click object lives. Loaded when asked for, so `tandem --help` starts nothing.
COMMANDS = {
    "audit": ("app.audit.commands:audit", "Read, check and anchor the audit trail."),
    "agreements": ("app.partners.commands:agreements", "What partners accept before they are active."),
    "connect": (
        "app.sync.admin.connect_command:connect",
        "Connect Tandem to a Salesforce org, step by step.",
    ),
    "db": ("app.services.commands:db", "Create or upgrade the database."),
    "demo": ("app.demo.commands:demo", "The whole product on this machine, with its story."),
    "mappings": (
        "app.sync.admin.mapping_commands:mappings",
        "Check, preview, apply and revert field mappings.",
    ),
    "partners": ("app.partners.commands:partners", "Who the partners are."),
    "preview": ("app.preview.commands:preview", "The Lightning pages in a browser, without an org."),
    "sandbox": ("app.sandbox.commands:sandbox", "A local Salesforce org."),
    "scheduler": ("jobs.commands:scheduler", "Put due jobs into the queue, and rebuild lost ones."),
    "services": ("app.services.commands:services", "PostgreSQL and Valkey for this machine."),
    "sync": (
        "app.sync.admin.sync_commands:sync",
        "Move changes between Salesforce and Tandem, and show the state.",
    ),
    "roles": ("app.approvals.commands:roles", "Say who of the company is what."),
    "rights": ("app.web.commands:rights", "Say who of the company may decide."),
    "trust": ("app.web.commands:trust", "Register the certificate of an org whose users call."),
    "web": ("app.factory:web", "Serve the API."),
    "workflows": ("app.approvals.commands:workflows", "Check, preview, publish and revert workflows."),
    "worker": ("jobs.commands:worker", "Work through queued jobs."),
}

#: Where the tables are that a mapping may name; the rooms that check mappings lie below them.
TABLES = ("app.crm.models",)


class Rooms(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name == "sync":
            ctx.obj = {"sync_observers": importlib.import_module("app.listeners").SYNC_OBSERVERS}
        if cmd_name == "mappings":
            for tables in TABLES:
                importlib.import_module(tables)
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]})
def tandem() -> None:
    """Tandem: partner relationship management that lives inside Salesforce."""


def main() -> None:
    """Run the command; an error that a person can read becomes one sentence and exit code 1."""
    try:
        tandem(prog_name="tandem")
    except TandemError as error:
        _end(error.sentence())
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        remedy = "Free some space" if error.errno == errno.ENOSPC else "Mend that"
        _end(
            f"{where}{(error.strerror or _first_line(error)).lower()}. {remedy}, then run the command again."
        )
    except Exception as error:
        sentence = _about_a_server(error)
        if sentence is None:
            raise
        _end(sentence)


def _end(sentence: str) -> None:
    click.echo(f"tandem: {sentence}", err=True)
    sys.exit(1)


def _about_a_server(error: Exception) -> str | None:
    """What PostgreSQL or Redis said, as a sentence; None for an error of something else."""
    # Imported for the error alone: a third of a second that most commands need not spend.
    import psycopg
    from redis import RedisError
    from sqlalchemy.exc import SQLAlchemyError

    text = _first_line(error)
    if isinstance(error, RedisError):
        return f"Redis does not answer: {text}. Look at `tandem services status`, then try again."
    if not isinstance(error, SQLAlchemyError | psycopg.Error):
        return None
    cause = getattr(error, "orig", None) or error
    text = _first_line(cause)
    if isinstance(cause, psycopg.errors.UndefinedTable):
        return "The database has no tables yet, or old ones. Run `tandem db upgrade`."
    if isinstance(cause, psycopg.errors.DiskFull):
        return f"The database's disk is full: {text}. Free some space; nothing was half-written."
    if isinstance(cause, psycopg.OperationalError):
        return f"The database does not answer: {text}. Look at `tandem services status`, then try again."
    return f"The database refused: {text}. Nothing was written."


def _first_line(error: object) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0].rstrip(".")


if __name__ == "__main__":
    main()
