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

_POSTGRES, _WEB = r"^postgres(ql)?(\+psycopg)?://", r"^https?://\S+$"
_A_DATABASE = "the address of a PostgreSQL database, such as postgresql://tandem@127.0.0.1:5432/tandem"
_AN_ADDRESS = "a web address, such as https://tandem.acme.com"
_A_RATE = "a whole number of calls a minute, or 0 for no limit"
#: So much of a wrong value is shown.
_SHOWN = 60


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

    # `description` is what the variable should hold, as a person is told when it holds something else;
    # what is not to be shown (`repr=False`) may contain a password.
    database_url: str | None = Field(
        None, validation_alias="DATABASE_URL", pattern=_POSTGRES, description=_A_DATABASE, repr=False
    )
    database_owner_url: str | None = Field(
        None, validation_alias="DATABASE_OWNER_URL", pattern=_POSTGRES, description=_A_DATABASE, repr=False
    )
    redis_url: str | None = Field(
        None,
        validation_alias="REDIS_URL",
        pattern=r"^(rediss?|unix)://",
        description="the address of a Redis or Valkey server, such as redis://127.0.0.1:6379/0",
        repr=False,
    )
    data_dir: Path = Field(PROJECT / ".data", validation_alias="TANDEM_DATA_DIR")
    mappings_dir: Path = Field(PROJECT / "mappings", validation_alias="TANDEM_MAPPINGS_DIR")
    public_url: str = Field(
        "http://127.0.0.1:8000",
        validation_alias="TANDEM_PUBLIC_URL",
        pattern=_WEB,
        description=_AN_ADDRESS,
    )

    rate_per_user: int = Field(1200, ge=0, validation_alias="TANDEM_RATE_PER_USER", description=_A_RATE)
    rate_per_address: int = Field(600, ge=0, validation_alias="TANDEM_RATE_PER_ADDRESS", description=_A_RATE)
    proxies: int = Field(
        0, ge=0, le=10, validation_alias="TANDEM_PROXIES", description="a whole number from 0 to 10"
    )

    salesforce_login_url: str | None = Field(None, validation_alias="SALESFORCE_LOGIN_URL")
    salesforce_client_id: str | None = Field(None, validation_alias="SALESFORCE_CLIENT_ID")
    salesforce_username: str | None = Field(None, validation_alias="SALESFORCE_USERNAME")
    salesforce_key_file: Path | None = Field(None, validation_alias="SALESFORCE_KEY_FILE")
    salesforce_ca_file: Path | None = Field(None, validation_alias="SALESFORCE_CA_FILE")
    salesforce_api_version: str = Field("67.0", validation_alias="SALESFORCE_API_VERSION")

    salesforce_api_share: float = Field(
        0.10,
        gt=0,
        le=1,
        validation_alias="SALESFORCE_API_SHARE",
        description="a number above 0 and up to 1, such as 0.25 for 25 %",
    )
    salesforce_api_reserve: float = Field(
        0.10,
        ge=0,
        lt=1,
        validation_alias="SALESFORCE_API_RESERVE",
        description="a number from 0 to below 1, such as 0.25 for 25 %",
    )

    deal_protection_days: int = Field(
        90,
        ge=1,
        le=3650,
        validation_alias="TANDEM_DEAL_PROTECTION_DAYS",
        description="a whole number of days from 1 to 3650",
    )
    clamd: str | None = Field(
        None,
        validation_alias="TANDEM_CLAMD",
        pattern=r"^[^\s:]+:[0-9]{1,5}$",
        description="a host and a port, such as clamav.internal:3310",
    )
    smtp_url: str | None = Field(
        None,
        validation_alias="TANDEM_SMTP_URL",
        pattern=r"^smtps?://[^/\s]+$",
        description="the address of a mail server, such as smtps://user:password@mail.acme.com",
        repr=False,
    )
    mail_from: str = Field(
        "tandem@localhost",
        validation_alias="TANDEM_MAIL_FROM",
        pattern=r"^[^@\s<>]+@[^@\s<>]+$",
        description="a mail address without a name, such as partners@acme.com",
    )
    pages_url: str | None = Field(
        None, validation_alias="TANDEM_PAGES_URL", pattern=_WEB, description=_AN_ADDRESS
    )
    business_time_zone: ZoneInfo = Field(
        ZoneInfo("UTC"),
        validation_alias="TANDEM_BUSINESS_TIME_ZONE",
        description="the name of a time zone, such as Europe/Berlin",
    )

    @classmethod
    def from_env(cls) -> Settings:
        """The settings of this process. Raises Misconfigured for a variable with a value it cannot have."""
        try:
            return cls()
        except ValidationError as error:
            wrong = error.errors()[0]
            raise _bad_setting(str(wrong["loc"][0]), str(wrong["input"])) from None


def _bad_setting(variable: str, value: str) -> Misconfigured:
    """The error for a variable that cannot hold this value."""
    [field] = [one for one in Settings.model_fields.values() if one.validation_alias == variable]
    if field.repr:
        shown = "".join(sign if sign.isprintable() else "?" for sign in value[:_SHOWN])
        what = f"it holds “{shown}{'…' if len(value) > _SHOWN else ''}” and should hold {field.description}."
    else:
        what = f"it should hold {field.description}. What it holds is not shown here: it may have a password."
    default = "" if field.default is None else f" for the default, {field.default}"
    return Misconfigured(
        what,
        where=f"environment variable {variable}",
        remedy=f"Correct it, or unset it{default}.",
        code="bad_setting",
    )


def business_time_zone() -> ZoneInfo:
    """The time zone of the company's calendar, as the environment has it. Raises Misconfigured."""
    return _business_time_zone(os.environ.get("TANDEM_BUSINESS_TIME_ZONE"))


@cache
def _business_time_zone(_value: str | None) -> ZoneInfo:
    # All settings are read, and that takes milliseconds: once for each value is enough.
    return Settings.from_env().business_time_zone
