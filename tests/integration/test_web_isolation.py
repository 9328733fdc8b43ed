"""Who sees what through the API: every route for every kind of caller, made from the map of addresses."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.fixtures.isolation import ACCESS, BODIES, CANARIES, IDS, WORDS, World, routes
from tests.fixtures.web import Caller, Company


@pytest.fixture
def world(company: Company) -> World:
    return World(company)


def said(answer: TestResponse) -> Any:
    """An answer's body without what differs each time."""
    body = answer.get_json(silent=True)
    return {**body, "request_id": ""} if isinstance(body, dict) else answer.data


# -- the table itself ------------------------------------------------------------------------------------


def test_every_route_is_listed_with_who_may_call_it(company: Company) -> None:
    listed = {line for line in ACCESS.splitlines() if line}
    there = {route.access for route in routes(company)}
    assert there - listed == set(), "a route that ACCESS in tests/fixtures/isolation.py does not list"
    assert listed - there == set(), "ACCESS lists what is no longer so"


def test_every_id_in_an_address_has_a_sample(company: Company) -> None:
    unknown = {
        f"{route.key}: tests/fixtures/isolation.py needs a line for <{name}> in IDS or WORDS"
        for route in routes(company)
        for name in route.parameters
        if name not in IDS and name not in WORDS and route.rule not in WORDS
    }
    assert unknown == set()


@pytest.mark.usefixtures("own_application")
def test_an_undeclared_route_is_closed(company: Company) -> None:
    company.app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    answer = company.nobody.get("/forgotten")
    assert answer.status_code == 500
    assert b"open" not in answer.data


# -- the door --------------------------------------------------------------------------------------------


def test_nobody_gets_past_the_door(world: World) -> None:
    company = world.company
    gone = [company.rep("Gone", "Rep"), company.partner_user(world.a.account, "Gone", "Seller")]
    moved = company.partner_user(world.a.account, "Moved", "Away")
    revoked = company.rep("Re", "Voked")
    company.sql(
        "UPDATE crm_user SET is_active = false WHERE id = ANY(:ids)", ids=[one.user_id for one in gone]
    )
    company.sql("UPDATE crm_user SET account_id = :b WHERE id = :id", b=world.b.account, id=moved.user_id)
    assert company.nobody.call("POST", "/oauth/revoke", data={"token": revoked.token}).status_code == 200
    strangers = {
        "nobody": company.nobody,
        "a made-up token": Caller(company.app.test_client(), "made-up"),
        "a deactivated rep": gone[0],
        "a deactivated seller": gone[1],
        "a seller who changed sides": moved,
        "a revoked token": revoked,
    }
    for route in routes(company):
        if route.security.scopes:
            path = route.path(world, world.a)
            for name, stranger in strangers.items():
                answer = route.call(stranger, path)
                assert (route.key, name, answer.status_code) == (route.key, name, 401)


# -- the company's people --------------------------------------------------------------------------------


def test_the_company_gets_where_its_rights_reach_and_no_further(world: World) -> None:
    for route in routes(world.company):
        if not route.security.scopes:
            continue
        # Where nothing is there, nothing changes for the next one.
        path = route.path(world, world.a, **{name: route.nowhere(name) for name in route.owned})
        for name, (person, rights) in world.staff.items():
            answer = route.call(person, path)
            got = (route.key, name, answer.status_code)
            if "staff" not in route.security.scopes:
                assert got == (route.key, name, 403)
            elif missing := route.rights - rights:
                assert got == (route.key, name, 403)
                assert any(f'"{right}"' in answer.get_json()["detail"] for right in missing), got
            elif route.owned:
                assert got == (route.key, name, 404), "BODIES needs a body that passes the route's checks"
            else:
                assert answer.status_code not in (401, 403) and answer.status_code < 500, got  # noqa: PT018


# -- partner A and what is partner B's -------------------------------------------------------------------


