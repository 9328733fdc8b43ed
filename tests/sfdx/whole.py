"""A small project in which everything that is named is there, and everything that is there is used."""

from __future__ import annotations

from tests.sfdx.planted import CLASS, SPACE


def xml(kind: str, *lines: str) -> str:
    """A metadata file, one line an element."""
    return "\n".join((f"<{kind} {SPACE}>", *lines, f"</{kind}>"))


def field(name: str, *lines: str) -> str:
    """A custom field."""
    return xml("CustomField", f"<fullName>{name}</fullName>", f"<label>{name}</label>", *lines)


def bundle(exposed: bool) -> str:
    """What a component says of itself."""
    return xml(
        "LightningComponentBundle",
        "<apiVersion>67.0</apiVersion>",
        f"<isExposed>{str(exposed).lower()}</isExposed>",
    )


def page(kind: str, *lines: str) -> str:
    """A Lightning page with these items."""
    return xml(
        "FlexiPage",
        "<flexiPageRegions>",
        *(f"<itemInstances>{line}</itemInstances>" for line in lines),
        "<name>main</name><type>Region</type>",
        "</flexiPageRegions>",
        "<masterLabel>Visits</masterLabel>",
        "<sobjectType>Visit__c</sobjectType>" if kind == "RecordPage" else "",
        f"<type>{kind}</type>",
    )


