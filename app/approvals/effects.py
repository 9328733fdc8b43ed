"""What other rooms do when a request is decided: the shape that they fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

from app.approvals.models import Authorization, Request
from app.kernel.actor import Actor

Word = Literal["approve", "reject", "request_info"]
Door = Literal["api", "crm", "process"]


class Happened(Protocol):
    """Told of what happened to a request, in its transaction and in the system's name.

    event: opened, submitted, step_approved, info_needed, answered, approved, rejected, recalled, voided,
    expired, cancelled, and edited: what had been handed in was changed, no approval counts any more, and its
    route begins again. Observers are told of edited drafts, escalated, overdue, taken, released and
    brought_back as well; an effect hears of an edited draft as drafted. authorization: the one that was
    issued (`approved`), or that was taken back.
    """

    def __call__(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None: ...


class Effect(Protocol):
    """What a workflow does beside issuing an authorization. Both run in the system's name."""

    def before(self, session: Session, request: Request, decision: str, extra: Mapping[str, Any]) -> None:
        """May refuse (Conflict, BadInput) a decision, or with `submit` the submission."""

    def happened(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None:
        """Do what follows."""
