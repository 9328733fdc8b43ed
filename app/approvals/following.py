"""What Salesforce changes about requests: decisions made on their records, and what these refer to.

A decision that an approver set on the record is decided here as through every other door, in the name of
whoever changed the record last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.approvals.crm import TABLE, show
from app.approvals.effects import Door, Word
from app.approvals.models import Request
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, TandemError
from app.sync.engine import OUR_USER, Applied
from app.web import identity

#: The values of Decision__c.
DECISIONS: Mapping[str, Word] = {
    "Approve": "approve",
    "Reject": "reject",
    "Request information": "request_info",
}


class Decides(Protocol):
    """What is needed of the engine of requests."""

    def decide(
        self,
        session: Session,
        actor: Actor,
        request_id: UUID,
        decision: Word,
        reason: str = "",
        *,
        door: Door = "api",
    ) -> Request: ...


class CrmChanges:
    """What Salesforce changes about requests; an observer of the sync."""

    def __init__(self, approvals: Decides) -> None:
        self.approvals = approvals

    def __call__(self, session: Session, applied: Sequence[Applied]) -> None:
        """Take up decisions, and follow what became of the records that requests refer to."""
        records = {one.local_id: one for one in applied if one.table == TABLE}
        concerned = set(records) | _about(session, applied)
        if not concerned:
            return
        # What is answered here is our own change and must go out, although the sync is applying.
        session.execute(text("SELECT set_config('tandem.applying', 'off', true)"))
        for request in self._requests(session, concerned):
            change = records.get(request.id)
            if change is not None and change.kind != "deleted" and change.columns.get("decision"):
                self._take_up(session, request)
            show(session, request)
        session.flush()
        session.execute(text("SELECT set_config('tandem.applying', 'on', true)"))

    @staticmethod
    def _requests(session: Session, ids: Iterable[UUID]) -> Sequence[Request]:
        query = select(Request).where(Request.id.in_(list(ids))).order_by(Request.id)
        return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()

    def _take_up(self, session: Session, request: Request) -> None:
        """Decide what the record says, and let the record say what became of it."""
        row = session.execute(_SET, {"id": request.id}).one()
        note, counts = self._decide(session, request, row.decision, row.decision_reason or "", row.by)
        session.execute(_ANSWER, {"id": request.id, "note": note, "counts": counts})

    def _decide(
        self, session: Session, request: Request, word: str, reason: str, sf_user: str | None
    ) -> tuple[str, bool]:
        """What became of a decision, and whether it counts."""
        if sf_user is None or sf_user == session.info.get(OUR_USER):
            return "Tandem cannot tell who decided. Please set the decision again.", False
        if word not in DECISIONS:
            return f"“{word}” is no decision. Choose {', '.join(DECISIONS)}.", False
        try:
            actor = identity.person(session, subject=sf_user).actor
        except identity.Unknown as error:
            return f"This decision does not count: {error}. Somebody who is asked has to decide.", False
        try:
            with session.begin_nested():
                self.approvals.decide(session, actor, request.id, DECISIONS[word], reason, door="crm")
        except BadInput as error:
            session.refresh(request)
            return " ".join([error.what, *error.fields.values()]), False
        except TandemError as error:
            session.refresh(request)
            return f"{error.what} {error.remedy}".strip(), False
        except IntegrityError:
            session.refresh(request)
            return "This decision is against the rules of the request. Somebody else must decide.", False
        session.refresh(request)
        return f"The decision of {actor.name} counts.", True


def _about(session: Session, applied: Iterable[Applied]) -> set[UUID]:
    """The requests about an account, opportunity or lead that was deleted, restored, merged or converted.

    They follow to the record that stands in for it.
    """
    touched: dict[str, set[UUID]] = {}
    for one in applied:
        moved = one.kind in ("deleted", "undeleted", "merged") or _CONVERTING & one.columns.keys()
        for column in _REFERS.get(one.table, ()) if moved else ():
            touched.setdefault(column, set()).add(one.local_id)
            if one.merged_into is not None:
                session.execute(_MERGED[column], {"before": one.local_id, "after": one.merged_into})
                touched[column].add(one.merged_into)
    found: set[UUID] = set()
    for column, ids in touched.items():
        if column == "lead_id":
            session.execute(_CONVERTED, {"ids": list(ids)})
        found.update(session.execute(_ABOUT[column], {"ids": list(ids)}).scalars())
    return found


#: The opportunity that a lead became may arrive after the lead.
_CONVERTING = {"is_converted", "converted_opportunity_id"}
_REFERS = {
    "account": ("partner_account_id", "account_id"),
    "opportunity": ("opportunity_id",),
    "lead": ("lead_id",),
}
_COLUMNS_THAT_REFER = [column for columns in _REFERS.values() for column in columns]
_ABOUT = {
    column: text(f"SELECT id FROM approval_request WHERE {column} = ANY(:ids)")  # noqa: S608  # our own names
    for column in _COLUMNS_THAT_REFER
}
_MERGED = {
    column: text(f"UPDATE approval_request SET {column} = :after WHERE {column} = :before")  # noqa: S608  # our own names
    for column in _COLUMNS_THAT_REFER
}
_CONVERTED = text("""
    UPDATE approval_request r SET opportunity_id = l.converted_opportunity_id
    FROM lead l
    WHERE l.id = r.lead_id AND l.id = ANY(:ids) AND r.opportunity_id IS NULL
      AND l.converted_opportunity_id IS NOT NULL
""")
_SET = text(f"""
    SELECT t.decision, t.decision_reason, l.sf_modified_by AS by
    FROM {TABLE} t LEFT JOIN sync_link l ON l.local_id = t.id WHERE t.id = :id
""")  # noqa: S608  # our own constant
# The reason of a decision that does not count stays: whoever decides again need not type it again.
_ANSWER = text(f"""
    UPDATE {TABLE} SET decision = NULL, decision_note = :note,
        decision_reason = CASE WHEN :counts THEN NULL ELSE decision_reason END
    WHERE id = :id
""")  # noqa: S608  # our own constant
