"""Who may decide which step, and what they said: the rules around one decision. In the system's name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.approvals import lifecycle, refusals
from app.approvals.lifecycle import State
from app.approvals.models import Decision, Request, Task
from app.approvals.steps import Round, step_titles
from app.approvals.timeline import audit
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed
from app.words import say


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody may decide: the step, the task, and in whose place (None: their own)."""

    step: str
    task: Task
    instead_of: UUID | None


def places(present: Round, user_id: UUID) -> list[Place]:
    """Every step of a round that this person may decide now, in the order of the route, one place each."""
    if present.request.state not in lifecycle.OPEN:
        return []
    said = {one.step_key for one in present.decisions() if one.actor_id == user_id}
    tasks = [
        task
        for task in present.tasks()
        if task.state in ("open", "paused") and task.step_key not in said and task.voice != "replaced"
    ]
    found: dict[str, Place] = {}
    for way in present.directory.ways(user_id, without=present.request.excluded) if tasks else ():
        if way.workflow not in (None, present.workflow.key):
            continue
        if way.via and not present.directory.holders(f"user:{way.person}"):
            continue
        keys = present.directory.keys(way.person)
        for task in tasks:
            if task.assignee in keys:
                instead_of = way.person if way.via else None
                found.setdefault(task.step_key, Place(task.step_key, task, instead_of))
    order = [row.key for row in present.rows()]
    return sorted(found.values(), key=lambda one: order.index(one.step))


def place(
    present: Round,
    actor: Actor,
    decision: str,
    reason: str,
    *,
    step: str | None,
    round: int | None,
    door: str = "api",
) -> Place | None:
    """Where this decision belongs; None when the same was said before. Raises what `decide` raises.

    door: by the org's own approval process decides whoever it lets decide, but for requester and last editor.
    """
    request = present.request
    assert actor.user_id is not None
    if decision not in ("approve", "reject", "request_info"):
        raise BadInput(
            say("There is no such decision."),
            fields={"decision": say("Choose approve, reject or request_info.")},
        )
    if decision == "reject" and not reason.strip():
        raise BadInput(
            say("A rejection needs a reason."), fields={"reason": say("Say why; the requester reads it.")}
        )
    if decision == "request_info" and not reason.strip():
        raise BadInput(say("A question is needed."), fields={"reason": say("Say what you need to know.")})
    if actor.user_id in request.excluded:
        whose = (
            say("your own request") if actor.user_id == request.requester_id else say("what you changed last")
        )
        raise NotAllowed(
            say("You cannot decide {whose}.", whose=whose),
            remedy=say("Somebody else must decide."),
            code="two_people",
        )
    if _said_before(present, actor.user_id, decision, reason, step):
        return None
    if round is not None and round != request.round:
        raise Conflict(
            say("{number} was changed since you read it.", number=request.number),
            remedy=say("Look at it again, then decide."),
            code="changed_meanwhile",
            facts={"allowed": [], "round": request.round},
        )
    refusals.require_possible(present, decision)
    if door == "process":
        return _by_the_org(present, actor.user_id, step)
    found = [one for one in places(present, actor.user_id) if step in (None, one.step)]
    if not found:
        raise refusals.not_asked(present, step)
    others = {one.step_key for one in present.decisions() if one.actor_id == actor.user_id}
    if step is None and (len(found) > 1 or others):
        names = " or ".join(one.step for one in found)
        raise BadInput(
            say("There is more than one step that you decide."),
            fields={"step": say("Say which: {names}.", names=names)},
        )
    chosen = found[0]
    refusals.require_free(present, chosen.task, actor)
    return chosen


def _by_the_org(present: Round, user_id: UUID, step: str | None) -> Place:
    """The place of whoever decided in the org's process: it stands for the whole step."""
    row = next((one for one in present.rows() if one.key == step), None)
    if row is None or row.door != "salesforce" or row.state not in ("open", "paused"):
        raise refusals.not_asked(present, step)
    assignee = f"user:{user_id}"
    asked = next((one for one in present.tasks(row.key) if one.assignee == assignee), None)
    if asked is not None:
        asked.voice = "above"
        present.session.flush()
        return Place(row.key, asked, None)
    task = Task(
        request_id=row.request_id,
        round=row.round,
        step_key=row.key,
        workflow_key=present.workflow.key,
        assignee=assignee,
        voice="above",
        requester_id=present.request.requester_id,
        editor_id=present.request.last_editor_id,
        since=row.opened_at or present.now,
        due_at=row.due_at,
        rank_at=present.now,
        state="closed",
    )
    present.session.add(task)
    present.session.flush()
    return Place(row.key, task, None)


