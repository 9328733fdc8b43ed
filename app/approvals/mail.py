"""Notices by mail: each once, in the order in which they came, while somebody has not read them yet.

A mail goes out before its row says so: after a crash in between it goes out again, with the same Message-ID.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from sqlalchemy import Row, text

from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import Unavailable
from app.words import from_facts, say, tongue_of

#: Minutes until a refused mail is tried again; after the last one it is given up.
PAUSES = (1, 10, 60, 360)
#: Who was told so long ago is not written to any more, as after mail was switched on.
NEWS = timedelta(hours=24)
_SECONDS = 20.0
#: One address and nothing else: a list, a name or a line break would choose readers of its own.
_ADDRESS = re.compile(r"[^@\s<>()\[\],;:\"\\]+@[^@\s<>()\[\],;:\"\\]+")
#: What the subject of a mail says, by the kind of notice.
SUBJECTS = {
    "approved": say("approved"),
    "answered": say("answered"),
    "comment": say("a comment"),
    "delegation": say("you stand in for somebody"),
    "escalated": say("the deadline has passed"),
    "expired": say("expired"),
    "info_needed": say("a question for you"),
    "overdue": say("the deadline has passed"),
    "rejected": say("rejected"),
    "reminder": say("still waits for your decision"),
    "task": say("waits for your decision"),
    "voided": say("the approval was taken back"),
}

_NEXT = text("""
    SELECT n.id, n.kind, n.sentence, n.words, n.at, n.mail_attempts, n.read_at IS NOT NULL AS read,
        coalesce(r.number, '') AS number, coalesce(u.language, '') AS language,
        coalesce(u.locale, '') AS locale, coalesce(u.time_zone, '') AS zone,
        CASE WHEN u.is_active AND u.deleted_at IS NULL THEN u.email END AS address
    FROM approval_notice n
    LEFT JOIN approval_request r ON r.id = n.request_id
    LEFT JOIN crm_user u ON u.id = n.user_id
    WHERE n.mail_due_at <= :now ORDER BY n.mail_due_at, n.id LIMIT 1 FOR UPDATE OF n SKIP LOCKED
""")
_DONE = text(
    "UPDATE approval_notice SET mail_due_at = NULL, mail_error = :why, "
    "mailed_at = CASE WHEN :sent THEN clock_timestamp() END WHERE id = :id"
)
_LATER = text(
    "UPDATE approval_notice SET mail_due_at = :due, mail_attempts = mail_attempts + 1, mail_error = :why "
    "WHERE id = :id"
)


@dataclass(frozen=True, slots=True)
class Post:
    """Where mail is handed in. url: `smtp://` (STARTTLS where offered) or `smtps://`; sender: an address."""

    url: str
    sender: str
    reader_url: str

    def connect(self) -> smtplib.SMTP:
        """A signed-in connection. Raises Unavailable."""
        parts = urlsplit(self.url)
        host, tls = parts.hostname or "", ssl.create_default_context()
        try:
            server: smtplib.SMTP
            if parts.scheme == "smtps":
                server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_SECONDS, context=tls)
            else:
                server = smtplib.SMTP(host, parts.port or 25, timeout=_SECONDS)
                server.ehlo()
                if server.has_extn("starttls") or parts.username:  # a password never goes in the open
                    server.starttls(context=tls)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(
                "The mail server cannot be used now.",
                where=f"{host}:{parts.port or 'the usual port'} ({error.__class__.__name__})",
                remedy="Notices wait and go out later. Check TANDEM_SMTP_URL.",
            ) from error
        return server

    def letter(self, row: Row[tuple[object, ...]]) -> EmailMessage:
        """The mail that tells a notice, in the language that the CRM has for its reader."""
        reader = tongue_of(row.language, row.locale, row.zone)
        message = EmailMessage()
        words = reader.says(SUBJECTS.get(row.kind, say("news")))
        message["Subject"] = f"{row.number}: {words}" if row.number else words[:1].upper() + words[1:]
        message["From"], message["To"] = self.sender, row.address
        message["Date"] = format_datetime(row.at)
        message["Message-ID"] = f"<{row.id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        told = reader.says(from_facts(row.words, row.sentence))
        where = reader.says(say("Open Tandem to see it: {address}", address=self.reader_url))
        message.set_content(f"{told}\n\n{where}\n")
        message["Content-Language"] = reader.language
        return message


def send(database: Database, post: Post, now: datetime | None = None) -> int:
    """Send what is due; how many mails went out. Raises Unavailable when the server is away: all wait."""
    now = now or datetime.now(UTC)
    server: smtplib.SMTP | None = None
    sent = 0
    try:
        while True:
            with database.session(SYSTEM) as session:
                row = session.execute(_NEXT, {"now": now}).first()
                if row is None:
                    return sent
                why = _not_worth(row, now)
                if why:
                    session.execute(_DONE, {"id": row.id, "why": why, "sent": False})
                    continue
                server = server or post.connect()
                try:
                    server.send_message(post.letter(row))
                except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, ValueError) as error:
                    why = f"refused: {error}"[:500]
                    if row.mail_attempts < len(PAUSES):
                        due = now + timedelta(minutes=PAUSES[row.mail_attempts])
                        session.execute(_LATER, {"id": row.id, "why": why, "due": due})
                    else:
                        session.execute(_DONE, {"id": row.id, "why": why, "sent": False})
                except (OSError, smtplib.SMTPException) as error:
                    raise Unavailable(
                        "The mail server went away.", remedy="Notices wait and go out later."
                    ) from error
                else:
                    session.execute(_DONE, {"id": row.id, "why": "", "sent": True})
                    sent += 1
    finally:
        if server is not None:
            server.close()


def _not_worth(row: Row[tuple[object, ...]], now: datetime) -> str:
    """Why a notice needs no mail; empty when it does."""
    if row.read:
        return "read before it was sent"
    if row.at < now - NEWS:
        return "too old to be sent"
    return "" if _ADDRESS.fullmatch(row.address or "") else "the person has no address that mail can go to"
