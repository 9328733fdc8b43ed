"""What a form's values may be before the form itself is asked. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.kernel.errors import BadInput
from app.words import say

LARGEST = 200_000
DEEPEST = 8


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept: a number with a fraction becomes its text, exactly as it was written.

    Raises BadInput with the field that cannot be kept.
    """
    found = {str(name): _plain(value, str(name), 1) for name, value in values.items()}
    for name in found:
        _text(name, name[:40])
    if len(json.dumps(found)) > LARGEST:
        raise BadInput(
            say("The request is longer than {most} characters.", most=LARGEST),
            remedy=say("Attach long texts as files."),
        )
    return found


def _plain(value: Any, field: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise BadInput(say("A value is nested too deeply."), fields={field: say("Write it more plainly.")})
    if isinstance(value, Mapping):
        return {
            _text(str(name), field): _plain(one, f"{field}.{name}", depth + 1) for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(one, f"{field}[{index}]", depth + 1) for index, one in enumerate(value)]
    if isinstance(value, str):
        return _text(value, field)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) >= 10**18:
            raise BadInput(say("A number is too large."), fields={field: say("Write at most 18 digits.")})
        return value
    written = repr(value) if isinstance(value, float) else str(value)
    if written in ("nan", "inf", "-inf"):
        raise BadInput(say("A number is not finite."), fields={field: say("Write a finite number.")})
    return written


def _text(text: str, field: str) -> str:
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise BadInput(
            say("A text has a character that cannot be kept."),
            fields={field: say("Write text without control characters.")},
        )
    return text
