"""The partners' site as it is deployed: its pages are the preview's, nobody reads it without signing in."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_sfdx_console import PREVIEW, bundle, preview_pages
from tests.unit.test_sfdx_metadata import SOURCE, SPACE, root, text

[SITE] = (SOURCE / "main" / "site" / "digitalExperiences" / "site").iterdir()
CONTENTS = sorted(SITE.glob("*/*/content.json"))
[NETWORK] = SOURCE.rglob("*.network-meta.xml")
NAVIGATION = SOURCE / "main" / "shared" / "lwc" / "tandemNavigation" / "tandemNavigation.js"


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def body(kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = read(SITE / f"sfdc_cms__{kind}" / name / "content.json")["contentBody"]
    return found


def routes() -> dict[str, dict[str, Any]]:
    return {path.name: body("route", path.name) for path in sorted((SITE / "sfdc_cms__route").iterdir())}


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Everything in a page that has an id: regions and components."""
    if isinstance(node, dict):
        if "id" in node:
            yield node
        for value in node.values():
            yield from parts(value)
    elif isinstance(node, list):
        for one in node:
            yield from parts(one)


def own_components(content: dict[str, Any]) -> list[str]:
    definitions = [part.get("definition", "") for part in parts(content)]
    return [name.removeprefix("c:") for name in definitions if name.startswith("c:")]


def address(page: str) -> str:
    return "" if page == "Home" else page.removesuffix("__c").replace("_", "-").lower()


def test_the_sites_pages_are_those_of_the_preview_with_the_same_components() -> None:
    ours = {
        name: own_components(body("view", route["activeViewId"]))
        for name, route in routes().items()
        if name == "Home" or route["routeType"].startswith("custom-")
    }
    assert ours == {name: components for name, (components, _) in preview_pages("SITE").items()}


@pytest.mark.parametrize("name", preview_pages("SITE"))
def test_a_page_has_the_address_that_the_preview_gives_it_and_a_view_of_its_kind(name: str) -> None:
    route = routes()[name]
    view = body("view", route["activeViewId"])
    assert route["urlPrefix"] == address(name)
    assert route["routeType"] == view["viewType"] == ("home" if name == "Home" else f"custom-{address(name)}")


def test_every_component_on_the_site_is_made_for_sites() -> None:
    for path in CONTENTS:
        for name in own_components(read(path)):
            assert "lightningCommunity__Default" in {one.text for one in bundle(name).iter(SPACE + "target")}


def test_every_page_to_which_a_component_leads_is_there() -> None:
    pages = set(routes())
    for path in SOURCE.rglob("*.js-meta.xml"):
        for prop in root(path).iter("property"):
            if (prop.get("name") or "").endswith("Page"):
                assert prop.get("default") in pages, path.name
    for path in SOURCE.glob("main/*/lwc/*/*.js"):
        assert set(re.findall(r"'(\w+__c)'", re.sub(r"'\w+\.\w+'", "", path.read_text()))) <= pages | {
            one.parents[0].name for one in SOURCE.rglob("*.object-meta.xml")
        }, path.name


def test_the_navigation_shows_the_pages_that_the_preview_counts_among_it() -> None:
    shown = re.findall(r"\{ name: '(\w+)', label: labels\.(\w+), below: \[(.*?)\] \}", NAVIGATION.read_text())
    assert [name for name, _, _ in shown] == [name for name, (_, tab) in preview_pages("SITE").items() if tab]
    source = PREVIEW.read_text()
    for name, label, below in shown:
        assert re.search(rf"\b{name}: \{{ title: labels\.{label}, tab: true", source)
        under = re.findall(rf"(\w+): .*within: '{name}'", source)
        assert sorted(re.findall(r"'(\w+)'", below)) == sorted(under)


def test_the_navigation_stands_in_the_header_of_every_page() -> None:
    theme = body("theme", "Build_Your_Own_LWR")
    layouts = {one["layoutType"]: one["layoutId"] for one in theme["layouts"]}
    [header] = [part for part in parts(body("themeLayout", layouts["Inner"])) if part.get("name") == "header"]
    assert own_components(header) == ["tandemNavigation"]
    for path in (SITE / "sfdc_cms__view").iterdir():
        assert body("view", path.name)["themeLayoutType"] in layouts


def test_nobody_reads_the_site_without_signing_in_and_nobody_registers_alone() -> None:
    assert body("site", SITE.name)["authenticationType"] == "AUTHENTICATED"
    assert {route["pageAccess"] for route in routes().values()} == {"UseParent"}
    network = root(NETWORK)
    closed = (
        "selfRegistration", "enableGuestChatter", "enableGuestFileAccess", "enableGuestMemberVisibility",
        "enableMemberVisibility", "allowInternalUserLogin", "enableInvitation", "enableDirectMessages",
    )  # fmt: skip
    assert {name: text(network, name) for name in closed} == dict.fromkeys(closed, "false")
    login = [
        part for part in parts(body("view", "login")) if part.get("definition") == "community_login:loginForm"
    ]
    assert [part["attributes"]["selfRegisterUrl"] for part in login] == [""]


def test_partners_are_members_by_their_permission_set() -> None:
    members = {one.text for one in root(NETWORK).iter(SPACE + "permissionSet")}
    assert members == {"Tandem_Partner", "Tandem_Admin"}
    assert text(root(NETWORK), "picassoSite") == SITE.name


def test_the_site_speaks_every_language_of_the_texts() -> None:
    languages = {one["locale"]: one["isActive"] for one in body("languageSettings", "languages")["languages"]}
    translated = {path.name.split(".")[0] for path in SOURCE.rglob("*.translation-meta.xml")}
    assert languages == dict.fromkeys(translated | {"en_US"}, True)


@pytest.mark.parametrize("path", CONTENTS, ids=lambda path: f"{path.parents[1].name}/{path.parent.name}")
def test_a_content_is_of_its_folders_kind_and_its_parts_have_ids_of_their_own(path: Path) -> None:
    content, meta = read(path), read(path.with_name("_meta.json"))
    assert meta["type"] == content["type"] == path.parents[1].name
    assert meta["apiName"] == path.parent.name
    assert [one for one, times in Counter(part["id"] for part in parts(content)).items() if times > 1] == []
    for part in parts(content):
        if "sectionConfig" in part.get("attributes", {}):
            config = json.loads(part["attributes"]["sectionConfig"])
            assert config["UUID"] == part["id"]
            assert [one["UUID"] for one in config["columns"]] == [one["id"] for one in part["children"]]
