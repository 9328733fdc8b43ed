"""Fields, their values, objects, tabs and sections in the reader's language, as Salesforce shows them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.unit.test_sfdx_metadata import FIELDS, OBJECTS, SOURCE, SPACE, root, text

LANGUAGES = ("de", "es", "ja")
# Words that a language shares with English, names among them.
SHARED = {
    "Account", "Distributor", "Lead", "Opportunity", "Partner", "Reseller", "Tandem ID",
}  # fmt: skip


def translations(language: str) -> dict[str, ET.Element]:
    """Account.Partner_Level__c → its translation; Account → that of the object itself."""
    found = {}
    for folder in SOURCE.rglob(f"objectTranslations/*-{language}"):
        sobject = folder.name.removesuffix(f"-{language}")
        for path in folder.iterdir():
            name, kind = path.name.removesuffix("-meta.xml").rsplit(".", 1)
            found[f"{sobject}.{name}" if kind == "fieldTranslation" else sobject] = root(path)
    return found


def name_of(field: Path) -> str:
    return f"{field.parents[1].name}.{field.name.split('.')[0]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_its_name_help_and_values_in_every_language(language: str) -> None:
    found = translations(language)
    fields = {name_of(path): root(path) for path in FIELDS}
    assert {name for name in found if "." in name} == fields.keys()
    for name, field in fields.items():
        there = found[name]
        pairs = [
            (text(field, "label"), text(there, "label"), 40),
            (text(field, "inlineHelpText"), text(there, "help"), 510),
            (text(field, "relationshipLabel"), text(there, "relationshipLabel"), 80),
        ]
        values = {
            text(one, "masterLabel"): text(one, "translation") for one in there.iter(SPACE + "picklistValues")
        }
        originals = [text(one, "label") for one in field.iter(SPACE + "value")]
        assert list(values) == originals, name
        pairs += [(original, values[original], 255) for original in originals]
        for original, translated, longest in pairs:
            assert bool(translated) == bool(original), name
            assert len(translated) <= longest, name
            assert not original or translated != original or original in SHARED, f"{name}: {original}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_own_object_has_a_name_in_every_form_that_the_language_needs(language: str) -> None:
    found = translations(language)
    for path in OBJECTS:
        there = found[path.name.split(".")[0]]
        forms = {
            (text(one, "caseType"), text(one, "plural")): text(one, "value")
            for one in there.iter(SPACE + "caseValues")
        }
        cases = ("Nominative", "Accusative", "Genitive", "Dative") if language == "de" else ("",)
        numbers = ("false",) if language == "ja" else ("false", "true")
        assert set(forms) == {(case, number) for case in cases for number in numbers}
        assert all(0 < len(value) <= 40 for value in forms.values())
        assert text(there, "nameFieldLabel")
        assert bool(text(there, "gender")) == (language != "ja")


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_sections_of_layouts_have_their_names(language: str) -> None:
    found = translations(language)
    for path in SOURCE.rglob("*.layout-meta.xml"):
        sobject, _, layout = path.name.removesuffix(".layout-meta.xml").partition("-")
        own = {
            text(section, "label")
            for section in root(path).iterfind(SPACE + "layoutSections")
            if text(section, "customLabel") == "true" and not text(section, "label").endswith(" Information")
        }
        there = {
            text(section, "section"): text(section, "label")
            for one in found[sobject].iterfind(SPACE + "layouts")
            if text(one, "layout") == layout
            for section in one.iterfind(SPACE + "sections")
        }
        assert there.keys() == own, path.name
        assert all(0 < len(label) <= 80 for label in there.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tab_of_a_page_has_its_name(language: str) -> None:
    [path] = SOURCE.rglob(f"{language}.translation-meta.xml")
    there = {text(one, "name"): text(one, "label") for one in root(path).iter(SPACE + "customTabs")}
    labelled = {
        path.name.split(".")[0] for path in SOURCE.rglob("*.tab-meta.xml") if text(root(path), "label")
    }
    assert there.keys() == labelled
    assert all(there.values())
