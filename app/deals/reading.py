"""Lists, counts, and one registration with all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import holders
from app.approvals.holders import Held
from app.approvals.reading.detail import detail as request_detail
from app.approvals.service import Approvals, moment
from app.approvals.shapes import Holder, RequestOut
from app.db import as_system
from app.deals import lifecycle, service
from app.deals.forms import DealItem, DealOut, DealPage, DealQuery, Event, Overlap
from app.deals.lifecycle import Action, State
from app.deals.models import DealRegistration
from app.kernel.actor import Actor
from app.web.export import PAGE, Table
from app.web.ordering import Order, Orders
from app.words import from_facts, line_of, recognised, say

_ITEM = """
    SELECT r.id, r.number, r.request_id, r.authorization_number, r.state, r.state_since,
        r.partner_account_id, coalesce(p.name, '') AS partner_name,
        r.customer_name, r.customer_country, r.product_family, r.amount, r.currency, r.close_date,
        r.submitted_at, r.submission, r.protected_until, r.opportunity_stage AS stage, r.created_at,
        EXISTS (SELECT FROM deal_conflict c WHERE c.registration_id = r.id) AS overlaps
    FROM deal_registration r LEFT JOIN account p ON p.id = r.partner_account_id
"""

# The filter says what the policies of the database say as well.
_VISIBLE = """
    (CASE WHEN CAST(:partner AS uuid) IS NULL THEN r.state <> 'draft' OR r.submitted_by = :user
          ELSE r.partner_account_id = :partner END)
    AND (CAST(:q AS text) = '' OR r.number ILIKE :pattern OR r.customer_name ILIKE :pattern
         OR r.product_family ILIKE :pattern)
"""

#: What has no such day stands after everything that has one.
_NEVER = "DATE '9999-12-31'"
ORDERS = Orders(
    "r.id",
    created=[("r.created_at", "timestamptz")],
    changed=[("r.state_since", "timestamptz")],
    customer=[('lower(r.customer_name) COLLATE "C"', "text")],
    # Amounts of one currency stand together: those of two cannot be compared.
    amount=[("r.currency", "text"), ("coalesce(r.amount, 0)", "numeric")],
    close=[(f"coalesce(r.close_date, {_NEVER})", "date")],
    protected=[(f"coalesce(r.protected_until, {_NEVER})", "date")],
)


def _statement(order: Order) -> Any:
    return text(f"""
        {_ITEM.replace("SELECT", f"SELECT {order.keys},", 1)}
        WHERE {_VISIBLE} AND (CAST(:state AS text) IS NULL OR r.state = :state) AND {order.after}
        ORDER BY {order.by} LIMIT :limit
    """)  # our own constants


_PAGES = ORDERS.each(_statement)

_COUNTS = text(f"SELECT r.state, count(*) FROM deal_registration r WHERE {_VISIBLE} GROUP BY r.state")  # noqa: S608  # our own constant


def page(session: Session, actor: Actor, query: DealQuery) -> DealPage:
    """A page in the order asked for. Counts and total are those of the same search, for this reader.

    Raises BadInput for a cursor of another order.
    """
    seen, order, state, limit = _reader(actor, query.q), ORDERS[query.sort], query.state, query.limit
    rows = session.execute(
        _PAGES[query.sort],
        seen | order.bound(query.cursor) | {"state": state.value if state else None, "limit": limit + 1},
    ).all()
    counts: dict[str, int] = {one.value: 0 for one in State}
    counts |= {row[0]: row[1] for row in session.execute(_COUNTS, seen)}
    more = rows[limit - 1] if len(rows) > limit else None
    return DealPage(
        items=items(session, rows[:limit]),
        next=order.cursor(more) if more else None,
        total=counts[state.value] if state else sum(counts.values()),
        counts=counts,
    )


_EXPORTED = (
    "number", "state", "state_since", "partner_name", "customer_name", "customer_country", "product_family",
    "amount", "currency", "close_date", "submitted_at", "authorization_number", "protected_until", "stage",
    "overlaps", "created_at",
)  # fmt: skip
_TABLE = text(f"""
    SELECT {", ".join(f"seen.{name}" for name in _EXPORTED)} FROM ({_ITEM} WHERE {_VISIBLE}
        AND (CAST(:state AS text) IS NULL OR r.state = :state)) AS seen
    ORDER BY created_at DESC, id DESC
""")  # noqa: S608  # our own constants


def table(session: Session, actor: Actor, *, state: State | None, q: str) -> Table:
    """The same list, whole, for a file."""
    rows = session.execute(
        _TABLE,
        _reader(actor, q) | {"state": state.value if state else None},
        execution_options={"yield_per": PAGE},
    )
    filters = {"state": state.value if state else None, "q": q}
    return Table("deals", _EXPORTED, rows, filters)


def _reader(actor: Actor, q: str) -> dict[str, Any]:
    escaped = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"partner": actor.partner_id, "user": actor.user_id, "q": q, "pattern": f"%{escaped}%"}


def items(session: Session, rows: Sequence[Any]) -> list[DealItem]:
    """Rows of a list, each with who holds it."""
    with as_system(session):
        now = moment(session)
        asked = {"ids": [row.request_id for row in rows if row.request_id is not None]}
        held = holders.held(session, session.execute(_REQUESTS, asked).all(), now)
    return [DealItem(**_base(row, held.get(row.request_id), now)) for row in rows]


_REQUESTS = text("""
    SELECT id, state, state_since, workflow_key, requester_id, requester_name, last_editor_id, answer_due_at
    FROM approval_request WHERE id = ANY(:ids)
