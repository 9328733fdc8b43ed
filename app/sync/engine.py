"""What every part of the engine shares: the two sides, the mappings between them, who listens."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.orm import Session

from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import Misconfigured, Unavailable
from app.salesforce import Gateway
from app.sync import org
from app.sync.mapping import Capabilities, MappingSet, ObjectMapping, Skipped
from app.sync.tables import TableShape, shape
from app.sync.tx import Tx

#: Any number that nothing else locks on: one sync at a time for one database.
_LOCK = 7_203_511_801
#: Seconds for which an answer of the org about itself is good enough to refuse a record by it.
_ANSWER_HOLDS = 60.0


@dataclass(frozen=True, slots=True)
class Applied:
    """One local row that a change from Salesforce wrote. `columns` holds the values written."""

    table: str
    local_id: UUID
    kind: str  # created | updated | deleted | undeleted | merged
    columns: Mapping[str, Any]
    merged_into: UUID | None = None


#: Called while long work goes on: SObject, rows done, rows in all (0: not known).
Progress = Callable[[str, int, int], None]

#: Called in the transaction that applied the changes, before it commits.
Observer = Callable[[Session, Sequence[Applied]], None]


@dataclass
class Engine:
    """One org, one database, one set of mappings as they hold for that org."""

    database: Database
    gateway: Gateway
    #: the mappings as the admin applied them; `mappings` leaves out what this org does not have
    applied: MappingSet
    data_dir: Path
    observers: Sequence[Observer] = ()
    progress: Progress | None = None
    mappings: MappingSet = field(init=False)
    skipped: tuple[Skipped, ...] = field(init=False)
    org: Capabilities = field(init=False)
    our_user_id: str = field(init=False)
    #: Salesforce's clock minus ours, as of the last poll
    clock_offset: timedelta = timedelta(0)
    #: SObject → records that came to look different since their children's formulas were last read
    news: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: the org was asked what it has, and what waited for an admin has not been tried again yet
    asked: bool = False
    _asked_at: float = float("-inf")
    _shapes: dict[str, TableShape] = field(default_factory=dict)
    _record_types: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.use(*org.remembered(self.gateway, self.applied, self.data_dir))

    def apply(self, mappings: MappingSet) -> None:
        """Work by other mappings from here on."""
        self.applied = mappings
        self.use(*org.remembered(self.gateway, self.applied, self.data_dir))

    def probe(self) -> None:
        """Ask the org again what it has."""
        self.use(org.ask(self.gateway, self.applied, self.data_dir), fresh=True)

    @property
    def knows_the_org(self) -> bool:
        """Whether the org was asked so lately that asking again would tell nothing new."""
        return time.monotonic() - self._asked_at < _ANSWER_HOLDS

    def use(self, capabilities: Capabilities, fresh: bool) -> None:
        """Take what the org has from here on. fresh: it was asked just now."""
        if fresh:
            self._asked_at = time.monotonic()
        self.org = capabilities
        self.asked = self.asked or fresh
        self.mappings, self.skipped = self.applied.for_org(capabilities)
        self.our_user_id = self.gateway.user_id

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One transaction of the sync; what it writes to synced tables does not go out again."""
        with self.database.session(SYSTEM) as session:
            tx = Tx(session)
            tx.run("SELECT set_config('tandem.applying', 'on', true)")
            yield tx

    def shape(self, tx: Tx, mapping: ObjectMapping) -> TableShape:
        """The shape of a mapping's table, read once."""
        if mapping.table not in self._shapes:
            self._shapes[mapping.table] = shape(tx, mapping.table)
        return self._shapes[mapping.table]

    def record_type(self, mapping: ObjectMapping) -> str | None:
        """The id of the record type that new records get, where the mapping names one. One call, once."""
        if not mapping.record_types:
            return None
        if mapping.sobject not in self._record_types:
            name = mapping.record_types[0]
            found = self.gateway.query(
                f"SELECT Id FROM RecordType WHERE SobjectType = '{mapping.sobject}' "  # noqa: S608  # linted names
                f"AND DeveloperName = '{name}' AND IsActive = true"
            ).records
            if not found:
                raise Misconfigured(
                    f"{mapping.sobject} has no active record type {name}.",
                    where=mapping.file,
                    remedy="Create it in Salesforce, or correct record_types in the mapping.",
                )
            self._record_types[mapping.sobject] = found[0]["Id"]
        return self._record_types[mapping.sobject]

    def tell(self, tx: Tx, changes: Sequence[Applied]) -> None:
        """Let the rooms above know what was applied, inside the transaction."""
        if changes:
            for observer in self.observers:
                observer(tx.session, changes)


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Hold the sync's lock. Raises Unavailable when another process is syncing.

    The lock lives on a connection of its own, so that it ends with the process, however that ends.
    """
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise RuntimeError("no connection")
        got = raw.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
        raw.commit()
        if not got or not got[0]:
            raise Unavailable("Another sync is running.", remedy="Wait until it has ended.", code="sync_busy")
        try:
            yield
        finally:
            with suppress(psycopg.Error):  # a lost connection has lost the lock as well
                raw.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
                raw.commit()


def note(tx: Tx, sobject: str, kind: str, sentence: str, local_id: UUID | None = None) -> None:
    """Write down what an admin should know."""
    tx.run(
        "INSERT INTO sync_event (sobject, local_id, kind, sentence) VALUES (%s, %s, %s, %s)",
        sobject,
        local_id,
        kind,
        sentence,
    )
