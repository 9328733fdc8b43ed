"""The database's history: repeatable, safe beside itself, careful with rows that are there."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app import migrations
from app.db import Database
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Misconfigured, Unavailable
from app.listeners import APPROVALS
from app.services.state import ServiceUrls
from app.services.upgrade import pending, upgrade
from tests.fixtures.services import as_admin, in_database

PROJECT = Path(__file__).resolve().parents[2]
CHAIN = [script.revision for script in migrations.scripts().walk_revisions()][::-1]

#: A value that a required column accepts, by its type.
VALUES = {
    "text": "x",
    "character varying": "x",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "integer": 1,
    "smallint": 1,
    "bigint": 1,
    "numeric": 1,
    "boolean": True,
    "jsonb": "{}",
    "bytea": b"x",
    "date": "2024-02-29",
    "timestamp with time zone": "2024-02-29T12:00:00Z",
    "interval": "1 day",
    "inet": "127.0.0.1",
    "daterange": "[2024-01-01,2024-02-29)",
    "tstzrange": "[2024-01-01,2024-02-29)",
}
#: Where a table wants something that neither its types nor its simplest constraints tell.
SPECIAL: dict[tuple[str, str], Any] = {
    ("approval_task", "assignee"): "role:finance",
    ("approval_decision", "door"): "limits",
    ("partner_supply", "reseller_account_id"): "00000000-0000-4000-8000-000000000002",
}


def put_a_row_into_every_table(connection: psycopg.Connection) -> dict[str, list[dict[str, Any]]]:
    """Fill each empty table with one row, past foreign keys and triggers; every row, by table."""
    connection.execute("SET session_replication_role = replica")
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'alembic_version' ORDER BY 1"
        )
    ]
    for table in tables:
        name = sql.Identifier(table)
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name)).fetchone():
            continue
        required = connection.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull "
            "AND NOT atthasdef AND attidentity = ''",
            [f"public.{table}"],
        ).fetchall()
        checks = " ".join(
            row[0]
            for row in connection.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conrelid = %s::regclass AND contype = 'c'",
                [f"public.{table}"],
            )
        )
        row = {column: fitting(table, column, kind, checks) for column, kind in required}
        if row:
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                name,
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(sql.Placeholder() * len(row)),
            )
        else:
            statement = sql.SQL("INSERT INTO {} DEFAULT VALUES").format(name)
        connection.execute(statement, list(row.values()))
    connection.execute("SET session_replication_role = origin")
    return {table: all_rows(connection, table) for table in tables}


def fitting(table: str, column: str, kind: str, checks: str) -> Any:
    if (table, column) in SPECIAL:
        return SPECIAL[table, column]
    if listed := re.search(rf"\b{column}\b\)? = ANY \(\(?ARRAY\['([^']*)'", checks):
        return listed.group(1)
    if fixed := re.search(rf"length\(\(?{column}\)?[^)]*\) = (\d+)", checks):
        return "x" * int(fixed.group(1))
    return "{}" if kind.endswith("[]") else VALUES[kind]


def all_rows(connection: psycopg.Connection, table: str) -> list[dict[str, Any]]:
    select = sql.SQL("SELECT to_jsonb(t) FROM {} t").format(sql.Identifier(table))
    rows: list[dict[str, Any]] = [row[0] for row in connection.execute(select).fetchall()]
    assert rows, table
    return rows


def test_every_revision_leaves_the_rows_that_are_there_as_they_were(empty_database_urls: ServiceUrls) -> None:
    urls = empty_database_urls
    with as_admin(urls) as connection:
        upgrade(urls, CHAIN[0])
        for revision in CHAIN[1:]:
            before = put_a_row_into_every_table(connection)
            assert upgrade(urls, revision) == [revision]
            for table, rows in before.items():
                after = all_rows(connection, table)
                for row in rows:
                    kept = {column: value for column, value in row.items() if column in after[0]}
                    assert any(kept.items() <= one.items() for one in after), f"{revision} changed {table}"
        assert set(put_a_row_into_every_table(connection)) >= {"job_run"}


def test_an_upgrade_is_safe_to_repeat(empty_database_urls: ServiceUrls) -> None:
    assert pending(empty_database_urls) == (None, CHAIN)
    assert upgrade(empty_database_urls) == CHAIN
    assert upgrade(empty_database_urls) == []
    assert pending(empty_database_urls) == (CHAIN[-1], [])


def test_two_upgrades_at_once_apply_each_revision_once(empty_database_urls: ServiceUrls) -> None:
    with ThreadPoolExecutor(3) as pool:
        applied = list(pool.map(lambda _: upgrade(empty_database_urls), range(3)))
    assert sorted(map(len, applied)) == [0, 0, len(CHAIN)]


def test_the_command_shows_what_it_applied(empty_database_urls: ServiceUrls) -> None:
    urls = empty_database_urls
    env = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": urls.database,
        "DATABASE_OWNER_URL": urls.database_owner,
        "REDIS_URL": urls.redis,
    }

    def tandem(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.cli", "db", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT, env=env)

    before = tandem("status")
    assert (before.returncode, before.stdout.splitlines()[:2]) == (
        1,
        ["revision: none", f"to apply: {CHAIN[0]}"],
    )
    assert tandem("upgrade").stdout.splitlines() == [f"applied {revision}" for revision in CHAIN]
    assert tandem("upgrade").stdout == "The database is up to date.\n"
    after = tandem("status")
    assert (after.returncode, after.stdout) == (0, f"revision: {CHAIN[-1]}\n")


def test_a_failing_revision_leaves_nothing_half_made(empty_database_urls: ServiceUrls) -> None:
    urls = empty_database_urls
    with psycopg.connect(urls.database_owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE job_run (in_the_way int)")
        with pytest.raises(ProgrammingError, match="already exists"):
            upgrade(urls)
        assert pending(urls) == (None, CHAIN)
        assert owner.execute("SELECT to_regproc('tandem_scope')").fetchone() == (None,)
        owner.execute("DROP TABLE job_run")
    assert upgrade(urls) == CHAIN


PARTNERS = [uuid.UUID(int=1), uuid.UUID(int=2)]
OWN = "partner = (SELECT tandem_partner())"


@pytest.fixture
def deals(owner_database: Database) -> None:
    """A protected table with one row of each of two partners."""
    with owner_database.session(SYSTEM) as session:
        session.execute(text("CREATE TABLE deal_of (partner uuid, name text)"))
        session.execute(text("SELECT tandem_protect('deal_of', :own)"), {"own": OWN})
        session.execute(
            text("INSERT INTO deal_of VALUES (:one, 'one'), (:two, 'two')"),
            {"one": PARTNERS[0], "two": PARTNERS[1]},
        )


def names(database: Database, actor: Actor) -> list[str]:
    with database.session(actor) as session:
        return list(session.execute(text("SELECT name FROM deal_of ORDER BY 1")).scalars())


@pytest.mark.usefixtures("deals")
def test_a_partner_sees_its_own_rows_and_the_company_sees_all(database: Database) -> None:
    assert names(database, SYSTEM) == ["one", "two"]
    assert names(database, Actor("staff", "Ann")) == ["one", "two"]
    assert names(database, Actor("partner", "Pat", partner_id=PARTNERS[0])) == ["one"]
    assert names(database, Actor("partner", "Pit", partner_id=uuid.UUID(int=3))) == []


@pytest.mark.usefixtures("deals")
def test_a_partner_can_neither_write_nor_move_a_row_to_another_partner(database: Database) -> None:
    pat = Actor("partner", "Pat", partner_id=PARTNERS[0])
    for statement in (
        "INSERT INTO deal_of VALUES (:other, 'planted')",
        "UPDATE deal_of SET partner = :other",
    ):
        with pytest.raises(ProgrammingError, match="row-level security"), database.session(pat) as session:
            session.execute(text(statement), {"other": PARTNERS[1]})
    with database.session(pat) as session:
        deleted = session.execute(text("DELETE FROM deal_of WHERE name = 'two' RETURNING name")).all()
        assert deleted == []
    assert names(database, SYSTEM) == ["one", "two"]


@pytest.mark.usefixtures("deals")
def test_nobody_sees_anything_and_no_connection_remembers_who_used_it(
    database: Database, owner_database: Database
) -> None:
    for bound in (database, owner_database):
        assert names(bound, SYSTEM) == ["one", "two"]
        with bound.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM deal_of")).scalar_one() == 0
            assert connection.execute(text("SELECT tandem_scope(), tandem_partner()")).one() == ("", None)


def test_every_table_is_protected_against_its_owner_too(owner_database: Database) -> None:
    with owner_database.session(SYSTEM) as session:
        bare = session.execute(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)"
            )
        )
        assert set(bare.scalars()) == {"alembic_version"}


def test_the_service_may_use_tables_but_not_change_them(database: Database) -> None:
    with database.session(SYSTEM) as session:
        session.execute(text("INSERT INTO job_run (name) VALUES ('sync.cycle')"))
        session.execute(text("CREATE TEMPORARY TABLE staged (line text)"))
    for forbidden in ("DROP TABLE job_run", "TRUNCATE job_run", "CREATE TABLE mine (x int)"):
        with (
            pytest.raises(ProgrammingError, match=r"must be owner|permission denied"),
            database.session(SYSTEM) as session,
        ):
            session.execute(text(forbidden))


def test_a_role_that_row_level_security_does_not_bind_is_refused(empty_database_urls: ServiceUrls) -> None:
    urls = empty_database_urls
    assert urls.database_admin is not None
    superuser = in_database(replace(urls, database=urls.database_admin), urlsplit(urls.database).path[1:])
    with pytest.raises(Misconfigured) as error:
        upgrade(superuser)
    assert 'The role "tandem_admin" of DATABASE_URL bypasses row-level security' in error.value.what
    assert "NOSUPERUSER NOBYPASSRLS" in error.value.remedy
    assert pending(urls) == (None, CHAIN)


def test_a_role_that_may_not_create_is_told_what_it_needs(empty_database_urls: ServiceUrls) -> None:
    urls = replace(empty_database_urls, database_owner=empty_database_urls.database)
    with pytest.raises(Misconfigured) as error:
        upgrade(urls)
    database = urlsplit(urls.database).path[1:]
    assert error.value.sentence() == (
        f'{database}: The role "tandem_app" may not create tables. '
        f'Run as an administrator: ALTER DATABASE "{database}" OWNER TO "tandem_app";'
    )


def test_an_owner_that_may_make_roles_makes_the_services_own(empty_database_urls: ServiceUrls) -> None:
    name = urlsplit(empty_database_urls.database).path[1:]
    role, password = f"service_{name}", "it's 100% secret"
    assert empty_database_urls.database_admin is not None
    parts = urlsplit(empty_database_urls.database)
    wanted = parts._replace(netloc=f"{role}:{quote(password)}@{parts.hostname}:{parts.port}")
    moved = in_database(replace(empty_database_urls, database_owner=empty_database_urls.database_admin), name)
    urls = replace(moved, database=urlunsplit(wanted))

    with pytest.raises(Misconfigured, match=f'The role "{role}" of DATABASE_URL does not exist'):
        upgrade(replace(urls, database_owner=empty_database_urls.database_owner))
    assert upgrade(urls) == CHAIN
    database = Database(urls.database)
    with database.session(SYSTEM) as session:
        session.execute(text("INSERT INTO job_run (name) VALUES ('sync.cycle')"))
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM job_run")).scalar_one() == 0
    database.dispose()
    with as_admin(urls) as connection_of_admin:
        connection_of_admin.execute(f'DROP OWNED BY "{role}"')
        connection_of_admin.execute(f'DROP ROLE "{role}"')


def test_one_role_for_both_works_and_stays_bound(empty_database_urls: ServiceUrls) -> None:
    """An installation that knows only DATABASE_URL."""
    urls = replace(empty_database_urls, database=empty_database_urls.database_owner)
    assert upgrade(urls) == CHAIN
    database = Database(urls.database)
    with database.session(SYSTEM) as session:
        session.execute(text("INSERT INTO job_run (name) VALUES ('sync.cycle')"))
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM job_run")).scalar_one() == 0
    database.dispose()


def test_a_database_that_does_not_answer_is_one_sentence(services: ServiceUrls) -> None:
    gone = replace(services, database_owner="postgresql://tandem_owner:x@127.0.0.1:1/tandem")
    with pytest.raises(
        Unavailable, match=r"127\.0\.0\.1:1: The database does not answer \(Connection refused\)\."
    ):
        upgrade(gone)


@pytest.mark.parametrize("orgs", [0, 1, 2])
def test_users_of_the_only_trusted_org_stay_its_own(empty_database_urls: ServiceUrls, orgs: int) -> None:
    urls = empty_database_urls
    upgrade(urls, "0020_list_orders")
    with as_admin(urls) as connection:
        for number in range(orgs):
            connection.execute(
                "INSERT INTO trusted_org (org_id, issuer, login_url, certificate) VALUES (%s, %s, '', '')",
                [f"00D00000000000{number}EAA"] * 2,
            )
        connection.execute(
            "WITH made AS (INSERT INTO crm_user (username, last_name, user_type) "
            "VALUES ('synced', 'A', 'Standard'), ('never synced', 'B', 'Standard') RETURNING id, username) "
            "INSERT INTO sync_link (local_id, table_name, sobject, sf_id) "
            "SELECT id, 'crm_user', 'User', '005000000000001AAA' FROM made WHERE username = 'synced'"
        )
        upgrade(urls, "0021_user_org")
        found = connection.execute(
            "SELECT username, org_id FROM user_org JOIN crm_user ON id = user_id"
        ).fetchall()
    assert found == ([("synced", "00D000000000000EAA")] if orgs == 1 else [])


def test_deals_that_wait_for_a_decision_get_requests(empty_database_urls: ServiceUrls) -> None:
    urls = empty_database_urls
    anna, robin, partner = (str(uuid.uuid4()) for _ in range(3))
    upgrade(urls, "0010_forms")
    with as_admin(urls) as connection:
        connection.execute(
            "INSERT INTO crm_user (id, username, first_name, last_name, user_type) VALUES "
            "(%s, 'anna@partner.example', 'Anna', 'Weiss', 'PowerPartner'), "
            "(%s, 'robin@company.example', 'Robin', 'Berg', 'Standard')",
            [anna, robin],
        )
        connection.execute("INSERT INTO user_right (user_id, name) VALUES (%s, 'deals.decide')", [robin])
        for number, (state, decided) in enumerate(
            (("draft", False), ("submitted", False), ("info_needed", False), ("approved", True))
        ):
            connection.execute(
                "INSERT INTO deal_registration (number, partner_account_id, submitted_by, customer_name, "
                "customer_country, contact_last_name, product_family, amount, currency, close_date, state, "
                "submitted_at, submission, decided_by, decided_at, protected_until) VALUES (%(number)s, "
                "%(partner)s, %(anna)s, 'Festo SE', 'DE', 'Keller', 'Valves', 1250.50, 'EUR', '2031-03-14', "
                "%(state)s, %(at)s, %(place)s, %(by)s, %(decided_at)s, %(until)s)",
                {
                    "number": f"DR-{number}", "partner": partner, "anna": anna, "state": state,
                    "at": "2026-01-05T10:00:00Z" if number else None, "place": number or None,
                    "by": robin if decided else None, "until": "2031-01-01" if decided else None,
                    "decided_at": "2026-01-06T10:00:00Z" if decided else None,
                },
            )  # fmt: skip
        connection.execute(
            "INSERT INTO deal_event (registration_id, at, actor_id, actor_name, kind, reason, sentence) "
            "SELECT id, '2026-01-07T10:00:00Z', %s, 'Robin Berg', 'request-info', 'Which plant?', 'Asked.' "
            "FROM deal_registration WHERE state = 'info_needed'",
            [robin],
        )
    assert upgrade(urls) == CHAIN[CHAIN.index("0011_deal_requests") :]

    with as_admin(urls) as connection:
        found = connection.execute(
            "SELECT r.number, q.number, q.state, s.state, t.state, q.question FROM deal_registration r "
            "LEFT JOIN approval_request q ON q.id = r.request_id "
            "LEFT JOIN approval_step s ON s.request_id = q.id LEFT JOIN approval_task t "
            "ON t.request_id = q.id ORDER BY r.number"
        ).fetchall()
        assert found == [
            ("DR-0", None, None, None, None, None),
            ("DR-1", "DEAL-1001", "submitted", "open", "open", ""),
            ("DR-2", "DEAL-1002", "info_needed", "paused", "paused", "Which plant?"),
            ("DR-3", None, None, None, None, None),
        ]
        assert connection.execute("SELECT user_id::text, role FROM user_role").fetchall() == [
            (robin, "channel_manager")
        ]
        assert connection.execute("SELECT name FROM user_right").fetchall() == []
    # They are decided as they were promised: by one person of the company.
    database = Database(urls.database)
    with database.session(SYSTEM) as session:
        request_id = session.execute(
            text("SELECT id FROM approval_request WHERE number = 'DEAL-1001'")
        ).scalar_one()
        request = APPROVALS.get(session, SYSTEM, request_id)
        assert request.values["amount"] == "1250.50"
        decider = Actor("staff", "Robin Berg", uuid.UUID(robin))
        APPROVALS.decide(session, decider, request_id, "reject", "Not this time.")
        states = session.execute(text("SELECT state FROM deal_registration WHERE number = 'DR-1'"))
        assert states.scalars().all() == ["rejected"]
    database.dispose()
