"""A form's JSON Schema and its own check say the same of every record."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from app.approvals.forms import Record, check, read_form, resolve
from app.approvals.forms.schema import schema_of
from app.kernel.errors import BadInput

FORM = {
    "sections": [
        {
            "key": "all",
            "title": "All",
            "fields": [
                {"key": "name", "type": "text", "label": "Name", "required": True, "max_length": 8},
                {"key": "two", "type": "text", "label": "Two", "min_length": 2, "max_length": 3},
                {"key": "part", "type": "text", "label": "Part", "mask": "AA-9+"},
                {"key": "why", "type": "long_text", "label": "Why", "max_length": 12},
                {"key": "mail", "type": "email", "label": "Mail", "required": True},
                {"key": "phone", "type": "phone", "label": "Phone"},
                {"key": "site", "type": "url", "label": "Site"},
                {"key": "units", "type": "integer", "label": "Units", "min": 1, "max": 9},
                {"key": "rate", "type": "decimal", "label": "Rate", "decimals": 2},
                {"key": "amount", "type": "money", "label": "Amount", "currency": "JPY", "required": True},
                {"key": "day", "type": "date", "label": "Day"},
                {"key": "country", "type": "country", "label": "Country"},
                {
                    "key": "currency",
                    "type": "currency",
                    "label": "Currency",
                    "default": "EUR",
                    "required": True,
                },
                {"key": "kind", "type": "choice", "label": "Kind", "options": ["a", "b"], "required": True},
                {
                    "key": "tags",
                    "type": "multi_choice",
                    "label": "Tags",
                    "options": ["x", "y"],
                    "max_count": 1,
                },
                {"key": "agreed", "type": "boolean", "label": "Agreed", "must_be": True, "required": True},
                {"key": "new", "type": "boolean", "label": "New"},
                {
                    "key": "lines",
                    "type": "lines",
                    "label": "Lines",
                    "max_count": 2,
                    "fields": [
                        {"key": "code", "type": "text", "label": "Code", "required": True},
                        {"key": "n", "type": "integer", "label": "Number"},
                    ],
                },
            ],
        }
    ]
}
READ = read_form(FORM)
SCHEMA = schema_of(resolve(READ, Record()))
VALIDATOR = Draft202012Validator(SCHEMA, validate_formats=True)
GOOD: dict[str, Any] = {
    "name": "Bosch", "mail": "a@b.de", "amount": "5000", "kind": "a", "agreed": True,
}  # fmt: skip

likely = st.sampled_from(
    [
        "",
        " ",
        "a",
        " ab ",
        "abcd",
        "AB-1",
        "AB-",
        "ab-123",
        "a\tb",
        "a\nb",
        "x\n",
        "a@b.de",
        "A@B.co.jp",
        "a@b",
        "+49 89 1234567",
        "12",
        "www.bosch.com",
        "https://a.bc/d?e",
        "javascript:alert(1)",
        "1",
        "-1",
        "1.5",
        "1.50",
        "1.500",
        "1.005",
        "1,5",
        "1e5",
        "007",
        "5000.0",
        "5000.1",
        " 5 ",
        "1234567890123456",
        "2027-02-28",
        "2027-02-30",
        "1899-01-01",
        "27-1-1",
        "DE",
        "de",
        "XX",
        "EUR",
        "EURO",
        "b",
        "c",
        "x",
        "Größe 日本",
        "Å\u0301",
        "\x00",
        "\x7f",
        "123456789",
        "１２",
        "\u2028",
    ]
)
anything = st.one_of(
    likely,
    st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=14),
    st.none(), st.booleans(), st.integers(-3, 12), st.sampled_from([10**15, -(10**15), 5.0, 2.5]),
    st.lists(likely, max_size=3), st.just({}),
    st.lists(st.dictionaries(st.sampled_from(["code", "n", "z"]), likely | st.integers(-1, 3)), max_size=3),
)  # fmt: skip
#: Whose limits no keyword can compare when they are text.
AS_TEXT = {"units"}
names = st.sampled_from(sorted(READ.fields))


def passes(values: dict[str, Any]) -> bool:
    try:
        check(READ, Record(values=values, today=date(2026, 1, 1)))
    except BadInput:
        return False
    return True


def test_a_good_record_is_good_for_both() -> None:
    assert passes(GOOD)
    assert VALIDATOR.is_valid(GOOD)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@given(names, anything)
def test_a_value_that_one_takes_the_other_takes(name: str, value: Any) -> None:
    if name in AS_TEXT and isinstance(value, str):
        return
    values = GOOD | {name: value}
    assert passes(values) == VALIDATOR.is_valid(values), [
        one.message for one in VALIDATOR.iter_errors(values)
    ]


@given(st.sets(st.sampled_from(sorted(GOOD))), st.booleans())
def test_what_one_misses_the_other_misses(left_out: set[str], more: bool) -> None:
    values = {name: value for name, value in GOOD.items() if name not in left_out}
    values |= {"unknown": 1} if more else {}
    assert passes(values) == VALIDATOR.is_valid(values) == (not left_out and not more)
