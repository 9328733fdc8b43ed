"""The sentences that the code says, gathered for the catalogues; what is wrong with the catalogues."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from app.words.catalogue import LANGUAGES, path_of, read
from app.words.sentences import places

APP = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence in the code. several: the same for more than one, or empty; place: `app/deals/crm.py:12`."""

    message: str
    several: str
    given: frozenset[str]
    place: str


def found(folder: Path = APP) -> Iterator[Found]:
    """Every `say` and `counted` below a folder. Raises ValueError where one is not given its text as such."""
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("say", "counted")
            ):
                yield _found(node, f"{file.relative_to(folder.parent)}:{node.lineno}")


def _found(node: ast.Call, place: str) -> Found:
    texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    wanted = 1 if isinstance(node.func, ast.Name) and node.func.id == "say" else 2
    if len(texts) != wanted or len(node.args) != wanted:
        raise ValueError(f"{place}: write the text itself here, with {{places}} and their values by name")
    given = frozenset(one.arg or "**" for one in node.keywords)
    return Found(texts[0], texts[1] if wanted == 2 else "", given, place)


def update() -> dict[str, list[str]]:
    """Bring the catalogues up to date with the code; by language, the sentences without a translation."""
    template = Catalog(charset="utf-8")
    for one in found():
        key = (one.message, one.several) if one.several else one.message
        template.add(key, locations=[(one.place.rpartition(":")[0], 0)])
    waiting = {}
    for language in LANGUAGES[1:]:
        catalog = read(language)
        former = {message.id: message for message in catalog.obsolete.values()}
        catalog.update(template, no_fuzzy_matching=True)
        for message in catalog:
            if message.id and not message.string and (known := former.get(message.id)):
                message.string = known.string
                catalog.obsolete = {key: one for key, one in catalog.obsolete.items() if one is not known}
        write(language, catalog)
        waiting[language] = [str(one.id) for one in catalog if one.id and not _complete(_texts(one))]
    return waiting


def write(language: str, catalog: Catalog) -> None:
    """Write a language's catalogue, without dates: a change of it is a change of its sentences."""
    head = (
        f"Language: {language}",
        f"Plural-Forms: {catalog.plural_forms}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    )
    with path_of(language).open("wb") as file:
        file.write(b'msgid ""\nmsgstr ""\n')
        file.write("".join(f'"{line}\\n"\n' for line in head).encode() + b"\n")
        write_po(file, catalog, width=110, sort_output=True, omit_header=True, include_lineno=False)


def _complete(texts: Sequence[str]) -> bool:
    return bool(texts) and all(texts)


def _texts(message: Message) -> list[str]:
    given = message.string
    return [given] if isinstance(given, str) else list(given or ())


def _uncounted(one: Found) -> frozenset[str]:
    unsaid = "count" not in places(one.message) | places(one.several)
    return frozenset({"count"}) if one.several and unsaid else frozenset()


def faults() -> list[str]:
    """What is wrong with the sentences of the code and with the catalogues; empty when all is well."""
    wrong = []
    said = {one.message: one for one in found()}
    for one in found():
        # One without values may be a template of a table: it is given them later.
        if one.given and places(one.message) | places(one.several) != one.given - _uncounted(one):
            wrong.append(f"{one.place}: the places of “{one.message}” are not what it is given")
    for language in LANGUAGES[1:]:
        catalog = read(language)
        known = {
            (message.id if isinstance(message.id, str) else message.id[0]): message
            for message in catalog
            if message.id
        }
        for message, one in said.items():
            entry = known.get(message)
            if entry is None or not _complete(_texts(entry)):
                wrong.append(f"{language}.po: no text for “{message}” ({one.place})")
                continue
            for text in _texts(entry):
                if places(text) != places(one.several or message) and places(text) != places(message):
                    wrong.append(
                        f"{language}.po: the places of “{text}” are others than those of “{message}”"
                    )
        wrong += [f"{language}.po: the code does not say “{key}”" for key in known.keys() - said.keys()]
    return wrong
