"""What a workflow document means: conditions, quorums, deadlines, its form. Every fault with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.approvals.document.faults import Fault
from app.approvals.document.shape import MOST_STEPS, UNROUTED, ConditionPart, Parallel, Step, Workflow
from app.approvals.forms import read_form
from app.kernel.conditions import compile_condition, fields_of
from app.kernel.errors import BadInput


def faults_of(workflow: Workflow) -> list[Fault]:
    """Every fault of a document that fits its shape."""
    faults: list[Fault] = []
    sections = workflow.form.get("sections")
    known = {
        str(field.get("key"))
        for section in (sections if isinstance(sections, list) else ())
        for field in (section.get("fields") or () if isinstance(section, dict) else ())
        if isinstance(field, dict)
    }
    known |= {"user", "partner"} if known else set()

    def condition(path: str, part: ConditionPart | None) -> None:
        if part is None:
            return
        try:
            compile_condition(part, path)
        except BadInput as error:
            faults.append(Fault(error.where or path, error.what, error.remedy))
            return
        # A name that nothing has makes a comparison false, and a step would be passed over in silence.
        for name in sorted(fields_of(part)) if known else ():
            if name.split(".")[0] not in known:
                remedy = "Correct the name, or add the field to the form."
                faults.append(Fault(path, f"The condition asks for {name}, which the form has not.", remedy))

    if "en" not in workflow.title:
        faults.append(Fault("title.en", "The English title is missing.", "Add it: it stands in for others."))
    condition("auto_approve", workflow.auto_approve)
    seen: dict[str, str] = {}
    for path, step in workflow.steps():
        if step.key in seen:
            faults.append(
                Fault(f"{path}.key", f"{seen[step.key]} has this key too.", "Give each step its own.")
            )
        seen.setdefault(step.key, path)
        condition(f"{path}.when", step.when)
        faults += _times(path, step)
        if (
            isinstance(step.quorum, int)
            and step.quorum > len(step.approvers)
            and not any(one.role or one.queue for one in step.approvers)
        ):
            faults.append(
                Fault(
                    f"{path}.quorum", "So many people are not asked.", "Add approvers, or lower the quorum."
                )
            )
    for index, stage in enumerate(workflow.route):
        if isinstance(stage, Parallel):
            condition(f"route[{index}].when", stage.when)
            if isinstance(stage.quorum, int) and stage.quorum > len(stage.parallel):
                faults.append(
                    Fault(f"route[{index}].quorum", "There are fewer steps than that.", "Lower the quorum.")
                )
    if UNROUTED in seen:
        faults.append(Fault(f"{seen[UNROUTED]}.key", "This key is taken.", "Choose another one."))
    if len(seen) > MOST_STEPS:
        faults.append(Fault("route", f"There are more than {MOST_STEPS} steps.", "Split the workflow."))
    return [*faults, *_of_form(workflow.form)]


def _times(path: str, step: Step) -> list[Fault]:
    if step.deadline is None:
        return (
            [Fault(f"{path}.escalate", "Without a deadline nothing is escalated.", "Add a deadline.")]
            if step.escalate is not None
            else []
        )
    if step.remind is not None and step.remind.at_least_hours() >= step.deadline.at_least_hours():
        return [Fault(f"{path}.remind", "The reminder comes after the deadline.", "Make it shorter.")]
    return []


def _of_form(form: Mapping[str, Any]) -> list[Fault]:
    """Every fault of a workflow's form; none where it has no form."""
    if form:
        try:
            read_form(dict(form))
        except BadInput as error:
            return [Fault(path, words) for path, words in error.fields.items()]
    return []
