"""Formula text to a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.sandbox.errors import ApiError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|/\*.*?\*/)
  | (?P<number>\d+(?:\.\d*)?|\.\d+)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<name>\$?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<op>&&|\|\||<>|!=|<=|>=|==|[-+*/^&=<>!(),])
    """,
    re.VERBOSE | re.DOTALL,
)
_LEVELS = (
    ("||",),
    ("&&",),
    ("=", "==", "<>", "!=", "<", ">", "<=", ">="),
    ("&",),
    ("+", "-"),
    ("*", "/"),
    ("^",),
)
_SAME = {"==": "=", "!=": "<>"}
#: deepest nesting of parentheses, and most operators in one row: more than people write
MAX_DEPTH = 40
MAX_ROW = 200


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text literal, unescaped."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A field path, `TRUE`, `FALSE`, `NULL`, or a global such as `$User.Id`."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A function call, or an operator with one or two arguments (`name` is the operator)."""

    name: str
    args: tuple[Tree, ...]


Tree = Number | Text | Name | Operation


def invalid(message: str) -> ApiError:
    """A formula that no org would accept."""
    return ApiError("FORMULA_EXPRESSION_INVALID", message)


def parse(text: str) -> Tree:
    """The formula's tree; refuses with FORMULA_EXPRESSION_INVALID."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        pos = 0
        while pos < len(text):
            match = _TOKEN.match(text, pos)
            if match is None:
                raise invalid(f"Syntax error. Found '{text[pos]}'")
            if match.lastgroup != "space":
                self.tokens.append((match.lastgroup or "", match.group()))
            pos = match.end()
        self.tokens.append(("end", ""))
        self.at = 0
        self.depth = 0

    def whole(self) -> Tree:
        tree = self.level(0)
        if self.tokens[self.at][0] != "end":
            raise invalid(f"Syntax error. Extra {self.tokens[self.at][1]}")
        return tree

    def take(self, *signs: str) -> str:
        kind, text = self.tokens[self.at]
        if kind == "op" and text in signs:
            self.at += 1
            return text
        return ""

    def level(self, n: int) -> Tree:
        if n == len(_LEVELS):
            return self.unary()
        left = self.level(n + 1)
        row = 0
        while sign := self.take(*_LEVELS[n]):
            row += 1
            if row > MAX_ROW:
                raise invalid("Formula is too big to execute")
            left = Operation(_SAME.get(sign, sign), (left, self.level(n + 1)))
        return left

    def unary(self) -> Tree:
        sign = self.take("-", "+", "!")
        if sign:
            inner = self.unary()
            return inner if sign == "+" else Operation("NOT" if sign == "!" else "negate", (inner,))
        return self.primary()

    def primary(self) -> Tree:
        kind, text = self.tokens[self.at]
        if self.take("("):
            return self.enclosed()
        self.at += 1
        if kind == "number":
            return Number(text)
        if kind == "string":
            return Text(re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text[1:-1]))
        if kind == "name":
            if not self.take("("):
                return Name(tuple(text.split(".")))
            return Operation(text.upper(), self.arguments())
        raise invalid(f"Syntax error. Missing expression{f' before {text}' if text else ''}")

    def enclosed(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise invalid("Formula is too deeply nested")
        tree = self.level(0)
        if not self.take(")"):
            raise invalid("Syntax error. Missing ')'")
        self.depth -= 1
        return tree

    def arguments(self) -> tuple[Tree, ...]:
        if self.take(")"):
            return ()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise invalid("Formula is too deeply nested")
        args = [self.level(0)]
        while self.take(","):
            args.append(self.level(0))
        if not self.take(")"):
            raise invalid("Syntax error. Missing ')'")
        self.depth -= 1
        return tuple(args)
