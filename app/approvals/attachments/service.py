"""Attach, list, fetch, remove and scan files of requests, inside the caller's transaction.

A file is in quarantine until a scanner has called it clean, and nobody gets it before. Of the same content
there is one attachment in one field: sending it again answers with the one that is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.approvals.attachments.rules import Rules, fitting, refusal
from app.approvals.attachments.scanning import Scanner
from app.approvals.forms.document import MEGABYTE
from app.approvals.forms.filetypes import EXTENSIONS, extension_of
from app.approvals.lifecycle import WORDS, State
from app.approvals.models import Request
from app.audit import record
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict, NotFound, Unavailable
from app.words import Inside, say

#: Of one request, all fields together.
MOST_FILES, MOST_BYTES = 50, 100 * MEGABYTE
#: Of all requests of one partner.
MOST_OF_PARTNER = 5_000 * MEGABYTE
PIECE = 256 * 1024
#: When a file may come, and when it may go: what was decided on stays.
OPEN = frozenset({State.DRAFT, State.INFO_NEEDED, State.RECALLED, State.REJECTED, State.SUBMITTED})
CHANGEABLE = frozenset({State.DRAFT, State.RECALLED, State.REJECTED})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a request. state: quarantine, clean or refused; finding: why it was refused."""

    id: UUID
    request_id: UUID
    field: str
    visible: str
    name: str
    media_type: str
    size: int
    state: str
    finding: str
    uploaded_by: UUID
    uploaded_by_name: str
    created_at: datetime


_COLUMNS = (
    "id, request_id, field, visible, name, media_type, size, state, finding, uploaded_by, uploaded_by_name, "
    "created_at"
)


def attach(
    session: Session,
    actor: Actor,
    request: Request,
    *,
    field: str,
    name: str,
    content: bytes,
    rules: Rules,
    scanner: Scanner,
    visible: str = "both",
) -> Attachment:
    """Keep a file. request: locked, and one that the actor may see. Raises BadInput, Conflict."""
    if "attach" not in possible(actor, request):
        raise _closed(
            request,
            say(
                "{number} is {state}. Files can be added only while it is being prepared or information was "
                "asked for.",
                number=request.number,
                state=Inside(WORDS[State(request.state)]),
            ),
        )
    clean = fitting(name, content, rules)
    digest = hashlib.sha256(content).digest()
    same = session.execute(
        text(
            f"SELECT {_COLUMNS} FROM attachment WHERE request_id = :request AND field = :field "  # noqa: S608  # own constant
            "AND visible = :visible AND sha256 = :digest AND state <> 'refused'"
        ),
        {"request": request.id, "field": field, "visible": visible, "digest": digest},
    ).mappings()
    if (found := same.first()) is not None:
        return _attachment(found)
    _room(session, request, field, len(content), rules)
    state, finding = _scan(scanner, clean, content)
    if finding:
        record(
            session, actor, "attachment.refused", subject=("request", str(request.id)), reason=finding,
            after={"name": clean, "sha256": digest.hex()}, partner_account_id=request.partner_account_id,
        )  # fmt: skip
        raise BadInput(
            say("{clean} was not taken. {finding}", clean=clean, finding=finding),
            fields={"file": say("{finding} Send a file without it.", finding=finding)},
            code="file_refused",
        )
    made = _insert(session, actor, request, field, visible, clean, content, digest, state)
    record(
        session, actor, "attachment.add", subject=("request", str(request.id)),
        after={"id": str(made.id), "name": clean, "field": field, "sha256": digest.hex(), "state": state},
        partner_account_id=request.partner_account_id,
    )  # fmt: skip
    return made


def possible(actor: Actor, request: Request) -> list[str]:
    """What this actor can do with the files of a request now: `attach`, `detach`."""
    own = request.partner_account_id is not None and request.partner_account_id == actor.partner_id
    can = []
    if request.state in OPEN and not (own and request.state == State.SUBMITTED):
        can.append("attach")
    if request.state in CHANGEABLE:
        can.append("detach")
    return can


