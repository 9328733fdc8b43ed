"""Lists, counts, the inbox, one request with all that belongs to it, and authorizations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import deciding, holders, lifecycle, people, smart_forms, store
from app.approvals.holders import Held
from app.approvals.lifecycle import Action, State
from app.approvals.models import Request
from app.approvals.service import Approvals, may_start, moment
from app.approvals.shapes import (
    AuthorizationItem,
    AuthorizationOut,
    Decidable,
    DecisionOut,
    Event,
    Holder,
    RequestItem,
    RequestOut,
    RequestPage,
    RequestSort,
    StepOut,
    WorkflowItem,
    WorkflowList,
)
from app.approvals.smart_forms import Reader
from app.approvals.steps import Round, step_title
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.web.export import PAGE, Table
from app.web.ordering import Order, Orders
from app.words import line_of, recognised, say

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


def items(session: Session, rows: Sequence[Any], language: str) -> list[RequestItem]:
    """Rows of a list, each with who holds it."""
    with as_system(session):
        now = moment(session)
        held = holders.held(session, rows, now)
        titles = _titles(session, rows, language)
    return [RequestItem(**_base(row, held[row.id], titles, now)) for row in rows]


def _titles(session: Session, rows: Sequence[Any], language: str) -> dict[tuple[str, int], str]:
    wanted = {(row.workflow_key, row.workflow_version) for row in rows}
    return {
        (key, version): store.get(session, key, version).workflow().name(language) for key, version in wanted
    }


def _base(row: Any, held: Held, titles: dict[tuple[str, int], str], now: datetime) -> dict[str, Any]:
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


# -- one request -------------------------------------------------------------------------------------------


def detail(
    session: Session,
    engine: Approvals,
    actor: Actor,
    request_id: UUID,
    language: str,
    rights: frozenset[str] = frozenset(),
) -> RequestOut:
    """One request with route, decisions and timeline. Raises NotFound."""
    request = engine.get(session, actor, request_id)
    row = session.execute(text(f"{ITEM} WHERE r.id = :id"), {"id": request_id}).one()
    timeline = _timeline(session, request_id, company=actor.scope != "partner")
    decisions = _decisions(session, request_id)
    authorizations = _authorizations(session, request_id)
    with as_system(session):
        now = moment(session)
        held = holders.held(session, [row], now)[request_id]
        titles = _titles(session, [row], language)
        present = Round(session, request, engine.workflow(session, request), now, engine.zone)
        decidable = _decidable(present, actor, language) if actor.scope == "staff" else []
        steps = _route(present, decisions, language)
    actions = _actions(actor, request, decidable, rights)
    today = now.astimezone(engine.zone).date()
    reader = Reader(actor, today, request.partner_account_id, request_id, language)
    return RequestOut(
        **_base(row, held, titles, now),
        values=smart_forms.visible(session, reader, present.workflow, row.values),
        form=smart_forms.resolved(
            session, reader, present.workflow, row.values, row.values, read_only="edit" not in actions
        ),
        question=row.question,
        lead_id=row.lead_id,
        opportunity_id=row.opportunity_id,
        account_id=row.account_id,
        last_editor=row.last_editor_name,
        workflow_version=row.workflow_version,
        actions=actions,
        decide=decidable,
        steps=steps,
        decisions=decisions,
        authorizations=authorizations,
        timeline=timeline,
    )


def _actions(actor: Actor, request: Request, decidable: list[Decidable], rights: frozenset[str]) -> list[str]:
    own = actor.scope == "partner" or request.requester_id == actor.user_id
    may: set[Action] = set()
    if own:
        may |= lifecycle.REQUESTERS
        if request.state in lifecycle.OPEN:
            may -= {Action.CANCEL}
    if decidable:
        may |= lifecycle.APPROVERS
    if "requests.manage" in rights:
        may |= lifecycle.COMPANY | {Action.EDIT}
    found = lifecycle.possible(State(request.state), frozenset(may))
    if request.state == State.SUBMITTED and any(one.queue for one in decidable):
        found += ["release" if any(one.taken_by for one in decidable) else "take"]
    return [*found, "comment"]


def _decidable(present: Round, actor: Actor, language: str) -> list[Decidable]:
    assert actor.user_id is not None
    if actor.user_id in present.request.excluded:
        return []
    rows = {row.key: row for row in present.rows()}
    found = []
    for one in deciding.places(present, actor.user_id):
        kind, _, name = one.task.assignee.partition(":")
        found.append(
            Decidable(
                step=one.step,
                title=step_title(rows[one.step], language),
                on_behalf_of=present.directory.name(one.instead_of) if one.instead_of else "",
                queue=name if kind == "queue" else "",
                taken_by=present.directory.name(one.task.taken_by) if one.task.taken_by else "",
            )
        )
    return found


def _route(present: Round, decisions: list[DecisionOut], language: str) -> list[StepOut]:
    found = []
    tasks = present.tasks()
    for row in present.rows():
        asked: dict[UUID, people.Someone] = {}
        for task in tasks:
            if task.step_key == row.key and task.state != "closed":
                asked |= {
                    one.id: one
                    for one in present.directory.asked(
                        task.assignee, present.workflow.key, without=present.request.excluded
                    )
                }
        found.append(
            StepOut(
                key=row.key,
                title=step_title(row, language),
                state=row.state,
                needed=row.needed,
                door=row.door,
                stage=row.stage,
                asked=[one.name for one in asked.values()],
                opened_at=row.opened_at,
                due_at=row.due_at,
                closed_at=row.closed_at,
                escalated=row.escalations,
                decisions=[one for one in decisions if (one.round, one.step) == (row.round, row.key)],
            )
        )
    return found


def _timeline(session: Session, request_id: UUID, *, company: bool) -> list[Event]:
    rows = session.execute(
        text(
            "SELECT at, actor_name AS by, kind, round, step_key AS step, from_state, to_state, visible, "
            "door, reason, sentence, words FROM approval_event "
            "WHERE request_id = :id AND (:company OR visible = 'both') ORDER BY id"
        ),
        {"id": request_id, "company": company},
    ).mappings()
    return [Event(**line_of(row)) for row in rows]


def _decisions(session: Session, request_id: UUID) -> list[DecisionOut]:
    rows = session.execute(
        text(
            "SELECT round, step_key AS step, actor_name AS by, on_behalf_of_name AS on_behalf_of, decision, "
            "reason, door, at FROM approval_decision WHERE request_id = :id ORDER BY id"
        ),
        {"id": request_id},
    ).mappings()
    return [DecisionOut(**{**row, "reason": recognised(row["reason"], lifecycle.REASONS)}) for row in rows]


_NUMBER = re.compile(r"[A-Z0-9-]{1,40}")

_AUTHORIZATION = """
    SELECT a.number, a.round, a.issued_at, v.number IS NOT NULL AS void, v.at AS voided_at,
        coalesce(v.reason, '') AS void_reason, a.request_id, r.number AS request_number,
        a.partner_account_id, coalesce(p.name, '') AS partner_name, a.workflow_key AS workflow,
        a.workflow_version, a.content_hash, a.snapshot, a.snapshot_hash
    FROM approval_authorization a
    JOIN approval_request r ON r.id = a.request_id
    LEFT JOIN account p ON p.id = a.partner_account_id
    LEFT JOIN approval_authorization_void v ON v.number = a.number
