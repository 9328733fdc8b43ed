"""The one reading of a form and a record, from which both the page and the verdict follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.approvals.forms.document import FieldDocument, spoken
from app.approvals.forms.form import SETTLING, Form
from app.approvals.forms.kinds import MOST_ROWS, Wrong, fit, offered, parse
from app.kernel.conditions import is_absent

_DESCRIBING = frozenset({"require", "optional", "options", "help", "limit"})
_CHOSEN = frozenset({"choice", "multi_choice", "country", "currency", "boolean", "reference"})


@dataclass(frozen=True, slots=True)
class Record:
    """What a form is read with.

    facts: `user`, `partner`, `workflow` and so on, see conditions. values: what was typed, as it came.
    stored: what the record has. files: ids of attached files by field. known: what we know of the partner and
    the person, by source, to fill in. exists: whether a reference of that kind points to something.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    exists: Callable[[str, str], bool] | None = None
    today: date | None = None


@dataclass(slots=True)
class Settled:
    """A field as it is for this reader and record. faults: (path below the field, sentence, its params)."""

    part: FieldDocument
    value: Any = None
    #: where a value came from that nobody typed: `default`, or the source it was prefilled from
    source: str = ""
    #: whether somebody emptied what would stand in it by itself
    cleared: bool = False
    visible: bool = True
    #: whether it is not there because of who reads
    secret: bool = False
    required: bool = False
    read_only: bool = False
    options: tuple[str, ...] | None = None
    help: dict[str, str] | None = None
    rows: list[dict[str, Settled]] = field(default_factory=list)
    faults: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def fault(self, key: str, path: str = "", **params: Any) -> None:
        """Note that something is wrong here."""
        self.faults.append((path, key, params))


def settle(form: Form, record: Record, outer: Mapping[str, Any] | None = None) -> dict[str, Settled]:
    """Every field of the form, in its order. outer: the values around the lines that this form is of."""
    facts: dict[str, Any] = {**record.facts, **(outer or {}), "today": record.today}
    settled: dict[str, Settled] = {}
    for key in form.fields:
        facts.pop(key, None)
    for key in form.order:
        one = settled[key] = _there(form, key, facts)
        _fill(form, one, record, facts)
        if not is_absent(one.value):
            facts[key] = one.value
        if one.part.type in ("lines", "file", "multi_choice") and isinstance(one.value, list):
            facts[f"{key}.count"] = len(one.value)
    for one in settled.values():
        if one.visible:
            _describe(form, one, facts)
            _hold(one, record, facts)
    return {key: settled[key] for key in form.fields}


def _there(form: Form, key: str, facts: Mapping[str, Any]) -> Settled:
    """Whether the field is there, may be written, and what stands in it by itself."""
    one = Settled(form.fields[key])
    default: Any = None
    for effect, what in form.effects(key, facts, SETTLING):
        if effect in ("show", "hide"):
            one.visible = effect == "show"
        elif effect in ("lock", "unlock"):
            one.read_only = effect == "lock"
        else:
            default = what
    one.secret = not one.visible and form.by_reader(key, "show", "hide")
    if default is not None:
        one.value, one.source = default, "default"
    return one


def _fill(form: Form, one: Settled, record: Record, facts: Mapping[str, Any]) -> None:
    """Decide what stands in the field, and note what may not."""
    part, key = one.part, one.part.key
    stored, given = record.stored.get(key), record.values.get(key)
    changed = key in record.values and not _same(given, stored)
    by_itself, source = _by_itself(one, record)
    one.value, one.source = None, ""
    if part.type == "file":
        one.value = list(record.files.get(key, ())) or None
        if key in record.values and not is_absent(given) and given != one.value:
            one.fault("file" if one.visible else "unknown")
        return
    if not one.visible:
        # What depends on the reader belongs to others, and stays; the rest has gone with its cause.
        one.value = stored if one.secret else None
        if changed and not is_absent(given):
            one.fault("unknown")
        return
    if one.read_only:
        keep = key in record.stored and (by_itself is None or form.by_reader(key, "lock", "unlock"))
        one.value, one.source = (stored, "") if keep else (by_itself, source)
        if changed and not _same(given, one.value):
            one.fault("read_only")
        return
    if key in record.values:
        raw = given
    elif key in record.stored:
        raw = stored
    else:
        raw, one.source = by_itself, source
    if is_absent(raw):
        one.cleared = by_itself is not None and not one.source
        return
    if part.type == "lines":
        _rows(form.lines[key], one, raw, record, facts)
        return
    try:
        one.value = parse(part, raw)
    except Wrong as wrong:
        one.fault(wrong.key, **wrong.params)
    if is_absent(one.value):
        one.value = None


