"""Text search, as far as a look-up by words goes: SOSL `FIND {…} IN … RETURNING …`.

A word matches anywhere in the name, e-mail, phone or other short text fields; `*` and `?` are wildcards.
What SOSL can say beyond that is refused by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, SObject
from app.sandbox.soql.run import records
from app.sandbox.soql.scope import TEXT_TYPES

MOST = 2000
_FIND = re.compile(
    r"\s*FIND\s*\{(?P<term>(?:[^{}\\]|\\.)*)\}"
    r"(?:\s+IN\s+(?P<group>ALL|NAME|EMAIL|PHONE)\s+FIELDS)?"
    r"\s+RETURNING\s+(?P<returning>.*?)(?:\s+LIMIT\s+(?P<limit>\d+))?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_RETURNED = re.compile(r"\s*(?P<name>\w+)\s*(?:\((?P<inside>[^()]*(?:\([^()]*\)[^()]*)*)\))?\s*(?:,|\Z)")
_INSIDE = re.compile(
    r"(?P<fields>.*?)(?:\s+WHERE\s+(?P<where>.*?))?(?P<rest>\s+(?:ORDER\s+BY|LIMIT)\s.*)?\Z", re.I | re.S
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to return of one object type: fields, a further condition, and what follows it in SOQL."""

    sobject: SObject
    fields: str = "Id"
    where: str = ""
    rest: str = ""


def malformed(message: str) -> ApiError:
    """A search that is not understood."""
    return ApiError("MALFORMED_SEARCH", message)


def search(ctx: Context, text: str) -> list[dict[str, Any]]:
    """The records that a SOSL text finds. Raises ApiError MALFORMED_SEARCH."""
    found = _FIND.match(text)
    if found is None:
        raise malformed(
            "This org understands FIND {words} [IN … FIELDS] RETURNING Object(fields …) [LIMIT n]"
        )
    wanted, at, returning = [], 0, found["returning"]
    while at < len(returning):
        match = _RETURNED.match(returning, at)
        if match is None:
            raise malformed(f"unexpected token: '{returning[at:].split()[0]}'")
        inside = _INSIDE.match((match["inside"] or "Id").strip())
        assert inside is not None
        sobject = _sobject(ctx, match["name"])
        wanted.append(Wanted(sobject, inside["fields"], inside["where"] or "", inside["rest"] or ""))
        at = match.end()
    term = re.sub(r"\\(.)", r"\1", found["term"])
    return find(ctx, term, (found["group"] or "ALL").upper(), wanted, int(found["limit"] or MOST))


def _sobject(ctx: Context, name: str) -> SObject:
    sobject = ctx.org.schema.find(name)
    if sobject is None or not ctx.visible(sobject):
        raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return sobject


def wanted(ctx: Context, name: str, fields: str = "Id") -> Wanted:
    """What to return of an object type, by its name; refuses an unknown one with INVALID_TYPE."""
    return Wanted(_sobject(ctx, name), fields)


def find(ctx: Context, term: str, group: str, wanted: list[Wanted], limit: int) -> list[dict[str, Any]]:
    """The records with every word of `term` in the fields of `group` (ALL, NAME, EMAIL, PHONE)."""
    words = term.replace('"', " ").split()
    if len("".join(words).replace("*", "").replace("?", "")) < 2:
        raise malformed("search term must be longer than one character")
    if any(word.upper() in ("AND", "OR", "NOT") for word in words):
        raise malformed("AND, OR and NOT in a search term are not supported by this org")
    out: list[dict[str, Any]] = []
    for entry in wanted:
        fields = [
            f for f in entry.sobject.fields.values() if _searched(f, group) and ctx.can_read(entry.sobject, f)
        ]
        if not fields:
            continue
        tests = [f"({' OR '.join(f'{f.name} LIKE {_pattern(word)}' for f in fields)})" for word in words]
        if entry.where:
            tests.append(f"({entry.where})")
        soql = f"SELECT {entry.fields} FROM {entry.sobject.name} WHERE {' AND '.join(tests)}{entry.rest}"
        out.extend(records(ctx, soql))
    return out[: min(limit, MOST)]


def _searched(field: Field, group: str) -> bool:
    if field.type not in TEXT_TYPES - {"multipicklist", "encryptedstring", "picklist"} or field.length > 255:
        return False
    if group == "NAME":
        return field.name_field
    return group == "ALL" or field.type == group.lower()


def _pattern(word: str) -> str:
    escaped = re.sub(r"([\\'%_])", r"\\\1", word)
    return "'%" + escaped.replace("*", "%").replace("?", "_") + "%'"
