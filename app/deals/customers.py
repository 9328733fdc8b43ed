"""Which account of the CRM an end customer is.

Runs in the system's name: a partner sees no accounts but its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.crm.countries import country_code, country_name
from app.deals import matching
from app.deals.matching import Customer, Why
from app.deals.models import DealRegistration

#: First half of the advisory locks' numbers; the second is the hash of a sign.
_LOCK_CLASS = 7_227

#: A tree of accounts deeper than this is a mistake in the CRM; the walk ends there.
DEEPEST = 20

__all__ = [
    "country_code", "country_name", "families", "find", "is_partner", "is_there", "lock", "recognise",
    "root_of", "tree_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """An account, and by what it was recognised."""

    account_id: UUID
    why: Why
    likeness: float


# Equality of plain columns only: row-level security lets nothing else use an index. See 0006.
_CANDIDATES = text("""
    (SELECT id, name, website, billing_country, billing_postal_code FROM account
     WHERE sign_two = :domain AND deleted_at IS NULL LIMIT 500)
    UNION
    (SELECT id, name, website, billing_country, billing_postal_code FROM account
     WHERE sign_three = :domain AND deleted_at IS NULL LIMIT 500)
    UNION
    (SELECT id, name, website, billing_country, billing_postal_code FROM account
     WHERE sign_word = :word AND deleted_at IS NULL LIMIT 3000)
    UNION
    (SELECT id, name, website, billing_country, billing_postal_code FROM account
     WHERE billing_postal_code = :postal AND deleted_at IS NULL LIMIT 3000)
""")


def find(session: Session, wanted: Customer, *, postal_code: str, except_for: UUID) -> Found | None:
    """The account that this customer most likely is; never the registering partner itself.

    Looked at are accounts of the same domain, of the same first word, and of the same postal code as it was
    written (`postal_code`).
    """
    rows = session.execute(
        _CANDIDATES,
        {
            "domain": wanted.domain or None,
            "word": wanted.name_key.partition(" ")[0] or None,
            "postal": postal_code or None,
        },
    )
    best: tuple[bool, float, UUID] | None = None
    for row in rows:
        if row.id == except_for:
            continue
        there = matching.customer(
            row.name,
            country_code(row.billing_country or "") or wanted.country,
            postal_code=row.billing_postal_code or "",
            website=row.website or "",
        )
        why = matching.same(wanted, there)
        if why is None:
            continue
        rank = (why == "domain", matching.alike(wanted.name_key, there.name_key), row.id)
        if best is None or rank > best:
            best = rank
    if best is None:
        return None
    by_domain, likeness, account_id = best
    return Found(account_id, "domain" if by_domain else "name", likeness)


def recognise(session: Session, registration: DealRegistration) -> None:
    """Write into a registration who its end customer is, as far as the CRM knows."""
    who = _described(registration)
    if not is_there(session, registration.customer_account_id):
        found = find(
            session,
            who,
            postal_code=registration.customer_postal_code,
            except_for=registration.partner_account_id,
        )
        registration.customer_account_id = found.account_id if found else None
    registration.customer_domain, registration.customer_name_key = who.domain, who.name_key
    registration.customer_key = replace(who, account_id=registration.customer_account_id).key


def lock(session: Session, registration: DealRegistration) -> None:
    """One transaction at a time may make the account of this end customer, until it ends.

    Whatever `find` would recognise the customer by is locked: nobody makes an account that it would find.
    """
    who = _described(registration)
    signs = {
        f"domain:{who.domain}" if who.domain else "",
        f"word:{who.name_key.partition(' ')[0]}",
        f"postal:{registration.customer_postal_code}" if registration.customer_postal_code else "",
    }
    # In one order for everybody, so that two never wait for each other.
    session.execute(_LOCK, {"class": _LOCK_CLASS, "signs": sorted(signs - {""})})


_LOCK = text(
    "SELECT pg_advisory_xact_lock(:class, number) FROM "
    "(SELECT DISTINCT hashtext(sign) AS number FROM unnest(CAST(:signs AS text[])) sign ORDER BY 1) numbers"
)


def _described(registration: DealRegistration) -> Customer:
    return matching.customer(
        registration.customer_name,
        registration.customer_country,
        postal_code=registration.customer_postal_code,
        website=registration.customer_website,
        email=registration.contact_email,
    )


_ROOT = text("""
    WITH RECURSIVE up (id, parent_id, depth) AS (
        SELECT id, parent_id, 0 FROM account WHERE id = :account
        UNION ALL
        SELECT a.id, a.parent_id, up.depth + 1 FROM up JOIN account a ON a.id = up.parent_id
        WHERE up.depth < :deepest
    ) CYCLE id SET is_cycle USING path
    SELECT id FROM up WHERE NOT is_cycle ORDER BY depth DESC LIMIT 1
""")


def root_of(session: Session, account_id: UUID) -> UUID:
    """The top of an account's tree."""
    found: UUID | None = session.execute(
        _ROOT, {"account": account_id, "deepest": DEEPEST}
    ).scalar_one_or_none()
    return found or account_id


_TREE = text("""
    WITH RECURSIVE down (id, depth) AS (
        SELECT CAST(:root AS uuid), 0
        UNION ALL
        SELECT a.id, down.depth + 1 FROM down JOIN account a ON a.parent_id = down.id
        WHERE down.depth < :deepest
    ) CYCLE id SET is_cycle USING path
    SELECT DISTINCT id FROM down WHERE NOT is_cycle
""")


def tree_of(session: Session, root_id: UUID) -> list[UUID]:
    """Every account below the top of a tree, and the top itself."""
    return list(session.execute(_TREE, {"root": root_id, "deepest": DEEPEST}).scalars())


def families(session: Session) -> list[str]:
    """The product families of the catalogue, in alphabetical order."""
    rows: Iterable[str] = session.execute(
        text("SELECT DISTINCT family FROM product WHERE is_active AND deleted_at IS NULL AND family <> ''")
    ).scalars()
    return sorted(rows, key=str.casefold)


def is_there(session: Session, account_id: UUID | None) -> bool:
    """Whether this account is known and not deleted."""
    query = text("SELECT EXISTS (SELECT FROM account WHERE id = :id AND deleted_at IS NULL)")
    return bool(session.execute(query, {"id": account_id}).scalar_one())


def is_partner(session: Session, account_id: UUID) -> bool:
    """Whether this account is a partner: the CRM says so, or it has partner users."""
    return bool(
        session.execute(
            text(
                "SELECT EXISTS (SELECT FROM account a WHERE a.id = :id AND a.deleted_at IS NULL "
                "AND (a.is_partner OR EXISTS (SELECT FROM crm_user u "
                "WHERE u.account_id = a.id AND u.user_type = 'PowerPartner')))"
            ),
            {"id": account_id},
        ).scalar_one()
    )
