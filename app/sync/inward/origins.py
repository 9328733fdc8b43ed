"""Which org a user came from: the only one whose assertions may speak for that user."""

from __future__ import annotations

from collections.abc import Sequence

from app.sync.inward.cursors import Cursor
from app.sync.mapping import ObjectMapping
from app.sync.tx import Tx

_USERS = "crm_user"


def to_read_anew(mapping: ObjectMapping, cursor: Cursor, org_id: str) -> bool:
    """Whether the users have to be read from the beginning: so far another org was asked for them, or it is
    not known which. org_id: that of the connected org, empty where it is not known."""
    return mapping.table == _USERS and org_id not in ("", cursor.org_id)


def note(tx: Tx, mapping: ObjectMapping, org_id: str, sf_ids: Sequence[str]) -> None:
    """Write down that this org has these records, if they are users; they are linked."""
    if mapping.table != _USERS or not org_id:
        return
    tx.run(
        "INSERT INTO user_org (user_id, org_id) "
        "SELECT l.local_id, %s FROM sync_link l JOIN crm_user u ON u.id = l.local_id WHERE l.sf_id = ANY(%s) "
        "ON CONFLICT (user_id) DO UPDATE SET org_id = EXCLUDED.org_id "
        "WHERE user_org.org_id <> EXCLUDED.org_id",
        org_id,
        list(sf_ids),
    )