def test_partner_a_hears_the_same_of_partner_bs_record_as_of_none(world: World) -> None:
    tried = 0
    before = everything_of_b(world)
    for route in routes(world.company):
        expected = 404 if "partner" in route.security.scopes else 403
        # Each place of the address in turn, and all of them together.
        for places in {*((name,) for name in route.owned), tuple(route.owned)} - {()}:
            of_b = {name: IDS[name](world, world.b) for name in places}
            nothing = {name: route.nowhere(name) for name in places}
            for role, person in world.a.people.items() if route.security.scopes else ():
                theirs = route.call(person, route.path(world, world.a, **of_b))
                none = route.call(person, route.path(world, world.a, **nothing))
                got = (route.key, role, places, theirs.status_code, none.status_code)
                assert got == (route.key, role, places, expected, expected)
                assert said(theirs) == said(none), got
                assert not any(str(one) in theirs.get_data(as_text=True) for one in of_b.values())
                tried += 1
    assert tried >= 30
    assert everything_of_b(world) == before


def everything_of_b(world: World) -> dict[str, list[str]]:
    """Every row of the database in which partner B, its people or its records are named."""
    company = world.company
    named = [str(IDS[name](world, world.b)) for name in IDS]
    named += [str(person.user_id) for person in world.b.people.values()]
    tables = company.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    found = {}
    for row in tables:
        statement = (
            f'SELECT to_jsonb(t)::text AS row FROM "{row["relname"]}" t WHERE to_jsonb(t)::text ~ :named'
        )
        found[row["relname"]] = sorted(
            one["row"] for one in company.sql(statement, named="|".join(dict.fromkeys(named)))
        )
    assert len(found["deal_registration"]) == 1
    return found


def test_routes_of_the_company_are_closed_to_partners(world: World) -> None:
    for route in routes(world.company):
        if route.security.scopes == ("staff",):
            for person in world.a.people.values():
                answers = [route.call(person, route.path(world, side)) for side in (world.a, world.b)]
                assert [answer.status_code for answer in answers] == [403, 403], route.key
                assert said(answers[0]) == said(answers[1])


def test_a_partner_gets_its_own_and_no_route_breaks_on_it(world: World) -> None:
    reached = set()
    ordered = sorted(routes(world.company), key=lambda route: route.method != "GET")
    for route in ordered:
        if "partner" in route.security.scopes:
            for role, person in world.a.people.items():
                answer = route.call(person, route.path(world, world.a))
                got = (route.key, role, answer.status_code)
                assert answer.status_code < 500 and answer.status_code != 401, got  # noqa: PT018
                if route.method == "GET" and answer.status_code == 200:
                    reached.add(route.key)
    readable = {
        route.key for route in ordered if "partner" in route.security.scopes and route.method == "GET"
    }
    assert readable == reached, "a partner must be able to read its own sample"


# -- lists, counts, search, export and errors ------------------------------------------------------------


def queries(company: Company) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """By route: the names and kinds of its query's parameters, as the API describes them."""
    document = company.nobody.get("/openapi.json").get_json()
    return {
        f"{method.upper()} {path}": [
            (one["name"], one["schema"]) for one in described.get("parameters", []) if one["in"] == "query"
        ]
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    }


def probes(world: World, parameter: str, schema: dict[str, Any]) -> list[str]:
    """What to ask for in a parameter to find something of partner B."""
    kinds = [schema, *schema.get("anyOf", [])]
    if parameter == "cursor" or any("enum" in kind or "$ref" in kind for kind in kinds):
        return []
    if any(kind.get("format") == "uuid" for kind in kinds):
        return [str(sample(world, world.b)) for sample in IDS.values()] + [str(world.b.seller.user_id)]
    if any(kind.get("type") == "string" and "format" not in kind for kind in kinds):
        return [*CANARIES, world.b.deal["number"]]
    return []


def test_no_search_list_count_or_export_of_partner_a_knows_of_partner_b(world: World) -> None:
    described = queries(world.company)
    tried = 0
    for route in routes(world.company):
        if route.method != "GET" or "partner" not in route.security.scopes:
            continue
        key = f"GET {route.rule}"
        for name in route.parameters:
            key = key.replace(f"<{route.parameters[name]}:{name}>", f"{{{name}}}").replace(
                f"<{name}>", f"{{{name}}}"
            )
        for path, (parameter, schema) in itertools.product(route.paths(world, world.a), described[key]):
            for probe in probes(world, parameter, schema):
                nothing = str(uuid4()) if len(probe) == 36 else "n" * len(probe)
                theirs = route.call(world.a.admin, path, **{parameter: probe})
                none = route.call(world.a.admin, path, **{parameter: nothing})
                got = (route.key, parameter, probe)
                assert theirs.status_code == none.status_code, got
                assert said(theirs) == said(none), got
                tried += 1
    assert tried >= 14


