"""Versions of workflow documents: which one is active, who published it, and the way back.

Each workflow has versions of its own. A version is stored whole or not at all, and only without a fault; a
request keeps the version it began with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from app.approvals.document.reading import Document, read
from app.approvals.document.shape import Workflow
from app.audit import record
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict, Misconfigured, NotFound
from app.words import say


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one workflow. published_at is UTC."""

    key: str
    version: int
    source: str
    hash: str
    active: bool
    note: str
    published_at: datetime
    published_by: str

    def workflow(self) -> Workflow:
        """What it says. Raises Misconfigured when this Tandem reads it otherwise than the one before."""
        return parsed(self.source, f"{self.key}, version {self.version}")


@lru_cache(maxsize=256)
def parsed(source: str, where: str) -> Workflow:
    """The workflow of a stored source; the same source is read once."""
    try:
        return read(source).workflow
    except BadInput as error:
        raise Misconfigured(
            "This workflow was published under older rules and cannot be used now.",
            where=where,
            remedy=f"Publish a corrected version. {error.what}",
        ) from None


#: What a workflow may be called; nothing else is looked for.
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COLUMNS = "key, version, source, hash, active, note, published_at, published_by"


def active(session: Session, key: str) -> Version:
    """The active version; a shipped one that is missing is published first. Raises NotFound."""
    found = _active(session, key)
    if found is None and ensure(session):
        found = _active(session, key)
    if found is None:
        raise NotFound(
            say('There is no workflow "{key}".', key=key), remedy=say("Look for it in the list of workflows.")
        )
    return found


def _active(session: Session, key: str) -> Version | None:
    if not _KEY.fullmatch(key):
        return None
    row = session.execute(
        text(f"SELECT {_COLUMNS} FROM approval_workflow WHERE key = :key AND active"),  # noqa: S608  # own constant
        {"key": key},
    ).mappings()
    found = row.first()
    return None if found is None else _version(found)


def get(session: Session, key: str, version: int) -> Version:
    """That version. Raises NotFound."""
    row = session.execute(
        text(f"SELECT {_COLUMNS} FROM approval_workflow WHERE key = :key AND version = :version"),  # noqa: S608  # own constant
        {"key": key, "version": version},
    ).mappings()
    found = row.first()
    if found is None:
        raise NotFound(say("There is no version {version} of the workflow.", version=version), where=key)
    return _version(found)


def all_active(session: Session) -> list[Version]:
    """The active version of every workflow, by key; shipped ones that are missing are published first."""
    ensure(session)
    rows = session.execute(
        text(f"SELECT {_COLUMNS} FROM approval_workflow WHERE active ORDER BY key")  # noqa: S608  # own constant
    ).mappings()
    return [_version(row) for row in rows]


def versions(session: Session, key: str) -> list[Version]:
    """Every version of a workflow, newest first."""
    if not _KEY.fullmatch(key):
        return []
    rows = session.execute(
        text(f"SELECT {_COLUMNS} FROM approval_workflow WHERE key = :key ORDER BY version DESC"),  # noqa: S608  # own constant
        {"key": key},
    ).mappings()
    return [_version(row) for row in rows]


def _version(row: RowMapping) -> Version:
    return Version(**row)


_PUBLISH = text(
    "INSERT INTO approval_workflow (key, version, source, document, hash, active, note, published_by) "  # noqa: S608  # own constant
    "SELECT :key, coalesce(max(version), 0) + 1, :source, :document, :hash, true, :note, :by "
    f"FROM approval_workflow WHERE key = :key RETURNING {_COLUMNS}"
).bindparams(bindparam("document", type_=JSONB))


def publish(session: Session, document: Document, actor: Actor, *, note: str = "") -> Version:
    """Make the document the active version of its workflow; what is active already changes nothing."""
    key = document.workflow.key
    _lock(session)
    before = next((one for one in versions(session, key) if one.active), None)
    if before is not None and before.hash == document.hash:
        return before
    session.execute(
        text("UPDATE approval_workflow SET active = false WHERE key = :key AND active"), {"key": key}
    )
    made = _version(
        session.execute(
            _PUBLISH,
            {
                "key": key,
                "source": document.source,
                "document": document.content,
                "hash": document.hash,
                "note": note,
                "by": actor.name,
            },
        )
        .mappings()
        .one()
    )
    record(
        session,
        actor,
        "workflow.publish",
        subject=("workflow", key),
        reason=note,
        before={"version": before.version, "hash": before.hash} if before else None,
        after={"version": made.version, "hash": made.hash},
    )
    return made


def revert(session: Session, key: str, actor: Actor, version: int | None = None) -> Version:
    """Make an older version active again, as a new version that says so.

    Without a number: the version before the one whose content is active. Raises NotFound, Conflict.
    """
    _lock(session)
    stored = versions(session, key)
    now = next((one for one in stored if one.active), None)
    if now is None:
        raise NotFound(say('There is no workflow "{key}".', key=key))
    if version is None:
        origin = min(one.version for one in stored if one.hash == now.hash)
        target = next((one for one in stored if one.version < origin), None)
        if target is None:
            raise Conflict("There is no older version to go back to.", where=key)
    else:
        target = get(session, key, version)
    if target.hash == now.hash:
        raise Conflict(f"Version {target.version} has what is active already.", where=key)
    return publish(session, read(target.source), actor, note=f"Back to version {target.version}")


def ensure(session: Session) -> list[Version]:
    """Publish the shipped workflows that there are no versions of yet; those it published."""
    known = set(session.execute(text("SELECT key FROM approval_workflow")).scalars())
    return [
        publish(session, document, SYSTEM, note="As shipped")
        for document in _shipped_documents()
        if document.workflow.key not in known
    ]


@cache
def _shipped_documents() -> tuple[Document, ...]:
    return tuple(read_file(file) for file in shipped())


def read_file(file: Path) -> Document:
    """The checked document of a file. Raises Misconfigured when it cannot be read, WorkflowFaults."""
    try:
        source = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Misconfigured(f"The workflow cannot be read: {why}.", where=str(file)) from None
    return read(source, where=file.name)


def shipped() -> list[Path]:
    """The documents that come with Tandem, whichever room they lie in."""
    rooms = Path(__file__).resolve().parent.parent
    return sorted(rooms.glob("*/workflows/*.yaml"))


def _lock(session: Session) -> None:
    session.execute(text("LOCK TABLE approval_workflow IN SHARE ROW EXCLUSIVE MODE"))
