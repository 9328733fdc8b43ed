"""Bring a database to the newest revision."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from app import migrations
from app.db import sqlalchemy_url
from app.kernel.errors import Misconfigured, Unavailable
from app.services.binaries import EXTENSIONS
from app.services.postgres import why
from app.services.state import ServiceUrls

#: Any two upgrades of one database wait for each other under this number.
LOCK = 7_226_001


def upgrade(urls: ServiceUrls, target: str = "head") -> list[str]:
    """Apply what is missing, in one transaction per revision; what was applied, oldest first.

    Raises Unavailable when the database does not answer, Misconfigured when its roles do not allow what
    Tandem needs.
    """
    app_role = role_of(urls.database)
    with _connect(urls.database_owner) as connection:
        _make_role(connection, app_role, urlsplit(urls.database).password)
        _check(connection, app_role)
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        try:
            before = set(_applied(connection))
            migrations.run(connection, target, app_role)
            return [one for one in _applied(connection) if one not in before]
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            connection.commit()


def pending(urls: ServiceUrls) -> tuple[str | None, list[str]]:
    """The database's revision, and the revisions it still lacks, oldest first."""
    with _connect(urls.database_owner) as connection:
        applied = _applied(connection)
    scripts = [script.revision for script in migrations.scripts().walk_revisions()][::-1]
    return (applied[-1] if applied else None), [one for one in scripts if one not in applied]


def role_of(url: str) -> str:
    """The role that an address signs in as."""
    name = urlsplit(url).username
    if not name:
        raise Misconfigured(
            "The address names no role.",
            where="DATABASE_URL",
            remedy="Write it as postgresql://role:password@host:port/database.",
        )
    return unquote(name)


def _applied(connection: Connection) -> list[str]:
    """Every revision the database has, oldest first."""
    current = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    if current is None:
        return []
    directory: ScriptDirectory = migrations.scripts()
    return [script.revision for script in directory.iterate_revisions(current, "base")][::-1]


def _connect(url: str) -> Connection:
    engine = create_engine(
        sqlalchemy_url(url),
        poolclass=NullPool,
        connect_args={"connect_timeout": 10, "application_name": "tandem-upgrade"},
    )
    try:
        return engine.connect()
    except OperationalError as error:
        reason = why(error.orig or error)
        raise Unavailable(
            f"The database does not answer ({reason}).",
            where=f"{urlsplit(url).hostname}:{urlsplit(url).port or 5432}",
            remedy="Run `tandem services start`, or check DATABASE_URL and DATABASE_OWNER_URL.",
        ) from error


def _make_role(connection: Connection, app_role: str, password: str | None) -> None:
    """Make the service's role with the password of its own address, if it is missing and the owner may."""
    missing = connection.execute(
        text(
            "SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :role) "
            "AND (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user)"
        ),
        {"role": app_role},
    ).scalar_one()
    if missing and password:
        quote = connection.dialect.identifier_preparer.quote
        database: str = connection.execute(text("SELECT current_database()")).scalar_one()
        literal = sql.Literal(unquote(password)).as_string(None)
        connection.exec_driver_sql(
            f"CREATE ROLE {quote(app_role)} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {literal}".replace(
                "%", "%%"
            )
        )
        connection.exec_driver_sql(
            f"GRANT CONNECT, TEMPORARY ON DATABASE {quote(database)} TO {quote(app_role)}"
        )
    connection.commit()


def _check(connection: Connection, app_role: str) -> None:
    owner: str = connection.execute(text("SELECT current_user")).scalar_one()
    database: str = connection.execute(text("SELECT current_database()")).scalar_one()
    version: int = connection.execute(text("SHOW server_version_num")).scalar_one()
    if int(version) < 150000:
        raise Misconfigured(
            f"The server is PostgreSQL {int(version) // 10000}; Tandem needs 15 or newer.",
            remedy="Upgrade the server, or point DATABASE_URL to a newer one.",
        )
    role = connection.execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :role"), {"role": app_role}
    ).scalar_one_or_none()
    if role is None:
        raise Misconfigured(
            f'The role "{app_role}" of DATABASE_URL does not exist.',
            where=database,
            remedy=f"Run as an administrator: CREATE ROLE \"{app_role}\" LOGIN PASSWORD '…';",
        )
    if role:
        raise Misconfigured(
            f'The role "{app_role}" of DATABASE_URL bypasses row-level security, so every partner would see '
            "every row.",
            where=database,
            remedy="Use an ordinary role there (NOSUPERUSER NOBYPASSRLS); DATABASE_OWNER_URL may be another.",
        )
    may_create: bool = connection.execute(
        text(
            "SELECT has_database_privilege(current_database(), 'CREATE') "
            "AND has_schema_privilege('public', 'CREATE')"
        )
    ).scalar_one()
    if not may_create:
        raise Misconfigured(
            f'The role "{owner}" may not create tables.',
            where=database,
            remedy=f'Run as an administrator: ALTER DATABASE "{database}" OWNER TO "{owner}";',
        )
    lacking = connection.execute(
        text(
            "SELECT string_agg(name, ', ') FROM unnest(CAST(:names AS text[])) AS name "
            "WHERE name NOT IN (SELECT name FROM pg_available_extensions)"
        ),
        {"names": list(EXTENSIONS)},
    ).scalar_one()
    if lacking:
        raise Misconfigured(
            f"This PostgreSQL lacks the extensions {lacking}.",
            where=database,
            remedy="Install its contrib package on the server (on Debian it is part of postgresql).",
        )
    connection.rollback()
