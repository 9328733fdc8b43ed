"""A fault of a workflow document: what is wrong, at which place, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from app.kernel.errors import BadInput


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, at which path of the document, and what to do."""

    path: str
    what: str
    remedy: str = ""

    def sentence(self) -> str:
        """`route[1].quorum: what remedy`."""
        return f"{self.path or 'document'}: {self.what} {self.remedy}".strip()


class WorkflowFaults(BadInput):
    """A document cannot be used; `faults` has every fault of it."""

    code = "workflow_faults"
    title = "The workflow has faults"

    def __init__(self, faults: Sequence[Fault], *, where: str = "") -> None:
        self.faults = tuple(sorted(set(faults)))
        count = len(self.faults)
        lines = "\n".join(fault.sentence() for fault in self.faults)
        super().__init__(
            f"{'One fault' if count == 1 else f'{count} faults'} in the workflow:\n{lines}",
            where=where,
            fields={
                fault.path or "document": f"{fault.what} {fault.remedy}".strip() for fault in self.faults
            },
        )


_SENTENCES = {
    "missing": ("This is missing.", "Add it."),
    "extra_forbidden": ("There is no such key here.", "Correct its spelling, or leave it out."),
    "string_type": ("This is not text.", "Write text, in quotes if it looks like something else."),
    "string_pattern_mismatch": ("This name has signs that it cannot have.", "It must fit {pattern}."),
    "literal_error": ("This value is not possible.", "Write {expected}."),
    "too_short": ("This is empty.", "Write at least {min_length}."),
    "too_long": ("There is too much.", "Write at most {max_length}."),
    "dict_type": ("This is no mapping.", "Write keys and values."),
    "list_type": ("This is no list.", "Begin each entry with a dash."),
    "int_type": ("This is not a whole number.", "Write a whole number."),
    "bool_type": ("This is neither true nor false.", "Write true or false."),
    "greater_than_equal": ("The number is too small.", "Write {ge} or more."),
    "less_than_equal": ("The number is too large.", "Write {le} or less."),
}


def of_shape(error: ValidationError) -> list[Fault]:
    """What does not fit the shape of a document."""
    faults = []
    for one in error.errors(include_url=False):
        path = _path(one["loc"])
        context = one.get("ctx") or {}
        if one["type"] == "value_error":
            faults.append(Fault(path, str(context.get("error", "")), ""))
            continue
        what, remedy = _SENTENCES.get(one["type"], ("This is not possible here.", "Look at the manual."))
        try:
            faults.append(Fault(path, what, remedy.format(**context)))
        except (KeyError, IndexError):
            faults.append(Fault(path, what, ""))
    return faults


_VARIANTS = ("Step", "Parallel", "Escalation", "literal['all']")


def _path(places: Sequence[str | int]) -> str:
    path = ""
    for place in places:
        if isinstance(place, int):
            path += f"[{place}]"
        elif place in _VARIANTS or place.startswith(("constrained-", "list[", "function-")):
            continue
        else:
            path += f".{place}" if path else place
    return path
