"""Whose query it is, and when: what date literals, permissions and currencies depend on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from app.sandbox.context import Context
from app.sandbox.schema import Field, Schema, SObject
from app.sandbox.soql.functions import prepare


@dataclass
class Environment:
    """The running user's view of the org at one moment.

    ctx: the request. now: epoch seconds, UTC.
    """

    ctx: Context
    now: int

    @classmethod
    def of(cls, ctx: Context) -> Environment:
        """The environment of a request; makes the SQL functions known to the org's connections."""
        prepare(ctx.org.store)
        return cls(ctx, ctx.org.clock.now())

    @property
    def schema(self) -> Schema:
        """All object types of the org."""
        return self.ctx.org.schema

    @property
    def fiscal_start(self) -> int:
        """Month in which the fiscal year begins, 1 to 12."""
        return self.ctx.org.settings.fiscal_year_start_month

    @cached_property
    def zone_name(self) -> str:
        """The running user's time zone; the org's where the user has none."""
        user = self.schema.find("User")
        if user and user.field_named("TimeZoneSidKey") and self.ctx.user_id:
            row = (
                self.ctx.org.store.read()
                .execute("SELECT TimeZoneSidKey FROM User WHERE Id = ?", (self.ctx.user_id,))
                .fetchone()
            )
            if row and row[0]:
                return str(row[0])
        return self.ctx.org.settings.time_zone

    @cached_property
    def zone(self) -> ZoneInfo:
        """The same as a time zone."""
        return ZoneInfo(self.zone_name)

    @cached_property
    def user_currency(self) -> str:
        """The running user's currency; the corporate one where the user has none."""
        user = self.schema.find("User")
        if user and user.field_named("DefaultCurrencyIsoCode") and self.ctx.user_id:
            row = (
                self.ctx.org.store.read()
                .execute("SELECT DefaultCurrencyIsoCode FROM User WHERE Id = ?", (self.ctx.user_id,))
                .fetchone()
            )
            if row and row[0]:
                return str(row[0])
        return self.ctx.org.settings.currency

    def can_read(self, sobject: SObject, field: Field) -> bool:
        """Whether the running user may see the field."""
        return self.ctx.can_read(sobject, field)
