"""What a level or a stage of onboarding asks for, and what of it is missing. Pure.

A requirement is data: {"kind": "certifications", "count": 2}, {"kind": "task", "key": "kick_off", "title":
"Kick-off call held"}. The kinds are those of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kernel.errors import BadInput
from app.words import Names, Sentence, counted, say

#: kind → the keys it needs beside it
KINDS: Mapping[str, tuple[str, ...]] = {
    "activation": ("value",),
    "agreement": (),
    "certification": ("key",),
    "certifications": ("count",),
    "open_deals": ("count",),
    "partner_days": ("count",),
    "people": ("count",),
    "task": ("key", "title"),
    "won_deals": ("count",),
}
_COUNTED = frozenset({"certifications", "open_deals", "partner_days", "people", "won_deals"})


@dataclass(frozen=True, slots=True)
class Metrics:
    """What is known of a partner.

    counts: by the kind of a counted requirement. stages: keys of the activations reached.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    certifications: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    agreement: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A requirement and how far it is. task: its key, where somebody ticks it off by hand."""

    sentence: str
    met: bool
    have: int
    need: int
    task: str = ""


def check(requirements: Sequence[Any], where: str = "requirements") -> list[dict[str, Any]]:
    """The requirements, checked. Raises BadInput with a sentence for each fault."""
    faults: dict[str, str] = {}
    checked: list[dict[str, Any]] = []
    for number, one in enumerate(requirements):
        place = f"{where}.{number}"
        kind = one.get("kind") if isinstance(one, Mapping) else None
        if not isinstance(kind, str) or kind not in KINDS:
            faults[place] = say("Give `kind` as one of {choices}.", choices=Names(tuple(KINDS), ","))
            continue
        needs = KINDS[kind]
        if set(one) != {"kind", *needs}:
            faults[place] = say(
                "A requirement `{kind}` has {keys}, and nothing else.",
                kind=kind,
                keys=Names(("kind", *needs)),
            )
        elif "count" in needs and not (type(one["count"]) is int and 0 < one["count"] < 100_000):
            faults[place] = say("Give `count` as a whole number above 0.")
        elif not all(_readable(one[key]) for key in needs if key != "count"):
            faults[place] = say("Fill in {keys}.", keys=Names(tuple(key for key in needs if key != "count")))
        else:
            checked.append(dict(one))
    if faults:
        raise BadInput(say("These requirements cannot be used."), fields=faults)
    return checked


def _readable(value: Any) -> bool:
    """Whether the value is a text that the database can hold and a person can read."""
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


def progress(
    requirements: Sequence[Mapping[str, Any]], metrics: Metrics, names: Mapping[str, str]
) -> list[Item]:
    """How far each requirement is. names: what keys of activations and certifications are called."""
    return [_item(one, metrics, names) for one in requirements]


def missing(items: Sequence[Item]) -> list[str]:
    """Sentences for what is not met yet."""
    return [one.sentence for one in items if not one.met]


def _counted(kind: str, need: int, have: int) -> Sentence:
    return {
        "certifications": counted(
            "{have} of 1 valid certification", "{have} of {count} valid certifications", count=need, have=have
        ),
        "open_deals": counted("{have} of 1 open deal", "{have} of {count} open deals", count=need, have=have),
        "partner_days": counted(
            "{have} of 1 day as a partner", "{have} of {count} days as a partner", count=need, have=have
        ),
        "people": counted(
            "{have} of 1 person with access", "{have} of {count} people with access", count=need, have=have
        ),
        "won_deals": counted("{have} of 1 deal won", "{have} of {count} deals won", count=need, have=have),
    }[kind]


def _item(one: Mapping[str, Any], metrics: Metrics, names: Mapping[str, str]) -> Item:
    kind = one["kind"]
    if kind in _COUNTED:
        need, have = int(one["count"]), metrics.counts.get(kind, 0)
        return Item(_counted(kind, need, have), have >= need, have, need)
    if kind == "task":
        return _yes(str(one["title"]), one["key"] in metrics.tasks, task=str(one["key"]))
    if kind == "agreement":
        return _yes(say("Agreement accepted"), metrics.agreement)
    key = str(one["value"] if kind == "activation" else one["key"])
    called = names.get(f"{kind}.{key}", key)
    if kind == "activation":
        return _yes(say("Onboarding: {called}", called=called), key in metrics.stages)
    return _yes(say("Certified: {called}", called=called), key in metrics.certifications)


def _yes(sentence: str, met: bool, *, task: str = "") -> Item:
    return Item(sentence, met, int(met), 1, task)
