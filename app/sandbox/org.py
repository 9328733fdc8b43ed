"""One org: its schema, rows, clock, triggers, faults, sessions, settings and counters."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from app.sandbox.clock import Clock
from app.sandbox.context import Context
from app.sandbox.hooks import Hooks
from app.sandbox.ids import IdSource
from app.sandbox.permissions import Permissions
from app.sandbox.schema import Schema
from app.sandbox.store import Store
from app.sandbox.typed import fits

if TYPE_CHECKING:
    from app.sandbox.auth.sessions import Sessions
    from app.sandbox.dml.plan import Plan
    from app.sandbox.faults import Faults

#: how often the recycle bin is looked through for what is too old, seconds
BIN_CHECK_SECONDS = 3600
PROFILES = ("stock-enterprise", "prm", "developer")


_RECORD_ID = re.compile(r"/[0-9a-zA-Z]{15}(?:[0-9a-zA-Z]{3})?(?=[/-]|$)")


@dataclass(slots=True)
class OrgSettings:
    """Switches an admin can turn. `currency` is the corporate currency, `time_zone` the org's."""

    multi_currency: bool = False
    person_accounts: bool = False
    state_country_picklists: bool = False
    edit_converted_leads: bool = False
    assignment_rules: bool = False
    rotate_refresh_tokens: bool = False
    soap_login: bool = False
    password_flow: bool = False
    currency: str = "USD"
    time_zone: str = "America/Los_Angeles"
    fiscal_year_start_month: int = 1
    daily_api_requests: int = 150_000
    #: how long a write waits for a row that another transaction holds, real seconds; a real org waits 10
    lock_wait_seconds: float = 0.0
    #: duplicate rules: {"object", "fields": [...], "action": "block" | "allow" | "alert", "message"}
    duplicate_rules: list[dict[str, Any]] = field(default_factory=list)
    #: {"object", "owner_id", "when": {field: value}}: the first that matches a new record owns it
    assignment: list[dict[str, Any]] = field(default_factory=list)
    #: lead conversion beside the standard one: {"from": lead field, "object": target, "to": its field}
    lead_mapping: list[dict[str, str]] = field(default_factory=list)

    def update(self, **switches: Any) -> None:
        """Turn switches by name; raises ValueError for a name or a value that cannot be."""
        known = get_type_hints(type(self))
        for name, value in switches.items():
            if name not in known:
                raise ValueError(f"There is no org setting {name!r}; there are {', '.join(sorted(known))}.")
            if not fits(value, known[name]) or not _possible(name, value):
                raise ValueError(f"The org setting {name} cannot be {value!r}.")
        for name, value in switches.items():
            setattr(self, name, value)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


def _possible(name: str, value: Any) -> bool:
    if name == "time_zone":
        return _is_zone(value)
    if name == "fiscal_year_start_month":
        return value in range(1, 13)
    if name == "lock_wait_seconds":
        return 0 <= value <= 60  # type: ignore[no-any-return]
    if name == "daily_api_requests":
        return value in range(2**53)
    members = {"duplicate_rules": {"object", "fields"}, "assignment": {"object", "owner_id"}}.get(name, set())
    members = {"from", "object", "to"} if name == "lead_mapping" else members
    return not members or all(members <= entry.keys() for entry in value)


class Counters:
    """API requests: those of the last 24 hours (`used`), and all by kind and by method and resource."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._hours: dict[int, int] = {}
        self.by_kind: Counter[str] = Counter()
        self.by_path: Counter[str] = Counter()

    @property
    def used(self) -> int:
        """Requests of the last 24 hours of the org's clock, to the hour."""
        this = self._clock.now() // 3600
        return sum(count for hour, count in list(self._hours.items()) if this - 24 < hour <= this)

    @used.setter
    def used(self, total: int) -> None:
        this = self._clock.now() // 3600
        self._hours[this] = self._hours.get(this, 0) + total - self.used

    def count(self, method: str, kind: str, path: str) -> int:
        """Note one API request; returns how many there have been in the last 24 hours."""
        resource = f"{method} {_RECORD_ID.sub('/{id}', path)}"
        with self._lock:
            this = self._clock.now() // 3600
            self._hours[this] = self._hours.get(this, 0) + 1
            self.by_kind[kind] += 1
            self.by_path[resource] += 1
            return self.used

    def reset(self) -> None:
        """Begin again at nought."""
        with self._lock:
            self._hours.clear()
            self.by_kind.clear()
            self.by_path.clear()

    def dump(self) -> dict[str, Any]:
        """Everything counted, as JSON values."""
        with self._lock:
            return {"total": self.used, "kinds": dict(self.by_kind), "requests": dict(self.by_path)}


