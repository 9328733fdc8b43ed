"""The states of a partnership, and what may follow. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from app.words import say


class Status(StrEnum):
    """Where a partnership stands."""

    #: asked to become a partner; the company decides
    APPLICANT = "applicant"
    #: the company said yes; the agreement is not accepted yet
    APPROVED = "approved"
    ACTIVE = "active"
    #: its people read and start nothing
    SUSPENDED = "suspended"
    #: its people are out
    ENDED = "ended"


class Move(StrEnum):
    """What happens to a partnership."""

    APPLY = "apply"
    APPROVE = "approve"
    REJECT = "reject"
    #: the approval was taken back before the agreement was accepted
    REOPEN = "reopen"
    #: by accepting the agreement
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    END = "end"


Kind = Literal["distributor", "reseller"]

NEXT: dict[tuple[Status, Move], Status] = {
    (Status.APPLICANT, Move.APPLY): Status.APPLICANT,
    (Status.APPLICANT, Move.APPROVE): Status.APPROVED,
    (Status.APPLICANT, Move.REJECT): Status.APPLICANT,
    (Status.APPROVED, Move.REOPEN): Status.APPLICANT,
    (Status.APPROVED, Move.ACTIVATE): Status.ACTIVE,
    (Status.APPROVED, Move.SUSPEND): Status.SUSPENDED,
    (Status.APPROVED, Move.END): Status.ENDED,
    (Status.ACTIVE, Move.SUSPEND): Status.SUSPENDED,
    (Status.ACTIVE, Move.END): Status.ENDED,
    # or back to approved, where the agreement had not been accepted before: `after` is told
    (Status.SUSPENDED, Move.REINSTATE): Status.ACTIVE,
    (Status.SUSPENDED, Move.END): Status.ENDED,
    (Status.ENDED, Move.APPLY): Status.APPLICANT,
    # an end that was a mistake; what was open before stays closed
    (Status.ENDED, Move.REINSTATE): Status.ACTIVE,
}

#: What a person of the company does by hand; the application and the agreement do the rest.
BY_HAND = frozenset({Move.SUSPEND, Move.REINSTATE, Move.END})

#: As a person reads it.
WORDS: dict[Status, str] = {
    Status.APPLICANT: say("Applied"),
    Status.APPROVED: say("Approved, agreement pending"),
    Status.ACTIVE: say("Active"),
    Status.SUSPENDED: say("Suspended"),
    Status.ENDED: say("Ended"),
}

#: Reasons that the service itself gives for a level, a stage, a status or an end.
REASONS = (
    say("Taken over from the CRM."),
    say("Application {number} approved."),
    say("Set in Salesforce, in the channel program {program}."),
    say("Set in Salesforce."),
    say("Its account was merged into another partner's."),
    say("The partnership ended: {reason}"),
    say("Registered: {number}."),
    say("It registered the deal: {number}."),
    say("Changed in Salesforce."),
    say("Assigned in Salesforce."),
    say("Assigned anew."),
)

#: As the CRM's picklists `Partner Status` and `Partner Kind` have it.
CRM_STATUS: dict[Status, str] = {status: status.value.capitalize() for status in Status}
CRM_KIND: dict[str, str] = {"distributor": "Distributor", "reseller": "Reseller"}


def after(status: Status, move: Move, *, accepted: bool = True) -> Status | None:
    """The status that follows, or None where the move is not possible.

    accepted: whether the agreement was ever accepted; without it nobody becomes active by reinstatement.
    """
    found = NEXT.get((status, move))
    if move is Move.REINSTATE and found is not None and not accepted:
        return Status.APPROVED
    return found


def possible(status: Status, moves: frozenset[Move] = frozenset(Move)) -> list[str]:
    """What can happen to a partnership in that status, in alphabetical order."""
    return sorted(move.value for (at, move) in NEXT if at is status and move in moves)
