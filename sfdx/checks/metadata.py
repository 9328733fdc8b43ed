"""Metadata files beside the types of the Metadata API: its elements, values that fit, nothing left out.

The types are those that Salesforce publishes as `@salesforce/types`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sfdx.checks.findings import Finding
from sfdx.checks.sources import Node, Project
from sfdx.checks.tools import PACKAGES, node

_TYPE = re.compile(r"^export type (\w+) = (?:(\w+) & )?\{\n(.*?)^\};", re.DOTALL | re.MULTILINE)
_MEMBER = re.compile(r"^    (\w+)(\??): ([^;]+);", re.MULTILINE)
_CHOICE = re.compile(r"^export type (\w+) = ('[^;]*');", re.MULTILINE)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

#: Where the types say less than Salesforce takes: (type, element or nothing) → why it is let pass.
KNOWN: Mapping[tuple[str, str], str] = {
    (
        "LightningComponentBundle",
        "targetConfigs",
    ): "The types call it text; it holds elements, as its guide says.",
    ("DigitalExperienceConfig", ""): "Missing among the types; Salesforce's own template of a site has it.",
    ("CustomSite", "allowGuestPaymentsApi"): "Missing among the types; the template of a site has it.",
    (
        "CustomSite",
        "siteType",
    ): "ChatterNetwork is missing among the values; every Experience Cloud site has it.",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One element of a type. many: it may stand several times."""

    name: str
    type: str
    required: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Types:
    """The Metadata API's types and choices by name."""

    shapes: Mapping[str, Mapping[str, Member]]
    choices: Mapping[str, frozenset[str]]


@cache
def types() -> Types:
    """As the package says them."""
    node()
    text = (PACKAGES / "@salesforce" / "types" / "lib" / "metadata.d.ts").read_text()
    own, bases = {}, {}
    for name, base, body in _TYPE.findall(text):
        own[name] = {
            member: Member(member, kind.removesuffix("[]"), not optional, kind.endswith("[]"))
            for member, optional, kind in _MEMBER.findall(body)
        }
        bases[name] = base
    shapes = {name: own.get(bases[name], {}) | members for name, members in own.items()}
    choices = {name: frozenset(re.findall(r"'([^']*)'", values)) for name, values in _CHOICE.findall(text)}
    return Types(shapes, choices)


def check(project: Path) -> list[Finding]:
    """Every element that the Metadata API does not know, lacks, or cannot read."""
    sources = Project(project)
    known = types()
    found = []
    paths = [*sources.files("-meta.xml"), *sorted((project / "manifest").glob("*.xml"))]
    for path in paths:
        try:
            root = sources.xml(path)
        except ValueError as error:
            found.append(Finding(sources.name(path), 1, str(error).partition(": ")[2], "Correct the file."))
            continue
        if (root.tag, "") in KNOWN:
            continue
        if root.tag not in known.shapes:
            faults = [(root.line, f"{root.tag} is no type of metadata.", "Correct the root element.")]
        else:
            faults = list(_faults(root, root.tag, known))
        found += [Finding(sources.name(path), line, what, remedy) for line, what, remedy in faults]
    return sorted(found)


def _faults(element: Node, kind: str, known: Types) -> Iterator[tuple[int, str, str]]:
    members = known.shapes[kind]
    seen: set[str] = set()
    for child in element.children:
        member = members.get(child.tag)
        if (kind, child.tag) in KNOWN:
            seen.add(child.tag)
            continue
        if member is None:
            yield child.line, f"{kind} has no element {child.tag}.", "Correct its name, or take it out."
            continue
        if child.tag in seen and not member.many:
            yield child.line, f"{child.tag} stands twice, and {kind} takes one.", "Take one of them out."
        seen.add(child.tag)
        yield from _value(child, kind, member, known)
    for member in members.values():
        # A list may be empty; the types do not say which may not.
        if member.required and not member.many and member.name not in seen:
            yield element.line, f"{kind} needs the element {member.name}.", "Add it."


def _value(child: Node, kind: str, member: Member, known: Types) -> Iterator[tuple[int, str, str]]:
    if member.type in known.shapes:
        yield from _faults(child, member.type, known)
        return
    text, takes = child.text, ""
    if child.children:
        takes = "a plain value"
    elif member.type == "boolean" and text not in ("true", "false"):
        takes = "true or false"
    elif member.type == "number" and not _NUMBER.fullmatch(text):
        takes = "a number"
    elif member.type in known.choices and text not in known.choices[member.type]:
        offered = sorted(known.choices[member.type])
        takes = "one of " + ", ".join(offered[:12]) + (" …" if len(offered) > 12 else "")
    if takes:
        what = "elements" if child.children else repr(text)
        yield child.line, f"{kind}.{child.tag} takes {takes}, not {what}.", "Correct the value."
