"""The parser's lower half: names, fields, literals and conditions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NoReturn

from app.sandbox.soql import ast
from app.sandbox.soql.grammar import (
    AGGREGATES,
    DATE_LITERALS,
    DATE_N_LITERALS,
    FIELD_GROUPS,
    FUNCTIONS,
    RESERVED,
)
from app.sandbox.soql.lexer import Token, tokens, unescape
from app.sandbox.soql.positions import malformed, refusal

MAX_STRING = 4000
#: deepest nesting of parentheses
MAX_DEPTH = 100
_OPERATORS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Conditions(ABC):
    """Reads conditions, and keeps the place in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        """The token to read next."""
        return self._tokens[self._at]

    @property
    def following(self) -> Token:
        """The token after it."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def advance(self) -> Token:
        """Read one token."""
        token = self.token
        if token.kind != "end":
            self._at += 1
        return token

    def is_word(self, word: str) -> bool:
        """Whether the next token is that word or sign, in any letter case."""
        return self.token.kind in ("name", "punct", "op") and self.token.upper == word

    def take(self, word: str) -> bool:
        """Read the word if it comes next."""
        if self.is_word(word):
            self._at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        """Read the word, or refuse."""
        if not self.take(word):
            if word == ")" and self.token.upper not in RESERVED:
                found = "EOF" if self.token.kind == "end" else self.token.text
                raise malformed(self.text, self.token.pos, f"expecting a right parentheses, found '{found}'")
            self.unexpected()

    def unexpected(self) -> NoReturn:
        """Refuse the next token."""
        raise malformed(self.text, self.token.pos, f"unexpected token: '{self.token.text}'")

    def name(self) -> str:
        """One name."""
        if self.token.kind not in ("name", "currency") or "." in self.token.text:
            self.unexpected()
        # A group's name is Group.Name, reserved word or not.
        group = self.token.upper == "GROUP" and self.following.text == "."
        if self.token.upper in RESERVED and not group:
            self.unexpected()
        return self.advance().text

    def path(self) -> ast.Path:
        """Names joined by dots."""
        pos = self.token.pos
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        return ast.Path(tuple(parts), pos)

    def field(self) -> ast.Path | ast.Call:
        """A field or a function."""
        if self.token.kind == "name" and self.following.text == "(" and self.token.upper not in RESERVED:
            return self._call()
        return self.path()

    def _call(self) -> ast.Call:
        pos = self.token.pos
        if self.token.upper not in FUNCTIONS:
            self._at += 1
            self.unexpected()
        name = self.advance().text
        self.expect("(")
        args: list[ast.Path | ast.Call | ast.Literal] = []
        if not self.take(")"):
            args.append(self._argument())
            while self.take(","):
                args.append(self._argument())
            self.expect(")")
        elif name.upper() != "COUNT":
            self._at -= 1
            self.unexpected()
        if name.upper() == "FIELDS" and (len(args) != 1 or args[0].text.upper() not in FIELD_GROUPS):
            raise malformed(self.text, args[0].pos, f"unexpected token: '{args[0].text}'")
        inner = next((arg for arg in args if isinstance(arg, ast.Call)), None)
        if inner is not None and name.upper() in AGGREGATES:
            raise malformed(self.text, inner.pos, f"unexpected token: '{inner.name}'")
        return ast.Call(name, tuple(args), pos)

    def _argument(self) -> ast.Path | ast.Call | ast.Literal:
        if self.token.kind in ("number", "string"):
            return self.literal()
        # FIELDS(ALL) names a group of fields with a word that begins a clause elsewhere.
        return self.field()

    # --- conditions ---

    def condition(self) -> ast.Condition:
        """A condition. AND and OR do not mix without parentheses, and NOT stands alone within its own."""
        if self.take("NOT"):
            return ast.Not(self._simple())
        first = self._simple()
        for word in ("AND", "OR"):
            if self.is_word(word):
                terms = [first]
                while self.take(word):
                    terms.append(self._simple())
                if self.is_word("AND") or self.is_word("OR"):
                    self.unexpected()
                return ast.Junction(word, tuple(terms))
        return first

    def _simple(self) -> ast.Condition:
        if not self.is_word("("):
            return self._comparison()
        if self._depth >= MAX_DEPTH:
            raise refusal("MALFORMED_QUERY", self.text, self.token.pos, "The query is nested too deeply")
        self.advance()
        self._depth += 1
        inner = self.condition()
        self.expect(")")
        self._depth -= 1
        return inner

    def _comparison(self) -> ast.Comparison:
        pos = self.token.pos
        left = self.field()
        if self.token.kind == "op":
            op = _OPERATORS[self.advance().text]
            return ast.Comparison(left, op, self.literal(), pos)
        word = self.token.upper if self.token.kind == "name" else ""
        if word == "LIKE":
            self.advance()
            if self.token.kind != "string":
                self.unexpected()
            return ast.Comparison(left, "LIKE", self.literal(), pos)
        if word in ("INCLUDES", "EXCLUDES"):
            self.advance()
            return ast.Comparison(left, word, self._values(only_strings=True), pos)
        negated = word == "NOT" and self.following.upper == "IN"
        if negated:
            self.advance()
        elif word != "IN":
            self.unexpected()
        self.advance()
        op = "NOT IN" if negated else "IN"
        if self.is_word("(") and self.following.upper == "SELECT":
            self.advance()
            inner = self.query()
            self.expect(")")
            return ast.Comparison(left, op, inner, pos)
        return ast.Comparison(left, op, self._values(), pos)

    @abstractmethod
    def query(self, *, child: bool = False) -> ast.Query:
        """A query; the parser's upper half knows how."""

    def _values(self, *, only_strings: bool = False) -> tuple[ast.Literal, ...]:
        self.expect("(")
        values = []
        while True:
            if only_strings and self.token.kind != "string":
                self.unexpected()
            values.append(self.literal())
            if not self.take(","):
                break
        self.expect(")")
        return tuple(values)

    def literal(self) -> ast.Literal:
        """One value."""
        token = self.token
        if token.kind == "string":
            value, pattern = unescape(self.text, token)
            if len(value) > MAX_STRING:
                raise malformed(
                    self.text, token.pos, f"String literals may have at most {MAX_STRING} characters"
                )
            self.advance()
            return ast.Literal("string", value, token.text, token.pos, pattern)
        if token.kind in ("number", "date", "datetime"):
            self.advance()
            return ast.Literal(token.kind, token.text, token.text, token.pos)
        upper = token.upper
        if token.kind == "name" and upper in ("TRUE", "FALSE", "NULL"):
            self.advance()
            return ast.Literal("null" if upper == "NULL" else "boolean", upper, token.text, token.pos)
        if token.kind == "name" and upper in DATE_LITERALS:
            self.advance()
            return ast.Literal("dateliteral", upper, token.text, token.pos)
        if token.kind == "name" and upper in DATE_N_LITERALS:
            self.advance()
            self.expect(":")
            number = self.token
            if number.kind != "number" or not number.text.isdigit() or len(number.text) > 6:
                self.unexpected()
            self.advance()
            return ast.Literal(
                "dateliteral", upper, f"{token.text}:{number.text}", token.pos, n=int(number.text)
            )
        if token.kind != "currency":
            self.unexpected()
        self.advance()
        return ast.Literal("currency", upper, token.text, token.pos)
