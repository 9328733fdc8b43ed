"""What a field can point to: records of the CRM that the reader may see, countries and currencies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.forms import places
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.words import one_of, say

MOST = 50
#: Each kind: value, label, note. `:q` is what somebody typed.
_SEARCH = {
    "account": "SELECT id::text AS value, name AS label, "
    "concat_ws(', ', billing_city, billing_country) AS note "
    "FROM account WHERE deleted_at IS NULL AND name ILIKE :q",
    "contact": "SELECT id::text AS value, concat_ws(' ', first_name, last_name) AS label, "
    "coalesce(email, '') AS note FROM contact WHERE deleted_at IS NULL "
    "AND (concat_ws(' ', first_name, last_name) ILIKE :q OR email ILIKE :q)",
    "product": "SELECT product_code AS value, name AS label, product_code AS note FROM product "
    "WHERE deleted_at IS NULL AND is_active AND product_code <> '' "
    "AND (name ILIKE :q OR product_code ILIKE :q)",
    "product_family": "SELECT DISTINCT family AS value, family AS label, '' AS note FROM product "
    "WHERE deleted_at IS NULL AND is_active AND family <> '' AND family ILIKE :q",
    "lead": "SELECT id::text AS value, company AS label, concat_ws(' ', first_name, last_name) AS note "
    "FROM lead WHERE deleted_at IS NULL AND NOT is_converted AND company ILIKE :q",
    "opportunity": "SELECT id::text AS value, name AS label, stage_name AS note FROM opportunity "
    "WHERE deleted_at IS NULL AND name ILIKE :q",
    "user": "SELECT id::text AS value, concat_ws(' ', first_name, last_name) AS label, '' AS note "
    "FROM crm_user WHERE deleted_at IS NULL AND is_active "
    "AND concat_ws(' ', first_name, last_name) ILIKE :q",
}
_EXISTS = {
    "product": "SELECT 1 FROM product WHERE product_code = :value AND is_active AND deleted_at IS NULL",
    "product_family": "SELECT 1 FROM product WHERE family = :value AND is_active AND deleted_at IS NULL "
    "UNION ALL SELECT 1 WHERE NOT EXISTS (SELECT FROM product WHERE family <> '' AND is_active "
    "AND deleted_at IS NULL)",
}
_TABLES = {"account": "account", "contact": "contact", "lead": "lead", "opportunity": "opportunity",
           "user": "crm_user"}  # fmt: skip
#: What a partner sees of a table; row-level security says the same.
_OWN = {
    "account": "id = :partner",
    "contact": "account_id = :partner",
    "lead": "partner_account_id = :partner",
    "opportunity": "partner_account_id = :partner",
    "user": "account_id = :partner",
}
KINDS = (*_SEARCH, "country", "currency")


@dataclass(frozen=True, slots=True)
class Found:
    """Something a field can point to. note: what tells it from others of the same name."""

    value: str
    label: str
    note: str


def search(session: Session, actor: Actor, kind: str, q: str, language: str) -> list[Found]:
    """At most fifty of a kind that the actor may see and whose name contains the text, by name.

    Raises NotFound for an unknown kind.
    """
    if kind in ("country", "currency"):
        return _places(kind, q, places.language_of(language))
    if kind not in _SEARCH:
        raise NotFound(
            say("There is nothing of this kind to search."),
            remedy=one_of(KINDS),
        )
    pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = session.execute(
        text(f"{_SEARCH[kind]}{_and_own(actor, kind)} ORDER BY 2, 1 LIMIT :most"),
        {"q": pattern, "most": MOST, "partner": actor.partner_id},
    )
    return [Found(row.value, row.label, row.note) for row in rows]


def _places(kind: str, q: str, language: str) -> list[Found]:
    codes, name = {
        "country": (places.countries(), places.country_name),
        "currency": (places.currencies(), places.currency_name),
    }[kind]
    wanted = q.casefold()
    found = [Found(code, name(code, language), code) for code in codes]
    matching = [one for one in found if wanted in one.label.casefold() or wanted == one.value.casefold()]
    return sorted(matching, key=lambda one: (one.value.casefold() != wanted, one.label.casefold()))[:300]


def _and_own(actor: Actor, kind: str) -> str:
    return f" AND {_OWN[kind]}" if actor.scope == "partner" and kind in _OWN else ""


def exists(session: Session, actor: Actor) -> Callable[[str, str], bool]:
    """Whether a value points to something that the actor may see, also in the system's name."""

    def there(kind: str, value: str) -> bool:
        if kind in _TABLES:
            try:
                key = UUID(value)
            except ValueError:
                return False
            own = _and_own(actor, kind)
            query = text(f"SELECT 1 FROM {_TABLES[kind]} WHERE id = :value AND deleted_at IS NULL{own}")  # noqa: S608  # own constants
            return session.execute(query, {"value": key, "partner": actor.partner_id}).first() is not None
        return session.execute(text(_EXISTS[kind]), {"value": value}).first() is not None

    return there
