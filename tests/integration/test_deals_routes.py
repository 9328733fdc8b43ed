"""Who decides on a deal, by its amount; what a decision leaves; and what becomes of a partner's deals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.kernel.actor import SYSTEM
from app.partners import levels, service
from tests.fixtures.web import Caller, Company


@pytest.fixture
def manager(company: Company) -> Caller:
    return company.rep("Mia", "Kern")


def somebody(company: Company, first: str, role: str) -> Caller:
    caller = company.rep(first, "Lund", decides=False)
    company.sql("INSERT INTO user_role (user_id, role) VALUES (:id, :role)", id=caller.user_id, role=role)
    return caller


@pytest.fixture
def director(company: Company) -> Caller:
    return somebody(company, "Dora", "channel_director")


@pytest.fixture
def finance(company: Company) -> Caller:
    return somebody(company, "Fay", "finance")


def partner(company: Company, name: str = "Rhein Automation", level: str = "bronze") -> UUID:
    made = company.partner(name)
    with company.database.session(SYSTEM) as session:
        found = service.get(session, SYSTEM, made, lock=True)
        today = service.today(session)
        levels.set_level(session, SYSTEM, found, level, today=today, reason="Test", start=today)
    return made


@pytest.fixture
def anna(company: Company) -> Caller:
    return company.partner_user(partner(company))


@pytest.fixture
def gold(company: Company) -> Caller:
    return company.partner_user(partner(company, "Goldstadt Technik", "gold"), "Gerda", "Gold")


def steps(deal: dict[str, Any]) -> dict[str, str]:
    return {step["key"]: step["state"] for step in deal["route"]}


# -- by the amount ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency"), [("10000.00", "USD"), ("9200.00", "EUR"), ("1500000.00", "JPY")]
)
def test_a_gold_partners_deal_inside_the_limit_is_approved_by_itself(
    company: Company, manager: Caller, gold: Caller, amount: str, currency: str
) -> None:
    deal = gold.register(amount=amount, currency=currency)
    assert (deal["state"], deal["authorization_number"]) == ("approved", "DEAL-A-1001")
    assert (deal["decided_by"], deal["held_by"], deal["route"]) == ("", "", [])
    assert deal["protected_until"] is not None
    [decision] = company.sql("SELECT door, actor_id FROM approval_decision")
    assert decision == {"door": "limits", "actor_id": None}
    [row] = company.sql("SELECT authorization_number, approval_status FROM opportunity")
    assert row == {"authorization_number": "DEAL-A-1001", "approval_status": "Approved"}
    assert manager.get("/api/requests/inbox").get_json()["total"] == 0


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("10000.01", "USD"), ("9200.01", "EUR"), ("100.00", "BRL")],
)
def test_one_cent_above_the_limit_or_a_currency_without_one_is_routed(
    company: Company, manager: Caller, gold: Caller, amount: str, currency: str
) -> None:
    deal = gold.register(amount=amount, currency=currency)
    assert (deal["state"], deal["authorization_number"]) == ("submitted", None)
    assert (deal["holder"], deal["held_by"]) == ("company", "Mia Kern")
    assert deal["due"] > deal["held_since"]
    assert company.sql("SELECT id FROM opportunity") == []


def test_a_bronze_partners_deal_is_never_approved_by_itself(manager: Caller, anna: Caller) -> None:
    assert anna.register(amount="1.00", currency="USD")["state"] == "submitted"


def test_an_overlap_is_never_approved_by_itself(
    company: Company, manager: Caller, anna: Caller, gold: Caller
) -> None:
    first = anna.register()
    deal = gold.register(amount="5000.00", currency="EUR")
    assert (deal["state"], deal["held_by"]) == ("submitted", "Mia Kern")
    # Written down once, although the limits were tried.
    assert [one["number"] for one in deal["conflicts"]] == [first["number"]]
    assert [line["kind"] for line in deal["timeline"]].count("conflict") == 1
    assert company.sql("SELECT number FROM approval_authorization") == []


def test_a_deal_of_exactly_a_hundred_thousand_needs_one_step(
    manager: Caller, director: Caller, anna: Caller
) -> None:
    deal = anna.register(amount="100000.00", currency="USD")
    assert steps(deal) == {"channel": "open", "direction": "skipped", "finance": "skipped"}
    done = manager.decide(deal, "approve")
    assert (done["state"], done["authorization_number"]) == ("approved", "DEAL-A-1001")


def test_a_cent_more_needs_two(company: Company, manager: Caller, director: Caller, anna: Caller) -> None:
    deal = anna.register(amount="100000.01", currency="USD")
    half = manager.decide(deal, "approve")
    assert steps(half) == {"channel": "approved", "direction": "open", "finance": "skipped"}
    assert (half["state"], half["held_by"], half["authorization_number"]) == (
        "submitted", "Dora Lund", None,
    )  # fmt: skip
    assert company.sql("SELECT id FROM opportunity") == []
    done = director.decide(deal, "approve")
    assert (done["state"], done["decided_by"]) == ("approved", "Dora Lund")
    assert company.sql("SELECT count(*) AS n FROM opportunity") == [{"n": 1}]


def test_above_half_a_million_director_and_finance_decide_side_by_side(
    manager: Caller, director: Caller, finance: Caller, anna: Caller
) -> None:
    deal = anna.register(amount="500000.01", currency="USD")
    manager.decide(deal, "approve")
    half = finance.decide(deal, "approve")
    assert steps(half) == {"channel": "approved", "direction": "open", "finance": "approved"}
    assert half["held_by"] == "Dora Lund"
    assert director.decide(deal, "approve")["state"] == "approved"


def test_an_exception_that_the_first_approver_gave_a_reason_for_holds_for_the_second(
    company: Company, manager: Caller, director: Caller, anna: Caller, gold: Caller
) -> None:
    anna.register(amount="20000.00")
    deal = gold.register(amount="150000.00")
    manager.decide(deal, "approve", override_reason="Agreed with Rhein.")
    done = director.decide(deal, "approve")
    assert (done["state"], done["override_reason"]) == ("approved", "Agreed with Rhein.")
    seen = gold.deal(deal["id"])
    assert "Rhein" not in str(seen)
    assert seen["timeline"][-1]["sentence"].endswith(", as an exception although it overlaps another deal.")


# -- what becomes of a request becomes of its deal -------------------------------------------------------


def test_a_deal_may_be_registered_as_a_request_too(manager: Caller, anna: Caller) -> None:
    values = {
        "customer_name": "Bosch Rexroth AG", "customer_country": "DE", "contact_last_name": "Keller",
        "contact_email": "eva@boschrexroth.com", "product_family": "Servo Drives", "amount": "20000.00",
        "currency": "EUR", "close_date": "2031-03-14",
    }  # fmt: skip
    answer = anna.post("/api/requests", workflow="deal_registration", values=values, submit=True)
    assert answer.status_code == 201, answer.get_json()
    request = answer.get_json()
    deal = anna.deal(request["subject_id"])
    assert (deal["state"], deal["request_id"], deal["number"]) == ("submitted", request["id"], "DR-1001")
    assert (deal["amount"], request["title"]) == ("20000.00", "Bosch Rexroth AG – Servo Drives")


def test_a_rejected_deal_comes_back_behind_whoever_came_meanwhile(
    company: Company, manager: Caller, anna: Caller, gold: Caller
) -> None:
    first = anna.register()
    manager.decide(first, "reject", "The amount cannot be right.")
    second = gold.register()
    assert second["conflicts"] == []
    answer = anna.on_request(first, "resubmit", values={"amount": "60000.00"})
    assert answer.status_code == 200, answer.get_json()
    again = anna.deal(first["id"])
    assert (again["state"], again["amount"], again["decided_by"]) == ("submitted", "60000.00", "")
    assert [one["number"] for one in again["conflicts"]] == [second["number"]]
    assert again["submitted_at"] > second["submitted_at"]


def test_a_question_that_nobody_answers_costs_the_place(
    company: Company, manager: Caller, anna: Caller, gold: Caller
) -> None:
    deal = anna.register()
    manager.decide(deal, "request_info", "Which plant?")
    engine = company.app.extensions["approvals"]
    with company.database.session(SYSTEM) as session:
        request = engine.get(session, SYSTEM, UUID(deal["request_id"]), lock=True)
        engine.expire(session, request)
    seen = anna.deal(deal["id"])
    assert (seen["state"], seen["held_by"], seen["authorization_number"]) == ("expired", "", None)
    assert gold.register()["conflicts"] == []


def test_an_approval_taken_back_ends_the_protection_and_the_crm_says_so(
    company: Company, manager: Caller, anna: Caller, gold: Caller
) -> None:
    deal = manager.decide(anna.register(), "approve")
    boss = company.rep("Bo", "Ende", decides=False, rights=("requests.manage",))
    assert boss.on_request(deal, "void", reason="Sold to somebody else.").status_code == 200
    seen = anna.deal(deal["id"])
    assert (seen["state"], seen["decision_reason"], seen["authorization_number"]) == (
        "rejected", "Sold to somebody else.", None,
    )  # fmt: skip
    [row] = company.sql("SELECT registration_status, authorization_number FROM opportunity")
    assert row == {"registration_status": "Rejected", "authorization_number": None}
    assert gold.register()["conflicts"] == []


def test_the_timeline_tells_of_the_deal_and_of_its_request_in_their_order(
    company: Company, manager: Caller, anna: Caller
) -> None:
    deal = anna.register()
    manager.on_request(deal, "comments", text="Looks odd.", visible="company")
    manager.decide(deal, "approve", "Welcome.")
    assert [line["kind"] for line in anna.deal(deal["id"])["timeline"]] == [
        "opened", "submitted", "approved", "authorized", "protected",
    ]  # fmt: skip
    assert [line["kind"] for line in manager.deal(deal["id"])["timeline"]] == [
        "opened", "submitted", "comment", "approved", "authorized", "protected",
    ]  # fmt: skip


def test_lists_say_who_holds_each_deal(manager: Caller, anna: Caller) -> None:
    anna.register()
    anna.register(submit=False, product_family="Valves")
    held = {item["state"]: item["held_by"] for item in anna.get("/api/deals").get_json()["items"]}
    assert held == {"submitted": "Mia Kern", "draft": "Anna Weiss"}


# -- one account for one customer ------------------------------------------------------------------------


def test_two_approvals_of_one_new_customer_in_two_families_make_one_account(
    company: Company, manager: Caller, anna: Caller, gold: Caller
) -> None:
    drives = anna.register()
    valves = gold.register(customer_name="BOSCH-Rexroth", product_family="Valves", amount="20000.00")
    assert valves["conflicts"] == []
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda deal: manager.decide(deal, "approve"), (drives, valves)))
    assert [deal["state"] for deal in done] == ["approved", "approved"]
    [account] = company.sql("SELECT id FROM account WHERE NOT is_partner")
    assert {deal["customer_account_id"] for deal in done} == {str(account["id"])}
    accounts = company.sql("SELECT DISTINCT account_id FROM opportunity")
    assert accounts == [{"account_id": account["id"]}]


def test_the_account_of_a_customer_waits_for_whoever_is_making_it(
    company: Company, manager: Caller, anna: Caller
) -> None:
    deal = anna.register()
    with company.database.session(SYSTEM) as session:
        # Somebody else is making an account of that domain, and has not committed yet.
        session.execute(text("SELECT pg_advisory_xact_lock(7227, hashtext('domain:boschrexroth.com'))"))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(manager.decide, deal, "approve")
            while not session.execute(
                text("SELECT EXISTS (SELECT FROM pg_locks WHERE classid = 7227 AND NOT granted)")
            ).scalar_one():
                assert not waiting.done()
            session.execute(text("SELECT set_config('tandem.applying', 'on', true)"))
            account = session.execute(
                text(
                    "INSERT INTO account (name, website) VALUES ('Bosch Rexroth', 'boschrexroth.com') "
                    "RETURNING id"
                )
            ).scalar_one()
            session.commit()
            assert waiting.result()["customer_account_id"] == str(account)


# -- partners that are not active ------------------------------------------------------------------------


def standing(manager: Caller, deal: dict[str, Any], step: str) -> None:
    path = f"/api/partners/{deal['partner_account_id']}/{step}"
    answer = manager.post(path, reason="Invoices are open.")
    assert answer.status_code == 200, answer.get_json()


def test_a_suspended_partner_registers_nothing_and_nothing_of_it_is_approved(
    company: Company, anna: Caller
) -> None:
    manager = company.rep("Mia", "Kern", rights=("partners.manage",))
    deal, draft = anna.register(), anna.register(submit=False, product_family="Valves")
    standing(manager, deal, "suspend")
    for answer in (anna.post("/api/deals"), anna.post(f"/api/deals/{draft['id']}/submit")):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "partner_not_active")
    refused = manager.on_request(deal, "decide", decision="approve")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "partner_not_active")
    assert anna.deal(deal["id"])["state"] == "submitted"
    standing(manager, deal, "reinstate")
    assert manager.decide(deal, "approve")["state"] == "approved"


def test_before_and_with_the_end_of_a_partnership_its_deals_are_told_and_end(
    company: Company, anna: Caller, gold: Caller
) -> None:
    manager = company.rep("Mia", "Kern", rights=("partners.manage",))
    approved = manager.decide(anna.register(), "approve")
    waiting = anna.register(product_family="Valves")
    anna.register(product_family="Relays", submit=False)
    path = f"/api/partners/{approved['partner_account_id']}"
    told = manager.get(f"{path}/open-work", step="end").get_json()["items"]
    assert {one["kind"]: one["count"] for one in told if one["kind"].startswith("deal")} == {
        "deal_drafts": 1, "deals_waiting": 1, "deals_approved": 1,
    }  # fmt: skip
    standing(manager, approved, "end")
    states = company.sql("SELECT state FROM deal_registration ORDER BY number")
    assert [row["state"] for row in states] == ["rejected", "rejected", "withdrawn"]
    assert company.sql("SELECT count(*) AS n FROM approval_authorization_void") == [{"n": 1}]
    assert manager.deal(waiting["id"])["decision_reason"] == "Invoices are open."
    assert gold.register()["conflicts"] == []
