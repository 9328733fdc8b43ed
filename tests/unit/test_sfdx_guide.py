"""The admin's guide names what is there, by the names that an admin will find."""

from __future__ import annotations

import re

from tests.unit.test_sfdx_metadata import PROJECT, SOURCE, root, text

GUIDE = PROJECT / "docs" / "admin.md"


def test_everything_of_tandem_that_the_guide_names_is_there() -> None:
    words = GUIDE.read_text()
    api_names = {path.name.split(".")[0] for path in SOURCE.rglob("*-meta.xml")}
    assert set(re.findall(r"`(Tandem_\w+)`", words)) <= api_names
    components = {path.parent.name for path in SOURCE.rglob("*.js-meta.xml")}
    table = words[words.index("| page | component |") : words.index("![An opportunity")]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`([a-z]\w+)`", row)}
    assert named <= components
    labels = {text(root(path), "masterLabel") for path in SOURCE.rglob("*.flexipage-meta.xml")}
    layouts = {path.name.split(".")[0].partition("-")[2] for path in SOURCE.rglob("*.layout-meta.xml")}
    compact = {text(root(path), "label") for path in SOURCE.rglob("*.compactLayout-meta.xml")}
    starred = {" ".join(name.split()) for name in re.findall(r"\*(Tandem [A-Z][\w\s]+)\*", words)}
    assert starred <= labels | layouts | compact


def test_every_record_page_and_home_component_is_in_the_table_of_places() -> None:
    table = GUIDE.read_text()
    for path in SOURCE.rglob("*.flexipage-meta.xml"):
        for name in re.findall(r"<componentName>(\w+)</componentName>", path.read_text()):
            assert f"`{name}`" in table, f"{path.name}: {name}"


def test_every_list_view_is_in_the_table_of_lists() -> None:
    words = GUIDE.read_text().replace(
        "Leads / Opportunities with", "Leads with a Partner; Opportunities with"
    )
    for path in SOURCE.rglob("*.listView-meta.xml"):
        label = text(root(path), "label")
        if label.startswith("My ") and " with " in label:
            label = "My … with a Partner"
        assert label == "All" or label in words, label


def test_every_picture_and_place_to_which_the_guide_leads_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[\w-]+)?\)", GUIDE.read_text()):
        assert target.startswith("https://") or (GUIDE.parent / target).is_file(), target
    for name in re.findall(r"force-app/[\w/]+|partners/objects/\w+|shared/\w+", GUIDE.read_text()):
        path = name if name.startswith("force-app") else f"force-app/main/{name}"
        assert (PROJECT / path).exists(), name
