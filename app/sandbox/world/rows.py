"""Rows as a save would have written them, collected and then inserted at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.sandbox import tables, values
from app.sandbox.org import Org
from app.sandbox.schema import Field, SObject
from app.sandbox.store import Tx, quoted

DAY = 86_400
#: fields that an org may lack; a row that names one is written without it
OPTIONAL = frozenset(
    {
        "ContactAccessForAccountOwner",
        "CurrencyIsoCode",
        "DefaultCurrencyIsoCode",
        "IsPartner",
        "IsPortalEnabled",
        "PartnerAccountId",
        "PortalRole",
        "BillingCountryCode",
        "BillingStateCode",
        "MailingCountryCode",
        "MailingStateCode",
        "CountryCode",
        "StateCode",
        "Partner__c",
        "Registration_Number__c",
        "Registration_Status__c",
        "Protected_Until__c",
    }
)


class Rows:
    """Collects rows by object type.

    today: midnight UTC of the day the world is made for, epoch seconds; every stamp lies before it.
    actor: id of the user whom rows are stamped with unless told otherwise.
    """

    def __init__(self, org: Org, tx: Tx, today: int) -> None:
        self.org = org
        self.today = today
        self.actor = ""
        self._tx = tx
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._parsers: dict[str, dict[str, Callable[[Any], Any]]] = {}
        self._blank: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, list[str]] = {}

    def has(self, sobject: str, field: str = "") -> bool:
        """Whether the org knows the object type, and the field if one is named."""
        found = self.org.schema.find(sobject)
        return found is not None and (not field or found.field_named(field) is not None)

    def id(self, sobject: str) -> str:
        """The next free id of an object type, for rows that must know one another beforehand."""
        waiting = self._ids.setdefault(sobject, [])
        if not waiting:
            prefix = self.org.schema.get(sobject).key_prefix
            waiting.extend(reversed(self.org.ids.take(self._tx.connection, prefix, 1)))
        return waiting.pop()

    def add(
        self,
        sobject: str,
        fields: Mapping[str, Any],
        *,
        days_ago: float = 400,
        changed_days_ago: float | None = None,
        by: str = "",
        record_id: str = "",
    ) -> str:
        """One row from JSON values; returns its id. Raises ApiError for a value the org would refuse."""
        kind = self.org.schema.get(sobject)
        row = dict(self._blank.get(sobject) or self._blank_row(kind))
        parsers = self._parsers[sobject]
        for name, value in fields.items():
            if name not in parsers:
                if name in OPTIONAL:
                    continue
                raise KeyError(f"{sobject}.{name}")
            if value is not None and value != "":
                row[name] = parsers[name](value)
        created = self.today - int(days_ago * DAY)
        changed = created if changed_days_ago is None else self.today - int(changed_days_ago * DAY)
        actor = by or self.actor
        row["Id"] = record_id or self.id(sobject)
        stamps = {
            "CreatedDate": created,
            "CreatedById": actor,
            "LastModifiedDate": changed,
            "LastModifiedById": actor,
        }
        for name, value in stamps.items():
            if name in row and not fields.get(name):
                row[name] = value
        row["SystemModstamp"] = changed
        if "OwnerId" in row and row["OwnerId"] is None:
            row["OwnerId"] = actor
        self._rows.setdefault(sobject, []).append(row)
        return str(row["Id"])

    def _blank_row(self, kind: SObject) -> dict[str, Any]:
        """What a new record holds before anything is filled in: defaults, and false for every checkbox."""
        parsers: dict[str, Callable[[Any], Any]] = {}
        row: dict[str, Any] = dict.fromkeys(tables.columns(kind))
        row["IsDeleted"] = 0
        for field in kind.fields.values():
            if field.stored:
                parsers[field.name] = _stamp if field.type == "datetime" else values.parser(field)
                row[field.name] = self._default(field, parsers[field.name])
        self._parsers[kind.name], self._blank[kind.name] = parsers, row
        return row

    def _default(self, field: Field, parse: Callable[[Any], Any]) -> Any:
        if field.default is None or field.default == "$User":
            return None
        if field.default == "$Currency":
            return parse(self.org.settings.currency)
        return parse(field.default)

    def flush(self) -> None:
        """Insert everything collected so far."""
        for name, rows in self._rows.items():
            names = list(self._blank[name])
            listed = ", ".join(quoted(column) for column in names)
            marks = ", ".join("?" * len(names))
            self._tx.executemany(
                f"INSERT INTO {quoted(name)} ({listed}) VALUES ({marks})",
                [tuple(row.values()) for row in rows],
            )
        self._rows.clear()


def _stamp(value: Any) -> int:
    """Datetimes are given as epoch seconds here."""
    return int(value)