def test_no_answer_to_partner_a_holds_anything_of_partner_b(world: World) -> None:
    answers: list[tuple[str, TestResponse]] = []
    for route in routes(world.company):
        for person in world.a.people.values() if route.security.scopes else ():
            for side in (world.b, world.a):
                answers += [(route.key, route.call(person, path)) for path in route.paths(world, side)]
                if route.method in ("POST", "PATCH", "PUT"):
                    strange = person.call(route.method, route.path(world, side), json={"strange": 1})
                    answers.append((route.key, strange))
    for key, answer in answers:
        told = answer.data + str(answer.headers).encode()
        assert [canary for canary in CANARIES if canary.encode() in told] == [], key
        assert str(world.b.account).encode() not in told, key


def test_counts_and_search_know_own_rows_only(world: World) -> None:
    page = world.a.seller.get("/api/deals").get_json()
    assert (page["total"], page["counts"]["submitted"], len(page["items"])) == (1, 1, 1)
    assert world.a.seller.get("/api/deals", q="Canary").get_json()["total"] == 0
    assert world.a.seller.get("/api/deals", q=world.b.deal["number"]).get_json()["total"] == 0
    assert world.b.seller.get("/api/deals", q="canary").get_json()["total"] == 1
    assert world.plain.get("/api/deals").get_json()["total"] == 2


def test_an_overlap_shows_the_other_side_to_the_company_and_a_number_to_the_partner(world: World) -> None:
    mine = world.a.seller.register(
        customer_name="Canary Works BV", customer_website="www.canary.example", product_family="Valves"
    )
    [seen] = mine["conflicts"]
    assert seen["sentence"] == (
        f"This deal overlaps {world.b.deal['number']} of another partner (same customer, same product "
        "family, waiting for a decision). You can add evidence or withdraw."
    )
    assert seen["evidence"] is None
    text_of_all = str(world.a.seller.deal(mine["id"]))
    for secret in ("Polderland", "Visser", "777777", "Kanarienstadt"):
        assert secret not in text_of_all
    [known] = world.plain.deal(mine["id"])["conflicts"]
    assert known["evidence"]["partner"] == "Polderland Besturing"
    assert known["evidence"]["why"] == "domain"


# -- what nobody may send --------------------------------------------------------------------------------


def test_fields_that_no_form_has_are_refused_in_every_write(world: World) -> None:
    stolen = {
        "state": "approved", "protected_until": "2099-01-01", "submitted_by": str(uuid4()), "number": "DR-1",
        "decided_by": str(uuid4()), "customer_account_id": str(uuid4()), "opportunity_id": str(uuid4()),
        "submission": 1, "id": str(uuid4()),
    }  # fmt: skip
    for route in routes(world.company):
        if route.method not in ("POST", "PATCH", "PUT") or not route.security.scopes or route.security.upload:
            continue  # a file has no fields
        caller = world.a.admin if "partner" in route.security.scopes else world.boss
        # With what the route wants, so that only what it does not want is refused.
        body = BODIES.get(route.key, {}) | stolen
        answer = caller.call(route.method, route.path(world, world.a), json=body)
        assert (route.key, answer.status_code) == (route.key, 400)
        refused = answer.get_json()["fields"]
        assert {name: refused.get(name) for name in stolen} == dict.fromkeys(
            stolen, "There is no such field."
        ), route.key
    assert world.a.seller.deal(world.a.deal["id"])["state"] == "submitted"


def test_a_partner_cannot_register_for_another_partner(world: World) -> None:
    answer = world.a.seller.post("/api/deals", customer_name="X", partner_account_id=str(world.b.account))
    assert answer.status_code == 400
    assert "partner_account_id" in answer.get_json()["fields"]
