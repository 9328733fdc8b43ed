"""A form as one reader meets it with one record: what a page needs to show it, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from app.approvals.forms.check import faults_of, values_of
from app.approvals.forms.document import MEGABYTE, FieldDocument, spoken
from app.approvals.forms.filetypes import USUAL
from app.approvals.forms.form import Form
from app.approvals.forms.kinds import (
    LONGEST,
    MOST_FILES,
    MOST_ROWS,
    bound,
    mask_example,
    mask_pattern,
)
from app.approvals.forms.places import country_name, currency_name, language_of, minor_digits
from app.approvals.forms.settle import Record, Settled, currency_of, settle
from app.approvals.forms.words import said


class Option(BaseModel):
    """An answer that may be chosen."""

    value: str
    label: str


class Accepts(BaseModel):
    """Files that a field takes. max_bytes: of each."""

    extensions: list[str]
    max_bytes: int
    max_count: int


class ResolvedField(BaseModel):
    """A field. Limits are text in the form of values; null where there is none."""

    name: str
    type: str
    label: str
    help: str
    placeholder: str
    required: bool
    read_only: bool
    visible: bool
    value: Any
    #: what stands in it before anybody types
    default: Any
    #: where a value came from that nobody typed, in words; empty for every other
    provenance: str
    #: whether the form has to be asked for anew when it changes
    drives: bool
    options: list[Option] | None
    #: the address that searches for answers, where they are too many to list
    search: str | None
    min: str | None
    max: str | None
    min_length: int | None
    max_length: int | None
    min_count: int | None
    max_count: int | None
    #: a regular expression that the text fits, and such a text
    pattern: str | None
    example: str | None
    decimals: int | None
    unit: str
    #: money: its currency, or the field that holds it
    currency: str | None
    currency_field: str | None
    must_be: bool | None
    accepts: Accepts | None
    #: lines: the columns, and each row's own fields where they differ from row to row
    fields: list[ResolvedField] | None
    rows: list[list[ResolvedField]] | None


class ResolvedSection(BaseModel):
    """Fields that belong together."""

    key: str
    title: str
    help: str
    fields: list[ResolvedField]


class ResolvedForm(BaseModel):
    """A form for one reader. errors: what the values still lack, by field, in the reader's language."""

    language: str
    sections: list[ResolvedSection]
    required: int
    errors: dict[str, str]
    complete: bool


def resolve(form: Form, record: Record, language: str = "en", *, read_only: bool = False) -> ResolvedForm:
    """The form for a reader, without what is hidden from this reader. read_only: nothing may be changed."""
    spoken_in = language_of(language)
    settled = settle(form, record)
    sections = []
    for section, parts in form.sections():
        fields = [
            _field(form, settled[part.key], record, values_of(settled), spoken_in, read_only)
            for part in parts
            if not settled[part.key].secret
        ]
        if any(one.visible for one in fields):
            title, help_text = spoken(section.title, spoken_in), spoken(section.help, spoken_in)
            sections.append(ResolvedSection(key=section.key, title=title, help=help_text, fields=fields))
    errors = faults_of(form, record, settled, spoken_in)
    return ResolvedForm(
        language=spoken_in,
        sections=sections,
        required=sum(one.required for section in sections for one in section.fields),
        errors=errors,
        complete=not errors,
    )


def _field(
    form: Form,
    one: Settled,
    record: Record,
    values: Mapping[str, Any],
    language: str,
    read_only: bool,
) -> ResolvedField:
    part, shown = one.part, one.visible
    currency = currency_of(part, values) if part.type == "money" else ""
    typed = record.values.get(part.key, record.stored.get(part.key))
    return ResolvedField(
        name=part.key,
        type=part.type,
        label=spoken(part.label, language),
        help=spoken(one.help, language),
        placeholder=spoken(part.placeholder, language),
        required=one.required and shown and not read_only,
        read_only=one.read_only or read_only,
        visible=shown,
        # What was typed stays in view, also where it does not fit.
        value=None if not shown else (typed if one.value is None and one.faults else one.value),
        default=one.value if one.source and shown else None,
        provenance=_provenance(one, language) if shown else "",
        drives=part.key in form.drivers,
        options=_options(one, language),
        search=_search(one),
        min=_shown(part, part.min, currency, record.today),
        max=_shown(part, part.max, currency, record.today),
        min_length=part.min_length,
        max_length=part.max_length or LONGEST.get(part.type),
        min_count=part.min_count,
        max_count=part.max_count or {"lines": MOST_ROWS, "file": MOST_FILES}.get(part.type),
        pattern=mask_pattern(part.mask) if part.mask else None,
        example=mask_example(part.mask) if part.mask else None,
        decimals=minor_digits(currency) if currency else part.decimals,
        unit=spoken(part.unit, language),
        currency=currency or None,
        currency_field=(part.currency_field or "currency")
        if part.type == "money" and not part.currency
        else None,
        must_be=part.must_be,
        accepts=_accepts(part) if part.type == "file" else None,
        **_lines(form, one, record, values, language, read_only),
    )


def _lines(
    form: Form,
    one: Settled,
    record: Record,
    values: Mapping[str, Any],
    language: str,
    read_only: bool,
) -> dict[str, Any]:
    inner = form.lines.get(one.part.key)
    if inner is None:
        return {"fields": None, "rows": None}

    def row(settled: Mapping[str, Settled]) -> list[ResolvedField]:
        around = {**values, **values_of(settled)}
        empty = Record(today=record.today)
        return [
            _field(inner, cell, empty, around, language, read_only or one.read_only)
            for cell in settled.values()
            if not cell.secret
        ]

    blank = Record(facts=record.facts, known=record.known, today=record.today)
    differs = any(rule.when is not None for rule in inner.rules)
    return {
        "fields": row(settle(inner, blank, values)),
        "rows": [row(settled) for settled in one.rows] if differs and one.visible else None,
    }


def _provenance(one: Settled, language: str) -> str:
    room = one.source.split(".")[0]
    return said(f"from_{room}", language) if room in ("account", "user", "partner") else ""


def _options(one: Settled, language: str) -> list[Option] | None:
    part = one.part
    if one.options is None:
        return None
    named = {
        option.value: spoken(option.label, language)
        for option in part.options or ()
        if not isinstance(option, str)
    }
    name = {"country": country_name, "currency": currency_name}.get(part.type, lambda value, _language: value)
    return [Option(value=value, label=named.get(value) or name(value, language)) for value in one.options]


def _search(one: Settled) -> str | None:
    if one.part.reference is not None:
        return f"/api/references/{one.part.reference}"
    if one.part.type in ("country", "currency") and one.options is None:
        return f"/api/references/{one.part.type}"
    return None


def _accepts(part: FieldDocument) -> Accepts:
    return Accepts(
        extensions=list(part.accept or USUAL),
        max_bytes=(part.max_mb or 10) * MEGABYTE,
        max_count=part.max_count or MOST_FILES,
    )


def _shown(part: FieldDocument, limit: Any, currency: str, today: date | None) -> str | None:
    found = bound(part, limit, currency=currency, today=today)
    if found is None:
        return None
    return format(found, "f") if isinstance(found, Decimal) else str(found)


ResolvedField.model_rebuild()
