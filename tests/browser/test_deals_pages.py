"""A deal's way through the pages: registered, found to overlap, decided, seen by whom it concerns."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import Visit, Visitor, in_two_ways
from tests.fixtures.pages import (
    FIRST,
    MANAGER,
    REGISTER,
    SECOND,
    a_customer,
    choose,
    decide,
    fill_in,
    in_their_language,
    no_sideways_scrolling,
    state,
    submit,
)

pytestmark = pytest.mark.timeout(400)

WORDS = {
    "en": {
        "submitted": "Submitted",
        "approved": "Approved",
        "holder": "Waiting for:",
        "overlap": "This deal overlaps {} of another partner (same customer, same product family, waiting "
        "for a decision). You can add evidence or withdraw.",
    },
    "ja": {
        "submitted": "提出済み",
        "approved": "承認済み",
        "holder": "対応者：",
        "overlap": "この案件は他のパートナーの {} と重複しています（同じ顧客、同じ製品ファミリー、"
        "判断待ち）。根拠を追加するか、取り下げることができます。",
    },
}


def test_a_partner_registers_a_deal_a_second_one_overlaps_it_and_the_manufacturer_approves(
    visitor: Visit,
) -> None:
    words, customer = WORDS[visitor.language], a_customer()

    first = visitor()
    first.sign_in(FIRST, REGISTER)
    fill_in(first, customer)
    number = submit(first)
    assert state(first) == "submitted"
    expect(first.page.locator("[data-state]").first).to_contain_text(words["submitted"])
    expect(first.page.locator("[data-part=turn]")).to_contain_text(words["holder"])
    in_their_language(first)

    second = visitor()
    second.sign_in(SECOND, REGISTER)
    fill_in(second, customer.upper())
    rival = submit(second)
    expect(second.page.locator("[data-part=conflict]").first).to_have_text(words["overlap"].format(number))
    in_their_language(second)
    assert "Lone Star" not in second.page.locator("main").inner_text()

    manager = visitor()
    manager.sign_in(MANAGER, "/lightning/n/Tandem_Deals")
    manager.page.get_by_role("link", name=number, exact=True).click()
    decide(manager, "approve")
    expect(manager.page.locator("[data-state=approved]").first).to_contain_text(words["approved"])

    first.page.reload()
    expect(first.page.locator("[data-state=approved]").first).to_be_visible()
    expect(first.page.locator("[data-part=until]")).to_be_visible()
    in_their_language(first)
    in_their_language(manager)

    # The rival's deal overlaps: approving it all the same needs a reason, and the button waits for it.
    manager.open("/lightning/n/Tandem_Deals")
    manager.page.get_by_role("link", name=rival, exact=True).click()
    choose(manager, "approve")
    expect(
        manager.page.locator("[data-action=decide] button, button[data-action=decide]").first
    ).to_be_disabled()
    no_sideways_scrolling(manager)
    no_sideways_scrolling(first)
    in_their_language(manager)
    first.open("/partners/")
    expect(first.page.locator("[data-part=tasks]")).to_be_visible()
    in_their_language(first)

    # The opportunity is the partner's in the portal, and in Salesforce, where a rep goes on with it.
    first.open("/partners/opportunities")
    expect(first.page.locator("tr[data-row]", has_text=number)).to_contain_text(customer)
    in_their_language(first)
    manager.open(f"/lightning/r/Opportunity/{in_the_org(manager, customer)}/view")
    expect(manager.page.get_by_role("heading", level=1)).to_contain_text(customer)
    expect(manager.page.locator("[data-part=assigned]")).to_contain_text(FIRST)
    expect(manager.page.locator("c-partner-activity")).to_contain_text(number)
    no_sideways_scrolling(first)
    no_sideways_scrolling(manager)


def in_the_org(somebody: Visitor, customer: str) -> str:
    """The record id of a customer's opportunity, once the worker has made it in Salesforce."""
    found: list[dict[str, str]] = []

    def arrived() -> bool:
        found[:] = somebody.call("GET", f"/api/records/Opportunity?q={customer}").json()["items"]
        return bool(found and found[0]["sf_id"])

    somebody.stack.wait_until(arrived, seconds=90)
    return found[0]["sf_id"]


