"""What we know already of a partner and of the person who asks, so that nobody types it again.

Read in the reader's own name: a partner is shown its own company and itself, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.crm.countries import country_code

_ACCOUNT = text("""
    SELECT name, billing_country AS country, billing_city AS city, billing_street AS street,
        billing_postal_code AS postal_code, billing_state AS state, phone, website,
        currency_code AS currency, account_number AS number
    FROM account WHERE id = :id AND deleted_at IS NULL
""")
_USER = text("""
    SELECT concat_ws(' ', u.first_name, u.last_name) AS name, u.first_name, u.last_name, u.email, c.phone
    FROM crm_user u LEFT JOIN contact c ON c.id = u.contact_id WHERE u.id = :id
""")


def known(
    session: Session,
    user_id: UUID | None,
    partner_account_id: UUID | None,
    partner_facts: Mapping[str, Any],
) -> dict[str, str]:
    """Values by source (`account.name`, `user.email`, `partner.kind`); only those that are there."""
    found: dict[str, Any] = {}
    account = session.execute(_ACCOUNT, {"id": partner_account_id}).mappings().first()
    if account is not None:
        found |= {f"account.{name}": value for name, value in account.items()}
        found["account.country"] = country_code(account["country"] or "")
        found["partner.name"] = account["name"]
    person = session.execute(_USER, {"id": user_id}).mappings().first()
    if person is not None:
        found |= {f"user.{name}": value for name, value in person.items()}
    for name in ("kind", "level", "region", "country"):
        found[f"partner.{name}"] = partner_facts.get(name)
    return {source: str(value) for source, value in found.items() if value}
