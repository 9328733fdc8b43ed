"""From columns of raw values to records as REST shows them. Works a whole page at a time, for speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Columns = Sequence[Sequence[Any]]


@dataclass(slots=True)
class Page:
    """One page of rows, turned on its side.

    children: for each child subquery (by its number) the QueryResult of each parent id.
    """

    columns: Columns
    version: str
    children: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def url(self, sobject: str, record_id: str) -> str:
        """Where REST shows a record."""
        return f"/services/data/v{self.version}/sobjects/{sobject}/{record_id}"


class Member(Protocol):
    """Something that a record shows under a name."""

    def values(self, page: Page) -> Sequence[Any]:
        """Its JSON value in each row of the page."""


@dataclass(slots=True)
class Plain:
    """One column, through a function where stored and shown values differ."""

    index: int
    decode: Callable[[Any], Any] | None = None

    def values(self, page: Page) -> Sequence[Any]:
        """Its JSON value in each row of the page."""
        column = page.columns[self.index]
        decode = self.decode
        if decode is None:
            return column
        return [None if raw is None else decode(raw) for raw in column]


@dataclass(slots=True)
class Compound:
    """An address or a location: an object of its parts, null where all of them are."""

    parts: dict[str, Plain]

    def values(self, page: Page) -> Sequence[Any]:
        """Its JSON value in each row of the page."""
        names = list(self.parts)
        rows = zip(*(part.values(page) for part in self.parts.values()), strict=True)
        return [
            None if all(value is None for value in row) else dict(zip(names, row, strict=True))
            for row in rows
        ]


@dataclass(slots=True)
class Children:
    """The QueryResult of a child subquery; null for a parent without children."""

    number: int

    def values(self, page: Page) -> Sequence[Any]:
        """Its JSON value in each row of the page."""
        found = page.children[self.number]
        return [found.get(parent) for parent in page.columns[0]]


@dataclass(slots=True)
class Record:
    """The row itself, or one of its parents.

    index: the column with the record's id. sobject: its type. type_index: the column with its real type
    where the relationship is polymorphic; REST then calls it `Name`.
    """

    index: int
    sobject: str
    type_index: int | None = None
    members: dict[str, Member] = field(default_factory=dict)

    def values(self, page: Page) -> Sequence[Any]:
        """Its JSON value in each row of the page."""
        ids = page.columns[self.index]
        name = self.sobject
        attributes: Sequence[Any]
        if self.type_index is None:
            start = page.url(name, "")
            attributes = [{"type": name, "url": start + (row or "")} for row in ids]
        else:
            types = page.columns[self.type_index]
            attributes = [
                {"type": name, "url": page.url(kind, row)} if row else None
                for kind, row in zip(types, ids, strict=True)
            ]
        names = ("attributes", *self.members)
        rows = zip(attributes, *(member.values(page) for member in self.members.values()), strict=True)
        return [
            dict(zip(names, row, strict=True)) if record_id else None
            for record_id, row in zip(ids, rows, strict=True)
        ]


@dataclass(slots=True)
class Typeof:
    """A polymorphic parent that shows other fields for each type."""

    index: int
    type_index: int
    cases: dict[str, Record]
    otherwise: Record | None

    def values(self, page: Page) -> Sequence[Any]:
        """Its JSON value in each row of the page."""
        shown = {name: record.values(page) for name, record in self.cases.items()}
        rest = self.otherwise.values(page) if self.otherwise else None
        out: list[Any] = []
        for row, (record_id, kind) in enumerate(
            zip(page.columns[self.index], page.columns[self.type_index], strict=True)
        ):
            url = {"type": kind, "url": page.url(kind or "", record_id or "")}
            if not record_id:
                out.append(None)
            elif kind in shown:
                out.append({**shown[kind][row], "attributes": url})
            elif rest is not None:
                out.append({**rest[row], "attributes": url})
            else:
                out.append({"attributes": url})
        return out


@dataclass(slots=True)
class Group:
    """A row of an aggregate query."""

    members: dict[str, Member] = field(default_factory=dict)

    def values(self, page: Page) -> Sequence[Any]:
        """Its JSON value in each row of the page."""
        names = tuple(self.members)
        rows = zip(*(member.values(page) for member in self.members.values()), strict=True)
        return [
            {"attributes": {"type": "AggregateResult"}} | dict(zip(names, row, strict=True)) for row in rows
        ]
