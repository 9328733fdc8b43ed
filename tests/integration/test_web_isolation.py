"""Who sees what: every route for every kind of caller, and the database when a filter is forgotten."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.errors import InsufficientPrivilege, RestrictViolation
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from werkzeug.test import TestResponse

from app.db import Database, become, sqlalchemy_url
from app.kernel.actor import SYSTEM, Actor
from app.services import ServiceUrls
from app.web.operation import Security
from app.web.shield import declared
from tests.fixtures.web import Caller, Company

#: What only partner B knows. None of it may reach partner A in any answer.
CANARIES = ("Canary Works", "canary.example", "Polderland", "Visser", "777777", "Kanarienstadt")

#: The routes that need no token. A new one is added here on purpose or not at all.
PUBLIC = {"/oauth/token", "/oauth/revoke", "/healthz", "/readyz", "/openapi.json"}


class World:
    """Two partners with a registration each, and the company."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.a = company.partner("Rhein Automation")
        self.b = company.partner("Polderland Besturing")
        self.anna = company.partner_user(self.a)
        self.piet = company.partner_user(self.b, "Piet", "Visser")
        self.rep = company.rep()
        self.deal_a = self.anna.register()
        self.deal_b = self.piet.register(
            customer_name="Canary Works", customer_website="canary.example", amount="777777.00",
            customer_city="Kanarienstadt", contact_email="x@canary.example", product_family="Valves",
        )  # fmt: skip


@pytest.fixture
def world(company: Company) -> World:
    return World(company)


def routes(company: Company) -> list[tuple[str, str, Security]]:
    """Every method and address of the app, and who may call it."""
    found = []
    for rule in company.app.url_map.iter_rules():
        security = declared(company.app, rule.endpoint)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append((method, rule.rule, security))
    return found


def filled(rule: str, record_id: str) -> str:
    """The address with that id in the place of every id, and some word in the place of every word."""
    return re.sub(r"<(?:string:)?\w+>", "x", re.sub(r"<uuid:\w+>", record_id, rule))


def call(caller: Caller, method: str, rule: str, deal_id: str) -> TestResponse:
    path = filled(rule, deal_id)
    body: dict[str, Any] = {} if method == "GET" else {"json": {}}
    return caller.call(method, path, **body)


def test_every_route_says_who_may_call_it(company: Company) -> None:
    assert {rule for _, rule, security in routes(company) if not security.scopes} == PUBLIC


def test_an_undeclared_route_is_closed(company: Company) -> None:
    company.app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    answer = company.nobody.get("/forgotten")
    assert answer.status_code == 500
    assert b"open" not in answer.data


def test_nobody_gets_past_the_door(world: World) -> None:
    strangers = [world.company.nobody, Caller(world.company.app.test_client(), "made-up")]
    for method, rule, security in routes(world.company):
        if security.scopes:
            for stranger in strangers:
                answer = call(stranger, method, rule, world.deal_a["id"])
                assert (rule, answer.status_code) == (rule, 401)


def test_every_route_tells_partner_a_the_same_of_partner_bs_deal_as_of_none(world: World) -> None:
    for method, rule, security in routes(world.company):
        if "<uuid:deal_id>" not in rule:
            continue
        theirs = call(world.anna, method, rule, world.deal_b["id"])
        none = call(world.anna, method, rule, str(uuid4()))
        expected = 404 if "partner" in security.scopes else 403
        assert (rule, theirs.status_code, none.status_code) == (rule, expected, expected)
        one, other = theirs.get_json(), none.get_json()
        assert {**one, "request_id": ""} == {**other, "request_id": ""}
    [state] = world.company.sql("SELECT state FROM deal_registration WHERE id = :id", id=world.deal_b["id"])
    assert state["state"] == "submitted"


def test_routes_of_the_company_are_closed_to_partners(world: World) -> None:
    for method, rule, security in routes(world.company):
        if security.scopes == ("staff",):
            assert call(world.anna, method, rule, world.deal_a["id"]).status_code == 403


def test_no_answer_to_partner_a_holds_anything_of_partner_b(world: World) -> None:
    answers = [
        call(world.anna, method, rule, deal)
        for method, rule, security in routes(world.company)
        for deal in (world.deal_a["id"], world.deal_b["id"])
        if security.scopes
    ]
    answers += [world.anna.get("/api/deals", q=canary) for canary in CANARIES]
    answers.append(world.anna.get("/api/deals", state="submitted"))
    everything = b"".join(answer.data for answer in answers)
    for canary in CANARIES:
        assert canary.encode() not in everything


def test_counts_and_search_know_own_rows_only(world: World) -> None:
    page = world.anna.get("/api/deals").get_json()
    assert (page["total"], page["counts"]["submitted"], len(page["items"])) == (1, 1, 1)
    assert world.anna.get("/api/deals", q="Canary").get_json()["total"] == 0
    assert world.anna.get("/api/deals", q=world.deal_b["number"]).get_json()["total"] == 0
    assert world.piet.get("/api/deals", q="canary").get_json()["total"] == 1
    assert world.rep.get("/api/deals").get_json()["total"] == 2


def test_an_overlap_shows_the_other_side_to_the_company_and_a_number_to_the_partner(world: World) -> None:
    mine = world.anna.register(
        customer_name="Canary Works BV", customer_website="www.canary.example", product_family="Valves"
    )
    [seen] = mine["conflicts"]
    assert seen["sentence"] == (
        f"This deal overlaps {world.deal_b['number']} of another partner (same customer, same product "
        "family, waiting for a decision). You can add evidence or withdraw."
    )
    assert seen["evidence"] is None
    text_of_all = str(world.anna.deal(mine["id"]))
    for secret in ("Polderland", "Visser", "777777", "Kanarienstadt"):
        assert secret not in text_of_all
    [known] = world.rep.deal(mine["id"])["conflicts"]
    assert known["evidence"]["partner"] == "Polderland Besturing"
    assert known["evidence"]["why"] == "domain"


