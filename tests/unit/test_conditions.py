"""Conditions: what they say of facts, and how a bad one is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.conditions import OPERATORS, compile_condition, fields_of
from app.kernel.errors import BadInput

LIMIT = {"field": "amount", "op": "at_most", "value": {"USD": "50000.00", "EUR": "46000.00", "JPY": 7000000}}


def holds(document: Any, **facts: Any) -> bool:
    return compile_condition(document)(facts)


def about(op: str, value: Any, given_value: Any) -> bool:
    return holds({"field": "x", "op": op, "value": value}, x=given_value)


# -- money ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "inside"),
    [
        ("50000.00", "USD", True), ("50000.01", "USD", False), ("49999.99", "USD", True),
        (Decimal("50000"), "USD", True), (50000, "USD", True), (50000.01, "USD", False),
        ("46000.00", "EUR", True), ("46000.01", "EUR", False), ("50000.00", "EUR", False),
        ("7000000", "JPY", True), ("7000001", "JPY", False), ("-1.00", "USD", True),
        ("1.00", "CHF", False), ("1.00", "usd", False), ("1.00", None, False), ("1.00", ["USD"], False),
        ("1,00", "USD", False), ("NaN", "USD", False), (Decimal("NaN"), "USD", False), (True, "USD", False),
    ],
)  # fmt: skip
def test_an_amount_is_inside_the_limit_of_its_own_currency_or_above(
    amount: Any, currency: Any, inside: bool
) -> None:
    assert holds(LIMIT, amount=amount, currency=currency) is inside
    assert holds(LIMIT | {"op": "above"}, amount=amount, currency=currency) is not inside


def test_without_an_amount_nothing_is_inside_and_nothing_above() -> None:
    assert not holds(LIMIT, currency="USD")
    assert not holds(LIMIT | {"op": "above"}, currency="USD", amount="")


def test_the_currency_lies_beside_the_amount_or_where_the_condition_says() -> None:
    inner = {"field": "price.amount", "op": "at_most", "value": {"EUR": 5}}
    assert holds(inner, price={"amount": "5.00", "currency": "EUR"}, currency="USD")
    assert not holds(inner, price={"amount": "5.01", "currency": "EUR"}, currency="EUR")
    named = LIMIT | {"currency_field": "paid_in"}
    assert holds(named, amount="46000.00", paid_in="EUR", currency="CHF")
    assert fields_of(named) == {"amount", "paid_in"}
    assert fields_of(inner) == {"price.amount", "price.currency"}


@given(st.decimals(0, 10**9, places=2), st.decimals(0, 10**9, places=2), st.booleans())
def test_an_amount_is_above_exactly_when_it_is_more_than_its_limit(
    amount: Decimal, limit: Decimal, as_text: bool
) -> None:
    document = {"field": "amount", "op": "above", "value": {"EUR": str(limit)}}
    facts = {"amount": str(amount) if as_text else amount, "currency": "EUR"}
    assert compile_condition(document)(facts) is (amount > limit)


# -- comparisons ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "value", "yes", "no"),
    [
        ("eq", "reseller", ["reseller"], ["Reseller", "distributor", 1, ["reseller"], True]),
        ("eq", 5, [5, "5", "5.00", Decimal("5.0"), 5.0], [6, "five", True, "5.01"]),
        ("eq", "01234", ["01234"], ["1234"]),
        ("eq", "12.50", [Decimal("12.5"), 12.5], [Decimal("12.51")]),
        ("eq", True, [True], [1, "true", "yes"]),
        ("eq", False, [False], [0, "false", "x", True]),
        ("eq", date(2027, 3, 14), ["2027-03-14", date(2027, 3, 14)], ["2027-03-15", "14.03.2027"]),
        ("ne", "gold", ["silver", 7], ["gold"]),
        ("lt", 10, [9, "9.99", Decimal("-1")], [10, "10", 11, "few", True]),
        ("lte", "10.50", ["10.50", 10.5, 10], ["10.51"]),
        ("gt", 9, ["10", 100], [9, "9.0"]),
        ("gte", "2027-03-14", ["2027-03-14", date(2028, 1, 1)], ["2027-03-13", "2027-02-30", 20270314]),
        ("in", ["DE", "AT"], ["DE", ["FR", "AT"]], ["FR", ["FR"], "D"]),
        ("in", [1, 2], ["2", 1], [3]),
        ("not_in", ["DE", "AT"], ["FR", ["FR", "CH"]], ["DE", ["FR", "AT"]]),
        ("between", [1, 3], [1, 3, "2.5"], [0, "3.01"]),
        ("between", ["2027-01-01", "2027-12-31"], ["2027-12-31"], ["2028-01-01"]),
        ("contains", "seal", ["Sealed Drives", ["pump", "seal"]], ["drive", ["Seal"], 5]),
        ("contains", 5, [[5], ["5"]], ["15", [15]]),
        ("starts_with", "ab", ["AB-100", "ab"], ["bab", ["ab"], 5]),
    ],
)  # fmt: skip
def test_what_a_comparison_is_true_of(op: str, value: Any, yes: list[Any], no: list[Any]) -> None:
    assert [one for one in yes if not about(op, value, one)] == []
    assert [one for one in no if about(op, value, one)] == []


ONE_OF_EACH: dict[str, Any] = {
    "in": ["x"], "not_in": ["x"], "between": [1, 2], "at_most": {"EUR": 1}, "above": {"EUR": 1},
    "contains": "x", "starts_with": "x",
}  # fmt: skip


@pytest.mark.parametrize("op", sorted(set(OPERATORS) - {"absent", "present"}))
@pytest.mark.parametrize("facts", [{}, {"x": None}, {"x": ""}, {"x": []}])
def test_a_field_without_a_value_makes_every_comparison_false(op: str, facts: dict[str, Any]) -> None:
    document = {"field": "x", "op": op, "value": ONE_OF_EACH.get(op, 1)}
    assert compile_condition(document)(facts) is False
    assert compile_condition({"not": document})(facts) is True
    assert holds({"field": "x", "op": "absent"}, **facts)
    assert not holds({"field": "x", "op": "present"}, **facts)


def test_zero_and_no_are_values() -> None:
    assert holds({"field": "x", "op": "present"}, x=0)
    assert holds({"field": "x", "op": "present"}, x=False)


def test_a_path_is_found_whole_or_step_by_step() -> None:
    document = {"field": "partner.level", "op": "eq", "value": "Gold"}
    assert holds(document, partner={"level": "Gold"})
    assert compile_condition(document)({"partner.level": "Gold"})
    assert not holds(document, partner="Gold")
    assert not holds(document, level="Gold")


def test_groups_say_all_any_and_not() -> None:
    de = {"field": "country", "op": "eq", "value": "DE"}
    big = {"field": "units", "op": "gt", "value": 100}
    assert [holds({"all": [de, big]}, country="DE", units=n) for n in (100, 101)] == [False, True]
    assert holds({"any": [de, big]}, country="DE")
    assert not holds({"any": [de, {"not": big}]}, country="FR", units=101)
    assert fields_of({"any": [de, {"not": big}]}) == {"country", "units"}


# -- laws ----------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "b", "c.d", "amount"])
plain: st.SearchStrategy[Any] = st.one_of(
    st.integers(-3, 3),
    st.sampled_from(["x", "y", "1", "2.50", "2027-03-14"]),
    st.booleans(),
    st.decimals(-3, 3, places=2),
)
comparisons: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(
        lambda field, op, value: {"field": field, "op": op, "value": value},
        names, st.sampled_from(["eq", "ne", "contains"]), plain,
    ),
    st.builds(
        lambda field, op, value: {"field": field, "op": op, "value": value},
        names, st.sampled_from(["lt", "lte", "gt", "gte"]), st.integers(-3, 3),
    ),
    st.builds(
        lambda field, op, value: {"field": field, "op": op, "value": value},
        names, st.sampled_from(["in", "not_in"]), st.lists(plain, min_size=1, max_size=3),
    ),
    st.builds(lambda field, op: {"field": field, "op": op}, names, st.sampled_from(["present", "absent"])),
    st.builds(
        lambda op, value: {"field": "amount", "op": op, "value": {"EUR": value}},
        st.sampled_from(["at_most", "above"]), st.integers(-3, 3),
    ),
)  # fmt: skip
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(lambda one: {"not": one}, inner),
        st.builds(
            lambda group, parts: {group: parts},
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
    ),
    max_leaves=8,
)
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
facts = st.dictionaries(st.sampled_from(["a", "b", "c", "c.d", "amount", "currency"]), json, max_size=6)


@given(conditions, conditions, facts)
def test_the_laws_of_de_morgan_hold(one: Any, two: Any, known: dict[str, Any]) -> None:
    def true(document: Any) -> bool:
        return compile_condition(document)(known)

    assert true({"not": {"all": [one, two]}}) == true({"any": [{"not": one}, {"not": two}]})
    assert true({"not": {"any": [one, two]}}) == true({"all": [{"not": one}, {"not": two}]})
    assert true({"not": {"not": one}}) == true(one)
    assert true({"all": [one, two]}) == true({"all": [two, one]})


@given(conditions, facts)
def test_a_condition_answers_yes_or_no_of_any_facts(document: Any, known: dict[str, Any]) -> None:
    assert compile_condition(document)(known) in (True, False)


@given(conditions, facts, json)
def test_a_condition_depends_on_its_own_fields_alone(
    document: Any, known: dict[str, Any], other: Any
) -> None:
    assert compile_condition(document)(known) == compile_condition(document)(known | {"other": other})


@given(st.integers(-3, 3), st.integers(-3, 3) | st.decimals(-3, 3, places=2))
def test_less_and_not_less_exclude_each_other(limit: int, value: Any) -> None:
    assert about("lt", limit, value) != about("gte", limit, value)
    assert about("gt", limit, value) != about("lte", limit, value)
    assert about("between", [limit, limit], value) == about("eq", limit, value)


# -- bad documents -------------------------------------------------------------------------------------

GOOD = {"field": "a", "op": "eq", "value": 1}


@pytest.mark.parametrize(
    ("document", "where", "words"),
    [
        (None, "when", "A condition is missing here."),
        ([GOOD], "when", "A condition is missing here."),
        ({"all": []}, "when.all", "needs a list of conditions"),
        ({"any": GOOD}, "when.any", "needs a list of conditions"),
        ({"all": [GOOD], "any": [GOOD]}, "when", 'Beside "all" nothing else can stand.'),
        ({"all": [GOOD, {"not": {"field": "a", "op": "is", "value": 1}}]}, "when.all[1].not.op",
         "There is no such comparison."),
        ({"field": "A b", "op": "present"}, "when.field", "This is not the name of a field."),
        ({"op": "present"}, "when.field", "This is not the name of a field."),
        ({"field": "a", "op": "eq"}, "when.value", '"eq" needs a value.'),
        ({"field": "a", "op": "present", "value": 1}, "when.value", '"present" has no such part.'),
        (GOOD | {"currency_field": "c"}, "when.currency_field", '"eq" has no such part.'),
        ({"field": "a", "op": "eq", "value": 12.5}, "when.value", "A number with decimals must be exact."),
        ({"field": "a", "op": "eq", "value": None}, "when.value", "This cannot be compared with."),
        ({"field": "a", "op": "eq", "value": ["x"]}, "when.value", "This cannot be compared with."),
        ({"field": "a", "op": "gt", "value": "many"}, "when.value", '"gt" needs a number or a day.'),
        ({"field": "a", "op": "gt", "value": True}, "when.value", '"gt" needs a number or a day.'),
        ({"field": "a", "op": "in", "value": "x"}, "when.value", '"in" needs a list.'),
        ({"field": "a", "op": "in", "value": [1, 2.5]}, "when.value[1]", "A number with decimals must be"),
        ({"field": "a", "op": "between", "value": [1]}, "when.value", '"between" needs two values.'),
        ({"field": "a", "op": "between", "value": [3, 1]}, "when.value", "Nothing lies between these two."),
        ({"field": "a", "op": "between", "value": [3, "2027-01-01"]}, "when.value", "Nothing lies between"),
        ({"field": "a", "op": "starts_with", "value": 1}, "when.value", '"starts_with" needs text.'),
        (LIMIT | {"value": "50000"}, "when.value", "Limits are missing."),
        (LIMIT | {"value": {"Euro": 1}}, "when.value.Euro", "This is not a currency."),
        (LIMIT | {"value": {"EUR": 1.5}}, "when.value.EUR", "A number with decimals must be exact."),
        (LIMIT | {"value": {"EUR": "much"}}, "when.value.EUR", "This is not an amount."),
    ],
)  # fmt: skip
def test_a_bad_condition_is_refused_with_the_path_of_the_fault(document: Any, where: str, words: str) -> None:
    with pytest.raises(BadInput) as error:
        compile_condition(document, "when")
    assert error.value.where == where
    assert words in error.value.what
    assert (error.value.error_code, bool(error.value.remedy)) == ("bad_condition", True)


def test_a_condition_that_never_ends_is_refused() -> None:
    deep: Any = GOOD
    for _ in range(20):
        deep = {"not": deep}
    for document in (deep, {"all": [GOOD] * 300}):
        with pytest.raises(BadInput, match="too long"):
            compile_condition(document)


@given(json)
def test_any_document_is_compiled_or_refused_in_words(document: Any) -> None:
    refused: BadInput | None = None
    try:
        assert compile_condition(document)({}) in (True, False)
    except BadInput as error:
        refused = error
    assert refused is None or (refused.where and refused.remedy)
