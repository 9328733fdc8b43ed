"""Where the connection is kept, and what happens when it cannot be read or written."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.config import Settings
from app.kernel.errors import Misconfigured
from app.salesforce import Connection, Gateway
from app.salesforce.connection import write_private

SAVED = Connection("https://acme.my.salesforce.com/", "app", "sync@example.com", "/keys/key.pem")


def settings(home: Path, **values: str) -> Settings:
    return Settings.model_validate({"TANDEM_DATA_DIR": home} | values)


def test_a_saved_connection_is_loaded_again_and_private(tmp_path: Path) -> None:
    path = SAVED.save(tmp_path / "data")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Connection.load(settings(tmp_path / "data")) == SAVED
    assert SAVED.login_url == "https://acme.my.salesforce.com"
    assert SAVED.token_url == "https://acme.my.salesforce.com/services/oauth2/token"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    SAVED.save(tmp_path)
    loaded = Connection.load(
        settings(
            tmp_path,
            SALESFORCE_LOGIN_URL="https://other.my.salesforce.com",
            SALESFORCE_CLIENT_ID="other-app",
            SALESFORCE_USERNAME="other@example.com",
            SALESFORCE_KEY_FILE="/keys/other.pem",
        )
    )
    assert (loaded.login_url, loaded.client_id) == ("https://other.my.salesforce.com", "other-app")
    assert (loaded.username, loaded.key_file) == ("other@example.com", "/keys/other.pem")


def test_half_an_environment_is_refused_by_name_rather_than_mixed_with_the_file(tmp_path: Path) -> None:
    SAVED.save(tmp_path)
    half = settings(tmp_path, SALESFORCE_LOGIN_URL="https://other.my.salesforce.com")
    with pytest.raises(Misconfigured, match="not SALESFORCE_CLIENT_ID, SALESFORCE_USERNAME"):
        Connection.load(half)


def test_an_admin_sets_tandems_share_of_the_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SAVED.save(tmp_path)
    monkeypatch.setenv("TANDEM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SALESFORCE_API_SHARE", "0.25")
    monkeypatch.setenv("SALESFORCE_API_RESERVE", "0.4")
    with Gateway.open(Settings.from_env()) as gateway:
        gateway.budget.observe("api-usage=0/1000")
        usage = gateway.budget.usage()
    assert (usage.ceiling, usage.reserve) == (250, 400)
    monkeypatch.setenv("SALESFORCE_API_SHARE", "lots")
    with pytest.raises(Misconfigured, match="environment variable SALESFORCE_API_SHARE: it holds “lots”"):
        Settings.from_env()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"login_url": "https://x.example", "odd": 1}'])
def test_a_damaged_file_names_itself_and_the_remedy(tmp_path: Path, content: str) -> None:
    (tmp_path / "connection.json").write_text(content)
    with pytest.raises(Misconfigured, match=r"connection\.json: .*Run `tandem connect` again"):
        Connection.load(settings(tmp_path))


def test_a_full_disk_leaves_the_old_connection_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = SAVED.save(tmp_path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Misconfigured, match="No space left on device"):
        write_private(path, b"{}")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["connection.json"]