def _by_itself(one: Settled, record: Record) -> tuple[Any, str]:
    """What stands in the field before anybody types: a rule's default, what we know, the field's default."""
    part = one.part
    for value, source in (
        (one.value, "default"),
        (record.known.get(part.prefill) if part.prefill else None, part.prefill or ""),
        (part.default, "default"),
    ):
        if not is_absent(value):
            try:
                fitting = fit(part, parse(part, value), today=record.today)
            except Wrong:
                continue  # what the CRM has may not fit; then the person types it
            if not is_absent(fitting):
                return fitting, source
    return None, ""


def _rows(form: Form, one: Settled, raw: Any, record: Record, facts: Mapping[str, Any]) -> None:
    if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
        one.fault("lines")
        return
    if len(raw) > MOST_ROWS:
        one.fault("too_many", max=MOST_ROWS)
        return
    before = record.stored.get(one.part.key)
    before = before if isinstance(before, list) else []
    for index, row in enumerate(raw):
        kept = before[index] if index < len(before) and isinstance(before[index], dict) else {}
        inner = Record(
            facts=record.facts,
            values=row,
            stored={key: value for key, value in kept.items() if key not in row or _same(row[key], value)},
            known=record.known,
            exists=record.exists,
            today=record.today,
        )
        settled = settle(form, inner, facts)
        one.rows.append(settled)
        for name, cell in settled.items():
            for path, key, params in cell.faults:
                one.fault(key, f"{index}.{name}{path}", **params)
        for name in row.keys() - form.fields.keys():
            if not (name in kept and _same(row[name], kept[name])):
                one.fault("unknown", f"{index}.{str(name)[:60]}")
    one.value = [
        {name: cell.value for name, cell in settled.items() if not is_absent(cell.value)}
        for settled in one.rows
    ]


def _describe(form: Form, one: Settled, facts: Mapping[str, Any]) -> None:
    """Whether it is required, its options, help and limits."""
    part = one.part
    limits: dict[str, Any] = {}
    one.options = offered(part) if part.options else None
    one.help = part.help
    for effect, what in form.effects(part.key, facts, _DESCRIBING):
        if effect in ("require", "optional"):
            one.required = effect == "require"
        elif effect == "options":
            one.options = tuple(value for value in offered(part) if value in what)
        elif effect == "help":
            one.help = what
        else:
            limits |= what.model_dump(exclude_none=True)
    if one.read_only:
        one.required = False
    if limits:
        one.part = part.model_copy(update=limits)


def _hold(one: Settled, record: Record, facts: Mapping[str, Any]) -> None:
    """Hold the value to what the field asks for."""
    part = one.part
    if one.faults and not one.rows:
        return
    if is_absent(one.value):
        if one.required:
            kind = {"file": "required_file", "lines": "required_lines"}.get(part.type, "required")
            one.fault("required_choice" if part.type in _CHOSEN else kind)
        return
    if one.read_only:
        return
    chosen = one.value if isinstance(one.value, list) else [one.value]
    if one.options is not None and any(value not in one.options for value in chosen):
        if one.source:
            one.value, one.source = None, ""
            _hold(one, record, facts)
        else:
            one.fault("option")
        return
    if part.type == "reference" and record.exists and not record.exists(str(part.reference), one.value):
        one.fault("reference")
        return
    try:
        one.value = fit(part, one.value, currency=currency_of(part, facts), today=record.today)
    except Wrong as wrong:
        one.fault(wrong.key, **wrong.params)


def currency_of(part: FieldDocument, facts: Mapping[str, Any]) -> str:
    """The currency of a field of money; empty where it is not known."""
    if part.type != "money":
        return ""
    return part.currency or str(facts.get(part.currency_field or "currency") or "")


def _same(one: Any, two: Any) -> bool:
    """Whether two values say the same: nothing is nothing, and 5.0 is 5.00."""
    if is_absent(one) and is_absent(two):
        return True
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, (str, int, Decimal)) and isinstance(two, (str, int, Decimal)):
        return str(one) == str(two)
    return bool(one == two)


def label_of(one: Settled, language: str) -> str:
    """What the field is called."""
    return spoken(one.part.label, language)
