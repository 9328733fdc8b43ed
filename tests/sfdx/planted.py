"""Small projects with faults in them, written where a test wants them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PROJECT = (
    '{"packageDirectories": [{"path": "force-app", "default": true}],'
    ' "namespace": "", "sourceApiVersion": "67.0"}'
)
SPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
CLASS = f"<ApexClass {SPACE}><apiVersion>67.0</apiVersion><status>Active</status></ApexClass>"


def project(folder: Path, files: Mapping[str, str]) -> Path:
    """A project with these files below `force-app/main`; a class gets its metadata file."""
    (folder / "force-app" / "main").mkdir(parents=True)
    (folder / "sfdx-project.json").write_text(PROJECT)
    for name, text in files.items():
        path = folder / "force-app" / "main" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        meta = path.with_name(path.name + "-meta.xml")
        if name.endswith(".cls") and not meta.exists():
            meta.write_text(CLASS)
    return folder


def apex(name: str, body: str) -> dict[str, str]:
    """One class in the folder `classes`."""
    return {f"classes/{name}.cls": f"public with sharing class {name} {{\n{body}\n}}\n"}


COPIED = """
    public static Decimal total(List<Decimal> amounts, Decimal rate, Integer places) {
        Decimal sum = 0;
        for (Decimal amount : amounts) {
            if (amount != null && amount > 0) {
                sum = sum + amount.setScale(places) * rate;
            }
        }
        List<String> parts = new List<String>();
        for (Decimal amount : amounts) {
            parts.add(String.valueOf(amount) + ' at ' + String.valueOf(rate));
        }
        if (parts.size() > 10 && sum < 1000) {
            sum = sum.setScale(places) + Decimal.valueOf(parts.size());
        }
        return sum.setScale(places);
    }
"""

FLOW = f"""<?xml version="1.0" encoding="UTF-8"?>
<Flow {SPACE}>
    <apiVersion>67.0</apiVersion>
    <label>Rename</label>
    <processType>Flow</processType>
    <runInMode>SystemModeWithoutSharing</runInMode>
    <screens>
        <name>Ask</name>
        <label>Ask</label>
        <locationX>0</locationX>
        <locationY>0</locationY>
        <connector><targetReference>Write</targetReference></connector>
        <fields>
            <name>NewName</name>
            <dataType>String</dataType>
            <fieldText>Name</fieldText>
            <fieldType>InputField</fieldType>
            <isRequired>true</isRequired>
        </fields>
    </screens>
    <recordUpdates>
        <name>Write</name>
        <label>Write</label>
        <locationX>0</locationX>
        <locationY>0</locationY>
        <filters>
            <field>Name</field>
            <operator>EqualTo</operator>
            <value><elementReference>NewName</elementReference></value>
        </filters>
        <inputAssignments>
            <field>Name</field>
            <value><elementReference>NewName</elementReference></value>
        </inputAssignments>
        <object>Account</object>
    </recordUpdates>
    <start>
        <locationX>0</locationX>
        <locationY>0</locationY>
        <connector><targetReference>Ask</targetReference></connector>
    </start>
    <status>Active</status>
</Flow>
"""

#: One fault for each engine of the analyzer: (engine, rule) → where it lies.
ENGINES = {
    ("pmd", "ApexInsecureEndpoint"): "Insecure.cls",
    ("pmd", "AvoidInsecureHttpRemoteSiteSetting"): "Plain.remoteSite-meta.xml",
    ("cpd", "DetectCopyPasteForApex"): "CopyOne.cls",
    ("eslint", "@lwc/lwc/no-inner-html"): "inner.js",
    ("eslint", "@lwc/lwc-platform/no-inline-disable"): "inner.js",
    ("regex", "AvoidOldSalesforceApiVersions"): "Old.cls-meta.xml",
    ("retire-js", "LibraryWithKnownMediumSeverityVulnerability"): "jquery.js",
    ("flow", "PreventPassingUserDataIntoElementWithoutSharing"): "Rename.flow-meta.xml",
    ("sfge", "ApexFlsViolation"): "Unchecked.cls",
}
FAULTS = {
    **apex(
        "Insecure",
        "    public static void call() {\n        HttpRequest request = new HttpRequest();\n"
        "        request.setEndpoint('http://example.com');\n        new Http().send(request);\n    }",
    ),
    "remoteSiteSettings/Plain.remoteSite-meta.xml": (
        f"<RemoteSiteSetting {SPACE}><disableProtocolSecurity>false</disableProtocolSecurity>"
        "<isActive>true</isActive><url>http://example.com</url></RemoteSiteSetting>"
    ),
    **apex("CopyOne", COPIED),
    **apex("CopyTwo", COPIED),
    "lwc/inner/inner.html": "<template><div lwc:dom='manual'></div></template>",
    "lwc/inner/inner.js": (
        "import { LightningElement } from 'lwc';\n\nexport default class Inner extends LightningElement {\n"
        "    show(text) {\n        this.template.querySelector('div').innerHTML = text;\n"
        "        // eslint-disable-next-line no-alert\n        alert(text);\n    }\n}\n"
    ),
    "lwc/inner/inner.js-meta.xml": (
        f"<LightningComponentBundle {SPACE}><apiVersion>67.0</apiVersion>"
        "<isExposed>false</isExposed></LightningComponentBundle>"
    ),
    **apex("Old", "    public static Integer one() {\n        return 1;\n    }"),
    "classes/Old.cls-meta.xml": CLASS.replace("67.0", "30.0"),
    "staticresources/jquery.js": "/*! jQuery v1.8.1 jquery.com | jquery.org/license */\nwindow.$ = {};\n",
    "staticresources/jquery.resource-meta.xml": (
        f"<StaticResource {SPACE}><cacheControl>Private</cacheControl>"
        "<contentType>text/javascript</contentType></StaticResource>"
    ),
    "flows/Rename.flow-meta.xml": FLOW,
    **apex(
        "Unchecked",
        "    @AuraEnabled\n    public static void rename(String name) {\n"
        "        Account made = new Account();\n        made.Name = name;\n        insert made;\n    }",
    ),
}

PARTNER_OF_LEADS = {
    "objects/Lead/fields/Partner__c.field-meta.xml": (
        f"<CustomField {SPACE}><fullName>Partner__c</fullName><label>Partner</label>"
        "<referenceTo>Account</referenceTo><relationshipLabel>Leads</relationshipLabel>"
        "<relationshipName>Partner_Leads</relationshipName><type>Lookup</type></CustomField>"
    )
}
