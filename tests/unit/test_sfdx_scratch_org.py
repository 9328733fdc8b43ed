"""The script that makes a scratch org: what it would run, and what it says when something is missing."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "sfdx" / "scripts" / "scratch-org.sh"
PROJECT = SCRIPT.parents[1]


def script(*arguments: str, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "HOME": "/nonexistent"}
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), *arguments], env=environment, capture_output=True, text=True, timeout=60
    )


def test_a_dry_run_says_every_step_in_its_order_and_runs_none() -> None:
    run = script("--dry-run", "--alias", "demo", "--dev-hub", "hub", "--days", "3")
    assert run.returncode == 0, run.stderr
    steps = [line.split(" --")[0] for line in run.stdout.splitlines()]
    house = PROJECT.parent
    assert steps == [
        "sf org create scratch",
        "sf project deploy start",
        *["sf org assign permset"] * 4,
        shlex.join([f"{house}/.venv/bin/tandem", "sandbox", "tree", f"{house}/build/world"]),
        "sf data import tree",
        "sf data create record",
        "sf data update record",
        "sf data update record",
        "sf data create record",
        "sf org assign permset",
        "sf community publish",
    ]
    assert run.stdout.splitlines()[0] == (
        "sf org create scratch --definition-file config/project-scratch-def.json --alias demo "
        "--duration-days 3 --wait 30 --target-dev-hub hub"
    )
    assert "--name Tandem_Partner --target-org demo" in run.stdout
    lines = [
        line for line in run.stdout.splitlines() if line.startswith("sf ") and "create scratch" not in line
    ]
    assert all("--target-org demo" in line for line in lines), "nothing goes to whatever org is the default"


def test_only_the_steps_that_are_asked_for_are_taken() -> None:
    run = script("--dry-run", "--steps", "site")
    assert run.stdout.splitlines() == ["sf community publish --name PartnerPortal --target-org tandem"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--steps", "metadta"],
            "There is no step metadta. Steps are org, metadata, access, data, partners, site.",
        ),
        (["--days", "31"], "A scratch org lives 1 to 30 days, not 31. Give --days."),
        (["--days", "soon"], "--days takes a number, not 'soon'."),
        (["--days"], "--days needs a value. See --help."),
        (["--force"], "There is no option --force. See --help."),
    ],
)  # fmt: skip
def test_a_wrong_word_is_told_in_one_sentence_before_anything_runs(
    arguments: list[str], sentence: str
) -> None:
    run = script(*arguments)
    assert (run.returncode, run.stdout, run.stderr.splitlines()) == (1, "", [f"scratch-org: {sentence}"])


def test_without_the_cli_it_says_how_to_get_it(tmp_path: Path) -> None:
    for name in ("sh", "dirname", "tr", "sed"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    run = script(path=str(tmp_path))
    assert run.returncode == 1
    assert run.stderr == (
        "scratch-org: Salesforce's CLI is not there. Install Node 22 or newer and then: "
        "npm install --global @salesforce/cli\n"
    )


def test_what_the_script_names_is_there() -> None:
    assert (PROJECT / "config" / "project-scratch-def.json").is_file()
    sets = {path.name.split(".")[0] for path in PROJECT.rglob("*.permissionset-meta.xml")}
    words = SCRIPT.read_text().replace(";", " ").split()
    assert {word for word in words if word.startswith("Tandem_")} == sets
    [network] = PROJECT.rglob("*.network-meta.xml")
    assert f"--name {network.name.split('.')[0]} " in SCRIPT.read_text()
