"""One session for every thread and process of a machine."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.kernel.errors import Misconfigured
from app.salesforce import AuthError, Connection, SalesforceUnavailable, TokenCache
from app.salesforce.login import ASSERTION_SECONDS, load_key
from tests.fixtures.scripted_org import Reply, ScriptedOrg, claims, rsa_key

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    rsa_key(path)
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ScriptedOrg]:
    org = ScriptedOrg(tmp_path)
    yield org
    org.close()


@pytest.fixture
def connection(server: ScriptedOrg, key_file: Path) -> Connection:
    return Connection(server.url, "app", "sync@example.com", str(key_file), str(server.ca))


def test_the_assertion_says_who_for_whom_and_for_less_than_three_minutes(
    server: ScriptedOrg, connection: Connection, key_file: Path
) -> None:
    TokenCache(connection).token()
    (form,) = server.logins
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    key = RSAKey.import_key(key_file.read_text())
    verified = jwt.decode(form["assertion"], key, algorithms=["RS256"]).claims
    assert (verified["iss"], verified["sub"]) == ("app", "sync@example.com")
    assert verified["aud"] == server.url
    assert 150 < verified["exp"] - time.time() <= ASSERTION_SECONDS < 180


def test_thirty_threads_that_meet_an_expired_session_sign_in_once(
    server: ScriptedOrg, connection: Connection, tmp_path: Path
) -> None:
    cache = TokenCache(connection, tmp_path / "token.json")
    stale = cache.token()
    barrier = threading.Barrier(30)

    def renew(_: int) -> str:
        barrier.wait()
        return cache.renew(stale).access_token

    with ThreadPoolExecutor(30) as pool:
        tokens = set(pool.map(renew, range(30)))
    assert tokens == {"token-2"}
    assert len(server.logins) == 2


def test_another_process_takes_over_the_token_without_signing_in(
    server: ScriptedOrg, connection: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "token.json"
    first = TokenCache(connection, path).token()
    second = TokenCache(connection, path).token()
    assert first == second
    assert len(server.logins) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_racing_with_a_rotating_refresh_token_never_use_an_old_one(
    server: ScriptedOrg, tmp_path: Path
) -> None:
    valid = {"r0"}

    def rotate(form: dict[str, str]) -> Reply:
        shown = form["refresh_token"]
        if shown not in valid:
            return Reply(400, {"error": "invalid_grant", "error_description": "expired access/refresh token"})
        valid.clear()
        valid.add(f"r{len(server.logins)}")
        time.sleep(0.01)
        return Reply(200, server.issue(form).body | {"refresh_token": next(iter(valid))})

    server.login = rotate
    connection = Connection(
        server.url, "app", ca_file=str(server.ca), grant="refresh_token", refresh_token="r0"
    )
    program = textwrap.dedent(
        """
        import json, sys
        from concurrent.futures import ThreadPoolExecutor
        from pathlib import Path
        from app.salesforce import Connection, TokenCache
        url, ca, path = sys.argv[1:]
        connection = Connection(url, "app", ca_file=ca, grant="refresh_token", refresh_token="r0")
        cache = TokenCache(connection, Path(path))
        def work(_):
            token = cache.token()
            for _ in range(5):
                token = cache.renew(token)
            return token.access_token
        with ThreadPoolExecutor(4) as pool:
            print(json.dumps(list(pool.map(work, range(4)))))
        """
    )
    path = tmp_path / "token.json"
    command = [sys.executable, "-c", program, server.url, str(server.ca), str(path)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert len(json.loads(out)) == 4
    stored = json.loads(path.read_text())
    assert {stored["refresh_token"]} == valid
    shown = [form["refresh_token"] for form in server.logins]
    assert len(shown) == len(set(shown)), "a refresh token was used twice"
    assert TokenCache(connection, path).token().access_token == stored["access_token"]


def test_a_token_of_another_connection_or_half_a_file_is_not_used(
    server: ScriptedOrg, connection: Connection, key_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "token.json"
    TokenCache(connection, path).token()
    other = Connection(server.url, "app", "other@example.com", str(key_file), str(server.ca))
    assert TokenCache(other, path).token().access_token == "token-2"
    path.write_text('{"access_tok')
    assert TokenCache(connection, path).token().access_token == "token-3"


def test_a_wrong_clock_is_forgiven_by_asking_on_the_orgs_clock(
    server: ScriptedOrg, connection: Connection
) -> None:
    ahead = 600

    def strict(form: dict[str, str]) -> Reply:
        now = time.time() + ahead
        if not now < claims(form["assertion"])["exp"] <= now + 300:
            from email.utils import formatdate

            return Reply(
                400,
                {"error": "invalid_grant", "error_description": "expired authorization code"},
                {"Date": formatdate(now, usegmt=True)},
            )
        return server.issue(form)

    server.login = strict
    assert TokenCache(connection).token().access_token == "token-2"


def test_nobody_ever_logs_out(server: ScriptedOrg, connection: Connection, tmp_path: Path) -> None:
    cache = TokenCache(connection, tmp_path / "token.json")
    cache.renew(cache.token())
    del cache
    assert server.calls == []


@pytest.mark.parametrize(
    ("error", "description", "said"),
    [
        ("invalid_client_id", "client identifier invalid", "does not know this client id"),
        ("invalid_client", "invalid client credentials", "client id with this secret"),
        ("invalid_grant", "invalid assertion", "does not belong to the certificate"),
        ("invalid_grant", "audience is invalid", "not the one this org expects"),
        ("invalid_grant", "user hasn't approved this consumer", "not pre-authorised for sync@example.com"),
        ("invalid_grant", "inactive user", "inactive or frozen"),
        ("invalid_grant", "expired authorization code", "clock may be wrong"),
        ("invalid_grant", "ip restricted", "sign in from this address"),
        ("invalid_request", "this flow is not enabled for this app", "does not allow the JWT bearer flow"),
        ("unsupported_grant_type", "grant type not supported", "does not allow the JWT bearer flow"),
        ("odd_error", "something new", "odd_error: something new"),
    ],
)
def test_each_oauth_error_has_its_own_sentence_and_place(
    server: ScriptedOrg, connection: Connection, error: str, description: str, said: str
) -> None:
    server.login = lambda form: Reply(400, {"error": error, "error_description": description})
    with pytest.raises(AuthError, match=said) as caught:
        TokenCache(connection).token()
    assert "Setup" in caught.value.remedy or "clock" in caught.value.remedy
    assert caught.value.salesforce_code == error


def test_an_error_page_at_the_sign_in_is_not_taken_for_a_refusal(
    server: ScriptedOrg, connection: Connection
) -> None:
    server.login = lambda form: Reply(503, b"<html>down</html>")
    with pytest.raises(SalesforceUnavailable):
        TokenCache(connection).token()


def test_an_unusable_key_says_why(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read: No such file"):
        load_key(tmp_path / "missing.pem")
    certificate = tmp_path / "certificate.pem"
    certificate.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(Misconfigured, match="not a private key in PEM form"):
        load_key(certificate)
    locked = tmp_path / "locked.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "RSA", "-aes256", "-pass", "pass:x", "-out", locked],
        check=True,
        capture_output=True,
    )
    with pytest.raises(Misconfigured, match="protected by a passphrase"):
        load_key(locked)
    curve = tmp_path / "curve.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", curve],
        check=True,
        capture_output=True,
    )
    with pytest.raises(Misconfigured, match="not an RSA key"):
        load_key(curve)


def test_secrets_are_not_in_anything_printed(connection: Connection, server: ScriptedOrg) -> None:
    token = TokenCache(connection).token()
    assert "token-1" not in repr(token)
    secret = Connection(server.url, "app", grant="client_credentials", client_secret="hush")
    assert "hush" not in repr(secret)
