"""The database: one engine a process, sessions that belong to an actor.

Row-level security reads `tandem.scope`, `tandem.partner_id` and `tandem.user_id`. They are set for the
transaction only (SET LOCAL), so a pooled connection carries nobody's rights to the next request; where
they are unset, every policy sees no rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, MetaData, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from app.kernel.actor import SYSTEM, Actor

#: Stable names, so that a migration can name what it changes.
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_SET_ACTOR = text(
    "SELECT set_config('tandem.scope', :scope, true), "
    "set_config('tandem.partner_id', :partner, true), "
    "set_config('tandem.user_id', :user, true)"
)


class Base(DeclarativeBase):
    """The base of every table's model, in whichever room the table lives."""

    metadata = MetaData(naming_convention=NAMING)


def sqlalchemy_url(url: str) -> str:
    """A `postgresql://` or `postgres://` address, with the driver that Tandem uses."""
    scheme, _, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        scheme = "postgresql+psycopg"
    return f"{scheme}://{rest}"


class Database:
    """One engine and the sessions that come from it."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=5,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "tandem"},
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self, actor: Actor) -> Iterator[Session]:
        """One transaction in the name of `actor`: committed at the end, rolled back on any error."""
        with self._sessions.begin() as session:
            become(session, actor)
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def become(session: Session, actor: Actor) -> None:
    """Bind the session's running transaction to `actor`."""
    session.execute(
        _SET_ACTOR,
        {
            "scope": actor.scope,
            "partner": str(actor.partner_id or ""),
            "user": str(actor.user_id or ""),
        },
    )


_ACTOR = text(
    "SELECT coalesce(current_setting('tandem.scope', true), '') AS scope, "
    "coalesce(current_setting('tandem.partner_id', true), '') AS partner, "
    "coalesce(current_setting('tandem.user_id', true), '') AS user"
)


@contextmanager
def as_system(session: Session) -> Iterator[None]:
    """A stretch of the transaction in the system's name; then it belongs again to whom it belonged before.

    For what a rule must look at and its caller may not see. Stretches may lie within each other.
    """
    session.flush()
    before = dict(session.execute(_ACTOR).mappings().one())
    if before["scope"] == SYSTEM.scope:
        yield
        session.flush()
        return
    become(session, SYSTEM)
    try:
        yield
        session.flush()
    except SQLAlchemyError:
        raise  # the transaction is over; there is nobody left to become
    except BaseException:
        session.execute(_SET_ACTOR, before)
        raise
    session.execute(_SET_ACTOR, before)