def listed(session: Session, request_id: UUID) -> list[Attachment]:
    """The files of a request that the transaction's actor may see, the oldest first."""
    rows = session.execute(
        text(f"SELECT {_COLUMNS} FROM attachment WHERE request_id = :id ORDER BY created_at, id"),  # noqa: S608  # own constant
        {"id": request_id},
    ).mappings()
    return [_attachment(row) for row in rows]


def fetch(session: Session, request_id: UUID, attachment_id: UUID) -> tuple[Attachment, bytes]:
    """A clean file and its bytes. Raises NotFound, Conflict for one that is not clean."""
    found = _get(session, request_id, attachment_id)
    if found.state == "quarantine":
        raise Conflict(
            say("{name} has not been checked yet.", name=found.name),
            remedy=say("Try again in a few minutes."),
            code="file_in_quarantine",
            facts={"allowed": []},
        )
    if found.state == "refused":
        raise Conflict(
            say("{name} was refused and is gone. {finding}", name=found.name, finding=found.finding),
            remedy=say("Ask for the file again."),
            code="file_refused",
            facts={"allowed": []},
        )
    return found, _content(session, found.id)


def remove(session: Session, actor: Actor, request: Request, attachment_id: UUID) -> None:
    """Take a file away again, while nobody decides on it. Raises NotFound, Conflict."""
    found = _get(session, request.id, attachment_id)
    if "detach" not in possible(actor, request):
        raise _closed(
            request,
            say(
                "{number} is {state}. Files can be removed only while it is being prepared or information "
                "was asked for.",
                number=request.number,
                state=Inside(WORDS[State(request.state)]),
            ),
        )
    session.execute(text("DELETE FROM attachment WHERE id = :id"), {"id": found.id})
    record(
        session, actor, "attachment.remove", subject=("request", str(request.id)),
        before={"id": str(found.id), "name": found.name, "field": found.field},
        partner_account_id=request.partner_account_id,
    )  # fmt: skip


def scan_waiting(session: Session, scanner: Scanner, *, at_most: int = 5) -> int:
    """Scan files in quarantine, the oldest first; how many got a verdict. In the system's name.

    A scanner that does not answer ends the round: the files wait for the next one.
    """
    waiting = session.execute(
        text(
            f"SELECT {_COLUMNS} FROM attachment WHERE state = 'quarantine' "  # noqa: S608  # own constant
            "ORDER BY created_at, id LIMIT :most FOR UPDATE SKIP LOCKED"
        ),
        {"most": at_most},
    ).mappings()
    judged = 0
    for one in [_attachment(row) for row in waiting]:
        state, finding = _scan(scanner, one.name, _content(session, one.id))
        if state == "quarantine":
            break
        _judge(session, one, finding)
        judged += 1
    return judged


def waiting(session: Session) -> int:
    """How many files are in quarantine. In the system's name."""
    found: int = session.execute(
        text("SELECT count(*) FROM attachment WHERE state = 'quarantine'")
    ).scalar_one()
    return found


def _judge(session: Session, one: Attachment, finding: str) -> None:
    session.execute(
        text(
            "UPDATE attachment SET state = :state, finding = :finding, scanned_at = clock_timestamp() "
            "WHERE id = :id"
        ),
        {"id": one.id, "state": "refused" if finding else "clean", "finding": finding},
    )
    if finding:
        session.execute(text("DELETE FROM attachment_piece WHERE attachment_id = :id"), {"id": one.id})
        record(
            session, SYSTEM, "attachment.refused", subject=("request", str(one.request_id)), reason=finding,
            after={"id": str(one.id), "name": one.name},
        )  # fmt: skip


def _scan(scanner: Scanner, name: str, content: bytes) -> tuple[str, str]:
    try:
        finding = scanner(name, content)
    except Unavailable:
        return "quarantine", ""
    return ("refused" if finding else "clean"), finding


