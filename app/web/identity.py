"""Trusted orgs, users as the org knows them, tokens and rights. Everything here runs in the system's name."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import NotFound

#: How long a token is good. Whoever needs longer asks again: the user's state is looked at each time.
TOKEN_LIFE = timedelta(minutes=15)
#: Salesforce's user types: the company's own people, and partners' people.
STAFF_TYPES = frozenset({"Standard"})
PARTNER_TYPES = frozenset({"PowerPartner"})


@dataclass(frozen=True, slots=True)
class TrustedOrg:
    """An org whose assertions are believed. certificate: PEM."""

    org_id: str
    issuer: str
    login_url: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may call, as of now."""

    actor: Actor
    username: str
    rights: frozenset[str]
    company: str
    language: str
    locale: str
    time_zone: str
    #: of the own company: where its partnership stands; empty for who is no partner's, and before it applies
    partner_status: str = ""


class Unknown(Exception):
    """This user may not call; the text says why, for the log only."""


_TRUST = text(
    "INSERT INTO trusted_org (org_id, issuer, login_url, certificate) "
    "VALUES (:org_id, :issuer, :login_url, :certificate) "
    "ON CONFLICT (org_id) DO UPDATE SET issuer = EXCLUDED.issuer, login_url = EXCLUDED.login_url, "
    "certificate = EXCLUDED.certificate, active = true"
)


def trust(session: Session, org: TrustedOrg) -> None:
    """Believe this org's assertions from now on; a new certificate replaces the old one."""
    session.execute(
        _TRUST,
        {
            "org_id": org.org_id,
            "issuer": org.issuer,
            "login_url": org.login_url,
            "certificate": org.certificate,
        },
    )


def distrust(session: Session, org_id: str) -> None:
    """Believe this org no longer, and end every token. Raises NotFound."""
    found = session.execute(
        text("UPDATE trusted_org SET active = false WHERE org_id = :org_id RETURNING org_id"),
        {"org_id": org_id},
    ).first()
    if found is None:
        raise NotFound(f"The org {org_id} is not registered.")
    session.execute(text("UPDATE access_token SET revoked_at = now() WHERE revoked_at IS NULL"))


def trusted(session: Session, issuer: str) -> TrustedOrg | None:
    """The org that writes assertions under this issuer."""
    row = session.execute(
        text(
            "SELECT org_id, issuer, login_url, certificate FROM trusted_org WHERE issuer = :issuer AND active"
        ),
        {"issuer": issuer},
    ).first()
    return TrustedOrg(*row) if row else None


def take_once(session: Session, issuer: str, mark: str, expires_at: datetime) -> float | None:
    """Note this assertion: None the first time, later how many seconds ago that was.

    mark: its jti, or what else tells it from others. Forgets those that have expired.
    """
    session.execute(text("DELETE FROM assertion_seen WHERE expires_at < now() - interval '5 minutes'"))
    first = session.execute(
        text(
            "INSERT INTO assertion_seen (issuer, jti, expires_at) VALUES (:issuer, :jti, :expires_at) "
            "ON CONFLICT DO NOTHING RETURNING jti"
        ),
        {"issuer": issuer, "jti": mark, "expires_at": expires_at},
    ).first()
    if first is not None:
        return None
    age = session.execute(
        text(
            "SELECT extract(epoch FROM clock_timestamp() - seen_at) FROM assertion_seen "
            "WHERE issuer = :issuer AND jti = :jti"
        ),
        {"issuer": issuer, "jti": mark},
    ).scalar_one()
    return float(age)


def spoken_for(session: Session, subject: str, org: TrustedOrg) -> Person:
    """Who this is now, if the user came from that org. subject: a user name or a Salesforce id of a user.

    Raises Unknown: one org never speaks for a user of another one.
    """
    row = _row(session, subject=subject, org_id=org.org_id)
    if row["org_id"] is None:
        raise Unknown("it is not known from which org the user came")
    if row["org_id"] != org.org_id:
        raise Unknown("the user came from another org")
    return _person(row)


def person(session: Session, *, subject: str | None = None, user_id: UUID | None = None) -> Person:
    """Who this is now. subject: a user name or a Salesforce id of a user. Raises Unknown."""
    return _person(_row(session, subject=subject, user_id=user_id))


def _row(
    session: Session, *, subject: str | None = None, user_id: UUID | None = None, org_id: str | None = None
) -> RowMapping:
    params = {"subject": subject, "user_id": user_id, "org_id": org_id}
    row = session.execute(_PERSON, params).mappings().first()
    if row is None:
        raise Unknown("there is no such user here")
    return row


