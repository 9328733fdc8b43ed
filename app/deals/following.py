"""What comes back from the CRM: stages, closing, days, people, and records that go, return or become others.

The timeline tells both sides of it in the same words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.crm.editors import editor
from app.deals import records
from app.deals.crm import show
from app.deals.lifecycle import Action, State
from app.deals.models import DealRegistration
from app.deals.timeline import move, note
from app.kernel.actor import Actor
from app.sync.engine import OUR_USER, Applied
from app.words import say


def crm_changed(session: Session, applied: Sequence[Applied]) -> None:
    """Follow what happened in Salesforce; called in the transaction that applied it.

    A batch may hold thousands of records of which none belongs to a registration: one look tells.
    """
    changes: dict[str, dict[UUID, list[Applied]]] = defaultdict(lambda: defaultdict(list))
    for change in applied:
        changes[change.table][change.local_id].append(change)
    concerned = [
        (handler, registration, change)
        for table, column, handler in (
            ("opportunity", "opportunity_id", _opportunity),
            ("lead", "lead_id", _lead),
            ("account", "partner_account_id", _partner),
            ("account", "customer_account_id", _customer),
            ("crm_approval_request", "request_id", _request_record),
        )
        if table in changes
        for registration in _of(session, column, changes[table])
        for change in changes[table][getattr(registration, column)]
    ]
    if not concerned:
        return
    # What this room answers is our own change and must go out, although the sync is applying.
    session.execute(text("SELECT set_config('tandem.applying', 'off', true)"))
    for handler, registration, change in concerned:
        handler(session, registration, change)
    shown = {
        registration.id: registration
        for _, registration, change in concerned
        if change.table in ("lead", "opportunity") or change.kind in _MOVED
    }
    for registration in shown.values():
        records.show(session, registration)
    session.flush()
    session.execute(text("SELECT set_config('tandem.applying', 'on', true)"))


#: What is there no more, is there again, or is another record now: references follow.
_MOVED = ("deleted", "undeleted", "merged")


def _of(session: Session, column: str, ids: Iterable[UUID]) -> Sequence[DealRegistration]:
    return session.scalars(
        select(DealRegistration)
        .where(getattr(DealRegistration, column) == func.any(list(ids)))
        .order_by(DealRegistration.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _opportunity(session: Session, registration: DealRegistration, change: Applied) -> None:
    who = editor(session, change.local_id)
    if change.kind in ("deleted", "undeleted"):
        word = "deleted" if change.kind == "deleted" else "restored"
        note(
            session,
            registration,
            who,
            f"opportunity_{word}",
            say("The opportunity was deleted in Salesforce.")
            if word == "deleted"
            else say("The opportunity was restored in Salesforce."),
        )
    if change.kind == "deleted":
        return
    row = session.execute(
        text("SELECT stage_name, is_closed, is_won FROM opportunity WHERE id = :id"), {"id": change.local_id}
    ).one()
    if row.stage_name != registration.opportunity_stage:
        before, registration.opportunity_stage = registration.opportunity_stage, row.stage_name
        sentence = say(
            "Stage changed from {before} to {stage} by {who}.",
            before=before,
            stage=row.stage_name,
            who=who.name,
        )
        note(session, registration, who, "stage", sentence)
    if change.kind == "updated":
        _rest_of_the_opportunity(session, registration, change, who)
    approved = registration.request_id is None or registration.authorization_number is not None
    if registration.state == State.EXPIRED and not approved:
        return  # nobody has approved what it says now
    action = Action.WIN if row.is_won else Action.LOSE if row.is_closed else Action.REOPEN
    stage = row.stage_name
    sentence = {
        Action.WIN: say("The deal was won: the stage is {stage}.", stage=stage),
        Action.LOSE: say("The deal was lost: the stage is {stage}.", stage=stage),
        Action.REOPEN: say("The deal was opened again: the stage is {stage}.", stage=stage),
    }[action]
    if move(session, registration, action, who, sentence):
        show(session, registration)


def _rest_of_the_opportunity(
    session: Session, registration: DealRegistration, change: Applied, who: Actor
) -> None:
    """What else both sides want to know of it: its day, whose hands it is in, and whose deal it is."""
    if (day := change.columns.get("close_date")) is not None:
        sentence = say("The expected close is now {day}, set by {who}.", day=day, who=who.name)
        note(session, registration, who, "close_date", sentence)
    if change.columns.get("owner_id") is not None:
        # A new opportunity belongs to the user that Tandem signs in as, until somebody takes it.
        row = session.execute(
            _OWNER, {"id": change.columns["owner_id"], "ours": session.info.get(OUR_USER)}
        ).first()
        if row is not None:
            sentence = say("{name} works on the opportunity now.", name=row.name)
            note(session, registration, who, "owner", sentence)
    if "partner_account_id" in change.columns:
        theirs = change.columns["partner_account_id"] != registration.partner_account_id
        last = session.execute(_LAST_PARTNER, {"id": registration.id}).scalar_one_or_none()
        if theirs and last != "partner_left":
            sentence = say("{who} assigned the opportunity to somebody else.", who=who.name)
            note(session, registration, who, "partner_left", sentence)
        elif not theirs and last == "partner_left":
            sentence = say("{who} assigned the opportunity to this partner again.", who=who.name)
            note(session, registration, who, "partner_back", sentence)


_OWNER = text("""
    SELECT coalesce(nullif(trim(concat_ws(' ', u.first_name, u.last_name)), ''), u.username) AS name
    FROM crm_user u JOIN sync_link l ON l.local_id = u.id
    WHERE u.id = :id AND l.sf_id IS DISTINCT FROM CAST(:ours AS text)