""")


def _base(row: Any, held: Held | Holder | None, now: datetime) -> dict[str, Any]:
    state = State(row.state)
    holder = lifecycle.holder(state)
    waits = held is not None and bool(holder)
    return {
        **{name: getattr(row, name) for name in DealItem.model_fields if hasattr(row, name)},
        "state_words": lifecycle.WORDS[state],
        "holder": holder,
        "held_by": held.who if held is not None and waits else "",
        "held_since": held.since if held is not None and waits else None,
        "due": held.due if held is not None and waits else None,
        "overdue": held is not None and waits and held.due is not None and held.due < now,
    }


def detail(
    session: Session,
    engine: Approvals,
    actor: Actor,
    registration_id: UUID,
    *,
    language: str = "",
    rights: frozenset[str] = frozenset(),
) -> DealOut:
    """One registration with its request's route, the timeline of both, and overlaps. Raises NotFound."""
    registration = service.get(session, actor, registration_id)
    request = (
        request_detail(session, engine, actor, registration.request_id, language, rights)
        if registration.request_id is not None
        else None
    )
    row = session.execute(text(f"{_ITEM} WHERE r.id = :id"), {"id": registration_id}).one()
    company = actor.scope != "partner"
    people = _names(session, registration)
    own = {
        name: getattr(registration, name)
        for name in (
            "customer_postal_code", "customer_city", "customer_website", "contact_first_name",
            "contact_last_name", "contact_email", "contact_phone", "products", "description", "decided_at",
            "lead_id", "opportunity_id", "customer_account_id",
        )
    }  # fmt: skip
    return DealOut(
        **_base(row, request.holder if request else None, moment(session)),
        **own,
        submitted_by=people.get(registration.submitted_by, ""),
        decided_by=people.get(registration.decided_by, "") if registration.decided_by else "",
        decision_reason=recognised(registration.decision_reason or "", _REASONS),
        request_number=request.number if request else "",
        question=request.question if request else "",
        route=request.steps if request else [],
        actions=_actions(actor, registration, request),
        conflicts=_conflicts(session, registration_id, company=company),
        timeline=_timeline(session, registration_id, request),
        override_reason=registration.override_reason if company else None,
        customer_key=registration.customer_key if company else None,
    )


#: What the service itself says where the company gave no reason.
_REASONS = (say("The company ended the request."),)
#: What the request calls otherwise than its registration.
_WITHDRAW = ("recall", "cancel")
#: The deal has gone on, or its protection is over: its request says no more what can be done.
_GONE_ON = (State.WON, State.LOST)


def _actions(actor: Actor, registration: Any, request: RequestOut | None) -> list[str]:
    state = State(registration.state)
    if request is None:
        own = actor.scope == "partner" or registration.submitted_by == actor.user_id
        return lifecycle.possible(state, lifecycle.PARTNERS - {Action.CHANGE}) if own else []
    if state in _GONE_ON or (state is State.EXPIRED and registration.authorization_number is not None):
        return ["comment"]
    return sorted({"withdraw" if one in _WITHDRAW else one for one in request.actions})


def _names(session: Session, registration: DealRegistration) -> dict[UUID, str]:
    # A partner reads who decided, though it sees no users but its own: the timelines have the names.
    rows = session.execute(
        text(
            "SELECT actor_id, actor_name FROM deal_event WHERE actor_id = ANY(:ids) "
            "UNION SELECT actor_id, actor_name FROM approval_event WHERE actor_id = ANY(:ids) "
            "AND request_id = :request "
            "UNION SELECT id, trim(concat_ws(' ', first_name, last_name)) FROM crm_user WHERE id = ANY(:ids)"
        ),
        {
            "ids": [one for one in (registration.submitted_by, registration.decided_by) if one is not None],
            "request": registration.request_id,
        },
    )
    return {row[0]: row[1] for row in rows}


def _timeline(session: Session, registration_id: UUID, request: RequestOut | None) -> list[Event]:
    rows = session.execute(
        text(
            "SELECT at, actor_name AS by, kind, from_state, to_state, reason, sentence, words "
            "FROM deal_event WHERE registration_id = :id ORDER BY id"
        ),
        {"id": registration_id},
    ).mappings()
    found = [Event(**line_of(row)) for row in rows]

    if request is not None:
        found += [Event(**one.model_dump(include=set(Event.model_fields))) for one in request.timeline]
    return sorted(found, key=lambda one: one.at)


def _conflicts(session: Session, registration_id: UUID, *, company: bool) -> list[Overlap]:
    rows = session.execute(
        text(
            "SELECT c.kind, c.other_number AS number, c.other_until AS until, c.sentence, c.words, "
            "c.found_at, e.evidence || jsonb_build_object('why', e.why, 'id', e.other_id) AS evidence "
            "FROM deal_conflict c LEFT JOIN deal_conflict_evidence e ON e.conflict_id = c.id "
            "WHERE c.registration_id = :id ORDER BY c.id"
        ),
        {"id": registration_id},
    ).mappings()
    return [
        Overlap(
            **{
                **row,
                "sentence": from_facts(row["words"], row["sentence"]),
                "evidence": row["evidence"] if company else None,
            }
        )
        for row in rows
    ]
