"""What a sentence is made of: its English text, and the values in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from string import Formatter
from typing import Any, Self

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_gmt, get_timezone_name
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

#: How English text has numbers, days and lists where nobody in particular reads it: logs, the audit trail.
PLAIN = Locale("en", "GB")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in its currency; without a currency, a plain number."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Names:
    """Several things in a row: `Ann Lee, Kim Ono and Robin Berg`. how: `and`, `or`, or `,` alone."""

    items: tuple[Any, ...]
    how: str = "and"


@dataclass(frozen=True, slots=True)
class Titles:
    """Somebody's own text in several languages, such as a workflow's title; English, where one is missing."""

    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inside:
    """A sentence's words in the middle of another one: small letters, where the language does so."""

    sentence: str


class Sentence(str):
    """English text that can be said in other languages. Made by `say` and `counted` alone.

    message: the text with `{places}`; several: the same for more than one; values: what stands in the places.
    """

    __slots__ = ("message", "several", "values")
    message: str
    several: str
    values: dict[str, Any]

    def __new__(cls, message: str, values: Mapping[str, Any], several: str = "") -> Self:
        template = several if several and values["count"] != 1 else message
        made = super().__new__(cls, fill(template, values, "en", PLAIN, UTC, _same))
        made.message, made.several, made.values = message, several, dict(values)
        return made

    def given(self, **values: Any) -> Self:
        """The same with what stands in its places: for sentences that are written down apart, in a table."""
        return type(self)(self.message, values, self.several)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.message, self.values, self.several


def say(message: str, /, **values: Any) -> Sentence:
    """A sentence. values: text, numbers, days, moments, sentences, and what this module has."""
    return Sentence(message, values)


def counted(one: str, several: str, /, *, count: int, **values: Any) -> Sentence:
    """A sentence that is another one for one than for several."""
    return Sentence(one, {"count": count, **values}, several)


def places(text: str) -> frozenset[str]:
    """The names of the places of a text: `number` of `{number} is void.`"""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _same(sentence: Sentence, *_: Any) -> str:
    return str(sentence)


def fill(
    template: str,
    values: Mapping[str, Any],
    language: str,
    locale: Locale,
    zone: tzinfo,
    translate: Any,
) -> str:
    """The template with its values as the locale has them. translate: says a sentence in that language."""
    if not values:
        return template

    def shown(value: Any) -> str:
        return _shown(value, language, locale, zone, translate)

    return template.format(**{name: shown(value) for name, value in values.items()})


def _shown(value: Any, language: str, locale: Locale, zone: tzinfo, translate: Any) -> str:
    def again(one: Any) -> str:
        return _shown(one, language, locale, zone, translate)

    match value:
        case Sentence():
            return str(translate(value))
        case Inside():
            words = again(value.sentence)
            return words[:1].lower() + words[1:] if language in ("en", "es") else words
        case Titles():
            return value.texts.get(language) or value.texts.get("en", "")
        case Names():
            items = [again(one) for one in value.items]
            if value.how == ",":
                return ("、" if language == "ja" else ", ").join(items)
            return format_list(items, style="or" if value.how == "or" else "standard", locale=locale)
        case Money():
            if not value.currency:
                return again(value.amount)
            return str(format_currency(value.amount, value.currency, locale=locale))
        case bool():
            return again(YES if value else NO)
        case datetime():
            there = value.astimezone(zone)
            day = format_date(there, format="long", locale=locale)
            time = format_time(there, format="short", locale=locale)
            name = get_timezone_name(there, width="short", locale=locale)
            offset = name.startswith(("+", "-"))
            return f"{day} {time} {get_timezone_gmt(there, locale=locale) if offset else name}"
        case date():
            return str(format_date(value, format="long", locale=locale))
        case int() | Decimal():
            return str(format_decimal(value, locale=locale, decimal_quantization=False))
    return str(value)


YES, NO = say("yes"), say("no")
