"""How somebody reads: the language, the way of numbers and days, the time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.localedata import exists
from pydantic import PlainSerializer, PlainValidator, SerializationInfo, WithJsonSchema

from app.words.catalogue import language_of, translated
from app.words.sentences import PLAIN, Sentence, fill


@dataclass(frozen=True, slots=True)
class Tongue:
    """language: one of the catalogues'; locale: of that language, with the reader's country where known."""

    language: str
    locale: Locale
    zone: tzinfo = UTC

    def says(self, text: str) -> str:
        """A sentence as this reader has it; any other text as it is."""
        if not isinstance(text, Sentence):
            return text
        template = text.several if text.several and text.values["count"] != 1 else text.message
        if self.language != "en":
            count = text.values["count"] if text.several else 1
            template = translated(text.message, self.language, count) or template
        return fill(template, text.values, self.language, self.locale, self.zone, self.says)

    def says_all(self, *texts: str) -> str:
        """Sentences one after the other, as one text; empty ones are left out."""
        return ("" if self.language == "ja" else " ").join(self.says(text) for text in texts if text)

    def shows(self, value: Any) -> str:
        """A value as it stands in a sentence: a number, a day, an amount."""
        return fill("{value}", {"value": value}, self.language, self.locale, self.zone, self.says)


#: Where nobody in particular reads.
ENGLISH = Tongue("en", PLAIN)


def tongue_of(wanted: str, locale: str = "", zone: str = "") -> Tongue:
    """How somebody reads who wants a language (`de`, `de_AT`) and has a locale and a zone in the CRM.

    The country is that of the locale, else the language's own: Salesforce says `en_US` of all who read
    English. One that does not go with the language is left out.
    """
    language = language_of(wanted)
    countries = [country for country in (_country(locale), _country(wanted)) if country]
    found = Locale(language) if wanted or countries else PLAIN
    for country in countries:
        if exists(f"{language}_{country}"):
            found = Locale(language, country)
            break
    try:
        return Tongue(language, found, ZoneInfo(zone) if zone else UTC)
    except (OSError, ValueError):
        return Tongue(language, found)


def _country(code: str) -> str:
    parts = code.replace("_", "-").split("-")
    return parts[1].upper() if len(parts) > 1 and len(parts[1]) == 2 else ""


def _as_read(text: str, info: SerializationInfo) -> str:
    tongue = info.context.get("tongue") if info.context else None
    return (tongue or ENGLISH).says(text)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("This is no text.")
    return value


#: A field of an answer whose text may be a sentence: it is put into the reader's language as it goes out.
Said = Annotated[
    str,
    PlainValidator(_text),
    PlainSerializer(_as_read, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string"}),
]
