"""Faults of a form's document, each with its path and a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from app.approvals.forms import filetypes
from app.approvals.forms.document import SOURCES, FieldDocument, FormDocument, RuleDocument
from app.approvals.forms.kinds import Wrong, bound, fit, mask_pattern, offered, parse
from app.approvals.forms.places import countries, currencies

#: What pydantic puts into a path for the alternatives of a value.
_ALTERNATIVES = frozenset({"bool", "int", "str", "OptionDocument"})
_SENTENCES = {
    "missing": "This is missing; add it.",
    "extra_forbidden": "There is nothing of this name; correct the name or leave it out.",
    "too_short": "Write at least one entry.",
    "too_long": "There are more entries than allowed; leave some out.",
    "string_too_short": "Write at least one character.",
    "string_too_long": "This is too long; shorten it.",
    "bool_type": "Write true or false, or a condition.",
    "dict_type": "Write a mapping of names and values.",
    "list_type": "Write a list.",
    "model_type": "Write a mapping of names and values.",
    "string_type": "Write text.",
    "int_type": "Write a whole number.",
    "greater_than_equal": "This is too small; write a larger number.",
    "less_than_equal": "This is too large; write a smaller number.",
    "string_pattern_mismatch": "This has another form; look at the examples in the manual.",
}


def shape_of(error: ValidationError, where: str) -> Iterator[tuple[str, str]]:
    """pydantic's faults as paths and sentences."""
    for fault in error.errors(include_url=False):
        kind = fault["type"]
        if kind == "value_error":
            words = str(fault["ctx"]["error"])
        elif kind == "literal_error":
            words = f"Choose {fault['ctx']['expected']}."
        else:
            words = _SENTENCES.get(kind, "This value is not possible; look at the examples in the manual.")
        yield _path(where, fault["loc"]), words


def _path(where: str, steps: tuple[int | str, ...]) -> str:
    for step in steps:
        if isinstance(step, int):
            where += f"[{step}]"
        elif step not in _ALTERNATIVES and "[" not in step:
            where += f".{step}"
    return where


def texts_of(model: FormDocument, where: str) -> Iterator[tuple[str, str]]:
    """Texts that are missing in one of the form's languages."""

    def walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, list):
            for index, one in enumerate(value):
                yield from walk(one, f"{path}[{index}]")
        elif hasattr(value, "model_fields_set"):
            for name in type(value).model_fields:
                inner = getattr(value, name)
                if name in ("label", "title", "help", "placeholder", "unit"):
                    texts = inner.items() if isinstance(value, RuleDocument) else [("", inner)]
                    for key, words in texts:
                        place = f"{path}.{name}.{key}".rstrip(".")
                        yield from _incomplete(words, model.languages, place)
                else:
                    yield from walk(inner, f"{path}.{name}")

    yield from walk(model, where)


def _incomplete(words: Any, languages: list[Any], path: str) -> Iterator[tuple[str, str]]:
    if isinstance(words, dict) and (missing := [one for one in languages if one not in words]):
        yield path, f"The text is missing in {', '.join(missing)}; add it."


def bounds_of(
    part: FieldDocument, fields: Mapping[str, FieldDocument], only: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """What a field lacks or cannot have, as the name of its part and a sentence."""
    for name, words in _all_of(part, fields):
        if not only or name in only:
            yield name, words


def _all_of(part: FieldDocument, fields: Mapping[str, FieldDocument]) -> Iterator[tuple[str, str]]:
    needs = {"choice": "options", "multi_choice": "options", "lines": "fields", "reference": "reference"}
    need = needs.get(part.type)
    if part.type == "multi_choice" and part.reference is not None:
        need = None
        if part.reference != "country" or part.options:
            yield "reference", "Several can be chosen of options, or of all countries; leave one out."
    if part.type == "reference" and part.reference == "country":
        yield "type", "One country is a field of type country; correct it."
    if need and not getattr(part, need):
        yield need, f"A field of type {part.type} needs {need}; add it."
    yield from _options(part)
    if part.type == "money":
        yield from _currency(part, fields)
    if part.prefill is not None and part.prefill not in SOURCES:
        yield "prefill", f"There is no source {part.prefill}; choose one of {', '.join(SOURCES)}."
    if part.mask is not None:
        try:
            mask_pattern(part.mask)
        except ValueError as error:
            yield "mask", str(error)
    for extension in part.accept or ():
        if extension not in filetypes.EXTENSIONS:
            known = ", ".join(sorted(filetypes.EXTENSIONS))
            yield "accept", f"Files of type {extension} cannot be checked; choose from {known}."
    limits = list(_limits(part))
    yield from limits
    if part.default is not None and not limits:
        yield from _default(part)


def _options(part: FieldDocument) -> Iterator[tuple[str, str]]:
    values = offered(part)
    if len(set(values)) != len(values):
        yield "options", "An option is there twice; leave one out."
    known = {"country": countries, "currency": currencies}.get(part.type)
    if known is not None and (strange := [one for one in values if one not in known()]):
        yield "options", f"There is no {part.type} {', '.join(strange)}; correct it."


def _currency(part: FieldDocument, fields: Mapping[str, FieldDocument]) -> Iterator[tuple[str, str]]:
    if part.currency is not None:
        if part.currency not in currencies():
            yield "currency", f"There is no currency {part.currency}; correct it."
        if part.currency_field is not None:
            yield "currency_field", "Money has a currency or a field for it; leave one out."
        return
    beside = fields.get(part.currency_field or "currency")
    if beside is None or beside.type != "currency":
        yield (
            "currency_field",
            "Money needs a field of type currency beside it, or a fixed currency; add one.",
        )


def _limits(part: FieldDocument) -> Iterator[tuple[str, str]]:
    if part.type in ("integer", "decimal", "money", "date"):
        found: dict[str, Any] = {}
        for name in ("min", "max"):
            limit = getattr(part, name)
            try:
                found[name] = bound(part, limit)
            except ValueError as error:
                yield name, str(error)
        if found.get("min") is not None and found.get("max") is not None and found["min"] > found["max"]:
            yield "max", "It is less than min, so nothing fits; correct one of them."
        if isinstance(part.min, dict) and isinstance(part.max, dict) and len(found) == 2:
            for code in part.min.keys() & part.max.keys():
                if bound(part, part.min, currency=code) > bound(part, part.max, currency=code):
                    yield "max", f"For {code} it is less than min, so nothing fits; correct one of them."
    for low, high in (("min_length", "max_length"), ("min_count", "max_count")):
        least, most = getattr(part, low), getattr(part, high)
        if least is not None and most is not None and least > most:
            yield high, f"It is less than {low}, so nothing fits; correct one of them."


def _default(part: FieldDocument) -> Iterator[tuple[str, str]]:
    if part.type in ("lines", "file"):
        yield "default", f"A field of type {part.type} has no default; leave it out."
        return
    try:
        fit(part, parse(part, part.default))
    except Wrong:
        yield "default", "The field does not take its own default; correct it."
