"""PURE. From YAML text to checked documents, with the place of every fault.

YAML is read without its surprises: no tags, no anchors, no key twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml
from pydantic import BaseModel, ValidationError

from app.kernel.errors import Misconfigured
from app.sync.mapping.document import MappingDocument

Place = tuple[int, int]
Path = tuple[str | int, ...]

_LONGEST: Final = 1_000_000
#: Levels of lists and mappings, one inside the other; a mapping needs five.
_DEEPEST: Final = 64


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of a mapping: where (line and column count from 1), what, and what to do."""

    file: str
    line: int
    column: int
    what: str
    remedy: str

    def sentence(self) -> str:
        """`Account.yaml:12:5: what remedy`."""
        return f"{self.file}:{self.line}:{self.column}: {self.what} {self.remedy}".rstrip()


class MappingFaults(Misconfigured):
    """A mapping cannot be used. `faults` has all of its faults, in the order of the files and lines."""

    code = "mapping_faults"
    title = "The mapping has faults"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        count = len(self.faults)
        lines = "\n".join(fault.sentence() for fault in self.faults)
        super().__init__(
            f"{'One fault' if count == 1 else f'{count} faults'} in the mappings:\n{lines}",
            facts={"faults": [fault.sentence() for fault in self.faults]},
        )


@dataclass(frozen=True)
class Document:
    """A checked file: its content as it was written, its model, and where each key stands."""

    file: str
    content: dict[str, Any]
    model: MappingDocument
    places: dict[Path, Place]

    def fault(self, path: Path, what: str, remedy: str) -> Fault:
        """A fault at that path, or at the nearest thing around it that the file has."""
        line, column = _place(self.places, path)
        return Fault(self.file, line, column, what, remedy)


def _place(places: dict[Path, Place], path: Path) -> Place:
    while path and path not in places:
        path = path[:-1]
    return places.get(path, (1, 1))


def read(file: str, text: str) -> tuple[Document | None, list[Fault]]:
    """The checked document, or None and every fault of its YAML and its shape."""
    places: dict[Path, Place] = {}
    faults: list[Fault] = []
    try:
        content = _content(file, text, places, faults)
    except yaml.YAMLError as error:
        return None, [_syntax(file, error)]
    if faults:
        return None, faults
    if not isinstance(content, dict):
        return None, [
            Fault(
                file, 1, 1, "The file holds no mapping.", "Begin with `object:` and `table:`, see the manual."
            )
        ]
    try:
        model = MappingDocument.model_validate(content)
    except ValidationError as error:
        found = [dict(part) for part in error.errors(include_url=False)]
        return None, [_shape(file, part, content, places) for part in found if not _other_form(part, found)]
    return Document(file, content, model, places), []


def _content(file: str, text: str, places: dict[Path, Place], faults: list[Fault]) -> Any:
    if len(text) > _LONGEST:
        faults.append(Fault(file, 1, 1, "The file is longer than a million characters.", "Split it up."))
        return None
    loader = yaml.SafeLoader(text)
    try:
        _look_over(file, text, faults)
        if faults:
            return None
        node = loader.get_single_node()
        return None if node is None else _plain(file, loader, node, (), places, faults)
    finally:
        loader.dispose()


def _look_over(file: str, text: str, faults: list[Fault]) -> None:
    """Note aliases, and depth where it begins: PyYAML's time grows with the square of the depth."""

    def refuse(event: yaml.Event, what: str, remedy: str) -> None:
        mark = event.start_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        faults.append(Fault(file, *place, what, remedy))

    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            refuse(event, "Mappings do not use YAML aliases (*name).", "Write the value out.")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            refuse(event, "The file is nested too deeply.", "Write a mapping, as in the manual.")
            return


def _plain(
    file: str,
    loader: yaml.SafeLoader,
    node: yaml.Node,
    path: Path,
    places: dict[Path, Place],
    faults: list[Fault],
) -> Any:
    """The node as plain Python data; notes the place of everything and the faults of keys."""
    places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(file, loader, n, (*path, i), places, faults) for i, n in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            # A key is what is written: `no:` and `on:` are words here, not truth values.
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                faults.append(Fault(file, *place, "A key is not a plain word.", "Write `key: value`."))
                continue
            if key in out:
                faults.append(Fault(file, *place, f"The key {key!r} stands here twice.", "Keep one of them."))
            places[(*path, key)] = place
            out[key] = _plain(file, loader, value_node, (*path, key), places, faults)
        return out
    try:
        return loader.construct_object(node)
    except (yaml.YAMLError, ValueError):
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        faults.append(
            Fault(file, *place, f"{node.value!r} cannot be read.", "Put it in quotes, without a tag.")
        )
        return None


