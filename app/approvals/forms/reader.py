"""From a form's document to the form, or all of its faults at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from app.approvals.forms.document import (
    EVERYWHERE,
    PARTS,
    FieldDocument,
    FormDocument,
    RuleDocument,
    SectionDocument,
)
from app.approvals.forms.form import OTHERS, SETTLING, Form, Rule
from app.approvals.forms.lint import bounds_of, shape_of, texts_of
from app.approvals.forms.settle import Record, settle
from app.kernel.conditions import Condition, compile_condition, fields_of
from app.kernel.errors import BadInput

MOST_FIELDS = 200
#: Who may meet a form first: `max_required` is counted for each of them before anything is filled in.
READERS: tuple[Mapping[str, Any], ...] = (
    {"user": {"scope": "staff", "kind": "rep", "roles": ["rep"]}},
    {"user": {"scope": "partner", "kind": "reseller"}, "partner": {"kind": "reseller"}},
    {"user": {"scope": "partner", "kind": "distributor"}, "partner": {"kind": "distributor"}},
    {"user": {"scope": "partner", "kind": "prospect"}, "partner": {"kind": "prospect"}},
)


def read_form(document: Any, where: str = "form") -> Form:
    """The form of a document. Raises BadInput (`bad_form`) with each fault's path and sentence."""
    try:
        model = FormDocument.model_validate(document)
    except ValidationError as error:
        raise _faults(where, dict(shape_of(error, where))) from None
    builder = _Builder(where)
    form = builder.build(model)
    if not builder.faults:
        builder.count_required(form)
    if builder.faults:
        raise _faults(where, builder.faults)
    return form


def _faults(where: str, faults: Mapping[str, str]) -> BadInput:
    count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
    return BadInput(
        f"The form has {count}.",
        fields=faults,
        where=where,
        remedy="Correct what is listed and try again: "
        + " ".join(f"{path}: {words}" for path, words in faults.items()),
        code="bad_form",
    )


