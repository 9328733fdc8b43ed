"""One request with all that belongs to it: what its reader can do, route, decisions, timeline."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import deciding, holders, lifecycle, people, smart_forms
from app.approvals.lifecycle import Action, State
from app.approvals.models import Request
from app.approvals.reading import authorizations
from app.approvals.reading.item import ITEM, titles_of, values_of
from app.approvals.service import Approvals, moment
from app.approvals.shapes import Decidable, DecisionOut, Event, RequestOut, StepOut
from app.approvals.smart_forms import Reader
from app.approvals.steps import Round, step_title
from app.db import as_system
from app.kernel.actor import Actor
from app.words import line_of, recognised


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
    issued = authorizations.of(session, request_id)
    with as_system(session):
        now = moment(session)
        held = holders.held(session, [row], now)[request_id]
        titles = titles_of(session, [row], language)
        present = Round(session, request, engine.workflow(session, request), now, engine.zone)
        decidable = _decidable(present, actor, language) if actor.scope == "staff" else []
        steps = _route(present, decisions, language)
    actions = _actions(actor, request, decidable, rights)
    today = now.astimezone(engine.zone).date()
    reader = Reader(actor, today, request.partner_account_id, request_id, language)
    return RequestOut(
        **values_of(row, held, titles, now),
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
        authorizations=issued,
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
