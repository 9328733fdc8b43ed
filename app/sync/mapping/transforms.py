"""PURE. Named transforms between a Salesforce value and a local one.

`to_local` takes a canonical Salesforce value (see `values`) and gives what the local column holds: str,
bool, int, Decimal, date, an aware UTC datetime, a sorted list of str, or None. `to_salesforce` takes the
local value, or the JSON form that `extra` holds, and gives the canonical Salesforce value.

How much a transform keeps:

    exact       each value comes back as it was
    normal      a value comes back in its normal form, and the normal form comes back as it was. Both sides
                are compared in the normal form, so a difference that the transform removes is no change.
    one_way     Salesforce to Tandem only

A name may carry arguments: `left(80)`. `{values: {...}}` in a mapping becomes the transform `translate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any, Final, Literal

from app.sync.mapping import values
from app.sync.mapping.values import BadValue, Json, canonical

__all__ = ["NAMES", "BadValue", "Json", "Transform", "TransformError", "canonical", "transform", "translate"]

Local = Any
Kind = Literal["text", "boolean", "int", "decimal", "date", "datetime", "list"]
Keeps = Literal["exact", "normal", "one_way"]


class TransformError(ValueError):
    """A transform that does not exist, or does not fit its field. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class Transform:
    """One transform, made for one Salesforce type. `local` is the kind of value the column holds.

    Two transforms are equal when they do the same: same name, same table of values.
    """

    name: str
    local: Kind
    keeps: Keeps
    to_local: Callable[[Json], Local] = field(compare=False)
    to_salesforce: Callable[[Local], Json] | None = field(default=None, compare=False)
    table: tuple[tuple[str, Json], ...] = ()

    @property
    def invertible(self) -> bool:
        """Whether a local value can go back to Salesforce."""
        return self.to_salesforce is not None


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How a named transform is made: `make(sf_type, scale, arguments)`."""

    makes: Callable[[str, int, tuple[int, ...]], Transform]
    types: frozenset[str]
    arguments: int
    about: str


def _same(value: Any) -> Any:
    return value


def _to_date(value: Json) -> Local:
    return None if value is None else date.fromisoformat(str(value))


def _to_moment(value: Json) -> Local:
    if value is None:
        return None
    return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _to_list(value: Json) -> Local:
    return None if value is None else str(value).split(";")


def _to_decimal(value: Json) -> Local:
    return None if value is None else Decimal(str(value))


_KINDS: Final[dict[str, tuple[Kind, Callable[[Json], Local]]]] = {
    "string": ("text", _same),
    "picklist": ("text", _same),
    "id": ("text", _same),
    "boolean": ("boolean", _same),
    "int": ("int", _same),
    "date": ("date", _to_date),
    "datetime": ("datetime", _to_moment),
    "multipicklist": ("list", _to_list),
    "decimal": ("decimal", _to_decimal),
}


def _identity(sf_type: str, scale: int, _: tuple[int, ...]) -> Transform:
    kind, to_local = _KINDS[sf_type]
    return Transform("same", kind, "exact", to_local, values.form(sf_type, scale))


def _normal(name: str, change: Callable[[str], str]) -> Callable[[str, int, tuple[int, ...]], Transform]:
    """A transform that brings text into a normal form, the same on both sides."""

    def both_ways(value: Any) -> Json:
        found = values.text(value)
        return None if found is None else (change(str(found)) or None)

    def make(_type: str, _scale: int, _arguments: tuple[int, ...]) -> Transform:
        return Transform(name, "text", "normal", both_ways, both_ways)

    return make


def _negate(_type: str, _scale: int, _: tuple[int, ...]) -> Transform:
    def turn(value: Any) -> Json:
        return not values.boolean(value)

    return Transform("negate", "boolean", "exact", turn, turn)


def _fraction(_type: str, scale: int, _: tuple[int, ...]) -> Transform:
    def to_local(value: Json) -> Local:
        return None if value is None else Decimal(str(value)).scaleb(-2)

    def to_salesforce(value: Local) -> Json:
        exact = values.decimal(value, scale + 2)
        return None if exact is None else values.decimal(Decimal(str(exact)).scaleb(2), scale)

    return Transform("fraction", "decimal", "exact", to_local, to_salesforce)


def _minor_units(_type: str, scale: int, _: tuple[int, ...]) -> Transform:
    def to_local(value: Json) -> Local:
        return None if value is None else int(Decimal(str(value)).scaleb(scale))

    def to_salesforce(value: Local) -> Json:
        units = values.integer(value)
        return None if units is None else values.decimal(Decimal(units).scaleb(-scale), scale)

    return Transform("minor_units", "int", "exact", to_local, to_salesforce)


def _utc_day(_type: str, _scale: int, _: tuple[int, ...]) -> Transform:
    def to_local(value: Json) -> Local:
        return None if value is None else date.fromisoformat(str(value)[:10])

    return Transform("utc_day", "date", "one_way", to_local)


def _left(_type: str, _scale: int, arguments: tuple[int, ...]) -> Transform:
    length = arguments[0]
    if length < 1:
        raise TransformError("left(n) keeps at least one character: write left(1) or more.")

    def to_local(value: Json) -> Local:
        return None if value is None else str(value)[:length].rstrip() or None

    return Transform(f"left({length})", "text", "one_way", to_local)


_TAG: Final = re.compile(r"<[^>]*>")
_BREAK: Final = re.compile(r"<(?:br|/p|/div|/li)\b[^>]*>", re.IGNORECASE)


def _plain(_type: str, _scale: int, _: tuple[int, ...]) -> Transform:
    def to_local(value: Json) -> Local:
        if value is None:
            return None
        return unescape(_TAG.sub("", _BREAK.sub("\n", str(value)))).strip() or None

    return Transform("plain_text", "text", "one_way", to_local)


def _digits(value: str) -> str:
    """`+` and digits; an extension keeps its `x`. Without a single digit the text stays as it is."""
    number, _, extension = re.sub(r"(?i)\s*(?:ext\.?|x)\s*(?=\d+\s*\Z)", "x", value).partition("x")
    plus = "+" if number.lstrip().startswith(("+", "00")) else ""
    digits = re.sub(r"\D", "", number)
    if not digits:
        return value
    if plus and not number.lstrip().startswith("+"):
        digits = digits[2:]
    extension = re.sub(r"\D", "", extension)
    return f"{plus}{digits}" + (f"x{extension}" if extension else "")


_TEXT: Final = frozenset({"string", "picklist"})
_ALL: Final = frozenset(values.SF_TYPES)

_RECIPES: Final[dict[str, _Recipe]] = {
    "same": _Recipe(_identity, _ALL, 0, "the value as it is (the default)"),
    "trim": _Recipe(
        _normal("trim", lambda text: " ".join(text.split())), _TEXT, 0, "runs of blanks become one"
    ),
    "lower": _Recipe(_normal("lower", str.lower), _TEXT, 0, "small letters, e.g. e-mail addresses"),
    "upper": _Recipe(_normal("upper", str.upper), _TEXT, 0, "capital letters, e.g. country or state codes"),
    "phone": _Recipe(_normal("phone", _digits), _TEXT, 0, "`+` and digits only; `00` becomes `+`"),
    "negate": _Recipe(_negate, frozenset({"boolean"}), 0, "the opposite, e.g. active and blocked"),
    "fraction": _Recipe(_fraction, frozenset({"decimal"}), 0, "25 percent is 0.25"),
    "minor_units": _Recipe(_minor_units, frozenset({"decimal"}), 0, "12.34 is 1234"),
    "utc_day": _Recipe(_utc_day, frozenset({"datetime"}), 0, "the day of a moment, in UTC; inwards only"),
    "left": _Recipe(_left, _TEXT, 1, "the first n characters; inwards only"),
    "plain_text": _Recipe(_plain, _TEXT, 0, "rich text without its HTML; inwards only"),
}

#: Every transform's name and what it does, for documentation and the editors' schema.
NAMES: Final[Mapping[str, str]] = {name: recipe.about for name, recipe in _RECIPES.items()}

_CALL: Final = re.compile(r"\s*([a-z_0-9]+)\s*(?:\(\s*([0-9,\s]*)\s*\))?\s*\Z")


def transform(spelling: str, sf_type: str, scale: int = 0) -> Transform:
    """The transform that a mapping names, for a field of that type. Raises TransformError."""
    found = _CALL.match(spelling)
    recipe = _RECIPES.get(found[1]) if found else None
    if found is None or recipe is None:
        raise TransformError(f"There is no transform {spelling!r}; there are {', '.join(sorted(_RECIPES))}.")
    if sf_type not in recipe.types:
        raise TransformError(
            f"The transform {found[1]} is for {' and '.join(sorted(recipe.types))} fields, not for {sf_type}."
        )
    arguments = tuple(int(part) for part in (found[2] or "").split(",") if part.strip())
    if len(arguments) != recipe.arguments:
        wanted = "a number in brackets" if recipe.arguments else "no arguments"
        raise TransformError(f"The transform {found[1]} takes {wanted}.")
    return recipe.makes(sf_type, scale, arguments)


def translate(pairs: Mapping[str, str], sf_type: str) -> Transform:
    """Salesforce value → local value by a table; a value that is not in it stays as it is.

    Goes back only where no two Salesforce values share a local one. Raises TransformError for other
    types than texts and picklists.
    """
    if sf_type not in _TEXT:
        raise TransformError(f"A table of values is for string and picklist fields, not for {sf_type}.")
    inwards = {str(values.text(k)): values.text(v) for k, v in pairs.items()}
    outwards = {local: sf for sf, local in inwards.items()}
    # An unlisted Salesforce value that equals a listed local one would come back as another value.
    exact = len(outwards) == len(inwards) and set(outwards) == set(inwards)

    def to_local(value: Json) -> Local:
        return inwards.get(value, value) if isinstance(value, str) else None

    def to_salesforce(value: Local) -> Json:
        found = values.text(value)
        return outwards.get(found, found) if isinstance(found, str) else None

    back = to_salesforce if len(outwards) == len(inwards) else None
    keeps: Keeps = "one_way" if back is None else ("exact" if exact else "normal")
    return Transform("translate", "text", keeps, to_local, back, tuple(sorted(inwards.items())))
