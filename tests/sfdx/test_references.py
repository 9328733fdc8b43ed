"""What is named exists, and what exists is used and granted: in the project, and in one with faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdx.checks import references
from tests.sfdx import planted, whole

PROJECT = Path(__file__).resolve().parents[2] / "sfdx"
SET = "permissionsets/Visitor.permissionset-meta.xml"
LIST = "lwc/visitList/visitList.js"


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """The small project, with one text in one file replaced by another."""
    assert old in whole.FILES[file]
    return planted.project(folder, whole.FILES | {file: whole.FILES[file].replace(old, new)})


def test_nothing_is_named_that_is_not_there_and_nothing_is_there_for_nobody() -> None:
    assert [str(finding) for finding in references.check(PROJECT)] == []


def test_a_project_in_order_is_let_pass(tmp_path: Path) -> None:
    assert references.check(planted.project(tmp_path, whole.FILES)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("layouts/Visit__c-Visit Layout.layout-meta.xml", "Day__c", "Dax__c", "no field Visit__c.Dax__c"),
        ("layouts/Account-Visited Layout.layout-meta.xml", ".Whom__c", ".Who__c", "no field Visit__c.Who__c"),
        ("layouts/Account-Visited Layout.layout-meta.xml", "Day__c", "Dax__c", "no field Visit__c.Dax__c"),
        ("flexipages/Visits.flexipage-meta.xml", "visitList", "visitLists", "no component visitLists"),
        (
            "flexipages/Visit_Record.flexipage-meta.xml",
            "Record.Day",
            "Record.Dax",
            "no field Visit__c.Dax__c",
        ),
        ("flexipages/Visit_Record.flexipage-meta.xml", "Visit__c", "Visits__c", "no object Visits__c"),
        ("flexipages/Visit_Record.flexipage-meta.xml", "Label.Hello", "Label.Hullo", "no label Hullo"),
        ("objects/Visit__c/listViews/Mine.listView-meta.xml", "Day__c", "Dax__c", "no field Visit__c.Dax__c"),
        ("objects/Visit__c/listViews/Mine.listView-meta.xml", "Whom", "Who", "no field Visit__c.Who__c"),
        (
            "objects/Visit__c/compactLayouts/Short.compactLayout-meta.xml",
            "Day__c",
            "Dax__c",
            "no field Visit__c.Dax__c",
        ),
        ("objects/Visit__c/fields/Whom__c.field-meta.xml", "Account<", "Acount<", "no object Acount"),
        ("objects/Visit__c/Visit__c.object-meta.xml", ">Short<", ">Long<", "no compact layout Visit__c.Long"),
        ("objects/Visit__c/Visit__c.object-meta.xml", "Visit_Record", "Visit_Page", "no page Visit_Page"),
        ("tabs/Visits.tab-meta.xml", ">Visits</flexi", ">Visitors</flexi", "no page Visitors"),
        ("applications/Visiting.app-meta.xml", ">Visits<", ">Visitors<", "no tab Visitors"),
        ("applications/Visiting.app-meta.xml", "Visit_Bar", "Visit_Bars", "no page Visit_Bars"),
        (SET, "Visit__c.Day__c", "Visit__c.Dax__c", "no field Visit__c.Dax__c"),
        (SET, "<object>Visit__c", "<object>Visits__c", "no object Visits__c"),
        (SET, "VisitController", "VisitsController", "no Apex class VisitsController"),
        (SET, "Visits-Users", "Visits-Others", "no principal Visits-Others"),
        (SET, ">May_Visit<", ">May_Stay<", "no custom permission May_Stay"),
        (SET, ">Visiting<", ">Staying<", "no app Staying"),
        (SET, "<tab>Visits", "<tab>Stays", "no tab Stays"),
        (
            "permissionsetgroups/Visitors.permissionsetgroup-meta.xml",
            ">Visitor<",
            ">Guest<",
            "no permission set Guest",
        ),
        (
            "namedCredentials/Visits.namedCredential-meta.xml",
            ">Visits<",
            ">Stays<",
            "no external credential Stays",
        ),
        ("translations/de.translation-meta.xml", ">Hello<", ">Hullo<", "no label Hullo"),
        ("translations/de.translation-meta.xml", ">Visits<", ">Stays<", "no tab Stays"),
        (
            "objectTranslations/Visit__c-de/Visit__c-de.objectTranslation-meta.xml",
            "Visit Layout",
            "Old Layout",
            "no layout Visit__c-Old Layout",
        ),
        (
            "objectTranslations/Visit__c-de/Day__c.fieldTranslation-meta.xml",
            "Day__c",
            "Dax__c",
            "no field Visit__c.Dax__c",
        ),
        ("classes/VisitController.cls", "callout:Visits", "callout:Stays", "no named credential Stays"),
        ("classes/VisitController.cls", "Label.Hello", "Label.Hullo", "no label Hullo"),
        ("lwc/visitList/visitList.html", "c-visit-row", "c-visit-rows", "no component visitRows"),
        (LIST, "c/visitHelp", "c/visitHelps", "no component visitHelps"),
        (LIST, "VisitController.show", "VisitController.shown", "no Apex method VisitController.shown"),
        (LIST, "c.Hello", "c.Hullo", "no label Hullo"),
        (LIST, "resourceUrl/logo", "resourceUrl/mark", "no static resource mark"),
        (LIST, "May_Visit", "May_Stay", "no custom permission May_Stay"),
        (LIST, "Visit__c.Day__c", "Visit__c.Dax__c", "no field or object Visit__c.Dax__c"),
        (LIST, "apiName: 'Visits'", "apiName: 'Stays'", "no tab Stays"),
        (LIST, "tab('Visits')", "tab('Stays')", "no tab Stays"),
        (LIST, "'Visit_Page__c'", "'Stay_Page__c'", "no page of the site, object or field Stay_Page__c"),
        (
            "digitalExperiences/site/Portal/sfdc_cms__view/visit/content.json",
            "c:visitPage",
            "c:visitPages",
            "no component visitPages",
        ),
        (
            "digitalExperiences/site/Portal/sfdc_cms__route/Visit_Page__c/content.json",
            '"visit"',
            '"stay"',
            "no site view stay",
        ),
        ("networks/Portal.network-meta.xml", "<site>Portal", "<site>Gate", "no site Gate"),
        (
            "networks/Portal.network-meta.xml",
            "<picassoSite>Portal",
            "<picassoSite>Gate",
            "no experience site/Gate",
        ),
        ("networks/Portal.network-meta.xml", ">Visitor<", ">Guest<", "no permission set Guest"),
    ],
)
def test_a_name_that_leads_nowhere_is_found_where_it_stands(
    tmp_path: Path, file: str, old: str, new: str, what: str
) -> None:
    found = references.check(changed(tmp_path, file, old, new))

    assert [finding.file for finding in found if finding.what == f"There is {what}."] == [
        f"force-app/main/{file}"
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (
            SET,
            "<field>Visit__c.Day__c",
            "<field>Visit__c.Whom__c",
            "field Visit__c.Day__c is there, and no permission set",
        ),
        (
            SET,
            "<object>Visit__c",
            "<object>Account",
            "object Visit__c is there, and no permission set grants it",
        ),
        (SET, "<readable>true", "<readable>false", "field Visit__c.Day__c is there, and no permission set"),
        (
            SET,
            "VisitController</apexClass><enabled>true",
            "VisitController</apexClass><enabled>false",
            "Apex class VisitController is there, and no permission set grants it",
        ),
        (SET, "<visible>true", "<visible>false", "app Visiting is there, and no permission set shows it"),
        (SET, "Visible", "None", "tab Visits is there, and no permission set shows it"),
        (
            SET,
            "<enabled>true</enabled><externalC",
            "<enabled>false</enabled><externalC",
            "no permission set lets",
        ),
        (
            SET,
            "<enabled>true</enabled><name>",
            "<enabled>false</enabled><name>",
            "no permission set gives it",
        ),
        (
            "flexipages/Visits.flexipage-meta.xml",
            "visitList",
            "visitPage",
            "component visitList is on no page",
        ),
        (
            "lwc/visitList/visitList.html",
            "<c-visit-row></c-visit-row>",
            "",
            "component visitRow is part of no other",
        ),
        ("lwc/visitList/visitList.js-meta.xml", ">true<", ">false<", "is on a page, and not exposed"),
        (
            "objects/Visit__c/Visit__c.object-meta.xml",
            "Visit_Record",
            "Visits",
            "page Visit_Record is there, and no tab",
        ),
        (
            "objects/Visit__c/Visit__c.object-meta.xml",
            ">Short<",
            ">SYSTEM<",
            "compact layout Visit__c.Short is there",
        ),
        (
            LIST,
            "import show from '@salesforce/apex/VisitController.show'",
            "const show = 1",
            "no component calls it",
        ),
        (LIST, "import logo from '@salesforce/resourceUrl/logo'", "const logo = 1", "nothing loads it"),
        (LIST, "'Visit_Page__c'", "'Home'", "no component leads to it"),
        ("classes/VisitController.cls", "'callout:Visits/'", "'/'", "no class calls through it"),
        ("namedCredentials/Visits.namedCredential-meta.xml", ">Visits<", "><", "no named credential uses it"),
        (
            "labels/CustomLabels.labels-meta.xml",
            "</labels>",
            "</labels><labels><fullName>Bye</fullName></labels>",
            "label Bye is there, and nothing shows it",
        ),
    ],
)
def test_a_thing_for_nobody_is_found(tmp_path: Path, file: str, old: str, new: str, what: str) -> None:
    found = references.check(changed(tmp_path, file, old, new))

    assert [finding for finding in found if what in finding.what], [str(finding) for finding in found]


def test_a_line_is_named_not_only_a_file(tmp_path: Path) -> None:
    lines = whole.FILES[SET].replace("Visit__c.Whom__c", "Visit__c.Who__c")
    project = planted.project(tmp_path, whole.FILES | {SET: lines})

    [found] = [finding for finding in references.check(project) if "Who__c" in finding.what]

    assert "Visit__c.Who__c" in lines.splitlines()[found.line - 1]
    assert found.file == f"force-app/main/{SET}"


def test_the_manifest_lists_what_is_there_and_nothing_else(tmp_path: Path) -> None:
    project = planted.project(tmp_path, {**planted.apex("VisitController", ""), **planted.apex("Other", "")})
    (project / "manifest").mkdir()
    (project / "manifest" / "package.xml").write_text(
        whole.MANIFEST.replace("<members>", "<members>Gone</members>\n<members>", 1)
    )

    assert [(finding.file, finding.what) for finding in references.check(project)] == [
        ("force-app/main/classes/Other.cls-meta.xml", "The Apex class Other is not in the manifest."),
        ("manifest/package.xml", "There is no Apex class Gone."),
    ]


def test_a_file_that_is_no_xml_is_named_with_its_line(tmp_path: Path) -> None:
    broken = whole.FILES["tabs/Visits.tab-meta.xml"].replace("</CustomTab>", "</Tab>")
    project = planted.project(tmp_path, whole.FILES | {"tabs/Visits.tab-meta.xml": broken})

    [found] = references.check(project)

    assert found.file == "force-app/main/tabs/Visits.tab-meta.xml"
    assert found.what == "The XML is not well formed: line 4: mismatched tag."
