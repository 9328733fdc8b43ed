"""What happens by the clock: a reminder, the next level, the end of a question nobody answered.

Each is a row with a moment, and is done once however often this runs: what was done clears its moment, under
the lock of its request.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals.lifecycle import State
from app.approvals.models import Request, RequestStep
from app.approvals.people import Someone, named
from app.approvals.service import Approvals
from app.approvals.steps import Round, step_titles
from app.approvals.timeline import audit, note, tell
from app.db import as_system
from app.kernel.actor import SYSTEM
from app.words import say

_DUE = text("""
    SELECT request_id FROM (
        (SELECT request_id, remind_at AS at FROM approval_step
         WHERE state = 'open' AND remind_at <= :now ORDER BY remind_at LIMIT :limit)
        UNION ALL
        (SELECT request_id, escalate_at FROM approval_step
         WHERE state = 'open' AND escalate_at <= :now ORDER BY escalate_at LIMIT :limit)
        UNION ALL
        (SELECT id, answer_due_at FROM approval_request
         WHERE state = 'info_needed' AND answer_due_at <= :now ORDER BY answer_due_at LIMIT :limit)
    ) due GROUP BY request_id ORDER BY min(at) LIMIT :limit
""")

# Whoever was asked may have left, lost the role, or changed the request since.
_NOBODY = text("""
    SELECT DISTINCT t.request_id FROM approval_task t
    WHERE t.state = 'open'
      AND NOT EXISTS (SELECT FROM crm_user u
          WHERE u.is_active AND u.deleted_at IS NULL AND u.id NOT IN (t.requester_id, t.editor_id)
            AND (t.assignee = 'user:' || u.id OR u.id IN (SELECT r.user_id FROM user_role r
                WHERE r.role = split_part(t.assignee, ':', 2) AND t.assignee NOT LIKE 'user:%')))
    LIMIT :limit
""")


def run(engine: Approvals, session: Session, now: datetime, *, at_most: int = 200) -> int:
    """Do what has become due by now, oldest first. For how many requests: zero when nothing is left."""
    with as_system(session):
        ids = list(session.execute(_DUE, {"now": now, "limit": at_most}).scalars())
        return sum(_one(engine, session, request, now) for request in _locked(session, ids))


def find_somebody(engine: Approvals, session: Session, now: datetime, *, at_most: int = 200) -> None:
    """Ask others where nobody is left of those who were asked."""
    with as_system(session):
        ids = list(session.execute(_NOBODY, {"limit": at_most}).scalars())
        for request in _locked(session, ids):
            if request.state == State.SUBMITTED:
                _round(engine, session, request, now).go_on()


def _locked(session: Session, ids: list[object]) -> list[Request]:
    query = select(Request).where(Request.id.in_(ids)).order_by(Request.id)
    # Who is being decided at this moment has its turn the next minute.
    return list(
        session.scalars(
            query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        ).all()
    )


def _round(engine: Approvals, session: Session, request: Request, now: datetime) -> Round:
    return Round(session, request, engine.workflow(session, request), now, engine.zone)


def _one(engine: Approvals, session: Session, request: Request, now: datetime) -> bool:
    if request.state == State.INFO_NEEDED:
        if request.answer_due_at is None or request.answer_due_at > now:
            return False
        engine.expire(session, request)
        return True
    if request.state != State.SUBMITTED:
        return False
    present, done = _round(engine, session, request, now), False
    for row in present.rows():
        if row.state != "open":
            continue
        if row.escalate_at is not None and row.escalate_at <= now:
            row.remind_at = None  # too late for a reminder
            _overdue(engine, present, row)
            done = True
        elif row.remind_at is not None and row.remind_at <= now:
            _remind(present, row)
            done = True
    return done


def _remind(present: Round, row: RequestStep) -> None:
    row.remind_at = None
    asked = _asked(present, row)
    number, title = present.request.number, present.request.title
    if row.due_at is None:
        sentence = say("{number} still waits for your decision: {title}.", number=number, title=title)
    else:
        sentence = say(
            "{number} still waits for your decision until {due}: {title}.",
            number=number,
            title=title,
            due=row.due_at,
        )
    tell(
        present.session, present.request, [one.id for one in asked], "reminder",
        sentence,
        occasion=row.key, at=present.now,
    )  # fmt: skip
    note(
        present.session, present.request, SYSTEM, "reminded",
        say(
            "{names} was reminded of the step “{step}”.",
            names=named(asked) or say("Nobody"),
            step=step_titles(row),
        ),
        step=row.key, at=present.now,
    )  # fmt: skip


def _overdue(engine: Approvals, present: Round, row: RequestStep) -> None:
    request, levels = present.request, present.leaves[row.key].step.levels
    if row.escalations >= len(levels):
        row.escalate_at = None
        sentence = say("The deadline of the step “{step}” has passed.", step=step_titles(row))
        people, kind = _asked(present, row), "overdue"
    else:
        asked = present.escalate(row)
        sentence = say(
            "The deadline of the step “{step}” has passed; {names} may decide it now as well.",
            step=step_titles(row),
            names=named(asked) or say("nobody"),
        )
        people, kind = [*_asked(present, row), *asked], "escalated"
    occasion = f"{row.key}/{row.escalations}"
    tell(
        present.session, request, [one.id for one in people], kind,
        say(
            "{number}: {sentence}",
            number=request.number, sentence=sentence,
        ),
        occasion=occasion, at=present.now,
    )  # fmt: skip
    note(present.session, request, SYSTEM, kind, sentence, step=row.key, at=present.now)
    audit(
        present.session, request, SYSTEM, kind,
        after={"step": row.key, "level": row.escalations, "asked": [one.name for one in people]},
    )  # fmt: skip
    engine.tell_observers(present.session, request, kind, None, SYSTEM, "")


def _asked(present: Round, row: RequestStep) -> list[Someone]:
    found: dict[object, Someone] = {}
    for task in present.tasks(row.key):
        if task.state == "open":
            for one in present.who(row, task.assignee):
                found[one.id] = one
    return list(found.values())
