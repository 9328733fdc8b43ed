"""What goes wrong while somebody works: nothing typed is lost, and each page says what to do."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.demo.crm import CHANNEL_MANAGER
from tests.fixtures.browser import Visit, Visitor, in_two_ways
from tests.fixtures.pages import (
    FIRST,
    MANAGER,
    REGISTER,
    SECOND,
    a_customer,
    crm_of,
    fill_in,
    in_their_language,
    mail_of,
    pages_of,
    submit,
)

pytestmark = pytest.mark.timeout(400)
#: Objects whose records have a list of their own.
LISTS = ("Opportunity", "Lead", "Account")
AWAY = {
    "en": "Tandem does not answer at the moment. What you typed is kept; try again shortly.",
    "ja": "Tandem が応答していません。入力内容は保存されています。しばらくしてからもう一度お試しください。",
}


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(visitor: Visit) -> None:
    somebody, customer = visitor(), a_customer()
    somebody.sign_in(FIRST, REGISTER)
    fill_in(somebody, customer)
    somebody.page.request.delete(f"{somebody.stack.pages}/preview/session")
    somebody.expected = {401}

    somebody.page.locator("[data-action=submit]").click()
    alert = somebody.page.locator("[role=alert][data-code=session_ended]")
    expect(alert).to_contain_text(
        {"en": "Your session has ended.", "ja": "セッションが終了しました。"}[visitor.language]
    )
    alert.get_by_role("button").click()
    somebody.choose(FIRST)

    expect(somebody.field("customer_name")).to_have_value(customer)
    expect(somebody.field("contact_email")).to_have_value(mail_of(customer))
    assert submit(somebody).startswith("DR-")
    somebody.open(REGISTER)
    expect(somebody.field("customer_name")).to_have_value("")


@in_two_ways
def test_another_person_at_the_same_screen_does_not_see_what_was_typed(visitor: Visit) -> None:
    somebody = visitor()
    somebody.sign_in(FIRST, REGISTER)
    fill_in(somebody, "Confidential Plant")
    somebody.sign_out()
    somebody.sign_in(SECOND, REGISTER)
    expect(somebody.field("customer_name")).to_have_value("")


def addresses_for_partners(partner: Visitor) -> dict[str, str]:
    """Every page of the site by its API name; those of one record with one that the reader has."""
    deal = partner.call("GET", "/api/deals?limit=1").json()["items"][0]
    state = {
        "Deal__c": f"?dealId={deal['id']}",
        "Request__c": f"?requestId={deal['request_id']}",
        "Request_Form__c": "?workflow=deal_registration",
    }
    slugs = {name: name.removesuffix("__c").replace("_", "-").lower() for name in pages_of("SITE")}
    slugs["Home"] = ""
    return {name: f"/partners/{slug}{state.get(name, '')}" for name, slug in slugs.items()}


def addresses_for_the_company(manager: Visitor) -> dict[str, str]:
    """Every tab, list and record page by its API name."""
    deal = manager.call("GET", "/api/deals?limit=1").json()["items"][0]
    state = {
        "Tandem_Deal": f"?c__dealId={deal['id']}",
        "Tandem_Request": f"?c__requestId={deal['request_id']}",
    }
    found = {name: f"/lightning/n/{name}{state.get(name, '')}" for name in pages_of("CONSOLE")}
    with crm_of(manager.stack) as crm:
        for name in pages_of("RECORDS"):
            [record] = crm.query(f"SELECT Id FROM {name} LIMIT 1", CHANNEL_MANAGER)
            found[f"{name} record"] = f"/lightning/r/{name}/{record['Id']}/view"
    return {f"{name} list": f"/lightning/o/{name}/list" for name in LISTS} | found


def test_while_the_service_is_stopped_each_page_says_so_and_a_retry_brings_it_back(visitor: Visit) -> None:
    partner, manager = visitor(), visitor()
    away = AWAY[visitor.language]
    partner.sign_in(FIRST, REGISTER)
    manager.sign_in(MANAGER)
    fill_in(partner, a_customer())
    addresses = {partner: addresses_for_partners(partner), manager: addresses_for_the_company(manager)}
    partner.expected = manager.expected = {503}
    with partner.stack.without_the_service():
        partner.page.locator("[data-action=submit]").click()
        expect(partner.page.get_by_role("alert").first).to_contain_text(away)
        for somebody, theirs in addresses.items():
            for address in theirs.values():
                somebody.go(f"/{address.split('/')[1]}/n/Nowhere")
                expect(somebody.page.get_by_role("alert")).to_have_count(0)
                somebody.go(address)
                alert = somebody.page.get_by_role("alert").first
                expect(alert).to_contain_text(away)
                expect(alert.get_by_role("button", name=somebody.words("TryAgain"))).to_be_visible()
                in_their_language(somebody)

    for somebody in addresses:
        retries = somebody.button("TryAgain")
        for left in reversed(range(retries.count())):
            retries.first.click()
            expect(retries).to_have_count(left)
        expect(somebody.page.get_by_role("alert")).to_have_count(0)
    partner.open(REGISTER)
    assert submit(partner).startswith("DR-")
