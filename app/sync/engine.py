"""What every part of the engine shares: the two sides, the mappings between them, who listens."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import exc
from sqlalchemy.orm import Session

from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import Misconfigured, Unavailable
from app.salesforce import Gateway
from app.sync import org
from app.sync.mapping import Capabilities, MappingSet, ObjectMapping, Skipped
from app.sync.tables import TableShape, shape
from app.sync.tx import Tx

T = TypeVar("T")

#: Any number that nothing else locks on: one sync at a time for one database.
LOCK = 7_203_511_801
#: How long the sync waits for a row that somebody else has changed and not committed yet.
LONGEST_WAIT_FOR_A_ROW = "20s"
#: How often work that ended in a deadlock is begun.
_DEADLOCKS = 5
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

#: Where the session of an observer says which of the org's users Tandem writes as.
OUR_USER = "salesforce_user_id"

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
    #: seconds after which a Bulk write job that is still not done is aborted
    bulk_patience: float = 1800.0
    mappings: MappingSet = field(init=False)
    skipped: tuple[Skipped, ...] = field(init=False)
    org: Capabilities = field(init=False)
    our_user_id: str = field(init=False)
    org_id: str = field(init=False)
    #: Salesforce's clock minus ours, as of the last poll
    clock_offset: timedelta = timedelta(0)
    #: SObject → records that came to look different since their children's formulas were last read
    news: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: SObjects that this cycle has read to the end, so that what is here is as fresh as can be
    just_read: set[str] = field(default_factory=set)
    #: the org was asked what it has, and what waited for an admin has not been tried again yet
    asked: bool = False
    _asked_at: float = float("-inf")
    _still_alone: Callable[[], None] | None = None
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
        self.org_id = self.gateway.org_id

    @contextmanager
    def transaction(self, *, may_be_lost: bool = False) -> Iterator[Tx]:
        """One transaction of the sync; what it writes to synced tables does not go out again.

        may_be_lost: its commit does not wait for the disk. A crash of PostgreSQL or its machine can undo the
        last of such commits, wholly, and never under a later one that did wait. So it is for what the next
        cycle does again by itself: records read together with the cursor that passed them, outcomes of
        writes that were marked as sending. Never for the mark itself.
        """
        if self._still_alone is not None:
            self._still_alone()
        try:
            with self.database.session(SYSTEM) as session:
                tx = Tx(session)
                tx.run(
                    "SELECT set_config('tandem.applying', 'on', true), set_config('lock_timeout', %s, true), "
                    "CASE WHEN %s THEN set_config('synchronous_commit', 'off', true) END",
                    LONGEST_WAIT_FOR_A_ROW,
                    may_be_lost,
                )
                yield tx
        except (psycopg.OperationalError, exc.OperationalError) as error:
            if _cause(error, psycopg.errors.LockNotAvailable):
                raise Unavailable(
                    f"A row that the sync has to change has been locked for {LONGEST_WAIT_FOR_A_ROW}.",
                    remedy="Nothing was lost and the next cycle tries again. If it stays so, look in "
                    "pg_stat_activity for a session that is idle in a transaction, and end it.",
                    code="row_locked",
                ) from error
            raise

    def transact(self, work: Callable[[Tx], T], *, may_be_lost: bool = False) -> T:
        """Do the work in a transaction of the sync; anew where it met somebody's edits in a deadlock.

        work: called once an attempt; what it changes outside the database must bear that. may_be_lost: see
        `transaction`.
        """
        for attempt in range(_DEADLOCKS):
            try:
                with self.transaction(may_be_lost=may_be_lost) as tx:
                    return work(tx)
            except (psycopg.OperationalError, exc.OperationalError) as error:
                again = _cause(error, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
                if not again or attempt == _DEADLOCKS - 1:
                    raise
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311  # spreads retries; guards nothing
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the sync's lock; without it, no transaction of this engine begins any more."""
        with alone(self.database) as self._still_alone:
            try:
                yield
            finally:
                self._still_alone = None

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
            tx.session.info[OUR_USER] = self.our_user_id
            for observer in self.observers:
                observer(tx.session, changes)


@contextmanager
def alone(database: Database) -> Iterator[Callable[[], None]]:
    """Hold the sync's lock. Raises Unavailable when another process is syncing.

    The lock lives on a connection of its own, so that it ends with the process, however that ends. Gives a
    function that raises Unavailable once the lock is lost, as after a restart of PostgreSQL.
    """
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise RuntimeError("no connection")
        got = raw.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        raw.commit()
        if not got or not got[0]:
            raise Unavailable("Another sync is running.", remedy="Wait until it has ended.", code="sync_busy")

        def still() -> None:
            try:
                raw.execute("SELECT 1")
                raw.commit()
            except psycopg.Error as error:
                raise Unavailable(
                    "The connection that held the sync's lock was lost, and another sync may have begun.",
                    remedy="Nothing was lost; the next cycle goes on.",
                    code="sync_lock_lost",
                ) from error

        try:
            yield still
        finally:
            try:
                raw.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
                raw.commit()
            except psycopg.Error:  # a lost connection has lost the lock as well
                connection.invalidate()


def _cause(error: Exception, *kinds: type[Exception]) -> bool:
    """Whether the database refused for one of those reasons; the ORM wraps them."""
    return isinstance(error, kinds) or isinstance(getattr(error, "orig", None), kinds)


def note(tx: Tx, sobject: str, kind: str, sentence: str, local_id: UUID | None = None) -> None:
    """Write down what an admin should know."""
    tx.run(
        "INSERT INTO sync_event (sobject, local_id, kind, sentence) VALUES (%s, %s, %s, %s)",
        sobject,
        local_id,
        kind,
        sentence,
    )
