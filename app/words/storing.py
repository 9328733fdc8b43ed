"""Sentences as JSON: what a timeline keeps, so that each reader has them in the own language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from app.words.sentences import Inside, Money, Names, Sentence, Titles

Facts = dict[str, Any]


def to_facts(text: str, reason: str = "") -> Facts | None:
    """What a sentence is made of, as JSON can hold it; None for text that is no sentence.

    reason: the line's own reason, which is a sentence where the service gave it.
    """
    if not isinstance(text, Sentence):
        return None
    facts: Facts = {"say": text.message}
    if isinstance(reason, Sentence):
        facts["reason"] = to_facts(reason)
    if text.several:
        facts["several"] = text.several
    if text.values:
        facts["with"] = {name: _pack(value) for name, value in text.values.items()}
    return facts


def json_of(text: str, reason: str = "") -> str | None:
    """The same, written down."""
    facts = to_facts(text, reason)
    return None if facts is None else json.dumps(facts, ensure_ascii=False)


def from_facts(facts: Mapping[str, Any] | None, otherwise: str) -> str:
    """The sentence again; without facts, the text that was stored."""
    if not facts:
        return otherwise
    values = {name: _unpack(value) for name, value in facts.get("with", {}).items()}
    return Sentence(facts["say"], values, facts.get("several", ""))


def _pack(value: Any) -> Any:
    match value:
        case Sentence():
            return to_facts(value)
        case Inside():
            return {"inside": _pack(value.sentence)}
        case Names():
            return {"names": [_pack(one) for one in value.items], "how": value.how}
        case Titles():
            return {"titles": dict(value.texts)}
        case Money():
            return {"money": str(value.amount), "currency": value.currency}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Decimal():
            return {"number": str(value)}
        case bool() | int():
            return value
    return str(value)


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "say" in value:
        return from_facts(value, "")
    if "inside" in value:
        return Inside(_unpack(value["inside"]))
    if "names" in value:
        return Names(tuple(_unpack(one) for one in value["names"]), value["how"])
    if "titles" in value:
        return Titles(value["titles"])
    if "money" in value:
        return Money(Decimal(value["money"]), value["currency"])
    if "moment" in value:
        return datetime.fromisoformat(value["moment"])
    if "day" in value:
        return date.fromisoformat(value["day"])
    return Decimal(value["number"])


def line_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A line of a timeline, its `sentence` and `reason` as they were said, from its `words`."""
    facts = row["words"] or {}
    return {
        **row,
        "sentence": from_facts(facts, row["sentence"]),
        "reason": from_facts(facts.get("reason"), row["reason"]),
    }


def recognised(text: str, known: Iterable[Sentence]) -> str:
    """The sentence that a text is, by what the service itself may have written; else the text.

    For columns that hold a person's words or the service's, such as reasons. known: templates without values.
    """
    for one in known:
        if found := _pattern(one.message).fullmatch(text):
            return one.given(**found.groupdict())
    return text


@cache
def _pattern(message: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", message)
    return re.compile(
        "".join(f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL
    )
