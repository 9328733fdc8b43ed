"""The sources of the pages: texts in every language, and nothing named that is not there."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "sfdx" / "force-app" / "main"
GATEWAY = ROOT / "sfdx" / "preview" / "gateway"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
LANGUAGES = ("de", "es", "ja")
COMPONENTS = sorted(path for path in SOURCE.glob("*/lwc/*") if path.is_dir())
SCRIPTS = [path for path in SOURCE.glob("*/lwc/*/*.js") if "__tests__" not in path.parts]
LONGEST_LABEL = 1000
OWN_TAG = re.compile(r"<(c-[a-z0-9-]+)")


def english() -> dict[str, str]:
    found = {}
    for path in SOURCE.glob("*/labels/*.labels-meta.xml"):
        for label in ET.parse(path).getroot():  # noqa: S314 the project's own files
            found[label.findtext(SPACE + "fullName", "")] = label.findtext(SPACE + "value", "")
    return found


def translated(language: str) -> dict[str, str]:
    found = {}
    for path in SOURCE.glob(f"*/translations/{language}.translation-meta.xml"):
        for label in ET.parse(path).getroot().iter(SPACE + "customLabels"):  # noqa: S314 our own files
            found[label.findtext(SPACE + "name", "")] = label.findtext(SPACE + "label", "")
    return found


def places(text: str) -> list[str]:
    return sorted(re.findall(r"\{\d\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language_with_the_same_values_in_it(language: str) -> None:
    originals, found = english(), translated(language)

    assert found.keys() == originals.keys()
    assert {name for name, text in found.items() if places(text) != places(originals[name])} == set()
    assert {name for name, text in found.items() if not 0 < len(text) <= LONGEST_LABEL} == set()


def test_a_text_is_not_left_in_english() -> None:
    # A number and a middle dot, a country-neutral word, or a name that all languages share.
    shared = {
        "Tandem_DealTitle", "Tandem_Partner", "Tandem_Evidence_partner", "Tandem_Evidence_account",
        "Tandem_Evidence_opportunity", "Tandem_Deal_customer_website", "Tandem_Details", "Tandem_No", 
    }  # fmt: skip
    for language in LANGUAGES:
        found = translated(language)
        same = {name for name, text in english().items() if found[name] == text}
        assert same <= shared, language


def test_every_label_that_is_there_is_used_and_every_used_one_is_there() -> None:
    used = {name for path in SCRIPTS for name in re.findall(r"@salesforce/label/c\.(\w+)", path.read_text())}
    for path in SOURCE.glob("*/classes/*.cls"):
        used |= set(re.findall(r"\bLabel\.(\w+)", path.read_text()))
    assert used == english().keys()


def texts_of(module: str) -> set[str]:
    """The names of the texts that a list such as `dealLabels` gives, with those of all pages."""
    [path] = [path for path in SCRIPTS if path.name == f"{module}.js"]
    source = path.read_text()
    own = set(re.findall(r"^import (\w+) from '@salesforce/label/", source, re.MULTILINE))
    return own | texts_of("tandemLabels") if "...shared" in source else own


@pytest.mark.parametrize("folder", COMPONENTS, ids=lambda path: path.name)
def test_every_text_that_a_component_shows_is_in_the_list_that_it_imports(folder: Path) -> None:
    script = (folder / f"{folder.name}.js").read_text()
    lists = re.findall(r"^import \{.*\blabels\b.*\} from 'c/(\w+Labels)'", script, re.MULTILINE)
    sources = [script, *(path.read_text() for path in folder.glob("*.html"))]
    shown = {name for source in sources for name in re.findall(r"\blabels\.(\w+)", source)}
    assert shown <= {name for module in lists for name in texts_of(module)}


def test_every_apex_method_that_a_component_calls_has_its_stand_in() -> None:
    called = {
        tuple(name.split("."))
        for path in SCRIPTS
        for name in re.findall(r"@salesforce/apex/(\w+\.\w+)", path.read_text())
    }
    offered = {
        (path.stem, name)
        for path in GATEWAY.glob("*Controller.js")
        for name in re.findall(r"^export const (\w+) = ", path.read_text(), re.MULTILINE)
    }
    assert called <= offered
    assert offered <= called, "a stand-in that no component calls"


@pytest.mark.parametrize("folder", COMPONENTS, ids=lambda path: path.name)
def test_a_component_is_complete_and_names_only_components_that_are_there(folder: Path) -> None:
    names = {path.name for path in COMPONENTS}
    assert (folder / f"{folder.name}.js").is_file()
    meta = ET.parse(folder / f"{folder.name}.js-meta.xml").getroot()  # noqa: S314
    assert meta.findtext(SPACE + "isExposed") in ("true", "false")
    if meta.findtext(SPACE + "isExposed") == "true":
        assert meta.findtext(SPACE + "masterLabel"), "an admin finds a component by its label"
        assert (meta.findtext(SPACE + "description") or "").endswith(".")
        assert meta.find(SPACE + "targets") is not None
    for template in folder.glob("*.html"):
        for tag in OWN_TAG.findall(template.read_text()):
            head, *rest = tag.removeprefix("c-").split("-")
            assert head + "".join(word.title() for word in rest) in names, tag


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_component_writes_a_text_of_its_own(path: Path) -> None:
    template = path.with_suffix(".html")
    if not template.exists():
        return
    text = re.sub(r"<!--.*?-->", "", template.read_text(), flags=re.DOTALL)
    words = [word.strip() for word in re.findall(r">([^<{]*)(?=[<{])", text)]
    assert [word for word in words if re.search(r"[A-Za-z]{2,}", word)] == []
    assert (
        re.findall(r'\s(?:label|title|placeholder|alternative-text|aria-label)="[^"{]*[A-Za-z][^"]*"', text)
        == []
    )
