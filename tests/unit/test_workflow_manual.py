"""What the manual of workflows shows can be published as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from app.approvals.document.reading import read
from app.approvals.document.shape import Approver, Parallel, Step, Workflow

MANUAL = (Path(__file__).resolve().parents[2] / "app" / "approvals" / "README.md").read_text()


def test_the_example_of_the_manual_is_without_fault() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    workflow = read(example).workflow
    assert [step.key for _, step in workflow.steps()] == ["manager", "legal", "finance", "product"]


def test_the_manual_names_every_key_that_a_document_may_have() -> None:
    for part in (Workflow, Step, Parallel, Approver):
        for name, field in part.model_fields.items():
            assert re.search(rf"\b{field.alias or name}\b", MANUAL), name
