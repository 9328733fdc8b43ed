"""Whose turn it is: who holds a request, since when, until when. Both sides read the same.

Runs in the system's name: a partner sees none of the company's users, only the names given here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import lifecycle
from app.approvals.lifecycle import State
from app.approvals.people import Directory, Someone, named


@dataclass(frozen=True, slots=True)
class Held:
    """side: `requester`, `company` or nobody's (empty). who: the names, as a person reads them."""

    side: str
    who: str
    people: tuple[str, ...]
    since: datetime | None
    due: datetime | None
    steps: tuple[str, ...] = ()


_OPEN_TASKS = text("""
    SELECT t.request_id, t.step_key, t.assignee, t.taken_by, s.opened_at, s.due_at, s.position
    FROM approval_task t
    JOIN approval_step s ON s.request_id = t.request_id AND s.round = t.round AND s.key = t.step_key
    WHERE t.request_id = ANY(:ids) AND t.state = 'open'
    ORDER BY s.position, t.since, t.assignee
""")


def held(session: Session, requests: Iterable[Any], now: datetime) -> dict[UUID, Held]:
    """Who holds each of these requests. requests: rows with id, state, state_since, workflow_key,
    requester_id, requester_name, last_editor_id and answer_due_at."""
    rows = list(requests)
    waiting = [row.id for row in rows if row.state == State.SUBMITTED]
    tasks: dict[UUID, list[Any]] = {}
    for task in session.execute(_OPEN_TASKS, {"ids": waiting}) if waiting else ():
        tasks.setdefault(task.request_id, []).append(task)
    directory = Directory(session, now)
    return {row.id: _held(row, tasks.get(row.id, []), directory) for row in rows}


def _held(row: Any, tasks: list[Any], directory: Directory) -> Held:
    side = lifecycle.holder(State(row.state))
    if side == "requester":
        return Held(side, row.requester_name, (row.requester_name,), row.state_since, row.answer_due_at)
    if side != "company":
        return Held("", "", (), None, None)
    excluded = {row.requester_id, row.last_editor_id}
    found: dict[UUID, Someone] = {}
    for task in tasks:
        if task.taken_by is not None:
            asked = [Someone(task.taken_by, directory.name(task.taken_by))]
        else:
            asked = directory.asked(task.assignee, row.workflow_key, without=excluded)
        found |= {one.id: one for one in asked}
    opened = [task.opened_at for task in tasks if task.opened_at]
    due = [task.due_at for task in tasks if task.due_at]
    return Held(
        side,
        named(found.values()) or "nobody yet",
        tuple(one.name for one in found.values()),
        min(opened, default=row.state_since),
        min(due, default=None),
        tuple(dict.fromkeys(task.step_key for task in tasks)),
    )
