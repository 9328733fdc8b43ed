"""Apex as text: what is code, what is comment, what is a string. Offsets stay those of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_CONSTANT = re.compile(r"\bfinal\s+String\s+(\w+)\s*=\s*([^;]+);", re.IGNORECASE)
_NAME = re.compile(r"[\w.]+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Class:
    """One class file. text: as written. plain: comments blanked. bare: the insides of strings as well."""

    path: Path
    text: str
    plain: str
    bare: str

    @property
    def is_test(self) -> bool:
        """Whether the class itself is a test class."""
        return re.search(r"@IsTest\b[^{]*?\bclass\b", self.bare, re.IGNORECASE) is not None

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return self.text.count("\n", 0, offset) + 1

    def closing(self, opening: int) -> int:
        """The offset of the bracket that closes the one at `opening`; the end of the text where none does."""
        pairs = {"(": ")", "[": "]", "{": "}"}
        stack: list[str] = []
        for offset in range(opening, len(self.bare)):
            letter = self.bare[offset]
            if letter in pairs:
                stack.append(pairs[letter])
            elif stack and letter == stack[-1]:
                stack.pop()
                if not stack:
                    return offset
        return len(self.bare)

    def constants(self) -> dict[str, str]:
        """The class's own constant texts by name, where they consist of literals."""
        found: dict[str, str] = {}
        for match in _CONSTANT.finditer(self.bare):
            value = literal(self.plain[match.start(2) : match.end(2)], found)
            if value is not None:
                found[match[1].lower()] = value
        return found


def read(path: Path) -> Class:
    """The class in a file."""
    text = path.read_text()

    def blank(found: re.Match[str], strings: bool) -> str:
        whole = found[0]
        if whole.startswith("'"):
            return f"'{' ' * (len(whole) - 2)}'" if strings else whole
        return re.sub(r"[^\n]", " ", whole)

    return Class(
        path,
        text,
        _TOKEN.sub(lambda found: blank(found, strings=False), text),
        _TOKEN.sub(lambda found: blank(found, strings=True), text),
    )


def literal(expression: str, constants: dict[str, str]) -> str | None:
    """The text that an expression of literals and known constants joined by + stands for, else None."""
    value, rest = "", expression.strip()
    while rest:
        if rest[0] == "'":
            found = _TOKEN.match(rest)
            if found is None:
                return None
            value += re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), found[0][1:-1])
        else:
            found = _NAME.match(rest)
            known = constants.get(found[0].rpartition(".")[2].lower()) if found else None
            if found is None or known is None:
                return None
            value += known
        rest = rest[found.end() :].strip()
        if rest:
            if rest[0] != "+":
                return None
            rest = rest[1:].strip()
            if not rest:
                return None
    return value if expression.strip() else None
