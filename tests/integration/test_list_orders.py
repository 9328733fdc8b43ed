"""Lists in the order that their reader chooses: whole, page by page, and only what the reader may see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.web import Caller, Company


@pytest.fixture
def anna(company: Company) -> Caller:
    return company.partner_user(company.partner("Rhein Automation"))


@pytest.fixture
def rival(company: Company) -> Caller:
    return company.partner_user(company.partner("Goldstadt Technik"), "Gerda", "Gold")


def walked(caller: Caller, path: str, name: str, **query: Any) -> list[Any]:
    """One value of each row, in the order of the list, two rows a page."""
    found: list[Any] = []
    cursor = ""
    while True:
        page = caller.get(path, limit=2, cursor=cursor, **query).get_json()
        found += [one[name] for one in page["items"]]
        assert page["total"] == query.get("total", page["total"])
        if page["next"] is None:
            return found
        cursor = page["next"]


DEALS = (
    ("Zeppelin Werke", "9.00", "EUR", "2031-03-14"),
    ("abele GmbH", "1000.00", "EUR", "2031-01-02"),
    ("Mayer KG", "70.00", "USD", "2031-02-01"),
    ("Abele GmbH 2", "70.00", "EUR", "2031-02-01"),
)


@pytest.fixture
def registered(anna: Caller, rival: Caller) -> None:
    for customer, amount, currency, day in DEALS:
        anna.register(submit=False, customer_name=customer, amount=amount, currency=currency, close_date=day)
    anna.post("/api/deals")  # a draft that says nothing yet
    rival.register(submit=False, customer_name="Middle AG", amount="71.00", close_date="2031-02-01")


@pytest.mark.usefixtures("registered")
def test_deals_are_ordered_by_the_server_page_by_page_and_the_other_way_round(anna: Caller) -> None:
    names = [customer for customer, *_ in DEALS]
    zeppelin, abele, mayer, second = names
    orders = {
        "created": [*names, ""],
        # Whatever has no name comes first; capital letters make no difference.
        "customer": ["", abele, second, mayer, zeppelin],
        # By currency first: amounts of two currencies cannot be compared.
        "amount": ["", zeppelin, second, abele, mayer],
    }
    for sort, expected in orders.items():
        assert walked(anna, "/api/deals", "customer_name", sort=sort) == expected
        assert walked(anna, "/api/deals", "customer_name", sort=f"-{sort}") == expected[::-1]
    by_day = walked(anna, "/api/deals", "customer_name", sort="close")
    assert (by_day[0], set(by_day[1:3]), by_day[3:]) == (abele, {mayer, second}, [zeppelin, ""])


@pytest.mark.usefixtures("registered")
def test_rows_that_come_and_go_move_nothing_and_a_cursor_belongs_to_its_order(anna: Caller) -> None:
    first = anna.get("/api/deals", sort="customer", limit=2).get_json()
    anna.register(submit=False, customer_name="AAA first of all")
    rest = anna.get("/api/deals", sort="customer", limit=10, cursor=first["next"]).get_json()
    assert [one["customer_name"] for one in rest["items"]] == ["Abele GmbH 2", "Mayer KG", "Zeppelin Werke"]
    for sort, cursor in (("-customer", first["next"]), ("customer", "abc"), ("customer", "WyJjIl0")):
        answer = anna.get("/api/deals", sort=sort, cursor=cursor)
        assert (answer.status_code, list(answer.get_json()["fields"])) == (400, ["cursor"])
    assert anna.get("/api/deals", sort="partner_account_id").status_code == 400


@pytest.mark.usefixtures("registered")
def test_requests_are_ordered_as_well(anna: Caller) -> None:
    titles = walked(anna, "/api/requests", "title", sort="title")
    assert titles == sorted(titles, key=str.lower)
    assert len(titles) == 5
    assert walked(anna, "/api/requests", "title", sort="-title") == titles[::-1]


def test_a_partner_finds_its_opportunities_with_their_stage_and_the_deal_they_came_from(
    company: Company, anna: Caller, rival: Caller
) -> None:
    manager = company.rep("Mia", "Kern")
    deal = anna.register()
    manager.decide(deal, "approve")
    partner = anna.get("/api/me").get_json()["partner_id"]
    for name, stage, closed, won in (
        ("Assigned one", "Prospecting", False, False),
        ("Won one", "Closed Won", True, True),
        ("Lost one", "Closed Lost", True, False),
    ):
        company.insert(
            "opportunity", name=name, stage_name=stage, close_date="2030-01-01", is_closed=closed,
            is_won=won, partner_account_id=partner,
        )  # fmt: skip
    path = "/api/deals/opportunities"
    page = anna.get(path, sort="name").get_json()
    assert page["counts"] == {"open": 2, "won": 1, "lost": 1}
    assert page["items"][0]["name"] == "Assigned one"
    [came] = [one for one in page["items"] if one["deal_id"]]
    assert (came["deal_id"], came["registration_number"]) == (deal["id"], deal["number"])
    assert walked(anna, path, "state", sort="name", state="won") == ["won"]
    assert len(walked(anna, path, "name", sort="-close")) == 4
    assert rival.get(path).get_json() == {
        "items": [], "next": None, "total": 0, "counts": {"open": 0, "won": 0, "lost": 0},
    }  # fmt: skip
    assert manager.get(path).status_code == 403
