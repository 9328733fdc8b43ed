"""The verdict on a record: its values, cleaned, or a sentence for each field that needs attention."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.approvals.forms.document import spoken
from app.approvals.forms.form import Form
from app.approvals.forms.kinds import CONTROL
from app.approvals.forms.places import language_of
from app.approvals.forms.settle import Record, Settled, settle
from app.approvals.forms.words import said, summary
from app.kernel.conditions import is_absent
from app.kernel.errors import BadInput

#: The most characters of all values of a record together.
LARGEST = 250_000
#: Faults of somebody who writes where nothing may be written; they count for a draft as well.
_FORBIDDEN = frozenset({"unknown", "read_only", "file"})


def check(form: Form, record: Record, language: str = "en") -> dict[str, Any]:
    """The values of a complete record, cleaned; what stands in it by itself included.

    Raises BadInput with a sentence for each field that is missing, does not fit, may not be written or is
    none of the form; the field's name may be a path, such as `products.2.quantity`.
    """
    spoken_in = language_of(language)
    settled = settle(form, record)
    faults = faults_of(form, record, settled, spoken_in)
    if faults:
        raise refused(faults, spoken_in)
    return values_of(settled)


def draft(form: Form, record: Record, language: str = "en") -> dict[str, Any]:
    """What a draft keeps: everything as it was typed, fitting or not, so that nothing typed is lost.

    Raises BadInput for what may not be written, is none of the form, or cannot be kept at all.
    """
    spoken_in = language_of(language)
    settled = settle(form, record)
    faults = faults_of(form, record, settled, spoken_in, only=_FORBIDDEN)
    for key, value in record.values.items():
        if key not in faults and not _keepable(value):
            faults[key] = said("line", spoken_in, label=_label(settled.get(key), key, spoken_in))
    if faults:
        raise refused(faults, spoken_in)
    kept = dict(record.stored)
    for key, value in record.values.items():
        one = settled[key]
        if one.part.type != "file" and one.visible and not one.read_only:
            kept[key] = value
    return {
        key: value
        for key, value in kept.items()
        if key in form.fields and (settled[key].cleared or not is_absent(value))
    }


def faults_of(
    form: Form,
    record: Record,
    settled: Mapping[str, Settled],
    language: str,
    *,
    only: frozenset[str] | None = None,
) -> dict[str, str]:
    """A sentence for each field with a fault, in the order of the form. only: faults of these kinds."""
    faults: dict[str, str] = {}
    for name in record.values:
        if name not in form.fields:
            faults[str(name)[:60]] = said("unknown", language)
    for key, one in settled.items():
        for path, kind, params in one.faults:
            if only is None or kind in only:
                place = f"{key}.{path}" if path else key
                faults.setdefault(place, _sentence(form, one, path, kind, params, language))
    if _size(record.values) > LARGEST:
        faults.setdefault("values", said("too_much", language))
    return faults


def values_of(settled: Mapping[str, Settled]) -> dict[str, Any]:
    """The values, cleaned: what is there, also for others than this reader; None for what was emptied."""
    return {key: one.value for key, one in settled.items() if one.cleared or not is_absent(one.value)}


def refused(faults: Mapping[str, str], language: str) -> BadInput:
    """The error that says all of these."""
    what, remedy = summary(len(faults), language)
    return BadInput(what, fields=faults, remedy=remedy, code="form_faults")


def _sentence(
    form: Form, one: Settled, path: str, kind: str, params: Mapping[str, Any], language: str
) -> str:
    if not path:
        return said(kind, language, label=spoken(one.part.label, language), **params)
    line, _, column = path.partition(".")
    part = form.lines[one.part.key].fields.get(column)
    label = spoken(part.label, language) if part else column
    sentence = said(kind, language, label=label, **params)
    return said("in_line", language, line=int(line) + 1, sentence=sentence)


def _label(one: Settled | None, key: str, language: str) -> str:
    return spoken(one.part.label, language) if one else key


def _keepable(value: Any) -> bool:
    """Whether the database can keep it: text without control characters, lists and mappings of such."""
    if isinstance(value, str):
        return not CONTROL.search(value)
    if isinstance(value, Mapping):
        return all(_keepable(key) and _keepable(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(_keepable(inner) for inner in value)
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    return value is None or isinstance(value, (bool, int))


def _size(values: Mapping[str, Any]) -> int:
    return len(json.dumps(values, default=str, ensure_ascii=False))
