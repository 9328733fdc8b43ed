"""A form ready for use: the document with its conditions compiled and its faults found.

What a field is like follows from, in this order, each winning over those before it: the field itself, its own
conditions (`visible`, `required`, `read_only`), the form's rules from first to last, its section's `when`.

Whether a field is there and what stands in it by itself can depend on other fields; those are settled first,
so they must not depend on it in turn. Whether it is required, its options, help and limits may depend on
anything, also on each other's fields both ways (give one of the two).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.approvals.forms.document import FieldDocument, FormDocument, SectionDocument
from app.kernel.conditions import Condition

#: Facts that are not the record's own values, and do not change with them.
OTHERS = frozenset({"user", "partner", "workflow"})
#: Effects on whether a field is there or what stands in it: they must not run in a circle.
SETTLING = frozenset({"show", "hide", "lock", "unlock", "default"})


@dataclass(frozen=True, slots=True)
class Rule:
    """When the condition holds: effect → field → what (`True` where the effect says it all)."""

    when: Condition | None
    reads: frozenset[str]
    effects: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Form:
    """A form without faults. order: the fields, each after those that it depends on."""

    document: FormDocument
    fields: Mapping[str, FieldDocument]
    rules: tuple[Rule, ...]
    order: tuple[str, ...]
    #: the columns of each field of lines, as a form of their own
    lines: Mapping[str, Form] = field(default_factory=dict)

    @cached_property
    def _about(self) -> Mapping[str, list[tuple[Rule, str, Any]]]:
        about: dict[str, list[tuple[Rule, str, Any]]] = {key: [] for key in self.fields}
        for rule in self.rules:
            for effect, fields in rule.effects.items():
                for key, what in fields.items():
                    about[key].append((rule, effect, what))
        return about

    def effects(
        self, key: str, facts: Mapping[str, Any], wanted: frozenset[str]
    ) -> Iterator[tuple[str, Any]]:
        """The wanted effects on a field that hold with these facts, in the order of the rules."""
        for rule, effect, what in self._about[key]:
            if effect in wanted and (rule.when is None or rule.when(facts)):
                yield effect, what

    def by_reader(self, key: str, *effects: str) -> bool:
        """Whether one of these effects on a field depends on who reads: what others put in then stays."""
        return any(
            name.split(".")[0] in OTHERS
            for rule, effect, _ in self._about[key]
            if effect in effects
            for name in rule.reads
        )

    @cached_property
    def drivers(self) -> frozenset[str]:
        """Fields whose value changes what other fields are like: a page asks anew when one changes."""
        rules = [*self.rules, *(rule for inner in self.lines.values() for rule in inner.rules)]
        return frozenset({name.split(".")[0] for rule in rules for name in rule.reads} & self.fields.keys())

    def sections(self) -> Iterator[tuple[SectionDocument, list[FieldDocument]]]:
        """Each section with its fields."""
        for section in self.document.sections:
            yield section, list(section.fields)
