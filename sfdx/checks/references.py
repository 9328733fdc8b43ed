"""What is named exists, and what exists is used, granted and listed in the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sfdx.checks.findings import Finding
from sfdx.checks.inventory import KINDS, Thing, things
from sfdx.checks.mentions import Mention, mentions
from sfdx.checks.sources import Node, Project

#: Fields that an org shows as one where it keeps several, and those that layouts name by their old names.
COMPOUND = frozenset(
    {
        "name",
        "address",
        "billingaddress",
        "shippingaddress",
        "mailingaddress",
        "otheraddress",
        "permanentaddress",
    }
)
#: Objects of every org that the sandbox does not have, and a standard page that stands where objects do.
OBJECTS = frozenset({"UserExternalCredential", "standard-home"})
#: Components for an admin to put on a page: in an org, list views of Salesforce's own do the same.
OFFERED = frozenset({"recordList"})
#: What somebody has to name: kind → (by whom, the rest of the sentence, how to mend it).
NEEDS = {
    "field": (("permission set",), "no permission set grants it", "Grant it where it is to be seen."),
    "object": (("permission set",), "no permission set grants it", "Grant it where it is to be seen."),
    "app": (("permission set",), "no permission set shows it", "Show it to those who work in it."),
    "tab": (("permission set",), "no permission set shows it", "Show it to its users, or take it out."),
    "principal": (("permission set",), "no permission set lets anybody use it", "Grant it to its users."),
    "custom permission": (("permission set",), "no permission set gives it", "Give it, or take it out."),
    "page": (("tab", "app", "object", "page"), "no tab, app or object has it", "Assign it, or take it out."),
    "label": (("component", "Apex", "page", "site", "app"), "nothing shows it", "Use it, or take it out."),
    "named credential": (("Apex",), "no class calls through it", "Call through it, or take it out."),
    "external credential": (("named credential",), "no named credential uses it", "Use it, or take it out."),
    "static resource": (("component", "app"), "nothing loads it", "Load it, or take it out."),
    "site view": (("site",), "no route leads to it", "Add a route, or take it out."),
    "Apex method": (("component",), "no component calls it", "Call it, or take it out."),
    "external client app": (
        ("app sign-in", "app global sign-in"), "nothing says how it signs in", "Add its settings.",
    ),
}  # fmt: skip


def check(project: Path) -> list[Finding]:
    """Everything that is named and is not there, or is there for nobody."""
    sources = Project(project)
    try:
        schema = sources.schema
        there, named = things(sources), mentions(sources)
    except ValueError as error:
        file, _, what = str(error).partition(": ")
        return [Finding(file, 1, what, "Correct the file.")]
    found = _References(sources, there, named)
    assert schema is not None
    return sorted({*found.dangling(), *found.unused(), *found.manifest()})


class _References:
    def __init__(self, sources: Project, there: list[Thing], named: list[Mention]) -> None:
        self.sources, self.there, self.named = sources, there, named
        self.names = {(thing.kind, thing.name) for thing in there}

    # -- named, and not there ---------------------------------------------------------------------

    def dangling(self) -> Iterator[Finding]:
        for mention in self.named:
            if not self._exists(mention.kind, mention.name):
                kind = "field" if mention.kind == "column" else mention.kind
                yield self._finding(
                    mention.path,
                    mention.line,
                    f"There is no {kind} {mention.name}.",
                    "Correct the name, add it, or take this line out.",
                )

    def _exists(self, kind: str, name: str) -> bool:
        if kind == "object":
            return self.sources.schema.find(name) is not None or name in OBJECTS
        if kind == "field":
            return self._field(name)
        if kind == "column":
            # Reports, list views and related lists have names of their own for standard fields.
            return not name.endswith("__c") or self._field(name)
        if kind == "field or object":
            return self._path(name)
        if kind == "page of the site, object or field":
            return (
                ("site route", name) in self.names
                or self.sources.schema.find(name) is not None
                or any(sobject.field_named(name) for sobject in self.sources.schema)
            )
        if kind == "tab":
            return name.startswith("standard-") or bool({("tab", name), ("object", name)} & self.names)
        if kind == "app":
            return name.startswith("standard__") or (kind, name) in self.names
        return (kind, name) in self.names

    def _field(self, name: str) -> bool:
        owner, _, field = name.partition(".")
        sobject = self.sources.schema.find(owner)
        return sobject is not None and (sobject.field_named(field) is not None or field.lower() in COMPOUND)

    def _path(self, name: str) -> bool:
        owner, *parts = name.split(".")
        sobject = self.sources.schema.find(owner)
        for relationship in parts[:-1]:
            link = sobject.by_relationship(relationship) if sobject else None
            sobject = self.sources.schema.find(link.reference_to[0]) if link else None
        return sobject is not None and (not parts or sobject.field_named(parts[-1]) is not None)

    # -- there, and not used ----------------------------------------------------------------------

    def unused(self) -> Iterator[Finding]:
        by: dict[tuple[str, str], set[str]] = {}
        for mention in self.named:
            itself = mention.path.parents[1].name == "lwc" and mention.path.parent.name == mention.name
            if mention.kind != "component" or not itself:
                by.setdefault((mention.kind, mention.name), set()).add(mention.by)
        for thing in self.there:
            users = by.get((thing.kind, thing.name), set())
            if thing.kind in NEEDS:
                wanted, what, remedy = NEEDS[thing.kind]
                if not users & set(wanted) and not self._exempt(thing):
                    yield self._about(thing, what, remedy)
        yield from self._components(by)
        yield from self._classes(by)
        yield from self._routes(by)
        yield from self._compact(by)

    def _exempt(self, thing: Thing) -> bool:
        if thing.kind == "object":
            return not thing.name.endswith("__c")
        if thing.kind == "field":
            owner, _, name = thing.name.partition(".")
            field = self.sources.schema.get(owner).field_named(name)
            # A required field is everybody's; Salesforce refuses to grant it.
            return field is None or not field.permissionable
        # Home pages are assigned in Setup, by app and profile.
        return thing.kind == "page" and self.sources.xml(thing.path).value("type") == "HomePage"

    def _components(self, by: dict[tuple[str, str], set[str]]) -> Iterator[Finding]:
        for thing in self.there:
            if thing.kind != "component":
                continue
            users = by.get(("component", thing.name), set())
            exposed = self.sources.xml(thing.path).value("isExposed") == "true"
            if not users and not (exposed and thing.name in OFFERED):
                what = "is on no page" if exposed else "is part of no other"
                remedy = "Put it on a page, or take it out." if exposed else "Use it, or take it out."
                yield self._finding(thing.path, 1, f"The component {thing.name} {what}.", remedy)
            elif users and not exposed and users - {"component"}:
                yield self._finding(
                    thing.path,
                    1,
                    f"The component {thing.name} is on a page, and not exposed.",
                    "Write <isExposed>true</isExposed> and its targets.",
                )

    def _classes(self, by: dict[tuple[str, str], set[str]]) -> Iterator[Finding]:
        open_to_users = {
            thing.name.partition(".")[0]: thing
            for thing in self.there
            if thing.kind in ("Apex method", "Apex action")
        }
        for name, thing in open_to_users.items():
            if "permission set" not in by.get(("Apex class", name), set()):
                yield self._finding(
                    thing.path,
                    1,
                    f"The Apex class {name} is there, and no permission set grants it.",
                    "Grant it to those whose pages or flows call it.",
                )

    def _routes(self, by: dict[tuple[str, str], set[str]]) -> Iterator[Finding]:
        for thing in self.there:
            # A site comes with routes of its own; ours end with __c, and components lead to them.
            if thing.kind == "site route" and thing.name.endswith("__c"):
                users = by.get(("page of the site, object or field", thing.name), set())
                if "component" not in users:
                    yield self._about(thing, "no component leads to it", "Lead to it, or take it out.")

    def _compact(self, by: dict[tuple[str, str], set[str]]) -> Iterator[Finding]:
        for thing in self.there:
            users = by.get(("compact layout", thing.name), set())
            of_ours = thing.kind == "compact layout" and thing.name.partition(".")[0].endswith("__c")
            if of_ours and "object" not in users:
                yield self._about(thing, "its object does not show it", "Assign it, or take it out.")

    # -- the manifest -----------------------------------------------------------------------------

    def manifest(self) -> Iterator[Finding]:
        path = self.sources.root / "manifest" / "package.xml"
        if not path.exists():
            return
        root: Node = self.sources.xml(path)
        called = {manifest: kind for kind, manifest in KINDS.values()}
        listed: set[tuple[str, str]] = set()
        for types in root.all("types"):
            kind = called.get(types.value("name"))
            for member in types.all("members"):
                if kind is None:
                    continue
                listed.add((kind, member.text))
                if (kind, member.text) not in self.names:
                    yield self._finding(
                        path, member.line, f"There is no {kind} {member.text}.", "Take the line out."
                    )
        for thing in self.there:
            if thing.kind in called.values() and (thing.kind, thing.name) not in listed:
                what = f"The {thing.kind} {thing.name} is not in the manifest."
                yield self._finding(thing.path, thing.line, what, "Add it to manifest/package.xml.")

    def _about(self, thing: Thing, what: str, remedy: str) -> Finding:
        return self._finding(
            thing.path, thing.line, f"The {thing.kind} {thing.name} is there, and {what}.", remedy
        )

    def _finding(self, path: Path, line: int, what: str, remedy: str) -> Finding:
        return Finding(self.sources.name(path), line, what, remedy)
