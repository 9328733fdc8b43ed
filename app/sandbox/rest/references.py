"""References between the subrequests of one composite call: `@{refAccount.id}`, `@{found.records[0].Id}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from app.sandbox.errors import ApiError

_REFERENCE = re.compile(r"@\{([^{}]*)\}")
_WHOLE = re.compile(r"@\{([^{}]*)\}\Z")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]")
_MISSING = object()


def reference_names(value: Any) -> set[str]:
    """Every reference id that `value` (a subrequest's url, headers or body) names."""
    if isinstance(value, str):
        return {re.split(r"[.\[]", found, maxsplit=1)[0] for found in _REFERENCE.findall(value)}
    if isinstance(value, dict):
        return set().union(*(reference_names(item) for item in value.values()), set())
    if isinstance(value, list):
        return set().union(*(reference_names(item) for item in value), set())
    return set()


def resolve(value: Any, bodies: Mapping[str, Any]) -> Any:
    """`value` with each reference replaced by what the named answer holds.

    bodies: reference id -> body of that subrequest's answer. Names are case-sensitive.
    A text that is one reference keeps the type of the value; inside a longer text it becomes text.
    Raises ApiError PROCESSING_HALTED where nothing is found.
    """
    if isinstance(value, str):
        if "@{" not in value:
            return value
        whole = _WHOLE.match(value)
        if whole:
            return _look_up(whole.group(1), bodies)
        return _substitute(value, bodies, str)
    if isinstance(value, dict):
        return {key: resolve(item, bodies) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, bodies) for item in value]
    return value


def resolve_url(url: str, bodies: Mapping[str, Any]) -> str:
    """A subrequest's url with its references replaced, each value percent-encoded."""
    return _substitute(url, bodies, lambda text: quote(text, safe="/,:-_.~"))


def _substitute(text: str, bodies: Mapping[str, Any], encode: Callable[[str], str]) -> str:
    def one(match: re.Match[str]) -> str:
        return encode(_as_text(_look_up(match.group(1), bodies)))

    return _REFERENCE.sub(one, text)


def _as_text(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, list):
        return ",".join(_as_text(item) for item in value)
    return str(value)


def _look_up(expression: str, bodies: Mapping[str, Any]) -> Any:
    name = re.split(r"[.\[]", expression, maxsplit=1)[0]
    path = expression[len(name) :]
    found = bodies.get(name, _MISSING)
    if found is not _MISSING:
        found = _walk(found, path)
    if found is _MISSING or not _is_plain(found):
        raise ApiError(
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {expression} found in {name}.",
        )
    return found


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    return value is not None and not isinstance(value, dict)


def _walk(value: Any, path: str) -> Any:
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return _MISSING
        at = step.end()
        key, index = step.groups()
        if key is not None:
            value = value.get(key, _MISSING) if isinstance(value, dict) else _MISSING
        elif not isinstance(value, list):
            return _MISSING
        elif index == "*":
            items = [_walk(item, path[at:]) for item in value]
            return _MISSING if any(item is _MISSING or item is None for item in items) else items
        else:
            value = value[int(index)] if int(index) < len(value) else _MISSING
        if value is _MISSING:
            return _MISSING
    return value
