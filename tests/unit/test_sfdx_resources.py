"""Static resources: other people's files as they were published, with their licence, loaded where needed."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from pathlib import Path

SFDX = Path(__file__).resolve().parents[2] / "sfdx"
SOURCE = SFDX / "force-app" / "main"
FOLDER = SOURCE / "shared" / "staticresources"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
SHA_256 = "48444a82d4edcb5bec0f1965faacdde18d9c17db3063d042abada2f705c9f54a"
VERSION = "4.5.1"


def test_chart_js_is_the_published_file_of_the_version_that_is_named() -> None:
    script = FOLDER / "chartjs.js"
    metadata = ET.parse(FOLDER / "chartjs.resource-meta.xml").getroot()  # noqa: S314 the project's own file

    assert hashlib.sha256(script.read_bytes()).hexdigest() == SHA_256
    assert script.read_text().startswith(f"/*!\n * Chart.js v{VERSION}\n")
    assert metadata.findtext(SPACE + "contentType") == "text/javascript"
    assert f"Chart.js {VERSION}, MIT" in metadata.findtext(SPACE + "description", "")
    assert f"Chart.js {VERSION}" in (SFDX / "README.md").read_text()


def test_its_licence_lies_beside_it_and_is_not_deployed() -> None:
    assert (FOLDER / "chartjs.LICENSE.md").read_text().startswith("The MIT License (MIT)")
    assert "**/staticresources/*.LICENSE.md" in (SFDX / ".forceignore").read_text().splitlines()


def test_one_component_draws_and_each_static_resource_is_loaded() -> None:
    loads = {
        path.parent.name: set(re.findall(r"@salesforce/resourceUrl/(\w+)", path.read_text()))
        for path in SOURCE.glob("*/lwc/*/*.js")
        if "@salesforce/resourceUrl/" in path.read_text()
    }
    there = {path.name.removesuffix(".resource-meta.xml") for path in SOURCE.rglob("*.resource-meta.xml")}

    assert loads == {"tandemChart": {"chartjs"}}
    assert there == {"chartjs"}
