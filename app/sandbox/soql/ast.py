"""What a SOQL query says, as plain data. Positions are offsets into the query's text, from 0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Path:
    """A field, perhaps of a parent: `Name`, `Account.Owner.Name`."""

    parts: tuple[str, ...]
    pos: int = 0

    @property
    def text(self) -> str:
        """As written, with dots."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function, such as `COUNT()`, `CALENDAR_YEAR(CreatedDate)` or `FIELDS(ALL)`."""

    name: str
    args: tuple[Path | Call | Literal, ...]
    pos: int = 0

    @property
    def text(self) -> str:
        """As written, without superfluous blanks."""
        return f"{self.name}({', '.join(arg.text for arg in self.args)})"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value. `kind` is one of string, number, currency, boolean, null, date, datetime, dateliteral.

    value: the string without quotes and escapes; everything else as written (names in upper case).
    pattern: only for strings: the value as LIKE reads it, wildcards bare and literal ones escaped by `\\`.
    """

    kind: str
    value: str
    text: str
    pos: int = 0
    pattern: str = ""
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Typeof:
    """`TYPEOF What WHEN Account THEN Name ELSE Id END`."""

    path: Path
    cases: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]
    pos: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the SELECT list."""

    expr: Path | Call | Typeof | Query
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op right`; `op` is one of = != < <= > >= LIKE IN NOT IN INCLUDES EXCLUDES."""

    left: Path | Call
    op: str
    right: Literal | tuple[Literal, ...] | Query
    pos: int = 0


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by one operator, `AND` or `OR`."""

    op: str
    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A negated condition."""

    term: Condition


Condition = Comparison | Junction | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One entry of ORDER BY. `nulls` is FIRST, LAST or empty where the query does not say."""

    expr: Path | Call
    descending: bool = False
    nulls: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query, or a subquery."""

    select: tuple[Item, ...]
    entity: str
    alias: str = ""
    #: further FROM entries: (path from an alias or the entity, alias)
    joins: tuple[tuple[Path, str], ...] = ()
    scope: str = ""
    where: Condition | None = None
    security: str = ""
    group_by: tuple[Path | Call, ...] = ()
    having: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None
    #: what FOR says: VIEW, REFERENCE, UPDATE or nothing
    purpose: str = ""
    all_rows: bool = False
    pos: int = 0
    entity_pos: int = 0
