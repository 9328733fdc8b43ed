"""Addresses, passwords and ports."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from app.config import Settings
from app.kernel.errors import Misconfigured
from app.services import ServiceUrls, locate, ports, state

URLS = {
    "DATABASE_URL": "postgresql://tandem_app:a@127.0.0.1:1/tandem",
    "DATABASE_OWNER_URL": "postgresql://tandem_owner:b@127.0.0.1:1/tandem",
    "REDIS_URL": "redis://:c@127.0.0.1:2/0",
}
NOTHING = {"DATABASE_URL": None, "DATABASE_OWNER_URL": None, "REDIS_URL": None}


def test_the_environments_addresses_come_first(tmp_path: Path) -> None:
    state.write(tmp_path, {"urls": URLS})
    given = {"DATABASE_URL": "postgresql://x:y@db/z", "REDIS_URL": "redis://cache"}
    found = locate(Settings(TANDEM_DATA_DIR=tmp_path, **(NOTHING | given)))
    assert found == ServiceUrls("postgresql://x:y@db/z", "postgresql://x:y@db/z", "redis://cache")


def test_without_them_those_of_the_running_servers_are_used(tmp_path: Path) -> None:
    state.write(tmp_path, {"urls": URLS})
    lock = state.Lock(tmp_path)
    assert lock.take()
    found = locate(Settings(TANDEM_DATA_DIR=tmp_path, **NOTHING))
    lock.release()
    assert found == ServiceUrls(URLS["DATABASE_URL"], URLS["DATABASE_OWNER_URL"], URLS["REDIS_URL"])


def test_addresses_of_servers_that_do_not_run_any_more_are_not_used(tmp_path: Path) -> None:
    state.write(tmp_path, {"urls": URLS})
    with pytest.raises(Misconfigured) as error:
        locate(Settings(TANDEM_DATA_DIR=tmp_path, **NOTHING))
    assert error.value.sentence() == (
        f"No PostgreSQL is running for {tmp_path}. Run `tandem services start`, or set DATABASE_URL."
    )


def test_only_the_missing_server_is_named(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://x:y@db/z"}
    with pytest.raises(Misconfigured, match=r"No Redis is running .* or set REDIS_URL"):
        locate(Settings(TANDEM_DATA_DIR=tmp_path, **(NOTHING | given)))


def test_one_data_directory_has_one_supervisor(tmp_path: Path) -> None:
    first, second = state.Lock(tmp_path), state.Lock(tmp_path)
    assert not state.running(tmp_path)
    assert first.take()
    assert state.running(tmp_path)
    assert not second.take()
    first.release()
    assert not state.running(tmp_path)
    assert second.take()
    second.release()


def test_passwords_and_addresses_are_for_the_owner_only_and_passwords_stay(tmp_path: Path) -> None:
    made = state.passwords(tmp_path, ("one", "two"))
    state.write(tmp_path, {"urls": URLS})
    assert made["one"] != made["two"]
    assert state.passwords(tmp_path, ("one", "two", "three")).items() > made.items()
    for path in (tmp_path / state.SECRETS, tmp_path / state.STATE):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_state_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / state.STATE).write_text("{")
    with pytest.raises(Misconfigured, match=r"services.json: The file is not the JSON that Tandem wrote"):
        state.read(tmp_path)


def test_a_port_is_kept_while_it_is_free_and_changed_when_it_is_taken() -> None:
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        changed = ports.choose(None, taken, "Valkey", "--valkey-port")
        assert changed != taken
    assert ports.choose(None, taken, "Valkey", "--valkey-port") == taken


def test_a_port_that_was_asked_for_is_never_silently_changed() -> None:
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"Port {taken} on 127.0.0.1 is in use by another program"):
            ports.choose(taken, None, "Valkey", "--valkey-port")
