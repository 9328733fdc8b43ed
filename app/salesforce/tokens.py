"""Access tokens, shared by every thread and process on the machine.

The current token lies in a 0600 file. Whoever needs a new one takes a lock, looks whether somebody else
has renewed it in the meantime, and only then asks Salesforce: a hundred workers that meet an expired
session cause one login. A rotated refresh token is on disk before anyone uses the access token that came
with it. Nothing here ever logs out or revokes: the session is shared.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from app.kernel.errors import Misconfigured
from app.kernel.ids import eighteen
from app.salesforce.connection import Connection, read_private, write_private
from app.salesforce.login import login


@dataclass(frozen=True, slots=True)
class Token:
    """A session: its access token, the org's address, and who we are there."""

    access_token: str
    instance_url: str
    identity_url: str = ""
    refresh_token: str = ""

    def __repr__(self) -> str:
        return f"Token({self.instance_url!r})"

    @property
    def user_id(self) -> str:
        """The 18-character id of the user, from the identity URL; empty when unknown."""
        return self.identity_url.rsplit("/", 1)[-1]

    @property
    def org_id(self) -> str:
        """The 18-character id of the org, from the identity URL; empty when unknown."""
        parts = self.identity_url.rsplit("/", 2)
        return eighteen(parts[-2]) or "" if len(parts) == 3 else ""


class TokenCache:
    """The current token of one connection, kept in `path`, or in memory only when path is None."""

    def __init__(self, connection: Connection, path: Path | None = None, *, timeout: float = 30.0) -> None:
        self._connection = connection
        self._path = path
        self._timeout = timeout
        self._mutex = threading.Lock()
        self._current: Token | None = None
        owner = f"{connection.token_url}\n{connection.client_id}\n{connection.grant}\n{connection.username}"
        self._fingerprint = hashlib.sha256(owner.encode()).hexdigest()

    def token(self) -> Token:
        """The current token; signs in when there is none yet. Raises AuthError or SalesforceUnavailable."""
        current = self._current
        return current if current is not None else self.renew(None)

    def renew(self, stale: Token | None) -> Token:
        """A token other than `stale`: somebody else's newer one if there is one, else a fresh login."""
        with self._mutex:
            if self._current is not None and self._current != stale:
                return self._current
            with self._file_lock():
                stored = self._read()
                if stored is not None and (stale is None or stored.access_token != stale.access_token):
                    self._current = stored
                    return stored
                return self._login(stored)

    def sign_in(self) -> Token:
        """A fresh login whatever token there is, to see whether the connection works."""
        with self._mutex, self._file_lock():
            return self._login(self._read())

    def _login(self, stored: Token | None) -> Token:
        # The file's refresh token is the newest: another process may have rotated it.
        refresh = stored.refresh_token if stored else ""
        answer = login(self._connection, refresh_token=refresh, timeout=self._timeout)
        token = Token(
            access_token=str(answer["access_token"]),
            instance_url=str(answer["instance_url"]).rstrip("/"),
            identity_url=str(answer.get("id", "")),
            refresh_token=str(answer.get("refresh_token") or refresh),
        )
        self._write(token)
        self._current = token
        return token

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        if self._path is None:
            yield
            return
        lock = self._path.with_name(self._path.name + ".lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Misconfigured(
                f"the token's lock cannot be opened: {error.strerror or error}.",
                where=str(lock),
                remedy="Make the data directory writable for this user.",
                code="file_not_writable",
            ) from error
        try:
            # A holder is inside one login with its own timeout, so waiting longer means it hangs.
            deadline = time.monotonic() + 2 * self._timeout
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Misconfigured(
                            "another process has held the token's lock for too long.",
                            where=str(lock),
                            remedy="Look for a hanging `tandem` process and stop it.",
                            code="token_lock",
                        ) from None
                    time.sleep(0.02)
            yield
        finally:
            os.close(handle)

    def _read(self) -> Token | None:
        if self._path is None:
            return self._current
        stored = read_private(self._path)
        if stored is None or stored.pop("fingerprint", None) != self._fingerprint:
            return None
        try:
            return Token(**stored)
        except TypeError:
            return None

    def _write(self, token: Token) -> None:
        if self._path is not None:
            content = asdict(token) | {"fingerprint": self._fingerprint}
            write_private(self._path, orjson.dumps(content))
