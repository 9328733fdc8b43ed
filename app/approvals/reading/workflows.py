"""The workflows that somebody may start."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.approvals import store
from app.approvals.service import may_start
from app.approvals.shapes import WorkflowItem, WorkflowList
from app.db import as_system
from app.kernel.actor import Actor


def startable(session: Session, actor: Actor, language: str) -> WorkflowList:
    """The workflows that this actor may start."""
    with as_system(session):
        found = [
            WorkflowItem(key=version.key, title=version.workflow().name(language), version=version.version)
            for version in store.all_active(session)
            if may_start(session, actor, version.workflow())
        ]
    return WorkflowList(items=sorted(found, key=lambda one: one.title.casefold()))
