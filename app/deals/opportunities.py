"""The opportunities of a partner: what became of its registrations, and what the company assigned to it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.deals.forms import OpportunityItem, OpportunityPage, OpportunityQuery
from app.kernel.actor import Actor
from app.web.ordering import Order, Orders

ORDERS = Orders(
    "o.id",
    created=[("o.created_at", "timestamptz")],
    close=[("o.close_date", "date")],
    # Amounts of one currency stand together: those of two cannot be compared.
    amount=[("coalesce(o.currency_code, '')", "text"), ("coalesce(o.amount, 0)", "numeric")],
    name=[('lower(o.name) COLLATE "C"', "text")],
)
_STATE = "CASE WHEN NOT o.is_closed THEN 'open' WHEN o.is_won THEN 'won' ELSE 'lost' END"
# The filter says what the policies of the database say as well.
_VISIBLE = """
    o.partner_account_id = :partner AND o.deleted_at IS NULL
    AND (CAST(:q AS text) = '' OR o.name ILIKE :pattern OR o.registration_number ILIKE :pattern)
"""
_COUNTS = text(f"SELECT {_STATE} AS state, count(*) FROM opportunity o WHERE {_VISIBLE} GROUP BY 1")  # noqa: S608  # our own constants


def _statement(order: Order) -> Any:
    return text(f"""
        SELECT {order.keys}, o.id, o.name, o.stage_name AS stage, {_STATE} AS state, o.amount,
            coalesce(o.currency_code, '') AS currency, o.close_date, o.created_at,
            coalesce(o.registration_number, '') AS registration_number, o.protected_until,
            coalesce(o.authorization_number, '') AS authorization_number,
            (SELECT r.id FROM deal_registration r WHERE r.opportunity_id = o.id
                AND r.partner_account_id = :partner ORDER BY r.created_at LIMIT 1) AS deal_id
        FROM opportunity o
        WHERE {_VISIBLE} AND (CAST(:state AS text) IS NULL OR {_STATE} = :state) AND {order.after}
        ORDER BY {order.by} LIMIT :limit
    """)  # noqa: S608  # our own constants


_PAGES = ORDERS.each(_statement)


def page(session: Session, actor: Actor, query: OpportunityQuery) -> OpportunityPage:
    """A page in the order asked for. Raises BadInput for a cursor of another order."""
    order, limit = ORDERS[query.sort], query.limit
    escaped = query.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    seen = {"partner": actor.partner_id, "q": query.q, "pattern": f"%{escaped}%"}
    rows = session.execute(
        _PAGES[query.sort],
        seen | order.bound(query.cursor) | {"state": query.state, "limit": limit + 1},
    ).all()
    counts = {"open": 0, "won": 0, "lost": 0}
    counts |= {row[0]: row[1] for row in session.execute(_COUNTS, seen)}
    more = rows[limit - 1] if len(rows) > limit else None
    return OpportunityPage(
        items=[
            OpportunityItem(**{name: getattr(row, name) for name in OpportunityItem.model_fields})
            for row in rows[:limit]
        ],
        next=order.cursor(more) if more else None,
        total=counts[query.state] if query.state else sum(counts.values()),
        counts=counts,
    )
