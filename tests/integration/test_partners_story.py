"""Who the partners are: levels and onboarding with their days, people, agreements, and the end."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.approvals.people import user_facts
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Conflict
from app.partners import adoption, service
from app.words import ENGLISH
from tests.fixtures.approvals import Desk, chain
from tests.fixtures.web import Caller, Company


@pytest.fixture
def manager(company: Company) -> Caller:
    return company.rep("Cem", "Aydin", rights=("partners.manage", "levels.manage", "data.export"))


@pytest.fixture
def a(company: Company) -> UUID:
    return company.partner("Rhein Automation", billing_country="Germany")


def today(shift: int = 0) -> str:
    return (datetime.now(UTC).date() + timedelta(days=shift)).isoformat()


def told(partner: dict[str, Any]) -> list[str]:
    return [line["sentence"] for line in partner["timeline"]]


# -- taking over --------------------------------------------------------------------------------------


def test_a_partner_of_the_crm_is_taken_over_with_region_level_plan_and_stage(
    company: Company, a: UUID
) -> None:
    own = company.partner_user(a).get("/api/partner").get_json()
    assert (own["name"], own["kind"], own["status"], own["region"]) == (
        "Rhein Automation", "reseller", "active", "europe",
    )  # fmt: skip
    assert (own["level_name"], own["plan"], own["activation_name"]) == (
        "Bronze",
        "standard",
        "Fully operational",
    )
    assert own["since"] == today()
    [account] = company.sql("SELECT * FROM account WHERE id = :a", a=a)
    assert (account["partner_status"], account["partner_kind"], account["partner_level"]) == (
        "Active", "Reseller", "Bronze",
    )  # fmt: skip


def test_taking_over_again_changes_nothing_and_leaves_prospects_out(company: Company, a: UUID) -> None:
    company.partner("Wouldbe Ltd", adopted=False, type="Prospect")
    company.insert("account", name="Customer Inc.", type="Customer - Direct")
    before = company.sql("SELECT count(*) AS n FROM partner_event")
    with company.database.session(SYSTEM) as session:
        again = adoption.adopt(session, SYSTEM, today=date(2027, 1, 1))
    assert (again.taken, again.already, again.left) == ([], 1, ["Wouldbe Ltd"])
    assert company.sql("SELECT count(*) AS n FROM partner_event") == before


def test_the_category_of_its_program_makes_a_distributor_and_gives_the_level(company: Company) -> None:
    account = company.partner("Albion Distribution", adopted=False)
    program = company.insert("channel_program", name="Distributors", category="Distribution")
    level = company.insert("channel_program_level", name="Gold", program_id=program, rank=3)
    company.insert("channel_program_member", program_id=program, partner_account_id=account, level_id=level)
    with company.database.session(SYSTEM) as session:
        adoption.adopt(session, SYSTEM, today=service.today(session))
        facts = service.facts(session, account)
    assert (facts["kind"], facts["level"], str(facts["level_weight"])) == ("distributor", "gold", "4.00")


# -- levels and onboarding ----------------------------------------------------------------------------


def test_a_level_brings_its_plan_which_can_be_another(company: Company, a: UUID, manager: Caller) -> None:
    rise = manager.post(f"/api/partners/{a}/level", level="gold", reason="Best year so far").get_json()
    assert (rise["level"], rise["plan"], rise["weight"]) == ("gold", "gold", "4.00")
    other = manager.post(
        f"/api/partners/{a}/level", level="gold", plan="key_account", reason="Agreed"
    ).get_json()
    assert (other["level"], other["plan"]) == ("gold", "key_account")
    assert told(other)[1] == f"Cem Aydin set the level Gold after Bronze, from {_words(0)}."
    [shown] = company.sql("SELECT partner_level FROM account WHERE id = :a", a=a)
    assert shown["partner_level"] == "Gold"


def test_a_fall_takes_effect_after_the_grace_unless_a_day_is_named(
    company: Company, a: UUID, manager: Caller
) -> None:
    manager.post(f"/api/partners/{a}/level", level="gold", reason="x")
    fallen = manager.post(f"/api/partners/{a}/level", level="silver", reason="Targets missed").get_json()
    assert fallen["level"] == "gold"
    held = [p for p in fallen["levels"] if not p["superseded"]]
    assert [(p["key"], p["start"], p["until"]) for p in held] == [
        ("silver", today(90), None), ("gold", today(), today(90)),
    ]  # fmt: skip
    at_once = manager.post(
        f"/api/partners/{a}/level", level="silver", start=today(), reason="Agreed"
    ).get_json()
    assert at_once["level"] == "silver"


def test_taking_a_change_back_is_a_period_of_its_own(company: Company, a: UUID, manager: Caller) -> None:
    manager.post(f"/api/partners/{a}/level", level="gold", reason="By mistake")
    back = manager.post(f"/api/partners/{a}/level/undo", reason="It was another partner").get_json()
    assert (back["level"], back["plan"]) == ("bronze", "standard")
    assert [(p["key"], p["superseded"]) for p in back["levels"]] == [
        ("bronze", False), ("gold", True), ("bronze", True),
    ]  # fmt: skip
    assert told(back)[0] == f"Cem Aydin took the change to Gold back: Bronze holds from {_words(0)}."
    trail = company.sql(
        "SELECT action, reason FROM audit_entry WHERE action LIKE 'partner.level%' ORDER BY 1"
    )
    assert [row["action"] for row in trail] == ["partner.level", "partner.level", "partner.level_undone"]


def test_the_stage_of_onboarding_moves_both_ways_and_leaves_the_level_alone(
    company: Company, a: UUID, manager: Caller
) -> None:
    moved = manager.post(
        f"/api/partners/{a}/activation", activation="ramp_up", reason="New people"
    ).get_json()
    assert (moved["activation_name"], moved["level"]) == ("Ramp-up", "bronze")
    assert moved["next_activation"]["name"] == "Fully operational"
    assert moved["next_activation"]["missing"] == ["Sales training completed", "0 of 2 people with access"]
    ticked = manager.post(f"/api/partners/{a}/tasks", task="sales_training").get_json()
    assert ticked["next_activation"]["missing"] == ["0 of 2 people with access"]


def test_a_level_of_the_future_shows_in_the_crm_on_its_day(
    company: Company, a: UUID, manager: Caller
) -> None:
    from app.partners import crm

    manager.post(f"/api/partners/{a}/level", level="silver", start=today(10), reason="From then on")
    with company.database.session(SYSTEM) as session:
        assert crm.show_all(session, datetime.now(UTC).date() + timedelta(days=9)) == 0
        assert crm.show_all(session, datetime.now(UTC).date() + timedelta(days=10)) == 1
    [shown] = company.sql("SELECT partner_level FROM account WHERE id = :a", a=a)
    assert shown["partner_level"] == "Silver"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"level": "platinum", "reason": "x"}, "level"),
        ({"level": "gold"}, "reason"),
        ({"level": "gold", "reason": "x", "start": "2001-01-01"}, "start"),
        ({"level": "gold", "reason": "x", "start": "2999-01-01"}, "start"),
    ],
)
def test_a_level_that_cannot_be_is_refused_and_nothing_changes(
    company: Company, a: UUID, manager: Caller, body: dict[str, Any], field: str
) -> None:
    answer = manager.post(f"/api/partners/{a}/level", **body)
    assert (answer.status_code, list(answer.get_json()["fields"])) == (400, [field])
    assert manager.get(f"/api/partners/{a}").get_json()["level"] == "bronze"


def test_overlapping_days_are_impossible_in_the_database_too(company: Company, a: UUID) -> None:
    with pytest.raises(Exception, match="ex_partner_period"):
        company.sql(
            "INSERT INTO partner_period (partner_account_id, about, key, during, set_by_name) "
            "VALUES (:a, 'level', 'gold', '[2020-01-01,)', 'x')",
            a=a,
        )


def test_the_company_makes_and_changes_levels_and_a_held_one_cannot_be_retired(
    company: Company, a: UUID, manager: Caller
) -> None:
    made = manager.post(
        "/api/levels", key="platinum", name="Platinum", weight="8", default_plan="platinum", grace_days=180,
        requirements=[{"kind": "won_deals", "count": 20}],
    )  # fmt: skip
    assert made.status_code == 201
    assert [one["key"] for one in made.get_json()["levels"]] == ["bronze", "silver", "gold", "platinum"]
    renamed = manager.call("PATCH", "/api/levels/bronze", json={"name": "Registered"})
    assert renamed.get_json()["levels"][0]["partners"] == 1
    assert company.sql("SELECT partner_level FROM account WHERE id = :a", a=a) == [
        {"partner_level": "Registered"}
    ]
    refused = manager.call("PATCH", "/api/levels/bronze", json={"retired": True})
    assert (refused.status_code, refused.get_json()["detail"]) == (
        409, "A partner holds this level. Give them another level first.",
    )  # fmt: skip
    plain = company.rep()
    assert plain.post("/api/levels", key="x", name="X", weight="1").status_code == 403


# -- lists --------------------------------------------------------------------------------------------


def test_partners_are_found_by_what_they_are_in_order_and_page_by_page(
    company: Company, a: UUID, manager: Caller
) -> None:
    for name in ("Albion", "Cascade", "Harbor"):
        company.partner(name, billing_country="United States")
    manager.post(f"/api/partners/{a}/level", level="gold", reason="x")
    names = lambda **query: [p["name"] for p in manager.get("/api/partners", **query).get_json()["items"]]  # noqa: E731
    assert names() == ["Albion", "Cascade", "Harbor", "Rhein Automation"]
    assert names(sort="-rank")[0] == "Rhein Automation"
    assert names(level="gold") == names(region="europe") == names(country="de") == ["Rhein Automation"]
    assert names(q="bor") == ["Harbor"]
    assert names(activation="ramp_up") == names(status="ended") == []
    company.insert("lead", company="X", last_name="Y", partner_account_id=a)
    assert names(assigned="true") == ["Rhein Automation"]
    first = manager.get("/api/partners", limit=3).get_json()
    assert (first["total"], first["counts"]["active"], len(first["items"])) == (4, 4, 3)
    rest = manager.get("/api/partners", limit=3, cursor=first["next"]).get_json()
    assert ([p["name"] for p in rest["items"]], rest["next"]) == (["Rhein Automation"], None)
    assert manager.get("/api/partners", cursor="nonsense").status_code == 400


def test_the_list_is_exported_by_those_who_may_and_that_is_written_down(
    company: Company, a: UUID, manager: Caller
) -> None:
    answer = manager.get("/api/partners/export", region="europe")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [(row["name"], row["level_name"], row["status"]) for row in rows] == [
        ("Rhein Automation", "Bronze", "active")
    ]
    [entry] = company.sql("SELECT after FROM audit_entry WHERE action = 'partners.export'")
    assert entry["after"]["rows"] == 1
    assert company.rep().get("/api/partners/export").status_code == 403


# -- people -------------------------------------------------------------------------------------------


def test_an_administrator_manages_the_own_people_and_the_last_one_stays(company: Company, a: UUID) -> None:
    anna = company.partner_user(a, roles=("admin",))
    ben = company.partner_user(a, "Ben", "Roth")
    made = anna.post("/api/partner/people", person_id=str(ben.user_id), role="finance").get_json()
    assert {p["name"]: p["roles"] for p in made["people"]} == {
        "Anna Weiss": ["admin", "seller"], "Ben Roth": ["finance", "seller"],
    }  # fmt: skip
    last = anna.post("/api/partner/people", person_id=str(anna.user_id), role="admin", take=True)
    assert (last.status_code, last.get_json()["code"]) == (409, "last_admin")
    refused = ben.post("/api/partner/people", person_id=str(ben.user_id), role="admin")
    assert refused.status_code == 403
    anna.post("/api/partner/people", person_id=str(ben.user_id), role="admin")
    gone = anna.post("/api/partner/people", person_id=str(anna.user_id), role="admin", take=True).get_json()
    assert {p["name"]: p["roles"] for p in gone["people"]}["Anna Weiss"] == ["seller"]


def test_conditions_know_the_roles_that_a_partners_person_has(company: Company, a: UUID) -> None:
    anna = company.partner_user(a, roles=("finance",))
    assert anna.user_id is not None
    actor = Actor("partner", "Anna Weiss", anna.user_id, a)
    with company.database.session(actor) as session:
        facts = user_facts(session, actor)
    assert (facts["kind"], facts["roles"]) == ("reseller", ["finance", "reseller", "seller"])


def test_what_a_contact_was_given_stays_with_the_person_who_signs_in_later(
    company: Company, a: UUID, manager: Caller
) -> None:
    contact = company.insert("contact", account_id=a, first_name="Ben", last_name="Roth")
    given = manager.post(f"/api/partners/{a}/people", person_id=str(contact), role="finance").get_json()
    assert [(p["name"], p["signs_in"], p["roles"]) for p in given["people"]] == [
        ("Ben Roth", False, ["finance"])
    ]
    admin = manager.post(f"/api/partners/{a}/people", person_id=str(contact), role="admin")
    assert admin.get_json()["fields"] == {"person_id": "Choose a person with access."}
    user = company.insert(
        "crm_user", username="ben@partner.example", first_name="Ben", last_name="Roth",
        user_type="PowerPartner", account_id=a, contact_id=contact,
    )  # fmt: skip
    [shown] = manager.get(f"/api/partners/{a}").get_json()["people"]
    assert (shown["id"], shown["roles"]) == (str(user), ["finance", "seller"])
    taken = manager.post(f"/api/partners/{a}/people", person_id=str(user), role="finance", take=True)
    assert taken.get_json()["people"][0]["roles"] == ["seller"]


def test_nobody_gives_roles_to_people_of_another_company(company: Company, a: UUID, manager: Caller) -> None:
    anna = company.partner_user(a, roles=("admin",))
    piet = company.partner_user(company.partner("Polderland"), "Piet", "Visser")
    for caller, path in ((anna, "/api/partner/people"), (manager, f"/api/partners/{a}/people")):
        answer = caller.post(path, person_id=str(piet.user_id), role="finance")
        assert (answer.status_code, answer.get_json()["detail"]) == (
            404, "There is no such person in this company. Choose one of the company's people.",
        )  # fmt: skip
    assert company.sql("SELECT count(*) AS n FROM partner_person WHERE role = 'finance'") == [{"n": 0}]


# -- structure and terms ------------------------------------------------------------------------------


def test_a_distributor_serves_resellers_from_a_day_on_and_both_see_it(
    company: Company, a: UUID, manager: Caller
) -> None:
    distributor = company.partner("Albion Distribution", type="Distributor")
    for _ in range(2):
        served = manager.post(f"/api/partners/{distributor}/resellers", reseller_id=str(a)).get_json()
        assert [(r["name"], r["since"]) for r in served["resellers"]] == [("Rhein Automation", today())]
    own = company.partner_user(a).get("/api/partner").get_json()
    assert [d["name"] for d in own["distributors"]] == ["Albion Distribution"]
    wrong = manager.post(f"/api/partners/{a}/resellers", reseller_id=str(distributor))
    assert wrong.status_code == 400
    ended = manager.post(
        f"/api/partners/{distributor}/resellers", reseller_id=str(a), ends=today(30)
    ).get_json()
    assert [r["name"] for r in ended["resellers"]] == ["Rhein Automation"]
    [row] = company.sql("SELECT upper(during) AS until FROM partner_supply")
    assert row["until"].isoformat() == today(30)


def test_branches_and_the_parent_come_from_the_crm(company: Company, a: UUID, manager: Caller) -> None:
    company.partner("Rhein Automation Nord", parent_id=a)
    shown = manager.get(f"/api/partners/{a}").get_json()
    assert ([b["name"] for b in shown["branches"]], shown["parent"]) == (["Rhein Automation Nord"], None)


def test_where_it_sells_is_its_region_unless_countries_are_named(
    company: Company, a: UUID, manager: Caller
) -> None:
    assert "FR" in manager.get(f"/api/partners/{a}").get_json()["countries"]
    changed = manager.call(
        "PATCH",
        f"/api/partners/{a}",
        json={"countries": ["Germany", "at"], "lead_capacity": 5, "weight": "2.5"},
    ).get_json()
    assert (changed["countries"], changed["lead_capacity"], changed["weight"]) == (["AT", "DE"], 5, "2.50")
    assert told(changed)[0] == "Cem Aydin changed the countries, the weight, the capacity for leads."
    wrong = manager.call("PATCH", f"/api/partners/{a}", json={"countries": ["Atlantis"]})
    assert list(wrong.get_json()["fields"]) == ["countries"]


# -- suspending and ending ----------------------------------------------------------------------------


def test_before_a_suspension_it_says_what_happens_and_then_people_read_and_start_nothing(
    company: Company, a: UUID, manager: Caller
) -> None:
    anna = company.partner_user(a)
    company.insert("lead", company="X", last_name="Y", partner_account_id=a)
    ahead = manager.get(f"/api/partners/{a}/open-work", step="suspend").get_json()
    assert [one["sentence"] for one in ahead["items"]] == [
        "1 person with access: can go on reading, and start nothing.",
        "1 open lead: with the partner as before; no new ones are assigned.",
    ]
    assert manager.post(f"/api/partners/{a}/suspend").status_code == 400
    suspended = manager.post(f"/api/partners/{a}/suspend", reason="Invoices unpaid").get_json()
    assert (suspended["status"], suspended["status_reason"], suspended["actions"]) == (
        "suspended", "Invoices unpaid", ["end", "reinstate"],
    )  # fmt: skip
    assert anna.get("/api/partner").get_json()["status"] == "suspended"
    with company.database.session(Actor("partner", "Anna", partner_id=a)) as session:
        with pytest.raises(Conflict) as caught:
            service.require_active(session, a)
        assert caught.value.error_code == "partner_not_active"
        assert caught.value.what == "The partnership is suspended, so nothing new can be started."
    back = manager.post(f"/api/partners/{a}/reinstate", reason="Paid").get_json()
    assert (back["status"], back["since"]) == ("active", today())


def test_after_the_end_nobody_signs_in_and_open_leads_are_the_companys_again(
    company: Company, a: UUID, manager: Caller
) -> None:
    anna = company.partner_user(a)
    lead = company.insert("lead", company="X", last_name="Y", partner_account_id=a)
    deal = company.insert(
        "opportunity", name="D", stage_name="Prospecting", close_date="2031-01-01", partner_account_id=a
    )
    ended = manager.post(f"/api/partners/{a}/end", reason="Closed down").get_json()
    assert ended["status"] == "ended"
    assert anna.get("/api/partner").status_code == 401
    assert company.sql("SELECT partner_account_id AS p FROM lead WHERE id = :i", i=lead) == [{"p": None}]
    assert company.sql("SELECT partner_account_id AS p FROM opportunity WHERE id = :i", i=deal) == [{"p": a}]
    assert company.sql("SELECT partner_status AS s FROM account WHERE id = :a", a=a) == [{"s": "Ended"}]
    again = manager.post(f"/api/partners/{a}/end", reason="x")
    assert (again.status_code, again.get_json()["allowed"]) == (409, ["reinstate"])
    new_token = company.partner_user(a, "New", "Person")
    assert new_token.get("/api/partner").status_code == 401


# -- certifications -----------------------------------------------------------------------------------


def test_a_certification_lasts_as_long_as_its_kind_is_reminded_of_once_and_expires(
    company: Company, a: UUID, manager: Caller
) -> None:
    from app.partners import certificates

    manager.post(
        "/api/certifications",
        key="servo",
        name="Servo Expert",
        product_family="Servo Drives",
        valid_months=12,
    )
    certified = manager.post(
        f"/api/partners/{a}/certifications", certification="servo", start="2027-03-31"
    ).get_json()
    [one] = certified["certifications"]
    assert (one["name"], one["until"]) == ("Servo Expert", "2028-03-31")
    with company.database.session(SYSTEM) as session:
        assert certificates.remind(session, date(2028, 2, 28)) == 0
        assert certificates.remind(session, date(2028, 3, 1)) == 1
        assert certificates.remind(session, date(2028, 3, 2)) == 0
        assert certificates.expire(session, date(2028, 3, 30)) == 0
        assert certificates.expire(session, date(2028, 3, 31)) == 1
        assert certificates.expire(session, date(2028, 4, 1)) == 0
    lines = told(manager.get(f"/api/partners/{a}").get_json())
    assert lines[:3] == [
        "The certification Servo Expert ended on 30 March 2028.",
        "The certification Servo Expert ends on 30 March 2028. Renew it before.",
        "Certified for Servo Expert from 31 March 2027 until 30 March 2028.",
    ]


def test_a_revoked_certification_counts_no_more(company: Company, a: UUID, manager: Caller) -> None:
    manager.post("/api/certifications", key="servo", name="Servo Expert")
    made = manager.post(f"/api/partners/{a}/certifications", certification="servo").get_json()[
        "certifications"
    ][0]
    assert made["state"] == "valid"
    gone = manager.post(
        f"/api/partners/{a}/certifications/{made['id']}/revoke", reason="Exam was not taken"
    ).get_json()
    assert gone["certifications"][0]["state"] == "revoked"
    assert "0 of 1 valid certification" in gone["next_level"]["missing"]
    unknown = manager.post(f"/api/partners/{a}/certifications/{uuid4()}/revoke", reason="x")
    assert unknown.status_code == 404


# -- what the database holds --------------------------------------------------------------------------

OWN_ROWS = (
    "partner", "partner_event", "partner_period", "partner_task", "partner_person", "partner_supply",
    "partner_certification", "agreement_acceptance", "partner_assignment", "channel_program_member",
    "sales_order",
)  # fmt: skip


def test_with_every_filter_forgotten_a_partner_reads_its_own_rows_and_writes_none(
    company: Company, a: UUID, manager: Caller
) -> None:
    b = company.partner("Polderland Besturing")
    company.partner_user(b, "Piet", "Visser", roles=("admin",))
    manager.post(f"/api/partners/{b}/level", level="gold", reason="Secret reason")
    with company.database.session(Actor("partner", "Anna", partner_id=a)) as session:
        for table in OWN_ROWS:
            column = "account_id" if table == "partner" else "partner_account_id"
            if table == "partner_supply":
                column = "distributor_account_id"
            theirs = session.execute(text(f"SELECT count(*) FROM {table} WHERE {column} = :b"), {"b": b})
            assert (table, theirs.scalar_one()) == (table, 0)
        assert session.execute(text("SELECT count(*) FROM partner")).scalar_one() == 1
        for statement in (
            "UPDATE partner SET status = 'ended'", "UPDATE partner_level SET weight = 99",
            "DELETE FROM partner_period", "UPDATE partner_person SET role = 'admin'", "DELETE FROM region",
        ):  # fmt: skip
            assert session.execute(text(statement)).rowcount == 0, statement  # type: ignore[attr-defined]


def test_a_partner_learns_nothing_of_another_by_its_id(company: Company, a: UUID, manager: Caller) -> None:
    anna = company.partner_user(a, roles=("admin",))
    b = company.partner("Polderland Besturing")
    for path in (f"/api/partners/{b}", "/api/partners", f"/api/partners/{a}", "/api/partners/export"):
        assert anna.get(path).status_code == 403
    levels = anna.get("/api/levels").get_json()
    assert {one["partners"] for one in levels["levels"]} == {0}
    assert b"Polderland" not in anna.get("/api/partner").data


def _words(shift: int) -> str:
    return ENGLISH.shows(datetime.now(UTC).date() + timedelta(days=shift))


def test_the_end_cancels_requests_that_wait_and_says_so_before(
    company: Company, a: UUID, manager: Caller
) -> None:
    desk = Desk(company)
    desk.publish(chain("channel_manager"))
    desk.person("Robin Berg", "channel_manager")
    anna = company.partner_user(a)
    waiting = desk.ask(anna)
    desk.ask(anna, submit=False)
    ahead = manager.get(f"/api/partners/{a}/open-work", step="end").get_json()["items"]
    assert [(one["kind"], one["sentence"]) for one in ahead if "request" in one["kind"]] == [
        ("request_drafts", "1 draft of a request: cancelled."),
        ("requests_waiting", "1 request waiting for a decision: cancelled."),
    ]
    manager.post(f"/api/partners/{a}/end", reason="Closed down")
    assert desk.shown(manager, waiting)["state"] == "cancelled"
    assert desk.rows("SELECT DISTINCT state FROM approval_request") == [{"state": "cancelled"}]


def test_a_suspended_partner_hands_nothing_in_and_its_requests_may_be_decided(
    company: Company, a: UUID, manager: Caller
) -> None:
    desk = Desk(company)
    desk.publish(chain("channel_manager"))
    decider = desk.person("Robin Berg", "channel_manager")
    anna = company.partner_user(a)
    waiting = desk.ask(anna)
    manager.post(f"/api/partners/{a}/suspend", reason="Invoices unpaid")
    refused = anna.post("/api/requests", workflow="price_exception", values={}, submit=True)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "partner_not_active")
    assert desk.decide(decider, waiting, "approve")["state"] == "approved"
