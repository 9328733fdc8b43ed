"""Opening an org over its directory, and making it as new again.

A fresh org is built once per profile, seed and settings and kept as a template file beside the data;
`reset` copies the template back, which takes a fraction of a second.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from app.sandbox import admin, stock, tables, world
from app.sandbox.auth import Sessions
from app.sandbox.bulk2.jobs import jobs_of
from app.sandbox.faults import Faults
from app.sandbox.org import PROFILES, Org, OrgSettings
from app.sandbox.store import quoted

_RESET = threading.Lock()


def open_org(
    directory: Path,
    *,
    profile: str = "stock-enterprise",
    seed: int = 1,
    world_seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Org:
    """The org that lives in a directory: as it was left, or new.

    profile, settings and world_seed shape a new org only. seed: makes its ids, the org's own included.
    world_seed: fills it with the seeded world; None leaves it with its users only.
    Raises ValueError for an unknown profile or setting, OSError if the directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    org = Org(directory, profile=profile, seed=seed)
    org.faults = Faults(org)
    org.sessions = Sessions(org)
    if org.store.get_meta("schema") is None:
        org.settings.update(**(settings or {}))
        _build(org, world_seed)
    _load(org)
    return org


def reset(
    org: Org, *, profile: str = "", world_seed: int | None = None, settings: Mapping[str, Any] | None = None
) -> None:
    """Make the org as new: rows, schema, settings, clock, faults, sessions, jobs, counters, automations.

    Raises ValueError for an unknown profile or setting, before anything is changed.
    """
    wanted = OrgSettings()
    wanted.update(**(settings or {}))
    profile = profile or org.profile
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile!r}; there are {', '.join(PROFILES)}.")
    with _RESET:
        org.faults.forget()
        jobs_of(org).clear()
        org.clock.set(None)
        org.pending.clear()
        org.hooks.clear()
        org.profile, org.settings = profile, wanted
        template = _template(org, world_seed)
        if template.exists():
            org.store.restore(template)
        else:
            _empty(org)
            _build(org, world_seed)
            template.parent.mkdir(exist_ok=True)
            org.store.snapshot(template)
        _load(org)
        org.counters.reset()


def _build(org: Org, world_seed: int | None) -> None:
    """Schema, tables and first rows of a new org, in one transaction."""
    with org.store.write() as tx:
        org.schema._objects.clear()
        for sobject in stock.load(org.profile, org.settings):
            org.schema.add(sobject)
        tables.create_all(tx.connection, org.schema)
        admin.save_schema(org)
        org.save_settings()
        org.store.set_meta("profile", org.profile.encode())
        if world_seed is None:
            world.lay_foundation(org)
        else:
            world.seed(org, world_seed)


def _load(org: Org) -> None:
    """What the database says about schema, settings, permissions and tokens."""
    admin.load_schema(org.schema, org.store.get_meta("schema") or b"[]")
    org.settings = OrgSettings(**orjson.loads(org.store.get_meta("settings") or b"{}"))
    org.profile = (org.store.get_meta("profile") or org.profile.encode()).decode()
    org.permissions.load(orjson.loads(org.store.get_meta("permissions") or b"{}"))
    org.sessions.load()


def _empty(org: Org) -> None:
    """Drop every table of an SObject and empty those of the sandbox."""
    with org.store.write() as tx:
        names = [n for (n,) in tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        for name in names:
            if name.startswith("_"):
                tx.execute(f"DELETE FROM {quoted(name)}")
            elif not name.startswith("sqlite_"):
                tx.execute(f"DROP TABLE {quoted(name)}")


def _template(org: Org, world_seed: int | None) -> Path:
    """The file of a fresh org like this one; made anew each day, since its dates lie around today."""
    shape = [org.profile, org.seed, world_seed, asdict(org.settings), org.clock.now() // 86_400]
    digest = hashlib.sha256(orjson.dumps(shape)).hexdigest()[:16]
    return org.directory / "templates" / f"{digest}.sqlite"
