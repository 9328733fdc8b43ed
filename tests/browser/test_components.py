"""Each Lightning component by itself: its tests run in Salesforce's own preset of jest, with sa11y."""

from __future__ import annotations

import re
import subprocess

import pytest

from app.preview.build import SFDX, find_node, install

JEST = SFDX / "unit" / "node_modules" / "jest" / "bin" / "jest.js"


@pytest.mark.timeout(600)
def test_the_components_keep_their_promises_and_nine_lines_of_ten_are_run() -> None:
    node = find_node()
    install(SFDX / "unit", node)

    run = subprocess.run(
        [*node.run, str(JEST), "--config", "unit/jest.config.mjs", "--coverage", "--ci"],
        cwd=SFDX, capture_output=True, text=True, timeout=500,
    )  # fmt: skip

    # The threshold of lines is in the configuration; jest ends with an error below it.
    assert run.returncode == 0, run.stdout + run.stderr
    passed = re.search(r"Tests: +(\d+) passed, \1 total", run.stderr)
    assert passed is not None, run.stderr
    assert int(passed[1]) >= 60


def test_every_component_with_a_page_or_a_behaviour_is_in_a_test() -> None:
    tests = "".join(path.read_text() for path in SFDX.glob("force-app/main/*/lwc/*/__tests__/*.js"))
    # The parts that others consist of are run through them.
    within = {
        "dealConflict", "partnerAgreement", "partnerPeople", "partnerProgress", "recordLabels",
        "requestDecision", "requestRoute", "smartField", "smartLines", "tandemLabels", "tandemList",
    }  # fmt: skip
    names = {path.name for path in SFDX.glob("force-app/main/*/lwc/*") if path.is_dir()}
    assert {name for name in names if f"c/{name}'" not in tests} <= within
