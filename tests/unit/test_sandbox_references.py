"""References between composite subrequests."""

import pytest

from app.sandbox.errors import ApiError
from app.sandbox.rest.references import reference_names, resolve, resolve_url

BODIES = {
    "made": {"id": "001000000000001AAA", "success": True, "errors": []},
    "found": {"totalSize": 2, "records": [{"Id": "a", "Name": "O'Neil & Söhne"}, {"Id": "b", "Name": None}]},
    "many": [{"id": "x"}, {"id": "y"}],
}


def test_a_text_that_is_one_reference_keeps_the_type_of_the_value() -> None:
    assert resolve({"Active": "@{made.success}", "Count": "@{found.totalSize}"}, BODIES) == {
        "Active": True,
        "Count": 2,
    }


def test_a_reference_inside_a_longer_text_becomes_text() -> None:
    assert resolve("Copy of @{found.records[0].Name} (@{made.success})", BODIES) == (
        "Copy of O'Neil & Söhne (true)"
    )


def test_references_reach_into_lists_and_answers_that_are_lists() -> None:
    assert resolve(["@{many[1].id}", {"deep": ["@{found.records[0].Id}"]}], BODIES) == ["y", {"deep": ["a"]}]
    assert resolve("@{found.records[*].Id}", BODIES) == ["a", "b"]


def test_a_value_in_a_url_is_percent_encoded() -> None:
    assert resolve_url("/query?q=Name='@{found.records[0].Name}'", BODIES) == (
        "/query?q=Name='O%27Neil%20%26%20S%C3%B6hne'"
    )
    assert resolve_url("/composite/sobjects?ids=@{found.records[*].Id}", BODIES) == (
        "/composite/sobjects?ids=a,b"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "made.Id",
        "Made.id",
        "nobody.id",
        "found.records[2].Id",
        "found.records[1].Name",
        "found.records[0]",
        "made",
        "made.id.x",
        "made.",
    ],
)
def test_a_reference_to_nothing_halts_the_subrequest(expression: str) -> None:
    with pytest.raises(ApiError) as refused:
        resolve("@{" + expression + "}", BODIES)
    name = expression.split(".")[0].split("[")[0]
    assert refused.value.code == "PROCESSING_HALTED"
    assert refused.value.message == (
        f"Invalid reference specified. No value for {expression} found in {name}."
    )


def test_the_names_that_a_subrequest_depends_on_are_found_everywhere() -> None:
    sub = {"url": "/x/@{a.id}", "body": {"n": ["@{b[0].id}"]}, "httpHeaders": {"If-Match": "@{c.etag}"}}
    assert reference_names(sub) == {"a", "b", "c"}
