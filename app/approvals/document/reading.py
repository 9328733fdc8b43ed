"""From the text of a workflow document to the checked document, or every fault of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.approvals.document import meaning, text
from app.approvals.document.faults import WorkflowFaults, of_shape
from app.approvals.document.shape import Workflow


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document. source: as it was written; hash: of its content, whatever its spelling."""

    workflow: Workflow
    source: str
    content: dict[str, Any]
    hash: str


def read(source: str, *, where: str = "") -> Document:
    """The document in that YAML (or JSON) text. Raises WorkflowFaults."""
    content = text.content(source, where)
    try:
        workflow = Workflow.model_validate(content)
    except ValidationError as error:
        raise WorkflowFaults(of_shape(error), where=where) from None
    faults = meaning.faults_of(workflow)
    if faults:
        raise WorkflowFaults(faults, where=where)
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()
    return Document(workflow, source, content, digest)


def hints(workflow: Workflow) -> list[str]:
    """What is allowed and may surprise, one sentence each."""
    found = []
    if all(stage.when is not None for stage in workflow.route):
        found.append("Every step has a condition. Where none holds, a channel manager is asked.")
    for path, step in workflow.steps():
        if step.deadline is None:
            found.append(f"{path}: The step {step.key} has no deadline, so nobody is reminded.")
    return found
