"""Lists of requests: a page in an order, counts by state, the export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.bodies import RequestSort
from app.approvals.lifecycle import State
from app.approvals.reading.item import ITEM, items
from app.approvals.shapes import RequestPage
from app.kernel.actor import Actor
from app.web.export import PAGE, Table
from app.web.ordering import Order, Orders

# The filter says what the policies of the database say as well.
_VISIBLE = """
    (CASE WHEN CAST(:partner AS uuid) IS NULL THEN r.round > 0 OR r.requester_id = :user
          ELSE r.partner_account_id = :partner AND r.visible = 'both' END)
    AND (CAST(:workflow AS text) = '' OR r.workflow_key = :workflow)
    AND (CAST(:of AS uuid) IS NULL OR r.partner_account_id = :of)
    AND (NOT :mine OR r.requester_id = :user)
    AND (CAST(:q AS text) = '' OR r.number ILIKE :pattern OR r.title ILIKE :pattern
         OR r.requester_name ILIKE :pattern OR EXISTS (SELECT FROM approval_authorization a
             WHERE a.request_id = r.id AND a.number ILIKE :pattern))
"""

ORDERS = Orders(
    "r.id",
    created=[("r.created_at", "timestamptz")],
    changed=[("r.state_since", "timestamptz")],
    # Amounts of one currency stand together: those of two cannot be compared.
    amount=[("r.currency", "text"), ("coalesce(r.amount, 0)", "numeric")],
    title=[('lower(r.title) COLLATE "C"', "text")],
)


def _statement(order: Order) -> Any:
    return text(f"""
        {ITEM.replace("SELECT", f"SELECT {order.keys},", 1)}
        WHERE {_VISIBLE} AND (CAST(:state AS text) IS NULL OR r.state = :state) AND {order.after}
        ORDER BY {order.by} LIMIT :limit
    """)  # our own constants


_PAGES = ORDERS.each(_statement)

_COUNTS = text(f"SELECT r.state, count(*) FROM approval_request r WHERE {_VISIBLE} GROUP BY r.state")  # noqa: S608  # our own constant


def page(
    session: Session,
    actor: Actor,
    language: str,
    *,
    state: State | None = None,
    workflow: str = "",
    partner: UUID | None = None,
    q: str = "",
    mine: bool = False,
    sort: RequestSort = "-created",
    limit: int = 50,
    cursor: str = "",
) -> RequestPage:
    """A page in the order asked for. Counts and total are those of the same search, for this reader.

    Raises BadInput for a cursor of another order.
    """
    escaped = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    seen = {
        "partner": actor.partner_id, "user": actor.user_id, "workflow": workflow, "of": partner,
        "mine": mine, "q": q, "pattern": f"%{escaped}%",
    }  # fmt: skip
    order = ORDERS[sort]
    rows = session.execute(
        _PAGES[sort],
        seen | order.bound(cursor) | {"state": state.value if state else None, "limit": limit + 1},
    ).all()
    counts: dict[str, int] = {one.value: 0 for one in State}
    counts |= {row[0]: row[1] for row in session.execute(_COUNTS, seen)}
    more = rows[limit - 1] if len(rows) > limit else None
    return RequestPage(
        items=items(session, rows[:limit], language),
        next=order.cursor(more) if more else None,
        total=counts[state.value] if state else sum(counts.values()),
        counts=counts,
    )


def table(
    session: Session, actor: Actor, language: str, *, state: State | None, workflow: str, q: str
) -> Table:
    """The same list as a file, with who holds each request."""

    def rows() -> Iterator[list[Any]]:
        cursor: str | None = ""
        while cursor is not None:
            found = page(
                session, actor, language, state=state, workflow=workflow, q=q, limit=PAGE, cursor=cursor
            )
            for one in found.items:
                values = [getattr(one, name) for name in _EXPORTED]
                yield [*values, one.holder.who, one.holder.since, one.holder.due]
            cursor = found.next

    columns = [*_EXPORTED, "held_by", "held_since", "due"]
    filters = {"state": state.value if state else None, "workflow": workflow, "q": q}
    return Table("requests", columns, rows(), {name: value for name, value in filters.items() if value})


_EXPORTED = (
    "number", "workflow", "title", "state_words", "state_since", "partner_name", "requester", "amount",
    "currency", "submitted_at", "round", "authorization", "created_at",
)  # fmt: skip
