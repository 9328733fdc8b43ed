"""The standard objects of an org, read from one data file each in `data/`.

A file names the object and lists its fields as rows of

    Name | Label | type(arguments) | flags | formula

    type      string(255), textarea(32000), picklist(40), reference(User,Group), currency(18,2), int(8),
              double(18,2), percent(3,0), boolean, date, datetime, id, address, location, …
    flags     required    an insert must bring a value
              readonly    set by the org only          createonly   settable on insert only
              name        the record's name            in=Billing…  part of that compound field
              rel=Owner   name of the parent relationship (default: the field's name without `Id`)
              children=X  name of the child relationship on the parent
              parent=cascade|restrict|null             what a deleted parent does to this row
              lock, idlookup, unique, external, restricted, cs (case sensitive), nofls, history,
              master, auto=…, default=…, by=<controlling field>
              needs=a,b   the field exists only where the profile or a feature switch has it
    formula   computed when read; standard fields with a formula do not show as `calculated` in a describe

A row `@name` stands for a group of fields that many objects share (`groups` in `shared.yaml`).

Defaults that the org fills in when a record is inserted: `$User` is the running user, `$Currency` the
currency of that user, any other text is the value itself as it would stand in JSON or CSV.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from app.sandbox.schema import Field, PicklistValue, Schema, SObject

DATA = Path(__file__).parent / "data"
PROFILES: Mapping[str, frozenset[str]] = {
    "stock-enterprise": frozenset(),
    "prm": frozenset({"prm"}),
    "developer": frozenset(),
}
#: switches of an org that add fields or objects; `load` reads attributes of these names from its settings
FEATURES = ("multi_currency", "person_accounts", "state_country_picklists")

_TYPE = re.compile(r"^([a-z]+)(?:\(([^)]*)\))?$")
_LENGTHS = {"id": 18, "reference": 18, "email": 80, "phone": 40, "url": 255, "picklist": 255}


def load(profile: str = "stock-enterprise", settings: object | None = None) -> Schema:
    """The standard objects of a fresh org.

    profile: one of `PROFILES`. settings: switches of the org; those named in `FEATURES` are read and
    missing ones are off. Every call gives its own copy. Raises ValueError for an unknown profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"No org profile {profile!r}; there are {', '.join(sorted(PROFILES))}.")
    has = PROFILES[profile] | {name for name in FEATURES if getattr(settings, name, False)}
    schema = Schema()
    for spec in _specs():
        if set(spec.get("needs", ())) <= has:
            schema.add(_sobject(spec, has))
    known = {sobject.name for sobject in schema}
    for sobject in schema:
        for field in sobject.fields.values():
            field.reference_to = tuple(name for name in field.reference_to if name in known)
    return schema


def system_fields(*, owner: bool = True, multi_currency: bool = False) -> list[Field]:
    """The fields that every custom object has beside its own: id, owner, deletion mark, audit stamps.

    owner: false for the detail side of a master-detail relationship. Names are not among them.
    """
    rows = ["Id | Record ID | id | readonly", "@owner" if owner else "", "@deleted", "@currency", "@audit"]
    has = frozenset({"multi_currency"}) if multi_currency else frozenset[str]()
    return _fields("\n".join(rows), {}, has)


@functools.cache
def _specs() -> Sequence[Mapping[str, Any]]:
    """The parsed data files, read once a process."""
    return [_read(path) for path in sorted(DATA.glob("*.yaml")) if path.name != "shared.yaml"]


@functools.cache
def _shared() -> Mapping[str, Any]:
    return _read(DATA / "shared.yaml")


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        loaded: dict[str, Any] = yaml.load(file, Loader=yaml.CSafeLoader)
    return loaded


def _sobject(spec: Mapping[str, Any], has: frozenset[str]) -> SObject:
    switches = {
        name: spec[name]
        for name in (
            "createable",
            "updateable",
            "deletable",
            "undeletable",
            "mergeable",
            "replicateable",
            "queryable",
            "soft_delete",
        )
        if name in spec
    }
    fields = _fields(spec["fields"], spec.get("picklists", {}), has)
    if not switches.get("createable", True) and not switches.get("updateable", True):
        for field in fields:
            field.createable = field.updateable = False
    return SObject(
        name=spec["sobject"],
        label=spec["label"],
        label_plural=spec["plural"],
        key_prefix=spec["prefix"],
        fields={field.name.lower(): field for field in fields},
        **switches,
    )