""")
_LAST_PARTNER = text("""
    SELECT kind FROM deal_event WHERE registration_id = :id AND kind IN ('partner_left', 'partner_back')
    ORDER BY id DESC LIMIT 1
""")


def _lead(session: Session, registration: DealRegistration, change: Applied) -> None:
    who = editor(session, change.local_id)
    if change.kind == "merged" and change.merged_into is not None:
        registration.lead_id = change.merged_into
        note(
            session,
            registration,
            who,
            "lead_merged",
            say("The lead was merged into another one in Salesforce."),
        )
    elif change.kind == "deleted":
        note(session, registration, who, "lead_deleted", say("The lead was deleted in Salesforce."))
    elif change.columns.get("is_converted"):
        note(
            session,
            registration,
            who,
            "lead_converted",
            say("The lead was converted by {who}.", who=who.name),
        )
    elif change.kind == "updated" and change.columns.get("status"):
        sentence = say(
            "The lead's status is now “{status}”, set by {who}.",
            status=change.columns["status"],
            who=who.name,
        )
        note(session, registration, who, "lead_status", sentence)
    if "converted_opportunity_id" in change.columns:
        _follow_conversion(session, registration)


def _partner(session: Session, registration: DealRegistration, change: Applied) -> None:
    if change.kind == "merged" and change.merged_into is not None:
        registration.partner_account_id = change.merged_into


def _customer(session: Session, registration: DealRegistration, change: Applied) -> None:
    if change.kind == "merged" and change.merged_into is not None:
        registration.customer_account_id = change.merged_into
        registration.customer_key = f"account:{change.merged_into}"
        sentence = say("The end customer's account was merged into another one in Salesforce.")
        note(session, registration, editor(session, change.local_id), "customer_merged", sentence)


def _request_record(session: Session, registration: DealRegistration, change: Applied) -> None:
    """The record of its request: nothing but a reference."""


def _follow_conversion(session: Session, registration: DealRegistration) -> None:
    """The opportunity a lead became stands in for one that is gone."""
    became = session.execute(
        text(
            "SELECT o.id, o.stage_name FROM lead l JOIN opportunity o ON o.id = l.converted_opportunity_id "
            "WHERE l.id = :lead AND NOT EXISTS (SELECT FROM opportunity mine "
            "WHERE mine.id = :opportunity AND mine.deleted_at IS NULL)"
        ),
        {"lead": registration.lead_id, "opportunity": registration.opportunity_id},
    ).first()
    if became is not None:
        registration.opportunity_id, registration.opportunity_stage = became.id, became.stage_name
