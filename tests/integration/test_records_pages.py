"""What a record's page in Salesforce gets from Tandem: lists by partner, activity, sync, requests, home."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text

from app.db import Database
from app.kernel.actor import Actor
from app.partners.assignments import history
from app.records import activity, requests
from app.records.shapes import ActivityQuery
from app.services.state import ServiceUrls
from app.sync.inward import inbound
from app.words import from_facts, tongue_of
from tests.fixtures.services import as_admin
from tests.fixtures.web import Caller, Company, Connected


class Pages:
    """Both sides with a partner, its seller, a rep who owns an opportunity, and a manager who decides."""

    def __init__(self, connected: Connected) -> None:
        self.connected, self.org, self.sides = connected, connected.org, connected.sides
        partner = self.org.insert(
            "Account",
            Name="Rhein Automation GmbH",
            Type="Channel Partner / Reseller",
            BillingCountry="Germany",
        )
        self.customer = self.org.insert("Account", Name="Bosch GmbH", BillingCountry="Germany")
        self.opportunity = self.org.insert(
            "Opportunity", Name="Bosch line 4", AccountId=self.customer, StageName="Prospecting",
            CloseDate="2031-03-14", Amount=1000,
        )  # fmt: skip
        self.lead = self.org.insert("Lead", Company="Siemens", LastName="Keller", Country="Germany")
        self.sides.cycle()
        self.partner: UUID = self.sides.row("account", partner)["id"]
        connected.adopt(self.partner)
        self.anna = connected.partner_user(self.partner)
        self.rep = connected.rep("Robin", "Berg", decides=False)
        self.other = connected.rep("Uli", "Fremd", decides=False)
        self.manager = connected.rep("Cem", "Aydin", rights=("partners.manage", "sync.manage"))
        connected.sql(
            # As if it came from Salesforce: it does not go out again.
            "WITH quiet AS (SELECT set_config('tandem.applying', 'on', true)) "
            "UPDATE opportunity SET owner_id = :rep FROM quiet WHERE id = :id",
            rep=self.rep.user_id,
            id=self.local,
        )
        self.sides.settle(1)

    @property
    def local(self) -> UUID:
        found: UUID = self.sides.row("opportunity", self.opportunity)["id"]
        return found

    def get(self, who: Caller, path: str = "", **query: Any) -> Any:
        answer = who.get(f"/api/records/Opportunity/{self.opportunity}{path}", **query)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()


@pytest.fixture
def pages(connected: Connected) -> Pages:
    return Pages(connected)


def test_the_owner_of_an_opportunity_gives_it_to_a_partner_takes_that_back_and_both_sides_agree(
    pages: Pages,
) -> None:
    named = {"subject": "opportunity", "record_id": str(pages.local)}
    before = pages.rep.get("/api/assignments", **named).get_json()
    assert (before["assigned"], before["actions"], before["locked"]) == (None, ["assign"], "")
    assert pages.other.get("/api/assignments", **named).get_json()["actions"] == []
    [one] = pages.rep.get("/api/assignments/candidates", **named).get_json()["items"]
    assert (one["name"], one["eligible"], one["recommended"]) == ("Rhein Automation GmbH", True, True)
    assert one["reasons"][0] == {"code": "sells_in", "values": ["DE"]}

    given = named | {"partner_id": str(pages.partner), "reason": "They know the plant."}
    refused = pages.other.post("/api/assignments", **given)
    assert refused.status_code == 403
    assert refused.get_json()["detail"].startswith("Only the owner of this opportunity chooses its partner.")
    held = pages.rep.post("/api/assignments", **given).get_json()
    assert held["assigned"]["partner"] == "Rhein Automation GmbH"
    assert [person["name"] for person in held["assigned"]["people"]] == ["Anna Weiss"]
    assert held["actions"] == ["change", "take_off", "undo"]
    pages.sides.settle()
    assert pages.org.get("Opportunity", pages.opportunity, "Partner__c") == {
        "Partner__c": pages.sides.sf_id(pages.partner)
    }
    listed = pages.rep.get("/api/records/Opportunity", partner_id=str(pages.partner)).get_json()
    assert [one["name"] for one in listed["items"]] == ["Bosch line 4"]
    assert pages.rep.get("/api/records/Account", partner="rhein").get_json()["items"][0]["partners"] == [
        {"id": str(pages.partner), "name": "Rhein Automation GmbH"}
    ]
    assert pages.get(pages.rep, "/assignment")["assignment"]["assigned"] == held["assigned"]
    assert pages.rep.get(f"/api/records/Account/{pages.customer}/assignment").status_code == 404

    assert pages.rep.post("/api/assignments/undo", **named, reason=" ").status_code == 400
    undone = pages.rep.post("/api/assignments/undo", **named, reason="The wrong line.").get_json()
    assert (undone["assigned"], undone["items"][0]["end_reason"]) == (None, "The wrong line.")
    again = pages.rep.post("/api/assignments/undo", **named, reason="It was right.").get_json()
    assert again["assigned"]["partner"] == "Rhein Automation GmbH"
    kinds = [one["kind"] for one in pages.get(pages.rep, "/activity")["items"]]
    assert kinds == ["assigned", "taken_off", "assigned"]


def test_a_flow_gives_records_to_partners_by_their_ids_in_salesforce_or_as_the_rules_choose(
    pages: Pages,
) -> None:
    address = f"/api/records/Opportunity/{pages.opportunity[:15]}/assignment"
    account = pages.sides.sf_id(pages.partner)
    assert pages.other.post(address, account_id=account).status_code == 403
    unknown = pages.rep.post(address, account_id="001000000000000AAA")
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "not_synced")
    assert pages.get(pages.rep, "/assignment")["assignment"]["assigned"] is None

    given = pages.rep.post(address, account_id=account[:15], reason="They know the plant.").get_json()
    held = given["assignment"]["items"][0]
    assert given["subject"] == "opportunity"
    assert (held["partner"], held["manner"]) == ("Rhein Automation GmbH", "hand")
    chosen = pages.manager.post(f"/api/records/Lead/{pages.lead}/assignment").get_json()
    assert chosen["assignment"]["items"][0]["manner"] == "automatic"
    nobody = pages.manager.post(f"/api/records/Account/{pages.customer}/assignment", account_id=account)
    assert nobody.status_code == 404


def test_lists_are_found_by_partner_owner_and_words_page_by_page(pages: Pages) -> None:
    accounts = pages.rep.get("/api/records/Account", limit=1).get_json()
    assert (accounts["items"][0]["name"], accounts["total"]) == ("Bosch GmbH", 2)
    second = pages.rep.get("/api/records/Account", limit=1, cursor=accounts["next"]).get_json()
    assert ([one["name"] for one in second["items"]], second["next"]) == (["Rhein Automation GmbH"], None)
    mine = pages.rep.get("/api/records/Opportunity", mine=True).get_json()["items"]
    assert [(one["sf_id"], one["owner"], one["amount"]) for one in mine] == [
        (pages.opportunity, "Robin Berg", "1000.00")
    ]
    assert pages.other.get("/api/records/Opportunity", mine=True).get_json()["total"] == 0
    assert pages.rep.get("/api/records/Lead", q="SIEM", sort="-changed").get_json()["total"] == 1
    assert pages.rep.get("/api/records/Lead", assigned=True).get_json()["counts"] == {
        "assigned": 0, "unassigned": 1,
    }  # fmt: skip
    for strange in ("/api/records/Case", "/api/records/Approval_Request__c"):
        assert pages.rep.get(strange).status_code == 404
    for strange in ("none", pages.opportunity[:15] + "ZZZ", "0065g00000ZZZZZ"):
        assert pages.rep.get(f"/api/records/Opportunity/{strange}").status_code == 404
    shown = pages.rep.get(f"/api/records/Opportunity/{pages.opportunity[:15]}").get_json()
    fields = {one["key"]: one for one in shown["fields"]}
    assert (shown["name"], fields["amount"]["value"]) == ("Bosch line 4", "1000.00")
    assert fields["account"]["record"]["sf_id"] == pages.customer


def test_a_record_says_that_it_is_the_same_on_both_sides_what_waits_and_why_it_cannot_go(
    pages: Pages,
) -> None:
    state = pages.get(pages.rep, "/sync")
    assert (state["standing"], state["problem"], state["actions"]) == ("synced", "", [])
    assert state["agreed_at"] is not None
    pages.sides.change("opportunity", pages.local, description="Ours")
    waiting = pages.get(pages.rep, "/sync")
    assert (waiting["standing"], [one["field"] for one in waiting["waiting"]]) == ("pending", ["Description"])

    pages.sides.settle()
    pages.sides.change("opportunity", pages.local, next_step="x" * 300)
    pages.sides.cycle()
    stuck = pages.get(pages.rep, "/sync")
    assert (stuck["standing"], stuck["actions"]) == ("stuck", ["retry"])
    assert "NextStep" in stuck["problem"]
    home = {tile["key"]: tile for tile in pages.manager.get("/api/home").get_json()["tiles"]}
    assert (home["stuck"]["count"], home["stuck"]["items"][0]["title"]) == (1, "Bosch line 4")
    assert home["stuck"]["items"][0]["record"]["sf_id"] == pages.opportunity

    path = f"/api/records/Opportunity/{pages.opportunity}/sync/retry"
    assert pages.rep.post(path).get_json()["standing"] == "pending"
    pages.sides.change("opportunity", pages.local, next_step="Call Eva")
    pages.sides.settle()
    assert pages.get(pages.rep, "/sync")["standing"] == "synced"
    assert pages.rep.post(path).status_code == 409


def test_each_reader_is_told_in_the_own_language_why_a_record_cannot_sync(pages: Pages) -> None:
    def told() -> list[str]:
        path = f"/api/records/Opportunity/{pages.opportunity}/sync"
        answers = [
            pages.rep.call("GET", path, headers={"Accept-Language": language})
            for language in ("en", "de", "es", "ja")
        ]
        return [answer.get_json()["problem"] for answer in answers]

    pages.sides.change("opportunity", pages.local, next_step="x" * 300)
    pages.sides.cycle()
    assert told() == [
        "Opportunity: NextStep holds 255 characters and the value has 300; shorten it.",
        "Opportunity: NextStep fasst 255 Zeichen, und der Wert hat 300; kürzen Sie ihn.",
        "Opportunity: NextStep admite 255 caracteres y el valor tiene 300; acórtelo.",
        "Opportunity: NextStep は 255 文字までですが、値は 300 文字です。短くしてください。",
    ]
    tiles = pages.manager.call("GET", "/api/home", headers={"Accept-Language": "de"}).get_json()["tiles"]
    [stuck] = next(tile["items"] for tile in tiles if tile["key"] == "stuck")
    assert stuck["note"] == "Opportunity: NextStep fasst 255 Zeichen, und der Wert hat 300; kürzen Sie ihn."
    [stored] = pages.sides.outbox()
    assert stored["error"] == "Opportunity: NextStep holds 255 characters and the value has 300; shorten it."

    # Written before there was anything but the English sentence.
    pages.sides.sql("UPDATE sync_outbox SET words = NULL")
    assert told() == [stored["error"]] * 4
    # A call that failed as a whole: what the admin is told in detail is no news for who reads the record.
    pages.sides.sql(
        "UPDATE sync_outbox SET error_kind = 'transient', error = 'POST composite: nothing answers.'"
    )
    assert told()[:2] == [
        "Salesforce cannot be reached just now. Nothing is lost; Tandem tries again by itself.",
        "Salesforce ist gerade nicht erreichbar. Nichts geht verloren; Tandem versucht es von selbst noch "
        "einmal.",
    ]

    away = pages.sides.insert("account", name="x" * 300)
    pages.sides.change("opportunity", pages.local, next_step="Call Eva", account_id=away)
    pages.sides.cycle()
    assert told() == [
        "Opportunity waits for its AccountId: that record has not reached Salesforce. `tandem sync "
        "status` says "
        "why; this one follows by itself.",
        "Opportunity wartet auf AccountId: Jener Datensatz ist nicht bis Salesforce gekommen. `tandem sync "
        "status` sagt, warum; dieser folgt von selbst.",
        "Opportunity espera a AccountId: ese registro no ha llegado a Salesforce. `tandem sync status` dice "
        "por qué; este lo sigue por sí solo.",
        "Opportunity は AccountId を待っています。そのレコードはまだ Salesforce に届いていません。理由は "
        "`tandem sync status` で確認できます。こちらは後から自動的に送信されます。",
    ]


def test_a_record_that_was_refused_here_is_explained_in_the_readers_language(pages: Pages) -> None:
    engine = pages.sides.engine
    bad = {"Id": "00Q000000000001EAA", "LastName": "Ott", "SystemModstamp": "2026-01-01T00:00:00.000+0000"}
    inbound.take_in(engine, engine.mappings.by_sobject("Lead"), [bad], datetime.now(UTC))
    answer = pages.rep.call("GET", f"/api/records/Lead/{bad['Id']}/sync", headers={"Accept-Language": "de"})
    assert (answer.get_json()["standing"], answer.get_json()["problem"]) == (
        "refused",
        "Lead 00Q000000000001EAA kann nicht gespeichert werden: Ein Wert fehlt für company. Berichtigen Sie "
        "den Datensatz in Salesforce oder das Mapping in Lead.yaml; sobald er sich ändert, wird es "
        "noch einmal versucht.",
    )


def test_a_record_that_is_not_here_says_so_and_one_that_does_not_fit_says_why(pages: Pages) -> None:
    new = pages.org.insert("Lead", Company="Festo", LastName="Ott")
    path = f"/api/records/Lead/{new}"
    assert pages.rep.get(f"{path}/sync").get_json()["standing"] == "unknown"
    away = pages.rep.get(path)
    assert (away.status_code, away.get_json()["code"]) == (404, "not_synced")
    pages.connected.sql(
        "INSERT INTO sync_refusal (sf_id, sobject, record, error) VALUES (:id, 'Lead', '{}', 'Too long.')",
        id=new,
    )
    found = pages.rep.get(f"{path}/sync").get_json()
    assert (found["standing"], found["problem"]) == ("refused", "Too long.")


def test_what_both_sides_changed_is_decided_from_the_record_by_its_owner(pages: Pages) -> None:
    pages.sides.change("opportunity", pages.local, amount="1500.00")
    pages.org.update("Opportunity", pages.opportunity, Amount=2000)
    pages.sides.cycle()
    state = pages.get(pages.rep, "/sync")
    [question] = state["questions"]
    [waiting] = pages.sides.outbox()
    assert [
        tongue_of(language).says(from_facts(waiting["words"], waiting["error"]))
        for language in ("en", "de", "es", "ja")
    ] == [
        "Both sides changed it; `tandem sync conflicts` asks which.",
        "Beide Seiten haben es geändert; `tandem sync conflicts` fragt, was gilt.",
        "Ambos lados lo han cambiado; `tandem sync conflicts` pregunta cuál vale.",
        "両側で変更されました。`tandem sync conflicts` でどちらを採用するか選択します。",
    ]
    assert (state["standing"], state["actions"]) == ("conflict", ["decide"])
    assert (question["field"], question["base"], question["ours"], question["theirs"]) == (
        "Amount", "1000.00", "1500.00", "2000.00",
    )  # fmt: skip
    assert pages.get(pages.other, "/sync")["actions"] == []
    path = f"/api/records/Opportunity/{pages.opportunity}/sync/conflicts/{question['id']}"
    assert pages.other.post(path, take="tandem").status_code == 403
    assert pages.rep.post(f"{path}9", take="tandem").status_code == 404
    tile = next(t for t in pages.other.get("/api/home").get_json()["tiles"] if t["key"] == "conflicts")
    assert (tile["count"], tile["items"][0]["note"]) == (1, "Amount")

    assert pages.rep.post(path, take="salesforce").get_json()["questions"] == []
    assert pages.sides.row("opportunity", pages.opportunity)["amount"] == 2000
    again = pages.rep.call("POST", path, json={"take": "tandem"}, headers={"Accept-Language": "de"})
    assert again.status_code == 409
    assert again.get_json()["detail"].startswith(f"Der Konflikt {question['id']} wurde am ")
    pages.sides.settle()
    assert pages.org.get("Opportunity", pages.opportunity, "Amount") == {"Amount": 2000}
    [row] = pages.connected.sql("SELECT action, actor_name FROM audit_entry WHERE action = 'sync.decide'")
    assert row["actor_name"] == "Robin Berg"


def test_activity_and_requests_of_a_customer_hold_what_each_partner_did_and_no_draft(pages: Pages) -> None:
    pages.anna.register(submit=False, customer_name="Bosch GmbH")
    deal = pages.anna.register(customer_name="Bosch GmbH", customer_website="")
    pages.manager.decide(deal, "approve", override_reason="The same line.")
    pages.sides.settle()
    done = pages.anna.deal(deal["id"])
    account = pages.sides.sf_id(UUID(done["customer_account_id"]))
    opportunity = pages.sides.sf_id(UUID(done["opportunity_id"]))
    lead = pages.sides.sf_id(UUID(done["lead_id"]))
    for sobject, sf_id in (("Account", account), ("Opportunity", opportunity), ("Lead", lead)):
        found = pages.rep.get(f"/api/records/{sobject}/{sf_id}/activity", limit=100).get_json()
        assert found["counts"]["decision"] == 1, sobject
        assert found["total"] == len(found["items"]) == sum(found["counts"].values())
        assert {one["number"] for one in found["items"]} <= {deal["number"], ""}
    first = pages.rep.get(f"/api/records/Account/{account}/activity", limit=1).get_json()
    then = pages.rep.get(f"/api/records/Account/{account}/activity", limit=1, cursor=first["next"]).get_json()
    assert first["items"][0]["key"] != then["items"][0]["key"]
    assert first["items"][0]["at"] >= then["items"][0]["at"]
    own = pages.rep.get(f"/api/records/Account/{account}/activity", group="decision").get_json()
    assert {one["group"] for one in own["items"]} == {"decision"}

    asked = pages.rep.get(f"/api/records/Opportunity/{opportunity}/requests").get_json()
    assert [(one["request"]["id"], one["deal_id"]) for one in asked["items"]] == [
        (deal["request_id"], deal["id"])
    ]
    record = pages.sides.sf_id(UUID(deal["request_id"]))
    shown = pages.rep.get(f"/api/records/Approval_Request__c/{record}").get_json()
    assert shown["request_id"] == deal["request_id"]
    of_itself = pages.rep.get(f"/api/records/Approval_Request__c/{record}/requests").get_json()
    assert (of_itself["total"], of_itself["items"][0]["request"]["state"]) == (1, "approved")
    assert pages.rep.get(f"/api/records/Approval_Request__c/{record}/activity").status_code == 200
    assert pages.anna.get(f"/api/records/Account/{account}/activity").status_code == 403


def test_the_home_counts_what_is_overdue_due_today_ends_soon_and_overlaps(company: Company) -> None:
    manager = company.rep("Cem", "Aydin")
    anna = company.partner_user(company.partner("Rhein Automation"))
    piet = company.partner_user(company.partner("Polderland"), "Piet", "Smit")
    first, rival = anna.register(), piet.register()
    ending = anna.register(customer_name="Siemens AG", customer_website="", contact_email="a@siemens.example")
    manager.decide(ending, "approve")
    company.sql(
        "UPDATE deal_registration SET protected_until = current_date + 3 WHERE id = :id", id=ending["id"]
    )
    noon = datetime.now(UTC)
    for deal, due in ((first, noon - timedelta(hours=1)), (rival, noon + timedelta(days=3))):
        company.sql(
            "UPDATE approval_task SET due_at = :due, rank_at = :due WHERE request_id = :id",
            due=due, id=deal["request_id"],
        )  # fmt: skip
    tiles = {tile["key"]: tile for tile in manager.get("/api/home").get_json()["tiles"]}
    assert {key: tile["count"] for key, tile in tiles.items()} == {
        "overdue": 1, "today": 0, "expiring": 1, "overlaps": 1, "conflicts": 0, "stuck": 0,
    }  # fmt: skip
    assert tiles["overdue"]["items"][0]["request_id"] == first["request_id"]
    assert tiles["overlaps"]["items"][0]["deal_id"] == rival["id"]
    assert tiles["expiring"]["items"][0]["note"] == "Rhein Automation"

    def inbox(**query: Any) -> list[str]:
        found = manager.get("/api/requests/inbox", **query).get_json()
        assert found["total"] == len(found["items"])
        return [one["request"]["id"] for one in found["items"]]

    both = [first["request_id"], rival["request_id"]]
    assert inbox() == both
    assert inbox(sort="newest") == both[::-1]
    assert (inbox(due="overdue"), inbox(due="week")) == (both[:1], both)
    assert (inbox(q="polder"), inbox(workflow="price_exception")) == (both[1:], [])
    page = manager.get("/api/requests/inbox", sort="newest", limit=1).get_json()
    rest = manager.get("/api/requests/inbox", sort="newest", limit=1, cursor=page["next"]).get_json()
    assert ([rest["items"][0]["request"]["id"]], rest["next"]) == (both[:1], None)


#: Tables that grow with every deal, and a row of each; a page that reads one whole gets slower every day.
ROWS = {
    "account": "(name) SELECT 'Bosch ' || n",
    "opportunity": (
        "(name, stage_name, close_date, account_id) SELECT 'Line ' || n, 'Prospecting', '2031-03-14', "
        "gen_random_uuid()"
    ),
    "lead": (
        "(company, last_name, converted_account_id, converted_opportunity_id) SELECT 'Siemens ' || n, "
        "'Keller', gen_random_uuid(), gen_random_uuid()"
    ),
    "deal_registration": (
        "(number, partner_account_id, submitted_by, customer_account_id, opportunity_id, lead_id, "
        "request_id) SELECT 'D-' || n, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), "
        "gen_random_uuid(), gen_random_uuid(), gen_random_uuid()"
    ),
    "deal_event": "(registration_id, actor_name, kind, sentence) SELECT gen_random_uuid(), '', '', ''",
    "approval_request": (
        "(number, workflow_key, workflow_version, requester_id, last_editor_id, partner_account_id, "
        "opportunity_id, lead_id, account_id) SELECT 'R-' || n, 'x', 1, gen_random_uuid(), "
        "gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid()"
    ),
    "approval_event": (
        "(request_id, round, actor_name, kind, sentence) SELECT gen_random_uuid(), 1, '', '', ''"
    ),
    "partner_assignment": (
        "(subject, subject_id, partner_account_id, manner, assigned_by_name, ended_at) "
        "SELECT 'opportunity', gen_random_uuid(), gen_random_uuid(), 'hand', '', now()"
    ),
}


def read_whole(plan: dict[str, Any]) -> set[str]:
    """The growing tables that a plan of PostgreSQL reads without the condition of an index."""
    own = {plan.get("Relation Name", "")} if not plan.keys() & {"Index Cond", "Recheck Cond"} else set()
    return own & ROWS.keys() | {table for part in plan.get("Plans", ()) for table in read_whole(part)}


def test_the_page_of_a_record_reads_no_growing_table_whole(
    database: Database, database_urls: ServiceUrls
) -> None:
    records = {
        "Account": "001000000000001AAA",
        "Opportunity": "006000000000001AAA",
        "Lead": "00Q000000000001EAA",
    }
    with as_admin(database_urls) as admin:
        admin.execute("SET session_replication_role = replica")
        for table, row in ROWS.items():
            admin.execute(f"INSERT INTO {table} {row} FROM generate_series(1, 3000) n")
        for sobject, sf_id in records.items():
            admin.execute(
                "INSERT INTO sync_link (local_id, table_name, sobject, sf_id) "
                f"SELECT id, '{sobject.lower()}', '{sobject}', '{sf_id}' FROM {sobject} LIMIT 1"
            )
        admin.execute("ANALYZE")
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with database.session(Actor("staff", "Robin Berg", uuid4())) as session:
        event.listen(database.engine, "before_cursor_execute", note)
        for sobject, sf_id in records.items():
            assert activity.page(session, sobject, sf_id, ActivityQuery()).total == 0
            assert requests.about(session, sobject, sf_id, "en").total == 0
        assert history.rows(session, "lead", uuid4()) == []
        event.remove(database.engine, "before_cursor_execute", note)
        # A small table is read whole for good reasons: what counts is whether there is another way.
        session.execute(text("SELECT set_config('enable_seqscan', 'off', true)"))
        explain = session.connection().exec_driver_sql
        plans = [explain(f"EXPLAIN (FORMAT JSON) {one}", values).scalar_one() for one, values in asked]
    assert len(plans) > 12
    assert set().union(*(read_whole(plan[0]["Plan"]) for plan in plans)) == set()
