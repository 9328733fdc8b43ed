"""What the gateway's probe of an org means for the mappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.salesforce.capabilities import OrgCapabilities
from app.sync.mapping.guards import Capabilities

#: Types whose `length` counts characters that a person wrote.
_TEXTS = frozenset({"string", "textarea", "email", "phone", "url", "encryptedstring", "combobox"})


def capabilities(org: OrgCapabilities) -> Capabilities:
    """The probed org, in the form in which guards and picklists are decided."""
    picklists: dict[tuple[str, str], frozenset[str]] = {}
    lengths: dict[tuple[str, str], int] = {}
    for sobject, described in org.objects.items():
        for name, described_field in described.fields.items():
            values = restricted_values(described_field)
            if values is not None:
                picklists[sobject, name] = values
            if described_field.get("type") in _TEXTS and described_field.get("length"):
                lengths[sobject, name] = int(described_field["length"])
    objects: dict[str, frozenset[str]] = {name: frozenset() for name in org.names}
    objects.update({name: frozenset(described.fields) for name, described in org.objects.items()})
    features = frozenset(name for name, there in org.features().items() if there)
    return Capabilities(objects, features, picklists, lengths)


def restricted_values(described_field: Mapping[str, Any]) -> frozenset[str] | None:
    """The active values of a restricted picklist; None where the org takes any text."""
    if not described_field.get("restrictedPicklist"):
        return None
    return frozenset(
        str(item["value"]) for item in described_field.get("picklistValues") or () if item.get("active")
    )
