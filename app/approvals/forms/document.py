"""What the document of a form may say. Its meaning is in `form`, its words for readers in their languages.

max_required: 8
languages: [en, de, es, ja]
sections:
  - key: customer
    title: {en: End customer, de: Endkunde, …}
    fields:
      - {key: customer_name, type: text, max_length: 255, required: true, label: {en: Company, …}}
      - {key: margin, type: decimal, visible: {field: user.scope, op: eq, value: staff}, label: {…}}
rules:
  - when: {field: amount, op: above, value: {EUR: "100000.00"}}
    require: [evidence]
    help: {evidence: {en: "A deal of this size needs evidence.", …}}
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.approvals.forms.places import LANGUAGES

FieldType = Literal[
    "text", "long_text", "email", "phone", "url", "integer", "decimal", "money", "date", "country",
    "currency", "choice", "multi_choice", "boolean", "lines", "file", "reference",
]  # fmt: skip
#: What a reference can point to; `GET /api/references/<kind>` searches each.
Reference = Literal[
    "account", "contact", "product", "product_family", "lead", "opportunity", "user", "country"
]
#: Where a value is prefilled from: the partner's account, the person's own record, the partner's facts.
SOURCES = (
    "account.name", "account.country", "account.city", "account.street", "account.postal_code",
    "account.state", "account.phone", "account.website", "account.currency", "account.number",
    "user.name", "user.first_name", "user.last_name", "user.email", "user.phone",
    "partner.name", "partner.kind", "partner.level", "partner.region", "partner.country",
)  # fmt: skip

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_RELATIVE = re.compile(r"today([+-][0-9]{1,5})?|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
MEGABYTE = 1_000_000
LARGEST_FILE_MB = 25


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("Write a name in small letters, digits and _, such as customer_name.")
    return value


def _words(value: Any) -> Any:
    """Text for every reader, or a text for each language."""
    if isinstance(value, str):
        value = dict.fromkeys(LANGUAGES, value)
    if not isinstance(value, dict) or not value:
        raise ValueError("Write a text, or one for each language, such as {en: Company, de: Firma}.")
    for language, text in value.items():
        if language not in LANGUAGES:
            raise ValueError(f"There is no language {language}; choose from {', '.join(LANGUAGES)}.")
        if not isinstance(text, str) or not text.strip() or len(text) > 1000:
            raise ValueError(f"Write 1 to 1,000 characters for {language}.")
    return value


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError('A number with decimals must be exact: put it in quotes, such as "12.50".')
    return value


Name = Annotated[str, AfterValidator(_name)]
Words = Annotated[dict[str, str], BeforeValidator(_words)]
#: true, false, or a condition; conditions are read in `form`.
Switch = bool | dict[str, Any]
Bound = Annotated[int | str | dict[str, int | str], BeforeValidator(_exact)]
Positive = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OptionDocument(Strict):
    """An answer that may be chosen."""

    value: Annotated[str, Field(min_length=1, max_length=80)]
    label: Words


class RuleDocument(Strict):
    """When the condition holds, its effects; without `when`, always. Later rules win."""

    when: dict[str, Any] | None = None
    show: list[Name] = []
    hide: list[Name] = []
    require: list[Name] = []
    optional: list[Name] = []
    lock: list[Name] = []
    unlock: list[Name] = []
    default: dict[Name, Any] = {}
    options: dict[Name, list[str]] = {}
    help: dict[Name, Words] = {}
    limit: dict[Name, LimitDocument] = {}


class LimitDocument(Strict):
    """Limits of a value; which of them a field can have depends on its type."""

    min: Bound | None = None
    max: Bound | None = None
    min_length: Positive | None = None
    max_length: Positive | None = None
    min_count: Annotated[int, Field(ge=0)] | None = None
    max_count: Positive | None = None


class FieldDocument(LimitDocument):
    """One field. Numbers with decimals stand in quotes, days as YYYY-MM-DD or `today+30`."""

    key: Name
    type: FieldType
    label: Words
    help: Words | None = None
    placeholder: Words | None = None
    required: Switch = False
    read_only: Switch = False
    visible: Switch = True
    default: Any = None
    prefill: str | None = None
    #: letters and digits that text must have: A a letter, 9 a digit, X either, + repeats, \ takes the next
    #: sign as it is, every other sign stands for itself
    mask: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    decimals: Annotated[int, Field(ge=0, le=10)] | None = None
    unit: Words | None = None
    #: money: the field that holds its currency (default `currency`), or the one currency it can have
    currency_field: Name | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    options: list[OptionDocument | str] | None = None
    #: multi_choice: `country` offers all countries; reference: what it points to
    reference: Reference | None = None
    #: boolean: what a person has to answer, for a consent
    must_be: bool | None = None
    fields: list[FieldDocument] | None = None
    rules: list[RuleDocument] = []
    #: file: extensions that are accepted, and the size of each file in megabytes
    accept: list[Annotated[str, Field(pattern=_EXTENSION.pattern)]] | None = None
    max_mb: Annotated[int, Field(ge=1, le=LARGEST_FILE_MB)] | None = None

    def words(self, language: str) -> str:
        """The label as the reader reads it."""
        return spoken(self.label, language)


class SectionDocument(Strict):
    """Fields that belong together. Without its condition, none of them is there."""

    key: Name
    title: Words
    help: Words | None = None
    when: dict[str, Any] | None = None
    fields: Annotated[list[FieldDocument], Field(min_length=1)]


class FormDocument(Strict):
    """A whole form."""

    #: the languages in which every text must be there
    languages: Annotated[list[Literal["en", "de", "es", "ja"]], Field(min_length=1)] = ["en"]
    #: how many fields may be required of one person at once
    max_required: Positive | None = None
    sections: Annotated[list[SectionDocument], Field(min_length=1, max_length=30)]
    rules: Annotated[list[RuleDocument], Field(max_length=200)] = []


RuleDocument.model_rebuild()
FieldDocument.model_rebuild()
SectionDocument.model_rebuild()
FormDocument.model_rebuild()


def spoken(words: dict[str, str] | None, language: str) -> str:
    """The text in that language; else in English, else in any; empty where there is none."""
    if not words:
        return ""
    return words.get(language) or words.get("en") or next(iter(words.values()))


_TEXTUAL = {"min_length", "max_length", "placeholder", "prefill"}
#: What a field of each type may say beside what every field may.
PARTS: dict[str, frozenset[str]] = {
    "text": frozenset(_TEXTUAL | {"mask"}),
    "long_text": frozenset(_TEXTUAL),
    "email": frozenset(_TEXTUAL),
    "phone": frozenset(_TEXTUAL),
    "url": frozenset(_TEXTUAL),
    "integer": frozenset({"min", "max", "unit", "placeholder"}),
    "decimal": frozenset({"min", "max", "decimals", "unit", "placeholder"}),
    "money": frozenset({"min", "max", "currency_field", "currency", "placeholder"}),
    "date": frozenset({"min", "max"}),
    "country": frozenset({"options", "prefill"}),
    "currency": frozenset({"options", "prefill"}),
    "choice": frozenset({"options", "prefill"}),
    "multi_choice": frozenset({"options", "reference", "min_count", "max_count"}),
    "boolean": frozenset({"must_be"}),
    "lines": frozenset({"fields", "rules", "min_count", "max_count"}),
    "file": frozenset({"accept", "max_mb", "min_count", "max_count"}),
    "reference": frozenset({"reference", "placeholder"}),
}
EVERYWHERE = frozenset({"key", "type", "label", "help", "required", "read_only", "visible", "default"})
