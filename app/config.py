"""Settings, from the environment only. Nothing is read at import."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.kernel.errors import Misconfigured

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All that differs between one installation and another.

    DATABASE_URL and DATABASE_OWNER_URL are SQLAlchemy or libpq URLs (`postgresql://…`). The owner's
    runs migrations; the other is the service's own role, which row-level security binds. REDIS_URL is
    `redis://…`. Without them `tandem services` starts its own and writes their addresses to the data
    directory.

    SALESFORCE_API_SHARE is the part of the org's daily API calls that Tandem may use (0.10 = 10 %),
    SALESFORCE_API_RESERVE the part that it leaves untouched whoever used the rest.

    TANDEM_RATE_PER_USER and TANDEM_RATE_PER_ADDRESS are the calls a minute that one user may send, and one
    network address without a valid token; 0 is no limit. TANDEM_PROXIES is how many proxies of your own stand
    before the service; the caller's address is believed from them only.

    TANDEM_SMTP_URL (`smtp://host:25`, `smtps://user:password@host`) is the mail server by which notices go
    out, from the address TANDEM_MAIL_FROM; TANDEM_PAGES_URL is where their readers find the pages.

    TANDEM_CLAMD is where a ClamAV daemon scans attached files (`clamav.internal:3310`).

    TANDEM_DEAL_PROTECTION_DAYS is how long an approved deal registration is protected, and
    TANDEM_BUSINESS_TIME_ZONE (`Europe/Berlin`) where the company's calendar day begins.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: str | None = Field(None, validation_alias="DATABASE_URL")
    database_owner_url: str | None = Field(None, validation_alias="DATABASE_OWNER_URL")
    redis_url: str | None = Field(None, validation_alias="REDIS_URL")
    data_dir: Path = Field(PROJECT / ".data", validation_alias="TANDEM_DATA_DIR")
    mappings_dir: Path = Field(PROJECT / "mappings", validation_alias="TANDEM_MAPPINGS_DIR")
    public_url: str = Field("http://127.0.0.1:8000", validation_alias="TANDEM_PUBLIC_URL")

    rate_per_user: int = Field(1200, ge=0, validation_alias="TANDEM_RATE_PER_USER")
    rate_per_address: int = Field(600, ge=0, validation_alias="TANDEM_RATE_PER_ADDRESS")
    proxies: int = Field(0, ge=0, le=10, validation_alias="TANDEM_PROXIES")

    salesforce_login_url: str | None = Field(None, validation_alias="SALESFORCE_LOGIN_URL")
    salesforce_client_id: str | None = Field(None, validation_alias="SALESFORCE_CLIENT_ID")
    salesforce_username: str | None = Field(None, validation_alias="SALESFORCE_USERNAME")
    salesforce_key_file: Path | None = Field(None, validation_alias="SALESFORCE_KEY_FILE")
    salesforce_ca_file: Path | None = Field(None, validation_alias="SALESFORCE_CA_FILE")
    salesforce_api_version: str = Field("67.0", validation_alias="SALESFORCE_API_VERSION")

    salesforce_api_share: float = Field(0.10, gt=0, le=1, validation_alias="SALESFORCE_API_SHARE")
    salesforce_api_reserve: float = Field(0.10, ge=0, lt=1, validation_alias="SALESFORCE_API_RESERVE")

    deal_protection_days: int = Field(90, ge=1, le=3650, validation_alias="TANDEM_DEAL_PROTECTION_DAYS")
    clamd: str | None = Field(None, validation_alias="TANDEM_CLAMD", pattern=r"^[^\s:]+:[0-9]{1,5}$")
    smtp_url: str | None = Field(None, validation_alias="TANDEM_SMTP_URL", pattern=r"^smtps?://[^/\s]+$")
    mail_from: str = Field(
        "tandem@localhost", validation_alias="TANDEM_MAIL_FROM", pattern=r"^[^@\s<>]+@[^@\s<>]+$"
    )
    pages_url: str | None = Field(None, validation_alias="TANDEM_PAGES_URL", pattern=r"^https?://\S+$")
    business_time_zone: ZoneInfo = Field(ZoneInfo("UTC"), validation_alias="TANDEM_BUSINESS_TIME_ZONE")

    @classmethod
    def from_env(cls) -> Settings:
        """The settings of this process. Raises Misconfigured for a variable with a value it cannot have."""
        try:
            return cls()
        except ValidationError as error:
            wrong = error.errors()[0]
            raise Misconfigured(
                f"the value is not usable: {wrong['msg'][:1].lower()}{wrong['msg'][1:]}.",
                where=f"environment variable {wrong['loc'][0]}",
                remedy="Correct or unset it.",
                code="bad_setting",
            ) from None


def business_time_zone() -> ZoneInfo:
    """The time zone of the company's calendar, as the environment has it. Raises Misconfigured."""
    return _business_time_zone(os.environ.get("TANDEM_BUSINESS_TIME_ZONE"))


@cache
def _business_time_zone(_value: str | None) -> ZoneInfo:
    # All settings are read, and that takes milliseconds: once for each value is enough.
    return Settings.from_env().business_time_zone
