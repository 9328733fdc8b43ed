"""What people of the company find in Salesforce: layouts, lists, pages, tabs, the app, and who has them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sandbox import metadata, stock
from app.sandbox.schema import Schema
from tests.unit.test_sfdx_metadata import SOURCE, SPACE, Switches, name_of, root, text

PREVIEW = SOURCE.parent / "preview" / "modules" / "preview" / "pages" / "pages.js"
LAYOUTS = sorted(SOURCE.rglob("*.layout-meta.xml"))
VIEWS = sorted(SOURCE.rglob("*.listView-meta.xml"))
COMPACT = sorted(SOURCE.rglob("*.compactLayout-meta.xml"))
PAGES = sorted(SOURCE.rglob("*.flexipage-meta.xml"))
TABS = sorted(SOURCE.rglob("*.tab-meta.xml"))
[APP] = SOURCE.rglob("*.app-meta.xml")
# List views and related lists name standard fields as reports do.
REPORT_NAMES = {
    "ACCOUNT.NAME", "ACCOUNT.PHONE1", "CORE.USERS.ALIAS", "FULL_NAME", "LEAD.COMPANY", "LEAD.STATUS", "NAME",
    "OPPORTUNITY.AMOUNT", "OPPORTUNITY.CLOSED", "OPPORTUNITY.CLOSE_DATE", "OPPORTUNITY.NAME",
    "OPPORTUNITY.STAGE_NAME",
}  # fmt: skip
# Made of several fields; an org shows them as one.
COMPOUND = {
    "Name",
    "Address",
    "BillingAddress",
    "ShippingAddress",
    "CreatedById",
    "LastModifiedById",
    "OwnerId",
}
TARGETS = {
    "AppPage": "lightning__AppPage",
    "HomePage": "lightning__HomePage",
    "RecordPage": "lightning__RecordPage",
    "UtilityBar": "lightning__UtilityBar",
}
REGIONS = {
    "flexipage:defaultAppHomeTemplate": {"main"},
    "flexipage:recordHomeTemplateDesktop": {"header", "main", "sidebar"},
    "home:desktopTemplate": {"top", "bottomLeft", "bottomRight", "sidebar"},
    "one:utilityBarTemplateDesktop": {"utilityItems", "backgroundComponents"},
}


@pytest.fixture(scope="module")
def schema() -> Schema:
    made = stock.load("prm", Switches())
    metadata.deploy(made, SOURCE, multi_currency=True)
    return made


def named(paths: list[Path]) -> dict[str, Path]:
    return {path.name.rsplit(".", 2)[0]: path for path in paths}


def of_object(path: Path) -> str:
    return path.parents[1].name


def components(page: ET.Element) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, properties) of each component on a page."""
    for instance in page.iter(SPACE + "componentInstance"):
        properties = instance.iterfind(SPACE + "componentInstanceProperties")
        yield text(instance, "componentName"), {text(one, "name"): text(one, "value") for one in properties}


def bundle(name: str) -> ET.Element:
    [path] = SOURCE.glob(f"main/*/lwc/{name}/{name}.js-meta.xml")
    return root(path)


def labels() -> set[str]:
    return {text(label, "fullName") for path in SOURCE.rglob("*.labels-meta.xml") for label in root(path)}


@pytest.mark.parametrize("path", LAYOUTS, ids=name_of)
def test_a_layout_shows_fields_that_are_there_each_once(path: Path, schema: Schema) -> None:
    sobject = schema.get(path.name.split("-")[0])
    fields = [text(item, "field") for item in root(path).iter(SPACE + "layoutItems")]
    assert len(fields) == len(set(fields))
    assert [f for f in fields if f not in COMPOUND and sobject.field_named(f) is None] == []


