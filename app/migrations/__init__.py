"""The database's history, one revision after another. Run through `run`, never by importing a revision."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def run(connection: Connection, target: str, app_role: str) -> None:
    """Apply revisions up to `target` over the owner's connection, each in a transaction of its own.

    app_role: the role the service signs in as, which the revisions grant its rights to.
    """
    config = _config()
    config.attributes |= {"connection": connection, "app_role": app_role}
    command.upgrade(config, target)


def scripts() -> ScriptDirectory:
    """The revisions that this version of Tandem knows."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "app:migrations")
    config.set_main_option("path_separator", "os")
    return config
