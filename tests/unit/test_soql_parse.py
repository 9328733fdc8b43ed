"""SOQL text is understood exactly, or refused with the place."""

from __future__ import annotations

import pytest

from app.sandbox.errors import ApiError
from app.sandbox.soql import ast, parse


def where(text: str) -> ast.Condition:
    condition = parse(f"SELECT Id FROM Account WHERE {text}").where
    assert condition is not None
    return condition


def literal(text: str) -> ast.Literal:
    comparison = where(f"Name = {text}")
    assert isinstance(comparison, ast.Comparison)
    assert isinstance(comparison.right, ast.Literal)
    return comparison.right


def refusal(text: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        parse(text)
    return caught.value


def test_the_error_points_at_the_word_that_is_wrong() -> None:
    error = refusal("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'")
    assert error.code == "MALFORMED_QUERY"
    assert error.message == (
        "\n'a' AND Name = 'b' OR Name = 'c'\n"
        "                   ^\n"
        "ERROR at Row:1:Column:56\n"
        "unexpected token: 'OR'"
    )


def test_the_error_counts_rows_and_columns() -> None:
    error = refusal("SELECT Id\nFROM Account\nWHERE Name ==")
    assert "ERROR at Row:3:Column:13\nunexpected token: '='" in error.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT Id FROM", "unexpected token: '<EOF>'"),
        ("SELECT Id, FROM Account", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Account WHERE a = 1 AND NOT (b = 2)", "unexpected token: 'NOT'"),
        ("SELECT Id FROM Account WHERE NOT a = 1 AND b = 2", "unexpected token: 'AND'"),
        ("SELECT Id FROM Account WHERE a = :bound", "unexpected token: ':'"),
        ("SELECT Id FROM Account WHERE a NOT LIKE 'x'", "unexpected token: 'NOT'"),
        ("SELECT Id FROM Account WHERE a IN ()", "unexpected token: ')'"),
        ("SELECT Id FROM Account WHERE (a = 1", "expecting a right parentheses, found 'EOF'"),
        ("SELECT Id FROM Account LIMIT -1", "unexpected token: '-1'"),
        ("SELECT Id FROM Account OFFSET 5 LIMIT 5", "unexpected token: 'LIMIT'"),
        ("SELECT Id FROM Account; DROP", "unexpected token: ';'"),
        ("SELECT Id FROM Account -- all", "unexpected token: '--'"),
        ("SELECT Id FROM Account WHERE a = 12:30:00Z", "unexpected token: '00Z'"),
        ("SELECT Id FROM Account WHERE a = today()", "unexpected token: '('"),
        ("SELECT SUM(x) FROM Account HAVING SUM(x) > 1", "unexpected token: 'HAVING'"),
        ("SELECT MAX(COUNT(x)) FROM Account", "unexpected token: 'COUNT'"),
        ("SELECT LEN(Name) FROM Account", "unexpected token: '('"),
        ("SELECT Id FROM Account USING SCOPE nobody", "unexpected token: 'nobody'"),
        ("SELECT FIELDS(SOME) FROM Account", "unexpected token: 'SOME'"),
        ("SELECT a FROM B GROUP BY ROLLUP(a)", "GROUP BY ROLLUP is not supported by this org"),
        (
            "SELECT Id FROM A UPDATE VIEWSTAT",
            "UPDATE TRACKING and UPDATE VIEWSTAT are not supported by this org",
        ),
    ],
)
def test_what_is_no_soql_is_refused_by_name(text: str, message: str) -> None:
    error = refusal(text)
    assert error.code == "MALFORMED_QUERY"
    assert error.message.rpartition("\n")[2] == message


