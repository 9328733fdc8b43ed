"""Orders of a list that its reader may choose: keyset pages by any of them, in either direction.

    ORDERS = Orders("r.id", created=[("r.created_at", "timestamptz")], amount=[("r.currency", "text"), …])
    order = ORDERS["-amount"]
    text(f"SELECT {order.keys}, … WHERE {order.after} ORDER BY {order.by} LIMIT :limit")
    session.execute(statement, order.bound(cursor) | {"limit": 51})
    order.cursor(row)

Expressions are the room's own constants, without nulls: what has no value says where it stands.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from app.web.paging import strange


def _moment(text: str) -> None:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("no time zone")


def _number(text: str) -> None:
    if not Decimal(text).is_finite():
        raise ValueError("no number")


def _words(text: str) -> None:
    if "\x00" in text:
        raise ValueError("no text")


#: What a value of a cursor must be, so that the database can read it as its type.
_READ: Mapping[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "numeric": _number,
    "text": _words,
    "timestamptz": _moment,
}


@dataclass(frozen=True, slots=True)
class Order:
    """One order in one direction. key: as a query names it; columns: (expression, type of the database)."""

    key: str
    row_id: str
    columns: Sequence[tuple[str, str]]

    @property
    def _descending(self) -> bool:
        return self.key.startswith("-")

    @property
    def keys(self) -> str:
        """What a row is ordered by, to be selected."""
        return ", ".join(f"CAST({one} AS text) AS sort_{n}" for n, (one, _) in enumerate(self.columns))

    @property
    def by(self) -> str:
        """The columns of ORDER BY."""
        way = "DESC" if self._descending else "ASC"
        return ", ".join(f"{one} {way}" for one in (*(one for one, _ in self.columns), self.row_id))

    @property
    def after(self) -> str:
        """The condition for rows after the cursor's; true for all without one."""
        ours = ", ".join((*(one for one, _ in self.columns), self.row_id))
        theirs = ", ".join(f"CAST(:sort_{n} AS {kind})" for n, (_, kind) in enumerate(self.columns))
        compared = "<" if self._descending else ">"
        return (
            f"(CAST(:after AS uuid) IS NULL OR ({ours}) {compared} "
            f"({theirs}, CAST(CAST(:after AS text) AS uuid)))"
        )

    def cursor(self, row: Any) -> str:
        """The cursor after a row, which has `keys` and `id`."""
        values = [getattr(row, f"sort_{n}") for n in range(len(self.columns))]
        written = json.dumps([self.key, values, str(row.id)], ensure_ascii=False)
        return urlsafe_b64encode(written.encode()).decode().rstrip("=")

    def bound(self, cursor: str) -> dict[str, Any]:
        """The parameters of `after`. Raises BadInput for a cursor that is not of this order."""
        names = [f"sort_{n}" for n in range(len(self.columns))]
        if not cursor:
            return dict.fromkeys((*names, "after"))
        try:
            key, values, row_id = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if key != self.key or len(values) != len(names):
                raise ValueError("of another order")
            for value, (_, kind) in zip(values, self.columns, strict=True):
                _READ[kind](value)
            return {**dict(zip(names, values, strict=True)), "after": str(UUID(row_id))}
        except (ValueError, TypeError, AttributeError, InvalidOperation, NotBase64):
            raise strange() from None


class Orders:
    """The orders of a list, each also the other way round with a minus before its name."""

    def __init__(self, row_id: str, **columns: Sequence[tuple[str, str]]) -> None:
        self._orders = {
            key: Order(key, row_id, found) for name, found in columns.items() for key in (name, f"-{name}")
        }

    def __getitem__(self, key: str) -> Order:
        return self._orders[key]

    def each(self, make: Callable[[Order], Any]) -> dict[str, Any]:
        """Something for each order, such as its statement."""
        return {key: make(order) for key, order in self._orders.items()}
