"""The apps that may ask for tokens: what an admin sets in an External Client App."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.sandbox.auth.errors import OAuthError
from app.sandbox.auth.keys import KeyPair, key_pair
from app.sandbox.auth.vault import Vault
from app.sandbox.errors import ApiError

if TYPE_CHECKING:
    from app.sandbox.org import Org

#: in `run_as`: the org's own integration user, whatever its username
INTEGRATION_USER = "*"
SCOPES = "api web full refresh_token openid id profile email"


@dataclass(slots=True)
class App:
    """One app and its policies.

    certificate: PEM that proves its assertions; empty switches JWT bearer off.
    callbacks: exact redirect addresses; a loopback address matches with any port.
    run_as: username for client credentials; `*` is the integration user; empty switches the flow off.
    permitted: usernames that are pre-authorised; None means every user.
    rotate_refresh_tokens: a refresh token works once and is answered with the next.
    session_seconds: how long a session lives unused.
    shared_sessions: repeated sign-ins of one user get the session that is already open.
    auto_approve: username that the sign-in page takes without asking; empty shows the page.
    """

    client_id: str
    secret: str
    name: str
    certificate: str = ""
    callbacks: list[str] = field(default_factory=list)
    run_as: str = ""
    permitted: list[str] | None = None
    flows: list[str] = field(
        default_factory=lambda: ["jwt-bearer", "client_credentials", "authorization_code", "refresh_token"]
    )
    scope: str = SCOPES
    require_pkce: bool = True
    require_secret: bool = True
    rotate_refresh_tokens: bool = False
    session_seconds: int = 7200
    shared_sessions: bool = True
    auto_approve: str = ""
    active: bool = True

    def permits(self, username: str) -> bool:
        """Whether the user is pre-authorised."""
        return self.permitted is None or username.lower() in (p.lower() for p in self.permitted)


class Apps:
    """The registered apps of one org."""

    def __init__(self, org: Org, vault: Vault) -> None:
        self._org = org
        self._vault = vault
        self._apps: dict[str, App] = {}
        #: proves the assertions of the integration app; its key file belongs to the client
        self.integration_key = key_pair(org.directory, "integration", "tandem-integration")
        secret = self.integration_key.key_file.read_bytes()
        self.client_id = "3MVG9" + derived(secret, "client id", 80)
        self._secret = derived(secret, "client secret", 64).upper()

    def load(self) -> None:
        """Read what was registered before. The integration app is there from the first moment."""
        self._apps = {key: App(**value) for key, value in self._vault.load("app").items()}
        if self.client_id not in self._apps:
            self._apps[self.client_id] = App(
                client_id=self.client_id,
                secret=self._secret,
                name="Tandem",
                certificate=self.integration_key.certificate,
                callbacks=["http://127.0.0.1/callback", "http://localhost/callback"],
                run_as=INTEGRATION_USER,
            )

    @cached_property
    def org_key(self) -> KeyPair:
        """Signs the assertions of Named Credentials. As in real orgs, no address publishes this key."""
        return key_pair(self._org.directory, "org", f"{self._org.org_id}.my.salesforce.com")

    @cached_property
    def identity_key(self) -> KeyPair:
        """Signs id tokens; published at `/id/keys`."""
        return key_pair(self._org.directory, "identity", "identity")

    @property
    def integration(self) -> App:
        """The app whose key lies in the org's directory."""
        return self._apps[self.client_id]

    def register(self, app: App) -> App:
        """Add an app, or replace the one with its client id."""
        self._apps[app.client_id] = app
        self._vault.save("app", app.client_id, asdict(app))
        return app

    def find(self, client_id: str) -> App:
        """The active app with that id. Raises OAuthError `invalid_client_id`."""
        app = self._apps.get(client_id)
        if app is None or not app.active:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        return app

    def change(self, client_id: str, changes: dict[str, Any]) -> App:
        """Set policies of an app by name. Raises ApiError for a policy that does not exist."""
        app = self._apps.get(client_id)
        if app is None:
            raise ApiError("NOT_FOUND", f"no app with client id {client_id}", status=404)
        known = {f.name for f in fields(App)} - {"client_id"}
        for name, value in changes.items():
            if name not in known:
                raise ApiError(
                    "INVALID_FIELD", f"an app has no policy {name!r}; it has: {', '.join(sorted(known))}"
                )
            setattr(app, name, value)
        return self.register(app)

    def __iter__(self) -> Iterator[App]:
        return iter(list(self._apps.values()))


def derived(secret: bytes, purpose: str, length: int) -> str:
    """A letter-and-digit text that only this org's secret yields for a purpose."""
    out = ""
    counter = 0
    while len(out) < length:
        digest = hmac.new(secret, f"{purpose}:{counter}".encode(), hashlib.sha512).digest()
        out += base64.b64encode(digest).decode().translate({ord(c): None for c in "+/="})
        counter += 1
    return out[:length]
