"""What goes wrong while somebody works: nothing typed is lost, and each page says what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import DESKTOP, PHONE, Visitor
from tests.fixtures.pages import FIRST, MANAGER, REGISTER, SECOND, a_customer, fill_in, mail_of, submit

pytestmark = pytest.mark.timeout(400)
Visit = Callable[..., Visitor]
AWAY = "Tandem does not answer at the moment."


@pytest.mark.parametrize(("size", "language"), [(DESKTOP, "en"), (PHONE, "ja")], ids=["desktop", "phone"])
def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(
    visitor: Visit, size: tuple[int, int], language: str
) -> None:
    somebody, customer = visitor(size, language), a_customer()
    somebody.sign_in(FIRST, REGISTER)
    fill_in(somebody, customer)
    somebody.page.request.delete(f"{somebody.stack.pages}/preview/session")
    somebody.expected = {401}

    somebody.page.locator("[data-action=submit]").click()
    alert = somebody.page.locator("[role=alert][data-code=session_ended]")
    expect(alert).to_contain_text(
        {"en": "Your session has ended.", "ja": "セッションが終了しました。"}[language]
    )
    alert.get_by_role("button").click()
    somebody.choose(FIRST)

    expect(somebody.field("customer_name")).to_have_value(customer)
    expect(somebody.field("contact_email")).to_have_value(mail_of(customer))
    assert submit(somebody).startswith("DR-")
    somebody.open(REGISTER)
    expect(somebody.field("customer_name")).to_have_value("")


def test_another_person_at_the_same_screen_does_not_see_what_was_typed(visitor: Visit) -> None:
    somebody = visitor()
    somebody.sign_in(FIRST, REGISTER)
    fill_in(somebody, "Confidential Plant")
    somebody.sign_out()
    somebody.sign_in(SECOND, REGISTER)
    expect(somebody.field("customer_name")).to_have_value("")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_while_the_service_is_stopped_each_page_says_so_and_a_retry_brings_it_back(
    visitor: Visit, size: tuple[int, int]
) -> None:
    partner, manager = visitor(size), visitor(size)
    partner.sign_in(FIRST, REGISTER)
    manager.sign_in(MANAGER)
    fill_in(partner, a_customer())
    partner.expected = manager.expected = {503}
    pages = {
        partner: ("/partners/", "/partners/deals", "/partners/requests"),
        manager: ("/lightning/n/Tandem_Home", "/lightning/n/Tandem_Deals", "/lightning/n/Tandem_Requests"),
    }
    with partner.stack.without_the_service():
        partner.page.locator("[data-action=submit]").click()
        expect(partner.page.get_by_role("alert").first).to_contain_text(AWAY)
        for somebody, addresses in pages.items():
            for address in addresses:
                somebody.open(address)
                alert = somebody.page.get_by_role("alert").first
                expect(alert).to_contain_text(AWAY)
                expect(alert.get_by_role("button", name="Try again")).to_be_visible()

    for somebody in pages:
        somebody.page.get_by_role("button", name="Try again").first.click()
        expect(somebody.page.get_by_role("alert")).to_have_count(0)
    partner.open(REGISTER)
    assert submit(partner).startswith("DR-")
