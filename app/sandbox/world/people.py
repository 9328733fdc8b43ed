"""Made-up people: first and last names by the language of the country they work in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from random import Random

_NAMES = {
    "en": (
        "Olivia James Amelia Noah Grace Ethan Harper Lucas Chloe Mason Ella Logan Ruby Owen Nora"
        " Caleb Hazel Wyatt Ivy Dylan Tessa Marcus Joanna Derek Priya Andre Simone Victor Leah Calvin",
        "Whitfield Carmody Ashdown Brennan Holloway Pemberton Langley Okafor Marsden Fairbanks"
        " Delgado Tillman Rourke Sandoval Kingsley Abernathy Lockhart Mercer Novak Prescott Quigley"
        " Redmond Stafford Thornbury Underhill Vance Westbrook Yates McAllister O'Donnell",
    ),
    "de": (
        "Anna Lukas Katharina Jonas Sabine Matthias Jürgen Ulrike Heike Stefan Claudia Björn Petra"
        " Rainer Grit Tobias Anke Florian Jörg Birgit Käthe Sören",
        "Köhler Schäfer Bergmann Lindner Vogt Größ Hartmann Weidmann Brückner Seidel Jäger Kröger"
        " Pfeiffer Thielemann Ziegler Nußbaum Wagenknecht Ostermann Büttner Eschenbach Löwe Strauß",
    ),
    "fr": (
        "Élodie Benoît Chloé Mathieu Aurélie Jérôme Sylvie Rémi Noémie Guillaume Hélène François Zoé"
        " Gaël Brigitte Cédric Inès Loïc",
        "Lefèvre Garnier Beaumont Chevallier Moreau Gauthier Delacroix Fontaine Roussel Mercier"
        " Pélissier Vasseur Brunel Carpentier Dumoulin Lécuyer Thévenet Rivière",
    ),
    "ja": (
        "Haruka Kenji Yuki Takashi Aiko Hiroshi Naoko Daisuke Mika Ryota Emi Shinji Kaori Satoru Rina"
        " Kazuya Tomoko Yusuke",
        "Tanaka Yamamoto Nakagawa Fujimoto Okada Hayashi Matsuda Ishikawa Kobayashi Morita Sakurai"
        " Uchida Shimizu Nishimura Kawasaki Ōtsuka Endō Hirano",
    ),
    "es": (
        "Lucía Javier Carmen Álvaro Marta Sergio Nuria Íñigo Begoña Andrés Rocío Óscar Pilar Raúl",
        "Ibáñez Navarro Peña Castellanos Muñoz Ortega Serrano Zúñiga Vidal Aguirre Núñez Herrero"
        " Rubio Salcedo",
    ),
    "it": (
        "Giulia Marco Chiara Luca Federica Davide Elisa Niccolò Silvia Paolo Martina Gianluca",
        "Bianchi Moretti Galli Fontana Caruso Rinaldi Marchetti Pellegrini Santoro D'Amico Vitale Lombardi",
    ),
    "nl": (
        "Femke Bram Sanne Joris Lotte Daan Marieke Thijs Anouk Ruben Ilse Wouter",
        "van_den_Berg de_Vries Janssens Vermeulen Bakker Hoekstra van_Dijk Peeters Mulder Claessens"
        " Smeets Visser",
    ),
    "nordic": (
        "Åsa Lars Freja Mikael Sigrid Anders Linnéa Søren Astrid Jukka Päivi Henrik Maja Øyvind",
        "Lindström Bergström Søndergaard Åkesson Nieminen Virtanen Haugen Sjöberg Møller Öberg Kjær"
        " Dahl Lundqvist Korhonen",
    ),
    "slavic": (
        "Magdalena Tomasz Zuzanna Paweł Jiří Kateřina Łukasz Barbora Michał Eliška",
        "Kowalczyk Dvořák Wiśniewska Novotný Zieliński Procházka Wójcik Černý Piątek Svobodová",
    ),
}
_POOLS = {
    language: tuple(tuple(part.replace("_", " ") for part in names.split()) for names in pair)
    for language, pair in _NAMES.items()
}
LANGUAGE_OF = (
    dict.fromkeys(("US", "CA", "GB", "IE"), "en")
    | dict.fromkeys(("DE", "AT", "CH"), "de")
    | dict.fromkeys(("FR", "LU"), "fr")
    | dict.fromkeys(("NL", "BE"), "nl")
    | dict.fromkeys(("SE", "DK", "NO", "FI"), "nordic")
    | dict.fromkeys(("PL", "CZ"), "slavic")
    | dict.fromkeys(("ES", "PT", "MX"), "es")
    | {"IT": "it", "JP": "ja"}
)
_DIAL = {
    "US": "+1", "CA": "+1", "MX": "+52", "GB": "+44", "IE": "+353", "DE": "+49", "AT": "+43", "CH": "+41",
    "FR": "+33", "BE": "+32", "NL": "+31", "LU": "+352", "ES": "+34", "PT": "+351", "IT": "+39", "SE": "+46",
    "DK": "+45", "NO": "+47", "FI": "+358", "PL": "+48", "CZ": "+420", "JP": "+81",
}  # fmt: skip
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae"})


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person."""

    first: str
    last: str
    country: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    def email(self, domain: str, number: int = 0) -> str:
        """An address in `domain`; `number` above one tells namesakes apart."""
        return f"{slug(self.first)}.{slug(self.last)}{number if number > 1 else ''}@{domain}"


def plain(text: str) -> str:
    """The text in unaccented Latin letters."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def slug(text: str) -> str:
    """The text as part of a host name or address."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text).lower()).strip("-") or "x"


def person(random: Random, country: str) -> Person:
    """Somebody who works in that country (ISO code)."""
    firsts, lasts = _POOLS[LANGUAGE_OF.get(country, "en")]
    return Person(random.choice(firsts), random.choice(lasts), country)


def phone(random: Random, country: str) -> str:
    """A number in a range that is kept free for fiction where the country has one."""
    if country in ("US", "CA"):
        return f"({random.randint(201, 989)}) 555-01{random.randint(0, 99):02d}"
    area, line = random.randint(20, 99), random.randint(100_000, 9_999_999)
    return f"{_DIAL.get(country, '+1')} {area} {line}"