def _person(row: RowMapping) -> Person:
    if not row["is_active"] or row["deleted_at"] is not None:
        raise Unknown("the user is not active")
    name = " ".join(part for part in (row["first_name"], row["last_name"]) if part) or row["username"]
    if row["user_type"] in STAFF_TYPES:
        actor = Actor("staff", name, user_id=row["id"])
        rights = frozenset(row["rights"])
    elif row["user_type"] in PARTNER_TYPES:
        if row["partner_id"] is None:
            raise Unknown("the partner user belongs to no account that is known here")
        if row["partner_deleted_at"] is not None:
            raise Unknown("the partner's account was deleted")
        if row["partner_status"] == "ended":
            raise Unknown("the partnership has ended")
        actor = Actor("partner", name, user_id=row["id"], partner_id=row["partner_id"])
        rights = frozenset()
    else:
        raise Unknown(f"users of the type {row['user_type']} may not call")
    return Person(
        actor,
        row["username"],
        rights,
        row["partner_name"] or "",
        row["language"] or "",
        row["locale"] or "",
        row["time_zone"] or "",
        row["partner_status"] or "" if actor.scope == "partner" else "",
    )


_PERSON = text("""
    SELECT u.id, u.username, u.first_name, u.last_name, u.is_active, u.deleted_at, u.user_type,
        u.language, u.locale, u.time_zone, o.org_id,
        a.id AS partner_id, a.name AS partner_name, a.deleted_at AS partner_deleted_at,
        (SELECT p.status FROM partner p WHERE p.account_id = a.id) AS partner_status,
        ARRAY(SELECT r.name FROM user_right r WHERE r.user_id = u.id) AS rights
    FROM crm_user u
    LEFT JOIN user_org o ON o.user_id = u.id
    LEFT JOIN contact c ON c.id = u.contact_id
    LEFT JOIN account a ON a.id = coalesce(u.account_id, c.account_id)
    WHERE (CAST(:user_id AS uuid) IS NULL OR u.id = :user_id)
      AND (CAST(:subject AS text) IS NULL OR lower(u.username) = lower(:subject) OR u.id IN (
          SELECT l.local_id FROM sync_link l WHERE l.table_name = 'crm_user' AND l.sf_id = :subject))
    ORDER BY (o.org_id = CAST(:org_id AS text)) DESC NULLS LAST, u.deleted_at NULLS FIRST
    LIMIT 1
""")


def new_token() -> str:
    """A token that nobody can guess: 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def keep_token(session: Session, token: str, actor: Actor) -> None:
    """Store a token for its life. Forgets those that ended a day ago."""
    session.execute(text("DELETE FROM access_token WHERE expires_at < now() - interval '1 day'"))
    session.execute(
        text(
            "INSERT INTO access_token (token_hash, user_id, partner_id, expires_at) "
            "VALUES (:hash, :user_id, :partner_id, :expires_at)"
        ),
        {
            "hash": token_hash(token),
            "user_id": actor.user_id,
            "partner_id": actor.partner_id,
            "expires_at": datetime.now(UTC) + TOKEN_LIFE,
        },
    )


def bearer(session: Session, token: str) -> Person:
    """Who holds this token, looked up anew. Raises Unknown: also when the person has changed sides."""
    row = session.execute(
        text("SELECT user_id, partner_id, expires_at, revoked_at FROM access_token WHERE token_hash = :hash"),
        {"hash": token_hash(token)},
    ).first()
    if row is None:
        raise Unknown("no such token")
    if row.revoked_at is not None:
        raise Unknown("the token was revoked")
    if row.expires_at <= datetime.now(UTC):
        raise Unknown("the token has expired")
    found = person(session, user_id=row.user_id)
    if found.actor.partner_id != row.partner_id:
        raise Unknown("the user has moved since the token was given")
    return found


def revoke(session: Session, token: str) -> None:
    """End a token; ending an unknown one is no error (RFC 7009)."""
    session.execute(
        text("UPDATE access_token SET revoked_at = now() WHERE token_hash = :hash AND revoked_at IS NULL"),
        {"hash": token_hash(token)},
    )


def grant(session: Session, username: str, right: str) -> None:
    """Give a right to a user of the company. Raises NotFound."""
    session.execute(
        text("INSERT INTO user_right (user_id, name) VALUES (:user_id, :right) ON CONFLICT DO NOTHING"),
        {"user_id": _user_id(session, username), "right": right},
    )


def withdraw(session: Session, username: str, right: str) -> None:
    """Take a right away from a user. Raises NotFound for an unknown user."""
    session.execute(
        text("DELETE FROM user_right WHERE user_id = :user_id AND name = :right"),
        {"user_id": _user_id(session, username), "right": right},
    )


def _user_id(session: Session, username: str) -> UUID:
    try:
        user_id = person(session, subject=username).actor.user_id
    except Unknown as error:
        raise NotFound(
            f"{username}: {error}.", remedy="Check the user name, and run `tandem sync run` once."
        ) from None
    assert user_id is not None
    return user_id