# -- the database, with every filter forgotten ------------------------------------------------------

TABLES = ("deal_registration", "deal_event", "deal_conflict", "deal_conflict_evidence")


def test_raw_sql_as_partner_a_finds_no_row_of_partner_b(world: World) -> None:
    world.anna.register(customer_website="www.canary.example", product_family="Valves")
    actor = Actor("partner", "Anna", partner_id=world.a)
    with world.company.database.session(actor) as session:
        theirs = "SELECT count(*) FROM deal_registration WHERE partner_account_id <> :a"
        assert session.execute(text(theirs), {"a": world.a}).scalar_one() == 0
        assert session.execute(text("SELECT count(*) FROM deal_registration")).scalar_one() == 2
        events = "SELECT count(*) FROM deal_event WHERE registration_id = :id"
        assert session.execute(text(events), {"id": world.deal_b["id"]}).scalar_one() == 0
        assert session.execute(text("SELECT count(*) FROM deal_conflict")).scalar_one() == 1
        for closed in ("deal_conflict_evidence", "access_token", "trusted_org", "user_right"):
            assert session.execute(text(f"SELECT count(*) FROM {closed}")).scalar_one() == 0


def test_a_transaction_without_an_actor_sees_nothing(world: World) -> None:
    with Session(world.company.database.engine) as session:
        for table in (*TABLES, "access_token", "idempotency_key", "account"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_partner_a_cannot_write_in_partner_bs_name(world: World) -> None:
    actor = Actor("partner", "Anna", partner_id=world.a)
    statements = [
        ("INSERT INTO deal_registration (partner_account_id, submitted_by) VALUES (:b, :b)", True),
        ("UPDATE deal_registration SET partner_account_id = :b", True),
        ("INSERT INTO deal_event (registration_id, actor_name, kind, sentence) "
         "VALUES (:deal, 'x', 'x', 'x')", True),
        ("UPDATE deal_registration SET description = 'x' WHERE id = :deal", False),
        ("DELETE FROM deal_registration WHERE id = :deal", False),
    ]  # fmt: skip
    for statement, refused in statements:
        parameters = {"b": world.b, "deal": UUID(world.deal_b["id"])}
        if refused:
            with pytest.raises(DBAPIError) as caught, world.company.database.session(actor) as session:
                session.execute(text(statement), parameters)
            assert isinstance(caught.value.orig, InsufficientPrivilege)
        else:
            with world.company.database.session(actor) as session:
                assert session.execute(text(f"{statement} RETURNING id"), parameters).all() == []


def test_one_pooled_connection_carries_no_rights_over(world: World, database_urls: ServiceUrls) -> None:
    engine = create_engine(sqlalchemy_url(database_urls.database), poolclass=StaticPool)
    count = text("SELECT array_agg(partner_account_id), pg_backend_pid() FROM deal_registration")
    try:
        one, other = (Actor("partner", "x", partner_id=partner) for partner in (world.a, world.b))
        seen = []
        for actor in (one, None, other):
            with Session(engine) as session:
                if actor is not None:
                    become(session, actor)
                seen.append(session.execute(count).one())
                session.commit()
        assert [row[0] for row in seen] == [[world.a], None, [world.b]]
        assert len({row[1] for row in seen}) == 1
    finally:
        engine.dispose()


def test_every_table_of_deals_and_identity_is_protected_even_from_its_owner(company: Company) -> None:
    rows = company.sql(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced, "
        "(SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polwithcheck IS NOT NULL) "
        "AS checks "
        "FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
        "AND c.relname <> 'alembic_version'"
    )
    assert {row["relname"] for row in rows} >= {*TABLES, "access_token", "idempotency_key", "trusted_org"}
    assert [row["relname"] for row in rows if not row["forced"] or row["checks"] != 2] == []


@pytest.mark.parametrize("statement", ["UPDATE deal_event SET sentence = 'x'", "DELETE FROM deal_event"])
def test_the_timeline_cannot_be_rewritten(world: World, statement: str) -> None:
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


def test_fields_that_no_form_has_are_refused_in_every_write(world: World) -> None:
    stolen = {
        "state": "approved", "protected_until": "2099-01-01", "submitted_by": str(uuid4()), "number": "DR-1",
        "decided_by": str(uuid4()), "customer_account_id": str(uuid4()), "opportunity_id": str(uuid4()),
        "submission": 1, "id": str(uuid4()),
    }  # fmt: skip
    for method, rule, security in routes(world.company):
        if method not in ("POST", "PATCH") or not security.scopes or security.upload:
            continue  # a file has no fields
        caller = world.anna if "partner" in security.scopes else world.rep
        path = filled(rule, world.deal_a["id"])
        answer = caller.call(method, path, json=stolen)
        assert (rule, answer.status_code) == (rule, 400)
        refused = answer.get_json()["fields"]
        assert {name: refused.get(name) for name in stolen} == dict.fromkeys(
            stolen, "There is no such field."
        )
    assert world.anna.deal(world.deal_a["id"])["state"] == "submitted"


def test_a_partner_cannot_register_for_another_partner(world: World) -> None:
    answer = world.anna.post("/api/deals", customer_name="X", partner_account_id=str(world.b))
    assert answer.status_code == 400
    assert "partner_account_id" in answer.get_json()["fields"]
