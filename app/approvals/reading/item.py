"""A request as a line of a list, with who holds it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.approvals import holders, lifecycle, store
from app.approvals.holders import Held
from app.approvals.lifecycle import State
from app.approvals.service import moment
from app.approvals.shapes import Holder, RequestItem
from app.db import as_system

ITEM = """
    SELECT r.id, r.number, r.workflow_key, r.workflow_version, r.title, r.state, r.state_since, r.round,
        r.partner_account_id, coalesce(p.name, '') AS partner_name, r.requester_id, r.requester_name,
        r.last_editor_id, r.last_editor_name, r.subject_kind, r.subject_id, r.amount, r.currency,
        r.submitted_at, r.created_at, r.answer_due_at, r.question, r.lead_id, r.opportunity_id, r.account_id,
        r.values,
        (SELECT a.number FROM approval_authorization a WHERE a.request_id = r.id AND NOT EXISTS (
            SELECT FROM approval_authorization_void v WHERE v.number = a.number)) AS authorization
    FROM approval_request r LEFT JOIN account p ON p.id = r.partner_account_id
"""


def items(session: Session, rows: Sequence[Any], language: str) -> list[RequestItem]:
    """Rows of a list, each with who holds it."""
    with as_system(session):
        now = moment(session)
        held = holders.held(session, rows, now)
        titles = titles_of(session, rows, language)
    return [RequestItem(**values_of(row, held[row.id], titles, now)) for row in rows]


def titles_of(session: Session, rows: Sequence[Any], language: str) -> dict[tuple[str, int], str]:
    """The title of each row's workflow, by key and version. In the system's name."""
    wanted = {(row.workflow_key, row.workflow_version) for row in rows}
    return {
        (key, version): store.get(session, key, version).workflow().name(language) for key, version in wanted
    }


def values_of(row: Any, held: Held, titles: dict[tuple[str, int], str], now: datetime) -> dict[str, Any]:
    """What a `RequestItem` says of a row."""
    state = State(row.state)
    return {
        **{name: getattr(row, name) for name in RequestItem.model_fields if hasattr(row, name)},
        "workflow": row.workflow_key,
        "workflow_title": titles[row.workflow_key, row.workflow_version],
        "requester": row.requester_name,
        "state_words": lifecycle.WORDS[state],
        "holder": Holder(
            side=held.side,
            who=held.who,
            people=list(held.people),
            since=held.since,
            due=held.due,
            overdue=held.due is not None and held.due < now,
        ),
    }
