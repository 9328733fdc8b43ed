"""Records read again whatever their stamps: formulas of children, and records that turned out otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from app.salesforce import SalesforceError, SoqlQuery
from app.sync import links
from app.sync.engine import Engine
from app.sync.inward import identity, inbound, queries
from app.sync.mapping import ObjectMapping
from app.sync.tx import Tx

_PER_CALL = 5


def refresh_formulas(engine: Engine, *, wrote: bool = False) -> None:
    """Read children again whose formulas may show another value now: a formula bumps no stamp.

    wrote: after a push, when a child read in the same second as its parent may be older than our write.
    """
    news = {sobject: list(sf_ids) for sobject, sf_ids in engine.news.items()}
    for mapping in engine.mappings.objects:
        if not any(f.refresh for f in mapping.fields):
            continue
        children: set[str] = set()
        with engine.transaction() as tx:
            for lookup in mapping.lookups:
                parents = [sf_id for parent in lookup.objects for sf_id in news.get(parent, ())]
                if parents:
                    children.update(_children(tx, mapping, lookup.local, parents, wrote))
        records(engine, mapping, children)
    engine.news.clear()


def _children(tx: Tx, mapping: ObjectMapping, column: str, parents: list[str], wrote: bool) -> list[str]:
    """The records below those parents that were read before them."""
    rows = tx.rows(
        "SELECT l.sf_id FROM {table} c JOIN sync_link l ON l.local_id = c.id AND l.state = 'linked' "
        "JOIN sync_link p ON p.local_id = c.{column} "
        "WHERE p.sf_id = ANY(%s) AND (p.read_at > l.read_at OR %s AND p.read_at = l.read_at) IS NOT FALSE",
        parents,
        wrote,
        table=mapping.table,
        column=column,
    )
    return [row[0] for row in rows]


def records(engine: Engine, mapping: ObjectMapping, sf_ids: Iterable[str]) -> set[str]:
    """Read these records whatever their stamps and apply them; gives the ids that were found."""
    found: set[str] = set()
    pieces = queries.chunks(set(sf_ids), 200)
    for start in range(0, len(pieces), _PER_CALL):
        asked = [
            SoqlQuery(queries.by_ids(mapping, engine.org, piece), all_rows=True)
            for piece in pieces[start : start + _PER_CALL]
        ]
        pages = engine.gateway.composite_queries(asked)
        read_at = engine.gateway.server_time or datetime.now(UTC)
        for page in pages:
            if isinstance(page, SalesforceError):
                raise page
            answer = list(page.records)
            while page.next_url:  # an answer may be shorter than what was asked for
                page = engine.gateway.query_more(page.next_url)
                answer += page.records
            inbound.take_in(engine, mapping, answer, read_at)
            found.update(record["Id"] for record in answer)
    return found


def look_up(engine: Engine, missing: dict[str, set[str]]) -> None:
    """Read records again that turned out changed, merged or gone; one that is nowhere is deleted."""
    for sobject, ids in missing.items():
        mapping = engine.mappings.by_sobject(sobject)
        lost = ids - records(engine, mapping, ids)
        if lost:
            with engine.transaction() as tx:
                for link in links.by_sf_ids(tx, sorted(lost)).values():
                    if link.state == "linked":
                        identity.deleted(engine, tx, mapping, link)
