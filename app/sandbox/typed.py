"""Whether JSON values are what a function or a record of settings takes, by its annotations."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from app.sandbox.errors import ApiError

_T = TypeVar("_T")
_NAMES: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Mapping: "an object",
    Sequence: "a list",
    type(None): "null",
}


def invoke(name: str, work: Callable[..., _T], first: Any, arguments: Mapping[str, Any]) -> _T:
    """`work(first, **arguments)`, if the arguments are those that it takes and of the kinds it takes.

    Raises ApiError with INVALID_ACTION and `name` otherwise, and where `work` raises ValueError.
    """
    try:
        inspect.signature(work).bind(first, **arguments)
    except TypeError as error:
        raise ApiError("INVALID_ACTION", f"{name}: {error}") from error
    check(name, get_type_hints(work, None, {"Org": Any}), arguments)
    try:
        return work(first, **arguments)
    except (ValueError, OverflowError) as error:
        raise ApiError("INVALID_ACTION", f"{name}: {error}") from error


def check(name: str, hints: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Raises ApiError with INVALID_ACTION for the first value that is not of its kind."""
    for key, value in values.items():
        hint = hints.get(key, Any)
        if not fits(value, hint):
            raise ApiError("INVALID_ACTION", f"{name}: {key} must be {_described(hint)}")


def fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value is of the annotated kind. A number is no truth value, and text is no list."""
    if hint is Any:
        return True
    if hint in (str, bool) or hint is type(None):
        return isinstance(value, hint)
    if hint in (int, float):
        return isinstance(value, int if hint is int else int | float) and not isinstance(value, bool)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in arguments)
    if origin in (Mapping, dict):
        return isinstance(value, dict) and all(fits(v, arguments[1]) for v in value.values())
    if origin in (Sequence, list):
        return isinstance(value, list | tuple) and all(fits(v, arguments[0]) for v in value)
    if origin is tuple:
        return isinstance(value, list | tuple)
    return True


def _described(hint: Any) -> str:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(_described(one) for one in get_args(hint))
    if origin in (Sequence, list, tuple):
        inner = get_args(hint)[0]
        return "a list" if inner is Any else f"a list (each {_described(inner)})"
    return "an object" if origin in (Mapping, dict) else _NAMES.get(hint, str(hint))
