"""What a partner's people do beside deals: apply, give evidence, look after their lists and their company."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import Visit, in_two_ways
from tests.fixtures.pages import (
    APPLICANT,
    FIRST,
    MANAGER,
    REGISTER,
    SECOND,
    a_customer,
    fill_in,
    in_their_language,
    no_sideways_scrolling,
)

pytestmark = pytest.mark.timeout(400)
#: A small PDF: its first bytes say so, and the service looks at them.
QUOTE = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@in_two_ways
def test_a_company_applies_sees_whose_turn_it_is_and_takes_the_application_back(visitor: Visit) -> None:
    nobody_yet = visitor()
    nobody_yet.sign_in(APPLICANT, "/partners/apply")
    current = nobody_yet.page.locator("[aria-current=step]")
    expect(current).to_have_attribute("data-step", "apply")
    expect(nobody_yet.field("company_name")).to_have_value("Delta Valley Controls Inc.")
    nobody_yet.field("kind").select_option("reseller")
    nobody_yet.field("reason").fill("We automate dairies and breweries in the valley.")
    nobody_yet.field("expected_revenue").fill("240000")
    nobody_yet.page.locator("[data-action=submit]").click()

    application = nobody_yet.page.locator("[data-part=application]")
    expect(application.locator("[data-state=submitted]")).to_be_visible()
    expect(current).to_have_attribute("data-step", "decision")
    expect(application.locator("[data-part=due]")).to_be_visible()
    no_sideways_scrolling(nobody_yet)
    in_their_language(nobody_yet)

    # Taken back, the same application is there to go on with.
    found = nobody_yet.call("GET", "/api/requests?workflow=partner_application").json()["items"][0]
    assert nobody_yet.call("POST", f"/api/requests/{found['id']}/recall", {"reason": "Not yet."}).ok
    nobody_yet.page.reload()
    expect(nobody_yet.field("reason")).to_have_value("We automate dairies and breweries in the valley.")
    assert nobody_yet.call("POST", f"/api/requests/{found['id']}/cancel", {"reason": "Later."}).ok


@in_two_ways
def test_evidence_is_attached_to_a_deal_the_approver_fetches_it_and_a_rival_never_does(
    visitor: Visit,
) -> None:
    first, manager, second = visitor(), visitor(), visitor()
    first.sign_in(FIRST, REGISTER)
    fill_in(first, a_customer())
    first.page.locator("[data-action=save]").click()
    expect(first.page.locator("[data-state=draft]").first).to_be_visible()
    first.page.locator("input[type=file]").set_input_files(
        [
            {"name": "quote.pdf", "mimeType": "application/pdf", "buffer": QUOTE},
            {"name": "wrong.pdf", "mimeType": "application/pdf", "buffer": QUOTE + b"2"},
        ]
    )
    expect(first.page.locator("[data-file][data-state=clean]")).to_have_count(2)
    first.button("FileRemove", "wrong.pdf").click()
    first.button("FileRemoveNow").click()
    expect(first.page.locator("[data-file]")).to_have_count(1)
    first.button("DealSubmit").click()
    expect(first.page.locator("[data-state=submitted]").first).to_be_visible()
    expect(first.page.locator("input[type=file]")).to_have_count(0)
    number = first.page.get_by_role("heading", level=1).inner_text().split(" · ")[0]
    deal_id = first.page.url.split("dealId=")[1]

    manager.sign_in(MANAGER, "/lightning/n/Tandem_Deals")
    manager.page.get_by_role("link", name=number, exact=True).click()
    with manager.page.expect_download() as download:
        manager.page.locator("[data-file='quote.pdf'] button").click()
    assert download.value.suggested_filename == "quote.pdf"
    assert download.value.path().read_bytes() == QUOTE

    request_id = first.call("GET", f"/api/deals/{deal_id}").json()["request_id"]
    files = f"/api/requests/{request_id}/attachments"
    file_id = first.call("GET", files).json()["items"][0]["id"]
    second.expected = {404}
    second.sign_in(SECOND, f"/partners/request?requestId={request_id}")
    expect(second.page.get_by_role("alert")).to_be_visible()
    assert "quote.pdf" not in second.page.locator("body").inner_text()
    for method, path in (("GET", files), ("GET", f"{files}/{file_id}"), ("DELETE", f"{files}/{file_id}")):
        assert second.call(method, path).status == 404


@in_two_ways
def test_a_list_is_ordered_and_paged_by_the_server_and_a_filter_is_kept(visitor: Visit) -> None:
    first = visitor()
    first.sign_in(FIRST)
    mark = a_customer().split()[0]
    for name in ("Beta", "Alpha", "Gamma"):
        made = first.call("POST", "/api/deals", {"customer_name": f"{mark} {name}"})
        assert made.status == 201
    first.open("/partners/deals")
    first.page.get_by_role("searchbox").fill(mark)
    rows = first.page.locator("tr[data-row]")
    expect(rows).to_have_count(3)

    first.page.locator("select[name=sort]").select_option("customer")
    expect(rows.first).to_contain_text("Alpha")
    expect(rows.last).to_contain_text("Gamma")
    first.page.locator("select[name=sort]").select_option("-customer")
    expect(rows.first).to_contain_text("Gamma")
    if visitor.width == "desktop":
        expect(first.page.locator("th[aria-sort=descending]")).to_have_count(1)
        first.page.locator("[data-sort=customer]").click()
        expect(rows.first).to_contain_text("Alpha")
    first.button("ViewSave").click()
    first.page.locator("input[name=view-name]").fill("Mine")
    first.page.locator("[data-action=save-view]").click()
    first.page.get_by_role("searchbox").fill("")
    expect(rows).not_to_have_count(3)
    first.page.locator("select[name=view]").select_option("Mine")
    expect(rows).to_have_count(3)
    no_sideways_scrolling(first)

    for page in ("/partners/opportunities", "/partners/company", "/partners/"):
        first.open(page)
        expect(first.page.get_by_role("heading").first).to_be_visible()
        expect(first.page.locator(".skeleton")).to_have_count(0)
        no_sideways_scrolling(first)