@dataclass(slots=True)
class PendingCommit:
    """A long transaction: stamped at `stamp`, visible only from `commit_at` on (epoch seconds)."""

    stamp: int
    commit_at: int
    user_id: str
    action: Callable[[Context], None]


class Org:
    """One org in one directory. `app.sandbox.build.open_org` opens it; `app.sandbox.server` serves it."""

    api_version = "67.0"
    faults: Faults
    sessions: Sessions

    def __init__(
        self, directory: Path, *, profile: str, seed: int, settings: OrgSettings | None = None
    ) -> None:
        if profile not in PROFILES:
            raise ValueError(f"There is no profile {profile!r}; there are {', '.join(PROFILES)}.")
        self.directory = directory
        self.profile = profile
        self.seed = seed
        self.settings = settings or OrgSettings()
        self.clock = Clock()
        self.store = Store(directory / "org.sqlite")
        self.schema = Schema()
        self.hooks = Hooks()
        self.counters = Counters(self.clock)
        self.ids = IdSource(seed)
        self.org_id = self.ids.at("00D", self.ids.start("00D"))
        self.permissions = Permissions(self._save_permissions, self._permission_sets, self.clock.now)
        #: the switches that the schema was made for, in the order of app.sandbox.stock.FEATURES
        self.features: tuple[bool, ...] = ()
        self.pending: list[PendingCommit] = []
        #: compiled ways to write each object type; see app/sandbox/dml/plan.py
        self.plans: dict[tuple[str, str, bool, str], Plan] = {}
        self.plans_version = (-1, -1)
        #: finished describes, as bytes; see app/sandbox/rest/describe.py
        self.describes: dict[tuple[str, str, str, int, int], bytes] = {}
        #: when the schema last changed, epoch seconds
        self.described_at = self.clock.now()
        self._bin_seen = self.clock.now()
        self._on_reset: list[Callable[[], None]] = []
        #: where clients reach the org; set by the server
        self.http_url = ""
        self.https_url = ""

    def context(self, user_id: str = "", *, system: bool = True) -> Context:
        """A context outside any request: for seeding, the control plane, tests."""
        return Context(self, user_id=user_id, system=system, auto_assign=False)

    def _save_permissions(self) -> None:
        self.store.set_meta("permissions", orjson.dumps(self.permissions.dump()))

    def _permission_sets(self, user_id: str) -> tuple[frozenset[str], int | None]:
        """The permission sets that a user has now, and when the first of the assignments expires."""
        now = self.clock.now()
        rows = (
            self.store.read()
            .execute(
                "SELECT s.Name, a.ExpirationDate FROM PermissionSetAssignment a "
                "JOIN PermissionSet s ON s.Id = a.PermissionSetId "
                "WHERE a.AssigneeId = ? AND (a.ExpirationDate IS NULL OR a.ExpirationDate > ?)",
                (user_id, now),
            )
            .fetchall()
        )
        return (
            frozenset(name for name, _ in rows),
            min((until for _, until in rows if until is not None), default=None),
        )

    def save_settings(self) -> None:
        """Keep the settings over a restart, and give the org the fields of features switched on since."""
        from app.sandbox.admin import add_features

        add_features(self)
        self.store.set_meta("settings", orjson.dumps(asdict(self.settings)))

    def commit_later(self, seconds: int, user_id: str, action: Callable[[Context], None]) -> PendingCommit:
        """A transaction that is stamped now and becomes visible `seconds` of virtual time later."""
        now = self.clock.now()
        pending = PendingCommit(now, now + seconds, user_id, action)
        self.pending.append(pending)
        return pending

    def settle(self) -> None:
        """Do what time has brought: commit long transactions that are due, empty the recycle bin."""
        now = self.clock.now()
        if abs(now - self._bin_seen) >= BIN_CHECK_SECONDS:
            self._bin_seen = now
            self._empty_bin()
        if not any(waiting.commit_at <= now for waiting in self.pending):
            return
        with self.store.write():
            due = [p for p in self.pending if p.commit_at <= now]
            for waiting in due:
                self.pending.remove(waiting)
                ctx = self.context(waiting.user_id)
                ctx.stamp = waiting.stamp
                waiting.action(ctx)

    def _empty_bin(self) -> None:
        from app.sandbox.dml.remove import empty_bin

        with self.store.write() as tx:
            empty_bin(self.context(), tx)

    def on_reset(self, action: Callable[[], None]) -> None:
        """Call `action` whenever the org was made as new: for rooms that remember something of its rows."""
        self._on_reset.append(action)

    def forget_caches(self) -> None:
        """Tell every room that the rows were replaced as a whole."""
        self.plans.clear()
        self.describes.clear()
        self.described_at = self.clock.now()
        for action in list(self._on_reset):
            action()

    def close(self) -> None:
        """Close the files."""
        self.store.close()
