"""How Alembic runs the revisions: over the connection it is given, one transaction each."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, event, text

from app.db import Base

config = context.config


def online(connection: Connection) -> None:
    """Run the revisions that are asked for."""

    # Row-level security binds the owner too. A revision that moves data must see all of it, so each
    # transaction here starts in the system's name.
    @event.listens_for(connection, "begin")
    def in_the_systems_name(begun: Connection) -> None:
        begun.execute(text("SELECT set_config('tandem.scope', 'system', true)"))

    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        event.remove(connection, "begin", in_the_systems_name)


online(config.attributes["connection"])
