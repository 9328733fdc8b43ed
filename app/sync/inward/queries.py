"""PURE. The SOQL that the sync asks, as text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from app.sync.mapping import Capabilities, ObjectMapping

#: What the engine reads beside the mapped fields, where the object has it.
_META = ("IsDeleted", "MasterRecordId")
_OFFSET = re.compile(r"-(\d+)$")


def fields(mapping: ObjectMapping, org: Capabilities) -> list[str]:
    """The fields to read: what the engine needs and what is mapped and visible."""
    names = ["Id", "SystemModstamp", "LastModifiedDate", "LastModifiedById"]
    names += [name for name in _META if org.has_field(mapping.sobject, name)]
    names += [name for name in mapping.select if org.has_field(mapping.sobject, name)]
    return list(dict.fromkeys(names))


def hidden(mapping: ObjectMapping, org: Capabilities) -> frozenset[str]:
    """Mapped fields that the org does not show: absent, or kept from Tandem's user."""
    return frozenset(name for name in mapping.select if not org.has_field(mapping.sobject, name))


def changes(
    mapping: ObjectMapping,
    org: Capabilities,
    since: str | None,
    until: str | None = None,
    *,
    order: bool = True,
) -> str:
    """Records changed at or after `since` and before `until` (`…Z`; None: no bound), in cursor order."""
    conditions = [
        f"SystemModstamp >= {since}" if since else "",
        f"SystemModstamp < {until}" if until else "",
        *scope(mapping),
    ]
    where = " AND ".join(c for c in conditions if c)
    return (
        f"SELECT {', '.join(fields(mapping, org))} FROM {mapping.sobject}"
        + (f" WHERE {where}" if where else "")
        + (" ORDER BY SystemModstamp, Id" if order else "")
    )


def scope(mapping: ObjectMapping) -> list[str]:
    """The conditions that say which records are synced at all."""
    conditions = [f"({mapping.filter})"] if mapping.filter else []
    if mapping.record_types:
        names = ", ".join(f"'{name}'" for name in mapping.record_types)
        conditions.append(f"RecordType.DeveloperName IN ({names})")
    return conditions


def by_ids(mapping: ObjectMapping, org: Capabilities, ids: Sequence[str], *, key: str = "Id") -> str:
    """The records with those ids, or with those values of another key."""
    listed = ", ".join(f"'{value}'" for value in ids)
    return f"SELECT {', '.join(fields(mapping, org))} FROM {mapping.sobject} WHERE {key} IN ({listed})"


def later_pages(next_url: str, step: int, total: int, *, most: int | None = None) -> list[str]:
    """The addresses of all pages from `next_url` on, which ends in the offset of its first row.

    A server may send shorter pages than it did first; the reader checks each page against the next offset.
    """
    match = _OFFSET.search(next_url)
    if match is None or step <= 0:
        return [next_url]
    start, stem = int(match[1]), next_url[: match.start()]
    pages = [f"{stem}-{offset}" for offset in range(start, max(total, start + 1), step)]
    return pages if most is None else pages[:most]


def offset(url: str) -> int | None:
    """The offset of a page's first row, or None where the address does not say."""
    match = _OFFSET.search(url)
    return int(match[1]) if match else None


def chunks(ids: Collection[str], size: int) -> list[list[str]]:
    """The ids in pieces of at most `size`, in a stable order."""
    ordered = sorted(ids)
    return [ordered[i : i + size] for i in range(0, len(ordered), size)]
