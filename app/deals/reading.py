"""Lists, counts, and one registration with all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.deals import lifecycle, service
from app.deals.forms import DealItem, DealOut, DealPage, Event, Overlap
from app.deals.lifecycle import Action, State
from app.kernel.actor import Actor
from app.web import paging
from app.web.export import PAGE, Table

_ITEM = """
    SELECT r.id, r.number, r.state, r.state_since, r.partner_account_id, coalesce(p.name, '') AS partner_name,
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

_PAGE = text(f"""{_ITEM}
    WHERE {_VISIBLE} AND (CAST(:state AS text) IS NULL OR r.state = :state)
      AND (CAST(:at AS timestamptz) IS NULL OR (r.created_at, r.id) < (:at, CAST(:after AS uuid)))
    ORDER BY r.created_at DESC, r.id DESC LIMIT :limit
""")  # our own constants

_COUNTS = text(f"SELECT r.state, count(*) FROM deal_registration r WHERE {_VISIBLE} GROUP BY r.state")  # noqa: S608  # our own constant

_INBOX = text(f"""{_ITEM}
    WHERE r.state = 'submitted'
      AND (CAST(:at AS timestamptz) IS NULL OR (r.submitted_at, r.id) > (:at, CAST(:after AS uuid)))
    ORDER BY r.submitted_at, r.id LIMIT :limit
""")  # our own constant


def page(session: Session, actor: Actor, *, state: State | None, q: str, limit: int, cursor: str) -> DealPage:
    """Newest first. Counts and total are those of the same search, for this reader."""
    seen = _reader(actor, q)
    at, after = paging.decode(cursor) if cursor else (None, None)
    rows = session.execute(
        _PAGE,
        seen | {"state": state.value if state else None, "at": at, "after": after, "limit": limit + 1},
    ).all()
    counts: dict[str, int] = {one.value: 0 for one in State}
    counts |= {row[0]: row[1] for row in session.execute(_COUNTS, seen)}
    more = rows[limit - 1] if len(rows) > limit else None
    return DealPage(
        items=[item(row) for row in rows[:limit]],
        next=paging.encode(more.created_at, more.id) if more else None,
        total=counts[state.value] if state else sum(counts.values()),
        counts=counts,
    )


_EXPORTED = (
    "number", "state", "state_since", "partner_name", "customer_name", "customer_country", "product_family",
    "amount", "currency", "close_date", "submitted_at", "protected_until", "stage", "overlaps", "created_at",
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


def inbox(session: Session, *, limit: int, cursor: str) -> DealPage:
    """What waits for a decision, the longest waiting first. Raises BadInput for a strange cursor."""
    at, after = paging.decode(cursor) if cursor else (None, None)
    rows = session.execute(_INBOX, {"at": at, "after": after, "limit": limit + 1}).all()
    waiting: int = session.execute(
        text("SELECT count(*) FROM deal_registration WHERE state = 'submitted'")
    ).scalar_one()
    more = rows[limit - 1] if len(rows) > limit else None
    return DealPage(
        items=[item(row) for row in rows[:limit]],
        next=paging.encode(more.submitted_at, more.id) if more else None,
        total=waiting,
        counts={State.SUBMITTED.value: waiting},
    )


def item(row: Any) -> DealItem:
    """A row of a list."""
    return DealItem(**_base(row))


def _base(row: Any) -> dict[str, Any]:
    state = State(row.state)
    return {
        **{name: getattr(row, name) for name in DealItem.model_fields if hasattr(row, name)},
        "state_words": lifecycle.WORDS[state],
        "holder": lifecycle.holder(state),
    }


def detail(session: Session, actor: Actor, registration_id: UUID, rights: frozenset[str]) -> DealOut:
    """One registration with timeline and overlaps. Raises NotFound."""
    registration = service.get(session, actor, registration_id)
    row = session.execute(text(f"{_ITEM} WHERE r.id = :id"), {"id": registration_id}).one()
    company = actor.scope != "partner"
    people = _names(session, [registration.submitted_by, registration.decided_by])
    own = {
        name: getattr(registration, name)
        for name in (
            "customer_postal_code", "customer_city", "customer_website", "contact_first_name",
            "contact_last_name", "contact_email", "contact_phone", "products", "description", "decided_at",
            "lead_id", "opportunity_id", "customer_account_id",
        )
    }  # fmt: skip
    return DealOut(
        **_base(row),
        **own,
        submitted_by=people.get(registration.submitted_by, ""),
        decided_by=people.get(registration.decided_by, "") if registration.decided_by else "",
        decision_reason=registration.decision_reason or "",
        actions=lifecycle.possible(State(registration.state), _actions(actor, registration, rights)),
        conflicts=_conflicts(session, registration_id, company=company),
        timeline=_timeline(session, registration_id),
        override_reason=registration.override_reason if company else None,
        customer_key=registration.customer_key if company else None,
    )


def _actions(actor: Actor, registration: Any, rights: frozenset[str]) -> frozenset[Action]:
    own = actor.scope == "partner" or registration.submitted_by == actor.user_id
    decides = "deals.decide" in rights and registration.submitted_by != actor.user_id
    return (lifecycle.PARTNERS if own else frozenset()) | (lifecycle.DECIDERS if decides else frozenset())


def _names(session: Session, ids: Sequence[UUID | None]) -> dict[UUID, str]:
    # A partner reads who decided, though it sees no users but its own: the timeline has the names.
    rows = session.execute(
        text(
            "SELECT actor_id, actor_name FROM deal_event WHERE actor_id = ANY(:ids) "
            "UNION SELECT id, trim(concat_ws(' ', first_name, last_name)) FROM crm_user WHERE id = ANY(:ids)"
        ),
        {"ids": [one for one in ids if one is not None]},
    )
    return {row[0]: row[1] for row in rows}


def _timeline(session: Session, registration_id: UUID) -> list[Event]:
    rows = session.execute(
        text(
            "SELECT at, actor_name AS by, kind, from_state, to_state, reason, sentence FROM deal_event "
            "WHERE registration_id = :id ORDER BY id"
        ),
        {"id": registration_id},
    ).mappings()
    return [Event(**row) for row in rows]


def _conflicts(session: Session, registration_id: UUID, *, company: bool) -> list[Overlap]:
    rows = session.execute(
        text(
            "SELECT c.kind, c.other_number AS number, c.other_until AS until, c.sentence, c.found_at, "
            "e.evidence || jsonb_build_object('why', e.why, 'id', e.other_id) AS evidence "
            "FROM deal_conflict c LEFT JOIN deal_conflict_evidence e ON e.conflict_id = c.id "
            "WHERE c.registration_id = :id ORDER BY c.id"
        ),
        {"id": registration_id},
    ).mappings()
    return [Overlap(**{**row, "evidence": row["evidence"] if company else None}) for row in rows]