def test_every_field_that_tandem_brings_has_its_place_on_a_layout(schema: Schema) -> None:
    shown = {
        (path.name.split("-")[0], text(item, "field"))
        for path in LAYOUTS
        for item in root(path).iter(SPACE + "layoutItems")
    }
    missing = [
        f"{sobject.name}.{field.name}"
        for sobject in schema
        for field in sobject.fields.values()
        if field.custom and (sobject.name, field.name) not in shown
    ]
    # Ids of ours on records of others' objects are for the integration only.
    assert [name for name in missing if not name.endswith(".Tandem_Id__c")] == []


@pytest.mark.parametrize("path", LAYOUTS, ids=name_of)
def test_related_lists_of_own_objects_lead_along_a_field_that_is_there(path: Path, schema: Schema) -> None:
    here = path.name.split("-")[0]
    for related in root(path).iterfind(SPACE + "relatedLists"):
        child, dot, link = text(related, "relatedList").partition(".")
        if not dot:
            continue
        field = schema.get(child).field_named(link)
        assert field is not None
        assert here in field.reference_to
        for column in related.iterfind(SPACE + "fields"):
            known = column.text in REPORT_NAMES or schema.get(child).field_named(column.text or "")
            assert known or column.text == "LEAD.PHONE", column.text


def test_what_only_tandem_writes_is_shown_and_not_offered_for_edit() -> None:
    path = named(LAYOUTS)["Approval_Request__c-Approval Request Layout"]
    editable = {
        text(item, "field")
        for item in root(path).iter(SPACE + "layoutItems")
        if text(item, "behavior") == "Edit"
    }
    assert editable == {"Decision__c", "Decision_Reason__c", "OwnerId"}


def test_layouts_of_standard_objects_have_names_of_our_own_so_that_none_is_overwritten() -> None:
    for path in LAYOUTS:
        sobject, _, name = path.name.removesuffix(".layout-meta.xml").partition("-")
        assert sobject.endswith("__c") or name.startswith("Tandem "), path.name
    for path in (*VIEWS, *COMPACT, *PAGES):
        own = of_object(path).endswith("__c")
        assert own or path.name.startswith("Tandem_"), path.name


@pytest.mark.parametrize("path", VIEWS, ids=name_of)
def test_a_list_view_shows_and_filters_by_what_is_there(path: Path, schema: Schema) -> None:
    view, sobject = root(path), schema.get(of_object(path))
    assert text(view, "fullName") + ".listView-meta.xml" == path.name
    assert len(text(view, "fullName")) <= 40
    assert 0 < len(text(view, "label")) <= 40
    columns = [column.text or "" for column in view.iterfind(SPACE + "columns")]
    assert 3 < len(columns) <= 15
    assert len(columns) == len(set(columns))
    filters = list(view.iterfind(SPACE + "filters"))
    for name in (*columns, *(text(one, "field") for one in filters)):
        assert name in REPORT_NAMES or sobject.field_named(name) is not None, name
    for one in filters:
        field = sobject.field_named(text(one, "field"))
        if field is not None and field.restricted and text(one, "value"):
            assert set(text(one, "value").split(",")) <= {value.value for value in field.picklist}


def test_no_two_lists_of_an_object_filter_alike_or_have_one_name() -> None:
    for sobject in {of_object(path) for path in VIEWS}:
        views = [root(path) for path in VIEWS if of_object(path) == sobject]
        names = [text(view, "label") for view in views]
        filters = [
            (text(view, "filterScope"), *(ET.tostring(one) for one in view.iterfind(SPACE + "filters")))
            for view in views
        ]
        assert len(set(names)) == len(set(filters)) == len(views), sobject


@pytest.mark.parametrize("sobject", ["Lead", "Opportunity"])
def test_reps_filter_by_the_assigned_partner(sobject: str) -> None:
    views = {name: root(path) for name, path in named([p for p in VIEWS if of_object(p) == sobject]).items()}
    conditions = {
        name: [(text(one, "field"), text(one, "operation")) for one in view.iterfind(SPACE + "filters")]
        for name, view in views.items()
    }
    assert conditions["Tandem_With_Partner"] == [("Partner__c", "notEqual")]
    assert conditions["Tandem_Without_Partner"][0] == ("Partner__c", "equals")
    assert text(views["Tandem_My_With_Partner"], "filterScope") == "Mine"
    assert all("Partner__c" in [c.text for c in view.iterfind(SPACE + "columns")] for view in views.values())


