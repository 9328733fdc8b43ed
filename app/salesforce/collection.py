"""Batches of up to 200 records as Salesforce's collections resource takes them."""

from __future__ import annotations

from collections.abc import Sequence

from app.salesforce.records import CollectionBatch, RowResult, Subrequest, SubResponse, row_result

MAX_COLLECTION = 200


def repeatable(batches: Sequence[CollectionBatch]) -> bool:
    """Whether sending all of them again, after an answer was lost, changes nothing."""
    return all(
        batch.operation in {"update", "delete"} or (batch.operation == "upsert" and batch.external_id)
        for batch in batches
    )


def subrequest(batch: CollectionBatch, reference: str) -> Subrequest:
    """The batch as a part of a composite call. Raises ValueError for one that no call takes."""
    if len(batch.records) > MAX_COLLECTION:
        raise ValueError(f"a collection takes {MAX_COLLECTION} records, not {len(batch.records)}")
    if (batch.operation == "upsert") != (batch.external_id is not None):
        raise ValueError("an upsert, and nothing else, has an external id")
    base = "composite/sobjects"
    if batch.operation == "delete":
        ids = ",".join(record["Id"] for record in batch.records)
        flag = "true" if batch.all_or_none else "false"
        return Subrequest("DELETE", f"{base}?ids={ids}&allOrNone={flag}", reference, None, batch.headers)
    typed = [{"attributes": {"type": batch.sobject}, **record} for record in batch.records]
    body = {"allOrNone": batch.all_or_none, "records": typed}
    if batch.operation == "upsert":
        return Subrequest(
            "PATCH", f"{base}/{batch.sobject}/{batch.external_id}", reference, body, batch.headers
        )
    return Subrequest(
        "POST" if batch.operation == "insert" else "PATCH", base, reference, body, batch.headers
    )


def results(batch: CollectionBatch, answer: SubResponse) -> list[RowResult]:
    """One result for each record of the batch, also when it was refused as a whole."""
    if answer.ok:
        return [row_result(item, batch.operation) for item in answer.body]
    errors = answer.errors()
    return [RowResult(record.get("Id"), False, None, errors) for record in batch.records]
