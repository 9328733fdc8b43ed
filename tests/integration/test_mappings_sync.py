"""A changed mapping: the preview says what the next sync does, and the sync does just that."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.config import PROJECT
from app.kernel.actor import SYSTEM
from app.sync import mapping_store
from app.sync.admin import mapping_commands as commands_mappings
from app.sync.admin.lint import check, local_tables
from app.sync.admin.lint_filter import check_filters
from app.sync.admin.lint_org import check_org
from app.sync.admin.preview import ObjectPreview, preview
from app.sync.engine import alone
from tests.fixtures.sync import BothSides


@pytest.fixture
def files() -> dict[str, str]:
    """The product's own mapping files."""
    return mapping_store.read_files(PROJECT / "mappings")


def with_field(files: dict[str, str], name: str, line: str) -> dict[str, str]:
    """The files with one more field in one of them."""
    return {**files, name: files[name].replace("fields:\n", f"fields:\n  - {line}\n", 1)}


def previewed(sides: BothSides, documents: dict[str, str], *, ask: bool = True) -> list[ObjectPreview]:
    with sides.database.session(SYSTEM) as session:
        new = mapping_store.parse(documents)
        gateway = sides.gateway if ask else None
        return list(preview(session, sides.engine.mappings, new, gateway, sides.engine.org))


def applied(sides: BothSides, documents: dict[str, str]) -> None:
    with sides.database.session(SYSTEM) as session:
        mapping_store.apply(session, documents, by="ada")
    sides.restart()


def test_a_new_field_fills_itself_from_records_that_nobody_touched(
    sides: BothSides, files: dict[str, str]
) -> None:
    hot = sides.org.insert("Account", Name="Bosch GmbH", Rating="Hot")
    sides.org.insert("Account", Name="Siemens AG")
    sides.settle()
    changed = with_field(files, "Account.yaml", "{sf: Rating, local: extra.rating, type: picklist}")
    sides.org.reset_calls()
    (found,) = previewed(sides, changed)
    assert sides.org.calls()["total"] == 1
    assert [(r.sf_id, r.label, dict(r.local)) for r in found.records] == [
        (hot, "Bosch GmbH", {"extra.rating": (None, "Hot")})
    ]
    assert (found.examined, found.asked_org, found.cost.calls) == (2, True, 1)
    assert "rating" not in sides.row("account", hot)["extra"]
    applied(sides, changed)
    cycle = sides.cycle()
    assert sides.row("account", hot)["extra"]["rating"] == "Hot"
    assert cycle.pushed.sent == 0
    assert sides.cycle().writes == 0


def test_a_field_that_tandem_owns_goes_out_to_records_that_nobody_touched(
    sides: BothSides, files: dict[str, str]
) -> None:
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Site="Berlin")
    sides.settle()
    local_id = sides.row("account", sf_id)["id"]
    sides.change("account", local_id, extra='{"site": "Stuttgart"}')
    sides.settle()
    changed = with_field(files, "Account.yaml", "{sf: Site, local: extra.site, owner: tandem}")
    (found,) = previewed(sides, changed)
    assert [dict(r.salesforce) for r in found.records] == [{"Site": ("Berlin", "Stuttgart")}]
    applied(sides, changed)
    sides.cycle()
    assert sides.org.get("Account", sf_id, "Site") == {"Site": "Stuttgart"}
    sides.settle(0)


def test_a_difference_about_which_somebody_decides_becomes_a_question(
    sides: BothSides, files: dict[str, str]
) -> None:
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Site="Berlin")
    sides.settle()
    sides.change("account", sides.row("account", sf_id)["id"], extra='{"site": "Stuttgart"}')
    sides.settle()
    changed = with_field(files, "Account.yaml", "{sf: Site, local: extra.site, owner: ask}")
    (found,) = previewed(sides, changed)
    assert [r.asked for r in found.records] == [("Site",)]
    applied(sides, changed)
    sides.cycle()
    assert sides.org.get("Account", sf_id, "Site") == {"Site": "Berlin"}
    assert sides.row("account", sf_id)["extra"]["site"] == "Stuttgart"
    (question,) = sides.sql("SELECT field, ours, theirs FROM sync_conflict WHERE resolved_at IS NULL")
    assert (question["field"], question["ours"], question["theirs"]) == ("Site", "Stuttgart", "Berlin")


