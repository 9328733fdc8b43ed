"""PURE. The shape of a mapping file: its keys, their types and what they mean.

The models check a file and generate the JSON Schema that editors read; descriptions are written for the
admin who edits the YAML.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.sync.mapping.transforms import NAMES
from app.sync.mapping.values import SF_TYPES

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Path = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$")]
Column = Annotated[str, StringConstraints(pattern=r"^(extra\.)?[a-z][a-z0-9_]*$")]
SfType = Annotated[
    str, StringConstraints(pattern=rf"^({'|'.join(t for t in SF_TYPES if t != 'decimal')}|decimal\(\d+\))$")
]
Null = Literal["clear", "ignore"]
Direction = Literal["both", "in", "out"]
Flow = Literal["both", "in", "out", "none"]
Owner = Literal["salesforce", "tandem", "newest", "ask"]


class Part(BaseModel):
    """What all parts of a mapping file share: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True, frozen=True)


class WhenPart(Part):
    """A condition on the org; the part it stands at is left out where the condition does not hold."""

    feature: Name | None = Field(None, description="A feature of the org, e.g. multi_currency.")
    object: Name | None = Field(None, description="An object that the org must have.")
    field: Path | None = Field(
        None, description="A field that the org must have, with its object: Account.IsPartner."
    )
    all: list[WhenPart] | None = Field(None, min_length=1, description="All of these must hold.")
    any: list[WhenPart] | None = Field(None, min_length=1, description="One of these must hold.")
    not_: WhenPart | None = Field(None, alias="not", description="This must not hold.")


class MissPart(Part):
    """What to send instead of a local value that the Salesforce picklist lacks."""

    map: dict[str, str] = Field(min_length=1, description="Local value: Salesforce value.")


class FieldPart(Part):
    """One Salesforce field and its local column."""

    sf: Path = Field(description="API name of the Salesforce field; a path like UserRole.Name comes in only.")
    local: Column = Field(description="Column of the local table, or extra.<name>, which needs no migration.")
    type: SfType = Field(
        "string",
        description="Type of the Salesforce field: "
        + ", ".join("decimal(2)" if t == "decimal" else t for t in SF_TYPES)
        + ". Currencies and percents are decimals.",
    )
    direction: Direction | None = Field(
        None,
        description="Which way the value goes, seen from Tandem. Default: both, or the one way in which the "
        "object's records go.",
    )
    owner: Owner | None = Field(
        None,
        description="Who wins when both sides changed it: salesforce, tandem, the newest change, or a person "
        "(ask). Default: the object's owner.",
    )
    transform: str = Field(
        "same",
        description="How the value changes on its way: "
        + "; ".join(f"{k}: {v}" for k, v in NAMES.items())
        + ".",
    )
    values: dict[str, str] | None = Field(
        None, min_length=1, description="Salesforce value: local value, where the two sides use other words."
    )
    null: Null = Field("clear", description="Whether an empty value on one side empties the other.")
    on_picklist_miss: Literal["fail", "default"] | MissPart = Field(
        "fail",
        description="A local value that the picklist lacks: fail (the record waits and says why), default, "
        "or {map: {local: Salesforce}}.",
    )
    picklist_default: str | None = Field(None, description="The value for on_picklist_miss: default.")
    refresh: bool = Field(
        False, description="The value changes without a new SystemModstamp (a formula): read it again."
    )
    together: Name | None = Field(
        None, description="Fields with the same word go out together: an amount and its currency."
    )
    optional: bool = Field(False, description="Left out where the org does not have the field.")
    when: WhenPart | None = Field(None, description="Left out where this does not hold.")


