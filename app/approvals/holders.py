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
from app.words import Names, say


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
    ORDER BY s.position, t.voice = 'above', t.since, t.assignee
""")

_AT_THE_ORG = text("""
    SELECT s.request_id, s.key AS step_key, s.opened_at, s.due_at
    FROM approval_step s JOIN approval_request r ON r.id = s.request_id AND r.round = s.round
    WHERE s.request_id = ANY(:ids) AND s.state = 'open' AND s.door = 'salesforce'
    ORDER BY s.position
""")
#: Who holds what the org's own approval process decides.
THE_ORG = say("an approval process in Salesforce")


def held(session: Session, requests: Iterable[Any], now: datetime) -> dict[UUID, Held]:
    """Who holds each of these requests. requests: rows with id, state, state_since, workflow_key,
    requester_id, requester_name, last_editor_id and answer_due_at."""
    rows = list(requests)
    waiting = [row.id for row in rows if row.state == State.SUBMITTED]
    tasks: dict[UUID, list[Any]] = {}
    for task in session.execute(_OPEN_TASKS, {"ids": waiting}) if waiting else ():
        tasks.setdefault(task.request_id, []).append(task)
    there: dict[UUID, list[Any]] = {}
    for step in session.execute(_AT_THE_ORG, {"ids": waiting}) if waiting else ():
        there.setdefault(step.request_id, []).append(step)
    directory = Directory(session, now)
    return {row.id: _held(row, tasks.get(row.id, []), there.get(row.id, []), directory) for row in rows}


def _held(row: Any, tasks: list[Any], there: list[Any], directory: Directory) -> Held:
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
    waiting = [*there, *tasks]
    opened = [one.opened_at for one in waiting if one.opened_at]
    due = [one.due_at for one in waiting if one.due_at]
    who = [words for words in (named(found.values()), THE_ORG if there else "") if words]
    return Held(
        side,
        say("{names}", names=Names(tuple(who))) if who else say("nobody yet"),
        tuple(one.name for one in found.values()),
        min(opened, default=row.state_since),
        min(due, default=None),
        tuple(dict.fromkeys(one.step_key for one in waiting)),
    )