def test_a_new_lookup_finds_the_rows_of_parents_that_are_here(
    sides: BothSides, files: dict[str, str]
) -> None:
    parent = sides.org.insert("Account", Name="Bosch GmbH")
    child = sides.org.insert("Account", Name="Bosch Rexroth AG", ParentId=parent)
    line = next(x for x in files["Account.yaml"].splitlines() if "ParentId" in x)
    without = {**files, "Account.yaml": files["Account.yaml"].replace(line + "\n", "")}
    applied(sides, without)
    sides.settle()
    assert sides.row("account", child)["parent_id"] is None
    (found,) = previewed(sides, files)
    wanted = sides.row("account", parent)["id"]
    assert [(r.label, dict(r.local)) for r in found.records] == [
        ("Bosch Rexroth AG", {"parent_id": (None, wanted)})
    ]
    applied(sides, files)
    sides.settle()
    assert sides.row("account", child)["parent_id"] == wanted


def test_a_substitute_for_a_missing_value_frees_the_rows_that_waited_for_it(
    sides: BothSides, files: dict[str, str]
) -> None:
    sides.settle()
    local_id = sides.insert(
        "lead", company="Bosch GmbH", last_name="Weiss", registration_status="Waiting for papers"
    )
    sides.cycle()
    (waiting,) = sides.outbox()
    assert waiting["state"] == "held"
    assert "Registration_Status__c does not offer 'Waiting for papers'" in waiting["error"]
    assert sides.org.query("SELECT Id FROM Lead") == []
    applied(
        sides,
        {
            **files,
            "Lead.yaml": files["Lead.yaml"].replace(
                "local: registration_status, type: picklist, direction: out}",
                "local: registration_status, type: picklist, direction: out,\n"
                "     on_picklist_miss: {map: {Waiting for papers: Submitted}}}",
            ),
        },
    )
    sides.settle()
    (lead,) = sides.org.query("SELECT Registration_Status__c, Tandem_Id__c FROM Lead")
    assert (lead["Registration_Status__c"], lead["Tandem_Id__c"]) == ("Submitted", str(local_id))
    assert sides.outbox() == []


def test_going_back_leaves_the_values_and_stops_the_field(sides: BothSides, files: dict[str, str]) -> None:
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Rating="Hot")
    sides.settle()
    applied(sides, with_field(files, "Account.yaml", "{sf: Rating, local: extra.rating, type: picklist}"))
    sides.settle()
    with sides.database.session(SYSTEM) as session:
        mapping_store.revert(session, by="ada")
    sides.restart()
    sides.org.update("Account", sf_id, Rating="Cold")
    sides.settle()
    assert sides.row("account", sf_id)["extra"]["rating"] == "Hot"


@pytest.mark.parametrize(
    ("profile", "settings"),
    [("stock-enterprise", {}), ("prm", {}), ("stock-enterprise", {"multi_currency": True})],
)
def test_the_products_mappings_fit_every_kind_of_org(
    sides: BothSides, files: dict[str, str], profile: str, settings: dict[str, Any]
) -> None:
    sides.org.reset(profile=profile, **settings)
    sides.restart()
    report = check(files, local_tables(mapping_tables()))
    assert report.mappings is not None
    checked = check_org(report, sides.gateway.probe(report.mappings.objects_named()))
    assert [fault.sentence() for fault in checked.faults] == []
    skipped = {note.partition(":")[0] for note in checked.notes}
    assert ("Account.IsPartner" in skipped) == (profile != "prm")
    assert ("Opportunity.CurrencyIsoCode" in skipped) == (not settings)


@pytest.mark.parametrize(
    ("soql", "says"),
    [
        ("Name LIKE 5", "unexpected token: '5'"),
        ("Name = 'x' AND AND Type = 'y'", "unexpected token: 'AND'"),
        ("NumberOfEmployees > 'a'", "NumberOfEmployees"),
        ("CreatedDate > LAST_N_DAYS:30 AND Owner.IsActive = true", None),
    ],
)
def test_the_org_itself_judges_a_filter(
    sides: BothSides, files: dict[str, str], soql: str, says: str | None
) -> None:
    text = files["Account.yaml"].replace("order: 20\n", f"order: 20\nfilter: {soql}\n")
    report = check({**files, "Account.yaml": text}, local_tables(mapping_tables()))
    assert report.mappings is not None
    check_org(report, sides.gateway.probe(report.mappings.objects_named()))
    assert report.faults == []
    sides.org.reset_calls()
    check_filters(report, sides.gateway)
    assert sides.org.calls()["total"] == 1
    if says is None:
        assert report.faults == []
        return
    (fault,) = report.faults
    assert fault.line == text[: text.index("filter:")].count("\n") + 1
    assert fault.what.startswith("The org refuses the filter: “")
    assert says in fault.what


