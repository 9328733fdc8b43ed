"""A resolved form as JSON Schema (2020-12): what a program must send to be accepted in this state.

The schema says everything but the limits of numbers and days that are kept as text, which no keyword can
compare, and whether a reference points to something; `check` does.
"""

from __future__ import annotations

from typing import Any

from app.approvals.forms.kinds import DECIMAL, MAIL, MOST_FILES, MOST_ROWS, PHONE, URL, WHOLE
from app.approvals.forms.places import countries, currencies
from app.approvals.forms.resolve import ResolvedField, ResolvedForm

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: Halves of characters, which `check` refuses as well, cannot be named in every reader's expressions.
_SIGN = r"[^\x00-\x08\x0a-\x1f\x7f]"
_SIGN_OR_BREAK = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_EMPTY: dict[str, Any] = {"enum": [None, "", [], {}]}
#: The end of the text; `$` would let a line break follow.
_END = r"(?![\s\S])"
_TEXTUAL = frozenset({"text", "long_text", "email", "phone", "url", "reference"})


def schema_of(form: ResolvedForm) -> dict[str, Any]:
    """The schema of the values that this form takes now."""
    fields = [one for section in form.sections for one in section.fields]
    return {"$schema": DIALECT, **_object(fields)}


def _object(fields: list[ResolvedField]) -> dict[str, Any]:
    open_fields = [one for one in fields if one.visible and not one.read_only and one.type != "file"]
    return {
        "type": "object",
        "properties": {one.name: _property(one) for one in open_fields},
        # What stands in a field by itself may be left out.
        "required": [one.name for one in open_fields if one.required and one.default is None],
        "additionalProperties": False,
    }


def _property(one: ResolvedField) -> dict[str, Any]:
    about: dict[str, Any] = {"title": one.label}
    if one.help:
        about["description"] = one.help
    taken = _taken(one)
    if one.required:
        return about | taken
    blank = [_blank(one)] if one.type in _TEXTUAL else []
    return about | {"anyOf": [_EMPTY, *blank, taken]}


def _blank(one: ResolvedField) -> dict[str, Any]:
    return {"type": "string", "allOf": [{"pattern": rf"^\s*{_END}"}, {"pattern": _only(one)}]}


def _only(one: ResolvedField) -> str:
    sign = _SIGN_OR_BREAK if one.type == "long_text" else _SIGN
    return rf"^{sign}*{_END}"


def _taken(one: ResolvedField) -> dict[str, Any]:
    """The values that count as an answer."""
    kind = one.type
    if kind in _TEXTUAL:
        return _text(one)
    if kind == "integer":
        number: dict[str, Any] = {
            "type": "integer",
            "exclusiveMinimum": -(10**15),
            "exclusiveMaximum": 10**15,
        }
        if one.min is not None:
            number["minimum"] = _number(one.min)
        if one.max is not None:
            number["maximum"] = _number(one.max)
        return {"anyOf": [number, {"type": "string", "pattern": rf"^\s*{WHOLE}\s*{_END}"}]}
    if kind in ("decimal", "money"):
        most = 10 if one.decimals is None else one.decimals
        decimals = rf"(\.[0-9]{{0,{most}}}0*)?"  # DECIMAL asks for a digit after the point
        whole = {"type": "integer", "exclusiveMinimum": -(10**15), "exclusiveMaximum": 10**15}
        pattern = rf"^\s*(?={DECIMAL}\s*{_END})-?[0-9]{{1,15}}{decimals}\s*{_END}"
        return {"anyOf": [{"type": "string", "pattern": pattern}, whole]}
    if kind == "date":
        return {"type": "string", "format": "date", "pattern": "^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$"}
    if kind in ("country", "currency", "choice"):
        return {"enum": _codes(one)}
    if kind == "multi_choice":
        least = max(one.min_count or 0, 1)
        return _counted(one, least, {"items": {"enum": _codes(one)}, "uniqueItems": True})
    if kind == "lines":
        return _counted(one, max(one.min_count or 0, 1), {"items": _object(one.fields or [])})
    return {"type": "boolean"} if one.must_be is None else {"const": one.must_be}


def _text(one: ResolvedField) -> dict[str, Any]:
    """Text between two lengths, blanks at its ends not counted."""
    sign = _SIGN_OR_BREAK if one.type == "long_text" else _SIGN
    least, most = one.min_length or 1, one.max_length or 4000
    inner = f"{sign}{{{max(least - 2, 0)},{max(most - 2, 0)}}}"
    several = rf"(?!\s){sign}({inner}(?!\s){sign})" + ("" if least > 1 else "?")
    text = several if most > 1 else rf"(?!\s){sign}"
    also = [{"pattern": _only(one)}]
    own = one.pattern or {"email": MAIL, "phone": PHONE, "url": URL}.get(one.type)
    if own:
        also.append({"pattern": rf"^\s*({own})\s*{_END}"})
    return {"type": "string", "pattern": rf"^\s*{text}\s*{_END}", "allOf": also}


def _codes(one: ResolvedField) -> list[str]:
    if one.options is not None:
        return [option.value for option in one.options]
    return sorted(currencies() if one.type == "currency" else countries())


def _counted(one: ResolvedField, least: int, about: dict[str, Any]) -> dict[str, Any]:
    most = one.max_count or {"lines": MOST_ROWS, "file": MOST_FILES}.get(one.type)
    return {"type": "array", "minItems": least, **({"maxItems": most} if most else {}), **about}


def _number(text: str) -> int | float:
    return int(text) if "." not in text else float(text)
