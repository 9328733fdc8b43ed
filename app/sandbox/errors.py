"""What a Salesforce org answers when it refuses: codes, statuses and bodies as a real org sends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """A refusal with Salesforce's own error code.

    code: `errorCode` in REST, `statusCode` in collection results.
    status: HTTP status when the refusal is the whole answer.
    fields: API names of the fields at fault; only DML errors carry them.
    extra: further members of the error object (match results of a duplicate rule, an ErrorId).
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        fields: Sequence[str] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.status = status
        self.fields = list(fields) if fields is not None else None
        self.extra = extra or {}
        super().__init__(f"{code}: {message}")

    def rest(self) -> dict[str, Any]:
        """One element of the array that a REST resource answers with."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = self.fields
        return body | self.extra

    def item(self) -> dict[str, Any]:
        """One element of `errors` in a collection, tree or upsert result."""
        body = {"statusCode": self.code, "message": self.message, "fields": self.fields or []}
        return body | self.extra


def malformed_query(message: str) -> ApiError:
    """SOQL that the org does not understand."""
    return ApiError("MALFORMED_QUERY", message)


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """No such resource or record."""
    return ApiError("NOT_FOUND", message, status=404)