def test_offset_ends_at_two_thousand() -> None:
    assert parse("SELECT Id FROM Account OFFSET 2000").offset == 2000
    error = refusal("SELECT Id FROM Account OFFSET 2001")
    assert error.code == "NUMBER_OUTSIDE_VALID_RANGE"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'it\'s'", "it's"),
        (r"'a\nb\tc'", "a\nb\tc"),
        (r"'\"quoted\"'", '"quoted"'),
        (r"'back\\slash'", "back\\slash"),
        (r"'caf\u00e9'", "café"),
        (r"'\uD83D\uDE00'", "😀"),
        ("'😀 Łódź'", "😀 Łódź"),
        ("''", ""),
    ],
)
def test_backslashes_escape_inside_strings(text: str, value: str) -> None:
    assert literal(text).value == value


@pytest.mark.parametrize("text", [r"'\q'", r"'\u12'", "'a\nb'", "'open", '"double"'])
def test_other_escapes_and_open_strings_are_refused(text: str) -> None:
    assert refusal(f"SELECT Id FROM Account WHERE Name = {text}").code == "MALFORMED_QUERY"


def test_like_keeps_escaped_wildcards_apart_from_real_ones() -> None:
    comparison = where(r"Name LIKE '50\% of \_ %_'")
    assert isinstance(comparison, ast.Comparison)
    assert isinstance(comparison.right, ast.Literal)
    assert comparison.right.value == "50% of _ %_"
    assert comparison.right.pattern == r"50\% of \_ %_"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("-12.5", "number", "-12.5"),
        ("USD500", "currency", "USD500"),
        ("eur5.25", "currency", "EUR5.25"),
        ("tRuE", "boolean", "TRUE"),
        ("null", "null", "NULL"),
        ("2026-02-28", "date", "2026-02-28"),
        ("2026-02-28T10:00:00+02:00", "datetime", "2026-02-28T10:00:00+02:00"),
        ("this_week", "dateliteral", "THIS_WEEK"),
    ],
)
def test_literals_have_kinds(text: str, kind: str, value: str) -> None:
    found = literal(text)
    assert (found.kind, found.value) == (kind, value)


def test_n_literals_carry_their_number() -> None:
    found = literal("LAST_N_DAYS:30")
    assert (found.value, found.n) == ("LAST_N_DAYS", 30)


def test_and_binds_terms_of_one_level() -> None:
    condition = where("a = 1 AND (b = 2 OR c = 3) AND (NOT d = 4)")
    assert isinstance(condition, ast.Junction)
    assert condition.op == "AND"
    assert [type(term) for term in condition.terms] == [ast.Comparison, ast.Junction, ast.Not]


def test_a_whole_query_is_taken_apart() -> None:
    query = parse(
        "select a.Name, COUNT(Id) n from Account a using scope mine where a.Name != null with USER_MODE "
        "group by a.Name having COUNT(Id) > 1 order by COUNT(Id) desc nulls last limit 10 offset 5 for view"
    )
    assert query.entity == "Account"
    assert query.alias == "a"
    assert query.scope == "mine"
    assert query.security == "USER_MODE"
    assert [item.alias for item in query.select] == ["", "n"]
    assert (query.limit, query.offset, query.purpose) == (10, 5, "VIEW")
    assert query.order_by == (ast.Order(query.order_by[0].expr, descending=True, nulls="LAST"),)


def test_a_query_of_100_000_characters_is_read_and_one_more_refused() -> None:
    start = "SELECT Id FROM Account WHERE Name IN ("
    values = ",".join(f"'{n:07}'" for n in range(9990))
    text = start + values + " " * (100_000 - len(start) - len(values) - 1) + ")"
    assert len(text) == 100_000
    assert parse(text).entity == "Account"
    assert refusal(text + " ").code == "MALFORMED_QUERY"


def test_a_string_of_4000_characters_is_read_and_one_more_refused() -> None:
    assert len(literal(f"'{'x' * 4000}'").value) == 4000
    assert refusal(f"SELECT Id FROM A WHERE b = '{'x' * 4001}'").code == "MALFORMED_QUERY"


def test_endless_parentheses_are_refused_not_followed() -> None:
    assert refusal(f"SELECT Id FROM A WHERE {'(' * 5000}").code == "MALFORMED_QUERY"
