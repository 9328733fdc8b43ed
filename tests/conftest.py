"""Fixtures every test may ask for. The servers behind them start once a run, when first asked for."""

from hypothesis import HealthCheck, settings

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