@pytest.mark.parametrize("path", COMPACT, ids=name_of)
def test_a_compact_layout_has_at_most_the_seven_fields_that_the_highlights_show(
    path: Path, schema: Schema
) -> None:
    layout, sobject = root(path), schema.get(of_object(path))
    assert text(layout, "fullName") + ".compactLayout-meta.xml" == path.name
    fields = [field.text or "" for field in layout.iterfind(SPACE + "fields")]
    assert len(fields) <= 7
    assert [f for f in fields if f not in COMPOUND and sobject.field_named(f) is None] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_holds_components_that_are_there_and_made_for_such_a_page(path: Path) -> None:
    page = root(path)
    target = TARGETS[text(page, "type")]
    for name, properties in components(page):
        if ":" in name:
            continue
        meta = bundle(name)
        assert text(meta, "isExposed") == "true"
        assert target in {one.text for one in meta.iter(SPACE + "target")}
        offered = {
            one.get("name")
            for config in meta.iter(SPACE + "targetConfig")
            if target in (config.get("targets") or "").split(",")
            for one in config
        }
        decorators = {"eager", "height", "icon", "label", "scrollable", "width"}
        assert properties.keys() <= (decorators if target == "lightning__UtilityBar" else offered)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_is_put_together_from_parts_that_fit(path: Path, schema: Schema) -> None:
    page = root(path)
    regions = {text(region, "name"): text(region, "type") for region in page.iter(SPACE + "flexiPageRegions")}
    template = page.findtext(f"{SPACE}template/{SPACE}name") or ""
    assert {name for name, kind in regions.items() if kind != "Facet"} == REGIONS[template]
    facets = {name for name, kind in regions.items() if kind == "Facet"}
    used = [
        properties[name]
        for _, properties in components(page)
        for name in ("body", "tabs", "columns")
        if name in properties
    ]
    assert sorted(used) == sorted(facets), "each facet is used, once"
    identifiers = [one.text for one in page.iter(SPACE + "identifier")]
    assert len(identifiers) == len(set(identifiers))
    for field in page.iter(SPACE + "fieldItem"):
        name = (field.text or "").removeprefix("Record.")
        assert schema.get(text(page, "sobjectType")).field_named(name) is not None
    named_labels = set(re.findall(r"\{!\$Label\.(\w+)\}", path.read_text()))
    assert named_labels <= labels()


def preview_pages(constant: str) -> dict[str, tuple[list[str], bool]]:
    """Page → the components on it, and whether the navigation shows it."""
    source = PREVIEW.read_text()
    block = source[source.index(f"export const {constant} = ") :].split("\n};", 1)[0]
    return {
        name: ([one[0].lower() + one[1:] for one in re.findall(r"\[(\w+), ", rest)], "tab: true" in rest)
        for name, rest in re.findall(r"^    (\w+): \{(.*?)\},?$", block, re.MULTILINE | re.DOTALL)
    }


def test_the_preview_shows_the_tabs_and_their_components_as_an_org_does() -> None:
    there = {}
    in_bar = {one.text for one in root(APP).iterfind(SPACE + "tabs")}
    for name, path in named(TABS).items():
        page = text(root(path), "flexiPage")
        if page:
            on_it = [name for name, _ in components(root(named(PAGES)[page])) if ":" not in name]
            there[name] = (on_it, name in in_bar)
    assert there == preview_pages("CONSOLE")


