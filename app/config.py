"""Settings, from the environment only. Nothing is read at import."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All that differs between one installation and another.

    DATABASE_URL and DATABASE_OWNER_URL are SQLAlchemy or libpq URLs (`postgresql://…`). The owner's
    runs migrations; the other is the service's own role, which row-level security binds. REDIS_URL is
    `redis://…`. Without them `tandem services` starts its own and writes their addresses to the data
    directory.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: str | None = Field(None, validation_alias="DATABASE_URL")
    database_owner_url: str | None = Field(None, validation_alias="DATABASE_OWNER_URL")
    redis_url: str | None = Field(None, validation_alias="REDIS_URL")
    data_dir: Path = Field(PROJECT / ".data", validation_alias="TANDEM_DATA_DIR")
    mappings_dir: Path = Field(PROJECT / "mappings", validation_alias="TANDEM_MAPPINGS_DIR")
    public_url: str = Field("http://127.0.0.1:8000", validation_alias="TANDEM_PUBLIC_URL")

    salesforce_login_url: str | None = Field(None, validation_alias="SALESFORCE_LOGIN_URL")
    salesforce_client_id: str | None = Field(None, validation_alias="SALESFORCE_CLIENT_ID")
    salesforce_username: str | None = Field(None, validation_alias="SALESFORCE_USERNAME")
    salesforce_key_file: Path | None = Field(None, validation_alias="SALESFORCE_KEY_FILE")
    salesforce_ca_file: Path | None = Field(None, validation_alias="SALESFORCE_CA_FILE")
    salesforce_api_version: str = Field("67.0", validation_alias="SALESFORCE_API_VERSION")

    @classmethod
    def from_env(cls) -> Settings:
        """The settings of this process."""
        return cls()
