"""Where the org is and how Tandem signs in."""

from __future__ import annotations

import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson

from app.config import Settings
from app.kernel.errors import Misconfigured

FILE_NAME = "connection.json"
Grant = Literal["jwt", "client_credentials", "refresh_token"]


@dataclass(frozen=True, slots=True)
class Connection:
    """The address of an org and the way in. Secrets are never printed.

    login_url: the My Domain address (or login.salesforce.com, test.salesforce.com), https only.
    grant: jwt needs username and key_file; client_credentials needs client_secret; refresh_token needs
    refresh_token. ca_file: a CA bundle to trust instead of the machine's, for a sandbox with its own CA.
    audience: the JWT's audience where it is not the login address.
    """

    login_url: str
    client_id: str
    username: str = ""
    key_file: str = ""
    ca_file: str = ""
    api_version: str = "67.0"
    grant: Grant = "jwt"
    audience: str = ""
    client_secret: str = ""
    refresh_token: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.login_url)
        if parts.scheme != "https" or not parts.hostname:
            raise Misconfigured(
                f"“{self.login_url}” is not an https:// address.",
                where="Salesforce connection",
                remedy="Give the org's My Domain address, such as https://acme.my.salesforce.com.",
                code="connection_address",
            )
        object.__setattr__(self, "login_url", f"https://{parts.netloc}{parts.path.rstrip('/')}")

    def __repr__(self) -> str:
        return f"Connection({self.login_url!r}, grant={self.grant!r}, username={self.username!r})"

    @property
    def token_url(self) -> str:
        """Where tokens are issued."""
        return f"{self.login_url}/services/oauth2/token"

    @property
    def verify(self) -> str | bool:
        """What `requests` checks the server's certificate against."""
        return self.ca_file or True

    @classmethod
    def load(cls, settings: Settings) -> Connection:
        """The connection from the environment, else from connection.json in the data directory.

        Raises Misconfigured when there is neither, when the environment names only a part of it, or when
        the file cannot be read.
        """
        wanted = {
            "SALESFORCE_LOGIN_URL": settings.salesforce_login_url,
            "SALESFORCE_CLIENT_ID": settings.salesforce_client_id,
            "SALESFORCE_USERNAME": settings.salesforce_username,
            "SALESFORCE_KEY_FILE": settings.salesforce_key_file,
        }
        missing = [name for name, value in wanted.items() if not value]
        if not missing:
            return cls(
                login_url=str(settings.salesforce_login_url),
                client_id=str(settings.salesforce_client_id),
                username=str(settings.salesforce_username),
                key_file=str(settings.salesforce_key_file),
                ca_file=str(settings.salesforce_ca_file or ""),
                api_version=settings.salesforce_api_version,
            )
        if len(missing) < len(wanted) and settings.salesforce_login_url:
            raise Misconfigured(
                f"the environment names an org but not {', '.join(missing)}.",
                where="Salesforce connection",
                remedy="Set them too, or unset SALESFORCE_LOGIN_URL and run `tandem connect`.",
                code="connection_incomplete",
            )
        return cls.read(settings.data_dir / FILE_NAME)

    @classmethod
    def read(cls, path: Path) -> Connection:
        """The connection that `save` wrote to `path`."""
        try:
            values = orjson.loads(path.read_bytes())
            return cls(**values)
        except FileNotFoundError:
            raise Misconfigured(
                "Tandem is not connected to a Salesforce org yet.",
                where=str(path),
                remedy="Run `tandem connect`.",
                code="not_connected",
            ) from None
        except (OSError, ValueError, TypeError) as error:
            raise Misconfigured(
                f"the connection cannot be read: {error}.",
                where=str(path),
                remedy="Run `tandem connect` again.",
                code="connection_unreadable",
            ) from error

    def save(self, data_dir: Path) -> Path:
        """Write connection.json, readable by this user only, and return its path."""
        path = data_dir / FILE_NAME
        write_private(path, orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))
        return path


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` at once by a file with `content` and mode 0600: nobody sees half of it.

    Raises Misconfigured when the directory cannot be written.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise Misconfigured(
            f"the file cannot be written: {error.strerror or error}.",
            where=str(path),
            remedy="Free some space or make the directory writable.",
            code="file_not_writable",
        ) from error


def read_private(path: Path) -> dict[str, Any] | None:
    """The JSON object in `path`; None when the file is missing or is not a JSON object."""
    try:
        value = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    return value if isinstance(value, dict) else None
