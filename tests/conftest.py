"""Fixtures every test may ask for. The servers behind them start once a run, when first asked for."""

pytest_plugins = [
    "tests.fixtures.services",
    "tests.fixtures.engine",
    "tests.fixtures.org",
    "tests.fixtures.rest",
    "tests.fixtures.sync",
    "tests.fixtures.web",
    "tests.fixtures.approvals",
    "tests.fixtures.approvals_org",
]
