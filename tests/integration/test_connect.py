"""`tandem connect`: each thing that can be wrong has its own line, and none ends in a traceback."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import tandem
from app.config import Settings
from app.kernel.errors import Misconfigured, TandemError
from app.salesforce import Connection
from tests.fixtures.org import OrgProcess
from tests.fixtures.scripted_org import Reply, ScriptedOrg, rsa_key

ROOT = Path(__file__).resolve().parents[2]

MAPPING = """\
object: Account
table: account
external_id: Tandem_Id__c
fields:
  - {sf: Name, local: name}
  - {sf: Phone, local: phone}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "Account.yaml").write_text(MAPPING)
    return tmp_path


_PARTS = ("LOGIN_URL", "CLIENT_ID", "USERNAME", "KEY_FILE", "CA_FILE", "API_VERSION")


@dataclass(frozen=True)
class Done:
    """How the command ended."""

    returncode: int
    stdout: str
    stderr: str


class Run:
    """One run of the command with everything well, except what the test changes."""

    def __init__(self, home: Path, org: OrgProcess) -> None:
        self.home = home
        self.options = {
            "--login-url": org.https,
            "--client-id": org.client_id,
            "--username": org.username,
            "--key-file": str(org.key_file),
            "--ca-file": org.ca,
        }

    def __call__(self, *arguments: str, stdin: str = "", **changed: str) -> Done:
        options = self.options | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
        given = [part for pair in options.items() if pair[1] for part in pair]
        return self.bare(*given, *arguments, stdin=stdin)

    def bare(self, *arguments: str, stdin: str = "") -> Done:
        """Only these arguments, in this process."""
        result = CliRunner().invoke(tandem, ["connect", *arguments], input=stdin, env=self.environment)
        if result.exception is None or isinstance(result.exception, SystemExit):
            return Done(result.exit_code, result.stdout, result.stderr)
        assert isinstance(result.exception, TandemError), result.exc_info
        return Done(1, result.stdout, result.stderr + result.exception.sentence())

    def process(self, *arguments: str) -> Done:
        """Only these arguments, in a process of its own, as an admin runs it."""
        unset = {name: value for name, value in os.environ.items() if name not in self.environment}
        given = {name: value for name, value in self.environment.items() if value is not None}
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "connect", *arguments],
            cwd=ROOT,
            env=unset | given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @property
    def environment(self) -> dict[str, str | None]:
        """The command's variables; None unsets one."""
        unset = dict.fromkeys(f"SALESFORCE_{part}" for part in _PARTS)
        return unset | {
            "TANDEM_DATA_DIR": str(self.home / "data"),
            "TANDEM_MAPPINGS_DIR": str(self.home / "mappings"),
            "NO_COLOR": "1",
        }

    @property
    def saved(self) -> Path:
        """Where the connection is kept."""
        return self.home / "data" / "connection.json"


@pytest.fixture
def run(home: Path, org: OrgProcess) -> Run:
    return Run(home, org)


def failed(done: Done) -> list[str]:
    """The lines that say what is wrong."""
    return [line.removeprefix("✗ ") for line in done.stdout.splitlines() if line.startswith("✗ ")]


def test_a_connection_that_works_is_kept_for_this_user_only(run: Run, org: OrgProcess) -> None:
    done = run()
    assert failed(done) == []
    assert done.returncode == 0, done.stdout + done.stderr
    passed = [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("✓")]
    assert passed == [
        "✓ Address",
        "✓ Private key",
        "✓ App",
        "✓ Certificate",
        "✓ Audience",
        "✓ User",
        "✓ API access",
        "✓ API calls",
        "✓ Org",
        "✓ Features",
        "✓ Account",
    ]
    assert stat.S_IMODE(run.saved.stat().st_mode) == 0o600
    settings = Settings(TANDEM_DATA_DIR=run.home / "data")
    connection = Connection.load(settings)
    assert (connection.login_url, connection.username) == (org.https, org.username)
    checked = run.bare("--check")
    assert checked.returncode == 0
    assert checked.stdout.endswith("The connection works.\n")


