"""End customers: real listed companies, with the country, city and industry that is publicly known."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from pytickersymbols import PyTickerSymbols

from app.sandbox.world import places
from app.sandbox.world.places import MARKETS, Place

#: how many end customers come from each country, as far as there are so many
QUOTAS = {"US": 128, "DE": 62, "JP": 60, "GB": 26, "FR": 22, "CH": 9, "SE": 9, "NL": 9, "ES": 8, "FI": 7,
          "BE": 5, "IE": 3, "DK": 3, "IT": 3, "AT": 2, "LU": 2, "CA": 2}  # fmt: skip
#: which word in a company's industries makes which Industry; the first that matches counts
_INDUSTRIES = (
    ("semiconductor|electronic|electric machinery|electrical equip", "Electronics"),
    ("software|it services|information tech|technology|computer|internet", "Technology"),
    ("telecom|wireless|network", "Telecommunications"),
    ("biotech", "Biotechnology"),
    ("health|pharma|medical", "Healthcare"),
    ("chemical|coating|plastic", "Chemicals"),
    ("machinery|industrial goods|heavy electrical", "Machinery"),
    ("aerospace|defen[cs]e|engineering", "Engineering"),
    ("auto|manufactur|steel|metal|rubber|ceramic|glass|paper|precision", "Manufacturing"),
    ("construction|building|real estate|cement|homebuild", "Construction"),
    ("airline|rail|transport|freight|logistic|land transport", "Transportation"),
    ("shipping|marine", "Shipping"),
    ("electric util|water util|gas util|utilit", "Utilities"),
    ("oil|gas|energy|petrol|coal|renewable|fuel", "Energy"),
    ("insur", "Insurance"),
    ("bank", "Banking"),
    ("financ|invest|asset", "Finance"),
    ("food|beverage|brew|tobacco|farm|fishery", "Food & Beverage"),
    ("apparel|textile|luxury|footwear|clothing", "Apparel"),
    ("hotel|restaurant|leisure|gaming|casino", "Hospitality"),
    ("media|publish|broadcast|advertis", "Media"),
    ("retail|store|consumer|e-commerce", "Retail"),
    ("consult|professional services|staffing", "Consulting"),
    ("mining|mineral|material", "Manufacturing"),
    ("environment|waste", "Environmental"),
)
LISTED_INDUSTRIES = tuple(dict.fromkeys(industry for _, industry in _INDUSTRIES))
_COMPILED = tuple((re.compile(words), industry) for words, industry in _INDUSTRIES)
_SCALES = {"trillion": 10**12, "billion": 10**9, "million": 10**6}
_MONEY = re.compile(r"(\d[\d,.]*)\s*(trillion|billion|million)")
_COUNT = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
_SITE = re.compile(r"^(?:https?://)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.I)
#: names that start like a subject the source filed among companies by mistake
_NOT_A_NAME = re.compile(r"^(list of|category|file:)|[\[\]{}|]", re.I)


@dataclass(frozen=True, slots=True)
class Company:
    """A real company. `revenue` is in its own currency; empty and 0 where nothing is known."""

    name: str
    country: str
    place: Place | None
    industry: str
    employees: int
    revenue: int
    website: str
    ticker: str


@functools.cache
def _countries() -> dict[str, str]:
    return {places.country_name(code): code for code in MARKETS} | {"UK": "GB", "England": "GB"}


def _all() -> Iterator[Company]:
    seen: set[str] = set()
    for stock in sorted(PyTickerSymbols().get_all_stocks(), key=lambda s: (s["name"], s.get("symbol") or "")):
        name = " ".join(stock["name"].split())
        country_text = stock.get("country") or ""
        facts = stock.get("metadata") or {}
        home = _countries().get(country_text)
        place = None
        if home is None and country_text:
            place = places.us_city(country_text)
            home = place.country if place else None
        keys = {name.lower(), *(stock.get("isins") or ())}
        if home is None or keys & seen or _NOT_A_NAME.search(name) or len(name) > 80:
            continue
        seen |= keys
        place = place or places.named(home, str(facts.get("headquarters") or ""))
        yield Company(
            name=name,
            country=home,
            place=place,
            industry=_industry(stock.get("industries") or ()),
            employees=_employees(facts.get("employees")),
            revenue=_revenue(facts.get("revenue")),
            website=_website(facts.get("website")),
            ticker=str(stock.get("symbol") or "")[:20],
        )


def choose(random: Random) -> tuple[list[Company], list[Company]]:
    """The end customers of one world, and companies that nobody has sold to yet (at least 250)."""
    by_country: dict[str, list[Company]] = {code: [] for code in QUOTAS}
    for company in _all():
        if company.country in by_country:
            by_country[company.country].append(company)
    customers: list[Company] = []
    others: list[Company] = []
    for country, quota in QUOTAS.items():
        pool = by_country[country]
        random.shuffle(pool)
        customers += pool[:quota]
        others += pool[quota : quota * 2]
    random.shuffle(others)
    return customers, others


def _industry(words: tuple[str, ...] | list[str]) -> str:
    text = " ".join(words).lower()
    return next((industry for pattern, industry in _COMPILED if pattern.search(text)), "Other")


def _employees(fact: Any) -> int:
    found = _COUNT.search(str(fact or ""))
    count = int(found[0].replace(",", "")) if found else 0
    return count if count < 10**7 else 0


def _revenue(fact: Any) -> int:
    found = _MONEY.search(str(fact or "").replace("\xa0", " "))
    if not found:
        return 0
    digits = found[1].rstrip(".,").replace(",", "")
    try:
        return int(Decimal(digits) * _SCALES[found[2]])
    except InvalidOperation:
        return 0


def _website(fact: Any) -> str:
    found = _SITE.match(str(fact or "").strip())
    return f"https://{found[1].lower()}" if found else ""
