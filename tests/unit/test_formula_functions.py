"""Formulas compute what a Salesforce org computes, on stored rows."""

from __future__ import annotations

from typing import Any

import pytest

from app.sandbox import admin
from app.sandbox.errors import ApiError
from app.sandbox.formula import compile_formula
from app.sandbox.schema import Field, PicklistValue, ValidationRule
from tests.fixtures.engine import Engine


def decimal(name: str, kind: str = "double", scale: int = 2, **more: Any) -> Field:
    return Field(name, name, kind, precision=18, scale=scale, custom=True, **more)


@pytest.fixture
def account(engine: Engine) -> str:
    sobject = engine.org.schema.get("Account")
    values = [PicklistValue(value, value) for value in ("Red", "Green")]
    for field in (
        decimal("A__c"),
        decimal("B__c"),
        decimal("Share__c", "percent"),
        Field("Day__c", "Day", "date", custom=True),
        Field("Many__c", "Many", "multipicklist", length=4099, custom=True, picklist=values),
    ):
        admin.add_field(engine.org, sobject, field)
    parent = engine.insert("Account", Name="Parent", Industry="Energy", AnnualRevenue=7)
    return engine.insert(
        "Account", Name="Acme Ltd", ParentId=parent, Industry="Banking", A__c=10, B__c="2.5", Share__c=50,
        Day__c="2026-01-31", Many__c="Red;Green", NumberOfEmployees=3,
    )  # fmt: skip


