"""Forms in the service: what a person meets, what a draft keeps, what a request needs to be handed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.approvals import references
from app.kernel.actor import SYSTEM, Actor
from tests.fixtures.approvals import Desk
from tests.fixtures.web import Caller

WORKFLOW = """
key: price
title: {en: Special price, de: Sonderpreis, es: Precio especial, ja: 特別価格}
number: SP
initiators: [reseller, rep]
form:
  languages: [en, de]
  sections:
    - key: deal
      title: {en: Deal, de: Projekt}
      fields:
        - {key: customer, type: text, required: true, label: {en: Customer, de: Kunde}}
        - {key: company, type: text, prefill: account.name, label: {en: Your company, de: Ihre Firma}}
        - {key: country, type: country, prefill: account.country, label: {en: Country, de: Land}}
        - key: family
          type: reference
          reference: product_family
          label: {en: Product family, de: Produktfamilie}
        - {key: amount, type: money, required: true, label: {en: Amount, de: Betrag}}
        - {key: currency, type: currency, default: EUR, required: true, label: {en: Currency, de: Währung}}
        - {key: close, type: date, min: today, label: {en: Order date, de: Bestelldatum}}
        - key: reason
          type: text
          required: {field: user.scope, op: eq, value: partner}
          label: {en: Reason, de: Grund}
        - key: margin
          type: decimal
          decimals: 2
          visible: {field: user.scope, op: eq, value: staff}
          required: true
          label: {en: Margin, de: Marge}
        - {key: proof, type: file, accept: [pdf], label: {en: Proof, de: Nachweis}}
  rules:
    - when: {field: amount, op: above, value: {EUR: "50000.00", USD: "54000.00"}}
      require: [proof]
auto_approve: {field: amount, op: at_most, value: {EUR: "1000.00"}}
route:
  - key: channel
    title: {en: Channel manager}
    approvers: [{role: channel_manager}]
