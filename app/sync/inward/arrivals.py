"""What an answer brought: records read, put aside or found to be our own, and the count of their fates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from app.sync import plan
from app.sync.links import Link
from app.sync.mapping import ObjectMapping, Values
from app.sync.mapping.values import BadValue, storable
from app.sync.tx import Tx
from app.words import json_of, say

Record = Mapping[str, Any]


@dataclass(slots=True)
class Report:
    """What became of a page. `news`: ids of records that changed, for their children's formulas."""

    read: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    refused: int = 0
    conflicts: int = 0
    news: set[str] = field(default_factory=set)
    #: the oldest stamp that was new to us, to learn how late records can appear
    oldest_new: str = ""

    def add(self, other: Report) -> None:
        """Sum up."""
        self.read += other.read
        self.created += other.created
        self.updated += other.updated
        self.deleted += other.deleted
        self.refused += other.refused
        self.conflicts += other.conflicts
        self.news |= other.news
        if other.oldest_new and (not self.oldest_new or other.oldest_new < self.oldest_new):
            self.oldest_new = other.oldest_new


def stamp(text: Any) -> str:
    """A Salesforce date-time (`…T23:04:07.000+0000`, or with `Z`) cut to `…T23:04:07Z`; empty for none."""
    return f"{text[:19]}Z" if text else ""


def refuse(tx: Tx, mapping: ObjectMapping, record: Record, reason: str) -> None:
    """Put a record aside, with its reason as a sentence."""
    sentence = say(
        "{sobject} {id} cannot be stored: {reason} Correct the record in Salesforce or the mapping in "
        "{file}; it is tried again when it changes.",
        sobject=mapping.sobject,
        id=record["Id"],
        reason=reason,
        file=mapping.file or mapping.sobject,
    )
    tx.run(
        "INSERT INTO sync_refusal (sf_id, sobject, record, error, words) "
        "VALUES (%s, %s, %s::jsonb, %s, %s::jsonb) "
        "ON CONFLICT (sf_id) DO UPDATE SET record = EXCLUDED.record, error = EXCLUDED.error, "
        "words = EXCLUDED.words, found_at = now()",
        record["Id"],
        mapping.sobject,
        orjson.dumps(_storable(record), default=str).decode(),
        str(sentence),
        json_of(sentence),
    )


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {key: _storable(item) for key, item in value.items()}
    return value


@dataclass(slots=True)
class Arrival:
    """One record on its way in. news: its canonical values that differ from the link's base; without a link,
    all of them. merged: what follows for both sides, once that is known."""

    record: Record
    news: Values
    link: Link | None
    merged: plan.Merge | None = None

    @property
    def sf_id(self) -> str:
        """The record's id."""
        sf_id: str = self.record["Id"]
        return sf_id


def read(
    tx: Tx, mapping: ObjectMapping, records: Sequence[Record], found: Mapping[str, Link], report: Report
) -> list[Arrival]:
    """The records with what is new in them and their links; those that cannot be read are put aside."""
    arrivals = []
    for record in records:
        link = found.get(record["Id"])
        try:
            news = mapping.news(record, link.base if link else {})
        except BadValue as error:
            refuse(tx, mapping, record, error.sentence)
            report.refused += 1
            continue
        arrivals.append(Arrival(record, news, link))
        if link is None or stamp(record.get("SystemModstamp")) != link.base_stamp:
            moment = stamp(record.get("SystemModstamp"))
            if not report.oldest_new or moment < report.oldest_new:
                report.oldest_new = moment
    return arrivals


def adopt(tx: Tx, mapping: ObjectMapping, unlinked: Sequence[Arrival]) -> None:
    """Records that carry one of our ids: made by us, though we may never have had the answer."""
    named: dict[UUID, Arrival] = {}
    for arrival in unlinked:
        try:
            named[UUID(arrival.record.get(mapping.external_id) or "")] = arrival
        except ValueError:
            continue
    if not named:
        return
    rows = tx.rows(
        "SELECT t.id FROM {table} t LEFT JOIN sync_link l ON l.local_id = t.id "
        "WHERE t.id = ANY(%s) AND (l.local_id IS NULL OR l.sf_id IS NULL)",
        list(named),
        table=mapping.table,
    )
    for (local_id,) in rows:
        arrival = named[local_id]
        arrival.link = Link(local_id, arrival.sf_id, "linked", {}, "", new=True)
