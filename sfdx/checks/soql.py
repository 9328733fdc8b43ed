"""The objects, columns and relationships that Apex asks for, against the project's fields and the stock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.sandbox.errors import ApiError
from app.sandbox.schema import Schema, SObject
from app.sandbox.soql import ast, parse
from sfdx.checks import apex
from sfdx.checks.findings import Finding
from sfdx.checks.sources import Project

_BRACKET = re.compile(r"\[\s*(SELECT|FIND)\b", re.IGNORECASE)
_DYNAMIC = re.compile(
    r"\b(?:Database\s*\.\s*(?:query|countQuery|getQueryLocator)(?:WithBinds)?|Search\s*\.\s*query)\s*\(",
    re.IGNORECASE,
)
#: A colon behind a digit belongs to a time of day.
_BIND = re.compile(r"(?<!\d):\s*")
_CHAIN = re.compile(r"\w+")
_WORD_BEFORE = re.compile(r"(\w+|[=<>!]+)\s*$")
#: The columns that a parent of several types has.
_OF_ANY_PARENT = frozenset({"id", "name", "type", "firstname", "lastname", "email", "username", "isactive"})
_IN_USER_MODE = "Write WITH USER_MODE, so that the query shows what its reader may see."
_OPENED = "Correct the name, or add the field under force-app."


def check(project: Path) -> list[Finding]:
    """Every query of every class that asks for what is not there, or for more than its reader may see."""
    sources = Project(project)
    return sorted(
        Finding(sources.name(found.path), line, what, remedy)
        for found in sources.classes
        for line, what, remedy in _faults(found, sources.schema)
    )


def _faults(found: apex.Class, schema: Schema) -> Iterator[tuple[int, str, str]]:
    for match in _BRACKET.finditer(found.bare):
        end = found.closing(match.start())
        if match[1].upper() == "FIND":
            yield found.line(match.start()), "SOSL cannot be checked here.", "Write a SOQL query."
            continue
        begun = match.start() + 1
        bracketed, offsets = _without_binds(found.plain[begun:end], begun)
        yield from _query(found, bracketed, offsets, schema, user_mode=found.is_test)
    for match in _DYNAMIC.finditer(found.bare):
        opening = match.end() - 1
        argument = _first_argument(found, opening)
        text = apex.literal(argument, found.constants())
        if text is None:
            yield (
                found.line(opening),
                "A query is put together from values that cannot be read here.",
                "Write it in brackets with bound variables, or as constants joined by +.",
            )
            continue
        text, _ = _without_binds(text, 0)
        rest = found.bare[opening : found.closing(opening)]
        mode = (
            found.is_test or re.search(r"\bAccessLevel\s*\.\s*USER_MODE\b", rest, re.IGNORECASE) is not None
        )
        yield from _query(found, text, [opening] * (len(text) + 1), schema, user_mode=mode)


def _first_argument(found: apex.Class, opening: int) -> str:
    depth = 0
    for offset in range(opening, found.closing(opening)):
        letter = found.bare[offset]
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 1:
            return found.plain[opening + 1 : offset]
    return found.plain[opening + 1 : found.closing(opening)]


def _without_binds(text: str, begun: int) -> tuple[str, list[int]]:
    """The query with a value where Apex binds one, and the offset in the file of each of its letters."""
    made: list[str] = []
    offsets: list[int] = []
    at, quoted = 0, False
    while at < len(text):
        letter = text[at]
        if letter == "\\" and quoted:
            made.append(text[at : at + 2])
            offsets += [begun + at] * len(made[-1])
            at += 2
            continue
        quoted ^= letter == "'"
        bind = _BIND.match(text, at) if not quoted else None
        if bind is None:
            made.append(letter)
            offsets.append(begun + at)
            at += 1
            continue
        value = _value_for("".join(made))
        made.append(value)
        offsets += [begun + at] * len(value)
        at = _end_of_bind(text, bind.end())
    return "".join(made), [*offsets, begun + len(text)]


def _value_for(before: str) -> str:
    word = _WORD_BEFORE.search(before)
    last = word[1].upper() if word else ""
    if last in ("LIMIT", "OFFSET"):
        return "1"
    return "('')" if last in ("IN", "INCLUDES", "EXCLUDES") else "''"


def _end_of_bind(text: str, at: int) -> int:
    """Behind `name`, `a.b`, `call(x)[0].c` or `(expression)`."""
    while at < len(text):
        if text[at] in "([":
            at = _behind(text, at)
        else:
            chain = _CHAIN.match(text, at)
            if chain is None:
                return at
            at = chain.end()
        while at < len(text) and text[at] in "([":
            at = _behind(text, at)
        if at < len(text) and text[at] in ".?" and _CHAIN.match(text, at + 1 + (text[at] == "?")):
            at += 1 + (text[at] == "?")
            continue
        return at
    return at


def _behind(text: str, at: int) -> int:
    depth = 0
    for offset in range(at, len(text)):
        depth += (text[offset] in "([") - (text[offset] in ")]")
        if depth == 0:
            return offset + 1
    return len(text)


def _query(
    found: apex.Class, text: str, offsets: list[int], schema: Schema, *, user_mode: bool
) -> Iterator[tuple[int, str, str]]:
    try:
        query = parse(text)
    except ApiError as error:
        where = re.search(r"Row:(\d+):Column:(\d+)", error.message)
        pos = 0
        if where:
            lines = text.split("\n")
            pos = sum(len(line) + 1 for line in lines[: int(where[1]) - 1]) + int(where[2]) - 1
        line = found.line(offsets[min(pos, len(offsets) - 1)])
        said = error.message.strip().rpartition("\n")[2].rstrip(".")
        yield line, f"The query cannot be read: {said}.", "Correct the query."
        return
    if query.security != "USER_MODE" and not user_mode:
        yield found.line(offsets[query.pos]), "The query reads in system mode.", _IN_USER_MODE
    for pos, what in _Columns(schema).query(query):
        yield found.line(offsets[min(pos, len(offsets) - 1)]), what, _OPENED


@dataclass(frozen=True, slots=True)
class _Columns:
    """What a query names that is not in the schema, as (position, sentence)."""

    schema: Schema

    def query(self, query: ast.Query, parent: SObject | None = None) -> Iterator[tuple[int, str]]:
        sobject = self._entity(query.entity, parent)
        if sobject is None:
            what = f"{parent.name} has no children named" if parent else "There is no object"
            yield query.entity_pos, f"{what} {query.entity}."
            return
        names = {query.alias.lower(), query.entity.lower()} - {""}
        aliases = {item.alias.lower() for item in query.select if item.alias}
        for item in query.select:
            if isinstance(item.expr, ast.Query):
                yield from self.query(item.expr, sobject)
            elif isinstance(item.expr, ast.Typeof):
                yield from self._typeof(item.expr, sobject)
            else:
                yield from self._expression(item.expr, sobject, names, aliases)
        for condition in (query.where, query.having):
            if condition is not None:
                yield from self._condition(condition, sobject, names, aliases)
        for expression in (*query.group_by, *(order.expr for order in query.order_by)):
            yield from self._expression(expression, sobject, names, aliases)

    def _entity(self, name: str, parent: SObject | None) -> SObject | None:
        if parent is None:
            return self.schema.find(name)
        return next(
            (
                child
                for child in self.schema
                for field in child.fields.values()
                if field.child_relationship.lower() == name.lower() and parent.name in field.reference_to
            ),
            None,
        )

    def _expression(
        self, found: ast.Path | ast.Call | ast.Literal, sobject: SObject, names: set[str], aliases: set[str]
    ) -> Iterator[tuple[int, str]]:
        if isinstance(found, ast.Call):
            if found.name.upper() != "FIELDS":
                for argument in found.args:
                    yield from self._expression(argument, sobject, names, aliases)
        elif isinstance(found, ast.Path):
            parts = found.parts
            if len(parts) == 1 and parts[0].lower() in aliases:
                return
            if len(parts) > 1 and parts[0].lower() in names and sobject.by_relationship(parts[0]) is None:
                parts = parts[1:]
            what = self._path(parts, sobject)
            if what:
                yield found.pos, what

    def _path(self, parts: tuple[str, ...], sobject: SObject) -> str | None:
        targets = [sobject]
        for relationship in parts[:-1]:
            links = [link for target in targets if (link := target.by_relationship(relationship))]
            if not links:
                return f"{targets[0].name} has no relationship {relationship}."
            reached = [self.schema.find(name) for link in links for name in link.reference_to]
            targets = [target for target in reached if target is not None]
            if not targets:
                return None
        last = parts[-1]
        if any(target.field_named(last) for target in targets):
            return None
        if len(targets) > 1 and last.lower() in _OF_ANY_PARENT:
            return None
        return f"{' and '.join(target.name for target in targets)} has no column {last}."

    def _condition(
        self, found: ast.Condition, sobject: SObject, names: set[str], aliases: set[str]
    ) -> Iterator[tuple[int, str]]:
        if isinstance(found, ast.Junction):
            for term in found.terms:
                yield from self._condition(term, sobject, names, aliases)
        elif isinstance(found, ast.Not):
            yield from self._condition(found.term, sobject, names, aliases)
        else:
            yield from self._expression(found.left, sobject, names, aliases)
            if isinstance(found.right, ast.Query):
                yield from self.query(found.right)

    def _typeof(self, found: ast.Typeof, sobject: SObject) -> Iterator[tuple[int, str]]:
        if sobject.by_relationship(found.path.text) is None:
            yield found.pos, f"{sobject.name} has no relationship {found.path.text}."
        for name, paths in found.cases:
            target = self.schema.find(name)
            if target is None:
                yield found.pos, f"There is no object {name}."
                continue
            for path in paths:
                what = self._path(path.parts, target)
                if what:
                    yield path.pos, what
