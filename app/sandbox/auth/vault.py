"""Where apps and tokens outlive a restart: one table of small JSON values in the org's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from app.sandbox.org import Org

_TABLE = """CREATE TABLE IF NOT EXISTS _auth (
    kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID"""


class Vault:
    """Values by kind and key. A write is committed when the call returns."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._ready = False

    def load(self, kind: str) -> dict[str, dict[str, Any]]:
        """Every value of a kind, by key."""
        connection = self._org.store.read()
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_auth'").fetchone()
        if not known:
            return {}
        rows = connection.execute("SELECT key, value FROM _auth WHERE kind = ?", (kind,))
        return {key: orjson.loads(value) for key, value in rows}

    def save(self, kind: str, key: str, value: dict[str, Any]) -> None:
        """Keep a value, in place of an older one."""
        with self._org.store.write() as tx:
            self._prepare(tx)
            tx.execute("INSERT OR REPLACE INTO _auth VALUES (?, ?, ?)", (kind, key, orjson.dumps(value)))

    def remove(self, kind: str, keys: list[str]) -> None:
        """Forget values; a key that is not there is no error."""
        if not keys:
            return
        with self._org.store.write() as tx:
            self._prepare(tx)
            for key in keys:
                tx.execute("DELETE FROM _auth WHERE kind = ? AND key = ?", (kind, key))

    def _prepare(self, tx: Any) -> None:
        if not self._ready:
            tx.execute(_TABLE)
            self._ready = True

    def forget(self) -> None:
        """The database was replaced as a whole."""
        self._ready = False
