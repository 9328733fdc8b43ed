"""What the company decides once for all partners: levels, stages of onboarding, regions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit import record
from app.crm.countries import country_code
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotFound
from app.partners import crm, requirements
from app.words import Names, counted, say

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")

_LEVEL = text(
    "SELECT key, name, weight, default_plan, benefits, requirements, grace_days, initial, retired "
    "FROM partner_level WHERE key = :key FOR UPDATE"
)

_SAVE_LEVEL = text("""
    INSERT INTO partner_level (key, name, weight, default_plan, benefits, requirements, grace_days, initial,
        retired)
    VALUES (:key, :name, :weight, :default_plan, :benefits, CAST(:requirements AS jsonb), :grace_days,
        :initial, :retired)
    ON CONFLICT (key) DO UPDATE SET name = EXCLUDED.name, weight = EXCLUDED.weight,
        default_plan = EXCLUDED.default_plan, benefits = EXCLUDED.benefits,
        requirements = EXCLUDED.requirements, grace_days = EXCLUDED.grace_days,
        initial = EXCLUDED.initial, retired = EXCLUDED.retired
""")

_NEW_LEVEL: dict[str, Any] = {
    "name": "", "weight": None, "default_plan": "", "benefits": [], "requirements": [], "grace_days": 0,
    "initial": False, "retired": False,
}  # fmt: skip


def save_level(
    session: Session, actor: Actor, key: str, changes: Mapping[str, Any], day: date, *, new: bool
) -> None:
    """Make a level, or change one; what is left out stays. Partners keep the periods and plans they have.

    Raises BadInput, NotFound for an unknown level, Conflict for one that is there already, for retiring a
    level that partners hold or that new partners get.
    """
    row = session.execute(_LEVEL, {"key": key if _KEY.fullmatch(key) else ""}).mappings().first()
    if new and row is not None:
        raise Conflict(
            say("There is a level {key} already.", key=key),
            remedy=say("Change it."),
            facts={"allowed": ["change"]},
        )
    if not new and row is None:
        raise NotFound(say("There is no such level."))
    before = dict(row) if row is not None else {}
    after = {**_NEW_LEVEL, **before, **changes, "key": key}
    faults = {} if _KEY.fullmatch(key) else {"key": say("Write small letters, digits and underscores: gold.")}
    if not str(after["name"]).strip():
        faults["name"] = say("Give the level a name.")
    if after["weight"] is None:
        faults["weight"] = say("Give the weight; 0 gets nothing by itself.")
    if faults:
        raise BadInput(say("This level cannot be kept."), fields=faults)
    same = session.execute(
        text("SELECT key FROM partner_level WHERE lower(name) = lower(:name) AND key <> :key"),
        {"name": after["name"], "key": key},
    ).first()
    if same is not None:
        raise BadInput(say("Another level has this name."), fields={"name": say("Choose another name.")})
    after["requirements"] = requirements.check(after["requirements"])
    if after["retired"]:
        _may_retire(session, key, initial=bool(after["initial"]), day=day)
    if after["initial"]:
        session.execute(text("UPDATE partner_level SET initial = false WHERE key <> :key"), {"key": key})
    elif before.get("initial"):
        raise Conflict(
            say("New partners get this level."),
            remedy=say("Make another level the initial one instead."),
            facts={"allowed": ["make another level initial"]},
        )
    session.execute(_SAVE_LEVEL, after | {"requirements": json.dumps(after["requirements"])})
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    if changed:
        record(
            session, actor, "level.change", subject=("partner_level", key),
            before={name: before[name] for name in changed if name in before} or None, after=changed,
        )  # fmt: skip
    crm.show_all(session, day)


def _may_retire(session: Session, key: str, *, initial: bool, day: date) -> None:
    held = session.execute(
        text(
            "SELECT count(DISTINCT partner_account_id) FROM partner_period WHERE about = 'level' "
            "AND key = :key AND superseded_at IS NULL "
            "AND (upper_inf(during) OR upper(during) > CAST(:day AS date))"
        ),
        {"key": key, "day": day},
    ).scalar_one()
    if held or initial:
        why = (
            counted("A partner holds this level.", "{count} partners hold this level.", count=held)
            if held
            else say("New partners get this level.")
        )
        raise Conflict(
            why, remedy=say("Give them another level first."), facts={"allowed": [], "partners": held}
        )


def save_stage(session: Session, actor: Actor, key: str, changes: Mapping[str, Any], day: date) -> None:
    """Change the name or the checklist of a stage of onboarding. Raises NotFound, BadInput."""
    row = session.execute(
        text("SELECT name, requirements FROM partner_activation WHERE key = :key FOR UPDATE"),
        {"key": key if _KEY.fullmatch(key) else ""},
    ).first()
    if row is None:
        raise NotFound(say("There is no such stage of onboarding."))
    name = str(changes.get("name", row.name)).strip()
    if not name:
        raise BadInput(say("This stage cannot be kept."), fields={"name": say("Give the stage a name.")})
    asks = requirements.check(changes.get("requirements", row.requirements))
    session.execute(
        text(
            "UPDATE partner_activation SET name = :name, requirements = CAST(:asks AS jsonb) WHERE key = :key"
        ),
        {"key": key, "name": name, "asks": json.dumps(asks)},
    )
    record(
        session, actor, "activation.change", subject=("partner_activation", key),
        before={"name": row.name, "requirements": row.requirements},
        after={"name": name, "requirements": asks},
    )  # fmt: skip
    crm.show_all(session, day)


def regions(session: Session) -> list[Any]:
    """Every region, by name."""
    return list(session.execute(text("SELECT key, name, countries FROM region ORDER BY name, key")))


def save_region(session: Session, actor: Actor, key: str, name: str, countries: Sequence[str]) -> None:
    """Make or change a region. Raises BadInput; a country that another region has moves to this one."""
    codes = {one: country_code(one) for one in countries}
    faults = (
        {} if _KEY.fullmatch(key) else {"key": say("Write small letters, digits and underscores: europe.")}
    )
    if not name.strip():
        faults["name"] = say("Give the region a name.")
    if unknown := [one for one, code in codes.items() if not code]:
        faults["countries"] = say(
            "Write two-letter country codes; not known: {choices}.", choices=Names(tuple(unknown[:5]), ",")
        )
    if faults:
        raise BadInput(say("This region cannot be kept."), fields=faults)
    listed = sorted(set(codes.values()))
    session.execute(
        text(
            "UPDATE region SET countries = ARRAY(SELECT c FROM unnest(countries) c WHERE c <> ALL(:codes)) "
            "WHERE key <> :key AND countries && CAST(:codes AS text[])"
        ),
        {"key": key, "codes": listed},
    )
    session.execute(
        text(
            "INSERT INTO region (key, name, countries) VALUES (:key, :name, :countries) "
            "ON CONFLICT (key) DO UPDATE SET name = EXCLUDED.name, countries = EXCLUDED.countries"
        ),
        {"key": key, "name": name.strip(), "countries": listed},
    )
    record(
        session, actor, "region.change", subject=("region", key),
        after={"name": name.strip(), "countries": listed},
    )  # fmt: skip