def value(engine: Engine, record_id: str, text: str) -> Any:
    """The formula's value; numbers as text without superfluous digits."""
    formula = compile_formula(engine.ctx(), engine.org.schema.get("Account"), text)
    found = formula.of([record_id])[record_id]
    if formula.kind == "number" and found is not None:
        whole, digits = divmod(abs(found), 10**formula.scale)
        text = f"{whole}.{digits:0{formula.scale}}".rstrip("0").rstrip(".") if formula.scale else str(whole)
        return f"-{text}" if found < 0 else text
    return bool(found) if formula.kind == "boolean" else found


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("A__c + B__c", "12.5"),
        ("A__c - B__c * 2", "5"),
        ("A__c / B__c", "4"),
        ("10 / 3", "3.3333333333"),
        ("A__c / 0", None),
        ("2 ^ 10", "1024"),
        ("-A__c + 1", "-9"),
        ("A__c * Share__c", "5"),
        ("ROUND(2.345, 2)", "2.35"),
        ("ROUND(-2.345, 2)", "-2.35"),
        ("ROUND(2.5, 0)", "3"),
        ("CEILING(B__c)", "3"),
        ("FLOOR(-B__c)", "-2"),
        ("ABS(1 - A__c)", "9"),
        ("MOD(A__c, 4)", "2"),
        ("MAX(A__c, B__c, 11)", "11"),
        ("MIN(A__c, B__c)", "2.5"),
        ("VALUE('12.75') + 1", "13.75"),
        ("LEN(Name)", "8"),
        ("FIND('Ltd', Name)", "6"),
        ("DATE(2026, 3, 1) - Day__c", "29"),
        ("YEAR(Day__c) * 100 + MONTH(Day__c)", "202601"),
        ("DAY(Day__c)", "31"),
        ("WEEKDAY(Day__c)", "7"),
        ("Parent.AnnualRevenue + 1", "8"),
        ("BLANKVALUE(Parent.NumberOfEmployees, 5)", "5"),
        ("NULLVALUE(NumberOfEmployees, 5)", "3"),
        ("IF(A__c > B__c, 1, 2.5)", "1"),
        ("CASE(Industry, 'Energy', 1, 'Banking', 2, 3)", "2"),
        ("CASE(MONTH(Day__c), 2, 20, 1, 10, 0)", "10"),
    ],
)
def test_numbers(engine: Engine, account: str, formula: str, result: str | None) -> None:
    assert value(engine, account, formula) == result


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("Name & ' of ' & Parent.Name", "Acme Ltd of Parent"),
        ("Name & Phone & '!'", "Acme Ltd!"),
        ("LEFT(Name, 4)", "Acme"),
        ("RIGHT(Name, 3)", "Ltd"),
        ("MID(Name, 6, 2)", "Lt"),
        ("UPPER('grün')", "GRÜN"),
        ("LOWER(Name)", "acme ltd"),
        ("TRIM('  a ')", "a"),
        ("SUBSTITUTE(Name, 'Ltd', 'Limited')", "Acme Limited"),
        ("LPAD(TEXT(NumberOfEmployees), 4, '0')", "0003"),
        ("RPAD('ab', 4, '.')", "ab.."),
        ("TEXT(B__c)", "2.5"),
        ("TEXT(Industry)", "Banking"),
        ("TEXT(Day__c)", "2026-01-31"),
        ("IF(ISBLANK(Phone), 'none', Phone)", "none"),
        ("BLANKVALUE(Phone, 'none')", "none"),
        ("/* a note */ 'it\\'s' & \"!\"", "it's!"),
        ("CASESAFEID(OwnerId)", None),
    ],
)
def test_texts(engine: Engine, account: str, formula: str, result: str | None) -> None:
    assert value(engine, account, formula) == (result or engine.user_id)


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("TODAY()", "2026-03-02"),
        ("Day__c + 1", "2026-02-01"),
        ("ADDMONTHS(Day__c, 1)", "2026-02-28"),
        ("ADDMONTHS(Day__c, -2)", "2025-11-30"),
        ("DATE(2026, 2, 30)", None),
        ("DATEVALUE(CreatedDate)", "2026-03-02"),
        ("DATEVALUE('2026-05-06')", "2026-05-06"),
        ("NOW()", 1_772_452_800),
        ("NOW() + 0.5", 1_772_452_800 + 43_200),
        ("DATETIMEVALUE('2026-03-02 12:00:00')", 1_772_452_800),
    ],
)
def test_dates(engine: Engine, account: str, formula: str, result: Any) -> None:
    assert value(engine, account, formula) == result


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("AND(A__c = 10, B__c <> 10)", True),
        ("A__c >= 10 && B__c < 2.5", False),
        ("OR(ISBLANK(Name), A__c == 10.00)", True),
        ("A__c = 1 || !ISBLANK(Name)", True),
        ("NOT(ISPICKVAL(Industry, 'Banking'))", False),
        ("ISPICKVAL(Type, '')", True),
        ("INCLUDES(Many__c, 'Green')", True),
        ("INCLUDES(Many__c, 'Gree')", False),
        ("CONTAINS(Name, 'Ltd')", True),
        ("CONTAINS(Name, 'ltd')", False),
        ("BEGINS(Name, 'Acme')", True),
        ("REGEX(Name, '[A-Z][a-z]+ Ltd')", True),
        ("REGEX(Name, 'Acme')", False),
        ("Name = 'acme ltd'", False),
        ("ISBLANK(Parent.ParentId)", True),
        ("Phone = ''", True),
        ("ISNUMBER('12x')", False),
        ("Day__c < TODAY()", True),
        ("$User.Id = OwnerId", True),
        ("OwnerId = LEFT($User.Id, 15)", True),
        ("ISBLANK(Parent.A__c)", True),
        ("Parent.A__c > 5", False),
    ],
)
def test_conditions(engine: Engine, account: str, formula: str, result: bool) -> None:
    assert value(engine, account, formula) is result


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("Foo__c + 1", "Field Foo__c does not exist. Check spelling."),
        ("Parent.Foo", "Field Parent.Foo does not exist. Check spelling."),
        ("SHOUT(Name)", "Unknown function SHOUT. Check spelling."),
        ("IF(TRUE, 1)", "Incorrect number of parameters for function 'IF()'. Expected 3, received 2"),
        ("Industry = 'Banking'", "Field Industry is a picklist field."),
        ("LEN(A__c)", "Incorrect parameter type for function 'LEN'. Expected Text, received Number"),
        ("A__c + Name * 2", "Incorrect parameter type for function '*'. Expected Number, received Text"),
        ("(1 + 2", "Syntax error. Missing ')'"),
        ("1 2", "Syntax error. Extra 2"),
        ("", "Syntax error. Missing expression"),
        ("(" * 500 + "1", "Formula is too deeply nested"),
        ("Name" + " & Name" * 500, "Formula is too big to execute"),
    ],
)
def test_what_no_org_accepts_is_refused(engine: Engine, account: str, formula: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        value(engine, account, formula)
    assert caught.value.code == "FORMULA_EXPRESSION_INVALID"
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("formula", "as_new", "as_changed"),
    [
        ("ISNEW()", True, False),
        ("ISCHANGED(Name)", False, True),
        ("ISCHANGED(A__c)", False, False),
        ("AND(ISCHANGED(Name), PRIORVALUE(Name) = 'ACME LTD')", False, True),
        ("PRIORVALUE(B__c) = 2.5", True, True),
        ("ISPICKVAL(PRIORVALUE(Industry), 'Energy')", False, True),
    ],
)
def test_a_rule_sees_the_record_as_it_was(
    engine: Engine, account: str, formula: str, as_new: bool, as_changed: bool
) -> None:
    rule = compile_formula(engine.ctx(), engine.org.schema.get("Account"), formula)
    old = {"Name": "ACME LTD", "A__c": 1000, "B__c": 250, "Industry": "Energy"}
    assert (account in rule.true_for([account], {account: None})) is as_new
    assert (account in rule.true_for([account], {account: old})) is as_changed


