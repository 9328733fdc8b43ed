"""The functions that formulas may call: a name, how many arguments, and what makes the SQL of them.

The functions themselves are in `logic`, `texts` and `numbers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.sandbox.formula.syntax import Tree, invalid
from app.sandbox.formula.values import Value, need

if TYPE_CHECKING:
    from app.sandbox.formula.compiler import Compiler

Function = Callable[["Compiler", tuple[Tree, ...]], Value]
_FUNCTIONS: dict[str, tuple[int, int, Function]] = {}


def function(name: str, least: int, most: int | None = None) -> Callable[[Function], Function]:
    """Make the decorated function known as `name`, taking `least` to `most` arguments."""

    def keep(function: Function) -> Function:
        _FUNCTIONS[name] = (least, least if most is None else most, function)
        return function

    return keep


def call(c: Compiler, name: str, args: tuple[Tree, ...]) -> Value:
    """The value of a function; refuses an unknown one and a wrong number of arguments."""
    if name not in _FUNCTIONS:
        raise invalid(f"Unknown function {name}. Check spelling.")
    least, most, function = _FUNCTIONS[name]
    if not least <= len(args) <= most:
        raise invalid(
            f"Incorrect number of parameters for function '{name}()'. Expected {least}, received {len(args)}"
        )
    return function(c, args)


def text_of(c: Compiler, tree: Tree, name: str) -> str:
    """A text argument\'s SQL; an empty one is the empty text."""
    return f"IFNULL({need(c.value(tree), 'text', name).sql}, '')"
