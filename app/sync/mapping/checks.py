"""PURE. What a mapping must not say even if each of its words is right: contradictions and collisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.sync.mapping.document import FieldPart, LookupPart
from app.sync.mapping.fields import FieldMapping, LookupMapping
from app.sync.mapping.objects import ObjectMapping
from app.sync.mapping.reader import Document, Fault, Path

#: Salesforce keeps these itself; the engine reads them anyway.
SYSTEM_FIELDS = frozenset(
    {
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    }
)
#: Columns that the engine keeps itself.
OWN_COLUMNS = frozenset(
    {"id", "created_at", "updated_at", "deleted_at", "merged_into_id", "row_version", "extra"}
)


def relations(documents: Sequence[Document], objects: Mapping[str, ObjectMapping]) -> list[Fault]:
    """Every contradiction within a document and between documents."""
    faults: list[Fault] = []
    seen: dict[tuple[str, str], Document] = {}
    for document in documents:
        for key, name in (("object", document.model.object), ("table", document.model.table)):
            other = seen.setdefault((key, name), document)
            if other is not document:
                faults.append(
                    document.fault(
                        (key,),
                        f"The {key} {name} is mapped in {other.file} already.",
                        "Keep one mapping for it.",
                    )
                )
        mapping = objects.get(document.model.object)
        if mapping is not None and mapping.file == document.file:
            faults += _within(document, mapping)
            faults += _lookups(document, mapping, objects)
    return faults


def _parts(document: Document) -> Iterator[tuple[Path, str, str]]:
    """(path, Salesforce field, local column) of every field and lookup."""
    for index, part in enumerate(document.model.fields):
        yield ("fields", index), part.sf, part.local
    for index, lookup in enumerate(document.model.lookups):
        yield ("lookups", index), lookup.sf, lookup.local


def _within(document: Document, mapping: ObjectMapping) -> Iterator[Fault]:
    m = document.model
    yield from _collisions(document, mapping)
    by_sf = {f.sf: f for f in mapping.fields}
    for index, part in enumerate(m.fields):
        built = by_sf.get(part.sf)
        if built is not None:
            yield from _field(document, ("fields", index), built)
    for index, lookup in enumerate(m.lookups):
        yield from _ways(document, ("lookups", index), lookup, mapping.lookups[index].direction)
    if not mapping.external_id and mapping.create in {"both", "out"}:
        yield document.fault(
            ("object",),
            "The mapping creates records in Salesforce and names no external id.",
            "Add `external_id: Tandem_Id__c`, or write `create: in`.",
        )
    if mapping.create == "out" and mapping.update == "in":
        yield document.fault(
            ("update",), "Records are created outwards and updated inwards only.", "Write `update: both`."
        )
    if mapping.currency and mapping.currency not in by_sf:
        yield document.fault(
            ("currency",),
            f"The currency field {mapping.currency} is not among the fields.",
            f"Add `- {{sf: {mapping.currency}, local: currency_code, type: picklist}}`.",
        )
    if mapping.filter:
        problem = filter_problem(mapping.filter)
        if problem:
            yield document.fault(("filter",), f"The filter {problem}.", "Write it as after WHERE in SOQL.")


def _collisions(document: Document, mapping: ObjectMapping) -> Iterator[Fault]:
    # Guards are needed side by side: two lines may share a column where never both apply in one org.
    guards = [part.when for part in mapping.parts]
    whole = len(guards) == len(document.model.fields) + len(document.model.lookups)
    seen: list[tuple[str, str, int]] = []
    for position, (path, sf, local) in enumerate(_parts(document)):
        if sf in SYSTEM_FIELDS or sf == document.model.external_id:
            yield document.fault(
                (*path, "sf"), f"{sf} is kept by the sync itself.", "Take this entry out of the mapping."
            )
        if local in OWN_COLUMNS:
            yield document.fault(
                (*path, "local"),
                f"The column {local} is kept by Tandem itself.",
                "Choose another column, or extra.<name>.",
            )
        for other_sf, other_local, at in seen:
            mine, theirs = (guards[position], guards[at]) if whole else (None, None)
            if mine is not None and mine.excludes(theirs):
                continue
            if sf == other_sf:
                yield document.fault((*path, "sf"), f"The field {sf} is mapped twice.", "Keep one entry.")
            elif local == other_local:
                yield document.fault(
                    (*path, "local"),
                    f"{other_sf} and {sf} share the column {local}.",
                    "Give each its own column, or guards (`when`) of which only one can hold.",
                )
        seen.append((sf, local, position))


def _ways(document: Document, path: Path, part: FieldPart | LookupPart, direction: str) -> Iterator[Fault]:
    """Contradictions between the object's policy, the part's direction and its owner."""
    m, owner = document.model, part.owner
    policy = {m.create, m.update}
    for way, other in (("in", "out"), ("out", "in")):
        if part.direction in {way, "both"} and not policy & {way, "both"}:
            yield document.fault(
                (*path, "direction"),
                f"The value goes {way}, and neither `create` nor `update` of {m.object} does.",
                f"Write `direction: {other}`, or `update: both` at the object.",
            )
    if direction == "in" and owner not in {None, "salesforce"}:
        yield document.fault(
            (*path, "owner"),
            f"The value only comes in from Salesforce, so {owner} cannot win.",
            "Write `owner: salesforce`, or `direction: both`.",
        )
    if direction == "out" and owner not in {None, "tandem"}:
        yield document.fault(
            (*path, "owner"),
            f"The value only goes out from Tandem, so {owner} cannot win.",
            "Write `owner: tandem`, or `direction: both`.",
        )


def _field(document: Document, path: Path, built: FieldMapping) -> Iterator[Fault]:
    index = path[1]
    assert isinstance(index, int)
    part = document.model.fields[index]
    yield from _ways(document, path, part, built.direction)
    if part.values and part.transform != "same":
        yield document.fault(
            (*path, "transform"), "A field has either `values` or a transform.", "Take one of them out."
        )
    if built.outbound and not built.transform.invertible:
        why = (
            "two Salesforce values share one local value"
            if part.values
            else f"{part.transform} loses something"
        )
        yield document.fault(
            (*path, "values" if part.values else "transform"),
            f"The value cannot go back to Salesforce: {why}.",
            "Write `direction: in`, or choose a transform that goes both ways.",
        )
    if "." in part.sf and built.direction != "in":
        yield document.fault(
            (*path, "sf"),
            f"{part.sf} belongs to another record and can only be read.",
            "Write `direction: in`.",
        )
    if part.refresh and built.direction != "in":
        yield document.fault(
            (*path, "refresh"), "A formula cannot be written.", "Write `direction: in` or take `refresh` out."
        )
    if (part.on_picklist_miss == "default") != (part.picklist_default is not None):
        yield document.fault(
            (*path, "on_picklist_miss"),
            "`on_picklist_miss: default` and `picklist_default` go together.",
            "Write both or none of them.",
        )
    if part.on_picklist_miss != "fail" and (built.sf_type != "picklist" or built.direction == "in"):
        yield document.fault(
            (*path, "on_picklist_miss"),
            "Only a picklist that Tandem writes can miss a value.",
            "Write `type: picklist` and an outward direction, or take this key out.",
        )


def _lookups(
    document: Document, mapping: ObjectMapping, objects: Mapping[str, ObjectMapping]
) -> Iterator[Fault]:
    for index, lookup in enumerate(mapping.lookups):
        path: Path = ("lookups", index)
        if not lookup.objects:
            yield document.fault((*path, "object"), "The lookup points nowhere.", "Name an object.")
            continue
        known = [name for name in lookup.objects if name in objects]
        if not known:
            yield document.fault(
                (*path, "object"),
                f"No mapping covers {' or '.join(lookup.objects)}.",
                f"Add a mapping for {lookup.objects[0]}, or take this lookup out.",
            )
        yield from _reachable(document, path, lookup, [objects[name] for name in known])


def _reachable(
    document: Document, path: Path, lookup: LookupMapping, parents: Sequence[ObjectMapping]
) -> Iterator[Fault]:
    """A lookup that every org has must not depend on a mapping that some org leaves out."""
    if parents and lookup.when is None and all(parent.when is not None for parent in parents):
        guard = parents[0].when
        assert guard is not None
        yield document.fault(
            (*path, "object"),
            f"{parents[0].sobject} is mapped only where {guard.sentence()}.",
            "Give this lookup the same `when`.",
        )


def filter_problem(soql: str) -> str | None:
    """What is wrong with a SOQL condition, as far as its text shows: `has …`; None when nothing is."""
    depth, quoted, escaped = 0, False, False
    bare = []
    for letter in soql:
        if quoted:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == "'":
                quoted = False
            continue
        if letter == "'":
            quoted = True
            bare.append("''")
            continue
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return "has a closing bracket without an opening one"
        bare.append(letter)
    if quoted:
        return "has a quote that does not end"
    if depth:
        return "has an opening bracket without a closing one"
    words = "".join(bare).replace("(", " ( ").replace(")", " ) ").split()
    upper = [word.upper() for word in words]
    for word in ("WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP"):
        if upper and word in _outside_brackets(upper):
            return f"has {word}, which the sync writes itself" if word != "WHERE" else "begins with WHERE"
    if '"' in "".join(bare):
        return "has a double quote; SOQL texts stand in single quotes"
    if "==" in "".join(bare):
        return "has ==; SOQL compares with ="
    if not any(sign in "".join(bare) for sign in "=<>") and not {"IN", "LIKE", "INCLUDES", "EXCLUDES"} & set(
        upper
    ):
        return "compares nothing"
    if upper[-1] in {"AND", "OR", "NOT"} or upper[0] in {"AND", "OR"}:
        return f"{'ends' if upper[-1] in {'AND', 'OR', 'NOT'} else 'begins'} with AND, OR or NOT"
    return None


def _outside_brackets(words: Sequence[str]) -> set[str]:
    depth = 0
    out: set[str] = set()
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0:
            out.add(word)
    return out