SCRIPT = """import { LightningElement } from 'lwc';
import show from '@salesforce/apex/VisitController.show';
import hello from '@salesforce/label/c.Hello';
import logo from '@salesforce/resourceUrl/logo';
import may from '@salesforce/customPermission/May_Visit';
import DAY from '@salesforce/schema/Visit__c.Day__c';
import { help, tab } from 'c/visitHelp';

export default class VisitList extends LightningElement {
    where = { type: 'standard__navItemPage', attributes: { apiName: 'Visits' } };
    back = tab('Visits');
    there = { type: 'comm__namedPage', attributes: { name: 'Visit_Page__c' } };
    all = [show, hello, logo, may, DAY, help];
}
"""
CONTROLLER = """public with sharing class VisitController {
    @AuraEnabled
    public static String show(String visitId) {
        HttpRequest call = new HttpRequest();
        call.setEndpoint('callout:Visits/' + visitId);
        return System.Label.Hello;
    }
}
"""
EMPTY = "import { LightningElement } from 'lwc';\nexport default class extends LightningElement {}\n"
FILES = {
    "objects/Visit__c/Visit__c.object-meta.xml": xml(
        "CustomObject",
        "<actionOverrides><actionName>View</actionName><content>Visit_Record</content>"
        "<type>Flexipage</type></actionOverrides>",
        "<compactLayoutAssignment>Short</compactLayoutAssignment>",
        "<label>Visit</label><pluralLabel>Visits</pluralLabel>",
        "<nameField><label>Visit</label><type>Text</type></nameField>",
    ),
    "objects/Visit__c/fields/Day__c.field-meta.xml": field("Day__c", "<type>Date</type>"),
    "objects/Visit__c/fields/Whom__c.field-meta.xml": field(
        "Whom__c",
        "<referenceTo>Account</referenceTo>",
        "<relationshipName>Visits</relationshipName>",
        "<type>Lookup</type>",
    ),
    "objects/Visit__c/compactLayouts/Short.compactLayout-meta.xml": xml(
        "CompactLayout", "<fullName>Short</fullName>", "<fields>Day__c</fields>", "<label>Short</label>"
    ),
    "objects/Visit__c/listViews/Mine.listView-meta.xml": xml(
        "ListView",
        "<fullName>Mine</fullName>",
        "<columns>NAME</columns>",
        "<columns>Day__c</columns>",
        "<filters><field>Whom__c</field><operation>notEqual</operation></filters>",
        "<label>Mine</label>",
    ),
    "layouts/Visit__c-Visit Layout.layout-meta.xml": xml(
        "Layout",
        "<layoutSections><layoutColumns><layoutItems>",
        "<field>Day__c</field>",
        "</layoutItems></layoutColumns></layoutSections>",
    ),
    "layouts/Account-Visited Layout.layout-meta.xml": xml(
        "Layout",
        "<relatedLists>",
        "<fields>Day__c</fields>",
        "<relatedList>Visit__c.Whom__c</relatedList>",
        "</relatedLists>",
    ),
    "flexipages/Visit_Record.flexipage-meta.xml": page(
        "RecordPage",
        "<fieldInstance><fieldItem>Record.Day__c</fieldItem></fieldInstance>",
        "<componentInstance><componentInstanceProperties><name>title</name><value>{!$Label.Hello}</value>"
        "</componentInstanceProperties><componentName>force:detailPanel</componentName></componentInstance>",
    ),
    "flexipages/Visits.flexipage-meta.xml": page(
        "AppPage", "<componentInstance><componentName>visitList</componentName></componentInstance>"
    ),
    "flexipages/Visit_Bar.flexipage-meta.xml": page("UtilityBar"),
    "tabs/Visits.tab-meta.xml": xml("CustomTab", "<flexiPage>Visits</flexiPage>", "<label>Visits</label>"),
    "applications/Visiting.app-meta.xml": xml(
        "CustomApplication",
        "<tabs>Visits</tabs>",
        "<tabs>standard-Account</tabs>",
        "<utilityBar>Visit_Bar</utilityBar>",
    ),
    "permissionsets/Visitor.permissionset-meta.xml": xml(
        "PermissionSet",
        "<applicationVisibilities>",
        "<application>Visiting</application><visible>true</visible>",
        "</applicationVisibilities>",
        "<classAccesses><apexClass>VisitController</apexClass><enabled>true</enabled></classAccesses>",
        "<customPermissions><enabled>true</enabled><name>May_Visit</name></customPermissions>",
        "<externalCredentialPrincipalAccesses>",
        "<enabled>true</enabled><externalCredentialPrincipal>Visits-Users</externalCredentialPrincipal>",
        "</externalCredentialPrincipalAccesses>",
        "<fieldPermissions><field>Visit__c.Day__c</field><readable>true</readable></fieldPermissions>",
        "<fieldPermissions><field>Visit__c.Whom__c</field><readable>true</readable></fieldPermissions>",
        "<label>Visitor</label>",
        "<objectPermissions><allowRead>true</allowRead><object>Visit__c</object></objectPermissions>",
        "<tabSettings><tab>Visits</tab><visibility>Visible</visibility></tabSettings>",
    ),
    "permissionsetgroups/Visitors.permissionsetgroup-meta.xml": xml(
        "PermissionSetGroup", "<label>Visitors</label>", "<permissionSets>Visitor</permissionSets>"
    ),
    "customPermissions/May_Visit.customPermission-meta.xml": xml(
        "CustomPermission", "<label>May visit</label>"
    ),
    "namedCredentials/Visits.namedCredential-meta.xml": xml(
        "NamedCredential",
        "<namedCredentialParameters>",
        "<externalCredential>Visits</externalCredential>",
        "</namedCredentialParameters>",
    ),
    "externalCredentials/Visits.externalCredential-meta.xml": xml(
        "ExternalCredential",
        "<externalCredentialParameters>",
        "<parameterName>Users</parameterName><parameterType>PerUserPrincipal</parameterType>",
        "</externalCredentialParameters>",
    ),
    "labels/CustomLabels.labels-meta.xml": xml(
        "CustomLabels", "<labels>", "<fullName>Hello</fullName><value>Hello</value>", "</labels>"
    ),
    "translations/de.translation-meta.xml": xml(
        "Translations",
        "<customLabels><label>Hallo</label><name>Hello</name></customLabels>",
        "<customTabs><label>Besuche</label><name>Visits</name></customTabs>",
    ),
    "objectTranslations/Visit__c-de/Visit__c-de.objectTranslation-meta.xml": xml(
        "CustomObjectTranslation", "<layouts><layout>Visit Layout</layout></layouts>"
    ),
    "objectTranslations/Visit__c-de/Day__c.fieldTranslation-meta.xml": xml(
        "CustomFieldTranslation", "<label>Tag</label>", "<name>Day__c</name>"
    ),
    "staticresources/logo.svg": "<svg/>",
    "staticresources/logo.resource-meta.xml": xml(
        "StaticResource", "<contentType>image/svg+xml</contentType>"
    ),
    "classes/VisitController.cls": CONTROLLER,
    "classes/VisitController.cls-meta.xml": CLASS,
    "lwc/visitList/visitList.js": SCRIPT,
    "lwc/visitList/visitList.html": "<template>\n<c-visit-row></c-visit-row>\n</template>",
    "lwc/visitList/visitList.js-meta.xml": bundle(exposed=True),
    "lwc/visitRow/visitRow.js": EMPTY,
    "lwc/visitRow/visitRow.js-meta.xml": bundle(exposed=False),
    "lwc/visitHelp/visitHelp.js": "export const help = 'help';\nexport const tab = (name) => name;\n",
    "lwc/visitHelp/visitHelp.js-meta.xml": bundle(exposed=False),
    "lwc/visitPage/visitPage.js": EMPTY,
    "lwc/visitPage/visitPage.js-meta.xml": bundle(exposed=True),
    "digitalExperiences/site/Portal/sfdc_cms__view/visit/content.json": (
        '{"contentBody": {"component": {\n"definition": "c:visitPage"}}}'
    ),
    "digitalExperiences/site/Portal/sfdc_cms__route/Visit_Page__c/content.json": (
        '{"contentBody": {\n"activeViewId": "visit"}}'
    ),
    "digitalExperiences/site/Portal/Portal.digitalExperience-meta.xml": xml("DigitalExperienceBundle"),
    "networks/Portal.network-meta.xml": xml(
        "Network",
        "<networkMemberGroups>",
        "<permissionSet>Visitor</permissionSet>",
        "</networkMemberGroups>",
        "<picassoSite>Portal</picassoSite>",
        "<site>Portal</site>",
    ),
    "sites/Portal.site-meta.xml": xml("CustomSite"),
}
MANIFEST = xml(
    "Package", "<types>", "<members>VisitController</members>", "<name>ApexClass</name>", "</types>"
)
