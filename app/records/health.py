"""A record's sync, for who looks at the record: how it stands, why not, and what can be done from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Literal

from sqlalchemy.orm import Session

from app.audit import record as audited
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, NotAllowed, NotFound
from app.records import finding
from app.records.shapes import SyncOut
from app.sync import conflicts, mapping_store, outbox
from app.sync import record as of_one
from app.sync.engine import Observer
from app.sync.mapping import MappingSet, parse
from app.sync.tx import Tx
from app.words import say


def state(session: Session, actor: Actor, rights: frozenset[str], sobject: str, sf_id: str) -> SyncOut:
    """How the record is doing, also where Tandem does not have it. Raises NotFound for a strange id."""
    record = finding.find(session, sobject, sf_id)
    found = of_one.standing(Tx(session), _mappings(session), sobject, record.sf_id, record.local_id)
    actions: list[Literal["retry", "decide"]] = []
    if found.standing == "stuck" or (found.standing == "pending" and found.problem):
        actions.append("retry")
    if found.questions and finding.may_tend(record, actor, rights):
        actions.append("decide")
    return SyncOut(**asdict(found), actions=actions)


def retry(session: Session, actor: Actor, sobject: str, sf_id: str) -> None:
    """Let a record that was put aside try again at once. Raises NotFound, Conflict where nothing waits."""
    _, local_id = finding.get(session, sobject, sf_id)
    tx = Tx(session)
    if local_id not in outbox.of(tx, [local_id]):
        raise Conflict(
            say("Nothing of this record waits to be sent."),
            facts={"allowed": []},
            remedy=say("Read its state again."),
        )
    outbox.try_now(tx, local_id)
    audited(session, actor, "sync.retry", subject=(sobject, sf_id))


def decide(
    session: Session,
    actor: Actor,
    rights: frozenset[str],
    sobject: str,
    sf_id: str,
    conflict_id: int,
    take: Literal["tandem", "salesforce"],
    observers: Sequence[Observer],
) -> None:
    """Answer what both sides changed: whose value stays.

    Raises NotFound, NotAllowed for whoever neither owns the record nor may for all, Conflict where it was
    answered, Unavailable while a sync runs.
    """
    record, local_id = finding.get(session, sobject, sf_id)
    if not finding.may_tend(record, actor, rights):
        raise NotAllowed(
            say("Only the owner of the record decides whose value stays."),
            remedy=say('Ask its owner, or an administrator for the right "{right}".', right=finding.MANAGE),
        )
    with as_system(session):
        tx = of_one.begin_deciding(session)
        question = tx.row(
            "SELECT field, ours, theirs FROM sync_conflict WHERE id = %s AND local_id = %s",
            conflict_id,
            local_id,
        )
        if question is None:
            raise NotFound(
                say("There is no such question about this record."), remedy=say("Read its state again.")
            )
        sides = of_one.Deciding(_mappings(session), observers)
        conflicts.resolve(sides, tx, conflict_id, take, by=actor.name)
        tx.run("SELECT set_config('tandem.applying', 'off', true)")
    field, ours, theirs = question
    audited(
        session, actor, "sync.decide", subject=(sobject, sf_id),
        before={"field": field, "tandem": ours, "salesforce": theirs}, after={"take": take},
    )  # fmt: skip


def _mappings(session: Session) -> MappingSet:
    version = mapping_store.active(session)
    return MappingSet((), "") if version is None else _parsed(tuple(sorted(version.documents.items())))


@lru_cache(maxsize=2)
def _parsed(documents: tuple[tuple[str, str], ...]) -> MappingSet:
    return parse(dict(documents))
