"""What a rep does on Salesforce's record pages: assigns a partner, decides, sees why a record cannot sync."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from app.demo.crm import CHANNEL_MANAGER, REP
from tests.fixtures.browser import Stack, Visit, Visitor, in_two_ways
from tests.fixtures.pages import (
    FIRST,
    MANAGER,
    REGISTER,
    a_customer,
    crm_of,
    decide,
    fill_in,
    no_sideways_scrolling,
    submit,
)

pytestmark = pytest.mark.timeout(400)

LISTS = "/lightning/o/Opportunity/list"
WORDS = {
    "en": {"nobody": "No partner has it", "stuck": "Cannot be sent", "synced": "The same on both sides"},
    "ja": {"nobody": "担当パートナーなし", "stuck": "送信できません", "synced": "両側で一致"},
}
BARS = {"en": "Bar chart: Deal registrations by state", "ja": "棒グラフ：状態別の案件登録数"}
RULE = "The partner of a deal is chosen by the regional manager."
SECONDS = 90_000
#: How many points of a picture have the colour of the bars.
INK = """canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let points = 0;
    for (let i = 0; i < data.length; i += 4) points += data[i + 3] > 0 && data[i + 2] > data[i] + 100;
    return points;
}"""


def free_opportunity(somebody: Visitor) -> dict[str, Any]:
    """One that the reader owns, open and without a partner."""
    found = somebody.call("GET", "/api/records/Opportunity?mine=true&assigned=false&open=true&limit=1")
    one: dict[str, Any] = found.json()["items"][0]
    return one


def address(record: dict[str, Any]) -> str:
    return f"/lightning/r/{record['object']}/{record['sf_id']}/view"


def assign(somebody: Visitor, partner: str) -> None:
    page = somebody.page
    page.locator("[data-action=choose]").click()
    page.locator("c-partner-assignment input[name=q]").fill(partner)
    candidate = page.locator(f"[data-candidate^='{partner}']")
    expect(candidate).to_be_visible()
    candidate.locator("input").check()
    page.locator("c-partner-assignment textarea").fill("They know the plant.")
    page.locator("[data-action=do]").click()
    expect(page.locator("[data-part=assigned]")).to_contain_text(partner)


@in_two_ways
def test_a_rep_assigns_a_partner_sees_why_the_org_refuses_it_and_the_partner_sees_the_deal(
    visitor: Visit, stack: Stack
) -> None:
    words = WORDS[visitor.language]
    rep = visitor()
    rep.sign_in(REP, LISTS)
    expect(rep.page.locator("tr[data-record]").first).to_be_visible()
    no_sideways_scrolling(rep)
    deal = free_opportunity(rep)
    rep.open(address(deal))
    expect(rep.page.get_by_role("heading", level=1)).to_have_text(deal["name"])
    expect(rep.page.locator("[data-part=nobody]")).to_contain_text(words["nobody"])

    with crm_of(stack) as crm:
        rule = {"object": "Opportunity", "name": "Regional_Manager"}
        crm.control("POST", "admin", rule | {
            "action": "validation_rule", "formula": f"Name = '{escaped(deal['name'])}'", "message": RULE,
        })  # fmt: skip
        try:
            assign(rep, FIRST)
            state = rep.page.locator("[data-part=sync]")
            refresh = rep.page.locator("c-record-sync lightning-button-icon button")
            read_until(rep, refresh, "stuck")
            expect(state).to_contain_text(words["stuck"])
            expect(rep.page.locator("[data-part=problem]")).to_contain_text(RULE)
            no_sideways_scrolling(rep)
        finally:
            crm.control("POST", "admin", rule | {"action": "drop_validation_rule"})
        rep.page.locator("[data-action=retry]").click()
        read_until(rep, refresh, "synced")
        expect(state).to_contain_text(words["synced"])
        [there] = crm.query("SELECT Partner__r.Name FROM Opportunity WHERE Id = :id", REP, id=deal["sf_id"])
        assert there["Partner__r"]["Name"].startswith(FIRST)

    first = visitor()
    first.sign_in(FIRST, "/partners/")
    events = first.call("GET", "/api/partner").json()["timeline"]
    assert any(deal["name"] in event["sentence"] for event in events)

    # Undone with a reason, the history keeps both.
    rep.page.locator("[data-action=undo]").click()
    rep.page.locator("c-partner-assignment textarea").fill("The wrong line.")
    rep.page.locator("[data-action=do]").click()
    expect(rep.page.locator("[data-part=nobody]")).to_be_visible()
    rep.page.locator("c-partner-assignment summary").click()
    expect(rep.page.locator("c-partner-assignment details")).to_contain_text("The wrong line.")
    rep.page.reload()
    expect(rep.page.locator("c-partner-activity [data-kind=taken_off]").first).to_be_visible()


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def read_until(somebody: Visitor, refresh: Any, standing: str) -> None:
    """Read the state again until it is so; the worker sends within a few seconds."""

    def stands() -> bool:
        refresh.click()
        somebody.page.wait_for_timeout(700)
        found = somebody.page.locator("[data-part=sync]").get_attribute("data-standing")
        return found == standing

    somebody.stack.wait_until(stands, seconds=90)


@in_two_ways
def test_a_channel_manager_decides_on_the_record_of_the_request(visitor: Visit, stack: Stack) -> None:
    first = visitor()
    first.sign_in(FIRST, REGISTER)
    fill_in(first, a_customer())
    number = submit(first)
    deals = first.call("GET", f"/api/deals?q={number}").json()["items"]
    request = first.call("GET", f"/api/requests/{deals[0]['request_id']}").json()["number"]
    found: list[dict[str, Any]] = []
    with crm_of(stack) as crm:

        def arrived() -> bool:
            found[:] = crm.query(
                "SELECT Id FROM Approval_Request__c WHERE Number__c = :n", CHANNEL_MANAGER, n=request
            )
            return bool(found)

        stack.wait_until(arrived, seconds=90)
    record = {"object": "Approval_Request__c", "sf_id": found[0]["Id"]}

    manager = visitor()
    manager.sign_in(MANAGER, "/lightning/n/Tandem_Home")
    expect(manager.page.locator("[data-tile=overdue]")).to_be_visible()
    chart = manager.page.locator("c-tandem-chart")
    expect(chart.get_by_role("img", name=BARS[visitor.language])).to_be_visible()
    stack.wait_until(lambda: chart.locator("canvas").evaluate(INK) > 0)
    no_sideways_scrolling(manager)
    chart.locator("[data-action=table]").click()
    way = chart.locator("tr[data-row=submitted] a")
    expect(way).to_have_attribute("href", re.compile("Tandem_Deals.c__state=submitted"))
    manager.page.locator("c-request-inbox input[name=q]").fill(request)
    expect(manager.page.locator("c-request-inbox [data-request]")).to_have_count(1)
    manager.open(address(record))
    expect(manager.page.locator(f"[data-request={request}]")).to_contain_text(request)
    expect(manager.page.locator("c-request-route [data-step]").first).to_be_visible()
    decide(manager, "approve")
    expect(manager.page.locator("c-record-approval [data-state=approved]").first).to_be_visible()
    no_sideways_scrolling(manager)

    first.page.reload()
    expect(first.page.locator("[data-state=approved]").first).to_be_visible()
    # No page of the company opens for a partner.
    first.open(address(record))
    expect(first.page).to_have_url(re.compile("/partners/"))
    first.expected = {403}
    assert first.call("GET", f"/api/records/Approval_Request__c/{record['sf_id']}").status == 403
