"""A setting that cannot be: the variable, what it holds, what is expected, what to do."""

from __future__ import annotations

import pytest

from app.config import Settings
from app.kernel.errors import Misconfigured


def refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> str:
    monkeypatch.setenv(variable, value)
    with pytest.raises(Misconfigured) as caught:
        Settings.from_env()
    return str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "TANDEM_BUSINESS_TIME_ZONE",
            "Europe/Berln",
            "it holds “Europe/Berln” and should hold the name of a time zone, such as Europe/Berlin. Correct "
            "it, or unset it for the default, UTC.",
        ),
        (
            "TANDEM_BUSINESS_TIME_ZONE",
            "../../etc/passwd",
            "it holds “../../etc/passwd” and should hold the name of a time zone, such as Europe/Berlin. "
            "Correct it, or unset it for the default, UTC.",
        ),
        (
            "TANDEM_PAGES_URL",
            "partners.acme.com",
            "it holds “partners.acme.com” and should hold a web address, such as https://tandem.acme.com. "
            "Correct it, or unset it.",
        ),
        (
            "TANDEM_RATE_PER_USER",
            "many",
            "it holds “many” and should hold a whole number of calls a minute, or 0 for no limit. Correct "
            "it, or unset it for the default, 1200.",
        ),
        (
            "TANDEM_PROXIES",
            "11",
            "it holds “11” and should hold a whole number from 0 to 10. Correct it, or unset it for the "
            "default, 0.",
        ),
        (
            "SALESFORCE_API_SHARE",
            "nan",
            "it holds “nan” and should hold a number above 0 and up to 1, such as 0.25 for 25 %. Correct it, "
            "or unset it for the default, 0.1.",
        ),
        (
            "TANDEM_CLAMD",
            "clamav\tscan " + "x" * 60,
            "it holds “clamav?scan " + "x" * 48 + "…” and should hold a host and a port, such as "
            "clamav.internal:3310. Correct it, or unset it.",
        ),
        (
            "TANDEM_SMTP_URL",
            "mail.acme.com:25",
            "it should hold the address of a mail server, such as smtps://user:password@mail.acme.com. What "
            "it holds is not shown here: it may have a password. Correct it, or unset it.",
        ),
    ],
)
def test_a_wrong_setting_is_told_in_a_sentence_of_ours(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    assert refused(monkeypatch, variable, value) == f"environment variable {variable}: {sentence}"


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "TANDEM_SMTP_URL"])
def test_an_address_that_may_have_a_password_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    assert "hunter2" not in refused(monkeypatch, variable, "mysql://tandem:hunter2@db/tandem?x y")


def test_whatever_setting_can_be_wrong_says_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {str(one.validation_alias): one.description for one in Settings.model_fields.values()}
    for variable, what in expected.items():
        with monkeypatch.context() as one:
            one.setenv(variable, "?")
            if what is None:
                Settings.from_env()  # any text will do
            else:
                assert what in refused(one, variable, "?")
    assert sum(what is not None for what in expected.values()) == 15


def test_a_setting_left_empty_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_RATE_PER_USER", "")
    monkeypatch.setenv("TANDEM_PAGES_URL", "")
    assert (Settings.from_env().rate_per_user, Settings.from_env().pages_url) == (1200, None)
