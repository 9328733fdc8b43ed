"""How the org's runs of its approval processes stand, by the records they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.approvals.process.rows import Step
from app.salesforce import Gateway, QueryPage, SalesforceError, SoqlQuery

#: Ids of one query, and queries of one call.
_IDS, _QUERIES = 200, 5


@dataclass(frozen=True, slots=True)
class Instance:
    """What Salesforce says of one run of a process."""

    id: str
    record_id: str
    status: str
    actor: str
    comments: str
    reason: str
    workitem: str


def instances(gateway: Gateway, records: Sequence[str]) -> list[Instance]:
    """The runs about these records, the latest first; a thousand records a call. Raises SalesforceError."""
    chunks = [records[start : start + _IDS] for start in range(0, len(records), _IDS)]
    found = []
    for start in range(0, len(chunks), _QUERIES):
        asked = [SoqlQuery(_soql(chunk)) for chunk in chunks[start : start + _QUERIES]]
        for page in gateway.composite_queries(asked):
            if isinstance(page, SalesforceError):
                raise page
            found += [_instance(one) for one in _all(gateway, page)]
    return found


def ours(step: Step, found: Iterable[Instance]) -> Instance | None:
    """The submission of this step whose answer was lost."""
    if step.instance_id is not None or step.attempts == 0:
        return None
    return next((one for one in found if one.comments.startswith(step.token)), None)


def _all(gateway: Gateway, page: QueryPage) -> list[dict[str, Any]]:
    records = list(page.records)
    while page.next_url:
        page = gateway.query_more(page.next_url)
        records += page.records
    return records


def _soql(records: Sequence[str]) -> str:
    listed = ", ".join(f"'{one}'" for one in records)
    return (
        "SELECT Id, TargetObjectId, Status, LastActorId, "  # noqa: S608  # ids that Salesforce gave
        "(SELECT StepStatus, ActorId, Comments FROM Steps ORDER BY CreatedDate DESC, Id DESC), "
        "(SELECT Id FROM Workitems) "
        f"FROM ProcessInstance WHERE TargetObjectId IN ({listed}) ORDER BY CreatedDate DESC, Id DESC"
    )


def _instance(record: Mapping[str, Any]) -> Instance:
    steps = record.get("Steps") or []
    nothing: Mapping[str, Any] = {}
    last = next((one for one in steps if one["StepStatus"] == record["Status"]), nothing)
    first = next((one for one in steps if one["StepStatus"] == "Started"), nothing)
    items = record.get("Workitems") or []
    return Instance(
        record["Id"],
        record["TargetObjectId"],
        record["Status"],
        last.get("ActorId") or record.get("LastActorId") or "",
        first.get("Comments") or "",
        (last.get("Comments") or "").strip(),
        items[0]["Id"] if items else "",
    )
