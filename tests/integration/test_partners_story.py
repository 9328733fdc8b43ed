"""Who the partners are: levels and activations with their days, reasons and the way back."""

from __future__ import annotations

import pytest

from tests.fixtures.web import Caller, Company


@pytest.fixture
def manager(company: Company) -> Caller:
    return company.rep("Cem", "Aydin", rights=("partners.manage", "levels.manage"))


def test_a_partner_of_the_crm_is_taken_over_once_with_level_activation_and_administrator(
    company: Company,
) -> None:
    a = company.partner("Rhein Automation")
    anna = company.partner_user(a)
    own = anna.get("/api/partner").get_json()
    assert (own["name"], own["status"], own["level"], own["activation"]) == (
        "Rhein Automation", "active", "bronze", "operational",
    )  # fmt: skip
    assert own["plan"] == "standard"
