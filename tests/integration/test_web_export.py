"""Lists as files: own rows, safe cells, and a line in the audit trail."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.web import export
from tests.fixtures.web import Caller, Company


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"), newline="")))


def exports(company: Company) -> list[dict[str, Any]]:
    return company.sql(
        "SELECT actor_name, action, subject_id, after, partner_account_id FROM audit_entry "
        "WHERE action LIKE '%.export' ORDER BY at"
    )


@pytest.fixture
def anna(company: Company) -> Caller:
    return company.partner_user(company.partner("Rhein Automation"))


def test_a_partner_exports_its_own_deals_and_the_trail_says_so(company: Company, anna: Caller) -> None:
    anna.register()
    anna.register(submit=False, customer_name="=HYPERLINK(1)", amount=None)
    company.partner_user(company.partner("Polderland"), "Piet").register(customer_name="Canary Works")
    answer = anna.get("/api/deals/export")
    draft, submitted = rows(answer)
    assert (submitted["state"], submitted["customer_name"], submitted["amount"], submitted["currency"]) == (
        "submitted", "Bosch Rexroth AG", "48600.00", "EUR",
    )  # fmt: skip
    assert (draft["state"], draft["customer_name"], draft["amount"]) == ("draft", "'=HYPERLINK(1)", "")
    assert submitted["partner_name"] == "Rhein Automation"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="deals-2')
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    [line] = exports(company)
    assert (line["actor_name"], line["action"], line["subject_id"]) == ("Anna Weiss", "deals.export", "deals")
    assert (line["after"]["rows"], line["after"]["filter"]) == (2, {})
    assert line["partner_account_id"] is not None


def test_an_export_follows_the_lists_filter_and_names_it(company: Company, anna: Caller) -> None:
    anna.register(product_family="Valves")
    anna.register(product_family="Valves", submit=False)
    anna.register()
    assert len(rows(anna.get("/api/deals/export", q="valv", state="submitted"))) == 1
    [line] = exports(company)
    assert line["after"]["filter"] == {"q": "valv", "state": "submitted"}
    refused = anna.get("/api/deals/export", state="open")
    assert (refused.status_code, list(refused.get_json()["fields"])) == (400, ["state"])
    assert len(exports(company)) == 1


def test_people_of_the_company_need_the_right_and_get_what_they_may_see(
    company: Company, anna: Caller
) -> None:
    anna.register()
    anna.register(submit=False)
    refused = company.rep().get("/api/deals/export")
    assert (refused.status_code, refused.get_json()["detail"]) == (
        403, 'You lack the right for this. An administrator can grant "data.export" to you.',
    )  # fmt: skip
    assert exports(company) == []
    assert len(rows(company.rep("Ella", "Export", rights=("data.export",)).get("/api/deals/export"))) == 1
    assert company.nobody.get("/api/deals/export").status_code == 401


def test_excel_gets_its_mark_and_its_separator(anna: Caller) -> None:
    anna.register(customer_name="Müller; Söhne", customer_website="")
    answer = anna.get("/api/deals/export", bom="true", separator=";")
    assert answer.data.startswith(b'\xef\xbb\xbf"number";"state"')
    assert "Müller; Söhne" in answer.get_data(as_text=True)
    assert anna.get("/api/deals/export", separator="|").status_code == 400


def test_a_list_of_many_pages_is_whole(
    company: Company, anna: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [anna.register(submit=False)["number"] for _ in range(7)]
    monkeypatch.setattr("app.deals.reading.PAGE", 3)
    monkeypatch.setattr(export, "IN_MEMORY", 100)
    assert [row["number"] for row in rows(anna.get("/api/deals/export"))] == numbers[::-1]
    monkeypatch.setattr(export, "MOST_ROWS", 6)
    refused = anna.get("/api/deals/export")
    assert (refused.status_code, refused.get_json()["detail"]) == (
        400, "There are more than 6 rows. Narrow the list, then export again.",
    )  # fmt: skip
    assert len(exports(company)) == 1
