"""State and country picklists: codes and names that must fit each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.sandbox.context import Context
from app.sandbox.dml.rows import Row
from app.sandbox.schema import Field, SObject


def check(ctx: Context, sobject: SObject, rows: Sequence[Row]) -> None:
    """With the picklists on, a code or a name must be on the list; each brings the other along."""
    if not ctx.org.settings.state_country_picklists:
        return
    prefixes = [
        f.name.removesuffix("CountryCode")
        for f in sobject.fields.values()
        if f.name.endswith("CountryCode") and f.compound
    ]
    for prefix in prefixes:
        names = [f"{prefix}{part}" for part in ("Country", "CountryCode", "State", "StateCode")]
        country = sobject.field_named(names[1])
        state = sobject.field_named(names[3])
        if country is None or state is None:
            continue
        for row in rows:
            if any(name in row.values for name in names):
                _check_row(sobject, row, prefix, country, state)


def _check_row(sobject: SObject, row: Row, prefix: str, country: Field, state: Field) -> None:
    code = _settle(row, f"{prefix}Country", f"{prefix}CountryCode", country, None)
    if code is False:
        row.fail(
            "FIELD_INTEGRITY_EXCEPTION",
            "There's a problem with this country, even though it may appear correct. "
            "Please select a country/territory from the list of valid countries.: "
            f"{_label(sobject, prefix + 'Country')}",
            f"{prefix}Country",
        )
        return
    has_state = row.new.get(f"{prefix}State") or row.new.get(f"{prefix}StateCode")
    if has_state and not code:
        row.fail(
            "FIELD_INTEGRITY_EXCEPTION",
            "A country/territory must be specified before specifying a state value for field: "
            f"{_label(sobject, prefix + 'State')}",
            f"{prefix}State",
        )
        return
    if _settle(row, f"{prefix}State", f"{prefix}StateCode", state, code or None) is False:
        row.fail(
            "FIELD_INTEGRITY_EXCEPTION",
            "There's a problem with this state, even though it may appear correct. "
            "Please select a state from the list of valid states.: "
            f"{_label(sobject, prefix + 'State')}",
            f"{prefix}State",
        )


def _label(sobject: SObject, name: str) -> str:
    field = sobject.field_named(name)
    return field.label if field else name


def _settle(row: Row, name: str, code_name: str, codes: Field, country: str | None) -> Any:
    """The code that the row ends with (None where it has none), or False where it is not on the list."""
    entries = [v for v in codes.picklist if v.active and (country is None or country in (v.valid_for or ()))]
    by_code = {v.value: v for v in entries}
    by_label = {v.label.lower(): v for v in entries}
    if code_name in row.values or name not in row.values:
        code = row.new.get(code_name)
        chosen = by_code.get(code) if code else None
        if code and chosen is None:
            return False
        if not code and name in row.values and row.values[name]:
            chosen = by_label.get(str(row.values[name]).lower()) or by_code.get(row.values[name])
            if chosen is None:
                return False
    else:
        text = row.values[name]
        chosen = (by_label.get(text.lower()) or by_code.get(text)) if text else None
        if text and chosen is None:
            return False
    for column, value in ((code_name, chosen and chosen.value), (name, chosen and chosen.label)):
        if row.new.get(column) != value:
            row.new[column] = value
            row.extra.add(column)
    return chosen.value if chosen else None
