"""The rules of deal registration: who came first, what overlaps, who decides, how long it holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.deals import service
from app.deals.service import Terms
from app.kernel.actor import SYSTEM
from app.words import ENGLISH
from tests.fixtures.web import DEAL, Caller, Company


@pytest.fixture
def anna(company: Company) -> Caller:
    return company.partner_user(company.partner("Rhein Automation"))


@pytest.fixture
def piet(company: Company) -> Caller:
    return company.partner_user(company.partner("Polderland Besturing"), "Piet", "Visser")


@pytest.fixture
def rep(company: Company) -> Caller:
    return company.rep()


def sentences(caller: Caller, deal: dict[str, Any]) -> list[str]:
    return [event["sentence"] for event in caller.deal(deal["id"])["timeline"]]


def act(caller: Caller, deal: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
    answer = caller.post(f"/api/deals/{deal['id']}/{action}", **body)
    assert answer.status_code == 200, answer.get_json()
    done: dict[str, Any] = answer.get_json()
    return done


# -- drafts and completeness ---------------------------------------------------------------------------


def test_eight_fields_make_a_registration_complete(anna: Caller) -> None:
    draft = anna.register(submit=False, **dict.fromkeys(
        ("customer_name", "customer_country", "contact_last_name", "contact_email", "product_family",
         "currency"), ""), amount=None, close_date=None)  # fmt: skip
    answer = anna.post(f"/api/deals/{draft['id']}/submit")
    assert answer.status_code == 400
    problem = answer.get_json()
    assert problem["detail"] == "8 fields need your attention. Correct them and send the form again."
    assert set(problem["fields"]) == {
        "customer_name", "customer_country", "contact_last_name", "contact_email", "product_family",
        "amount", "currency", "close_date",
    }  # fmt: skip
    assert problem["fields"]["customer_name"] == "“Company” is missing. Fill it in."


def test_a_draft_can_be_changed_and_the_customer_of_a_submitted_registration_cannot(anna: Caller) -> None:
    draft = anna.register(submit=False)
    changed = anna.call("PATCH", f"/api/deals/{draft['id']}", json={"amount": "99.50", "currency": "usd"})
    assert (changed.get_json()["amount"], changed.get_json()["currency"]) == ("99.50", "USD")
    assert changed.get_json()["customer_name"] == "Bosch Rexroth AG"
    act(anna, draft, "submit")
    for field, value in (("customer_name", "Festo SE"), ("product_family", "Valves")):
        refused = anna.call("PATCH", f"/api/deals/{draft['id']}", json={field: value})
        assert refused.status_code == 400
        assert refused.get_json()["fields"] == {field: "Withdraw this registration and register anew."}
    assert anna.deal(draft["id"])["customer_name"] == "Bosch Rexroth AG"


def test_a_change_after_it_was_handed_in_keeps_the_place_and_begins_the_route_again(
    company: Company, anna: Caller, piet: Caller, rep: Caller
) -> None:
    deal = anna.register(amount="150000.00")
    assert piet.register()["conflicts"][0]["number"] == deal["number"]
    assert rep.decide(deal, "approve")["state"] == "submitted"
    changed = anna.call("PATCH", f"/api/deals/{deal['id']}", json={"amount": "160000.00"}).get_json()
    assert [(step["key"], step["state"]) for step in changed["route"]] == [
        ("channel", "open"), ("direction", "waiting"), ("finance", "skipped"),
    ]  # fmt: skip
    assert (changed["state"], changed["amount"], changed["submitted_at"]) == (
        "submitted", "160000.00", deal["submitted_at"],
    )  # fmt: skip
    assert changed["conflicts"] == []


def test_a_change_after_the_approval_voids_it_and_the_crm_follows_the_next_one(
    company: Company, anna: Caller, rep: Caller
) -> None:
    deal = rep.decide(anna.register(), "approve")
    number = deal["authorization_number"]
    changed = anna.call("PATCH", f"/api/deals/{deal['id']}", json={"amount": "50000.00"}).get_json()
    assert (changed["state"], changed["authorization_number"]) == ("submitted", None)
    [row] = company.sql("SELECT registration_status, amount FROM opportunity")
    assert (row["registration_status"], str(row["amount"])) == ("Submitted", "48600.00")
    void = anna.get(f"/api/authorizations/{number}").get_json()
    assert (void["void"], void["snapshot"]["values"]["amount"]) == (True, "48600.00")
    again = rep.decide(deal, "approve")
    assert again["authorization_number"] not in (None, number)
    assert (again["protected_until"], again["opportunity_id"]) == (
        deal["protected_until"], deal["opportunity_id"],
    )  # fmt: skip
    [row] = company.sql("SELECT registration_status, amount FROM opportunity")
    assert (row["registration_status"], str(row["amount"])) == ("Approved", "50000.00")
    assert company.sql("SELECT count(*) AS n FROM lead") == [{"n": 1}]


def test_a_won_deal_is_not_changed_any_more(company: Company, anna: Caller, rep: Caller) -> None:
    deal = rep.decide(anna.register(), "approve")
    company.sql("UPDATE deal_registration SET state = 'won'")
    for answer in (
        anna.call("PATCH", f"/api/deals/{deal['id']}", json={"amount": "1.00"}),
        anna.call("PATCH", f"/api/requests/{deal['request_id']}", json={"values": {"amount": "1.00"}}),
        anna.on_request(deal, "recall", reason="No."),
        anna.post(f"/api/deals/{deal['id']}/withdraw"),
    ):
        assert (answer.status_code, answer.get_json()["allowed"]) == (409, [])
    assert anna.deal(deal["id"])["actions"] == ["comment"]
    [request] = company.sql("SELECT state FROM approval_request")
    assert request == {"state": "approved"}


def test_a_draft_is_seen_by_its_own_side_only(anna: Caller, rep: Caller) -> None:
    draft = anna.register(submit=False)
    assert rep.get(f"/api/deals/{draft['id']}").status_code == 404
    assert rep.get("/api/deals").get_json()["total"] == 0
    assert anna.get("/api/deals").get_json()["counts"]["draft"] == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("amount", "-1", "It must be more than 0."),
        ("amount", "1.005", "Write at most 2 decimals."),
        ("amount", "NaN", "Write a finite number."),
        ("amount", "a lot", "Write a number, such as 1250.00."),
        ("customer_country", "Atlantis", "Write a country's two-letter code, such as DE."),
        ("currency", "EURO", "Write a currency's three-letter code, such as EUR."),
        ("contact_email", "eva at bosch", "Write a mail address, such as name@company.com."),
        ("close_date", "14.3.2031", "Write a date as YYYY-MM-DD."),
        ("customer_name", "x" * 256, "Write at most 255 characters."),
        ("customer_name", "two\nlines", "Write one line without control characters."),
        ("description", "nul\x00", "Write text without control characters."),
        ("customer_name", 7, "Write text here."),
    ],
)
def test_a_field_that_cannot_be_says_why_in_one_sentence(
    anna: Caller, field: str, value: Any, sentence: str
) -> None:
    answer = anna.post("/api/deals", **DEAL | {field: value})
    assert answer.status_code == 400
    assert answer.get_json()["fields"] == {field: sentence}


def test_an_order_expected_in_the_past_is_refused(anna: Caller) -> None:
    answer = anna.post("/api/deals", **DEAL | {"close_date": "2020-01-01", "submit": True})
    assert answer.status_code == 400
    assert answer.get_json()["fields"]["close_date"].startswith("“Expected order date” is too early.")
    assert anna.get("/api/deals").get_json()["total"] == 0


def test_a_product_family_is_one_of_the_catalogue(company: Company, anna: Caller) -> None:
    company.insert("product", name="Drive 1", family="Servo Drives")
    company.insert("product", name="Old", family="Relays", is_active=False)
    answer = anna.post("/api/deals", **DEAL | {"product_family": "Relays"})
    assert answer.get_json()["fields"] == {"product_family": "Choose one of Servo Drives."}
    assert anna.register(product_family="servo drives")["product_family"] == "Servo Drives"


# -- who came first, and what overlaps -----------------------------------------------------------------


def test_of_twenty_registrations_at_once_exactly_one_has_no_conflict(company: Company) -> None:
    callers = [company.partner_user(company.partner(f"Partner {n}")) for n in range(20)]
    with ThreadPoolExecutor(20) as pool:
        deals = list(pool.map(lambda caller: caller.register(), callers))
    assert sum(not deal["conflicts"] for deal in deals) == 1
    rows = company.sql("SELECT id, submitted_at, submission FROM deal_registration ORDER BY submission")
    assert [row["submitted_at"] for row in rows] == sorted(row["submitted_at"] for row in rows)
    [first] = [deal for deal in deals if not deal["conflicts"]]
    assert rows[0]["id"] == UUID(first["id"])
    # Each knows all that came before it.
    order = {str(row["id"]): place for place, row in enumerate(rows)}
    assert sorted(len(deal["conflicts"]) for deal in deals) == list(range(20))
    assert all(len(deal["conflicts"]) == order[deal["id"]] for deal in deals)


def test_a_draft_holds_no_place(anna: Caller, piet: Caller) -> None:
    draft = anna.register(submit=False)
    assert piet.register()["conflicts"] == []
    assert len(act(anna, draft, "submit")["conflicts"]) == 1


@pytest.mark.parametrize(
    ("changes", "overlaps"),
    [
        ({"customer_name": "Bosch-Rexroth A.G.", "customer_website": ""}, True),
        ({"customer_name": "BR Drives Inc", "customer_country": "US", "customer_postal_code": ""}, True),
        ({"product_family": "Valves"}, False),
        (
            {"customer_name": "Festo SE", "customer_website": "festo.com", "contact_email": "a@festo.com"},
            False,
        ),
        ({"customer_website": "", "contact_email": "e@web.de", "customer_postal_code": "10115"}, False),
    ],
)
def test_the_same_customer_and_family_overlap_however_they_are_written(
    anna: Caller, piet: Caller, changes: dict[str, Any], overlaps: bool
) -> None:
    anna.register()
    assert bool(piet.register(**changes)["conflicts"]) is overlaps


def test_the_own_second_registration_is_no_conflict(anna: Caller) -> None:
    anna.register()
    assert anna.register()["conflicts"] == []


def test_a_withdrawn_or_rejected_registration_gives_its_place_up(
    anna: Caller, piet: Caller, rep: Caller
) -> None:
    first = anna.register()
    second = piet.register()
    assert len(second["conflicts"]) == 1
    act(anna, first, "withdraw", reason="The customer bought elsewhere.")
    assert rep.decide(second, "approve")["state"] == "approved"
    assert anna.register()["conflicts"][0]["number"] == second["number"]


def test_a_subsidiary_of_the_same_group_is_the_same_customer(
    company: Company, anna: Caller, piet: Caller
) -> None:
    group = company.insert("account", name="Voith Group", billing_country="Germany")
    company.insert("account", name="Voith Hydro", billing_country="Germany", parent_id=group)
    company.insert("account", name="Voith Turbo", billing_country="Deutschland", parent_id=group)
    base = {"customer_website": "", "contact_email": "x@web.de", "customer_postal_code": ""}
    anna.register(customer_name="Voith Hydro GmbH & Co. KG", **base)
    other = piet.register(customer_name="Voith Turbo", **base)
    assert len(other["conflicts"]) == 1
    assert other["customer_account_id"] is not None


def test_a_direct_open_opportunity_is_a_conflict_and_a_closed_one_is_not(
    company: Company, anna: Caller, rep: Caller
) -> None:
    account = company.insert("account", name="Bosch Rexroth", website="www.boschrexroth.com")
    columns = {"account_id": account, "stage_name": "Qualification", "close_date": date(2031, 1, 1)}
    company.insert("opportunity", name="Retrofit", **columns)
    company.insert("opportunity", name="Lost", is_closed=True, **columns)
    deal = anna.register()
    [overlap] = deal["conflicts"]
    assert overlap["sentence"] == (
        "This deal overlaps an open opportunity of the manufacturer's own sales team (same customer). You "
        "can add evidence or withdraw."
    )
    assert "Retrofit" not in str(anna.deal(deal["id"]))
    [known] = rep.deal(deal["id"])["conflicts"]
    assert (known["evidence"]["opportunity"], known["evidence"]["stage"]) == ("Retrofit", "Qualification")


def test_registrations_submitted_without_a_shared_family_do_not_wait_for_each_other(
    company: Company, anna: Caller
) -> None:
    with company.database.session(SYSTEM) as session:
        session.execute(text("SELECT pg_advisory_xact_lock(7226, hashtext('valves'))"))
        assert anna.register(product_family="Servo Drives")["state"] == "submitted"


# -- deciding ---------------------------------------------------------------------------------------------


def test_an_approval_protects_for_ninety_days_and_makes_customer_lead_and_opportunity(
    company: Company, anna: Caller, rep: Caller
) -> None:
    deal = anna.register()
    approved = rep.decide(deal, "approve")
    until = datetime.now(UTC).date() + timedelta(days=90)
    assert approved["protected_until"] == until.isoformat()
    [lead] = company.sql("SELECT * FROM lead")
    [opportunity] = company.sql("SELECT * FROM opportunity")
    [account] = company.sql("SELECT * FROM account WHERE NOT is_partner")
    assert (account["name"], account["type"], account["billing_country"]) == (
        "Bosch Rexroth AG", "Prospect", "Germany",
    )  # fmt: skip
    assert (opportunity["name"], opportunity["account_id"]) == (
        "Bosch Rexroth AG – Servo Drives", account["id"],
    )  # fmt: skip
    assert (str(opportunity["amount"]), opportunity["stage_name"]) == ("48600.00", "Prospecting")
    assert (lead["company"], lead["last_name"]) == ("Bosch Rexroth AG", "Keller")
    for row in (lead, opportunity):
        assert row["registration_number"] == deal["number"]
        assert row["registration_status"] == "Approved"
        assert row["protected_until"] == until
    # What goes out is written with the decision; a Redis that forgets loses nothing.
    waiting = company.sql("SELECT table_name FROM sync_outbox ORDER BY table_name")
    assert [row["table_name"] for row in waiting] == [
        "account", "crm_approval_request", "crm_deal_registration", "lead", "opportunity",
    ]  # fmt: skip
    assert sentences(anna, deal)[-3:] == [
        "Robin Berg approved it in the step “Channel manager”.",
        "Authorization DEAL-A-1001 was issued.",
        f"The deal is protected until {ENGLISH.shows(until)}.",
    ]


def test_a_known_customer_is_linked_and_not_made_again(company: Company, anna: Caller, rep: Caller) -> None:
    account = company.insert("account", name="Bosch Rexroth", website="boschrexroth.com")
    approved = rep.decide(anna.register(), "approve")
    assert approved["customer_account_id"] == str(account)
    assert len(company.sql("SELECT id FROM account WHERE NOT is_partner")) == 1


def test_an_overlapping_registration_is_approved_with_a_reason_only(
    company: Company, anna: Caller, piet: Caller, rep: Caller
) -> None:
    first, second = anna.register(), piet.register()
    rep.decide(first, "approve")
    refused = rep.on_request(second, "decide", decision="approve")
    assert refused.status_code == 409
    assert refused.get_json()["code"] == "deal_conflict"
    assert refused.get_json()["detail"].startswith(f"{second['number']} overlaps {first['number']}.")
    for bad in ("nul\x00", 7, "x" * 1001):
        extra = {"override_reason": bad}
        assert rep.on_request(second, "decide", decision="approve", extra=extra).status_code == 400
    assert company.sql("SELECT count(*) AS n FROM opportunity") == [{"n": 1}]
    reason = "Rhein Automation agreed to share."
    done = rep.decide(second, "approve", override_reason=reason)
    assert (done["state"], done["override_reason"]) == ("approved", reason)
    seen = piet.deal(second["id"])
    assert seen["override_reason"] is None
    assert "Rhein" not in str(seen)


def test_the_first_may_be_approved_although_a_second_came(anna: Caller, piet: Caller, rep: Caller) -> None:
    first = anna.register()
    piet.register()
    assert rep.decide(first, "approve")["override_reason"] is None


def test_nobody_decides_on_what_they_registered(company: Company, rep: Caller) -> None:
    partner = company.partner("Rhein Automation")
    deal = rep.register(partner_account_id=str(partner))
    for decision in ("approve", "reject", "request_info"):
        answer = rep.on_request(deal, "decide", decision=decision, reason="Mine.")
        assert (answer.status_code, answer.get_json()["code"]) == (403, "two_people")
    assert deal["actions"] == ["comment", "edit", "withdraw"]
    # The database says it again, in both tables and across them.
    decision = (
        "INSERT INTO approval_decision (request_id, round, step_key, task_id, actor_id, actor_name, "
        "decision, door, content_hash) SELECT q.id, 1, 'channel', t.id, r.submitted_by, 'Robin', 'approve', "
        "'api', q.content_hash FROM approval_request q JOIN approval_task t ON t.request_id = q.id "
        "JOIN deal_registration r ON r.id = q.subject_id"
    )
    other = "UPDATE deal_registration SET submitted_by = gen_random_uuid();"
    for statement in (
        "UPDATE deal_registration SET decided_by = submitted_by",
        decision,
        f"{other} UPDATE deal_registration r SET state = 'rejected', decision_reason = 'No.', "
        "decided_at = now(), decided_by = q.requester_id FROM approval_request q WHERE q.id = r.request_id",
    ):
        with pytest.raises(DBAPIError) as caught:
            company.sql(statement)
        assert isinstance(caught.value.orig, CheckViolation), caught.value
    assert company.rep("Kim", "Lund").decide(deal, "approve")["state"] == "approved"


def test_whoever_is_not_asked_does_not_decide(company: Company, anna: Caller) -> None:
    deal = anna.register()
    reader = company.rep("Kim", "Lund", decides=False)
    refused = reader.on_request(deal, "decide", decision="approve")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_asked")
    assert reader.deal(deal["id"])["actions"] == ["comment"]


def test_a_rejection_needs_a_reason_that_the_partner_reads(
    company: Company, anna: Caller, rep: Caller
) -> None:
    deal = anna.register()
    silent = rep.on_request(deal, "decide", decision="reject", reason="  ")
    assert silent.get_json()["fields"] == {"reason": "Say why; the requester reads it."}
    rep.decide(deal, "reject", "We are in talks with this customer ourselves.")
    seen = anna.deal(deal["id"])
    assert (seen["state"], seen["decided_by"]) == ("rejected", "Robin Berg")
    assert seen["decision_reason"] == "We are in talks with this customer ourselves."
    assert seen["authorization_number"] is None
    assert company.sql("SELECT id FROM opportunity") == []
    assert rep.on_request(deal, "decide", decision="approve").status_code == 409


def test_a_question_goes_to_the_partner_and_its_answer_back_and_the_place_stays(
    anna: Caller, piet: Caller, rep: Caller
) -> None:
    deal = anna.register()
    assert rep.get("/api/requests/inbox").get_json()["total"] == 1
    asked = rep.decide(deal, "request_info", "Which plant is it for?")
    assert (asked["state"], asked["holder"], asked["held_by"]) == ("info_needed", "partner", "Anna Weiss")
    assert asked["question"] == "Which plant is it for?"
    until = datetime.fromisoformat(asked["due"]) - datetime.fromisoformat(asked["held_since"])
    assert until.days in (29, 30)
    assert piet.register()["conflicts"][0]["number"] == deal["number"]
    assert anna.on_request(deal, "answer", reason="Lohr, hall 3.").status_code == 200
    answered = anna.deal(deal["id"])
    assert (answered["state"], answered["holder"], answered["held_by"]) == (
        "submitted", "company", "Robin Berg",
    )  # fmt: skip
    assert answered["submitted_at"] == deal["submitted_at"]
    reasons = [event["reason"] for event in answered["timeline"]]
    assert reasons[-2:] == ["Which plant is it for?", "Lohr, hall 3."]


def test_what_is_not_possible_says_what_is(anna: Caller, rep: Caller) -> None:
    deal = anna.register()
    rep.decide(deal, "approve")
    answer = anna.post(f"/api/deals/{deal['id']}/submit")
    assert answer.status_code == 409
    assert answer.get_json()["detail"] == (
        f"{deal['number']} is approved: this is not possible now. Possible now: change, withdraw."
    )
    assert answer.get_json()["allowed"] == ["change", "withdraw"]


def test_two_who_approve_at_once_approve_once(company: Company, anna: Caller) -> None:
    reps = [company.rep("Rep", str(number)) for number in range(8)]
    deal = anna.register()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: one.on_request(deal, "decide", decision="approve"), reps))
    # The same decision counts once, whoever is late.
    assert [answer.status_code for answer in answers] == [200] * 8, answers[0].get_json()
    for table in ("opportunity", "lead", "approval_decision", "approval_authorization"):
        assert company.sql(f"SELECT count(*) AS n FROM {table}") == [{"n": 1}]


def test_a_call_that_meets_another_transaction_in_a_deadlock_is_done_once_and_answered(
    company: Company, anna: Caller
) -> None:
    deal = anna.register()
    with ThreadPoolExecutor(1) as pool, company.database.session(SYSTEM) as other:
        other.execute(text("SELECT FROM deal_registration WHERE id = :deal FOR UPDATE"), {"deal": deal["id"]})
        withdrawn = pool.submit(anna.post, f"/api/deals/{deal['id']}/withdraw", reason="Bought elsewhere.")
        waits = text(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while other.execute(waits).first() is None:
            pass
        # It holds the request and waits for the deal; we hold the deal and wait for the request.
        other.execute(text("SELECT FROM approval_request FOR UPDATE"))
    assert withdrawn.result().status_code == 200, withdrawn.result().get_json()
    found = anna.deal(deal["id"])
    assert found["state"] == "withdrawn"
    assert [event["kind"] for event in found["timeline"]] == ["opened", "submitted", "recalled"]


def test_a_withdrawn_deal_says_so_in_the_crm(company: Company, anna: Caller, rep: Caller) -> None:
    deal = anna.register()
    rep.decide(deal, "approve")
    act(anna, deal, "withdraw", reason="Lost interest.")
    rows = company.sql(
        "SELECT registration_status FROM opportunity UNION ALL SELECT registration_status FROM lead"
    )
    assert [row["registration_status"] for row in rows] == ["Withdrawn", "Withdrawn"]


# -- the end of protection ---------------------------------------------------------------------------------


def test_the_last_protected_day_still_protects(
    company: Company, anna: Caller, piet: Caller, rep: Caller
) -> None:
    deal = anna.register()
    rep.decide(deal, "approve")
    company.sql("UPDATE deal_registration SET protected_until = current_date")
    with company.database.session(SYSTEM) as session:
        assert service.expire(session, Terms()) == 0
    assert len(piet.register()["conflicts"]) == 1


def test_a_deal_past_its_protection_expires_and_gives_its_place_up(
    company: Company, anna: Caller, piet: Caller, rep: Caller
) -> None:
    deal = anna.register()
    rep.decide(deal, "approve")
    company.sql("UPDATE deal_registration SET protected_until = current_date - 1")
    # Even before the nightly job has said so.
    assert [c["kind"] for c in piet.register()["conflicts"]] == []
    with company.database.session(SYSTEM) as session:
        assert service.expire(session, Terms()) == 1
        assert service.expire(session, Terms()) == 0
    seen = anna.deal(deal["id"])
    assert seen["state"] == "expired"
    assert seen["timeline"][-1]["sentence"].startswith("The protection ended on ")
    [row] = company.sql("SELECT registration_status FROM opportunity")
    assert row["registration_status"] == "Expired"


# -- finding the customer in the CRM -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "website", "postal_code", "registered"),
    [
        ("Weiß & Söhne GmbH", "", "", {"customer_name": "WEISS und Sohne"}),
        ("The Boring Company", "", "", {"customer_name": "Boring Company"}),
        ("A.P. Møller - Mærsk A/S", "", "", {"customer_name": "AP Moller Maersk"}),
        ("Ørsted A/S", "", "", {"customer_name": "Orsted"}),
        ("株式会社日立製作所", "", "", {"customer_name": "日立製作所"}),
        ("Siemens Energy", "", "81739", {"customer_name": "Simens Energy", "customer_postal_code": "81739"}),
        ("HTC", "http://shop.hitachi.co.jp/x", "", {"customer_website": "https://www.hitachi.co.jp"}),
        ("Some Other Name", "WWW.FESTO.COM", "", {"customer_website": "festo.com"}),
    ],
)
def test_a_customer_is_found_in_the_crm_however_it_is_written(
    company: Company, anna: Caller, name: str, website: str, postal_code: str, registered: dict[str, Any]
) -> None:
    account = company.insert(
        "account", name=name, website=website or None, billing_postal_code=postal_code or None
    )
    plain = {"customer_website": "", "contact_email": "x@web.de", "customer_postal_code": ""}
    assert anna.register(**plain | registered)["customer_account_id"] == str(account)


def test_what_an_account_is_found_by_follows_its_name_and_website_and_nobody_sets_it(
    company: Company,
) -> None:
    account = company.insert("account", name="The Müller-Werke GmbH", website="https://shop.mueller.co.uk/de")
    signs = "SELECT sign_word, sign_two, sign_three FROM account WHERE id = :id"
    found = [tuple(company.sql(signs, id=account)[0].values())]
    for change in ("industry = 'Energy'", "sign_word = 'other'", "name = 'Acme Inc', website = NULL"):
        company.sql(f"UPDATE account SET {change} WHERE id = :id", id=account)
        found.append(tuple(company.sql(signs, id=account)[0].values()))
    before = ("muller", "co.uk", "mueller.co.uk")
    assert found == [before, before, before, ("acme", None, None)]


def test_finding_a_customer_uses_indexes_under_row_level_security(company: Company) -> None:
    company.sql(
        "INSERT INTO account (name, website, billing_postal_code) SELECT 'Firm' || i || ' GmbH', "
        "'https://www.firm' || i || '.com', i::text FROM generate_series(1, 20000) i"
    )
    for column in ("sign_word", "sign_two", "sign_three", "billing_postal_code"):
        plan = company.sql(f"EXPLAIN SELECT id FROM account WHERE {column} = 'firm7.com'")
        assert any("Index" in str(line) for line in plan), (column, plan)
