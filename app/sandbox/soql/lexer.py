"""Cuts a query into tokens. Refuses what no SOQL token starts with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.sandbox.errors import malformed_query
from app.sandbox.soql.positions import malformed

MAX_QUERY = 100_000

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
  | (?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?![A-Za-z_0-9]))
  | (?P<currency>[A-Za-z]{3}\d+(?:\.\d+)?(?![A-Za-z_0-9.]))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<string>'(?:[^'\\\n\r]|\\.)*')
  | (?P<op><=|>=|<>|!=|=|<|>)
  | (?P<punct>[(),.:])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_SIMPLE = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "_": "_",
    "%": "%",
}
_SIMPLE |= {key.upper(): value for key, value in _SIMPLE.items() if key.isalpha()}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the query. `kind` names the group of the pattern; `end` marks the end of the text."""

    kind: str
    text: str
    pos: int

    @property
    def upper(self) -> str:
        """The text in upper case, to compare with keywords."""
        return self.text.upper()


def tokens(text: str) -> list[Token]:
    """All tokens, and one of kind `end` at last. Refuses with MALFORMED_QUERY."""
    if len(text) > MAX_QUERY:
        raise malformed_query(f"SOQL statements cannot be longer than {MAX_QUERY} characters.")
    found: list[Token] = []
    pos = 0
    while pos < len(text):
        match = _TOKEN.match(text, pos)
        if match is None:
            if text[pos] == "'":
                raise malformed(text, pos, "Invalid string literal: the closing quote is missing")
            raise malformed(text, pos, f"unexpected token: '{_word(text, pos)}'")
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match.group(), pos))
        pos = match.end()
    found.append(Token("end", "<EOF>", len(text)))
    return found


def _word(text: str, pos: int) -> str:
    match = re.compile(r"[^\s(),]+").match(text, pos)
    return match.group() if match else text[pos]


def unescape(text: str, token: Token) -> tuple[str, str]:
    """A string literal's value, and the same as a LIKE pattern: literal wildcards escaped by a backslash."""
    value: list[str] = []
    pattern: list[str] = []
    raw = token.text[1:-1]
    last = 0
    for match in _ESCAPE.finditer(raw):
        plain = raw[last : match.start()]
        value.append(plain)
        pattern.append(plain)
        code = match.group(1)
        if len(code) == 5:
            char = chr(int(code[1:], 16))
        elif code in _SIMPLE:
            char = _SIMPLE[code]
        else:
            raise malformed(
                text,
                token.pos,
                f"Invalid string literal '{raw}'. Illegal character sequence '\\{code}' in string literal.",
            )
        value.append(char)
        pattern.append(f"\\{char}" if char in "\\%_" else char)
        last = match.end()
    value.append(raw[last:])
    pattern.append(raw[last:])
    # A surrogate pair written as two \u escapes is one character.
    joined = "".join(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    joined_pattern = "".join(pattern).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return joined, joined_pattern
