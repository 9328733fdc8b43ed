"""Which system user the servers run as. PostgreSQL refuses root, so root hands them to a lesser user."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.kernel.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Account:
    """A system user that the servers run as."""

    name: str
    uid: int
    gid: int

    def spawn_options(self) -> dict[str, Any]:
        """Arguments for `subprocess.Popen` that start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def service_account() -> Account | None:
    """None for an ordinary user, who runs the servers itself; for root, `postgres` or else `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Misconfigured(
        "PostgreSQL cannot run as root, and this machine has neither a user `postgres` nor `nobody`.",
        remedy="Create one of them, run Tandem as an ordinary user, or set DATABASE_URL and REDIS_URL.",
    )


def spawn_options(account: Account | None) -> dict[str, Any]:
    """Arguments for `subprocess.Popen`; none when the servers run as the present user."""
    return account.spawn_options() if account else {}


def may_enter(directory: Path, account: Account | None) -> bool:
    """Whether the account can go into the directory, through all of its parents."""
    if account is None:
        return os.access(directory, os.X_OK)
    probe = subprocess.run(  # noqa: S603 - a fixed command
        ["/bin/sh", "-c", 'cd "$1" 2>/dev/null', "sh", str(directory)],
        check=False,
        cwd="/",
        **account.spawn_options(),
    )
    return probe.returncode == 0


def home_for_servers(data_dir: Path, account: Account | None) -> Path:
    """The directory below which the servers keep their data, made if need be.

    That is `services` in the data directory. Only when Tandem runs as root below a directory that the
    account may not enter (root's own home, say) it is `/var/lib/tandem-<hash of the data directory>`.
    """
    home = data_dir / "services"
    home.mkdir(parents=True, exist_ok=True)
    if may_enter(home, account):
        return home
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    away = Path("/var/lib") / f"tandem-{digest}"
    away.mkdir(mode=0o755, parents=True, exist_ok=True)
    return away


def own_directory(path: Path, account: Account | None) -> Path:
    """Make a directory that only the account may enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    give(path, account)
    return path


def give(path: Path, account: Account | None) -> None:
    """Make the account the owner of a file or directory (of the directory itself, not of what is in it)."""
    if account is not None and path.stat().st_uid != account.uid:
        shutil.chown(path, account.uid, account.gid)
