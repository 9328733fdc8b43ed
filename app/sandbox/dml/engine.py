"""The one class behind every write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.sandbox.context import Context
from app.sandbox.dml.types import Conditions, ConvertRequest, ConvertResult, DmlResult
from app.sandbox.schema import SObject

Record = Mapping[str, Any]


class Dml:
    """Writes of one user in one context. Nothing is visible to others before the transaction commits."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.org = ctx.org

    def insert(
        self, sobject: SObject, records: Sequence[Record], *, all_or_none: bool = False
    ) -> list[DmlResult]:
        """Create records; one result each, in order."""
        raise NotImplementedError

    def update(
        self,
        sobject: SObject,
        records: Sequence[Record],
        *,
        all_or_none: bool = False,
        conditions: Conditions | None = None,
    ) -> list[DmlResult]:
        """Change records, each naming its `Id`; fields that are not named stay."""
        raise NotImplementedError

    def upsert(
        self,
        sobject: SObject,
        ext_field: str,
        records: Sequence[Record],
        *,
        all_or_none: bool = False,
        update_only: bool = False,
    ) -> list[DmlResult]:
        """Create or change by external id (or `Id`)."""
        raise NotImplementedError

    def delete(self, ids: Sequence[str], *, all_or_none: bool = False, hard: bool = False) -> list[DmlResult]:
        """Put records and what hangs on them into the recycle bin, or remove them for good."""
        raise NotImplementedError

    def undelete(self, ids: Sequence[str], *, all_or_none: bool = False) -> list[DmlResult]:
        """Take records, and what was deleted with them, out of the recycle bin."""
        raise NotImplementedError

    def merge(self, winner: str, losers: Sequence[str], fields: Record | None = None) -> DmlResult:
        """Merge up to two losers into the winner; `fields` are written to the winner."""
        raise NotImplementedError

    def convert_lead(self, request: ConvertRequest) -> ConvertResult:
        """Turn a lead into an account, a contact and, unless refused, an opportunity."""
        raise NotImplementedError
