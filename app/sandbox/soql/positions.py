"""Refusals that show the place in the query, as a Salesforce org words them."""

from __future__ import annotations

from app.sandbox.errors import ApiError

_BEFORE = 20
_AFTER = 40


def refusal(code: str, text: str, pos: int, message: str) -> ApiError:
    """An error whose message shows the row, a caret below the column, and then `message`."""
    row = text.count("\n", 0, pos) + 1
    start = text.rfind("\n", 0, pos) + 1
    end = text.find("\n", pos)
    line = text[start : end if end >= 0 else len(text)]
    column = pos - start + 1
    first = max(0, column - 1 - _BEFORE)
    while 0 < first < column - 1 and line[first - 1] not in " ,(":
        first += 1
    excerpt = line[first : column - 1 + _AFTER]
    caret = " " * (column - 1 - first) + "^"
    return ApiError(code, f"\n{excerpt}\n{caret}\nERROR at Row:{row}:Column:{column}\n{message}")


def malformed(text: str, pos: int, message: str) -> ApiError:
    """A query that does not parse."""
    return refusal("MALFORMED_QUERY", text, pos, message)


_REFERENCE = "name. Please reference your WSDL or the describe call for the appropriate names."


def no_such_column(text: str, pos: int, column: str, entity: str) -> ApiError:
    """A field that does not exist, or that the user may not read: the org says the same for both."""
    return refusal(
        "INVALID_FIELD",
        text,
        pos,
        f"No such column '{column}' on entity '{entity}'. If you are attempting to use a custom field, "
        f"be sure to append the '__c' after the custom field {_REFERENCE}",
    )


def no_such_relationship(text: str, pos: int, name: str, where: str = "in field path") -> ApiError:
    """A parent relationship (or, with another `where`, a child relationship) that does not exist."""
    return refusal(
        "INVALID_FIELD" if where == "in field path" else "INVALID_TYPE",
        text,
        pos,
        f"Didn't understand relationship '{name}' {where}. If you are attempting to use a custom "
        f"relationship, be sure to append the '__r' after the custom relationship {_REFERENCE}",
    )