def keep(present: Round, actor: Actor, decision: str, reason: str, chosen: Place, door: str) -> str:
    """Write a decision down; the sentence that tells of it."""
    request = present.request
    behalf = present.directory.name(chosen.instead_of) if chosen.instead_of else ""
    present.session.add(
        Decision(
            request_id=request.id,
            round=request.round,
            step_key=chosen.step,
            task_id=chosen.task.id,
            voice=chosen.task.voice,
            actor_id=actor.user_id,
            actor_name=actor.name,
            on_behalf_of=chosen.instead_of,
            on_behalf_of_name=behalf,
            decision=decision,
            reason=reason,
            door=door,
            content_hash=request.content_hash,
        )
    )
    present.session.flush()
    row = next(one for one in present.rows() if one.key == chosen.step)
    who = say("{who} (for {behalf})", who=actor.name, behalf=behalf) if behalf else actor.name
    step = step_titles(row)
    if door in ("crm", "process"):
        return (
            say("{who} approved it in Salesforce in the step “{step}”.", who=who, step=step)
            if decision == "approve"
            else say("{who} rejected it in Salesforce in the step “{step}”.", who=who, step=step)
        )
    return (
        say("{who} approved it in the step “{step}”.", who=who, step=step)
        if decision == "approve"
        else say("{who} rejected it in the step “{step}”.", who=who, step=step)
    )


def by_limits(session: Session, request: Request) -> None:
    """Write down that the limits of the workflow approved a request."""
    session.add(
        Decision(
            request_id=request.id,
            round=request.round,
            step_key="",
            task_id=None,
            actor_id=None,
            actor_name="Limits",
            decision="approve",
            door="limits",
            content_hash=request.content_hash,
        )
    )
    session.flush()


def hold(present: Round, actor: Actor, step: str | None, *, taking: bool) -> Task:
    """Take a queue's task, or give it back. Raises NotAllowed, Conflict."""
    assert actor.user_id is not None
    if actor.user_id in present.request.excluded:
        raise NotAllowed(
            say("You cannot decide this request."), remedy=say("Somebody else must."), code="two_people"
        )
    found = [
        one.task
        for one in places(present, actor.user_id)
        if step in (None, one.step) and one.task.assignee.startswith("queue:")
    ]
    if not found:
        raise refusals.not_asked(present, step)
    task = found[0]
    refusals.require_free(present, task, actor)
    task.taken_by, task.taken_at = (actor.user_id, present.now) if taking else (None, None)
    audit(
        present.session, present.request, actor, "take" if taking else "release",
        after={"step": task.step_key, "queue": task.assignee},
    )  # fmt: skip
    return task


def _said_before(present: Round, user_id: UUID, decision: str, reason: str, step: str | None) -> bool:
    """Whether it is the same once more. Raises Conflict where it is another one, too late."""
    request = present.request
    if decision == "request_info":
        return (
            request.state == State.INFO_NEEDED and request.asked_by == user_id and request.question == reason
        )
    said = [one for one in present.decisions() if step in (None, one.step_key)]
    mine = [one for one in said if one.actor_id == user_id]
    if mine:
        if mine[-1].decision == decision:
            return True
        if step is not None or not places(present, user_id):
            raise refusals.too_late(present, mine[-1])
        return False
    if request.state not in lifecycle.OPEN or (step is not None and _closed(present, step)):
        deciding_ones = [
            one for one in said if one.task_id is None or one.decision == _outcome(request)
        ] or said
        if deciding_ones and request.state in (State.APPROVED, State.REJECTED, *lifecycle.OPEN):
            if deciding_ones[-1].decision == decision and _was_asked(present, user_id, step):
                return True
            if _was_asked(present, user_id, step):
                raise refusals.too_late(present, deciding_ones[-1])
    return False


def _closed(present: Round, step: str) -> bool:
    return any(row.key == step and row.closed_at is not None for row in present.rows())


def _outcome(request: Request) -> str:
    return {State.APPROVED: "approve", State.REJECTED: "reject"}.get(State(request.state), "")


def _was_asked(present: Round, user_id: UUID, step: str | None) -> bool:
    keys: set[str] = set()
    for way in present.directory.ways(user_id, without=present.request.excluded):
        if way.workflow in (None, present.workflow.key):
            keys.update(present.directory.keys(way.person))
    return any(task.assignee in keys for task in present.tasks(step))