"""
FILLED = {"customer": "Bosch", "amount": "5000.00", "reason": "Rival offer"}


@pytest.fixture
def anna(desk: Desk) -> Caller:
    desk.publish(WORKFLOW)
    desk.company.sql("INSERT INTO product (name, family) VALUES ('Drive 1', 'Servo Drives')")
    return desk.company.partner_user(desk.company.partner("Rhein Automation", billing_country="Germany"))


def form(caller: Caller, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = caller.post("/api/workflows/price/form", **body)
    assert answer.status_code == status, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def fields(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for section in shown["form"]["sections"] for one in section["fields"]}


def required(shown: dict[str, Any]) -> list[str]:
    return [name for name, one in fields(shown).items() if one["required"]]


def faults(caller: Caller, status: int = 400, **values: Any) -> dict[str, str]:
    answer = caller.post("/api/requests", workflow="price", values=values, submit=True)
    assert answer.status_code == status, answer.get_json()
    found: dict[str, str] = answer.get_json()["fields"]
    return found


# -- the form ------------------------------------------------------------------------------------------


def test_the_same_address_gives_a_reseller_and_a_rep_different_required_fields(
    desk: Desk, anna: Caller
) -> None:
    rep = desk.person("Robin Berg")
    assert required(form(anna)) == ["customer", "amount", "currency", "reason"]
    assert required(form(rep)) == ["customer", "amount", "currency", "margin"]
    assert "margin" not in fields(form(anna))
    assert "margin" not in form(anna)["json_schema"]["properties"]


def test_a_form_is_filled_in_from_the_crm_and_says_so(desk: Desk, anna: Caller) -> None:
    shown = fields(form(anna))
    assert (shown["company"]["value"], shown["company"]["provenance"]) == (
        "Rhein Automation", "from your company record",
    )  # fmt: skip
    assert shown["country"]["value"] == "DE"
    rep = desk.person("Robin Berg")
    assert fields(form(rep))["company"]["value"] is None
    partner = desk.company.partner("Nordwind GmbH")
    assert fields(form(rep, partner_account_id=str(partner)))["company"]["value"] == "Nordwind GmbH"
    refused = form(anna, status=400, partner_account_id=str(partner))
    assert list(refused["fields"]) == ["partner_account_id"]


def test_a_form_speaks_the_readers_language(anna: Caller) -> None:
    shown = form(anna, language="de", values={"amount": "viel"})
    assert (shown["title"], fields(shown)["customer"]["label"]) == ("Sonderpreis", "Kunde")
    assert shown["form"]["errors"]["amount"].startswith("„Betrag“ nimmt eine Zahl auf.")
    countries = anna.get("/api/references/country", q="deutsch", language="de").get_json()["items"]
    assert [one["label"] for one in countries] == ["Deutschland"]


def test_a_form_follows_what_is_typed(anna: Caller) -> None:
    small, large = (form(anna, values={"amount": amount}) for amount in ("50000.00", "50000.01"))
    assert (fields(small)["proof"]["required"], fields(large)["proof"]["required"]) == (False, True)
    assert fields(large)["amount"]["drives"]
    assert large["form"]["errors"]["proof"] == "“Proof” is missing. Attach a file."


def test_who_may_not_start_a_workflow_learns_nothing_of_its_form(desk: Desk, anna: Caller) -> None:
    manager = desk.person("Rita Groß", "regional_manager")
    assert form(manager, status=404)["detail"] == (
        'There is no workflow "price". Look for it in the list of workflows.'
    )
    assert anna.post("/api/workflows/nothing/form").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b'{"values": {"customer": ' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"values": {"customer": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b'{"values": {"customer": "\\ud800", "amount": 1e400, "family": "\\u0000"}}',
        b'{"values": {"amount": 99999999999999999999999, "currency": {"a": 1}, "close": true}}',
        b'{"values": [], "language": 5}',
        b'{"values": {"family": "%s"}}' % (b"x" * 900_000),
    ],
)
def test_no_body_makes_the_service_stumble(anna: Caller, body: bytes) -> None:
    for path in ("/api/workflows/price/form", "/api/requests"):
        answer = anna.call("POST", path, data=body, content_type="application/json")
        assert answer.status_code in (200, 400), answer.get_json()


def test_references_are_searched_among_what_the_reader_may_see(desk: Desk, anna: Caller) -> None:
    desk.company.partner("Polderland Besturing")
    rep = desk.person("Robin Berg")

    def found(caller: Caller, kind: str, q: str = "") -> list[str]:
        return [one["label"] for one in caller.get(f"/api/references/{kind}", q=q).get_json()["items"]]

    assert found(anna, "account") == ["Rhein Automation"]
    assert found(rep, "account", "polder") == ["Polderland Besturing"]
    assert found(anna, "product_family", "servo") == ["Servo Drives"]
    assert found(anna, "account", "%") == []
    assert found(anna, "currency", "jpy") == ["Japanese Yen"]
    assert anna.get("/api/references/secret").status_code == 404
    for kind in ("contact", "product", "lead", "opportunity", "user"):
        assert isinstance(found(anna, kind), list)


def test_a_reference_is_found_by_its_own_filter_where_row_level_security_does_not_help(
    desk: Desk, anna: Caller
) -> None:
    other = desk.company.partner("Polderland Besturing")
    [user] = desk.company.sql("SELECT account_id FROM crm_user WHERE id = :id", id=anna.user_id)
    reader = Actor("partner", "Anna Weiss", anna.user_id, user["account_id"])
    with desk.company.database.session(SYSTEM) as session:
        found = references.search(session, reader, "account", "", "en")
        assert [one.label for one in found] == ["Rhein Automation"]
        assert references.exists(session, reader)("account", str(user["account_id"]))
        assert not references.exists(session, reader)("account", str(other))
        assert references.exists(session, SYSTEM)("account", str(other))


# -- the request ---------------------------------------------------------------------------------------


def test_everything_that_is_missing_or_wrong_is_said_at_once(desk: Desk, anna: Caller) -> None:
    wrong = faults(anna, family="Rockets", amount="1.999", close="2020-01-01")
    assert list(wrong) == ["customer", "family", "amount", "close", "reason"]
    assert wrong["amount"] == "“Amount” has too many decimals for EUR. Write at most 2."
    assert wrong["family"] == (
        "“Product family” is not known here. Search for it and choose it from the list."
    )
    assert desk.rows("SELECT * FROM approval_request") == []


def test_what_may_not_be_written_is_refused_even_in_a_draft(anna: Caller) -> None:
    answer = anna.post("/api/requests", workflow="price", values={"margin": "40", "state": "approved"})
    assert (answer.status_code, answer.get_json()["fields"]) == (
        400,
        {
            "state": "The form has no such field. Leave it out.",
            "margin": "The form has no such field. Leave it out.",
        },
    )


def test_a_draft_loses_nothing_that_was_typed_and_says_what_it_lacks(desk: Desk, anna: Caller) -> None:
    draft = desk.ask(anna, "price", submit=False, amount="a lot", customer="Bosch")
    assert draft["values"] == {"amount": "a lot", "customer": "Bosch"}
    assert sorted(draft["form"]["errors"]) == ["amount", "reason"]
    refused = desk.do(anna, draft, "submit", status=400)
    assert sorted(refused["fields"]) == ["amount", "reason"]
    desk.do(anna, draft, "edit", values={"amount": "5000", "reason": "Rival offer"})
    done = desk.do(anna, draft, "submit")
    assert done["state"] == "submitted"
    assert done["values"] == {
        "customer": "Bosch", "company": "Rhein Automation", "country": "DE", "amount": "5000.00",
        "currency": "EUR", "reason": "Rival offer",
    }  # fmt: skip
    assert done["form"]["complete"]


def test_inside_the_limit_it_is_approved_by_itself_and_one_cent_above_it_is_routed(
    desk: Desk, anna: Caller
) -> None:
    manager = desk.person("Mia Kern", "channel_manager")
    inside = desk.ask(anna, "price", **FILLED | {"amount": "1000.00"})
    above = desk.ask(anna, "price", **FILLED | {"amount": "1000.01"})
    foreign = desk.ask(anna, "price", **FILLED | {"amount": "1.00", "currency": "USD"})
    assert [(one["state"], bool(one["authorization"])) for one in (inside, above, foreign)] == [
        ("approved", True), ("submitted", False), ("submitted", False),
    ]  # fmt: skip
    assert desk.inbox(manager) == [above["number"], foreign["number"]]


def test_what_the_company_adds_is_hidden_from_the_partner_and_outlives_its_edits(
    desk: Desk, anna: Caller
) -> None:
    manager = desk.person("Mia Kern", "channel_manager")
    boss = desk.person("Ada Wolf", rights=("requests.manage",))
    request = desk.ask(anna, "price", **FILLED)
    desk.do(boss, request, "edit", values={"margin": "41.50"})
    assert desk.shown(manager, request)["values"]["margin"] == "41.50"
    shown = anna.get(f"/api/requests/{request['id']}")
    assert b"41.50" not in shown.data
    assert b"margin" not in shown.data.lower()
    desk.do(anna, request, "edit", values={"reason": "A better rival offer"})
    assert desk.shown(boss, request)["values"]["margin"] == "41.50"
    done = desk.decide(manager, request, "approve")
    number = done["authorization"]
    assert b"41.50" not in anna.get(f"/api/authorizations/{number}").data
    assert manager.get(f"/api/authorizations/{number}").get_json()["snapshot"]["values"]["margin"] == "41.50"


def test_an_edit_after_it_was_handed_in_must_be_complete(desk: Desk, anna: Caller) -> None:
    request = desk.ask(anna, "price", **FILLED)
    refused = desk.do(anna, request, "edit", status=400, values={"customer": "", "amount": "-"})
    assert sorted(refused["fields"]) == ["amount", "customer"]
    assert desk.shown(anna, request)["round"] == 1
    assert desk.shown(anna, request)["values"]["customer"] == "Bosch"


def test_a_required_file_is_attached_to_the_draft(desk: Desk, anna: Caller) -> None:
    draft = desk.ask(anna, "price", submit=False, **FILLED | {"amount": "60000.00"})
    assert desk.do(anna, draft, "submit", status=400)["fields"] == {
        "proof": "“Proof” is missing. Attach a file."
    }
    made = anna.call(
        "POST", f"/api/requests/{draft['id']}/attachments", data=b"%PDF-1.7 offer",
        query_string={"name": "offer.pdf", "field": "proof"}, content_type="application/pdf",
    )  # fmt: skip
    assert made.status_code == 201
    done = desk.do(anna, draft, "submit")
    assert done["values"]["proof"] == [made.get_json()["id"]]


def test_the_form_of_a_request_is_that_of_the_version_it_began_with(desk: Desk, anna: Caller) -> None:
    draft = desk.ask(anna, "price", submit=False, customer="Bosch")
    desk.publish(WORKFLOW.replace("key: reason", "key: motive"))
    assert "motive" in fields(form(anna))
    assert "reason" in fields(form(anna, request_id=draft["id"]))
    piet = desk.partner_user("Polderland Besturing")
    hidden, nothing = (form(piet, status=404, request_id=one) for one in (draft["id"], str(uuid4())))
    assert hidden | {"request_id": ""} == nothing | {"request_id": ""}


def test_an_approver_reads_the_form_and_cannot_change_it(desk: Desk, anna: Caller) -> None:
    manager = desk.person("Mia Kern", "channel_manager")
    request = desk.ask(anna, "price", **FILLED)
    shown = {one["name"]: one for section in desk.shown(manager, request)["form"]["sections"]
             for one in section["fields"]}  # fmt: skip
    assert shown["customer"]["value"] == "Bosch"
    assert all(one["read_only"] and not one["required"] for one in shown.values())


def test_an_applicants_form_is_filled_in_from_its_company_record(desk: Desk) -> None:
    file = Path(__file__).resolve().parents[2] / "app/partners/workflows/partner_application.yaml"
    desk.publish(file.read_text())
    manager, finance = desk.person("Mia Kern", "channel_manager"), desk.person("Fay Ross", "finance")
    wouldbe = desk.company.partner(
        "Wouldbe Ltd", adopted=False, billing_country="Germany", type="Prospect", currency_code="EUR"
    )
    nina = desk.company.partner_user(wouldbe, "Nina", "Vogt")
    answer = nina.post("/api/workflows/partner_application/form", language="ja")
    shown = fields(answer.get_json())
    assert [shown[name]["value"] for name in ("company_name", "country", "contact_name", "currency")] == [
        "Wouldbe Ltd", "DE", "Nina Vogt", "EUR",
    ]  # fmt: skip
    assert shown["company_name"]["provenance"] == "会社情報より"
    assert "level" not in shown
    typed = {
        "kind": "reseller", "contact_email": "nina@wouldbe.example", "expected_revenue": "250000.00",
        "reason": "We sell drives to machine builders in Bavaria.", "countries": ["DE", "AT"],
    }  # fmt: skip
    request = desk.ask(nina, "partner_application", **typed)
    assert (request["state"], request["values"]["company_name"]) == ("submitted", "Wouldbe Ltd")
    assert request["values"]["countries"] == ["AT", "DE"]
    desk.decide(manager, request, "approve")
    done = desk.decide(finance, request, "approve")
    assert done["state"] == "approved"
    [partner] = desk.rows("SELECT kind, countries FROM partner WHERE account_id = :id", id=wouldbe)
    assert partner == {"kind": "reseller", "countries": ["AT", "DE"]}
