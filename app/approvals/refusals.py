"""Why somebody cannot decide now: each refusal says what happened, who decides, and what is possible."""

from __future__ import annotations

from app.approvals import lifecycle
from app.approvals.lifecycle import Action, State
from app.approvals.models import Decision, Request, Task
from app.approvals.steps import Round, step_titles
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, NotAllowed
from app.words import Inside, Names, possible_now, say


def too_late(present: Round, said: Decision) -> Conflict:
    """It was decided before, and otherwise."""
    row = next((one for one in present.rows() if one.key == said.step_key), None)
    who, number = said.actor_name, present.request.number
    if row is None:
        what = (
            say("{who} approved {number} before.", who=who, number=number)
            if said.decision == "approve"
            else say("{who} rejected {number} before.", who=who, number=number)
        )
    else:
        step = step_titles(row)
        what = (
            say("{who} approved {number} in the step “{step}” before.", who=who, number=number, step=step)
            if said.decision == "approve"
            else say(
                "{who} rejected {number} in the step “{step}” before.", who=who, number=number, step=step
            )
        )
    return Conflict(
        what,
        remedy=say("What was decided stays; the requester can change the request or hand it in again."),
        code="decided_already",
        facts={
            "allowed": _allowed(present.request),
            "state": present.request.state,
            "decided": {
                "decision": said.decision,
                "by": said.actor_name,
                "at": said.at.isoformat(),
                "step": said.step_key,
            },
        },
    )


def require_possible(present: Round, decision: str) -> None:
    """Raises Conflict where the state of the request allows no such decision."""
    request = present.request
    state = State(request.state)
    if lifecycle.after(state, Action(decision)) is None:
        allowed = _allowed(request)
        raise Conflict(
            say(
                "{number} is {state}: this is not possible now.",
                number=request.number,
                state=Inside(lifecycle.WORDS[state]),
            ),
            remedy=possible_now(allowed),
            facts={"allowed": allowed, "state": state.value},
        )


def not_asked(present: Round, step: str | None) -> NotAllowed:
    """They are not among those who decide this step, or any that is open."""
    open_rows = [row for row in present.rows() if row.state in ("open", "paused")]
    steps = tuple(say("“{step}”", step=step_titles(row)) for row in open_rows)
    if step is not None and step not in {row.key for row in open_rows}:
        return NotAllowed(
            say("This step is not open."),
            remedy=say("Open now: {steps}.", steps=Names(steps)) if steps else say("No step is open now."),
            code="not_asked",
        )
    return NotAllowed(
        say("You are not asked in {steps}.", steps=Names(steps))
        if steps
        else say("You are not asked in any open step."),
        remedy=say("Whoever holds the request is named on it."),
        code="not_asked",
    )


def require_free(present: Round, task: Task, actor: Actor) -> None:
    """Raises Conflict where somebody else has taken the task."""
    if task.taken_by is not None and task.taken_by != actor.user_id:
        name = present.directory.name(task.taken_by)
        raise Conflict(
            say("{name} has taken this task.", name=name),
            remedy=say("{name} can give it back to the queue.", name=name),
            code="taken",
            facts={"allowed": _allowed(present.request), "taken_by": name},
        )


def _allowed(request: Request) -> list[str]:
    return lifecycle.possible(
        State(request.state), lifecycle.REQUESTERS | lifecycle.APPROVERS | lifecycle.COMPANY
    )
