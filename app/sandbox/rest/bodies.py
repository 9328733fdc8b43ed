"""What the composite family asks of every request body: known members, and flags that are flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sandbox.errors import ApiError


def only(body: Any, *members: str) -> dict[str, Any]:
    """`body` itself, if it is an object with no other members. Raises ApiError JSON_PARSER_ERROR."""
    if not isinstance(body, dict):
        raise ApiError("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object.")
    for name in body:
        if name not in members:
            known = ", ".join(f'"{member}"' for member in sorted(members))
            raise ApiError("JSON_PARSER_ERROR", f'Unrecognized field "{name}", known properties: {known}')
    return body


def flag(body: Mapping[str, Any], name: str) -> bool:
    """A member that is true or false; false where it is missing. Raises ApiError JSON_PARSER_ERROR."""
    value = body.get(name)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value is None or isinstance(value, bool):
        return bool(value)
    raise ApiError("JSON_PARSER_ERROR", f"{name} must be true or false, not {value}.")
