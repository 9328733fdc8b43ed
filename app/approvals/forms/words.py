"""The sentences of validation. `{label}` is the field's, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import Locale

from app.words import Money, Sentence, Tongue, counted, say

__all__ = ["SENTENCES", "Money", "said", "shown_as", "summary"]

SENTENCES: Mapping[str, Sentence] = {
    "required": say("“{label}” is missing. Fill it in."),
    "required_choice": say("“{label}” is missing. Choose one of the offered answers."),
    "required_file": say("“{label}” is missing. Attach a file."),
    "required_lines": say("“{label}” has no line yet. Add at least one."),
    "must_be": say("“{label}” has to be answered with {value} to continue."),
    "text": say("“{label}” takes text. Write text."),
    "line": say("“{label}” takes one line without control characters. Write it on one line."),
    "too_short": say("“{label}” is too short. Write at least {min} characters."),
    "too_long": say("“{label}” is too long. Write at most {max} characters."),
    "mask": say("“{label}” looks different. Write it like {example}."),
    "email": say("“{label}” is no mail address. Write it like name@company.com."),
    "phone": say("“{label}” is no phone number. Write it like +49 89 1234567."),
    "url": say("“{label}” is no web address. Write it like https://www.company.com."),
    "integer": say("“{label}” takes a whole number. Write it in digits, such as 12."),
    "decimal": say("“{label}” takes a number. Write it with a point before the decimals, such as 1250.50."),
    "decimals": say("“{label}” has too many decimals. Write at most {max}."),
    "minor": say("“{label}” has too many decimals for {currency}. Write at most {max}."),
    "too_small": say("“{label}” is too small. Give {min} or more."),
    "too_large": say("“{label}” is too large. Give {max} or less."),
    "date": say("“{label}” takes a day. Write it as YYYY-MM-DD, such as 2027-03-14."),
    "too_early": say("“{label}” is too early. Choose {min} or later."),
    "too_late": say("“{label}” is too late. Choose {max} or earlier."),
    "country": say("“{label}” takes a country's two-letter code. Choose a country, such as DE."),
    "currency": say("“{label}” takes a currency's three-letter code. Choose a currency, such as EUR."),
    "option": say("“{label}” does not offer this. Choose one of the offered answers."),
    "list": say("“{label}” takes several answers. Choose each once."),
    "too_few": say("“{label}” has too few entries. Give at least {min}."),
    "too_many": say("“{label}” has too many entries. Give at most {max}."),
    "boolean": say("“{label}” takes yes or no. Choose one."),
    "lines": say("“{label}” takes lines. Send a list with an entry for each line."),
    "file": say("“{label}” takes files. Attach them, rather than writing here."),
    "reference": say("“{label}” is not known here. Search for it and choose it from the list."),
    "read_only": say("“{label}” cannot be changed here. Leave it as it is."),
    "unknown": say("The form has no such field. Leave it out."),
    "in_line": say("Line {line}: {sentence}"),
    "too_much": say("The form holds too much. Shorten the texts or remove lines."),
    "from_account": say("from your company record"),
    "from_user": say("from your user record"),
    "from_partner": say("from your partner record"),
}


def said(key: str, language: str, **params: Any) -> str:
    """A sentence in the reader's language, with numbers and days as the reader writes them."""
    return _tongue(language).says(SENTENCES[key].given(**params))


def summary(count: int, language: str) -> tuple[str, str]:
    """How many fields are wrong, and what to do about it."""
    what = counted("One field needs your attention.", "{count} fields need your attention.", count=count)
    remedy = counted(
        "Correct it and send the form again.", "Correct them and send the form again.", count=count
    )
    return _tongue(language).says(what), _tongue(language).says(remedy)


def shown_as(value: Any, language: str) -> str:
    """A value in a sentence: 1,250.5 and March 14, 2027 in English, 1.250,5 and 14. März 2027 in German."""
    return _tongue(language).shows(value)


def _tongue(language: str) -> Tongue:
    return Tongue(language, Locale(language))
