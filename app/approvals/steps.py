"""One round of one request on its route: opens steps, asks people, counts what they said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import cast
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.approvals import people, route
from app.approvals.calculation import later
from app.approvals.document.shape import LAST_RESORT, Workflow
from app.approvals.models import Decision, Request, RequestStep, Task
from app.approvals.people import Directory
from app.approvals.route import Asked, Leaf, Progress, Voice, Vote
from app.approvals.timeline import note, tell
from app.kernel.actor import SYSTEM
from app.words import Names, Titles, say

#: A task without a deadline stands behind those that have one.
_NO_DEADLINE = timedelta(days=3650)


@dataclass
class Round:
    """The present round of a request; `now` is when this happens. In the system's name."""

    session: Session
    request: Request
    workflow: Workflow
    now: datetime
    zone: tzinfo

    def __post_init__(self) -> None:
        self.directory = Directory(self.session, self.now)
        self.leaves: dict[str, Leaf] = {
            leaf.key: leaf for leaf in route.leaves(self.workflow, self.request.facts)
        }

    # -- what there is -----------------------------------------------------------------------------------

    def rows(self) -> list[RequestStep]:
        """The steps of this round, in their order."""
        query = select(RequestStep).where(
            RequestStep.request_id == self.request.id, RequestStep.round == self.request.round
        )
        return list(self.session.scalars(query.order_by(RequestStep.position)))

    def tasks(self, step: str | None = None) -> list[Task]:
        """The tasks of this round, or of one step of it."""
        query = select(Task).where(Task.request_id == self.request.id, Task.round == self.request.round)
        if step is not None:
            query = query.where(Task.step_key == step)
        return list(self.session.scalars(query.order_by(Task.since, Task.assignee)))

    def decisions(self) -> list[Decision]:
        """What was said in this round, in its order."""
        query = select(Decision).where(
            Decision.request_id == self.request.id, Decision.round == self.request.round
        )
        return list(self.session.scalars(query.order_by(Decision.id)))

    # -- going on ----------------------------------------------------------------------------------------

    def begin(self) -> Progress:
        """Lay the steps out and open the first of them."""
        for leaf in self.leaves.values():
            self.session.add(
                RequestStep(
                    request_id=self.request.id,
                    round=self.request.round,
                    key=leaf.key,
                    position=leaf.position,
                    stage=leaf.stage,
                    title=leaf.step.title or {"en": " or ".join(one.words() for one in leaf.step.approvers)},
                    state="waiting",
                    needed=str(leaf.step.quorum),
                    door=leaf.step.in_ or "tandem",
                )
            )
        self.session.flush()
        return self.go_on()

    def go_on(self) -> Progress:
        """Work out where the request stands, close what is done and open what comes next."""
        tasks = self.tasks()
        by_id = {task.id: task for task in tasks}
        asked: dict[str, list[Asked]] = {}
        for task in tasks:
            if task.voice != "replaced":
                asked.setdefault(task.step_key, []).append(_asked(task))
        votes = [
            Vote(
                one.step_key,
                one.actor_id,
                one.decision == "approve",
                Asked(by_id[one.task_id].assignee, cast(Voice, one.voice)),
            )
            for one in self.decisions()
            if one.task_id is not None and one.actor_id is not None
        ]
        found = route.progress(self.workflow, self.request.facts, votes, asked)
        for row in self.rows():
            state = found.states[row.key]
            if state == "open" and row.state == "waiting":
                self._open(row)
            elif state == "open" and row.state == "open":
                self.find_somebody(row)
            elif state not in ("open", row.state):
                self._close(row, state)
        return found

    def end(self) -> None:
        """Close everything that is still open: nobody decides this round any more."""
        for row in self.rows():
            if row.state in ("waiting", "open", "paused"):
                self._close(row, "closed")

    def pause(self) -> None:
        """Nobody is asked until an answer comes; the steps that are done stay done."""
        self._switch("open", "paused")

    def resume(self, waited: timedelta) -> None:
        """Ask again those who were asked. Deadlines move by the time that was waited."""
        for row in self.rows():
            if row.state == "paused":
                row.due_at, row.remind_at, row.escalate_at = (
                    moment + waited if moment else None
                    for moment in (row.due_at, row.remind_at, row.escalate_at)
                )
                for task in self.tasks(row.key):
                    if task.state == "paused":
                        task.due_at = row.due_at  # its place, rank_at, stays
        self.session.flush()
        self._switch("paused", "open")
        for row in self.rows():
            if row.state == "open":
                self.find_somebody(row)

    def escalate(self, row: RequestStep) -> Sequence[people.Someone]:
        """Ask the next level as well; who that is. The deadline that passed is the step's own."""
        step = self.leaves[row.key].step
        level = step.levels[row.escalations]
        row.escalations += 1
        following = step.levels[row.escalations] if row.escalations < len(step.levels) else None
        assert row.escalate_at is not None
        if following is None:
            row.escalate_at = None
        else:
            pause = following.after or step.deadline
            assert pause is not None
            row.escalate_at = later(max(row.escalate_at, self.now), pause, self.zone)
        assignee = people.resolve(self.session, self.request, level.to)
        somebody = self.who(row, assignee) if assignee else []
        if not somebody:
            assignee, somebody = self._last_resort(row, ())
        self._ask(row, str(assignee), "above")
        return somebody

    # -- steps -------------------------------------------------------------------------------------------

    def _open(self, row: RequestStep) -> None:
        step = self.leaves[row.key].step
        row.state, row.opened_at = "open", self.now
        if step.deadline is not None:
            row.due_at = later(self.now, step.deadline, self.zone)
            row.remind_at = later(self.now, step.remind, self.zone) if step.remind else None
            first = step.levels[0].after if step.levels else None
            row.escalate_at = later(row.due_at, first, self.zone) if first else row.due_at
        self.session.flush()
        if row.door == "tandem":
            self.ask_approvers(row)

    def ask_approvers(self, row: RequestStep) -> None:
        """Ask those whom the route names; nobody here where the org's own approval process decides."""
        for approver in self.leaves[row.key].step.approvers:
            assignee = people.resolve(self.session, self.request, approver)
            if assignee is not None and self.directory.holders(assignee):
                self._ask(row, assignee, "own")
            else:
                self._instead_of(row, approver.words())
        self.find_somebody(row)

    def _close(self, row: RequestStep, state: str) -> None:
        row.state, row.closed_at = state, self.now
        row.remind_at = row.escalate_at = None
        for task in self.tasks(row.key):
            task.state = "closed"
        self.session.flush()

    def _switch(self, before: str, after: str) -> None:
        for table in (RequestStep, Task):
            self.session.execute(
                update(table)
                .where(
                    table.request_id == self.request.id,
                    table.round == self.request.round,
                    table.state == before,
                )
                .values(state=after)
            )
        self.session.expire_all()

    # -- people ------------------------------------------------------------------------------------------

    def who(self, row: RequestStep, assignee: str) -> list[people.Someone]:
        """Who can still decide this step for that assignee."""
        said = {one.actor_id for one in self.decisions() if one.step_key == row.key}
        asked = self.directory.asked(assignee, self.workflow.key, without=self.request.excluded)
        return [one for one in asked if one.id not in said]

    def find_somebody(self, row: RequestStep) -> None:
        """Make sure that enough people can decide an open step; else ask others, and say so."""
        if row.door != "tandem":
            return
        answered = {one.task_id for one in self.decisions() if one.step_key == row.key}
        tasks = [one for one in self.tasks(row.key) if one.state == "open" and one.voice != "replaced"]
        if row.needed == "all":
            for task in tasks:
                if task.id in answered or self.who(row, task.assignee):
                    continue
                if self._instead_of(row, _words(task.assignee)):
                    task.voice, task.state = "replaced", "closed"
            self.session.flush()
            return
        said = sum(1 for one in self.decisions() if one.step_key == row.key)
        found: set[UUID] = set()
        for task in tasks:
            found |= {one.id for one in self.who(row, task.assignee)}
        if len(found) < int(row.needed) - said:
            self._instead_of(row, say("those asked"), found)

    def _instead_of(self, row: RequestStep, whom: str, known: Iterable[UUID] = ()) -> bool:
        """Ask those of the last resort, and say so; whether there is somebody."""
        chosen, somebody = self._last_resort(row, known)
        if somebody:
            self._ask(row, chosen, "instead")
            sentence = say(
                "Of {whom} nobody is left who may decide; {names} is asked instead.",
                whom=whom,
                names=people.named(somebody),
            )
        else:
            if not any(task.state == "open" for task in self.tasks(row.key)):
                self._ask(row, chosen, "instead")
            sentence = say(
                "Of {whom} nobody is left who may decide, and nobody else either. Grant the role "
                "{roles} to somebody.",
                whom=whom,
                roles=Names(tuple(f'"{role}"' for role in (LAST_RESORT[0], LAST_RESORT[-1])), "or"),
            )
        if somebody or not _noted(self.session, self.request, row.key, sentence):
            note(
                self.session, self.request, SYSTEM, "instead", sentence,
                step=row.key, visible="company", at=self.now,
            )  # fmt: skip
        return bool(somebody)

    def _last_resort(self, row: RequestStep, known: Iterable[UUID]) -> tuple[str, list[people.Someone]]:
        taken = {task.assignee for task in self.tasks(row.key) if task.voice != "replaced"}
        counted = set(known)
        for role in LAST_RESORT:
            assignee = f"role:{role}"
            somebody = [one for one in self.who(row, assignee) if one.id not in counted]
            if assignee not in taken and somebody:
                return assignee, somebody
        return f"role:{LAST_RESORT[-1]}", []

    def _ask(self, row: RequestStep, assignee: str, voice: Voice) -> None:
        existing = next((one for one in self.tasks(row.key) if one.assignee == assignee), None)
        if existing is not None:
            if voice == "above":
                existing.voice = voice
            self.session.flush()
        else:
            self.session.add(
                Task(
                    request_id=self.request.id,
                    round=self.request.round,
                    step_key=row.key,
                    workflow_key=self.workflow.key,
                    assignee=assignee,
                    voice=voice,
                    requester_id=self.request.requester_id,
                    editor_id=self.request.last_editor_id,
                    needed=2 if row.needed == "all" else int(row.needed),
                    since=row.opened_at or self.now,
                    due_at=row.due_at,
                    rank_at=row.due_at or (row.opened_at or self.now) + _NO_DEADLINE,
                )
            )
            self.session.flush()
        tell(
            self.session,
            self.request,
            [one.id for one in self.who(row, assignee)],
            "task",
            say(
                "{number} waits for your decision: {title}.",
                number=self.request.number,
                title=self.request.title,
            ),
            occasion=f"{row.key}/{voice}",
            at=self.now,
        )


def step_titles(row: RequestStep) -> Titles:
    """The step's title in all its languages."""
    return Titles(row.title if row.title.get("en") else {**row.title, "en": row.key})


def step_title(row: RequestStep, language: str = "en") -> str:
    """The step's title in that language, else in English, else its key."""
    return row.title.get(language[:2]) or row.title.get("en") or row.key


def _asked(task: Task) -> Asked:
    return Asked(task.assignee, cast(Voice, task.voice))


def _noted(session: Session, request: Request, step: str, sentence: str) -> bool:
    query = text(
        "SELECT EXISTS (SELECT FROM approval_event WHERE request_id = :id AND round = :round "
        "AND step_key = :step AND sentence = :sentence)"
    )
    known = {"id": request.id, "round": request.round, "step": step, "sentence": sentence}
    return bool(session.execute(query, known).scalar_one())


def _words(assignee: str) -> str:
    kind, _, name = assignee.partition(":")
    name = name.replace("_", " ")
    if kind == "user":
        return say("the person asked")
    return say("queue {name}", name=name) if kind == "queue" else say("role {name}", name=name)
