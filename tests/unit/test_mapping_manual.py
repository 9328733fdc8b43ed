"""What the mappings' manual shows works as it is printed."""

from __future__ import annotations

import re

from app.config import PROJECT
from app.sync.mapping import parse
from app.sync.mapping.transforms import NAMES

MANUAL = (PROJECT / "mappings" / "README.md").read_text()


def test_the_example_is_a_mapping_without_fault():
    example = MANUAL.partition("```yaml\n")[2].partition("```")[0]
    account = parse({"Account.yaml": example}).by_sobject("Account")
    assert account.filter == "Type != 'Competitor'"
    assert {name: account.by_sf[name].owner for name in ("Name", "Website", "IsPartner")} == {
        "Name": "salesforce",
        "Website": "newest",
        "IsPartner": "salesforce",
    }


def test_every_transform_is_named_and_none_that_does_not_exist():
    rows = [line for line in MANUAL.splitlines() if "`transform: " in line]
    named = {word for row in rows for word in re.findall(r"`(?:transform: )?([a-z_]+)(?:\(\d+\))?`", row)}
    assert named == set(NAMES) - {"same"}
