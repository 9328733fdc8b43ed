"""The inbox: what somebody may decide, in their own place or in another's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.core import moment
from app.approvals.document.shape import in_language
from app.approvals.people import Directory
from app.approvals.reading.item import ITEM, items
from app.approvals.shapes import InboxItem, InboxPage
from app.db import as_system
from app.kernel.actor import Actor
from app.web import paging

Due = Literal["overdue", "today", "week"]
Order = Literal["due", "newest"]

_MINE = """
    WITH mine AS (SELECT * FROM jsonb_to_recordset(CAST(:mine AS jsonb))
                  AS m (assignee text, person uuid, via uuid[], workflow text, nearness int) LIMIT :keys)
"""
_WANTED = """
    t.assignee = mine.assignee AND t.state = 'open'
    AND (mine.workflow IS NULL OR t.workflow_key = mine.workflow)
    AND NOT mine.via && ARRAY[t.requester_id, t.editor_id]
    AND (t.needed = 1 OR NOT EXISTS (SELECT FROM approval_decision d WHERE d.request_id = t.request_id
        AND d.round = t.round AND d.step_key = t.step_key AND d.actor_id = :me))
    AND (CAST(:workflow AS text) = '' OR t.workflow_key = :workflow)
    AND (CAST(:due_from AS timestamptz) IS NULL OR t.due_at >= :due_from)
    AND (CAST(:due_before AS timestamptz) IS NULL OR t.due_at < :due_before)
    AND (CAST(:q AS text) = '' OR EXISTS (SELECT FROM approval_request r
        LEFT JOIN account p ON p.id = r.partner_account_id WHERE r.id = t.request_id
        AND (r.number ILIKE :pattern OR r.title ILIKE :pattern OR p.name ILIKE :pattern
             OR r.requester_name ILIKE :pattern)))
"""


def _walk(order: str, way: str, after: str) -> Any:
    # One short walk along the index for each of the reader's assignees: what others have costs nothing.
    return text(f"""{_MINE}
        SELECT t.*, mine.person, mine.nearness
        FROM mine CROSS JOIN LATERAL (
            SELECT t.id, t.request_id, t.round, t.step_key, t.assignee, t.since, t.due_at, t.taken_by,
                {order} AS rank
            FROM approval_task t
            WHERE {_WANTED}
              AND (CAST(:at AS timestamptz) IS NULL OR ({order}, t.id) {after} (:at, CAST(:after AS uuid)))
            ORDER BY {order} {way}, t.id {way} LIMIT :limit
        ) t
        ORDER BY t.rank {way}, t.id {way}, mine.nearness
    """)  # noqa: S608  # our own constants


_INBOX = {"due": _walk("t.rank_at", "ASC", ">"), "newest": _walk("t.since", "DESC", "<")}

#: More than so many are not counted: whoever has a thousand tasks needs no other number.
COUNTED = 1000

_INBOX_TOTAL = text(f"""{_MINE}
    SELECT count(*) FROM (
        SELECT DISTINCT t.request_id, t.step_key
        FROM mine CROSS JOIN LATERAL (
            SELECT t.request_id, t.step_key FROM approval_task t WHERE {_WANTED} LIMIT :counted
        ) t
    ) steps
""")  # noqa: S608  # our own constants


#: For these two questions the planner is told what statistics do not tell it: few rows of many are wanted,
#: others each time, and compiling takes longer than answering.
_WALK = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)
_AS_BEFORE = text(
    "SELECT set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'auto', true)"
)


def page(
    session: Session,
    actor: Actor,
    language: str,
    *,
    limit: int = 50,
    cursor: str = "",
    due: Due | None = None,
    workflow: str = "",
    q: str = "",
    sort: Order = "due",
    zone: str = "UTC",
) -> InboxPage:
    """What this person may decide, in their own place or in another's, the nearest deadline first.

    due: only what is overdue, due today (and not yet overdue), or overdue or due within seven days.
    zone: the reader's, which says when today ends. sort: `newest` begins with what came last.
    """
    assert actor.user_id is not None
    at, after = paging.decode(cursor) if cursor else (None, None)
    escaped = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    with as_system(session):
        now = moment(session)
        directory = Directory(session, now)
        mine = _mine(directory, actor.user_id)
        begin, end = _between(due, now, zone)
        asked = {
            "mine": json.dumps(mine), "keys": len(mine), "me": actor.user_id, "at": at, "after": after,
            "limit": limit + 1, "counted": COUNTED + 1, "workflow": workflow, "due_from": begin,
            "due_before": end, "q": q, "pattern": f"%{escaped}%",
        }  # fmt: skip
        session.execute(_WALK)
        found: dict[UUID, Any] = {}
        for row in session.execute(_INBOX[sort], asked):
            found.setdefault(row.id, row)
        total: int = session.execute(_INBOX_TOTAL, asked).scalar_one()
        session.execute(_AS_BEFORE)
        tasks = list(found.values())
        more = tasks[limit - 1] if len(tasks) > limit else None
        tasks = list({(one.request_id, one.step_key): one for one in reversed(tasks[:limit])}.values())[::-1]
        rows = session.execute(
            text(f"{ITEM} WHERE r.id = ANY(:ids)"), {"ids": [task.request_id for task in tasks]}
        ).all()
        titles = _steps(session, tasks)
    shown = {one.id: one for one in items(session, rows, language)}
    return InboxPage(
        items=[
            InboxItem(
                request=shown[task.request_id],
                step=task.step_key,
                step_title=in_language(titles[task.request_id, task.round, task.step_key], language),
                since=task.since,
                due=task.due_at,
                overdue=task.due_at is not None and task.due_at < now,
                on_behalf_of=directory.name(task.person) if task.person != actor.user_id else "",
                queue=task.assignee.partition(":")[2] if task.assignee.startswith("queue:") else "",
                taken_by=directory.name(task.taken_by) if task.taken_by else "",
            )
            for task in tasks
        ],
        next=paging.encode(more.rank, more.id) if more else None,
        total=min(total, COUNTED),
        total_is_least=total > COUNTED,
    )


def _between(due: Due | None, now: datetime, zone: str) -> tuple[datetime | None, datetime | None]:
    """From when, and before when, a task is due."""
    if due is None:
        return None, None
    if due == "overdue":
        return None, now
    try:
        local = now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        local = now
    days = 1 if due == "today" else 7
    midnight = datetime.combine(local.date() + timedelta(days=days), time(), tzinfo=local.tzinfo)
    return now if due == "today" else None, midnight


def _mine(directory: Directory, me: UUID) -> list[dict[str, Any]]:
    found = []
    for nearness, way in enumerate(directory.ways(me)):
        if way.via and not directory.holders(f"user:{way.person}"):
            continue
        for key in directory.keys(way.person):
            found.append(
                {
                    "assignee": key,
                    "person": str(way.person),
                    "via": [str(me), *map(str, way.via)],
                    "workflow": way.workflow,
                    "nearness": nearness,
                }
            )
    return found


def _steps(session: Session, tasks: Sequence[Any]) -> dict[tuple[UUID, int, str], dict[str, str]]:
    rows = session.execute(
        text("SELECT request_id, round, key, title FROM approval_step WHERE request_id = ANY(:ids)"),
        {"ids": [task.request_id for task in tasks]},
    )
    return {(row.request_id, row.round, row.key): row.title for row in rows}
