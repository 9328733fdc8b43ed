"""Workflow documents: what they may say, and how a fault is told."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from app.approvals.document.faults import WorkflowFaults
from app.approvals.document.reading import hints, read
from app.approvals.document.text import write

GOOD = """
key: price_exception
title: {en: Price exception, de: Preisausnahme}
number: PX
initiators: [reseller]
auto_approve: {field: amount, op: at_most, value: {EUR: "1000.00"}}
route:
  - key: manager
    title: {en: Manager}
    approvers: [{partner_manager: true}, {manager_of: requester}]
    quorum: all
    deadline: {business_days: 2}
    remind: {hours: 24}
    escalate: {to: {role: channel_director}}
  - parallel:
      - {key: legal, approvers: [{queue: legal}]}
      - {key: finance, approvers: [{role: finance}], quorum: 2}
    quorum: 1
"""


def faults(change: Any) -> dict[str, str]:
    """What is wrong with the good document after a change to its content."""
    content = yaml.safe_load(GOOD)
    change(content)
    with pytest.raises(WorkflowFaults) as caught:
        read(write(content))
    return caught.value.fields


def test_a_document_says_who_starts_who_decides_and_until_when() -> None:
    workflow = read(GOOD).workflow
    assert (workflow.name("de_AT"), workflow.name("ja")) == ("Preisausnahme", "Price exception")
    assert [(path, step.key) for path, step in workflow.steps()] == [
        ("route[0]", "manager"), ("route[1].parallel[0]", "legal"), ("route[1].parallel[1]", "finance"),
    ]  # fmt: skip
    assert workflow.expire.days == 30
    assert hints(workflow) == [
        "route[1].parallel[0]: The step legal has no deadline, so nobody is reminded.",
        "route[1].parallel[1]: The step finance has no deadline, so nobody is reminded.",
    ]


def test_the_same_content_has_the_same_hash_however_it_is_spelled() -> None:
    assert read(GOOD).hash == read(write(yaml.safe_load(GOOD))).hash
    assert read(GOOD).hash != read(GOOD.replace("quorum: 1", "quorum: 2")).hash


def set_(path: str, value: Any) -> Any:
    def change(content: Any) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for part in way:
            content = content[part]
        content[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "place", "words"),
    [
        ("number", "px", "number", "It must fit ^[A-Z][A-Z0-9]{0,7}$."),
        ("initiators", [], "initiators", "This is empty. Write at least 1."),
        ("colour", "red", "colour", "There is no such key here. Correct its spelling, or leave it out."),
        ("title", {"de": "x"}, "title.en", "The English title is missing."),
        ("route.0.quorum", 3, "route[0].quorum", "So many people are not asked."),
        ("route.0.approvers", [], "route[0].approvers", "Write at least 1."),
        ("route.0.approvers.0", {}, "route[0].approvers[0]", "Write exactly one of role, user, queue"),
        ("route.0.deadline", {"hours": 1, "days": 1}, "route[0].deadline", "Write exactly one of hours"),
        ("route.0.deadline", {"hours": "2"}, "route[0].deadline.hours", "This is not a whole number."),
        ("route.0.remind", {"hours": 48}, "route[0].remind", "The reminder comes after the deadline."),
        ("route.0.key", "legal", "route[1].parallel[0].key", "Give each step its own."),
        ("route.0.key", "unrouted", "route[0].key", "This key is taken."),
        ("route.0.in", "sap", "route[0].in", "Write 'salesforce'."),
        ("route.0.when", {"field": "x", "op": "like"}, "route[0].when.op", "There is no such comparison."),
        ("route.1.quorum", 3, "route[1].quorum", "There are fewer steps than that."),
        ("auto_approve", {"all": []}, "auto_approve.all", "needs a list of conditions."),
        ("form", [], "form", "This is no mapping."),
    ],
)
def test_a_fault_has_its_place_and_a_remedy(path: str, value: Any, place: str, words: str) -> None:
    found = faults(set_(path, value))
    assert words in found[place], found


def test_an_escalation_needs_a_deadline() -> None:
    def change(content: Any) -> None:
        del content["route"][0]["deadline"], content["route"][0]["remind"]

    assert faults(change) == {"route[0].escalate": "Without a deadline nothing is escalated. Add a deadline."}


@pytest.mark.parametrize(
    ("source", "place", "words"),
    [
        ("key: [", "line 1", "It is not YAML"),
        ("key: x\nkey: y", "key", "This key stands here twice."),
        ("limit: 10.5", "limit", 'Write "10.5" in quotes.'),
        ("a: &x 1\nb: *x", "document", "It uses YAML aliases"),
        ("- a", "document", "It is no mapping."),
        ("a: !!python/object:os.system x", "a", "This value cannot be read."),
        ("x" * 300_001, "document", "It is longer than 300,000 characters."),
        ("a: " + "[" * 149_000 + "]" * 149_000, "document", "It is nested too deeply."),
        ("- " * 65 + "a", "document", "It is nested too deeply."),
        ("- " * 64 + "a", "document", "It is no mapping."),
        ("", "document", "It is no mapping."),
    ],
)
def test_text_that_is_no_document_is_refused_in_one_sentence(source: str, place: str, words: str) -> None:
    with pytest.raises(WorkflowFaults) as caught:
        read(source)
    assert words in caught.value.fields[place]


def test_data_that_is_nested_too_deeply_is_refused_as_text_is() -> None:
    content: dict[str, Any] = {"key": "x"}
    for _ in range(300):
        content = {"form": [content]}
    with pytest.raises(WorkflowFaults) as caught:
        write(content)
    assert caught.value.fields == {"document": "It is nested too deeply. Write it more plainly."}


def test_a_step_may_have_the_deepest_condition_that_there_is() -> None:
    condition: dict[str, Any] = {"field": "amount", "op": "at_most", "value": {"EUR": "1000.00"}}
    for _ in range(15):
        condition = {"all": [condition]}
    content = yaml.safe_load(GOOD)
    set_("route.1.parallel.0.when", condition)(content)
    assert next(step.when for _, step in read(write(content)).workflow.steps() if step.key == "legal")
    set_("route.1.parallel.0.when", {"all": [condition]})(content)
    with pytest.raises(WorkflowFaults) as caught:
        read(write(content))
    assert "document" not in caught.value.fields


def test_days_and_yes_and_no_stay_text() -> None:
    with pytest.raises(WorkflowFaults) as caught:
        read("key: no\ntitle: {en: 2027-03-14}")
    assert "key" not in caught.value.fields
    assert not any(place.startswith("title") for place in caught.value.fields)
