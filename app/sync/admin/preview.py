"""A preview of a changed mapping against what is there: reads the database and the org, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.salesforce.errors import SalesforceError
from app.salesforce.gateway import Gateway
from app.salesforce.records import SoqlQuery
from app.sync.admin.change import (
    Estimate,
    ObjectChange,
    RecordChange,
    Subject,
    compare,
    estimate,
    plan_change,
)
from app.sync.mapping.guards import Capabilities
from app.sync.mapping.objects import ObjectMapping
from app.sync.mapping.sets import MappingSet
from app.sync.mapping.values import BadValue, Json

_IDS_A_QUERY, _QUERIES_A_CALL = 200, 5


@dataclass(slots=True)
class ObjectPreview:
    """What would happen to one object. examined of linked records were compared, one by one."""

    change: ObjectChange
    linked: int
    examined: int = 0
    asked_org: bool = False
    records: list[RecordChange] = field(default_factory=list)
    cost: Estimate = field(default_factory=Estimate)

    def lines(self, limit: int) -> list[str]:
        """The preview as text, with at most `limit` records."""
        out = [f"{self.change.sobject}  {self.change.kind}"]
        if self.change.kind == "changed":
            out += [f"  {part.sentence()}" for part in self.change.parts]
            out += [f"  The object changes {_POLICIES.get(name, name)}." for name in self.change.policies]
        for record in self.records[:limit]:
            out.append(f"  {record.sf_id} {record.label}".rstrip())
            out += [f"      here        {n}: {_show(a)} → {_show(b)}" for n, (a, b) in record.local.items()]
            out += [
                f"      Salesforce  {n}: {_show(a)} → {_show(b)}" for n, (a, b) in record.salesforce.items()
            ]
            out += [f"      question    {name}: both sides have a value" for name in record.asked]
            if record.problem:
                out.append(f"      problem     {record.problem}")
        if len(self.records) > limit:
            out.append(f"  … and {len(self.records) - limit} more")
        if not (self.change.reread or self.change.reads_all):
            out.append("  No record changes.")
            return out
        counts = self.counts()
        out.append(
            f"  {self.examined} of {self.linked} linked records compared: {counts['here']} change here, "
            f"{counts['salesforce']} in Salesforce, {counts['asked']} need an answer, "
            f"{counts['problems']} could not be synced. API calls: {self.cost.reads} to read, "
            f"{self.cost.writes} to write."
        )
        if self.examined and self.change.reread and not self.asked_org:
            out.append("  Salesforce was not asked: its values are those of the last sync.")
        return out

    def counts(self) -> dict[str, int]:
        """How many examined records change where."""
        return {
            "here": sum(1 for r in self.records if r.local),
            "salesforce": sum(1 for r in self.records if r.salesforce),
            "asked": sum(1 for r in self.records if r.asked),
            "problems": sum(1 for r in self.records if r.problem),
        }

    def as_json(self, limit: int) -> dict[str, Any]:
        """The same as data."""
        return {
            "object": self.change.sobject,
            "kind": self.change.kind,
            "parts": [part.sentence() for part in self.change.parts],
            "policies": list(self.change.policies),
            "linked": self.linked,
            "examined": self.examined,
            "asked_org": self.asked_org,
            "counts": self.counts(),
            "api_calls": {"reads": self.cost.reads, "writes": self.cost.writes},
            "records": [
                {
                    "sf_id": r.sf_id,
                    "local_id": str(r.local_id),
                    "label": r.label,
                    "here": {n: list(pair) for n, pair in r.local.items()},
                    "salesforce": {n: list(pair) for n, pair in r.salesforce.items()},
                    "asked": list(r.asked),
                    "problem": r.problem,
                }
                for r in self.records[:limit]
            ],
        }


_POLICIES = {
    "external_id": "its external id",
    "create": "which way new records go",
    "update": "which way changes go",
    "delete_in": "what a deletion in Salesforce does here",
    "delete_out": "what a deletion here does in Salesforce",
    "order": "its place in the order",
    "when": "its condition on the org",
    "rest_batch": "how many records go out in one call",
    "bulk_threshold": "from how many records on it uses Bulk 2.0",
    "auto_assign": "whether assignment rules run",
    "duplicate_rule": "how it meets duplicate rules",
    "guarded": "whether its changes go only onto records as they were read",
    "record_types": "its record types",
    "filter": "its filter",
    "currency": "its currency field",
    "convert": "what happens when a lead is converted",
    "every": "the seconds between two polls",
    "budget": "its place when API calls run short",
    "table": "its table",
}


def _show(value: object) -> str:
    if value is None:
        return "(empty)"
    shown = str(value)
    return f"{shown[:57]}…" if len(shown) > 60 else shown


def preview(
    session: Session,
    old: MappingSet | None,
    new: MappingSet,
    gateway: Gateway | None,
    org: Capabilities | None = None,
    *,
    examine: int = 10_000,
) -> Iterator[ObjectPreview]:
    """What `new` would do, object by object. Without a gateway the bases stand for Salesforce's values.

    org: what the org has; guarded parts it lacks are left out. Needed where there is a gateway.
    examine: the most records to compare for each object; the counts of calls grow with the whole.
    """
    if org is not None:
        new = new.for_org(org)[0]
        old = old.for_org(org)[0] if old else None
    for change in compare(old, new):
        linked = _linked(session, change.sobject)
        found = ObjectPreview(change, linked)
        mapping = change.after
        if mapping is not None and change.kind == "added" and gateway is not None:
            linked = gateway.query(f"SELECT COUNT() FROM {mapping.sobject}").total_size  # noqa: S608  # a checked API name
        if mapping is not None and change.kind == "changed" and change.reread:
            for subjects in _subjects(session, mapping, examine):
                if gateway is not None:
                    subjects = _with_theirs(gateway, mapping, change.reread, subjects)
                    found.asked_org = True
                subjects = _with_parents(session, mapping, change.reread, subjects)
                found.examined += len(subjects)
                found.records += plan_change(change, subjects)
        writes = found.counts()["salesforce"]
        if found.examined and linked > found.examined:
            writes = -(-writes * linked // found.examined)
        found.cost = estimate(change, linked, writes)
        yield found


def _linked(session: Session, sobject: str) -> int:
    statement = text("SELECT count(*) FROM sync_link WHERE sobject = :sobject AND state = 'linked'")
    return int(session.execute(statement, {"sobject": sobject}).scalar_one())


def _subjects(session: Session, mapping: ObjectMapping, examine: int) -> Iterator[list[Subject]]:
    """Linked records in pieces of one composite call, by record id."""
    quoted = session.get_bind().dialect.identifier_preparer.quote_identifier
    last, size = "", _IDS_A_QUERY * _QUERIES_A_CALL
    statement = text(
        "SELECT l.sf_id AS sync_sf_id, l.base AS sync_base, t.* "  # noqa: S608  # quoted name
        f"FROM sync_link l JOIN {quoted(mapping.table)} t ON t.id = l.local_id "
        "WHERE l.sobject = :sobject AND l.state = 'linked' AND l.sf_id > :last "
        "ORDER BY l.sf_id LIMIT :size"
    )
    while examine > 0:
        rows = (
            session.execute(statement, {"sobject": mapping.sobject, "last": last, "size": min(size, examine)})
            .mappings()
            .all()
        )
        if not rows:
            return
        yield [_subject(row) for row in rows]
        examine -= len(rows)
        last = rows[-1]["sync_sf_id"]


def _subject(row: Mapping[Any, Any]) -> Subject:
    names = [row.get(key) for key in ("name", "first_name", "last_name", "company") if row.get(key)]
    local_id: UUID = row["id"]
    return Subject(local_id, row["sync_sf_id"], " ".join(map(str, names)), row["sync_base"], dict(row))


def _with_theirs(
    gateway: Gateway, mapping: ObjectMapping, names: frozenset[str], subjects: Sequence[Subject]
) -> list[Subject]:
    """The subjects with what the org holds now; one API call for a thousand."""
    fields = ", ".join(["Id", *sorted(names)])
    queries = []
    for start in range(0, len(subjects), _IDS_A_QUERY):
        ids = ", ".join(f"'{s.sf_id}'" for s in subjects[start : start + _IDS_A_QUERY])
        queries.append(SoqlQuery(f"SELECT {fields} FROM {mapping.sobject} WHERE Id IN ({ids})"))  # noqa: S608  # checked API names and ids
    records: dict[str, Mapping[str, Any]] = {}
    for page in gateway.composite_queries(queries):
        if isinstance(page, SalesforceError):
            raise page
        records.update({record["Id"]: record for record in page.records})
    out: list[Subject] = []
    for s in subjects:
        out.append(replace(s, theirs=_values(mapping, records.get(s.sf_id))))
    return out


def _with_parents(
    session: Session, mapping: ObjectMapping, names: frozenset[str], subjects: Sequence[Subject]
) -> list[Subject]:
    """The subjects with the rows behind their lookups, where one of those is to be agreed anew."""
    lookups = [x for x in mapping.lookups if x.sf in names]
    if not lookups:
        return list(subjects)
    sf_ids: set[str] = set()
    rows: set[UUID] = set()
    for s in subjects:
        known = s.base if s.theirs is None else s.theirs
        sf_ids |= {str(known[x.sf]) for x in lookups if known.get(x.sf)}
        rows |= {s.row[x.local] for x in lookups if s.row.get(x.local)}
    found = session.execute(
        text(
            "SELECT sf_id, local_id FROM sync_link WHERE state <> 'merged' "
            "AND (sf_id = ANY(:sf_ids) OR local_id = ANY(:rows))"
        ),
        {"sf_ids": list(sf_ids), "rows": list(rows)},
    )
    parents: dict[str, UUID] = {sf_id: local_id for sf_id, local_id in found if sf_id}
    return [replace(s, parents=parents) for s in subjects]


def _values(mapping: ObjectMapping, record: Mapping[str, Any] | None) -> dict[str, Json] | None:
    if record is None:
        return None
    try:
        return mapping.values(record)
    except BadValue:
        # The record as it came: the plan then names the field that does not fit.
        return {name: value for name, value in record.items() if name in mapping.by_sf}
