"""Where a request stands on its route, from the facts of its submission and what was said so far. Pure.

The whole route is worked out anew each time: the same facts and votes give the same answer, in whatever
order they came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from uuid import UUID

from app.approvals.document.shape import UNROUTED_STEP, Parallel, Quorum, Step, Workflow
from app.kernel.conditions import compile_condition

StepState = Literal["waiting", "open", "approved", "rejected", "skipped", "not_needed"]
#: own: as the route says; instead: because nobody else was left; above: because the deadline passed.
Voice = Literal["own", "instead", "above"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A step of the route. stage: the place of the stage; position: its own among all steps."""

    step: Step
    stage: int
    position: int

    @property
    def key(self) -> str:
        return self.step.key


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked in a step: `role:finance`, `user:…`."""

    assignee: str
    voice: Voice = "own"


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said in a step, in the place of one of those asked."""

    step: str
    person: UUID | str
    approves: bool
    asked: Asked


@dataclass(frozen=True, slots=True)
class Progress:
    """Where it stands. outcome: open, approved or rejected. states: of each step, by its key."""

    outcome: Literal["open", "approved", "rejected"]
    states: Mapping[str, StepState]

    @property
    def open(self) -> list[str]:
        """The keys of the steps that wait for somebody."""
        return [key for key, state in self.states.items() if state == "open"]


def leaves(workflow: Workflow, facts: Mapping[str, Any]) -> list[Leaf]:
    """The steps of the route in their order; where no condition holds, the one that stands in."""
    found = list(_leaves(workflow))
    if not any(_applies(workflow, leaf, facts) for leaf in found):
        found.append(Leaf(UNROUTED_STEP, len(workflow.route), len(found)))
    return found


def progress(
    workflow: Workflow,
    facts: Mapping[str, Any],
    votes: Sequence[Vote] = (),
    asked: Mapping[str, Sequence[Asked]] | None = None,
) -> Progress:
    """Which steps are done, open or waiting, and whether the request is decided.

    asked: who was asked in each step that has begun; a quorum of `all` waits for every one of them.
    """
    states: dict[str, StepState] = {}
    by_step: dict[str, list[Vote]] = {}
    for vote in votes:
        by_step.setdefault(vote.step, []).append(vote)
    outcome: Literal["open", "approved", "rejected"] = "approved"
    for stage_leaves in _stages(leaves(workflow, facts)):
        needed = _needed(workflow, stage_leaves[0])
        applying = []
        for leaf in stage_leaves:
            if leaf.step is UNROUTED_STEP or _applies(workflow, leaf, facts):
                applying.append(leaf)
            else:
                states[leaf.key] = "skipped"
        if not applying:
            continue
        if outcome != "approved":
            states |= {leaf.key: "waiting" if outcome == "open" else "not_needed" for leaf in applying}
            continue
        said = {
            leaf.key: _said(leaf.step.quorum, by_step.get(leaf.key, []), (asked or {}).get(leaf.key))
            for leaf in applying
        }
        outcome = _stage_outcome(said, len(applying) if needed == "all" else min(needed, len(applying)))
        if outcome != "open":
            said = {key: "not_needed" if state == "open" else state for key, state in said.items()}
        states |= said
    return Progress(outcome, states)


def _leaves(workflow: Workflow) -> Iterator[Leaf]:
    position = 0
    for index, stage in enumerate(workflow.route):
        for step in stage.parallel if isinstance(stage, Parallel) else [stage]:
            yield Leaf(step, index, position)
            position += 1


def _stages(found: Sequence[Leaf]) -> Iterator[list[Leaf]]:
    for number in sorted({leaf.stage for leaf in found}):
        yield [leaf for leaf in found if leaf.stage == number]


def _needed(workflow: Workflow, leaf: Leaf) -> Quorum:
    stage = workflow.route[leaf.stage] if leaf.stage < len(workflow.route) else None
    return stage.quorum if isinstance(stage, Parallel) else "all"


def _applies(workflow: Workflow, leaf: Leaf, facts: Mapping[str, Any]) -> bool:
    stage = workflow.route[leaf.stage]
    conditions = [leaf.step.when] + ([stage.when] if isinstance(stage, Parallel) else [])
    return all(_holds(condition, facts) for condition in conditions if condition is not None)


def holds(condition: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> bool:
    """Whether a condition of the document holds; one that is missing does not."""
    return condition is not None and _holds(condition, facts)


def _holds(condition: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    return _compiled(_frozen(condition))(facts)


@cache
def _compiled(frozen: str) -> Callable[[Mapping[str, Any]], bool]:
    return compile_condition(json.loads(frozen))


def _frozen(condition: Mapping[str, Any]) -> str:
    return json.dumps(condition)


def _said(quorum: Quorum, votes: Sequence[Vote], asked: Sequence[Asked] | None) -> StepState:
    if any(not vote.approves for vote in votes):
        return "rejected"
    if any(vote.asked.voice == "above" for vote in votes):
        return "approved"
    if quorum == "all":
        wanted = {one.assignee for one in asked or () if one.voice != "above"}
        answered = {vote.asked.assignee for vote in votes}
        return "approved" if wanted and wanted <= answered else "open"
    return "approved" if len({vote.person for vote in votes}) >= quorum else "open"


def _stage_outcome(said: Mapping[str, StepState], needed: int) -> Literal["open", "approved", "rejected"]:
    approved = sum(state == "approved" for state in said.values())
    rejected = sum(state == "rejected" for state in said.values())
    if approved >= needed:
        return "approved"
    return "rejected" if rejected > len(said) - needed else "open"