def test_a_validation_rule_can_forbid_a_change(engine: Engine, account: str) -> None:
    admin.set_validation_rule(
        engine.org,
        engine.org.schema.get("Account"),
        ValidationRule("Fixed", "AND(ISCHANGED(A__c), PRIORVALUE(A__c) > A__c)", "It may only grow."),
    )
    engine.update(account, A__c=11)
    engine.update(account, Name="Other")
    assert engine.refusal(engine.try_update(account, A__c=5)).message == "It may only grow."
    assert engine.try_insert("Account", Name="New", A__c=1).success


def test_a_field_cannot_ask_for_the_record_as_it_was(engine: Engine, account: str) -> None:
    sobject = engine.org.schema.get("Account")
    admin.add_field(
        engine.org, sobject, Field("Was__c", "Was", "boolean", custom=True, formula="ISCHANGED(Name)")
    )
    with pytest.raises(ApiError, match="ISCHANGED may not be used"):
        engine.query("SELECT Was__c FROM Account")


def test_a_formula_field_is_selected_filtered_sorted_and_grouped(engine: Engine, account: str) -> None:
    sobject = engine.org.schema.get("Account")
    for field in (
        decimal("Margin__c", "percent", 1, formula="(A__c - B__c) / A__c"),
        decimal("Total__c", "currency", 2, formula="A__c * 1.005"),
        Field("Big__c", "Big", "boolean", custom=True, formula="Total__c > 10"),
        Field("Kind__c", "Kind", "string", length=80, custom=True, formula="IF(Big__c, 'big', 'small')"),
    ):
        admin.add_field(engine.org, sobject, field)
    assert engine.query("SELECT Margin__c, Total__c, Big__c, Kind__c FROM Account WHERE Kind__c = 'BIG'") == [
        {"Margin__c": 75.0, "Total__c": 10.05, "Big__c": True, "Kind__c": "big"}
    ]
    assert engine.query("SELECT Kind__c, COUNT(Id) n FROM Account GROUP BY Kind__c ORDER BY Kind__c") == [
        {"Kind__c": "big", "n": 1},
        {"Kind__c": "small", "n": 1},
    ]
    ordered = engine.query("SELECT Name FROM Account ORDER BY Total__c DESC")
    assert [row["Name"] for row in ordered] == ["Acme Ltd", "Parent"]


def test_an_empty_number_counts_as_nought_in_a_field_and_not_in_a_rule(engine: Engine, account: str) -> None:
    sobject = engine.org.schema.get("Account")
    admin.add_field(engine.org, sobject, decimal("Sum__c", formula="A__c + 1"))
    assert engine.one("SELECT Sum__c FROM Account WHERE Name = 'Parent'") == {"Sum__c": 1.0}
    parent = engine.one("SELECT Id FROM Account WHERE Name = 'Parent'")["Id"]
    assert value(engine, parent, "A__c + 1") is None


def test_a_formula_reads_what_the_user_may_not(engine: Engine, account: str) -> None:
    admin.add_field(engine.org, engine.org.schema.get("Account"), decimal("Twice__c", formula="A__c * 2"))
    engine.org.permissions.revoke("Account", "A__c")
    formula = compile_formula(engine.ctx(), engine.org.schema.get("Account"), "A__c = 10")
    assert formula.true_for([account]) == {account}
    assert engine.one("SELECT Twice__c FROM Account WHERE Name = 'Acme Ltd'") == {"Twice__c": 20.0}


def test_formulas_that_refer_to_each_other_are_refused(engine: Engine, account: str) -> None:
    sobject = engine.org.schema.get("Account")
    admin.add_field(engine.org, sobject, decimal("X__c", formula="Y__c + 1"))
    admin.add_field(engine.org, sobject, decimal("Y__c", formula="X__c + 1"))
    with pytest.raises(ApiError) as caught:
        engine.query("SELECT X__c FROM Account")
    assert caught.value.code == "FORMULA_EXPRESSION_INVALID"