def test_a_sandbox_org_is_connected_by_the_line_it_prints(run: Run, org: OrgProcess) -> None:
    line = {"https": org.https, "ca": org.ca, "client_id": org.client_id, "username": org.username}
    done = run.bare("--sandbox-json", "-", stdin=json.dumps(line) + "\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert run.saved.exists()
    nonsense = run.bare("--sandbox-json", "-", stdin="hello\n")
    assert nonsense.returncode == 1
    assert "not the JSON object" in nonsense.stderr


def test_a_sandbox_org_is_connected_by_its_directory(run: Run, org: OrgProcess, home: Path) -> None:
    done = run.bare("--sandbox-dir", str(org.data))
    assert done.returncode == 0, done.stdout + done.stderr
    assert Connection.read(run.saved).login_url == org.https
    nobody = run.bare("--sandbox-dir", str(home))
    assert nobody.returncode == 1
    assert "tandem sandbox org --data" in nobody.stderr


def test_nothing_answers_at_the_address(run: Run) -> None:
    done = run(login_url="https://localhost:9")
    assert done.returncode == 1
    assert failed(done) == ["Address: https://localhost:9: nothing answers at this address."]
    assert not run.saved.exists()


def test_an_admin_sees_one_sentence_and_no_traceback(run: Run) -> None:
    options = {"--login-url": "https://localhost:9", "--client-id": "x", "--username": "y", "--key-file": "z"}
    done = run.process(*(part for pair in options.items() for part in pair))
    assert done.returncode == 1
    assert failed(done) == ["Address: https://localhost:9: nothing answers at this address."]
    assert done.stderr == ""
    done = run.process("--check")
    assert done.returncode == 1
    assert done.stderr.startswith("tandem: ")
    assert done.stderr.count("\n") == 1


def test_there_is_no_such_host(run: Run) -> None:
    done = run(login_url="https://no-such-host.invalid")
    (line,) = failed(done)
    assert "there is no host of this name" in line


def test_the_authority_is_not_trusted(run: Run) -> None:
    done = run(ca_file="")
    assert failed(done)[0].endswith("comes from an authority this machine does not trust.")
    assert "--ca-file" in done.stdout


def test_the_ca_file_is_missing_or_holds_something_else(run: Run, home: Path) -> None:
    done = run(ca_file=str(home / "missing.pem"))
    assert f"the CA file {home / 'missing.pem'} is missing" in failed(done)[0]
    (home / "odd.pem").write_text("not a certificate\n")
    assert (
        f"the CA file {home / 'odd.pem'} holds no certificate"
        in failed(run(ca_file=str(home / "odd.pem")))[0]
    )


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[_Servers]]:
    _Servers.directory = tmp_path_factory
    yield _Servers
    while _Servers.running:
        _Servers.running.pop().close()


class _Servers:
    directory: pytest.TempPathFactory
    running: list[ScriptedOrg] = []

    @classmethod
    def start(cls, **options: object) -> ScriptedOrg:
        server = ScriptedOrg(cls.directory.mktemp("served"), **options)  # type: ignore[arg-type]
        cls.running.append(server)
        return server


def test_the_certificate_has_expired(run: Run, served: type[_Servers]) -> None:
    server = served.start(days=-1)
    done = run(login_url=server.url, ca_file=str(server.ca))
    assert failed(done)[0].endswith("the server's certificate has expired.")


def test_the_certificate_was_made_for_another_address(run: Run, served: type[_Servers]) -> None:
    server = served.start(name="elsewhere.example")
    done = run(login_url=server.url, ca_file=str(server.ca))
    assert failed(done)[0].endswith("the server's certificate was made for another address.")


def test_the_address_is_some_web_page(run: Run, served: type[_Servers]) -> None:
    server = served.start()
    server.default = Reply(200, b"<html>Welcome</html>")
    done = run(login_url=server.url, ca_file=str(server.ca))
    assert "answers, but not as Salesforce does" in failed(done)[0]


def test_an_old_org_does_not_serve_the_api_version(run: Run, served: type[_Servers]) -> None:
    server = served.start()
    server.default = Reply(200, [{"version": "58.0"}, {"version": "9.0"}])
    done = run(login_url=server.url, ca_file=str(server.ca))
    assert failed(done) == ["Address: the org does not serve API version 67.0; its newest is 58.0."]


def test_the_key_is_missing_open_to_others_or_another_apps(run: Run, home: Path) -> None:
    assert "cannot be read: No such file" in failed(run(key_file=str(home / "missing.pem")))[0]
    other = home / "other.pem"
    rsa_key(other)
    wrong = run(key_file=str(other))
    assert failed(wrong) == ["Certificate: the private key does not belong to the certificate in the app."]
    assert "✓ App" in wrong.stdout
    assert "Upload the certificate" in wrong.stdout
    other.chmod(0o644)
    assert failed(run(key_file=str(other)))[0].endswith("may read the key (mode 0644).")


