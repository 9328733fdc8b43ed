"""Requests of any kind through one form: it changes as it is filled in, and what was saved is there again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import Visit
from tests.fixtures.pages import FIRST

pytestmark = pytest.mark.timeout(400)


def test_a_form_asks_for_more_when_an_answer_calls_for_it_and_a_draft_is_kept(visitor: Visit) -> None:
    somebody = visitor()
    somebody.sign_in(FIRST, "/partners/requests")
    somebody.page.locator("[data-workflow=deal_registration]").get_by_role("button").click()

    expect(somebody.field("customer_name")).to_be_visible()
    assert somebody.page.locator("[data-field=competitor]").count() == 0
    answer = somebody.page.locator("[data-field=competing]")
    answer.locator("label").first.click()
    expect(somebody.field("competitor")).to_be_visible()
    answer.locator("label").first.click()
    expect(somebody.page.locator("[data-field=competitor]")).to_have_count(0)

    somebody.field("customer_name").fill("Halle Werke")
    country = somebody.field("customer_country")
    country.fill({"en": "Germ", "ja": "ドイツ"}[visitor.language])
    somebody.page.locator("[role=option][data-value=DE]").click()
    somebody.page.locator("[data-action=save]").click()

    expect(somebody.page.locator("[data-state=draft]").first).to_be_visible()
    expect(somebody.page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"[A-Z]+-\d+ · "))
    expect(somebody.page.locator("[data-field=customer_name]")).to_contain_text("Halle Werke")
    somebody.open("/partners/requests")
    expect(somebody.page.locator("[data-row]").first).to_be_visible()
