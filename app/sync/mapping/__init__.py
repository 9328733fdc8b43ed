"""PURE. The mappings: what corresponds to what, which way it goes and who owns it.

This page is the door to the mapping modules: `parse` reads the YAML files, everything else is data.
See `objects` for how records, values and rows pass from one side to the other.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from app.sync.mapping.checks import relations
from app.sync.mapping.document import FieldPart, LookupPart, MappingDocument, WhenPart
from app.sync.mapping.fields import Direction, FieldMapping, LookupMapping, Owner, Part
from app.sync.mapping.guards import Capabilities, Guard
from app.sync.mapping.objects import Convert, Flow, ObjectMapping, Row, Values
from app.sync.mapping.reader import Document, Fault, MappingFaults, Path, read
from app.sync.mapping.sets import MappingSet, Skipped
from app.sync.mapping.transforms import Transform, TransformError, transform, translate
from app.sync.mapping.values import BadValue, Json, canonical

__all__ = [
    "BadValue",
    "Capabilities",
    "Convert",
    "Direction",
    "Fault",
    "FieldMapping",
    "Flow",
    "Guard",
    "Json",
    "LookupMapping",
    "MappingFaults",
    "MappingSet",
    "ObjectMapping",
    "Owner",
    "Part",
    "Row",
    "Skipped",
    "Values",
    "canonical",
    "content_hash",
    "parse",
    "read_documents",
]


def parse(documents: Mapping[str, str]) -> MappingSet:
    """The mappings that the YAML texts (by file name) describe. Raises MappingFaults with every fault."""
    mappings, faults, _ = read_documents(documents)
    if mappings is None or faults:
        raise MappingFaults(faults)
    return mappings


def read_documents(
    documents: Mapping[str, str],
) -> tuple[MappingSet | None, list[Fault], dict[str, Document]]:
    """The mappings unless there are faults; all faults; the readable documents by object, for more checks."""
    faults: list[Fault] = []
    checked: list[Document] = []
    for file in sorted(documents):
        document, found = read(file, documents[file])
        faults += found
        if document is not None:
            checked.append(document)
    if not documents:
        faults.append(Fault("mappings", 1, 1, "There are no mappings.", "Add a file such as Account.yaml."))
    objects: dict[str, ObjectMapping] = {}
    by_object = {document.model.object: document for document in checked}
    for document in checked:
        built, found = _object(document, by_object)
        faults += found
        objects.setdefault(built.sobject, built)
    faults += relations(checked, objects)
    ordered = _ordered(objects, by_object, faults)
    content = content_hash({document.file: document.content for document in checked})
    mappings = None if faults else MappingSet(ordered, content, dict(documents))
    return mappings, faults, by_object


def content_hash(contents: Mapping[str, Any]) -> str:
    """A hash of what the files say; comments, layout and file names do not matter."""
    ordered = sorted(json.dumps(c, sort_keys=True, default=str) for c in contents.values())
    return hashlib.sha256("\n".join(ordered).encode()).hexdigest()


def _object(document: Document, by_object: Mapping[str, Document]) -> tuple[ObjectMapping, list[Fault]]:
    m = document.model
    faults: list[Fault] = []
    fields: list[FieldMapping] = []
    for index, part in enumerate(m.fields):
        try:
            fields.append(_field(m, part))
        except TransformError as error:
            key = "values" if part.values else "transform"
            faults.append(
                document.fault(("fields", index, key), str(error), "Change the transform or the type.")
            )
    lookups = tuple(_lookup(m, part, by_object) for part in m.lookups)
    guards: list[tuple[Path, WhenPart | None]] = [(("when",), m.when)]
    guards += [(("fields", i, "when"), part.when) for i, part in enumerate(m.fields)]
    guards += [(("lookups", i, "when"), part.when) for i, part in enumerate(m.lookups)]
    for path, when in guards:
        faults += _guard_faults(document, path, when)
    convert = m.convert
    built = ObjectMapping(
        sobject=m.object,
        table=m.table,
        external_id=m.external_id or "",
        fields=tuple(fields),
        lookups=lookups,
        file=document.file,
        filter=" ".join(m.filter.split()) if m.filter and m.filter.strip() else None,
        create=m.create,
        update=m.update,
        delete_in=m.delete.in_,
        delete_out=m.delete.out,
        order=m.order,
        when=_guard(m.when),
        rest_batch=m.batch.rest,
        bulk_threshold=m.batch.bulk_threshold,
        auto_assign=m.auto_assign,
        duplicate_rule=m.duplicate_rule,
        guarded=m.guarded,
        record_types=tuple(m.record_types),
        currency=m.currency,
        convert=None
        if convert is None
        else Convert(
            convert.flag, convert.account, convert.contact, convert.opportunity, dict(convert.carry)
        ),
        every=m.every,
        budget=m.budget,
    )
    return built, faults


def _direction(m: MappingDocument, stated: Direction | None) -> Direction:
    """Which way a part goes: as stated; else every way in which the object's records go."""
    if stated is not None:
        return stated
    ways = {m.create, m.update}
    inwards, outwards = bool(ways & {"both", "in"}), bool(ways & {"both", "out"})
    return "both" if inwards == outwards else "in" if inwards else "out"


