"""A workflow document as text: YAML or JSON to plain data, and back.

Written by a person: no aliases, no key twice, and a number with a fraction stands in quotes, so that money is
exact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from app.approvals.document.faults import Fault, WorkflowFaults

LONGEST = 300_000
#: Levels of lists and mappings, one inside the other. The deepest condition that a field can have fits.
DEEPEST = 64
_TOO_DEEP = Fault("", "It is nested too deeply.", "Write it more plainly.")


class _Loader(yaml.SafeLoader):
    """YAML without dates and without yes and no: text stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


def content(source: str, where: str) -> dict[str, Any]:
    """What the text says, as plain data. Raises WorkflowFaults."""

    def refuse(what: str, remedy: str, path: str = "") -> WorkflowFaults:
        return WorkflowFaults([Fault(path, what, remedy)], where=where)

    if len(source) > LONGEST:
        raise refuse(f"It is longer than {LONGEST:,} characters.", "Shorten it.")
    try:
        _look_over(source, where)
        loader = _Loader(source)
        node = loader.get_single_node()
        faults: list[Fault] = []
        found = _plain(loader, node, "", faults) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"line {mark.line + 1}" if mark else ""
        raise refuse(f"It is not YAML: {error.problem}.", "Correct it there.", line) from None
    except yaml.YAMLError:
        raise refuse("It is not YAML.", "Leave out control characters.") from None
    if faults:
        raise WorkflowFaults(faults, where=where)
    if not isinstance(found, dict):
        raise refuse("It is no mapping.", "Begin with `key:`, `title:`, `number:`.")
    return found


def _look_over(source: str, where: str) -> None:
    """Refuse aliases, and depth where it begins: PyYAML's time grows with the square of the depth."""
    depth = 0
    for event in yaml.parse(source, _Loader):
        if isinstance(event, yaml.AliasEvent):
            raise WorkflowFaults(
                [Fault("", "It uses YAML aliases (*name).", "Write the value out.")], where=where
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise WorkflowFaults([_TOO_DEEP], where=where)


def _plain(loader: yaml.SafeLoader, node: yaml.Node, path: str, faults: list[Fault]) -> Any:
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value in node.value:
            key = str(getattr(key_node, "value", ""))
            inner = f"{path}.{key}" if path else key
            if not isinstance(key_node, yaml.ScalarNode) or key in found:
                faults.append(Fault(inner, "This key stands here twice.", "Keep one of them."))
            found[key] = _plain(loader, value, inner, faults)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, one, f"{path}[{index}]", faults) for index, one in enumerate(node.value)]
    try:
        value = loader.construct_object(node)
    except (yaml.YAMLError, ValueError):
        faults.append(Fault(path, "This value cannot be read.", "Put it in quotes."))
        return None
    if isinstance(value, float):
        faults.append(
            Fault(path, "A number with a fraction is not exact.", f'Write "{node.value}" in quotes.')
        )
    elif not isinstance(value, str | int | bool | None):
        faults.append(Fault(path, "This value has a type that documents do not use.", "Put it in quotes."))
    elif isinstance(value, str) and ("\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value)):
        faults.append(Fault(path, "The text has a character that cannot be kept.", "Leave it out."))
    return value


def write(content: Mapping[str, Any]) -> str:
    """A document that came as data, as YAML; the order of keys stays. Raises WorkflowFaults."""
    if _deeper(content, DEEPEST):
        raise WorkflowFaults([_TOO_DEEP])
    text: str = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=100)
    return text


def _deeper(value: Any, levels: int) -> bool:
    """Whether it has more levels than that."""
    if not isinstance(value, Mapping | list):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(_deeper(one, levels - 1) for one in inner)
