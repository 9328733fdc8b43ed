"""Countries as CRMs write them, and their two-letter codes. Pure."""

from __future__ import annotations

from functools import cache

from babel import Locale

#: Languages in which CRMs write country names.
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja", "pt", "sv", "da", "pl")


@cache
def _territories() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in reversed(_LANGUAGES):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found[name.casefold()] = code
                found[code.casefold()] = code
    found |= {"usa": "US", "uk": "GB", "great britain": "GB", "united states of america": "US"}
    return found


def country_code(written: str) -> str:
    """The two-letter code of a country as a CRM writes it; empty when it is none."""
    return _territories().get(written.strip().casefold(), "")


def country_name(code: str) -> str:
    """A country's English name."""
    return str(Locale("en").territories.get(code, code))
