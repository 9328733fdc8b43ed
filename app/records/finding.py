"""From Salesforce's name for a record to the row here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.ids import eighteen
from app.sync import links
from app.sync.tx import Tx
from app.words import Names, say

#: SObjects that have pages with Tandem's components → their tables here.
TABLES = {
    "Account": "account",
    "Lead": "lead",
    "Opportunity": "opportunity",
    "Approval_Request__c": "crm_approval_request",
}


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the org. local_id: of our row; None where there is none. owner_id: of its owner here."""

    sobject: str
    sf_id: str
    local_id: UUID | None
    owner_id: UUID | None = None

    @property
    def table(self) -> str:
        """The table of our row."""
        return TABLES[self.sobject]


def table_of(sobject: str) -> str:
    """The table of an object. Raises NotFound for one that has no pages."""
    if sobject not in TABLES:
        raise NotFound(
            say("Tandem has nothing to show for this object."),
            remedy=say("It knows {objects}.", objects=Names(tuple(TABLES))),
        )
    return TABLES[sobject]


def find(session: Session, sobject: str, sf_id: str) -> Record:
    """The record, whether it is here or not. Raises NotFound for a strange object or id."""
    table = table_of(sobject)
    record_id = eighteen(sf_id)
    if record_id is None:
        raise NotFound(say("This is not the id of a record."), remedy=say("Open the record in Salesforce."))
    local_id = links.local_ids(Tx(session), [record_id]).get(record_id)
    row: Any = None
    if local_id is not None:
        owner = "requester_id" if sobject == "Approval_Request__c" else "owner_id"
        row = session.execute(
            text(f"SELECT id, {owner} AS owner FROM {table} WHERE id = :id"),  # noqa: S608  # own names
            {"id": local_id},
        ).first()
    return Record(sobject, record_id, row.id if row else None, row.owner if row else None)


def get(session: Session, sobject: str, sf_id: str) -> tuple[Record, UUID]:
    """The record and its row's id. Raises NotFound while Tandem has no row for it."""
    record = find(session, sobject, sf_id)
    if record.local_id is None:
        raise NotFound(
            say("Tandem does not have this record yet."),
            remedy=say(
                "New records arrive within a minute. If it stays away, the state of its sync says why."
            ),
            code="not_synced",
        )
    return record, record.local_id


def may_tend(record: Record, actor: Actor, rights: frozenset[str]) -> bool:
    """Whether this person may decide what becomes of the record's fields: its owner, or who may for all."""
    return MANAGE in rights or (record.owner_id is not None and record.owner_id == actor.user_id)


#: May answer what both sides changed, for any record.
MANAGE = "sync.manage"
