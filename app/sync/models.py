"""The tables of the sync. Core tables, not classes: the engine works on sets of rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Identity, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from app.db import Base

_md = Base.metadata
_When = DateTime(timezone=True)

#: The pair of ids, and the values both sides last agreed on.
link = Table(
    "sync_link",
    _md,
    Column("local_id", Uuid, primary_key=True),
    Column("table_name", Text, nullable=False),
    Column("sobject", Text, nullable=False),
    Column("sf_id", Text, unique=True),
    Column("state", Text, nullable=False, default="linked"),
    Column("base", JSONB, nullable=False),
    #: local column → Salesforce id of a parent that has not arrived yet
    Column("unresolved", JSONB(none_as_null=True)),
    Column("base_stamp", _When),
    Column("sf_modified", _When),
    Column("sf_modified_by", Text),
    Column("read_at", _When),
)

#: Ids that a record no longer has, after a merge.
alias = Table(
    "sync_alias",
    _md,
    Column("sf_id", Text, primary_key=True),
    Column("sobject", Text, nullable=False),
    Column("local_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("noted_at", _When, nullable=False),
)

#: One row a changed record. `columns` says when each column changed; `sent` is what a running attempt
#: writes, kept until its outcome is known, so that our own echo is recognised even after a crash.
outbox = Table(
    "sync_outbox",
    _md,
    Column("local_id", Uuid, primary_key=True),
    Column("table_name", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("columns", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("first_at", _When, nullable=False),
    Column("state", Text, nullable=False),
    Column("sent", JSONB(none_as_null=True)),
    Column("sent_version", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("next_at", _When, nullable=False),
    Column("error_kind", Text),
    Column("error_code", Text),
    Column("error", Text),
    #: the error as a message and its values; counts only beside an error
    Column("words", JSONB(none_as_null=True)),
)

cursor = Table(
    "sync_cursor",
    _md,
    Column("sobject", Text, primary_key=True),
    Column("stamp", _When),
    Column("backfill", JSONB(none_as_null=True)),
    #: field → when it stopped being readable (ISO; empty: it never was); its local values stay meanwhile
    Column("gaps", JSONB, nullable=False),
    Column("polled_at", _When),
    Column("server_at", _When),
    Column("lag_seconds", Integer, nullable=False),
    #: the org that was asked
    Column("org_id", Text),
)

conflict = Table(
    "sync_conflict",
    _md,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("sobject", Text, nullable=False),
    Column("local_id", Uuid, nullable=False),
    Column("field", Text, nullable=False),
    Column("base", JSONB),
    Column("ours", JSONB),
    Column("theirs", JSONB),
    Column("found_at", _When, nullable=False),
    Column("resolved_at", _When),
    Column("resolved_by", Text),
    Column("resolution", Text),
)

#: A record of theirs that does not fit into our table, whole, with the reason.
refusal = Table(
    "sync_refusal",
    _md,
    Column("sf_id", Text, primary_key=True),
    Column("sobject", Text, nullable=False),
    Column("record", JSONB, nullable=False),
    Column("error", Text, nullable=False),
    Column("words", JSONB(none_as_null=True)),
    Column("found_at", _When, nullable=False),
)

#: What an admin should know: merges, conversions, deletions, fields that became invisible.
event = Table(
    "sync_event",
    _md,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _When, nullable=False),
    Column("sobject", Text, nullable=False),
    Column("local_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("sentence", Text, nullable=False),
)

bulk_job = Table(
    "sync_bulk_job",
    _md,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("sobject", Text, nullable=False),
    Column("job", JSONB, nullable=False),
    Column("created_at", _When, nullable=False),
    Column("finished_at", _When),
)

run = Table(
    "sync_run",
    _md,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("started_at", _When, nullable=False),
    Column("finished_at", _When),
    Column("counts", JSONB, nullable=False),
    Column("api_calls", Integer, nullable=False),
    Column("error", Text),
)

mapping_version = Table(
    "mapping_version",
    _md,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("documents", JSONB, nullable=False),
    Column("note", Text, nullable=False),
    Column("applied_at", _When, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)
