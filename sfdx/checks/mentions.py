"""Who names what: every place in the sources at which one thing names another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sfdx.checks.inventory import KINDS
from sfdx.checks.sources import Node, Project


@dataclass(frozen=True, slots=True)
class Mention:
    """One place. kind, name: what is named there, as in the inventory. by: the kind of file that names it."""

    kind: str
    name: str
    path: Path
    line: int
    by: str


Found = Iterator[tuple[str, str, int]]


def mentions(project: Project) -> list[Mention]:
    """Every place at which something is named, in metadata, components, Apex and the site."""
    found = []
    for path in project.files("-meta.xml"):
        ending = path.name.removesuffix("-meta.xml").rpartition(".")[2]
        reader = _XML.get(ending)
        by = KINDS.get(ending, (ending,))[0]
        root = project.xml(path)
        named = [*(reader(root, path) if reader else ()), *_anywhere(root)]
        found += [Mention(kind, name, path, line, by) for kind, name, line in named if name]
    for pattern, reader_of_text, by in _TEXTS:
        for path in project.files(pattern):
            found += [
                Mention(kind, name, path, line, by)
                for kind, name, line in reader_of_text(path.read_text(), path)
            ]
    for apex in project.classes:
        found += [Mention(kind, name, apex.path, line, "Apex") for kind, name, line in _apex(apex.plain)]
    return found


# -- metadata -------------------------------------------------------------------------------------


def _each(kind: str, *path: str) -> Callable[[Node, Path], Found]:
    def read(root: Node, _: Path) -> Found:
        for node in root.all(*path):
            yield kind, node.text, node.line

    return read


def _several(*readers: Callable[[Node, Path], Found]) -> Callable[[Node, Path], Found]:
    def read(root: Node, path: Path) -> Found:
        for reader in readers:
            yield from reader(root, path)

    return read


def _anywhere(root: Node) -> Found:
    """Labels in expressions, and the external client app that a file belongs to."""
    for node in root.deep():
        for name in re.findall(r"\$Label\.(?:c\.)?(\w+)", node.text):
            yield "label", name, node.line
        if node.tag == "externalClientApplication":
            yield "external client app", node.text, node.line


def _permission_set(root: Node, _: Path) -> Found:
    for kind, group, name, given in (
        ("field", "fieldPermissions", "field", "readable"),
        ("object", "objectPermissions", "object", "allowRead"),
        ("Apex class", "classAccesses", "apexClass", "enabled"),
        ("custom permission", "customPermissions", "name", "enabled"),
        ("app", "applicationVisibilities", "application", "visible"),
        ("principal", "externalCredentialPrincipalAccesses", "externalCredentialPrincipal", "enabled"),
        ("record type", "recordTypeVisibilities", "recordType", "visible"),
    ):
        for node in root.all(group):
            if node.value(given) == "true":
                yield kind, node.value(name), node.line
    for node in root.all("tabSettings"):
        if node.value("visibility") != "None":
            yield "tab", node.value("tab"), node.line


def _layout(root: Node, path: Path) -> Found:
    sobject = path.name.split("-")[0]
    yield "object", sobject, 1
    for node in root.deep("layoutItems"):
        if node.value("field"):
            yield "field", f"{sobject}.{node.value('field')}", node.line
    for related in root.all("relatedLists"):
        child, dot, link = related.value("relatedList").partition(".")
        if dot:
            yield "field", f"{child}.{link}", related.line
            for column in related.all("fields"):
                yield "column", f"{child}.{column.text}", column.line


def _flexipage(root: Node, _: Path) -> Found:
    sobject = root.value("sobjectType")
    yield "object", sobject, 1
    for node in root.deep("componentName"):
        space, colon, name = node.text.rpartition(":")
        if not colon or space == "c":
            yield "component", name, node.line
    for node in root.deep("fieldItem", "leftValue"):
        for name in re.findall(r"\bRecord\.(\w+)", node.text):
            yield "field", f"{sobject}.{name}", node.line
        for name in re.findall(r"\$Permission\.CustomPermission\.(\w+)", node.text):
            yield "custom permission", name, node.line
    yield "page", root.value("parentFlexiPage"), 1


def _app(root: Node, _: Path) -> Found:
    for node in root.all("tabs"):
        yield "tab", node.text, node.line
    yield "page", root.value("utilityBar"), 1
    yield "static resource", root.value("brand", "logo"), 1
    yield from _overrides(root)


def _overrides(root: Node) -> Found:
    for node in root.deep("actionOverrides", "profileActionOverrides"):
        if node.value("type").lower() == "flexipage":
            yield "page", node.value("content"), node.line
        yield "object", node.value("pageOrSobjectType"), node.line


def _object(root: Node, path: Path) -> Found:
    yield from _overrides(root)
    if root.value("compactLayoutAssignment") not in ("", "SYSTEM"):
        yield "compact layout", f"{path.parent.name}.{root.value('compactLayoutAssignment')}", 1


def _field(root: Node, path: Path) -> Found:
    sobject = path.parents[1].name
    yield "object", sobject, 1
    for node in root.deep("referenceTo"):
        yield "object", node.text, node.line
    for node in root.deep("controllingField"):
        yield "field", f"{sobject}.{node.text}", node.line
    for node in root.deep("summarizedField", "summaryForeignKey"):
        yield "field", node.text, node.line
    for node in root.all("valueSet", "valueSetName"):
        yield "value set", node.text, node.line
    for node in root.all("formula"):
        for name in re.findall(r"(?<![\w.])(\w+__c)\b", node.text):
            yield "field", f"{sobject}.{name}", node.line


def _columns(*tags: str) -> Callable[[Node, Path], Found]:
    def read(root: Node, path: Path) -> Found:
        for node in root.deep(*tags):
            if not node.children:
                yield "column", f"{path.parents[1].name}.{node.text}", node.line

    return read


def _object_translation(root: Node, path: Path) -> Found:
    sobject = path.parent.name.rpartition("-")[0]
    yield "object", sobject, 1
    for node in root.all("layouts", "layout"):
        yield "layout", f"{sobject}-{node.text}", node.line
    for node in root.all("fields", "name"):
        yield "field", f"{sobject}.{node.text}", node.line


def _field_translation(root: Node, path: Path) -> Found:
    yield "field", f"{path.parent.name.rpartition('-')[0]}.{root.value('name')}", 1


def _conversion(root: Node, _: Path) -> Found:
    for node in root.all("objectMapping"):
        for pair in node.all("mappingFields"):
            yield "field", f"{node.value('inputObject')}.{pair.value('inputField')}", pair.line
            yield "field", f"{node.value('outputObject')}.{pair.value('outputField')}", pair.line


def _network(root: Node, _: Path) -> Found:
    yield "site", root.value("site"), 1
    yield "experience", f"site/{root.value('picassoSite')}", 1
    for node in root.all("networkMemberGroups", "permissionSet"):
        yield "permission set", node.text, node.line


_XML: dict[str, Callable[[Node, Path], Found]] = {
    "permissionset": _permission_set,
    "permissionsetgroup": _each("permission set", "permissionSets"),
    "layout": _layout,
    "flexipage": _flexipage,
    "app": _app,
    "tab": _several(_each("page", "flexiPage"), _each("component", "lwcComponent")),
    "object": _object,
    "field": _field,
    "listView": _columns("columns", "field"),
    "compactLayout": _columns("fields"),
    "quickAction": _several(
        _each("component", "lightningWebComponent"), _each("object", "targetObject"), _each("page", "page")
    ),
    "translation": _several(
        _each("label", "customLabels", "name"),
        _each("tab", "customTabs", "name"),
        _each("app", "customApplications", "name"),
    ),
    "objectTranslation": _object_translation,
    "fieldTranslation": _field_translation,
    "LeadConvertSetting": _conversion,
    "namedCredential": _each("external credential", "namedCredentialParameters", "externalCredential"),
    "js": _each("object", "targetConfigs", "targetConfig", "objects", "object"),
    "network": _network,
    "digitalExperienceConfig": _each("experience", "space"),
    "flow": _each("Apex class", "actionCalls", "actionName"),
}


# -- components, Apex, site -----------------------------------------------------------------------

_SCRIPT = (
    ("component", re.compile(r"""(?:\bfrom|\bimport\()\s*['"]c/(\w+)['"]""")),
    ("label", re.compile(r"@salesforce/label/c\.(\w+)")),
    ("Apex method", re.compile(r"@salesforce/apex/(\w+\.\w+)")),
    ("static resource", re.compile(r"@salesforce/resourceUrl/(\w+)")),
    ("custom permission", re.compile(r"@salesforce/customPermission/(\w+)")),
    ("field or object", re.compile(r"@salesforce/schema/([\w.]+)")),
    ("tab", re.compile(r"standard__navItemPage'[^}]*?apiName: '(\w+)'", re.DOTALL)),
    ("tab", re.compile(r"\btab\('(\w+)'")),
    ("page of the site, object or field", re.compile(r"'([A-Z]\w*__c)'")),
)
_CODE = (
    ("label", re.compile(r"\bLabel\.(?!get\b)(?:c\.)?([A-Za-z]\w+)")),
    ("named credential", re.compile(r"'callout:(\w+)")),
    ("custom permission", re.compile(r"checkPermission\(\s*'(\w+)'")),
)
_SITE = (
    ("component", re.compile(r'"definition"\s*:\s*"c:(\w+)"')),
    ("site view", re.compile(r'"activeViewId"\s*:\s*"(\w+)"')),
    ("label", re.compile(r"\$Label\.(?:c\.)?(\w+)")),
)


def _matches(patterns: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> Found:
    for kind, pattern in patterns:
        for match in pattern.finditer(text):
            yield kind, match[1], text.count("\n", 0, match.start(1)) + 1


def _apex(text: str) -> Found:
    return _matches(_CODE, text)


def _script(text: str, path: Path) -> Found:
    if path.parents[1].name == "lwc":
        yield from _matches(_SCRIPT, text)


def _template(text: str, _: Path) -> Found:
    for match in re.finditer(r"<c-([a-z0-9-]+)", text):
        head, *rest = match[1].split("-")
        name = head + "".join(word[:1].upper() + word[1:] for word in rest)
        yield "component", name, text.count("\n", 0, match.start()) + 1


def _site(text: str, _: Path) -> Found:
    return _matches(_SITE, text)


_TEXTS: tuple[tuple[str, Callable[[str, Path], Found], str], ...] = (
    (".js", _script, "component"),
    (".html", _template, "component"),
    ("content.json", _site, "site"),
)