def test_an_admin_without_a_key_is_given_one_and_told_where_its_certificate_goes(
    run: Run, home: Path, org: OrgProcess
) -> None:
    key = home / "tandem.pem"
    done = run.bare("--new-key", str(key))
    assert done.returncode == 0
    assert "Enable JWT Bearer Flow" in done.stdout
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    again = run.bare("--new-key", str(key))
    assert again.returncode == 1
    assert "does not overwrite a key" in again.stderr
    assert key.read_bytes() == before
    org.admin("app", certificate=key.with_suffix(".crt").read_text())
    assert run(key_file=str(key)).returncode == 0


def test_the_app_is_unknown(run: Run) -> None:
    done = run(client_id="3MVG9nobody")
    assert failed(done) == ["App: Salesforce does not know this client id."]
    assert "External Client App Manager" in done.stdout


def test_the_user_is_unknown_or_not_pre_authorised(run: Run) -> None:
    done = run(username="nobody@example.com")
    (line,) = failed(done)
    assert line.startswith("User: the app is not pre-authorised for nobody@example.com")
    assert "Permitted Users" in done.stdout


def test_the_app_does_not_allow_the_flow_or_the_user(run: Run, org: OrgProcess) -> None:
    org.admin("app", flows=["client_credentials"])
    assert failed(run()) == ["App: the app does not allow the JWT bearer flow."]
    org.reset()
    org.admin("app", permitted=["rep@example.com"])
    (line,) = failed(run())
    assert line.startswith(f"User: the app is not pre-authorised for {org.username}")


def test_a_user_without_the_api_is_sent_to_its_permission_set(run: Run, org: OrgProcess) -> None:
    refusal = {"status": 403, "code": "API_DISABLED_FOR_ORG", "message": "API is not enabled for this user"}
    org.fault("error", path="/limits", **refusal)
    done = run()
    (line,) = failed(done)
    assert line.startswith("API access: ")
    assert "“API Enabled”" in done.stdout


def test_a_field_nobody_deployed_is_named_with_the_command_that_deploys_it(run: Run, home: Path) -> None:
    with (home / "mappings" / "Account.yaml").open("a") as file:
        file.write("  - {sf: Shoe_Size__c, local: extra.shoe_size}\n")
    done = run()
    assert done.returncode == 1
    assert failed(done) == ["Account: missing or hidden: Shoe_Size__c."]
    assert "sf project deploy start -m CustomField:Account.Shoe_Size__c" in done.stdout
    assert not run.saved.exists()


def test_a_hidden_field_is_missing_and_a_read_only_one_cannot_be_written(run: Run, org: OrgProcess) -> None:
    org.admin("revoke_field", object="Account", field="Phone", read=False)
    assert failed(run()) == ["Account: the user may not write Phone."]
    org.admin("revoke_field", object="Account", field="Phone")
    assert failed(run()) == ["Account: missing or hidden: Phone."]


def test_an_org_without_calls_left_says_so(run: Run, org: OrgProcess) -> None:
    org.fault("quota")
    done = run()
    assert done.returncode == 1
    assert "the org has used up its API calls" in done.stdout


def test_a_malformed_mapping_ends_with_its_place(run: Run, home: Path) -> None:
    (home / "mappings" / "Account.yaml").write_text("object: [unclosed\n")
    done = run()
    assert done.returncode == 1
    assert "Account.yaml" in done.stderr


def test_without_a_terminal_a_missing_option_is_named(run: Run) -> None:
    done = run.bare("--login-url", "https://acme.my.salesforce.com")
    assert done.returncode == 1
    assert "--client-id is missing" in done.stderr


def test_nothing_is_connected_yet(run: Run, home: Path) -> None:
    done = run.bare("--check")
    assert done.returncode == 1
    assert "Run `tandem connect`" in done.stderr
    with pytest.raises(Misconfigured, match="not connected"):
        Connection.load(Settings(TANDEM_DATA_DIR=home / "data"))


def test_a_data_directory_that_cannot_be_written_keeps_nothing_half(run: Run, home: Path) -> None:
    (home / "data").write_text("a file where the directory should be")
    done = run()
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert (home / "data").read_text() == "a file where the directory should be"