def test_the_preview_shows_the_components_of_record_pages_as_an_org_does() -> None:
    source = PREVIEW.read_text()
    block = source[source.index("export const RECORDS = ") :].split("\n};", 1)[0]
    shown = {
        sobject: {name[0].lower() + name[1:] for name in re.findall(r"[A-Z]\w+", regions)}
        for sobject, regions in re.findall(r"^    (\w+): \{(.*)\},$", block, re.MULTILINE)
    }
    placed = {
        text(root(path), "sobjectType"): {name for name, _ in components(root(path)) if ":" not in name}
        for path in PAGES
        if text(root(path), "type") == "RecordPage"
    }
    assert shown == placed


@pytest.mark.parametrize("path", TABS, ids=name_of)
def test_a_tab_shows_an_own_object_or_a_page(path: Path) -> None:
    tab, name = root(path), path.name.split(".")[0]
    if text(tab, "customObject") == "true":
        assert list(SOURCE.rglob(f"{name}.object-meta.xml"))
    else:
        assert text(root(named(PAGES)[text(tab, "flexiPage")]), "type") == "AppPage"
        assert text(tab, "label")


def test_the_app_opens_tandems_pages_and_only_within_itself() -> None:
    app = root(APP)
    bar = text(app, "utilityBar")
    assert text(root(named(PAGES)[bar]), "type") == "UtilityBar"
    opened = {
        (text(one, "pageOrSobjectType"), text(one, "content"))
        for one in app.iterfind(SPACE + "actionOverrides")
    }
    assert opened == {(sobject, f"Tandem_{sobject}_Record") for sobject in ("Account", "Lead", "Opportunity")}
    for sobject, page in opened:
        assert text(root(named(PAGES)[page]), "sobjectType") == sobject
    own = [
        one.text or "" for one in app.iterfind(SPACE + "tabs") if not (one.text or "").startswith("standard-")
    ]
    assert set(own) <= named(TABS).keys()
    assert own[0] == "Tandem_Home"


def granted(name: str) -> ET.Element:
    return root(SOURCE / "main" / "access" / "permissionsets" / f"{name}.permissionset-meta.xml")


@pytest.mark.parametrize("name", ["Tandem_Admin", "Tandem_Rep", "Tandem_Approver"])
def test_people_of_the_company_have_the_app_and_every_tab(name: str) -> None:
    apps = [text(one, "application") for one in granted(name).iterfind(SPACE + "applicationVisibilities")]
    assert apps == ["Tandem"]
    tabs = {
        text(one, "tab"): text(one, "visibility") for one in granted(name).iterfind(SPACE + "tabSettings")
    }
    in_bar = {one.text for one in root(APP).iterfind(SPACE + "tabs")}
    assert tabs == {tab: "Visible" if tab in in_bar else "Available" for tab in named(TABS)}


@pytest.mark.parametrize("name", ["Tandem_Partner", "Tandem_Integration"])
def test_partners_and_the_integration_have_neither_app_nor_tab(name: str) -> None:
    for kind in ("applicationVisibilities", "tabSettings"):
        assert granted(name).find(SPACE + kind) is None


def test_an_admin_sees_every_request_and_field_and_changes_none(schema: Schema) -> None:
    admin = granted("Tandem_Admin")
    fields = {text(one, "field"): text(one, "editable") for one in admin.iterfind(SPACE + "fieldPermissions")}
    custom = {f"{s.name}.{f.name}" for s in schema for f in s.fields.values() if f.custom}
    assert fields == dict.fromkeys(custom, "false")
    for rights in admin.iterfind(SPACE + "objectPermissions"):
        if text(rights, "object") == "UserExternalCredential":  # their own token for calls of Tandem
            continue
        assert text(rights, "viewAllRecords") == "true"
        assert {text(rights, f"allow{right}") for right in ("Create", "Edit", "Delete")} == {"false"}


def test_a_group_names_permission_sets_that_are_there() -> None:
    sets = {path.name.split(".")[0] for path in SOURCE.rglob("*.permissionset-meta.xml")}
    for path in SOURCE.rglob("*.permissionsetgroup-meta.xml"):
        members = [one.text for one in root(path).iterfind(SPACE + "permissionSets")]
        assert len(members) > 1
        assert set(members) <= sets