def _room(session: Session, request: Request, field: str, size: int, rules: Rules) -> None:
    used = session.execute(
        text(
            "SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes, "
            "count(*) FILTER (WHERE field = :field) AS in_field "
            "FROM attachment WHERE request_id = :id AND state <> 'refused'"
        ),
        {"id": request.id, "field": field},
    ).one()
    if used.in_field >= rules.max_count:
        where = say("“{label}”", label=rules.label) if rules.label else say("The request")
        raise refusal(
            say("{where} has {in_field} files already.", where=where, in_field=used.in_field),
            say("Remove one before you add another."),
        )
    if used.files >= MOST_FILES or used.bytes + size > MOST_BYTES:
        raise refusal(
            say(
                "The request would hold more than {files} files or {megabytes} MB.",
                files=MOST_FILES,
                megabytes=MOST_BYTES // MEGABYTE,
            ),
            say("Remove files that are not needed."),
        )
    if request.partner_account_id is not None:
        everything = session.execute(_OF_PARTNER, {"partner": request.partner_account_id}).scalar_one()
        if everything + size > MOST_OF_PARTNER:
            most = MOST_OF_PARTNER // MEGABYTE
            raise refusal(
                say("The files of all requests of this partner would be more than {most} MB.", most=most),
                say("Remove files from drafts, or ask the company to make room."),
            )


_OF_PARTNER = text(
    "SELECT coalesce(sum(a.size), 0) FROM attachment a JOIN approval_request r ON r.id = a.request_id "
    "WHERE r.partner_account_id = :partner AND a.state <> 'refused'"
)


def _insert(
    session: Session,
    actor: Actor,
    request: Request,
    field: str,
    visible: str,
    name: str,
    content: bytes,
    digest: bytes,
    state: str,
) -> Attachment:
    row = session.execute(
        text(
            "INSERT INTO attachment (request_id, field, visible, name, media_type, size, sha256, state, "  # noqa: S608  # own constant
            "scanned_at, uploaded_by, uploaded_by_name) VALUES (:request, :field, :visible, :name, :media, "
            ":size, :digest, :state, CASE WHEN :state = 'clean' THEN clock_timestamp() END, :by, :by_name) "
            f"RETURNING {_COLUMNS}"
        ),
        {
            "request": request.id, "field": field, "visible": visible, "name": name,
            "media": EXTENSIONS[extension_of(name)].media_type, "size": len(content), "digest": digest,
            "state": state, "by": actor.user_id, "by_name": actor.name,
        },
    ).mappings()  # fmt: skip
    made = _attachment(row.one())
    pieces: Sequence[dict[str, Any]] = [
        {"id": made.id, "position": number, "content": content[start : start + PIECE]}
        for number, start in enumerate(range(0, len(content), PIECE))
    ]
    session.execute(
        text(
            "INSERT INTO attachment_piece (attachment_id, position, content) "
            "VALUES (:id, :position, :content)"
        ),
        pieces,
    )
    return made


def _content(session: Session, attachment_id: UUID) -> bytes:
    pieces = session.execute(
        text("SELECT content FROM attachment_piece WHERE attachment_id = :id ORDER BY position"),
        {"id": attachment_id},
    )
    return b"".join(bytes(row.content) for row in pieces)


def _get(session: Session, request_id: UUID, attachment_id: UUID) -> Attachment:
    found = session.execute(
        text(f"SELECT {_COLUMNS} FROM attachment WHERE id = :id AND request_id = :request"),  # noqa: S608  # own constant
        {"id": attachment_id, "request": request_id},
    ).mappings()
    row = found.first()
    if row is None:
        raise NotFound(
            say("There is no such file."), remedy=say("Look for it among the files of the request.")
        )
    return _attachment(row)


def _attachment(row: RowMapping) -> Attachment:
    return Attachment(**row)


def _closed(request: Request, what: str) -> Conflict:
    return Conflict(
        what,
        remedy=say("Take the request back first, or say it in a comment."),
        facts={"allowed": [], "state": request.state},
    )
