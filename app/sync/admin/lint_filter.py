"""Filters beside the org: the fields they name, and what the org itself says to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from app.salesforce.describe import ObjectDescribe
from app.salesforce.errors import RecordRefused, SalesforceError, SchemaError
from app.salesforce.gateway import MAX_HEAVY, Gateway
from app.salesforce.records import SoqlQuery
from app.sync.admin.lint import Report
from app.sync.mapping.objects import ObjectMapping
from app.sync.mapping.reader import Document, Fault

_QUOTED: Final = re.compile(r"'(?:\\.|[^'\\])*'")
_WORD: Final = re.compile(r"(?<![\w:.-])[A-Za-z][\w.]*(?!\w)(?!\s*[(:])")
_KEYWORDS: Final = frozenset(
    {"AND", "OR", "NOT", "IN", "LIKE", "INCLUDES", "EXCLUDES", "NULL", "TRUE", "FALSE", "SELECT", "FROM"}
    | {"WHERE", "TODAY", "YESTERDAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS"}
    | {
        f"{which}_{span}"
        for which in ("LAST", "THIS", "NEXT")
        for span in ("WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")
    }
)


def check_filters(report: Report, gateway: Gateway) -> Report:
    """The report with what the org itself says to each filter; one call for five objects with one."""
    if report.mappings is None or report.org is None:
        return report
    kept = [o for o in report.mappings.for_org(report.org)[0].objects if o.filter]
    for start in range(0, len(kept), MAX_HEAVY):
        group = kept[start : start + MAX_HEAVY]
        asked = [SoqlQuery(f"SELECT Id FROM {o.sobject} WHERE ({o.filter}) LIMIT 1") for o in group]  # noqa: S608  # what the admin wrote, for the org to judge
        for o, answer in zip(group, gateway.composite_queries(asked), strict=True):
            if isinstance(answer, SchemaError | RecordRefused):
                said = " ".join(answer.message.split())
                fault = report.documents[o.sobject].fault(
                    ("filter",), f"The org refuses the filter: “{said}”.", "Correct the condition."
                )
                if not any(f.file == fault.file and f.line == fault.line for f in report.faults):
                    report.faults.append(fault)
            elif isinstance(answer, SalesforceError):
                raise answer
    report.faults = sorted(set(report.faults))
    return report


def filter_fields(
    document: Document, o: ObjectMapping, soql: str, described: ObjectDescribe
) -> Iterator[Fault]:
    """Fields of the condition that the org lacks or cannot filter by."""
    for word in dict.fromkeys(_WORD.findall(_QUOTED.sub("''", soql))):
        if word.upper() in _KEYWORDS:
            continue
        first, dot, _ = word.partition(".")
        named = described.field(word) if not dot else None
        related = dot and any(
            str(f.get("relationshipName") or "").lower() == first.lower() for f in described.fields.values()
        )
        if named is None and not related:
            yield document.fault(
                ("filter",),
                f"The filter names {word}, which {o.sobject} does not have or Tandem's user may not see.",
                "Correct the field's API name.",
            )
        elif named is not None and named.get("filterable") is False:
            yield document.fault(
                ("filter",), f"Salesforce cannot filter by {o.sobject}.{word}.", "Filter by another field."
            )
