"""What a workflow would do with sample values: which steps, which people, which deadlines. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.approvals import people, route, values
from app.approvals.calculation import later
from app.approvals.core import facts_of
from app.approvals.document.shape import LAST_RESORT, Workflow, in_language
from app.approvals.models import Request
from app.approvals.people import Directory, named
from app.kernel.actor import Actor
from app.words import say


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """A step as it would be. begins, due: if everybody before took all of their time."""

    key: str
    title: str
    asked: bool
    who: str
    names: tuple[str, ...]
    quorum: str
    begins: datetime | None
    due: datetime | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """by_limits: it would be approved by itself, and nobody would be asked."""

    may_start: bool
    by_limits: bool
    steps: tuple[RehearsedStep, ...]


def rehearse(
    session: Session,
    workflow: Workflow,
    requester: Actor,
    sample: Mapping[str, Any],
    *,
    partner_account_id: UUID | None,
    now: datetime,
    zone: tzinfo,
    language: str = "en",
) -> Rehearsal:
    """What would happen if this person handed these values in now. In the system's name."""
    assert requester.user_id is not None
    given = values.clean(sample)
    request = Request(
        id=uuid4(), number="", workflow_key=workflow.key, workflow_version=0, values=given, round=1,
        requester_id=requester.user_id, last_editor_id=requester.user_id,
        partner_account_id=partner_account_id or requester.partner_id,
    )  # fmt: skip
    facts = facts_of(session, request, requester)
    may = bool(people.starts_as(session, requester) & set(workflow.initiators))
    if route.holds(workflow.auto_approve, facts):
        return Rehearsal(may, True, ())
    directory = Directory(session, now)
    states = route.progress(workflow, facts).states
    steps = []
    begins, stage, end = now, -1, now
    for leaf in route.leaves(workflow, facts):
        if leaf.stage != stage:
            begins, stage = end, leaf.stage
        asked = states[leaf.key] != "skipped"
        due = later(begins, leaf.step.deadline, zone) if asked and leaf.step.deadline else None
        end = max(end, due or begins)
        names, remarks = _who(session, request, directory, leaf) if asked else ((), ())
        steps.append(
            RehearsedStep(
                key=leaf.key,
                title=in_language(leaf.step.title, language) or leaf.key,
                asked=asked,
                who=" or ".join(one.words() for one in leaf.step.approvers),
                names=tuple(names),
                quorum=str(leaf.step.quorum),
                begins=begins if asked else None,
                due=due,
                remarks=tuple(remarks),
            )
        )
    return Rehearsal(may, False, tuple(steps))


def _who(
    session: Session, request: Request, directory: Directory, leaf: route.Leaf
) -> tuple[list[str], list[str]]:
    names: list[str] = []
    remarks: list[str] = []
    for approver in leaf.step.approvers:
        assignee = people.resolve(session, request, approver)
        asked = directory.asked(assignee, request.workflow_key, without=request.excluded) if assignee else []
        names += [one.name for one in asked]
        if not asked:
            instead = [
                one
                for role in LAST_RESORT
                for one in directory.asked(f"role:{role}", request.workflow_key, without=request.excluded)
            ]
            remarks.append(
                say(
                    "Nobody can decide for {approver}; {names} would be asked.",
                    approver=approver.words(),
                    names=named(instead),
                )
                if instead
                else say(
                    "Nobody can decide for {approver}; and there is nobody else to ask.",
                    approver=approver.words(),
                )
            )
    people_count = len(set(names))
    if leaf.step.quorum != "all" and 0 < people_count < leaf.step.quorum:
        remarks.append(
            say(
                "{quorum} approvals are needed, and only {people_count} can give one.",
                quorum=leaf.step.quorum,
                people_count=people_count,
            )
        )
    return list(dict.fromkeys(names)), remarks