def _owner(m: MappingDocument, owner: Owner | None, direction: Direction) -> Owner:
    """Who owns a part: as stated; else the side it comes from; else as the object says."""
    if owner is not None:
        return owner
    if direction == "both":
        return m.owner
    return "salesforce" if direction == "in" else "tandem"


def _field(m: MappingDocument, part: FieldPart) -> FieldMapping:
    found = re.match(r"([a-z]+)(?:\((\d+)\))?", part.type)
    assert found is not None
    sf_type, scale = found[1], int(found[2] or 0)
    if scale > 18:
        raise TransformError(f"{part.type} has more decimals than the 18 that Salesforce allows.")
    made: Transform = (
        translate(part.values, sf_type) if part.values else transform(part.transform, sf_type, scale)
    )
    miss = part.on_picklist_miss
    direction = _direction(m, part.direction)
    return FieldMapping(
        sf=part.sf,
        local=part.local,
        sf_type=sf_type,
        scale=scale,
        direction=direction,
        owner=_owner(m, part.owner, direction),
        transform=made,
        null=part.null,
        on_picklist_miss=miss if isinstance(miss, str) else "map",
        picklist_map={} if isinstance(miss, str) else dict(miss.map),
        picklist_default=part.picklist_default,
        refresh=part.refresh,
        together=part.together,
        when=_part_guard(m, part),
    )


def _lookup(m: MappingDocument, part: LookupPart, by_object: Mapping[str, Document]) -> LookupMapping:
    objects = (part.object,) if isinstance(part.object, str) else tuple(part.object)
    direction = _direction(m, part.direction)
    parent = by_object.get(objects[0]) if objects else None
    relationship = part.sf[:-1] + "r" if part.sf.endswith("__c") else part.sf.removesuffix("Id")
    return LookupMapping(
        sf=part.sf,
        local=part.local,
        objects=objects,
        external_id=part.external_id or (parent.model.external_id if parent else None) or "",
        relationship=part.relationship or relationship,
        direction=direction,
        owner=_owner(m, part.owner, direction),
        after=part.after,
        null=part.null,
        when=_part_guard(m, part),
    )


def _part_guard(m: MappingDocument, part: FieldPart | LookupPart) -> Guard | None:
    stated = _guard(part.when)
    if not part.optional:
        return stated
    own = Guard("field", f"{m.object}.{part.sf}")
    return own if stated is None else Guard("all", parts=(stated, own))


def _conditions(when: WhenPart) -> list[tuple[str, Any]]:
    return [(name, value) for name in type(when).model_fields if (value := getattr(when, name)) is not None]


def _guard(when: WhenPart | None) -> Guard | None:
    if when is None:
        return None
    found: list[Guard] = []
    for name, value in _conditions(when):
        if name == "not_":
            found += [Guard("not", parts=(inner,)) for inner in (_guard(value),) if inner]
        elif name in {"all", "any"}:
            parts = tuple(inner for part in value if (inner := _guard(part)))
            found.append(Guard("all" if name == "all" else "any", parts=parts))
        elif name == "feature":
            found.append(Guard("feature", value))
        elif name == "object":
            found.append(Guard("object", value))
        else:
            found.append(Guard("field", value))
    return found[0] if len(found) == 1 else Guard("all", parts=tuple(found))


def _guard_faults(document: Document, path: Path, when: WhenPart | None) -> list[Fault]:
    if when is None:
        return []
    conditions = _conditions(when)
    if not conditions:
        return [
            document.fault(path, "This condition is empty.", "Write {feature: …}, {object: …} or {field: …}.")
        ]
    faults: list[Fault] = []
    for name, value in conditions:
        if name == "field" and "." not in value:
            remedy = f"Write {document.model.object}.{value}."
            faults.append(document.fault((*path, name), "The field lacks its object.", remedy))
        inner = [value] if name == "not_" else value if name in {"all", "any"} else []
        for index, part in enumerate(inner):
            below = (*path, "not") if name == "not_" else (*path, name, index)
            faults += _guard_faults(document, below, part)
    return faults


def _ordered(
    objects: Mapping[str, ObjectMapping], documents: Mapping[str, Document], faults: list[Fault]
) -> tuple[ObjectMapping, ...]:
    """Parents first; among equals by `order`, then by name. A circle is a fault at its lookup."""
    parents = {
        o.sobject: {p for x in o.lookups if not x.after for p in x.objects if p in objects}
        for o in objects.values()
    }
    sorter = TopologicalSorter(parents)
    try:
        sorter.prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        child = circle[1]
        index = next(
            i for i, x in enumerate(objects[child].lookups) if circle[0] in x.objects and not x.after
        )
        faults.append(
            documents[child].fault(
                ("lookups", index),
                f"The lookups run in a circle: {' → '.join(reversed(circle))}.",
                "Write `after: true` at one of them; it is then set in a second pass.",
            )
        )
        return ()
    out: list[ObjectMapping] = []
    waiting: list[str] = []
    while sorter.is_active():
        waiting += sorter.get_ready()
        waiting.sort(key=lambda name: (objects[name].order, name))
        first = waiting.pop(0)
        out.append(objects[first])
        sorter.done(first)
    return tuple(out)
