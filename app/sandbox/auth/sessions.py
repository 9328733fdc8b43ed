"""Sessions, refresh tokens and authorization codes of one org.

Sessions live by the org's clock, so a test can let them run out; they outlive a restart of the process.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from app.sandbox.auth import users
from app.sandbox.auth.apps import App, Apps
from app.sandbox.auth.errors import invalid_grant
from app.sandbox.auth.vault import Vault
from app.sandbox.errors import ApiError

if TYPE_CHECKING:
    from app.sandbox.http import Request
    from app.sandbox.org import Org

CODE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Session:
    """An access token and whom it speaks for. `seconds` without use end it; times are the org's clock."""

    token: str
    user_id: str
    client_id: str
    scope: str
    issued_at: int
    seconds: int
    #: the refresh token that it came from, if any
    refresh: str = ""


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token of a user for an app."""

    token: str
    user_id: str
    client_id: str
    scope: str


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, for one exchange within a quarter of an hour of the machine's clock."""

    code: str
    user_id: str
    client_id: str
    scope: str
    redirect_uri: str
    challenge: str
    nonce: str
    until: float


class Sessions:
    """Every token of one org. Safe under many threads."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._vault = Vault(org)
        self.apps = Apps(org, self._vault)
        self._lock = threading.RLock()
        self._sessions: dict[str, Session] = {}
        self._used: dict[str, int] = {}
        self._refresh: dict[str, Refresh] = {}
        self._codes: dict[str, Code] = {}

    def load(self) -> None:
        """Read apps and tokens from the database, at the start and after a reset.

        Whatever was in memory is forgotten. The org's own app is registered if it is not there.
        """
        self._vault.forget()
        self.apps.load()
        with self._lock:
            self._sessions = {k: Session(**v) for k, v in self._vault.load("session").items()}
            self._refresh = {k: Refresh(**v) for k, v in self._vault.load("refresh").items()}
            self._used.clear()
            self._codes.clear()

    # --- access tokens --------------------------------------------------------------------------

    def open(self, user_id: str, app: App, *, scope: str = "", refresh: str = "") -> Session:
        """A session for a user of an app: the one already open if the app shares them, else a new one."""
        scope = scope or app.scope
        with self._lock:
            if app.shared_sessions and not refresh:
                for session in self._sessions.values():
                    same = session.user_id == user_id and session.client_id == app.client_id
                    if same and session.scope == scope and not session.refresh and self._alive(session):
                        self._used[session.token] = self._org.clock.now()
                        return session
            session = Session(
                token=f"{self._org.org_id[:15]}!AQ{secrets.token_urlsafe(70).replace('-', '.')[:94]}",
                user_id=user_id,
                client_id=app.client_id,
                scope=scope,
                issued_at=self._org.clock.now(),
                seconds=app.session_seconds,
                refresh=refresh,
            )
            self._sessions[session.token] = session
        self._vault.save("session", session.token, asdict(session))
        return session

    def resolve(self, token: str) -> Session | None:
        """The live session of a token, whose life this use prolongs; None if there is none."""
        session = self._sessions.get(token)
        if session is None or not self._alive(session):
            return None
        self._used[token] = self._org.clock.now()
        return session

    def authenticate(self, request: Request) -> str:
        """The id of the user whose session the request's headers show. Raises as `user_of` does."""
        return self.user_of(token_in(request))

    def user_of(self, token: str) -> str:
        """The id of the active user behind a session who may use the API.

        Raises ApiError INVALID_SESSION_ID (also when the user is no longer active) or API_DISABLED_FOR_ORG.
        """
        session = self.resolve(token)
        allowed = users.may_use_api(self._org, session.user_id) if session else None
        if session is None or allowed is None:
            raise ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        if not allowed:
            message = "The REST API is not enabled for this Organization."
            raise ApiError("API_DISABLED_FOR_ORG", message, status=403)
        return session.user_id

    def expires_at(self, session: Session) -> int:
        """When the session ends if nobody uses it again, by the org's clock."""
        return self._used.get(session.token, session.issued_at) + session.seconds

    def _alive(self, session: Session) -> bool:
        return self._org.clock.now() < self.expires_at(session)

    def end(self, *, user_id: str | None = None, client_id: str | None = None) -> int:
        """End every session, or those of a user or an app. Refresh tokens stay. Returns how many ended."""
        with self._lock:
            ended = [
                s.token
                for s in self._sessions.values()
                if user_id in (None, s.user_id) and client_id in (None, s.client_id)
            ]
            for token in ended:
                del self._sessions[token]
        self._vault.remove("session", ended)
        return len(ended)

    def revoke(self, token: str) -> bool:
        """End what a token stands for: its session, or its refresh token and all that came from it."""
        with self._lock:
            sessions = [s.token for s in self._sessions.values() if token in (s.token, s.refresh)]
            for found in sessions:
                del self._sessions[found]
            refresh = self._refresh.pop(token, None)
        self._vault.remove("session", sessions)
        self._vault.remove("refresh", [token] if refresh else [])
        return bool(sessions or refresh)

    def revoke_user(self, user_id: str) -> int:
        """End every session and every refresh token of a user. Returns how many tokens ended."""
        with self._lock:
            refresh = [r.token for r in self._refresh.values() if r.user_id == user_id]
            for token in refresh:
                del self._refresh[token]
        self._vault.remove("refresh", refresh)
        return self.end(user_id=user_id) + len(refresh)

    # --- refresh tokens -------------------------------------------------------------------------

    def issue_refresh(self, user_id: str, app: App, scope: str) -> Refresh:
        """A new refresh token."""
        token = "5Aep861" + secrets.token_urlsafe(60).replace("-", ".")
        refresh = Refresh(token, user_id, app.client_id, scope)
        with self._lock:
            self._refresh[token] = refresh
        self._vault.save("refresh", token, asdict(refresh))
        return refresh

    def redeem_refresh(self, token: str, app: App) -> tuple[Refresh, Refresh]:
        """The token that was shown and the one to use next: the same, unless the app rotates them.

        Raises OAuthError `invalid_grant` for a token that is unknown, used up, or another app's.
        """
        with self._lock:
            known = self._refresh.get(token)
            if known is None or known.client_id != app.client_id:
                raise invalid_grant("expired access/refresh token")
            if not app.rotate_refresh_tokens:
                return known, known
            del self._refresh[token]
        self._vault.remove("refresh", [token])
        return known, self.issue_refresh(known.user_id, app, known.scope)

    def find_refresh(self, token: str) -> Refresh | None:
        """A refresh token that still works."""
        return self._refresh.get(token)

    # --- passwords ------------------------------------------------------------------------------

    def set_password(self, user_id: str, password: str) -> None:
        """Give a user a password; only its salted hash is kept."""
        salt = secrets.token_bytes(16)
        self._vault.save("password", user_id, {"salt": salt.hex(), "hash": _hashed(password, salt)})

    def has_password(self, user_id: str, password: str) -> bool:
        """Whether this is the user's password; a user who was given none has no right one."""
        kept = self._vault.load("password").get(user_id)
        return kept is not None and hmac.compare_digest(
            kept["hash"], _hashed(password, bytes.fromhex(kept["salt"]))
        )

    # --- authorization codes --------------------------------------------------------------------

    def issue_code(
        self, user_id: str, app: App, *, scope: str, redirect_uri: str, challenge: str, nonce: str
    ) -> str:
        """A code for one exchange."""
        code = Code(
            code="aPrx" + secrets.token_urlsafe(48),
            user_id=user_id,
            client_id=app.client_id,
            scope=scope,
            redirect_uri=redirect_uri,
            challenge=challenge,
            nonce=nonce,
            until=time.time() + CODE_SECONDS,
        )
        with self._lock:
            self._codes[code.code] = code
        return code.code

    def redeem_code(self, text: str, app: App, redirect_uri: str) -> Code:
        """The code, which is used up by this. Raises OAuthError `invalid_grant` if it is not good."""
        with self._lock:
            code = self._codes.pop(text, None)
        if code is None or code.client_id != app.client_id:
            raise invalid_grant("invalid authorization code")
        if time.time() >= code.until:
            raise invalid_grant("expired authorization code")
        if code.redirect_uri != redirect_uri:
            raise invalid_grant("redirect_uri must match configuration")
        return code


def _hashed(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1).hex()


def token_in(request: Request) -> str:
    """The token that a request carries in its headers; empty where there is none."""
    header: str = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in ("bearer", "oauth"):
        token = request.headers.get("x-sfdc-session", "")
    return token.strip()
