"""Makes an org: schema, tables, foundation or seeded world, from a template where there is one."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from app.sandbox import admin, metadata, stock, tables, world
from app.sandbox.auth.sessions import Sessions
from app.sandbox.bulk2.jobs import jobs_of
from app.sandbox.errors import ApiError
from app.sandbox.faults import Faults
from app.sandbox.org import PROFILES, Org, OrgSettings
from app.sandbox.soql.functions import prepare
from app.sandbox.soql.locators import locators

#: the project whose metadata is deployed into every org
PROJECT = Path(__file__).resolve().parents[2] / "sfdx"


def open_org(
    directory: Path,
    *,
    profile: str = "stock-enterprise",
    seed: int = 1,
    empty: bool = False,
    scale: int = 0,
    settings: OrgSettings | None = None,
    progress: Callable[[int], None] | None = None,
) -> Org:
    """Open the org in `directory`, or make it there.

    An org that is there already keeps its profile, settings and rows. empty: users and picklist tables
    only. scale: so many further accounts. Raises OSError where the directory cannot be written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    org = Org(directory, profile=profile, seed=seed, settings=settings)
    org.faults = Faults(org)
    prepare(org.store)
    kept = org.store.get_meta("schema")
    if kept is None:
        _fill(org, None if empty else seed)
        if scale:
            world.scale(org, scale, seed, progress)
    else:
        load(org)
        org.clock.load(orjson.loads(org.store.get_meta("clock") or b"{}"))
    org.sessions = Sessions(org)
    org.sessions.load()
    return org


def load(org: Org) -> None:
    """Read into memory what the database says: schema, settings, permissions, profile."""
    schema = org.store.get_meta("schema")
    assert schema is not None
    admin.load_schema(org.schema, schema)
    settings = org.store.get_meta("settings")
    org.settings = OrgSettings(**orjson.loads(settings)) if settings else OrgSettings()
    org.features = tuple(getattr(org.settings, name) for name in stock.FEATURES)
    org.permissions.load(orjson.loads(org.store.get_meta("permissions") or b"{}"))
    org.profile = (org.store.get_meta("profile") or org.profile.encode()).decode()


def reset(
    org: Org,
    *,
    profile: str | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> None:
    """Make the org as new. seed: fill it with the seeded world; without one it is empty.

    The clock goes back to real time; faults, triggers, counters and sessions begin again. Raises ApiError
    for a profile or a setting that does not exist.
    """
    wanted = OrgSettings()
    try:
        wanted.update(**(settings or {}))
        if (profile or org.profile) not in PROFILES:
            raise ValueError(f"There is no profile {profile!r}; there are {', '.join(PROFILES)}.")
    except ValueError as error:
        raise ApiError("INVALID_ACTION", str(error)) from error
    org.clock.set(None)
    org.faults.forget()
    jobs_of(org).clear()
    locators(org).clear()
    org.hooks.clear()
    org.pending.clear()
    org.counters.reset()
    org.profile = profile or org.profile
    org.settings = wanted
    template = _template(org, seed)
    if template.exists():
        org.store.restore(template)
        load(org)
    else:
        _clear(org)
        _fill(org, seed)
        template.parent.mkdir(exist_ok=True)
        org.store.snapshot(template)
    org.forget_caches()
    org.sessions.load()


def _template(org: Org, seed: int | None) -> Path:
    """Where the finished copy of such an org lies. The world is dated around today, so the day counts."""
    today = org.clock.now() // 86_400
    facts = [org.profile, seed, org.seed, asdict(org.settings), today, _sources()]
    key = hashlib.sha256(orjson.dumps(facts)).hexdigest()[:24]
    return org.directory / "templates" / f"{key}.sqlite"


@functools.cache
def _sources() -> int:
    """When the code and the metadata behind a template last changed: an older template is not used."""
    files = [*Path(__file__).parent.rglob("*.py"), *Path(__file__).parent.rglob("*.yaml")]
    return max(file.stat().st_mtime_ns for file in [*files, *PROJECT.rglob("*.xml")])


def _clear(org: Org) -> None:
    connection = org.store.read()
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    with org.store.write() as tx:
        for name in names:
            if name.startswith("sqlite_"):
                continue
            if name.startswith("_"):
                tx.execute(f'DELETE FROM "{name}"')
            else:
                tx.execute(f'DROP TABLE "{name}"')


def _fill(org: Org, seed: int | None) -> None:
    """Schema, tables, rows."""
    fresh = stock.load(org.profile, org.settings)
    org.features = tuple(getattr(org.settings, name) for name in stock.FEATURES)
    if PROJECT.is_dir():
        org.settings.lead_mapping = metadata.deploy(
            fresh, PROJECT / "force-app", multi_currency=org.settings.multi_currency
        )
    org.schema.clear()
    for sobject in fresh:
        org.schema.add(sobject)
    with org.store.write() as tx:
        tables.create_all(tx.connection, org.schema)
        admin.save_schema(org)
        org.permissions.load({})
        if PROJECT.is_dir():
            source = PROJECT / "force-app"
            org.permissions.deploy(
                metadata.deployed_fields(org.schema, source), metadata.field_permissions(source)
            )
        org.store.set_meta("profile", org.profile.encode())
        org.save_settings()
        if seed is None:
            world.lay_foundation(org)
        else:
            world.seed(org, seed)
        for sobject in org.schema:
            for record_type in sobject.record_types:
                admin.mirror_record_type(org, tx, sobject, record_type)
