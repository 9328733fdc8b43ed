"""`/composite/tree`: nested records of up to five levels, created together or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.sandbox.context import Context
from app.sandbox.dml import Dml
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.bodies import only
from app.sandbox.rest.collections import sobject_named
from app.sandbox.schema import SObject

MAX_RECORDS = 200
MAX_DEPTH = 5
MAX_TYPES = 5


@dataclass(slots=True)
class Node:
    """One record of a tree, with the node above it and the field that points there."""

    sobject: SObject
    reference_id: str
    record: dict[str, Any]
    depth: int
    parent: Node | None = None
    parent_field: str = ""
    id: str = ""


class _Refused(Exception):
    """Undoes the transaction; carries the results of the records at fault."""

    def __init__(self, results: list[dict[str, Any]]) -> None:
        self.results = results
        super().__init__()


def tree(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """POST: 201 with an id for each reference, or 400 with the records at fault and nothing created."""
    root = sobject_named(ctx, sobject)
    nodes = _flatten(ctx, root, only(request.json(), "records"))
    try:
        with ctx.org.store.write() as tx, tx.savepoint():
            for depth in range(1, MAX_DEPTH + 1):
                _insert_level(ctx, [node for node in nodes if node.depth == depth])
    except _Refused as refused:
        return Response.of({"hasErrors": True, "results": refused.results}, 400)
    results = [{"referenceId": node.reference_id, "id": node.id} for node in nodes]
    return Response.of({"hasErrors": False, "results": results}, 201)


def _insert_level(ctx: Context, nodes: list[Node]) -> None:
    types = list({node.sobject.name: node.sobject for node in nodes}.values())
    failed: list[dict[str, Any]] = []
    for sobject in types:
        group = [node for node in nodes if node.sobject is sobject]
        for node in group:
            if node.parent is not None:
                node.record[node.parent_field] = node.parent.id
        for node, result in zip(group, Dml(ctx).insert(sobject, [n.record for n in group]), strict=True):
            if result.success and result.id:
                node.id = result.id
            else:
                errors = [error.item() for error in result.errors]
                failed.append({"referenceId": node.reference_id, "errors": errors})
    if failed:
        raise _Refused(failed)


def _flatten(ctx: Context, root: SObject, body: dict[str, Any]) -> list[Node]:
    nodes: list[Node] = []

    def visit(listed: Any, expected: SObject | None, parent: Node | None, field: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ApiError("INVALID_INPUT", f"A tree can be up to {MAX_DEPTH} levels deep.")
        if not isinstance(listed, list):
            raise ApiError("JSON_PARSER_ERROR", "The records of a tree must be an array.")
        for item in listed:
            node = _node(ctx, item, parent, field, depth)
            if expected is not None and node.sobject is not expected:
                raise ApiError(
                    "INVALID_INPUT", f"Record type {node.sobject.name} doesn't match {expected.name}."
                )
            if any(node.reference_id == known.reference_id for known in nodes):
                raise ApiError(
                    "INVALID_INPUT", f"Duplicate ReferenceId provided in the request: {node.reference_id}"
                )
            nodes.append(node)
            if len(nodes) > MAX_RECORDS:
                raise ApiError(
                    "INVALID_INPUT", f"The request can contain up to {MAX_RECORDS} records across all trees."
                )
            for name in [n for n, value in node.record.items() if _is_children(value)]:
                child, reference = _child_relationship(ctx, node.sobject, name)
                visit(node.record.pop(name)["records"], child, node, reference, depth + 1)

    visit(body.get("records"), root, None, "", 1)
    if not nodes:
        raise ApiError("INVALID_INPUT", "The request must contain at least one record.")
    if len({node.sobject.name for node in nodes}) > MAX_TYPES:
        raise ApiError("INVALID_INPUT", f"The request can contain up to {MAX_TYPES} types of records.")
    return nodes


def _is_children(value: Any) -> bool:
    return isinstance(value, dict) and "records" in value


def _node(ctx: Context, item: Any, parent: Node | None, field: str, depth: int) -> Node:
    attributes = item.get("attributes") if isinstance(item, dict) else None
    if not isinstance(attributes, dict) or not attributes.get("type"):
        raise ApiError("INVALID_INPUT", "Include a type in the attributes of each record.")
    reference = attributes.get("referenceId")
    if not isinstance(reference, str) or not reference:
        raise ApiError("INVALID_INPUT", "Include a reference ID for each record in the request.")
    record = {name: value for name, value in item.items() if name != "attributes"}
    return Node(sobject_named(ctx, attributes["type"]), reference, record, depth, parent, field)


def _child_relationship(ctx: Context, parent: SObject, name: str) -> tuple[SObject, str]:
    for sobject, field in ctx.org.schema.children(parent):
        if field.child_relationship.lower() == name.lower():
            return sobject, field.name
    raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {parent.name}")


ROUTES = [Route("POST", "/services/data/<version>/composite/tree/<sobject>", tree)]
