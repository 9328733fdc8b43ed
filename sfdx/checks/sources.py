"""The files of the project as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from xml.parsers import expat

from app.sandbox import metadata, stock
from app.sandbox.schema import Schema
from sfdx.checks import apex


@dataclass(slots=True)
class Node:
    """One XML element, without its namespace. line: where it begins."""

    tag: str
    line: int
    text: str = ""
    children: list[Node] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def all(self, *path: str) -> list[Node]:
        """The elements at the end of a path of names."""
        found = [self]
        for name in path:
            found = [child for node in found for child in node.children if child.tag == name]
        return found

    def first(self, *path: str) -> Node | None:
        """The first element at the end of a path of names."""
        return next(iter(self.all(*path)), None)

    def value(self, *path: str) -> str:
        """The text of the first element at the end of a path of names, or the empty text."""
        found = self.first(*path)
        return found.text if found else ""

    def deep(self, *names: str) -> Iterator[Node]:
        """Every element below with one of these names, or every one where none is given."""
        for child in self.children:
            if not names or child.tag in names:
                yield child
            yield from child.deep(*names)


def parse(text: str) -> Node:
    """An XML text. Raises ValueError with the place of what is not well formed."""
    root = Node("", 0)
    stack = [root]
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        made = Node(tag.rpartition(":")[2], parser.CurrentLineNumber, attributes=attributes)
        stack[-1].children.append(made)
        stack.append(made)

    def end(_: str) -> None:
        done = stack.pop()
        done.text = done.text.strip()

    def data(letters: str) -> None:
        stack[-1].text += letters

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ValueError(f"line {error.lineno}: {expat.ErrorString(error.code)}") from None
    return root.children[0]


class Everything:
    """An org with every feature that a mapping can ask for."""

    multi_currency = person_accounts = state_country_picklists = True


@dataclass
class Project:
    """The sources below one folder with an `sfdx-project.json`."""

    root: Path

    @cached_property
    def source(self) -> Path:
        """Where the metadata lies."""
        return self.root / "force-app"

    def name(self, path: Path) -> str:
        """The path as findings give it."""
        return path.relative_to(self.root).as_posix()

    def files(self, ending: str) -> list[Path]:
        """The files whose names end so, tests of components aside."""
        return sorted(p for p in self.source.rglob(f"*{ending}") if "__tests__" not in p.parts)

    def xml(self, path: Path) -> Node:
        """A file's root element, read once. Raises ValueError with the file and the place of a fault."""
        if path not in self._read:
            try:
                self._read[path] = parse(path.read_text())
            except ValueError as error:
                raise ValueError(f"{self.name(path)}: The XML is not well formed: {error}.") from None
        return self._read[path]

    @cached_property
    def _read(self) -> dict[Path, Node]:
        return {}

    @cached_property
    def schema(self) -> Schema:
        """The objects of an org with every feature in which these sources are deployed. Raises ValueError."""
        made = stock.load("prm", Everything())
        metadata.deploy(made, self.source, multi_currency=True)
        return made

    @cached_property
    def classes(self) -> list[apex.Class]:
        """Every Apex class."""
        return [apex.read(path) for path in self.files(".cls")]
