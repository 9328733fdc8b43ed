"""What the company has decided about protection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.config import Settings
from app.deals import calculation


@dataclass(frozen=True, slots=True)
class Terms:
    """How long an approved deal is protected, and where the company's calendar day begins."""

    protection_days: int = 90
    zone: ZoneInfo = ZoneInfo("UTC")  # noqa: RUF009  # a constant

    @classmethod
    def of(cls, settings: Settings) -> Terms:
        """As the installation has set them."""
        return cls(settings.deal_protection_days, settings.business_time_zone)

    def business_date(self, moment: datetime) -> date:
        """The company's calendar day of a moment."""
        return calculation.business_date(moment, self.zone)
