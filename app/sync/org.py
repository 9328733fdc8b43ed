"""What the org has, as the mappings ask it: probed once an hour, or when Salesforce says otherwise."""

from __future__ import annotations

import time
from pathlib import Path

import orjson

from app.salesforce import Gateway
from app.sync.mapping import Capabilities, Guard, MappingSet
from app.sync.org_capabilities import capabilities

_FILE = "salesforce-org.json"
_FRESH_SECONDS = 3600


def remembered(gateway: Gateway, mappings: MappingSet, data_dir: Path) -> tuple[Capabilities, bool]:
    """The last answer, if it is younger than an hour and covers these mappings; else a new one, and True."""
    path = data_dir / _FILE
    try:
        stored = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        stored = {}
    fresh = (
        stored.get("org") == gateway.connection.login_url
        and stored.get("user") == gateway.user_id
        and stored.get("hash") == mappings.hash
        and 0 <= time.time() - stored.get("at", 0) < _FRESH_SECONDS
    )
    if not fresh:
        return ask(gateway, mappings, data_dir), True
    known = Capabilities(
        {name: frozenset(fields) for name, fields in stored["objects"].items()},
        frozenset(stored["features"]),
        {(s, f): frozenset(values) for s, f, values in stored["picklists"]},
        {(s, f): length for s, f, length in stored["lengths"]},
    )
    return known, False


def ask(gateway: Gateway, mappings: MappingSet, data_dir: Path) -> Capabilities:
    """Ask the org and remember the answer."""
    found = capabilities(gateway.probe(sorted(_mentioned(mappings))))
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / _FILE
    draft = path.with_suffix(".new")
    draft.write_bytes(
        orjson.dumps(
            {
                "org": gateway.connection.login_url,
                "user": gateway.user_id,
                "hash": mappings.hash,
                "at": time.time(),
                "objects": {name: sorted(fields) for name, fields in found.objects.items()},
                "features": sorted(found.features),
                "picklists": [[s, f, sorted(values)] for (s, f), values in found.picklists.items()],
                "lengths": [[s, f, length] for (s, f), length in found.lengths.items()],
            }
        )
    )
    draft.replace(path)
    return found


def _mentioned(mappings: MappingSet) -> set[str]:
    names = {o.sobject for o in mappings.objects}
    for o in mappings.objects:
        guards = [o.when, *(f.when for f in o.fields), *(x.when for x in o.lookups)]
        for guard in guards:
            names |= _objects(guard)
    return names


def _objects(guard: Guard | None) -> set[str]:
    if guard is None:
        return set()
    if guard.kind in ("object", "field"):
        return {guard.name.split(".", 1)[0]}
    return set().union(*(_objects(part) for part in guard.parts))
