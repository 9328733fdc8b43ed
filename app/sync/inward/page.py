"""One page of records on its way in: the steps, in the order in which they happen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.sync import conflicts, links, outbox, plan
from app.sync.engine import Applied, Engine
from app.sync.inward import identity, origins
from app.sync.inward.arrivals import Arrival, Record, Report, adopt, read, refuse, stamp
from app.sync.links import Link
from app.sync.mapping import ObjectMapping, Values
from app.sync.mapping.values import BadValue
from app.sync.tables import insert_rows, rows_here, update_rows
from app.sync.tx import Tx
from app.words import Names, say


class Page:
    """The records of one SObject that one answer brought."""

    def __init__(
        self,
        engine: Engine,
        tx: Tx,
        mapping: ObjectMapping,
        read_at: datetime,
        clock_offset: timedelta,
        report: Report,
    ) -> None:
        self.engine, self.tx, self.mapping, self.report = engine, tx, mapping, report
        self.read_at, self.clock_offset = read_at.isoformat(), clock_offset
        self.shape = engine.shape(tx, mapping)
        self.applied: list[Applied] = []
        self.known: dict[str, UUID] = {}

    def apply(self, records: Sequence[Record]) -> None:
        found = links.by_sf_ids(self.tx, [r["Id"] for r in records])
        arrivals = read(self.tx, self.mapping, records, found, self.report)
        gone = [a for a in arrivals if a.record.get("IsDeleted") in (True, "true")]
        if gone:
            arrivals = [a for a in arrivals if a.record.get("IsDeleted") not in (True, "true")]
        adopt(self.tx, self.mapping, [a for a in arrivals if a.link is None])
        new = [a for a in arrivals if a.link is None]
        linked = [a for a in arrivals if a.link is not None]
        if self.mapping.create not in ("both", "in"):
            new = []
        for arrival in new:
            self.known[arrival.sf_id] = uuid4()
        self._know(arrival.news for arrival in (*new, *linked))
        self._create(new)
        self._merge(linked)
        if self.mapping.convert:
            identity.converted(
                self.engine,
                self.tx,
                self.mapping,
                [(a.link, a.record) for a in (*new, *linked) if a.link is not None],
            )
        self._gone(gone)  # last: the survivor of a merge may have come with this page
        self._welcome(arrivals)
        self.engine.tell(self.tx, self.applied)

    def _know(self, told: Iterable[Values]) -> None:
        """Our ids for all parents that those values mention, beside the new rows of the page itself."""
        names = [lookup.sf for lookup in self.mapping.lookups]
        mentioned = {
            str(value)
            for values in told
            for name in names
            if (value := values.get(name)) and value not in self.known
        }
        self.known.update(links.local_ids(self.tx, mentioned))

    def _columns(self, values: Values) -> tuple[dict[str, Any], dict[str, str]]:
        """Local columns for values, and the lookups whose parents have not arrived."""
        columns = self.mapping.read(values)
        for f in self.mapping.keeping:
            if f.sf in values and values[f.sf] is None:
                (columns.get("extra", {}) if f.extra else columns).pop(f.extra or f.local, None)
        unresolved: dict[str, str] = {}
        for lookup in self.mapping.lookups:
            if not lookup.inbound or lookup.sf not in values:
                continue
            sf_id = values[lookup.sf]
            if sf_id is None:
                if lookup.null == "clear":
                    columns[lookup.local] = None
            else:
                columns[lookup.local] = self.known.get(str(sf_id))
                if columns[lookup.local] is None:
                    unresolved[lookup.local] = str(sf_id)
        return columns, unresolved

    def _stamps(self, record: Record) -> tuple[Any, ...]:
        return (
            record.get("SystemModstamp"),
            record.get("LastModifiedDate"),
            record.get("LastModifiedById"),
            self.read_at,
        )

    # -- writing ----------------------------------------------------------------------------------

    def _create(self, new: Sequence[Arrival]) -> None:
        rows: list[tuple[UUID, dict[str, Any]]] = []
        fresh = []
        for arrival in new:
            columns, unresolved = self._columns(arrival.news)
            missing = [c for c in sorted(self.shape.required) if c != "id" and columns.get(c) is None]
            if missing:
                reason = say("it has no value for {columns}.", columns=Names(tuple(missing)))
                refuse(self.tx, self.mapping, arrival.record, reason)
                self.report.refused += 1
                continue
            local_id = self.known[arrival.sf_id]
            rows.append((local_id, columns))
            fresh.append(
                (local_id, arrival.sf_id, "linked", arrival.news, unresolved or None,
                 *self._stamps(arrival.record))
            )  # fmt: skip
            arrival.link = Link(local_id, arrival.sf_id, "linked", arrival.news, "", new=True)
            self.applied.append(Applied(self.mapping.table, local_id, "created", columns))
            self.report.news.add(arrival.sf_id)
        insert_rows(self.tx, self.mapping.table, rows)
        links.insert(self.tx, self.mapping, fresh)
        self.report.created += len(rows)

    def _merge(self, linked: Sequence[Arrival]) -> None:
        touched: list[Arrival] = []
        restamped = []
        for arrival in linked:
            link = arrival.link
            assert link is not None
            if arrival.news or link.new or link.state == "deleted":
                touched.append(arrival)
            elif stamp(arrival.record.get("SystemModstamp")) != link.base_stamp:
                restamped.append((link.local_id, *self._stamps(arrival.record)))
                self.report.news.add(arrival.sf_id)  # our own echo, or a field that is not mapped
        links.restamp(self.tx, restamped)
        if not touched:
            return
        ids = [a.link.local_id for a in touched if a.link]
        # Locked before the outbox is read: a change made here from now on waits for our commit, and
        # its own trigger will put it into the outbox.
        present = self.tx.rows(
            "SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", ids, table=self.mapping.table
        )
        dirty = outbox.of(self.tx, ids)
        if len(present) < len(ids):
            touched = self._recreate(touched, {row[0] for row in present}, dirty)
        rows = rows_here(self.tx, self.shape, self.mapping, list(dirty))
        parents = links.sf_ids(
            self.tx,
            (v for row in rows.values() for lk in self.mapping.lookups if (v := row.get(lk.local))),
        )
        asked = conflicts.open_fields(self.tx, list(dirty))
        for arrival in touched:
            assert arrival.link is not None
            link = arrival.link
            by_us = self.engine.our_user_id == arrival.record.get("LastModifiedById")
            entry = dirty.get(link.local_id)
            row = rows.get(link.local_id)
            if entry is None or row is None:
                arrival.merged = plan.take(self.mapping, link.base, arrival.news, by_us=by_us)
                continue
            theirs = self.mapping.values(arrival.record)
            try:
                ours = outbox.ours(self.mapping, entry, row, parents, self.clock_offset)
            except BadValue as error:
                outbox.hold(
                    self.tx, entry.local_id, entry.version,
                    kind="user_fixable", code="BAD_VALUE", sentence=error.sentence,
                )  # fmt: skip
                unfit = outbox.unfit(self.mapping, entry, row)
                ours = outbox.ours(
                    self.mapping, entry, row, parents, self.clock_offset, without=unfit
                )  # fmt: skip
                keep = {n for n in unfit if self.mapping.by_sf[n].owner != "salesforce"}
                theirs = {name: value for name, value in theirs.items() if name not in keep}
            modified = _moment(arrival.record.get("LastModifiedDate"))
            arrival.merged = plan.merge(self.mapping, link.base, theirs, ours, modified=modified, by_us=by_us)
            if entry.state == "held" and arrival.merged.settled:
                outbox.release(self.tx, entry.local_id)  # what kept it back may be what was settled
            conflicts.record(
                self.tx, self.mapping, link.local_id, arrival.merged, asked.get(link.local_id, frozenset())
            )
            self.report.conflicts += len(arrival.merged.clashes)
        self._write(touched)
        if dirty:
            # The record was read: whatever an unfinished attempt sent is now either seen or not there.
            self.tx.run(
                "UPDATE sync_outbox SET sent = NULL WHERE local_id = ANY(%s) AND state <> 'sending'",
                list(dirty),
            )

    def _recreate(
        self,
        touched: Sequence[Arrival],
        present: Collection[UUID],
        dirty: Mapping[UUID, outbox.Entry],
    ) -> list[Arrival]:
        """Make rows anew that were removed here and whose records live, under their old ids; gives the rest.

        A row whose removal still has to go out is left as it is.
        """
        rest, again = [], []
        for arrival in touched:
            link = arrival.link
            assert link is not None
            lives = link.local_id in present or link.local_id in dirty
            if lives or link.state not in ("linked", "deleted") or self.mapping.create not in ("both", "in"):
                rest.append(arrival)
            else:
                again.append((arrival, link, self.mapping.values(arrival.record)))
        self._know(values for _, _, values in again)
        rows = []
        renewed = []
        for arrival, link, values in again:
            columns, unresolved = self._columns(values)
            rows.append((link.local_id, columns))
            renewed.append(
                (link.local_id, "linked", values, unresolved or None, *self._stamps(arrival.record))
            )
            kind = "undeleted" if link.state == "deleted" else "created"
            self.applied.append(Applied(self.mapping.table, link.local_id, kind, columns))
            self.report.news.add(arrival.sf_id)
            if link.state == "deleted":
                identity.revived(self.tx, self.mapping, link)
        insert_rows(self.tx, self.mapping.table, rows)
        links.refresh(self.tx, renewed)
        self.report.created += len(rows)
        return rest

    def _write(self, touched: Sequence[Arrival]) -> None:
        updates: list[tuple[UUID, dict[str, Any]]] = []
        renewed, adopted, reasserted = [], [], []
        for arrival in touched:
            link, merged = arrival.link, arrival.merged
            assert link is not None
            assert merged is not None
            columns, unresolved = self._columns(merged.inbound)
            # A parent that was awaited before still is, unless this very lookup has news.
            if link.unresolved:
                told = {lookup.local for lookup in self.mapping.lookups if lookup.sf in merged.inbound}
                unresolved |= {c: sf_id for c, sf_id in link.unresolved.items() if c not in told}
            revived = link.state == "deleted"
            if revived and self.shape.keeps_deleted:
                columns["deleted_at"] = None
            if columns:
                updates.append((link.local_id, columns))
                self.applied.append(
                    Applied(self.mapping.table, link.local_id, "undeleted" if revived else "updated", columns)
                )
                self.report.news.add(arrival.sf_id)
            if revived:
                identity.revived(self.tx, self.mapping, link)
            state = "linked" if revived else link.state
            stamps = self._stamps(arrival.record)
            if link.new:
                adopted.append(
                    (link.local_id, arrival.sf_id, "linked", merged.base, unresolved or None, *stamps)
                )
            else:
                renewed.append((link.local_id, state, merged.news, unresolved or None, *stamps))
            if merged.reassert:
                now = datetime.now(UTC).isoformat()
                names = [self.mapping.by_sf[name].local.split(".")[0] for name in merged.reassert]
                reasserted.append((link.local_id, dict.fromkeys(names, now)))
        update_rows(self.tx, self.mapping.table, updates)
        links.refresh(self.tx, renewed)
        links.insert(self.tx, self.mapping, adopted)
        outbox.add(self.tx, self.mapping.table, reasserted)
        self.report.updated += len(updates)

    def _gone(self, gone: Sequence[Arrival]) -> None:
        pairs = [(a.link, a.record) for a in gone if a.link is not None]
        self.report.deleted += identity.gone(self.engine, self.tx, self.mapping, pairs, self.applied)

    def _welcome(self, arrivals: Iterable[Arrival]) -> None:
        """A record that was put aside once and fits now is no longer on the list."""
        linked = [a.sf_id for a in arrivals if a.link is not None]
        self.tx.run("DELETE FROM sync_refusal WHERE sf_id = ANY(%s)", linked)
        origins.note(self.tx, self.mapping, self.engine.org_id, linked)


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(stamp(text)) if text else None
