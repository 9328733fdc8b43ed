"""Nothing in a query is ignored: random queries against an oracle that evaluates them in Python."""

from __future__ import annotations

import fnmatch
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from app.sandbox.errors import ApiError
from app.sandbox.soql import ast, parse, records
from tests.fixtures.engine import Engine
from tests.fixtures.soql import Generator

ROWS: list[dict[str, Any]] = [
    {"Name": name, "Industry": industry, "NumberOfEmployees": heads, "YearStarted": year}
    for name, industry, heads, year in [
        ("Acme", "Banking", 5, "1999"),
        ("acme two", "Energy", 5, None),
        ("Beta", None, 12, "2005"),
        ("Gamma", "Banking", None, "2010"),
        ("Delta_1", "Retail", 0, None),
        ("Eps%", None, None, None),
        ("Zeta", "Energy", 7, "1999"),
    ]
]
TEXTS = {"Name": ["Acme", "BETA", "zeta", "none"], "Industry": ["Banking", "energy", "x"],
         "YearStarted": ["1999", "2005"]}  # fmt: skip
PATTERNS = ["a%", "%a", "%eta", "_cme", "%\\_%", "%\\%", "%", "1999"]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Conditions:
    """Random conditions over ROWS."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def term(self) -> str:
        field = self.random.choice([*TEXTS, "NumberOfEmployees"])
        if field == "NumberOfEmployees":
            op = self.random.choice(["=", "!=", "<>", "<", "<=", ">", ">=", "IN", "NOT IN"])
            if op.endswith("IN"):
                return f"{field} {op} (5, 7, null)"
            return f"{field} {op} {self.random.choice(['5', '6.5', '-1', '12', '0'])}"
        kind = self.random.randrange(5)
        if kind == 0:
            return f"{field} LIKE '{self.random.choice(PATTERNS)}'"
        if kind == 1:
            return f"{field} {self.random.choice(['=', '!='])} null"
        if kind == 2:
            values = ", ".join(f"'{value}'" for value in self.random.sample(TEXTS[field], 2))
            return f"{field} {self.random.choice(['IN', 'NOT IN'])} ({values})"
        op = self.random.choice(["=", "!=", "<", "<=", ">", ">="])
        return f"{field} {op} '{self.random.choice(TEXTS[field])}'"

    def condition(self, depth: int) -> str:
        kind = self.random.randrange(4) if depth else 0
        if kind == 0:
            return self.term()
        if kind == 1:
            return f"NOT ({self.condition(depth - 1)})"
        word = " AND " if kind == 2 else " OR "
        return word.join(f"({self.condition(depth - 1)})" for _ in range(self.random.randint(2, 3)))


def holds(condition: ast.Condition, row: dict[str, Any]) -> bool:
    """Whether the row meets the condition; a comparison with nothing is false, and NOT turns it round."""
    if isinstance(condition, ast.Not):
        return not holds(condition.term, row)
    if isinstance(condition, ast.Junction):
        results = [holds(term, row) for term in condition.terms]
        return all(results) if condition.op == "AND" else any(results)
    assert isinstance(condition.left, ast.Path)
    value = row[condition.left.text]
    value = value.lower() if isinstance(value, str) else value
    if isinstance(condition.right, tuple):
        found = value in [plain(literal) for literal in condition.right]
        return found if condition.op == "IN" else not found
    assert isinstance(condition.right, ast.Literal)
    if condition.op == "LIKE":
        return value is not None and bool(re.fullmatch(as_regex(condition.right.pattern.lower()), value))
    other = plain(condition.right)
    if condition.op in ("=", "!="):
        return (value == other) is (condition.op == "=")
    return value is not None and COMPARE[condition.op](value, other)


def plain(literal: ast.Literal) -> Any:
    if literal.kind == "null":
        return None
    return float(literal.value) if literal.kind == "number" else literal.value.lower()


def as_regex(pattern: str) -> str:
    glob = re.sub(r"\\(.)|(%)|(_)", lambda m: f"[{m[1]}]" if m[1] else "*" if m[2] else "?", pattern)
    return fnmatch.translate(glob)


@pytest.mark.parametrize("seed", range(4))
def test_a_random_query_finds_what_the_oracle_finds(engine: Engine, seed: int) -> None:
    for row in ROWS:
        engine.insert("Account", **row)
    make = Conditions(seed)
    for _ in range(120):
        text = f"SELECT Name FROM Account WHERE {make.condition(3)}"
        where = parse(text).where
        assert where is not None
        expected = sorted((row["Name"] for row in ROWS if holds(where, row)), key=str.lower)
        limit, offset = make.random.choice([0, 2, 50]), make.random.choice([0, 1, 3])
        down = make.random.random() < 0.5
        ordered = expected[::-1] if down else expected
        query = f"{text} ORDER BY Name {'DESC' if down else 'ASC'} LIMIT {limit} OFFSET {offset}"
        found = [row["Name"] for row in engine.query(query)]
        assert found == ordered[offset : offset + limit], query


#: the refusals that a query may meet; anything else would be a fault of the org
CODES = {"MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE", "INVALID_QUERY_FILTER_OPERATOR",
         "NUMBER_OUTSIDE_VALID_RANGE", "EXCEEDED_ID_LIMIT"}  # fmt: skip


def test_whatever_parses_runs_or_is_refused_by_name(engine: Engine) -> None:
    engine.insert("Account", Name="Acme")
    fields = ["Id", "Name", "Industry", "AnnualRevenue", "CreatedDate", "Owner.Name", "IsDeleted"]
    generator = Generator(7, [*fields, "Parent.Owner.Profile.Name", "LastActivityDate"])
    ran = 0
    refusals: list[tuple[str, ApiError]] = []
    for _ in range(2000):
        text = generator.query()
        parse(text)
        try:
            list(records(engine.ctx(), text))
            ran += 1
        except ApiError as error:
            refusals.append((text, error))
    unnamed = [text for text, error in refusals if error.code not in CODES]
    unplaced = [text for text, error in refusals if "ERROR at Row:1:Column:" not in error.message]
    assert unnamed == []
    assert unplaced == []
    assert ran > 100
    assert len(refusals) > 100