"""


def _authorizations(session: Session, request_id: UUID) -> list[AuthorizationItem]:
    rows = session.execute(
        text(f"{_AUTHORIZATION} WHERE a.request_id = :id ORDER BY a.round"), {"id": request_id}
    ).mappings()
    return [AuthorizationItem(**_authorized(row, AuthorizationItem)) for row in rows]


def _authorized(row: Mapping[Any, Any], shape: type[AuthorizationItem]) -> dict[str, Any]:
    values = {name: row[name] for name in shape.model_fields}
    return {**values, "void_reason": recognised(values["void_reason"], lifecycle.REASONS)}


def authorization(session: Session, actor: Actor, number: str) -> AuthorizationOut:
    """An authorization by its number. Raises NotFound."""
    if not _NUMBER.fullmatch(number):
        raise NotFound(say("There is no such authorization."), remedy=say("Check its number."))
    row = (
        session.execute(
            text(
                f"{_AUTHORIZATION} WHERE a.number = :number AND (CAST(:partner AS uuid) IS NULL "
                "OR (r.partner_account_id = :partner AND r.visible = 'both'))"
            ),
            {"number": number, "partner": actor.partner_id},
        )
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound(say("There is no such authorization."), remedy=say("Check its number."))
    found = AuthorizationOut(**_authorized(row, AuthorizationOut))
    with as_system(session):
        workflow = store.get(session, found.workflow, found.workflow_version).workflow()
    reader = Reader(actor, found.issued_at.date(), found.partner_account_id, found.request_id)
    found.snapshot["values"] = smart_forms.visible(session, reader, workflow, found.snapshot["values"])
    return found


def startable(session: Session, actor: Actor, language: str) -> WorkflowList:
    """The workflows that this actor may start."""
    with as_system(session):
        found = [
            WorkflowItem(key=version.key, title=version.workflow().name(language), version=version.version)
            for version in store.all_active(session)
            if may_start(session, actor, version.workflow())
        ]
    return WorkflowList(items=sorted(found, key=lambda one: one.title.casefold()))