def _syntax(file: str, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    return Fault(
        file,
        line,
        column,
        f"This is not YAML: {problem}.",
        "Look for a missing colon, quote or blank on this line or the one above.",
    )


def _shape(file: str, found: dict[str, Any], content: object, places: dict[Path, Place]) -> Fault:
    path = _real_path(found["loc"], content)
    line, column = _place(places, path)
    kind, context = found["type"], found.get("ctx", {})
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    if kind == "extra_forbidden":
        allowed = _keys_at(path[:-1])
        near = difflib.get_close_matches(name, allowed, 1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Possible here: {', '.join(allowed)}."
        return Fault(file, line, column, f"The key {name!r} is unknown here.", remedy)
    if kind == "missing":
        return Fault(file, line, column, f"The key {name!r} is missing here.", f"Add `{name}: …`.")
    if kind == "literal_error":
        return Fault(
            file, line, column, f"{name} cannot be {found['input']!r}.", f"Choose {context.get('expected')}."
        )
    if kind == "string_type":
        what = f"{name} must be text and is {_kind(found['input'])}."
        return Fault(file, line, column, what, "Put it in quotes.")
    if kind == "string_pattern_mismatch":
        return Fault(file, line, column, f"{name} cannot be {found['input']!r}.", _PATTERNS.get(name, _NAME))
    wanted = {
        "bool_type": "true or false",
        "int_type": "a whole number",
        "list_type": "a list (lines that begin with -)",
        "dict_type": "keys and values",
        "model_type": "keys and values",
    }.get(kind)
    if wanted:
        return Fault(file, line, column, f"{name} must be {wanted}.", f"It is {_kind(found['input'])}.")
    return Fault(file, line, column, f"{name}: {found['msg']}.", "Correct the value.")


def _other_form(error: dict[str, Any], errors: Sequence[dict[str, Any]]) -> bool:
    """Whether the error belongs to the other form of a key that has two (a word, or keys below it)."""
    *outer, form = error["loc"]
    twins = [e for e in errors if e is not error and e["loc"][: len(outer)] == tuple(outer)]
    if not twins or not isinstance(form, str):
        return False
    nested = isinstance(error["input"], dict | list)
    if error["type"] in {"literal_error", "string_type"}:
        return nested and any(e["loc"][len(outer)] != form for e in twins)
    if error["type"] in {"model_type", "list_type"} and not nested:
        return any(e["input"] == error["input"] and e["loc"][len(outer)] != form for e in twins)
    return False


_NAME: Final = "Use letters, digits and _ as in the API name."
_PATTERNS: Final = {
    "type": "Choose string, boolean, date, datetime, int, decimal(2), id, picklist or multipicklist.",
    "local": "Write a column in small letters, or extra.<name>.",
    "table": "Write the table's name in small letters.",
}


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "a truth value"
    return {int: "a number", float: "a number", list: "a list", dict: "a set of keys", str: f"{value!r}"}.get(
        type(value), "empty" if value is None else f"a {type(value).__name__}"
    )


def _real_path(location: Sequence[str | int], content: object) -> Path:
    """Pydantic's location without the names of union members, which the file does not have."""
    path: list[str | int] = []
    at: Any = content
    for index, step in enumerate(location):
        if isinstance(at, dict):
            if step in at:
                at = at[step]
            elif index < len(location) - 1 or not isinstance(step, str) or not step.isidentifier():
                continue
        elif isinstance(at, list) and isinstance(step, int) and step < len(at):
            at = at[step]
        else:
            continue
        path.append(step)
    return tuple(path)


def _keys_at(path: Path) -> list[str]:
    """The keys that the model knows at that path."""
    model: type[BaseModel] | None = MappingDocument
    for step in path:
        if isinstance(step, str) and model is not None:
            found = {f.alias or n: f.annotation for n, f in model.model_fields.items()}.get(step)
            model = _model_in(found)
    return [f.alias or n for n, f in model.model_fields.items()] if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found is not None:
            return found
    return None
