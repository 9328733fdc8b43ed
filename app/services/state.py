"""What the supervisor leaves in the data directory, readable by its owner only.

services.json          addresses, ports, versions, the supervisor's process id
services.lock          locked as long as a supervisor runs
services/secrets.json  passwords, made once
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config import Settings
from app.kernel.errors import Misconfigured

STATE = "services.json"
LOCK = "services.lock"
SECRETS = "services/secrets.json"
_TRIES = 20


@dataclass(frozen=True, slots=True)
class ServiceUrls:
    """Where PostgreSQL and Redis are.

    database: the service's own role, bound by row-level security.
    database_owner: the role that owns the tables and runs migrations.
    redis: `redis://…`, with its password.
    database_admin: a superuser's address, known for embedded servers only.
    """

    database: str
    database_owner: str
    redis: str
    database_admin: str | None = None


def locate(settings: Settings) -> ServiceUrls:
    """The addresses to use: the environment's first, else those of the running embedded servers.

    Raises Misconfigured, naming the command to run, when an address is in neither place.
    """
    if settings.database_url and settings.redis_url:
        owner = settings.database_owner_url or settings.database_url
        return ServiceUrls(settings.database_url, owner, settings.redis_url)
    state = read(settings.data_dir) if running(settings.data_dir) else {}
    urls: Mapping[str, str] = state.get("urls", {})
    database = settings.database_url or urls.get("DATABASE_URL")
    owner_url = settings.database_owner_url or settings.database_url or urls.get("DATABASE_OWNER_URL")
    redis = settings.redis_url or urls.get("REDIS_URL")
    if not (database and owner_url and redis):
        missing = "PostgreSQL" if not database else "Redis"
        variable = "DATABASE_URL" if not database else "REDIS_URL"
        raise Misconfigured(
            f"No {missing} is running for {settings.data_dir}.",
            remedy=f"Run `tandem services start`, or set {variable}.",
        )
    return ServiceUrls(database, owner_url, redis, urls.get("DATABASE_ADMIN_URL"))


def read(data_dir: Path) -> dict[str, Any]:
    """The state file as it is; empty when there is none. Raises Misconfigured when it cannot be read."""
    return _load(data_dir / STATE)


def write(data_dir: Path, state: Mapping[str, Any]) -> None:
    """Replace the state file at once, so that no reader sees half of it."""
    write_private(data_dir / STATE, json.dumps(state, indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, replacing what was there in one step."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def passwords(data_dir: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The passwords by name. Those that do not exist yet are made and kept."""
    path = data_dir / SECRETS
    known = _load(path)
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(24) for name in missing}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, json.dumps(known, indent=2) + "\n")
    return {name: known[name] for name in names}


def running(data_dir: Path) -> bool:
    """Whether a supervisor holds the lock of this data directory."""
    try:
        descriptor = os.open(data_dir / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except PermissionError as error:
        raise _unreadable(data_dir / LOCK) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class Lock:
    """The supervisor's claim on a data directory. It ends with the process, however that ends."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / LOCK
        self._descriptor = -1

    def take(self) -> bool:
        """Whether the claim succeeded; False when another supervisor holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        for _ in range(_TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # Perhaps somebody only looks whether it is taken, which takes microseconds.
                time.sleep(0.01)
            else:
                self._descriptor = descriptor
                return True
        os.close(descriptor)
        return False

    def release(self) -> None:
        """Give the claim up. The file stays: removing it would let two supervisors lock two files."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _load(path: Path) -> dict[str, Any]:
    try:
        content = path.read_text()
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise _unreadable(path) from error
    try:
        loaded = json.loads(content)
    except ValueError as error:
        raise Misconfigured(
            "The file is not the JSON that Tandem wrote.",
            where=str(path),
            remedy="Restore it from a backup, or delete the data directory to start empty.",
        ) from error
    assert isinstance(loaded, dict)
    return loaded


def _unreadable(path: Path) -> Misconfigured:
    return Misconfigured(
        "This user may not read the file.",
        where=str(path),
        remedy="Run the command as the user who started the services, or set TANDEM_DATA_DIR to a directory "
        "of your own.",
    )