@in_two_ways
def test_the_evidence_of_an_overlap_is_for_the_company_and_a_rejection_tells_its_reason(
    visitor: Visit,
) -> None:
    customer = a_customer()
    first, second, manager = visitor(), visitor(), visitor()
    first.sign_in(FIRST, REGISTER)
    fill_in(first, customer)
    number = submit(first)
    second.sign_in(SECOND, REGISTER)
    fill_in(second, customer)
    rival = submit(second)
    expect(second.button("ConflictWhy")).to_have_count(0)

    manager.sign_in(MANAGER, "/lightning/n/Tandem_Deals")
    manager.page.get_by_role("link", name=rival, exact=True).click()
    manager.button("ConflictWhy").click()
    evidence = manager.page.get_by_role("region", name=manager.words("ConflictTitle"))
    expect(evidence).to_contain_text("Lone Star Controls LLC")
    expect(evidence).to_contain_text(number)
    decide(manager, "reject", "The other partner came first.")
    expect(manager.page.locator("[data-state=rejected]").first).to_be_visible()

    second.page.reload()
    expect(second.page.locator("[data-part=reason]")).to_contain_text("The other partner came first.")


@in_two_ways
def test_a_question_is_answered_and_the_deal_keeps_its_place(visitor: Visit) -> None:
    first, manager = visitor(), visitor()
    first.sign_in(FIRST, REGISTER)
    fill_in(first, a_customer())
    number = submit(first)
    manager.sign_in(MANAGER, "/lightning/n/Tandem_Deals")
    manager.page.get_by_role("link", name=number, exact=True).click()
    decide(manager, "request_info", "Which plant is it?")
    expect(manager.page.locator("[data-state=info_needed]").first).to_be_visible()

    first.open("/partners/")
    tasks = first.page.locator("[data-part=tasks]")
    expect(tasks).to_contain_text(number)
    tasks.get_by_role("link", name=re.compile(number)).click()
    expect(first.page.locator("[data-part=question]")).to_have_text("Which plant is it?")
    first.page.get_by_label(first.words("Answer")).fill("The one in Lohr.")
    first.button("AnswerSend").click()

    expect(first.page.locator("[data-state=submitted]").first).to_be_visible()
    expect(first.page.get_by_role("list", name=first.words("Timeline"))).to_contain_text("The one in Lohr.")


def test_the_second_partner_cannot_reach_the_first_ones_deal_by_any_address(visitor: Visit) -> None:
    first, second = visitor(), visitor()
    first.sign_in(FIRST, REGISTER)
    fill_in(first, a_customer())
    number = submit(first)
    address = first.page.url.removeprefix(first.stack.pages)
    deal_id = address.split("dealId=")[1]
    deal = first.call("GET", f"/api/deals/{deal_id}").json()

    second.expected = {404}
    second.sign_in(SECOND, address)
    expect(second.page.get_by_role("alert")).to_be_visible()
    assert number not in second.page.locator("body").inner_text()
    for page in (
        f"/partners/register-deal?dealId={deal_id}",
        f"/lightning/n/Tandem_Deal?c__dealId={deal_id}",
    ):
        second.open(page)
        expect(second.page.locator("main")).to_be_visible()
        assert deal["customer_name"] not in second.page.locator("body").inner_text()
    paths = [f"/api/deals/{deal_id}", f"/api/requests/{deal['request_id']}"]
    assert [second.call("GET", path).status for path in paths] == [404, 404]
    assert second.call("PATCH", f"/api/deals/{deal_id}", {"amount": "1.00"}).status == 404
    assert second.call("POST", f"/api/deals/{deal_id}/withdraw", {"reason": "x"}).status == 404
    assert number not in second.call("GET", f"/api/deals?q={number}").text()
    assert number not in second.call("GET", "/api/deals/export").text()
    assert first.call("GET", f"/api/deals/{deal_id}").json()["state"] == "submitted"


@in_two_ways
def test_a_list_is_searched_and_filtered_by_the_server_and_remembers_it(visitor: Visit) -> None:
    first = visitor()
    first.sign_in(FIRST, REGISTER)
    customer = a_customer()
    fill_in(first, customer)
    number = submit(first)

    first.open("/partners/deals")
    first.page.get_by_role("searchbox").fill(customer[:10])
    rows = first.page.locator("tr[data-row]")
    expect(rows).to_have_count(1)
    assert rows.first.get_attribute("data-row") == number
    first.page.reload()
    expect(first.page.get_by_role("searchbox")).to_have_value(customer[:10])
    expect(rows).to_have_count(1)
    first.page.get_by_label(first.words("State")).select_option("rejected")
    expect(first.page.get_by_text(first.words("DealsNotFound"))).to_be_visible()
    first.button("ClearFilters").click()
    expect(first.page.locator(f"tr[data-row='{number}']")).to_be_visible()
    with first.page.expect_download() as download:
        first.button("ExportCsv").click()
    assert number in download.value.path().read_text(encoding="utf-8")
