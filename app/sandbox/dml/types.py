"""What DML takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.sandbox.errors import ApiError


@dataclass(slots=True)
class DmlResult:
    """One record's outcome. `created` is set by upsert only."""

    id: str | None = None
    success: bool = False
    created: bool | None = None
    errors: list[ApiError] = field(default_factory=list)

    def item(self) -> dict[str, object]:
        """The element of a collection's answer."""
        body: dict[str, object] = {}
        if self.id is not None and self.success:
            body["id"] = self.id
        body["success"] = self.success
        body["errors"] = [error.item() for error in self.errors]
        if self.created is not None:
            body["created"] = self.created
        return body


@dataclass(slots=True)
class Conditions:
    """Conditional headers of a request; datetimes are epoch seconds, tags are as the client sent them."""

    if_match: tuple[str, ...] = ()
    if_none_match: tuple[str, ...] = ()
    if_modified_since: int | None = None
    if_unmodified_since: int | None = None

    def __bool__(self) -> bool:
        return bool(
            self.if_match
            or self.if_none_match
            or self.if_modified_since is not None
            or self.if_unmodified_since is not None
        )


@dataclass(slots=True)
class ConvertRequest:
    """One lead to convert, as SOAP's `LeadConvert`. Empty ids mean: make a new record."""

    lead_id: str
    converted_status: str
    account_id: str = ""
    contact_id: str = ""
    opportunity_id: str = ""
    opportunity_name: str = ""
    do_not_create_opportunity: bool = False
    overwrite_lead_source: bool = False
    owner_id: str = ""


@dataclass(slots=True)
class ConvertResult:
    """What became of a lead."""

    lead_id: str
    success: bool = False
    account_id: str | None = None
    contact_id: str | None = None
    opportunity_id: str | None = None
    errors: list[ApiError] = field(default_factory=list)
