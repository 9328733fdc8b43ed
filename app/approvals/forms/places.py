"""Countries and currencies as the world knows them now (CLDR), with their names in the reader's language."""

from __future__ import annotations

from datetime import date
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_precision, get_territory_currencies

from app.words import LANGUAGES, language_of

__all__ = [
    "LANGUAGES", "countries", "country_name", "currencies", "currency_name", "language_of", "minor_digits",
]  # fmt: skip

#: Codes of CLDR that stand for no country of ISO 3166.
_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


@cache
def countries() -> frozenset[str]:
    """The two-letter codes of all countries."""
    known = Locale("en").territories
    codes = {str(code) for code in known}
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NO_COUNTRY


@cache
def currencies() -> frozenset[str]:
    """The three-letter codes of the currencies that are money somewhere today."""
    somewhere = get_global("territory_currencies")
    return frozenset(
        code
        for territory in somewhere
        for code in get_territory_currencies(territory, date(2026, 1, 1), tender=True)
    )


def country_name(code: str, language: str) -> str:
    """A country's name as the reader says it; the code where it has none."""
    return str(Locale(language).territories.get(code, code))


def currency_name(code: str, language: str) -> str:
    """A currency's name as the reader says it; the code where it has none."""
    return str(Locale(language).currencies.get(code, code))


def minor_digits(currency: str) -> int:
    """How many decimals amounts of a currency have: 2 for EUR, 0 for JPY."""
    return get_currency_precision(currency)
