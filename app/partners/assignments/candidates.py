"""The partners among which a record is assigned, as the choice sees them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.crm.countries import country_code
from app.partners.calculation import Candidate
from app.partners.lifecycle import Status

Subject = Literal["lead", "opportunity", "sales_order"]

_CANDIDATES = text("""
    SELECT p.account_id AS id, a.name, p.status, p.countries, g.countries AS region_countries,
        a.billing_country, coalesce(p.weight, l.weight, 0) AS weight, p.lead_capacity, p.deal_capacity,
        coalesce(l.name, '') AS level, coalesce(g.name, '') AS region, coalesce(v.name, '') AS activation,
        (SELECT count(*) FROM lead d WHERE d.partner_account_id = p.account_id AND NOT d.is_converted
            AND d.deleted_at IS NULL) AS leads,
        (SELECT count(*) FROM opportunity o WHERE o.partner_account_id = p.account_id AND NOT o.is_closed
            AND o.deleted_at IS NULL) AS deals,
        ARRAY(SELECT DISTINCT c.product_family FROM partner_certification pc
            JOIN certification c ON c.key = pc.certification
            WHERE pc.partner_account_id = p.account_id AND pc.revoked_at IS NULL
              AND pc.during @> CAST(:today AS date) AND c.product_family <> '') AS families
    FROM partner p JOIN account a ON a.id = p.account_id AND a.deleted_at IS NULL
    LEFT JOIN region g ON g.key = p.region
    LEFT JOIN partner_period lp ON lp.partner_account_id = p.account_id AND lp.about = 'level'
        AND lp.superseded_at IS NULL AND lp.during @> CAST(:today AS date)
    LEFT JOIN partner_level l ON l.key = lp.key
    LEFT JOIN partner_period vp ON vp.partner_account_id = p.account_id AND vp.about = 'activation'
        AND vp.superseded_at IS NULL AND vp.during @> CAST(:today AS date)
    LEFT JOIN partner_activation v ON v.key = vp.key
    WHERE p.status IN ('active', 'suspended', 'approved')
""")


def candidates(session: Session, subject: Subject, today: date) -> list[Candidate]:
    """Every partner that is one or is about to be, as the choice sees it."""
    found = []
    for row in session.execute(_CANDIDATES, {"today": today}):
        home = country_code(row.billing_country or "")
        places = row.countries or row.region_countries or ([home] if home else [])
        found.append(
            Candidate(
                id=row.id, name=row.name, status=Status(row.status), countries=frozenset(places),
                families=frozenset(row.families), weight=Decimal(row.weight),
                open=row.leads if subject == "lead" else row.deals,
                capacity=capacity_of(row, subject), level=row.level, region=row.region,
                activation=row.activation,
            )
        )  # fmt: skip
    return found


def capacity_of(row: Any, subject: Subject) -> int | None:
    """How many of that kind a partner can take at a time; None for any number."""
    if subject == "sales_order":
        return None
    found: int | None = row.lead_capacity if subject == "lead" else row.deal_capacity
    return found


def load_of(session: Session, subject: Subject, partner_id: UUID) -> tuple[int, int | None]:
    """How many a partner has taken of how many it can take."""
    row = session.execute(
        text(
            "SELECT p.lead_capacity, p.deal_capacity, (SELECT count(*) FROM lead d "
            "WHERE d.partner_account_id = p.account_id AND NOT d.is_converted AND d.deleted_at IS NULL) "
            "AS leads, (SELECT count(*) FROM opportunity o WHERE o.partner_account_id = p.account_id "
            "AND NOT o.is_closed AND o.deleted_at IS NULL) AS deals FROM partner p WHERE p.account_id = :id"
        ),
        {"id": partner_id},
    ).one()
    return (row.leads if subject == "lead" else row.deals), capacity_of(row, subject)


def asks_for_certificate(session: Session, family: str) -> bool:
    """Whether only certified partners sell that product family."""
    found = session.execute(
        text("SELECT EXISTS (SELECT FROM certification WHERE product_family = :family)"), {"family": family}
    )
    return bool(found.scalar_one())