class _Builder:
    """Compiles a document, and notes every fault with its path."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.faults: dict[str, str] = {}

    def build(self, model: FormDocument) -> Form:
        placed = [
            (f"{self.where}.sections[{one}].fields[{two}]", part)
            for one, section in enumerate(model.sections)
            for two, part in enumerate(section.fields)
        ]
        if len(placed) > MOST_FIELDS:
            self.fault(f"{self.where}.sections", f"A form has at most {MOST_FIELDS} fields; split it.")
        keys = [section.key for section in model.sections]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                self.fault(
                    f"{self.where}.sections[{index}].key", f"The section {key} is there twice; rename it."
                )
        fields = self.fields(placed)
        lines = {
            part.key: self.columns(path, part, fields)
            for path, part in placed
            if part.type == "lines" and part.fields
        }
        rules = [
            *self.own_rules(placed, fields, {}),
            *self.written_rules(f"{self.where}.rules", model.rules, fields, {}),
            *self.section_rules(model, fields),
        ]
        for path, words in texts_of(model, self.where):
            self.fault(path, words)
        order = self.ordered(fields, rules, lines)
        return Form(model, fields, tuple(rules), order, lines)

    def fault(self, path: str, words: str) -> None:
        self.faults.setdefault(path, words)

    def fields(
        self, placed: Sequence[tuple[str, FieldDocument]], *, columns: bool = False
    ) -> dict[str, FieldDocument]:
        found: dict[str, FieldDocument] = {}
        for path, part in placed:
            if part.key in found:
                self.fault(f"{path}.key", f"The field {part.key} is there twice; rename one.")
            if part.key in OTHERS or part.key == "today":
                self.fault(f"{path}.key", f"{part.key} means something else in conditions; rename the field.")
            found[part.key] = part
            for name in sorted(part.model_fields_set - EVERYWHERE - PARTS[part.type]):
                self.fault(f"{path}.{name}", f"A field of type {part.type} has no {name}; leave it out.")
            if columns and part.type in ("lines", "file"):
                self.fault(f"{path}.type", f"A line has no {part.type}; move the field out of the lines.")
        for path, part in placed:
            for name, words in bounds_of(part, found):
                self.fault(f"{path}.{name}", words)
        return found

    def columns(self, path: str, part: FieldDocument, outer: Mapping[str, FieldDocument]) -> Form:
        assert part.fields is not None
        placed = [(f"{path}.fields[{index}]", column) for index, column in enumerate(part.fields)]
        fields = self.fields(placed, columns=True)
        rules = [
            *self.own_rules(placed, fields, outer),
            *self.written_rules(f"{path}.rules", part.rules, fields, outer),
        ]
        section = SectionDocument.model_construct(key=part.key, title=part.label, fields=part.fields)
        return Form(
            FormDocument.model_construct(languages=["en"], max_required=None, sections=[section], rules=[]),
            fields,
            tuple(rules),
            self.ordered(fields, rules),
        )

    def own_rules(
        self,
        placed: Iterable[tuple[str, FieldDocument]],
        fields: Mapping[str, FieldDocument],
        outer: Mapping[str, FieldDocument],
    ) -> Iterator[Rule]:
        """What `visible`, `required` and `read_only` of the fields say, as rules."""
        for path, part in placed:
            for name, off, on in (
                ("visible", "hide", "show"), ("required", "optional", "require"),
                ("read_only", "unlock", "lock"),
            ):  # fmt: skip
                switch = getattr(part, name)
                if isinstance(switch, bool):
                    yield Rule(None, frozenset(), {on if switch else off: {part.key: True}})
                    continue
                yield Rule(None, frozenset(), {off: {part.key: True}})
                yield self.rule(f"{path}.{name}", switch, {on: {part.key: True}}, fields, outer)

    def written_rules(
        self,
        where: str,
        rules: Sequence[RuleDocument],
        fields: Mapping[str, FieldDocument],
        outer: Mapping[str, FieldDocument],
    ) -> Iterator[Rule]:
        for index, rule in enumerate(rules):
            path = f"{where}[{index}]"
            effects: dict[str, dict[str, Any]] = {}
            for name in ("show", "hide", "require", "optional", "lock", "unlock"):
                effects[name] = dict.fromkeys(getattr(rule, name), True)
            effects |= {"default": rule.default, "options": rule.options, "help": rule.help}
            effects["limit"] = dict(rule.limit)
            effects = {name: about for name, about in effects.items() if about}
            if not effects:
                self.fault(path, "The rule does nothing; say what it shows, requires, limits and so on.")
            for name, about in effects.items():
                for key, what in about.items():
                    self.effect(f"{path}.{name}", name, key, what, fields)
            yield self.rule(f"{path}.when", rule.when, effects, fields, outer)

    def effect(self, path: str, name: str, key: str, what: Any, fields: Mapping[str, FieldDocument]) -> None:
        part = fields.get(key)
        if part is None:
            self.fault(f"{path}.{key}", f"The form has no field {key}; correct the name.")
        elif name == "options":
            known = {one if isinstance(one, str) else one.value for one in part.options or ()}
            for option in what:
                if option not in known:
                    self.fault(f"{path}.{key}", f"{key} has no option {option}; add it to the field first.")
        elif name == "limit":
            for limit in sorted(what.model_fields_set - PARTS[part.type]):
                self.fault(f"{path}.{key}.{limit}", f"A field of type {part.type} has no {limit}.")
            for limit, words in bounds_of(part.model_copy(update=what.model_dump(exclude_none=True)), fields):
                self.fault(f"{path}.{key}.{limit}", words)
        elif name == "default":
            for _, words in bounds_of(part.model_copy(update={"default": what}), fields, ("default",)):
                self.fault(f"{path}.{key}", words)

    def section_rules(self, model: FormDocument, fields: Mapping[str, FieldDocument]) -> Iterator[Rule]:
        for index, section in enumerate(model.sections):
            if section.when is not None:
                hidden = dict.fromkeys((part.key for part in section.fields), True)
                path = f"{self.where}.sections[{index}].when"
                compiled = self.rule(path, section.when, {"hide": hidden}, fields, {})
                inside = compiled.when
                if inside is not None:
                    yield Rule(_negated(inside), compiled.reads, compiled.effects)

    def rule(
        self,
        path: str,
        when: dict[str, Any] | None,
        effects: Mapping[str, Mapping[str, Any]],
        fields: Mapping[str, FieldDocument],
        outer: Mapping[str, FieldDocument],
    ) -> Rule:
        if when is None:
            return Rule(None, frozenset(), effects)
        try:
            compiled, reads = compile_condition(when, path), fields_of(when)
        except BadInput as error:
            self.fault(error.where, f"{error.what} {error.remedy}")
            return Rule(None, frozenset(), {})
        for name in sorted(reads):
            first = name.split(".")[0]
            if first not in OTHERS and first != "today" and first not in fields and first not in outer:
                self.fault(
                    path,
                    f"The condition asks for {name}, which the form does not have; correct the name, or "
                    f"write user.…, partner.… or workflow.….",
                )
        return Rule(compiled, reads, effects)

    def ordered(
        self,
        fields: Mapping[str, FieldDocument],
        rules: Sequence[Rule],
        lines: Mapping[str, Form] | None = None,
    ) -> tuple[str, ...]:
        """The fields, each after those on which it depends that it is there and what stands in it."""
        needs: dict[str, set[str]] = {key: set() for key in fields}
        for key, inner in (lines or {}).items():
            read = {name.split(".")[0] for rule in inner.rules for name in rule.reads}
            needs[key] |= (read - inner.fields.keys()) & fields.keys()
        for rule in rules:
            for effect, about in rule.effects.items():
                if effect in SETTLING:
                    for key in about:
                        if key in needs:
                            needs[key] |= {name.split(".")[0] for name in rule.reads} & fields.keys()
        order: list[str] = []
        while len(order) < len(fields):
            ready = [key for key in fields if key not in order and needs[key] <= set(order)]
            if not ready:
                circle = sorted(key for key in fields if key not in order)
                self.fault(
                    f"{self.where}.rules",
                    f"{', '.join(circle)} depend on each other in a circle; let one of them be there always.",
                )
                return tuple(fields)
            order += ready
        return tuple(order)

    def count_required(self, form: Form) -> None:
        """Whether anybody meets more required fields than `max_required` before filling anything in."""
        most = form.document.max_required
        for reader in READERS if most is not None else ():
            settled = settle(form, Record(facts=reader))
            required = [key for key, one in settled.items() if one.visible and one.required]
            if most is not None and len(required) > most:
                self.fault(
                    f"{self.where}.max_required",
                    f"{reader['user'].get('kind')} meets {len(required)} required fields where at most "
                    f"{most} may be ({', '.join(required)}); make some of them optional.",
                )


def _negated(condition: Condition) -> Condition:
    return lambda facts: not condition(facts)