def test_the_sync_learns_that_another_version_is_active(sides: BothSides, files: dict[str, str]) -> None:
    known = mapping_store.parse(files)
    with sides.database.session(SYSTEM) as session:
        assert mapping_store.newer(session, known) is None
        mapping_store.apply(session, files, by="ada")
        assert mapping_store.newer(session, known) is None
        changed = with_field(files, "Account.yaml", "{sf: Site, local: extra.site}")
        mapping_store.apply(session, changed, by="ada")
        found = mapping_store.newer(session, known)
    assert found is not None
    assert "Site" in found.by_sobject("Account").by_sf


def mapping_tables() -> Any:
    """The tables as the `tandem` command knows them."""
    import importlib

    for module in cli.TABLES:
        importlib.import_module(module)
    return commands_mappings.Base.metadata


def test_the_check_asks_the_connected_org_and_says_what_is_missing(
    sides: BothSides,
    files: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changed = with_field(files, "Account.yaml", "{sf: Missing__c, local: extra.missing}")
    for name, text in changed.items():
        (tmp_path / name).write_text(text)
    connection = {
        "SALESFORCE_LOGIN_URL": sides.org.https,
        "SALESFORCE_CLIENT_ID": sides.org.client_id,
        "SALESFORCE_USERNAME": sides.org.username,
        "SALESFORCE_KEY_FILE": str(sides.org.key_file),
        "SALESFORCE_CA_FILE": sides.org.ca,
        "TANDEM_DATA_DIR": str(tmp_path / "data"),
    }
    for name, value in connection.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", ["tandem", "mappings", *arguments, "--dir", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    code, out, err = run("lint")
    assert code == 1
    assert "note: Account.IsPartner: Skipped unless the org has the field Account.IsPartner." in out
    line = 1 + changed["Account.yaml"].splitlines().index("  - {sf: Missing__c, local: extra.missing}")
    assert err == (
        f"tandem: One fault in the mappings:\nAccount.yaml:{line}:6: The org has no field Account."
        "Missing__c, or Tandem's user may not see it. Deploy sfdx/force-app and assign the permission set "
        "Tandem_Integration, or write `optional: true` here.\n"
    )
    assert run("lint", "--offline")[0] == 0
    (tmp_path / "Account.yaml").write_text(files["Account.yaml"])
    code, out, _ = run("lint")
    assert code == 0
    assert "no faults. Checked against the tables and the org " in out
    sides.org.stop()
    try:
        code, _, err = run("lint")
    finally:
        sides.org.restart()
    assert code == 1
    assert err.startswith("tandem: ")
    assert "Traceback" not in err


def test_a_new_version_waits_for_the_running_sync(
    sides: BothSides, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "DATABASE_URL": sides.settings.database_url,
        "REDIS_URL": sides.settings.redis_url,
        "TANDEM_DATA_DIR": str(sides.settings.data_dir),
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(sys, "argv", ["tandem", "mappings", "apply", "--offline"])
    monkeypatch.setattr(commands_mappings, "PATIENCE", 0.3)
    with alone(sides.database):
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 1
        assert "Another sync is running." in capsys.readouterr().err
        assert sides.sql("SELECT * FROM mapping_version") == []
    monkeypatch.setattr(commands_mappings, "PATIENCE", 30.0)
    held, release = threading.Event(), threading.Event()

    def sync() -> None:
        with alone(sides.database):
            held.set()
            release.wait(20)

    running = threading.Thread(target=sync)
    running.start()
    held.wait(20)
    threading.Timer(0.5, release.set).start()
    started = time.monotonic()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    running.join()
    assert ended.value.code == 0
    assert time.monotonic() - started >= 0.4
    assert capsys.readouterr().out.startswith("Version 1 is active")
