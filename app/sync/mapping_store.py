"""Versions of the mappings in the database: which one is active, who applied it, and the way back.

A version is stored whole or not at all, and only when it has no fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.audit import record
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Misconfigured, NotFound
from app.sync.admin.change import ObjectChange, compare
from app.sync.mapping import MappingFaults, parse
from app.sync.mapping.sets import MappingSet
from app.sync.models import mapping_version


@dataclass(frozen=True, slots=True)
class Version:
    """One version. applied_at is UTC."""

    id: int
    hash: str
    documents: Mapping[str, str]
    note: str
    applied_at: datetime
    applied_by: str
    active: bool

    def mappings(self) -> MappingSet:
        """The mappings of this version. Raises MappingFaults when a newer Tandem reads them otherwise."""
        return parse(self.documents)


def read_files(directory: Path) -> dict[str, str]:
    """The mapping files of a directory by name. Raises Misconfigured when it cannot be read or is empty."""
    try:
        files = sorted(directory.glob("*.yaml"))
        texts = {file.name: file.read_bytes() for file in files}
    except OSError as error:
        raise _unreadable(directory, error.strerror or "unreadable") from None
    if not texts:
        raise _unreadable(directory, "there is no .yaml file")
    documents: dict[str, str] = {}
    for name, content in texts.items():
        try:
            documents[name] = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _unreadable(directory / name, "the text is not UTF-8") from None
    return documents


def _unreadable(path: Path, why: str) -> Misconfigured:
    return Misconfigured(
        f"The mappings cannot be read: {why}.",
        where=str(path),
        remedy="Correct the file, or name the right directory in TANDEM_MAPPINGS_DIR.",
    )


def active(session: Session) -> Version | None:
    """The active version, or None before the first one."""
    found = session.execute(select(mapping_version).where(mapping_version.c.active)).mappings().first()
    return None if found is None else _version(found)


def newer(session: Session, known: MappingSet) -> MappingSet | None:
    """The active mappings if they are others than `known`; None if `known` is still right.

    Ask it after taking the sync's lock: a version applied in between must not be worked around.
    """
    now = session.execute(select(mapping_version.c.hash).where(mapping_version.c.active)).scalar()
    if now is None or now == known.hash:
        return None
    found = active(session)
    return None if found is None else found.mappings()


def versions(session: Session) -> list[Version]:
    """Every version, newest first."""
    rows = session.execute(select(mapping_version).order_by(mapping_version.c.id.desc())).mappings()
    return [_version(row) for row in rows]


def _version(row: RowMapping) -> Version:
    return Version(
        row["id"],
        row["hash"],
        dict(row["documents"]),
        row["note"],
        row["applied_at"],
        row["applied_by"],
        row["active"],
    )


def apply(session: Session, documents: Mapping[str, str], *, by: str, note: str = "") -> Version:
    """Store the documents as a new version and make it active; the active one again changes nothing.

    What the new version treats differently is agreed anew by the next sync: see `renew`. Raises
    MappingFaults, with nothing stored.
    """
    mappings = parse(documents)
    _lock(session)
    now = active(session)
    if now is not None and now.hash == mappings.hash:
        return now
    session.execute(update(mapping_version).where(mapping_version.c.active).values(active=False))
    statement = (
        insert(mapping_version)
        .values(
            hash=mappings.hash,
            documents=dict(documents),
            note=note,
            applied_by=by,
            active=True,
            applied_at=func.now(),
        )
        .returning(*mapping_version.c)
    )
    stored = _version(session.execute(statement).mappings().one())
    record(
        session,
        Actor("system", by),
        "mapping.apply",
        subject=("mapping_version", stored.id),
        reason=note,
        before={"version": now.id, "hash": now.hash} if now else None,
        after={"version": stored.id, "hash": stored.hash},
    )
    if now is not None:
        try:
            before = now.mappings()
        except MappingFaults:  # stored by an older Tandem, under rules that have changed since
            before = None
        for change in compare(before, mappings):
            renew(session, change)
    return stored


def revert(session: Session, version_id: int | None = None, *, by: str) -> Version:
    """Make an older version active again, as a new version that says so.

    Without a number: the version before the one whose content is active. Raises NotFound for a number that
    does not exist and Conflict when there is nothing to go back to.
    """
    _lock(session)
    stored = versions(session)
    now = next((v for v in stored if v.active), None)
    if version_id is None:
        origin = min((v.id for v in stored if now is not None and v.hash == now.hash), default=0)
        target = next((v for v in stored if v.id < origin), None)
        if target is None:
            raise Conflict("There is no older version of the mappings.", where="mappings")
    else:
        target = next((v for v in stored if v.id == version_id), None)
        if target is None:
            listed = ", ".join(str(v.id) for v in reversed(stored)) or "none"
            raise NotFound(
                f"There is no version {version_id} of the mappings.",
                where="mappings",
                remedy=f"There are: {listed}.",
            )
    if now is not None and now.hash == target.hash:
        raise Conflict(f"Version {target.id} has what is active already.", where="mappings")
    return apply(session, target.documents, by=by, note=f"Back to version {target.id}")


def ensure(session: Session, directory: Path, *, by: str = "tandem") -> Version:
    """The active version; where there is none yet, the files of the directory become version 1."""
    found = active(session)
    if found is not None:
        return found
    return apply(session, read_files(directory), by=by, note="From the files, at the first sync")


def _lock(session: Session) -> None:
    session.execute(text("LOCK TABLE mapping_version IN SHARE ROW EXCLUSIVE MODE"))


def renew(session: Session, change: ObjectChange) -> None:
    """Have the next sync agree anew on what the change touches.

    Fields whose meaning changed lose their agreed base; the object's records are read again where values
    come in; rows with values that Tandem owns, or that somebody decides about, are offered to Salesforce.
    Rows that were put aside are tried again: the change may be the remedy. Questions about what is not synced
    any more are closed.
    """
    gone = None if change.after is None else [p.sf for p in change.parts if p.kind == "removed"]
    session.execute(
        text(
            "UPDATE sync_conflict SET resolved_at = now(), resolution = 'gone' "
            "WHERE sobject = :sobject AND resolved_at IS NULL "
            "AND (CAST(:gone AS text[]) IS NULL OR field = ANY(:gone))"
        ),
        {"sobject": change.sobject, "gone": gone},
    )
    if change.after is None:
        return
    session.execute(
        text(
            "UPDATE sync_outbox SET state = 'pending', attempts = 0, next_at = clock_timestamp() "
            "WHERE state = 'held' AND table_name = :table"
        ),
        {"table": change.after.table},
    )
    params: dict[str, Any] = {"sobject": change.sobject, "fields": list(change.reread)}
    if change.reread:
        session.execute(
            text("UPDATE sync_link SET base = base - CAST(:fields AS text[]) WHERE sobject = :sobject"),
            params,
        )
    if change.reads_all:
        session.execute(
            text("UPDATE sync_cursor SET stamp = NULL, backfill = NULL WHERE sobject = :sobject"), params
        )
    if change.kind == "changed":
        for column in sorted(change.pushed_columns):
            _offer(session, change.sobject, change.after.table, column)


def _offer(session: Session, sobject: str, table: str, column: str) -> None:
    """Put rows with a value in the column into the outbox, as changed long ago."""
    quoted = session.get_bind().dialect.identifier_preparer.quote_identifier
    key = column.removeprefix("extra.")
    filled = "t.extra ->> :key IS NOT NULL" if column != key else f"t.{quoted(column)} IS NOT NULL"
    session.execute(
        text(
            "INSERT INTO sync_outbox (local_id, table_name, op, columns) "  # noqa: S608  # quoted names
            "SELECT t.id, :table, 'upsert', jsonb_build_object(CAST(:column AS text), NULL) "
            f"FROM {quoted(table)} t JOIN sync_link l ON l.local_id = t.id AND l.sobject = :sobject "
            f"WHERE {filled} AND l.state = 'linked' "
            # An entry without columns is a new row: all of its columns go out anyway.
            "ON CONFLICT (local_id) DO UPDATE SET version = sync_outbox.version + 1, "
            "columns = CASE WHEN sync_outbox.columns = '{}' THEN '{}' "
            "ELSE EXCLUDED.columns || sync_outbox.columns END"
        ),
        {
            "table": table,
            "sobject": sobject,
            "key": key,
            "column": "extra" if column != key else column,
        },
    )
