"""Kinds of fields that forms are made of: texts without control characters, amounts, reasons."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.words import say

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _line(text: str) -> str:
    if _CONTROL.search(text) or "\n" in text or "\r" in text:
        raise ValueError(say("Write one line without control characters."))
    return text


def _prose(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError(say("Write text without control characters."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def no_float(value: Any) -> Any:
    # A JSON number has already lost digits when it arrives; one without a fraction has not.
    return repr(value) if isinstance(value, float) else value


_Clean = AfterValidator(_line)
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255), _Clean]
Text80 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), _Clean]
Text40 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), _Clean]
Text20 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), _Clean]
Money = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=2)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_prose)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(_prose)]


class Strict(BaseModel):
    """A body in which nothing unknown is accepted."""

    model_config = ConfigDict(extra="forbid")