class LookupPart(Part):
    """A reference to another record and the local column with the other row's id."""

    sf: Name = Field(description="API name of the reference field, e.g. AccountId.")
    local: Column = Field(description="Column with the id of the referenced row.")
    object: Name | list[Name] = Field(description="The object it points to, or the list of them.")
    external_id: Name | None = Field(
        None, description="External id of the parent. Default: the one that the parent's mapping names."
    )
    relationship: Name | None = Field(
        None, description="Name of the relationship. Default: AccountId gives Account, Partner__c Partner__r."
    )
    direction: Direction | None = Field(
        None,
        description="Which way the value goes, seen from Tandem. Default: both, or the one way in which the "
        "object's records go.",
    )
    owner: Owner | None = Field(None, description="Who wins a conflict. Default: the object's owner.")
    after: bool = Field(False, description="Set in a second pass: for objects that refer to each other.")
    null: Null = Field("clear", description="Whether an empty reference on one side empties the other.")
    optional: bool = Field(False, description="Left out where the org does not have the field.")
    when: WhenPart | None = Field(None, description="Left out where this does not hold.")


class DeletePart(Part):
    """What a deletion on one side does on the other."""

    in_: Literal["status", "delete", "ignore"] = Field(
        "status",
        alias="in",
        description="Deleted in Salesforce: mark the row as deleted, delete it, or nothing.",
    )
    out: Literal["delete", "ignore"] = Field(
        "ignore", description="Deleted in Tandem: delete the record or nothing."
    )


class BatchPart(Part):
    """How many records go out at once."""

    rest: int = Field(1000, ge=1, le=1000, description="Records in one composite call.")
    bulk_threshold: int = Field(2000, ge=1, description="From this many records on, Bulk 2.0 is used.")


class ConvertPart(Part):
    """Lead conversion: where Salesforce says what became of the lead."""

    flag: Name = Field("IsConverted", description="The field that says the lead was converted.")
    account: Name = Field("ConvertedAccountId", description="The field with the account's id.")
    contact: Name = Field("ConvertedContactId", description="The field with the contact's id.")
    opportunity: Name = Field("ConvertedOpportunityId", description="The field with the opportunity's id.")
    carry: dict[Column, Column] = Field(
        default_factory=dict,
        description="Lead column: opportunity column, copied where the opportunity's is still empty.",
    )


class MappingDocument(Part):
    """One Salesforce object, its local table, and how the two are kept the same."""

    object: Name = Field(description="API name of the Salesforce object.")
    table: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")] = Field(
        description="Name of the local table."
    )
    external_id: Name | None = Field(
        None,
        description="The Salesforce field with the row's id, External ID and unique. Needed to create.",
    )
    filter: str | None = Field(
        None, max_length=4000, description="A SOQL condition; records outside it are left alone."
    )
    owner: Owner = Field("salesforce", description="Who wins a conflict in fields that do not say so.")
    create: Flow = Field("both", description="Which way new records go.")
    update: Flow = Field("both", description="Which way changes go.")
    delete: DeletePart = Field(default_factory=DeletePart, description="Which way deletions go.")
    order: int = Field(100, description="Among objects that do not depend on each other: lower goes first.")
    batch: BatchPart = Field(default_factory=BatchPart, description="How many records go out at once.")
    auto_assign: bool = Field(False, description="Whether the org's assignment rules run on our writes.")
    duplicate_rule: Literal["allow", "block"] = Field(
        "allow",
        description="Whether a write passes a duplicate rule that only warns (allow) or stops at it.",
    )
    guarded: bool = Field(
        False,
        description="A change goes out only if nobody changed the record in Salesforce after it was read, so "
        "that it stays known who changed it last.",
    )
    record_types: list[Name] = Field(
        default_factory=list,
        description="Only records of these record types are synced; new ones get the first.",
    )
    currency: Name | None = Field(
        None, description="The currency field; amounts with the same `together` are amounts in it."
    )
    convert: ConvertPart | None = Field(None, description="Lead conversion.")
    every: int = Field(60, ge=10, description="Seconds between two polls.")
    budget: Literal["interactive", "background"] = Field(
        "interactive", description="background stops first when API calls run short."
    )
    when: WhenPart | None = Field(None, description="The whole mapping is left out where this does not hold.")
    fields: list[FieldPart] = Field(min_length=1, description="The fields, one entry each.")
    lookups: list[LookupPart] = Field(default_factory=list, description="References to other objects.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a mapping file, for editors."""
    schema = MappingDocument.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tandem field mapping",
        **{key: value for key, value in schema.items() if key != "title"},
    }
