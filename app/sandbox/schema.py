"""What an org knows about its objects. Changeable while the org runs, as an admin would change it.

How values lie in SQLite, for everybody who reads or writes the tables (one table an SObject, named as
the SObject; one column a stored field, named as the field):

    id, reference          TEXT, always 18 characters, compared binary
    texts and picklists    TEXT COLLATE NOCASE (binary where `case_sensitive`); multipicklist `A;B`
    boolean                INTEGER 0 or 1
    int, double, currency, percent
                           INTEGER in units of 10**-scale (exact; 12.34 with scale 2 is 1234)
    date                   TEXT `YYYY-MM-DD`
    datetime               INTEGER, seconds since the epoch, UTC
    time                   TEXT `HH:MM:SS.000Z`
    formula, compound      not stored: computed when read

Every table has Id, IsDeleted and SystemModstamp, even where the SObject does not show IsDeleted.
Columns that start with `_` belong to the sandbox and are never visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.sandbox.errors import ApiError

NUMERIC = frozenset({"int", "double", "currency", "percent"})
TEXTUAL = frozenset(
    {
        "string",
        "textarea",
        "picklist",
        "multipicklist",
        "email",
        "phone",
        "url",
        "combobox",
        "encryptedstring",
    }
)
COMPOUND = frozenset({"address", "location"})


@dataclass(slots=True)
class PicklistValue:
    """One entry of a picklist. `valid_for` names controlling values; empty means all."""

    value: str
    label: str
    active: bool = True
    default: bool = False
    valid_for: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Field:
    """One field, with the attributes that describe shows. Two are equal only if they are the same one."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    custom: bool = False
    external_id: bool = False
    id_lookup: bool = False
    unique: bool = False
    case_sensitive: bool = False
    name_field: bool = False
    auto_number: str = ""
    default: str | None = None
    formula: str | None = None
    #: a roll-up summary: (operation, child SObject, child field, relationship field on the child)
    rollup: tuple[str, str, str, str] | None = None
    compound: str = ""
    restricted: bool = False
    controller: str = ""
    picklist: list[PicklistValue] = field(default_factory=list)
    reference_to: tuple[str, ...] = ()
    relationship: str = ""
    #: name of the child relationship on the parent, e.g. `Contacts`
    child_relationship: str = ""
    #: what happens to this row when its parent is deleted: `cascade`, `null` or `restrict`
    on_parent_delete: str = "null"
    master_detail: bool = False
    history: bool = False
    help: str = ""
    #: left out of permission checks, as required and system fields are
    permissionable: bool = True

    @property
    def stored(self) -> bool:
        """Whether the SObject's table has a column for it."""
        return self.formula is None and self.type not in COMPOUND

    @property
    def required(self) -> bool:
        """Whether an insert must bring a value (booleans and defaulted fields never need to)."""
        return (
            not self.nillable
            and self.createable
            and self.default is None
            and self.type != "boolean"
            and not self.auto_number
        )


@dataclass(slots=True)
class RecordType:
    """A record type and, for each picklist it narrows, the values it allows."""

    id: str
    developer_name: str
    label: str
    active: bool = True
    default: bool = False
    picklists: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class ValidationRule:
    """`formula` true means refused with `message`, shown at `error_field` (or on the record)."""

    name: str
    formula: str
    message: str
    error_field: str = ""
    active: bool = True


@dataclass(slots=True)
class SObject:
    """One object type. `fields` is keyed by lower-case API name and keeps declaration order."""

    name: str
    label: str
    label_plural: str
    key_prefix: str
    fields: dict[str, Field] = field(default_factory=dict)
    custom: bool = False
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    undeletable: bool = True
    mergeable: bool = False
    replicateable: bool = True
    queryable: bool = True
    soft_delete: bool = True
    record_types: list[RecordType] = field(default_factory=list)
    validation_rules: list[ValidationRule] = field(default_factory=list)

    def field_named(self, name: str) -> Field | None:
        """The field with that API name, in any letter case."""
        return self.fields.get(name.lower())

    def by_relationship(self, name: str) -> Field | None:
        """The reference field whose parent is reached as `name`, e.g. `Owner` or `Parent__r`."""
        wanted = name.lower()
        return next(
            (f for f in self.fields.values() if f.relationship.lower() == wanted and f.reference_to), None
        )


class Schema:
    """All object types of one org. `version` rises with every change, so that caches know."""

    def __init__(self) -> None:
        self.version = 0
        self._objects: dict[str, SObject] = {}

    def add(self, sobject: SObject) -> None:
        """Add or replace an object type."""
        self._objects[sobject.name.lower()] = sobject
        self.version += 1

    def clear(self) -> None:
        """Forget every object type."""
        self._objects.clear()
        self.version += 1

    def changed(self) -> None:
        """Say that an object type was altered in place."""
        self.version += 1

    def find(self, name: str) -> SObject | None:
        """The object type, in any letter case, or None."""
        return self._objects.get(name.lower())

    def get(self, name: str, *, status: int = 404) -> SObject:
        """The object type; refuses as REST does for an unknown one."""
        found = self.find(name)
        if found is None:
            raise ApiError("NOT_FOUND", "The requested resource does not exist", status=status)
        return found

    def by_prefix(self, record_id: str) -> SObject | None:
        """The object type that a record id belongs to."""
        return next((o for o in self._objects.values() if o.key_prefix == record_id[:3]), None)

    def children(self, parent: SObject) -> Iterator[tuple[SObject, Field]]:
        """Every (child type, reference field) that points at `parent`."""
        for sobject in self._objects.values():
            for f in sobject.fields.values():
                if parent.name in f.reference_to:
                    yield sobject, f

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._objects.values())
