"""Who sees what in the database itself, with every filter of the service forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, RestrictViolation
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from app.db import Database, become, sqlalchemy_url
from app.kernel.actor import SYSTEM, Actor
from app.services import ServiceUrls
from app.services.upgrade import role_of
from tests.fixtures.isolation import CANARIES, World
from tests.fixtures.rows import Rows, policies
from tests.fixtures.services import in_database
from tests.fixtures.web import Company

#: Tables whose rows are no partner's: every partner may read them. A new one is added here on purpose.
SHARED = {
    "agreement", "agreement_version", "certification", "partner_activation", "partner_level", "product",
    "region",
}  # fmt: skip
#: Tables whose rows belong to one user.
OF_A_USER = {"approval_notice", "idempotency_key"}
#: Functions that run with their owner's rights. Each fixes its search_path.
DEFINERS = {"tandem_audit_link"}

A, B = UUID(int=0xA), UUID(int=0xB)
#: What a row is known by itself; the other columns may say whose it is.
OWN_KEYS = ("id", "number")


# -- what the catalogue says -----------------------------------------------------------------------------


def test_every_table_is_protected_from_its_owner_too_and_every_policy_checks_what_is_written(
    company: Company,
) -> None:
    rows = company.sql("""
        SELECT c.relname AS table, c.relrowsecurity AND c.relforcerowsecurity AS forced,
            coalesce(bool_or(p.polname = 'tandem_company' AND p.polcmd = '*'), false) AS company,
            coalesce(bool_or(p.polcmd <> 'r' AND p.polwithcheck IS NULL), false) AS unchecked,
            coalesce(bool_or(NOT p.polpermissive), false) AS restrictive
        FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
          AND c.relname <> 'alembic_version'
        GROUP BY c.oid, c.relname
    """)
    assert len(rows) >= 40
    bad = [row["table"] for row in rows if not row["forced"] or not row["company"] or row["unchecked"]]
    assert bad == []


def test_a_table_that_partners_read_whole_is_meant_to_be(company: Company) -> None:
    reading = {
        table for table, expression in policies(company).items() if "tandem_partner()" not in expression
    }
    through = {table for table in reading if "EXISTS" in policies(company)[table]}
    assert reading - through == SHARED | OF_A_USER


def test_the_services_role_is_bound_and_owns_nothing(company: Company, database_urls: ServiceUrls) -> None:
    [found] = company.sql("""
        SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS strong,
            (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) AS memberships,
            (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) AS tables,
            (SELECT count(*) FROM pg_proc p WHERE p.proowner = r.oid) AS functions
        FROM pg_roles r WHERE rolname = current_user
    """)
    assert found == {"strong": False, "memberships": 0, "tables": 0, "functions": 0}
    [member] = company.sql("SELECT current_user AS role, session_user AS session")
    assert set(member.values()) == {role_of(database_urls.database)}


def test_no_view_and_no_function_leads_around_the_policies(company: Company) -> None:
    views = company.sql(
        "SELECT relname, reloptions FROM pg_class WHERE relkind IN ('v', 'm') "
        "AND relnamespace = 'public'::regnamespace"
    )
    assert [v["relname"] for v in views if "security_invoker=true" not in (v["reloptions"] or [])] == []
    functions = company.sql("""
        SELECT p.proname AS name, coalesce(p.proconfig::text, '') AS config,
            p.prorettype::regtype::text AS type
        FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    """)
    assert {function["name"] for function in functions} == DEFINERS
    assert all("search_path=pg_catalog, pg_temp" in function["config"] for function in functions)
    assert {function["type"] for function in functions} == {"trigger"}


# -- rows of both partners in every table ----------------------------------------------------------------


@pytest.fixture
def filled(company: Company, database_urls: ServiceUrls) -> Iterator[Rows]:
    assert database_urls.database_admin is not None
    admin = ServiceUrls(database_urls.database_admin, database_urls.database_admin, "")
    url = in_database(admin, urlsplit(database_urls.database).path[1:]).database
    with psycopg.connect(url, autocommit=True) as connection:
        rows = Rows(connection, policies(company))
        for table in rows.expressions:
            if table not in SHARED:
                rows.row(table, A)
                rows.row(table, B)
        yield rows


def test_a_select_without_a_filter_finds_own_rows_and_none_of_another_partner(
    company: Company, filled: Rows
) -> None:
    assert len(filled.made) >= 19
    for partner, other in ((A, B), (B, A)):
        with company.database.session(Actor("partner", "x", partner, partner)) as session:
            for table, made in filled.made.items():
                seen = list(session.execute(text(f'SELECT to_jsonb(t) FROM "{table}" t')).scalars())
                assert made[partner] in seen, f"{table}: its own row is not seen"
                assert made[other] not in seen, f"{table}: another partner's row is seen"
                assert str(other) not in str(seen), f"{table}: another partner is named"


def test_no_partner_reads_what_is_the_companys_alone(company: Company, filled: Rows) -> None:
    tables = company.sql(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace "
        "AND relname <> 'alembic_version'"
    )
    closed = {row["relname"] for row in tables} - set(filled.expressions)
    assert closed >= {"access_token", "audit_entry", "audit_link", "deal_conflict_evidence", "sync_outbox"}
    for table in closed:
        filled.row(table, A) if table != "audit_head" else None
    with company.database.session(Actor("partner", "x", uuid4(), A)) as session:
        for table in closed:
            assert session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() == 0, table


def test_no_partner_writes_in_anothers_name(company: Company, filled: Rows) -> None:
    actor = Actor("partner", "x", A, A)
    of_b = {str(B), f"x{B.int:x}"} | {
        made[B]["id"] for made in filled.made.values() if len(str(made[B].get("id"))) == 36
    }
    before = {table: named(filled, table, of_b) for table in filled.made}
    for table, made in filled.made.items():
        assert made[B] in before[table], table
        # Policies alone must hold: triggers would say no to some of it before they are asked.
        filled.connection.execute(
            sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table))
        )
        into = ", ".join(f'"{name}"' for name in filled.columns(table))
        copied = (
            f'INSERT INTO "{table}" ({into}) OVERRIDING SYSTEM VALUE '
            f'SELECT {into} FROM jsonb_populate_record(NULL::"{table}", CAST(:row AS jsonb))'
        )
        refused = attempt(company.database, actor, copied, {"row": json.dumps(made[B])})
        assert isinstance(refused, InsufficientPrivilege), (table, refused)
        whose = [
            name
            for name, value in made[B].items()
            if isinstance(value, str) and value in of_b and name not in OWN_KEYS
        ]
        changes = [(f'UPDATE "{table}" SET "{name}" = :theirs', made[B][name]) for name in whose]
        changes.append((f'DELETE FROM "{table}" t WHERE to_jsonb(t)::text ~ :theirs', "|".join(of_b)))
        for change, theirs in changes:
            refused = attempt(company.database, actor, change, {"theirs": theirs})
            assert refused is None or isinstance(refused, InsufficientPrivilege), (table, change, refused)
    assert {table: named(filled, table, of_b) for table in filled.made} == before


def test_no_partner_writes_what_every_partner_reads(company: Company, filled: Rows) -> None:
    for table in sorted(SHARED):
        row = filled.row(table, A)
        filled.connection.execute(
            sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table))
        )
        before = everything(filled, table)
        into = ", ".join(f'"{name}"' for name in filled.columns(table))
        copied = (
            f'INSERT INTO "{table}" ({into}) OVERRIDING SYSTEM VALUE '
            f'SELECT {into} FROM jsonb_populate_record(NULL::"{table}", CAST(:row AS jsonb))'
        )
        actor = Actor("partner", "x", A, A)
        refused = attempt(company.database, actor, copied, {"row": json.dumps(row)})
        assert isinstance(refused, InsufficientPrivilege), (table, refused)
        for change in (f'UPDATE "{table}" SET "{next(iter(row))}" = DEFAULT', f'DELETE FROM "{table}"'):
            refused = attempt(company.database, actor, change, {})
            assert refused is None or isinstance(refused, InsufficientPrivilege), (table, change, refused)
        assert everything(filled, table) == before
        assert row in before


def everything(filled: Rows, table: str) -> list[dict[str, Any]]:
    """Every row of a table."""
    statement = sql.SQL("SELECT to_jsonb(t) FROM {} t ORDER BY to_jsonb(t)::text").format(
        sql.Identifier(table)
    )
    return [row[0] for row in filled.connection.execute(statement)]


def attempt(database: Database, actor: Actor, statement: str, values: dict[str, Any]) -> object:
    """Do it for good; what the database said against it, or None."""
    try:
        with database.session(actor) as session:
            session.execute(text(statement), values)
    except DBAPIError as error:
        return error.orig
    return None


def named(filled: Rows, table: str, ids: set[str]) -> list[dict[str, Any]]:
    """The rows of a table in which one of those ids stands."""
    statement = sql.SQL(
        "SELECT to_jsonb(t) FROM {} t WHERE to_jsonb(t)::text ~ %s ORDER BY to_jsonb(t)::text"
    )
    found = filled.connection.execute(statement.format(sql.Identifier(table)), ["|".join(sorted(ids))])
    return [row[0] for row in found]


# -- one transaction, one actor --------------------------------------------------------------------------


@pytest.fixture
def world(company: Company) -> World:
    return World(company)


def test_raw_sql_as_partner_a_finds_nothing_that_only_partner_b_knows(world: World) -> None:
    world.a.seller.register(customer_website="www.canary.example", product_family="Valves")
    tables = world.company.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    actor = Actor("partner", "Anna", world.a.seller.user_id, world.a.account)
    # A knows the domain: it registered a deal there itself.
    secrets = {*CANARIES, str(world.b.account), world.b.deal["id"], str(world.b.seller.user_id)}
    secrets -= {"canary.example"}
    with world.company.database.session(actor) as session:
        for table in tables:
            rows = session.execute(text(f'SELECT to_jsonb(t)::text FROM "{table["relname"]}" t')).scalars()
            everything = "".join(rows)
            assert [one for one in secrets if one in everything] == [], table["relname"]
        assert session.execute(text("SELECT count(*) FROM deal_registration")).scalar_one() == 2
        assert session.execute(text("SELECT count(*) FROM deal_conflict")).scalar_one() == 1


def test_a_transaction_without_an_actor_sees_nothing(world: World) -> None:
    tables = world.company.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND relname <> 'alembic_version'"
    )
    with Session(world.company.database.engine) as session:
        for table in tables:
            seen = session.execute(text(f'SELECT count(*) FROM "{table["relname"]}"')).scalar_one()
            assert (table["relname"], seen) == (table["relname"], 0)


def test_one_pooled_connection_carries_no_rights_over(world: World, database_urls: ServiceUrls) -> None:
    engine = create_engine(sqlalchemy_url(database_urls.database), poolclass=StaticPool)
    count = text("SELECT array_agg(partner_account_id), pg_backend_pid() FROM deal_registration")
    try:
        accounts = (world.a.account, world.b.account)
        one, other = (Actor("partner", "x", partner_id=account) for account in accounts)
        seen = []
        for actor in (one, None, other):
            with Session(engine) as session:
                if actor is not None:
                    become(session, actor)
                seen.append(session.execute(count).one())
                session.commit()
        assert [row[0] for row in seen] == [[world.a.account], None, [world.b.account]]
        assert len({row[1] for row in seen}) == 1
    finally:
        engine.dispose()


# -- what nobody changes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE deal_event SET sentence = 'x'", "DELETE FROM deal_event"])
def test_the_timeline_cannot_be_rewritten(world: World, statement: str) -> None:
    world.company.sql(
        "INSERT INTO deal_event (registration_id, actor_name, kind, sentence) "
        "SELECT id, 'Robin Berg', 'stage', 'Stage changed.' FROM deal_registration"
    )
    with pytest.raises(DBAPIError) as caught, world.company.database.session(SYSTEM) as session:
        session.execute(text(statement))
    assert isinstance(caught.value.orig, RestrictViolation)
    assert "never changed or removed" in str(caught.value.orig)


def test_the_timeline_cannot_be_emptied_by_its_owner_either(world: World, owner_database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, owner_database.session(SYSTEM) as session:
        session.execute(text("TRUNCATE deal_event"))
    assert isinstance(caught.value.orig, RestrictViolation)


def test_when_a_deal_was_submitted_is_never_changed(world: World) -> None:
    for change in ("submitted_at = now()", "submission = 99", "number = 'DR-1'"):
        with pytest.raises(DBAPIError) as caught, world.company.database.session(SYSTEM) as session:
            session.execute(text(f"UPDATE deal_registration SET {change}"))
        assert isinstance(caught.value.orig, RestrictViolation)