def _fields(rows: str, picklists: Mapping[str, Any], has: frozenset[str]) -> list[Field]:
    found: list[Field] = []
    for row in _expanded(rows):
        field, needs = _field([cell.strip() for cell in row.split("|")], picklists)
        if needs <= has:
            found.append(field)
    return found


def _expanded(rows: str) -> Iterable[str]:
    for row in rows.splitlines():
        text = row.strip()
        if not text:
            continue
        if not text.startswith("@"):
            yield text
            continue
        name, _, argument = text[1:].partition(" ")
        if name == "address":
            plain = argument == "-"
            group = _shared()["groups"]["address"]
            yield from _expanded(group.format(p="" if plain else argument, l="" if plain else f"{argument} "))
        else:
            yield from _expanded(_shared()["groups"][name])


def _field(cells: list[str], picklists: Mapping[str, Any]) -> tuple[Field, frozenset[str]]:
    name, label, type_text = cells[:3]
    flags, options = _flags(cells[3] if len(cells) > 3 else "")
    match = _TYPE.match(type_text)
    if match is None:
        raise ValueError(f"{name}: {type_text!r} is not a field type")
    type_name, arguments = match[1], [part.strip() for part in (match[2] or "").split(",") if part.strip()]
    field = Field(name=name, label=label, type=type_name)
    if type_name == "reference":
        field.reference_to = tuple(arguments)
        field.relationship = options.get("rel") or (name[:-2] if name.endswith("Id") else name)
        field.length = 18
    elif type_name in ("int", "double", "currency", "percent"):
        field.precision, field.scale = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 0
    else:
        field.length = int(arguments[0]) if arguments else _LENGTHS.get(type_name, 0)
    field.id_lookup = "idlookup" in flags or type_name == "id"
    field.name_field = "name" in flags
    field.nillable = "required" not in flags and type_name not in ("boolean", "id")
    field.createable = "readonly" not in flags and type_name != "id"
    field.updateable = field.createable and "createonly" not in flags
    grantable = (field.nillable or type_name == "boolean") and type_name != "id"
    field.permissionable = grantable and "nofls" not in flags
    field.unique = "unique" in flags
    field.external_id = "external" in flags
    field.case_sensitive = "cs" in flags
    field.restricted = "restricted" in flags
    field.history = "history" in flags
    field.master_detail = "master" in flags
    field.auto_number = options.get("auto", "")
    field.compound = options.get("in", "")
    field.controller = options.get("by", "")
    field.child_relationship = options.get("children", "")
    field.on_parent_delete = "cascade" if field.master_detail else options.get("parent", "null")
    field.default = options.get("default", "false" if type_name == "boolean" else None)
    if len(cells) > 4:
        field.formula = "|".join(cells[4:])
        field.createable = field.updateable = False
    if type_name in ("picklist", "multipicklist", "combobox"):
        field.picklist = _picklist(options.get("values", f"={name}"), picklists)
        chosen = next((value.value for value in field.picklist if value.default), None)
        field.default = field.default or chosen
    return field, frozenset(options["needs"].split(",")) if "needs" in options else frozenset()


def _flags(text: str) -> tuple[set[str], dict[str, str]]:
    flags: set[str] = set()
    options: dict[str, str] = {}
    for token in text.split():
        key, equals, value = token.partition("=")
        if equals:
            options[key] = value
        else:
            flags.add(key)
    return flags, options


def _picklist(source: str, own: Mapping[str, Any]) -> list[PicklistValue]:
    """Values from the file's own list, from a shared one (`@Name`), or none where there is no list."""
    values = own.get(source[1:], ()) if source.startswith("=") else f"{source}"
    if isinstance(values, str):
        values = _shared()["picklists"][values[1:]]
    return [_picklist_value(value) for value in values]


def _picklist_value(value: Any) -> PicklistValue:
    if isinstance(value, dict):
        return PicklistValue(
            value=str(value["value"]),
            label=str(value.get("label", value["value"])),
            valid_for=tuple(value.get("for", ())),
        )
    text = str(value)
    default = text.endswith(" *")
    text = text.removesuffix(" *")
    return PicklistValue(value=text, label=text, default=default)
