"""Faults that show beside the tables."""

from __future__ import annotations

import pytest

import app.crm.models  # noqa: F401  # its tables are what the mappings name
from app.db import Base
from app.sync.admin.lint import LocalColumn, check, local_tables

PRODUCT = """\
object: Product2
table: product
external_id: Tandem_Id__c
fields:
  - {sf: Name, local: name}
"""


def said(text: str) -> list[str]:
    report = check({"P.yaml": text}, local_tables(Base.metadata))
    assert (report.mappings is None) == bool(report.faults)
    return [fault.sentence() for fault in report.faults]


def test_the_tables_are_read_as_sqlalchemy_knows_them():
    columns = local_tables(Base.metadata)["opportunity"]
    assert columns["amount"] == LocalColumn("decimal", scale=2)
    assert columns["close_date"] == LocalColumn("date", required=True)
    assert columns["account_id"].kind == "uuid"
    assert columns["extra"].kind == "json"
    assert columns["is_won"] == LocalColumn("boolean")


def test_a_sound_mapping_has_no_fault():
    assert said(PRODUCT) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "{sf: Site, local: site}",
            "P.yaml:6:16: The table product has no column site. Write extra.site, which needs no migration, "
            "or an existing column.",
        ),
        (
            "{sf: Weight__c, local: family, type: decimal(2)}",
            "P.yaml:6:36: Weight__c gives decimal and the column family holds text. Correct the type, choose "
            "a transform, or another column.",
        ),
        (
            "{sf: Since__c, local: is_active, type: date}",
            "P.yaml:6:38: Since__c gives date and the column is_active holds boolean. Correct the type, "
            "choose a transform, or another column.",
        ),
    ],
)
def test_a_field_that_does_not_fit_its_column_is_a_fault(line, says):
    assert said(f"{PRODUCT}  - {line}\n") == [says]


def test_a_decimal_must_not_lose_digits_in_its_column():
    text = (
        PRODUCT.replace("Product2", "Lead")
        .replace("product", "lead")
        .replace("{sf: Name, local: name}", "{sf: Company, local: company}")
    )
    text += (
        "  - {sf: LastName, local: last_name}\n  - {sf: Worth__c, local: annual_revenue, type: decimal(4)}\n"
    )
    assert said(text) == [
        "P.yaml:7:43: Worth__c has 4 decimals and the column annual_revenue keeps 2. Write decimal(2), or "
        "use extra.annual_revenue."
    ]


def test_a_lookup_needs_a_uuid_column():
    text = f"{PRODUCT}lookups:\n  - {{sf: Parent__c, local: family, object: Product2, after: true}}\n"
    assert said(text) == [
        "P.yaml:7:21: The column family holds text, and a lookup needs the id of a row. Choose a uuid "
        "column, or map the field under `fields` with type: id."
    ]


def test_a_column_that_must_not_be_empty_needs_a_field():
    text = PRODUCT.replace("local: name", "local: product_code")
    assert said(text) == [
        "P.yaml:4:1: No field fills the column product.name, which must not be empty. Map a field to it, or "
        "write `create: out`."
    ]
    assert said(text + "create: out\nupdate: both\n") == []


def test_an_unknown_table_is_named_with_those_there_are():
    assert said(PRODUCT.replace("table: product", "table: products"))[0].startswith(
        "P.yaml:2:1: There is no table products. Possible: account, "
    )


def test_faults_of_the_files_and_of_the_tables_are_told_together():
    found = said(PRODUCT + "  - {sf: A, local: nowhere}\n  - {sf: A, local: extra.a, transform: shout}\n")
    assert len(found) == 3
    assert "The table product has no column nowhere." in found[0]
    assert "The field A is mapped twice." in " ".join(found)
    assert "There is no transform 'shout'" in " ".join(found)
