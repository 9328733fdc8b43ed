"""What the project has, by kind and name: the things that something else may name.

A name is the one that others use: `Account.Tandem_Id__c`, `Account-Tandem Layout`, `DealController.show`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from sfdx.checks.sources import Project

#: Ending of the file → (what a sentence calls it, what the manifest calls it).
KINDS = {
    "object": ("object", "CustomObject"),
    "field": ("field", "CustomField"),
    "listView": ("list view", "ListView"),
    "compactLayout": ("compact layout", "CompactLayout"),
    "recordType": ("record type", "RecordType"),
    "validationRule": ("validation rule", "ValidationRule"),
    "layout": ("layout", "Layout"),
    "flexipage": ("page", "FlexiPage"),
    "tab": ("tab", "CustomTab"),
    "app": ("app", "CustomApplication"),
    "permissionset": ("permission set", "PermissionSet"),
    "permissionsetgroup": ("permission set group", "PermissionSetGroup"),
    "customPermission": ("custom permission", "CustomPermission"),
    "namedCredential": ("named credential", "NamedCredential"),
    "externalCredential": ("external credential", "ExternalCredential"),
    "eca": ("external client app", "ExternalClientApplication"),
    "ecaPlcy": ("app policy", "ExtlClntAppConfigurablePolicies"),
    "ecaOauth": ("app sign-in", "ExtlClntAppOauthSettings"),
    "ecaOauthPlcy": ("app sign-in policy", "ExtlClntAppOauthConfigurablePolicies"),
    "ecaGlblOauth": ("app global sign-in", "ExtlClntAppGlobalOauthSettings"),
    "cspTrustedSite": ("trusted site", "CspTrustedSite"),
    "resource": ("static resource", "StaticResource"),
    "cls": ("Apex class", "ApexClass"),
    "trigger": ("trigger", "ApexTrigger"),
    "flow": ("flow", "Flow"),
    "quickAction": ("quick action", "QuickAction"),
    "globalValueSet": ("value set", "GlobalValueSet"),
    "js": ("component", "LightningComponentBundle"),
    "labels": ("label file", "CustomLabels"),
    "translation": ("translation", "Translations"),
    "objectTranslation": ("object translation", "CustomObjectTranslation"),
    "LeadConvertSetting": ("lead conversion", "LeadConvertSettings"),
    "site": ("site", "CustomSite"),
    "network": ("community", "Network"),
    "digitalExperience": ("experience", "DigitalExperienceBundle"),
    "digitalExperienceConfig": ("experience address", "DigitalExperienceConfig"),
}
#: Parts of an object, named with it.
OF_OBJECT = frozenset({"field", "listView", "compactLayout", "recordType", "validationRule"})
METHOD = re.compile(
    r"@AuraEnabled\b[^{;]*?\bstatic\s+[\w.<>,\s\[\]]+?\s(\w+)\s*\(|(@InvocableMethod)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that may be named. line: where in its file it begins."""

    kind: str
    name: str
    path: Path
    line: int = 1


def things(project: Project) -> list[Thing]:
    """Everything under `force-app`, and what of the files has a name of its own."""
    return [*_files(project), *_parts(project)]


def _files(project: Project) -> Iterator[Thing]:
    for path in project.files("-meta.xml"):
        ending = path.name.removesuffix("-meta.xml").rpartition(".")[2]
        if ending in KINDS:
            yield Thing(KINDS[ending][0], name_of(path, ending), path)


def name_of(path: Path, ending: str) -> str:
    """The name by which the thing in a file is known."""
    name = unquote(path.name.removesuffix(f".{ending}-meta.xml"))
    if ending in OF_OBJECT:
        return f"{path.parents[1].name}.{name}"
    return f"{path.parents[1].name}/{name}" if ending == "digitalExperience" else name


def _parts(project: Project) -> Iterator[Thing]:
    for path in project.files(".labels-meta.xml"):
        for label in project.xml(path).all("labels"):
            yield Thing("label", label.value("fullName"), path, label.line)
    for path in project.files(".externalCredential-meta.xml"):
        for found in project.xml(path).all("externalCredentialParameters"):
            if found.value("parameterType").endswith("Principal"):
                name = f"{name_of(path, 'externalCredential')}-{found.value('parameterName')}"
                yield Thing("principal", name, path, found.line)
    for apex in project.classes:
        for match in METHOD.finditer(apex.bare):
            yield Thing(
                "Apex action" if match[2] else "Apex method",
                f"{apex.path.stem}.{match[1] or 'invocable'}",
                apex.path,
                apex.line(match.start()),
            )
    for path in project.files("content.json"):
        what = path.parents[1].name.removeprefix("sfdc_cms__")
        if what in ("view", "route"):
            yield Thing(f"site {what}", path.parent.name, path)
