"""Fixtures every test may ask for. The servers behind them start once a run, when first asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# How long an example takes says something of the machine, and nothing of what is tested.
settings.register_profile("tandem", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tandem")

pytest_plugins = [
    "tests.fixtures.services",
    "tests.fixtures.engine",
    "tests.fixtures.org",
    "tests.fixtures.rest",
    "tests.fixtures.sync",
    "tests.fixtures.web",
    "tests.fixtures.browser",
    "tests.fixtures.approvals",
    "tests.fixtures.approvals_org",
    "tests.fixtures.mail",
]


#: Tests that share one running demo, by the beginning of their ids: one worker runs all of a group.
TOGETHER = {
    "tests/browser/test_components": None,
    "tests/browser/": "browser",
    "tests/scenarios/test_demo": "demo",
}


class Together(LoadScopeScheduling):
    """Every test by itself to whichever worker is free, but those that share a demo.

    What `--dist loadgroup` is for; but it marks groups in the ids of tests, and pytest 9.2 keeps no mark.
    """

    def _split_scope(self, nodeid: str) -> str:
        group = next((g for begin, g in TOGETHER.items() if nodeid.startswith(begin)), None)
        return group or nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getoption("dist") == "loadgroup" else None
