"""What the schedule does for deals and for the API."""

from __future__ import annotations

from jobs.deals import expire
from jobs.upkeep import forget_old_answers
from tests.fixtures.web import DEAL, Company


def test_the_hourly_job_ends_every_protection_that_is_over(company: Company) -> None:
    anna, rep = company.partner_user(company.partner("Rhein Automation")), company.rep()
    deals = [anna.register(product_family=family) for family in ("Valves", "Drives", "Relays")]
    for deal in deals:
        rep.decide(deal, "approve")
    company.sql(
        "UPDATE deal_registration SET protected_until = current_date - 1 WHERE product_family <> 'Relays'"
    )
    expire(company.app.extensions["tandem"].settings)
    assert [anna.deal(deal["id"])["state"] for deal in deals] == ["expired", "expired", "approved"]
    before = anna.deal(deals[0]["id"])["timeline"]
    expire(company.app.extensions["tandem"].settings)
    assert anna.deal(deals[0]["id"])["timeline"] == before


def test_answers_are_kept_for_a_week(company: Company) -> None:
    anna = company.partner_user(company.partner("Rhein Automation"))
    for key in ("old", "new"):
        anna.call("POST", "/api/deals", json=DEAL, headers={"Idempotency-Key": key})
    company.sql("UPDATE idempotency_key SET created_at = now() - interval '8 days' WHERE key = 'old'")
    forget_old_answers(company.app.extensions["tandem"].settings)
    assert company.sql("SELECT key FROM idempotency_key") == [{"key": "new"}]
