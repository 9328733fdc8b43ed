"""The catalogues: one file for each language beside English, `de.po`, `es.po`, `ja.po`, as gettext has them.

The key of a sentence is its English text. What the code no longer says stays in its file, marked with `#~`:
timelines that were written before are still read by it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

#: The languages that people read, English first: it is what a sentence is written in.
LANGUAGES = ("en", "de", "es", "ja")
FOLDER = Path(__file__).parent


def language_of(wanted: str) -> str:
    """The language that a reader is answered in: `de` for `de_AT` and `DE-ch`, English for an unknown one."""
    first = wanted.replace("_", "-").split("-")[0].strip().lower()
    return first if first in LANGUAGES else "en"


def path_of(language: str) -> Path:
    """Where a language's catalogue lies."""
    return FOLDER / f"{language}.po"


def read(language: str) -> Catalog:
    """A language's catalogue as gettext has it."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


@cache
def _texts(language: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    catalog = read(language)
    for message in [*catalog.obsolete.values(), *catalog]:
        key = message.id if isinstance(message.id, str) else message.id[0]
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if key and all(texts):
            found[key] = texts
    return found


def translated(message: str, language: str, count: int = 1) -> str | None:
    """A message in that language, its places still open; None where the catalogue has no such message."""
    texts = _texts(language).get(message)
    if texts is None:
        return None
    # German and Spanish have a form for one and another for more, Japanese has one for both.
    return texts[0 if count == 1 else -1]
