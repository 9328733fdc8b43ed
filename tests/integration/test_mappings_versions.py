"""Versions of the mappings: stored whole or not at all, and the next sync agrees anew on what changed."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app import cli
from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Misconfigured, NotFound
from app.services.state import ServiceUrls
from app.sync import mapping_store as store
from app.sync.admin.preview import preview
from app.sync.mapping import MappingFaults

ACCOUNT = """\
object: Account
table: account
external_id: Tandem_Id__c
fields:
  - {sf: Name, local: name}
  - {sf: Type, local: type, type: picklist}
"""
WITH_RATING = ACCOUNT + "  - {sf: Rating, local: extra.rating, type: picklist}\n"
FIRST = {"Account.yaml": ACCOUNT}
SECOND = {"Account.yaml": WITH_RATING}


def apply(database: Database, documents: dict[str, str], note: str = "") -> store.Version:
    with database.session(SYSTEM) as session:
        return store.apply(session, documents, by="ada", note=note)


def rows(database: Database, statement: str, **values: Any) -> list[Any]:
    with database.session(SYSTEM) as session:
        return [tuple(row) for row in session.execute(text(statement), values)]


def linked_account(database: Database, number: int, base: str, **columns: Any) -> UUID:
    """An account that both sides know, with nothing left to send."""
    local_id = UUID(int=number)
    with database.session(SYSTEM) as session:
        session.execute(text("SELECT set_config('tandem.applying', 'on', true)"))
        session.execute(
            text(
                "INSERT INTO account (id, name, type, extra) "
                "VALUES (:id, :name, :type, CAST(:extra AS jsonb))"
            ),
            {"id": local_id, "name": "Siemens", "type": None, "extra": "{}", **columns},
        )
        session.execute(
            text(
                "INSERT INTO sync_link (local_id, table_name, sobject, sf_id, base) "
                "VALUES (:id, 'account', 'Account', :sf_id, CAST(:base AS jsonb))"
            ),
            {"id": local_id, "sf_id": f"001{number:012d}AAA", "base": base},
        )
    return local_id


def test_a_version_is_stored_with_its_author_and_becomes_active(database: Database) -> None:
    first = apply(database, FIRST, "to begin with")
    second = apply(database, SECOND)
    with database.session(SYSTEM) as session:
        found = store.active(session)
        listed = store.versions(session)
    assert found == second
    assert [(v.id, v.active, v.applied_by, v.note) for v in listed] == [
        (second.id, True, "ada", ""),
        (first.id, False, "ada", "to begin with"),
    ]
    assert found is not None
    assert "Rating" in found.mappings().by_sobject("Account").by_sf


def test_what_is_active_already_makes_no_new_version(database: Database) -> None:
    first = apply(database, FIRST)
    assert apply(database, {"Account.yaml": "# a comment\n" + ACCOUNT}).id == first.id
    assert rows(database, "SELECT count(*) FROM mapping_version") == [(1,)]


def test_a_mapping_with_a_fault_leaves_nothing_behind(database: Database) -> None:
    first = apply(database, FIRST)
    with pytest.raises(MappingFaults):
        apply(database, {**SECOND, "Contact.yaml": "object: Contact\n"})
    assert rows(database, "SELECT id, active FROM mapping_version") == [(first.id, True)]


def test_reverting_walks_back_one_version_after_the_other(database: Database) -> None:
    first, second = apply(database, FIRST), apply(database, SECOND)
    third = apply(database, {"Account.yaml": ACCOUNT + "every: 600\n"})

    def back(to: int | None = None) -> store.Version:
        with database.session(SYSTEM) as session:
            return store.revert(session, to, by="bob")

    assert (back().hash, back().hash) == (second.hash, first.hash)
    with pytest.raises(Conflict, match="no older version"):
        back()
    forward = back(third.id)
    assert (forward.hash, forward.note, forward.applied_by) == (
        third.hash,
        f"Back to version {third.id}",
        "bob",
    )
    with pytest.raises(Conflict, match="what is active already"):
        back(third.id)
    with pytest.raises(NotFound, match="There is no version 999"):
        back(999)


def test_two_admins_at_once_end_with_one_active_version(database: Database) -> None:
    apply(database, FIRST)
    threads = [
        threading.Thread(target=apply, args=(database, {"A.yaml": ACCOUNT + f"every: {60 + n}\n"}))
        for n in range(1, 5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(database, "SELECT count(*), count(*) FILTER (WHERE active) FROM mapping_version") == [(5, 1)]


def test_the_first_run_makes_the_files_version_one(database: Database, tmp_path: Path) -> None:
    (tmp_path / "Account.yaml").write_text(ACCOUNT)
    for _ in range(2):
        with database.session(SYSTEM) as session:
            found = store.ensure(session, tmp_path)
    assert found.documents == FIRST
    (tmp_path / "Account.yaml").write_text(WITH_RATING)
    with database.session(SYSTEM) as session:
        assert store.ensure(session, tmp_path).id == found.id


def test_a_directory_without_mappings_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"there is no \.yaml file\. .*TANDEM_MAPPINGS_DIR"):
        store.read_files(tmp_path / "nowhere")
    (tmp_path / "Account.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Misconfigured, match="the text is not UTF-8"):
        store.read_files(tmp_path)


def test_a_new_field_is_agreed_anew_and_nothing_else(database: Database) -> None:
    apply(database, FIRST)
    linked_account(database, 1, '{"Name": "Siemens", "Type": null}')
    with database.session(SYSTEM) as session:
        for name in ("Account", "Contact"):
            session.execute(
                text("INSERT INTO sync_cursor (sobject, stamp, lag_seconds) VALUES (:name, now(), 120)"),
                {"name": name},
            )
    apply(database, {"Account.yaml": WITH_RATING.replace("local: type,", "local: extra.kind,")})
    assert rows(database, "SELECT base FROM sync_link") == [({"Name": "Siemens"},)]
    assert rows(database, "SELECT sobject FROM sync_cursor WHERE stamp IS NULL") == [("Account",)]
    assert rows(database, "SELECT count(*) FROM sync_outbox") == [(0,)]


def test_values_that_tandem_owns_are_offered_to_salesforce(database: Database) -> None:
    apply(database, FIRST)
    one = linked_account(database, 1, '{"Name": "Siemens"}', extra='{"rating": "Hot", "code": "x"}')
    linked_account(database, 2, '{"Name": "Bosch"}', extra='{"code": null}')
    apply(database, {"A.yaml": ACCOUNT + "  - {sf: Code__c, local: extra.code, direction: out}\n"})
    assert rows(database, "SELECT local_id, table_name, op, columns, state FROM sync_outbox") == [
        (one, "account", "upsert", {"extra": None}, "pending")
    ]


def test_a_row_that_was_never_sent_keeps_sending_all_of_its_columns(database: Database) -> None:
    apply(database, FIRST)
    linked_account(database, 1, "{}", type="Prospect")
    with database.session(SYSTEM) as session:
        session.execute(
            text(
                "INSERT INTO sync_outbox (local_id, table_name, op, columns) "
                "VALUES (:id, 'account', 'upsert', '{}')"
            ),
            {"id": UUID(int=1)},
        )
    apply(
        database,
        {"A.yaml": ACCOUNT.replace("type: picklist}", "type: picklist, owner: tandem, transform: upper}")},
    )
    assert rows(database, "SELECT columns, version FROM sync_outbox") == [({}, 2)]


def test_a_preview_writes_nothing_and_names_each_record(database: Database) -> None:
    stored = apply(database, FIRST)
    linked_account(database, 1, '{"Name": "Siemens", "Type": "Prospect"}', type="Prospect")
    linked_account(database, 2, '{"Name": "Bosch", "Type": null}')
    before = rows(database, "SELECT local_id, base FROM sync_link ORDER BY 1")
    changed = ACCOUNT.replace("local: type,", "local: extra.kind,")
    with database.session(SYSTEM) as session:
        new = store.parse({"A.yaml": changed})
        (found,) = preview(session, stored.mappings(), new, None)
    assert (found.linked, found.examined, found.cost.calls) == (2, 2, 1)
    assert [(r.sf_id, r.label, dict(r.local)) for r in found.records] == [
        ("001000000000001AAA", "Siemens", {"extra.kind": (None, "Prospect")})
    ]
    assert "      here        extra.kind: (empty) → Prospect" in found.lines(20)
    assert "  Salesforce was not asked: its values are those of the last sync." in found.lines(20)
    assert rows(database, "SELECT local_id, base FROM sync_link ORDER BY 1") == before
    assert rows(database, "SELECT count(*) FROM mapping_version") == [(1,)]


class Tandem:
    """Runs `tandem mappings …` as the console script does: exit code, output, errors."""

    def __init__(
        self, directory: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
    ) -> None:
        self.directory = directory
        self._capture, self._patch = capture, patch

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._patch.setattr(sys, "argv", ["tandem", "mappings", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = self._capture.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err


@pytest.fixture
def tandem(
    database_urls: ServiceUrls,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Tandem:
    directory = tmp_path / "mappings"
    directory.mkdir()
    for name, value in {
        "DATABASE_URL": database_urls.database,
        "REDIS_URL": database_urls.redis,
        "TANDEM_DATA_DIR": str(tmp_path / "data"),
        "TANDEM_MAPPINGS_DIR": str(directory),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SALESFORCE_LOGIN_URL", raising=False)
    return Tandem(directory, capsys, monkeypatch)


def test_an_admin_checks_previews_applies_and_goes_back(tandem: Tandem) -> None:
    file = tandem.directory / "Account.yaml"
    file.write_text(ACCOUNT)
    assert tandem("versions")[1].startswith("There is no version yet")
    assert tandem("lint") == (
        0,
        "1 objects, 2 fields and lookups: no faults. Checked against the tables only (no org was asked).\n",
        "",
    )
    assert "Account  added" in tandem("plan")[1]
    assert tandem("apply", "--note", "first")[1].startswith("Version 1 is active")
    assert tandem("apply")[1] == "The files say what is active already (version 1).\n"
    file.write_text(WITH_RATING)
    code, out, _ = tandem("plan")
    assert code == 0
    assert "  Rating is new and goes both ways with extra.rating." in out
    assert "Nothing was written." in out
    assert tandem("apply")[1].startswith("Version 2 is active")
    assert tandem("revert")[1].startswith("Back to version 1: version 3 is active")
    listed = tandem("versions")[1].splitlines()
    assert [line[:6] for line in listed] == ["*    3", "     2", "     1"]


def test_a_fault_ends_in_sentences_and_exit_code_one(tandem: Tandem) -> None:
    (tandem.directory / "Account.yaml").write_text(ACCOUNT.replace("local: type", "local: kind"))
    for command in ("lint", "plan", "apply"):
        code, out, err = tandem(command)
        assert (code, out) == (1, ""), command
        assert err == (
            "tandem: One fault in the mappings:\n"
            "Account.yaml:6:16: The table account has no column kind. Write extra.kind, which needs no "
            "migration, or an existing column.\n"
        )
    assert tandem("versions")[1].startswith("There is no version yet")
    (tandem.directory / "Account.yaml").unlink()
    code, _, err = tandem("lint")
    assert code == 1
    assert "there is no .yaml file" in err
    assert "Traceback" not in err


def test_the_schema_is_written_for_editors(tandem: Tandem) -> None:
    code, _, err = tandem("schema", "--check")
    assert (code, "The schema is out of date." in err) == (1, True)
    assert tandem("schema")[0] == 0
    assert tandem("schema", "--check")[0] == 0
