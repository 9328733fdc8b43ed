"""What the forms' manual shows works as it is printed, and it leaves nothing out."""

from __future__ import annotations

import re
from typing import get_args

import yaml

from app.approvals.forms import Record, read_form, resolve
from app.approvals.forms.document import PARTS, SOURCES, FieldType, Reference, RuleDocument
from app.approvals.forms.filetypes import EXTENSIONS
from app.config import PROJECT

MANUAL = (PROJECT / "app" / "approvals" / "forms" / "README.md").read_text()
EXAMPLE = yaml.safe_load(MANUAL.partition("```yaml\n")[2].partition("```")[0])


def test_the_example_is_a_form_without_fault() -> None:
    form = read_form(EXAMPLE)
    partner = resolve(form, Record(facts={"user": {"scope": "partner"}}))
    staff = resolve(form, Record(facts={"user": {"scope": "staff"}}))
    assert [section.key for section in partner.sections] == ["deal"]
    assert [section.key for section in staff.sections] == ["deal", "internal"]


def test_every_type_part_effect_source_and_kind_of_file_is_named() -> None:
    named = set(re.findall(r"`([a-z_]+)[`:]", MANUAL)) | set(re.findall(r"[a-z_]+", MANUAL))
    effects = set(RuleDocument.model_fields) - {"when"}
    sources = {source.split(".")[1] for source in SOURCES}
    parts = set().union(*PARTS.values())
    wanted = {*get_args(FieldType), *get_args(Reference), *parts, *effects, *sources, *EXTENSIONS}
    assert wanted - named == set()
