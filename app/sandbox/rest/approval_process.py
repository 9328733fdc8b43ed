"""Approval processes: one step, one approver, a locked record.

A process is configured with the control plane's `approval_process` (see app.sandbox.control.setup):

    object      the SObject whose records it takes
    name        its unique name; label: what people read
    approver    username of the user who decides
    when        field → value: only records that hold these may be submitted
    on_submit, on_approve, on_reject, on_recall
                field → value that the process writes; it locks the record from submission to decision

The approver decides; whoever submitted the record may recall it, which ends the process as `Removed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from app.sandbox import ids, tables, values
from app.sandbox.auth import users
from app.sandbox.context import Context
from app.sandbox.dml import Dml
from app.sandbox.errors import ApiError
from app.sandbox.schema import SObject
from app.sandbox.store import Tx, quoted

if TYPE_CHECKING:
    from app.sandbox.org import Org

_META = "approval_processes"


@dataclass(slots=True)
class Process:
    """One approval process."""

    object: str
    name: str
    approver: str
    label: str = ""
    when: dict[str, Any] = field(default_factory=dict)
    on_submit: dict[str, Any] = field(default_factory=dict)
    on_approve: dict[str, Any] = field(default_factory=dict)
    on_reject: dict[str, Any] = field(default_factory=dict)
    on_recall: dict[str, Any] = field(default_factory=dict)
    id: str = ""


def processes(org: Org) -> list[Process]:
    """The configured processes, in the order in which they are tried."""
    return [Process(**p) for p in orjson.loads(org.store.get_meta(_META) or b"[]")]


def configure(org: Org, specification: Mapping[str, Any]) -> str:
    """Add a process, or replace the one with its name; returns its id. Raises ApiError if it is wrong."""
    try:
        process = Process(**specification)
    except TypeError as error:
        raise ApiError("INVALID_ACTION", f"approval_process: {str(error).partition(') ')[2]}") from error
    sobject = org.schema.get(process.object)
    process.object = sobject.name
    written = (process.on_submit, process.on_approve, process.on_reject, process.on_recall)
    for name in (*process.when, *(name for fields in written for name in fields)):
        if sobject.field_named(name) is None:
            raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    if users.by_username(org, process.approver) is None:
        raise ApiError("INVALID_ACTION", f"there is no user {process.approver}")
    kept = processes(org)
    with org.store.write() as tx:
        process.id = next((p.id for p in kept if p.name == process.name), "") or _insert(
            org.context(),
            tx,
            "ProcessDefinition",
            Name=process.label or process.name,
            DeveloperName=process.name,
            Type="Approval",
            TableEnumOrId=sobject.name,
            LockType="Total",
            State="Active",
        )
        made = [*(p for p in kept if p.name != process.name), process]
        org.store.set_meta(_META, orjson.dumps([asdict(p) for p in made]))
    return process.id


def _insert(ctx: Context, tx: Tx, name: str, **fields: Any) -> str:
    """One row of an object that no client may write; its id."""
    sobject = ctx.org.schema.get(name)
    now = ctx.now()
    row: dict[str, Any] = {
        "Id": ctx.org.ids.take(tx.connection, sobject.key_prefix)[0],
        "IsDeleted": 0,
        "CreatedDate": now,
        "CreatedById": ctx.user_id,
        "LastModifiedDate": now,
        "LastModifiedById": ctx.user_id,
        "SystemModstamp": now,
    } | fields
    known = set(tables.columns(sobject))
    kept = {key: value for key, value in row.items() if key in known}
    columns = ", ".join(quoted(key) for key in kept)
    marks = ", ".join("?" * len(kept))
    tx.execute(f"INSERT INTO {quoted(name)} ({columns}) VALUES ({marks})", list(kept.values()))
    return str(row["Id"])


def _update(ctx: Context, tx: Tx, name: str, record_id: str, **fields: Any) -> None:
    stamped = fields | {"SystemModstamp": ctx.now()}
    assignments = ", ".join(f"{quoted(key)} = ?" for key in stamped)
    tx.execute(f"UPDATE {quoted(name)} SET {assignments} WHERE Id = ?", [*stamped.values(), record_id])


def target(ctx: Context, record_id: str) -> tuple[SObject, dict[str, Any]]:
    """The record to be approved: its type and raw row."""
    found = ids.normalize(record_id)
    sobject = ctx.org.schema.by_prefix(found) if found else None
    if found is None or sobject is None:
        raise ApiError("MALFORMED_ID", f"bad id {record_id}")
    cursor = ctx.org.store.read().execute(
        f"SELECT * FROM {quoted(sobject.name)} WHERE Id = ? AND IsDeleted = 0", (found,)
    )
    row = cursor.fetchone()
    if row is None:
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return sobject, dict(zip((c[0] for c in cursor.description), row, strict=True))


def _entering(ctx: Context, sobject: SObject, row: Mapping[str, Any], named: str, skip: bool) -> Process:
    """The first process that takes the record."""
    for process in processes(ctx.org):
        if process.object != sobject.name or (named and named not in (process.name, process.id)):
            continue
        shown = {
            name: values.render(found, row.get(found.name))
            for name in process.when
            if (found := sobject.field_named(name)) is not None
        }
        if skip or shown == process.when:
            return process
    raise ApiError("NO_APPLICABLE_PROCESS", "No applicable approval process was found.")


def _write(ctx: Context, sobject: SObject, record_id: str, fields: Mapping[str, Any]) -> None:
    if not fields:
        return
    result = Dml(ctx.as_system()).update(sobject, [{**fields, "Id": record_id}])[0]
    if not result.success:
        raise result.errors[0]


def submit(ctx: Context, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Send a record into its process; the outcome as REST shows it. Raises ApiError if it is refused."""
    sobject, row = target(ctx, str(asked.get("contextId", "")))
    record_id = str(row["Id"])
    with ctx.org.store.write() as tx:
        pending = tx.execute(
            "SELECT 1 FROM ProcessInstance WHERE TargetObjectId = ? AND Status = 'Pending'", (record_id,)
        ).fetchone()
        if pending:
            raise ApiError(
                "ALREADY_IN_PROCESS",
                "Cannot submit object already in process.",
            )
        skip = str(asked.get("skipEntryCriteria", "false")).lower() == "true"
        process = _entering(ctx, sobject, row, str(asked.get("processDefinitionNameOrId") or ""), skip)
        submitter = ids.normalize(asked.get("contextActorId")) or ctx.user_id
        chosen = [found for i in asked.get("nextApproverIds") or () if (found := ids.normalize(i))]
        approver = users.by_id(ctx.org, chosen[0]) if chosen else users.by_username(ctx.org, process.approver)
        if approver is None or not approver.get("IsActive"):
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "the approver is not an active user")
        actor = str(approver["Id"])
        instance = _insert(
            ctx,
            tx,
            "ProcessInstance",
            ProcessDefinitionId=process.id,
            TargetObjectId=record_id,
            Status="Pending",
            SubmittedById=submitter,
            LastActorId=submitter,
        )
        comments = asked.get("comments")
        _step(ctx, tx, instance, "Started", submitter, submitter, comments)
        workitem = _insert(
            ctx,
            tx,
            "ProcessInstanceWorkitem",
            ProcessInstanceId=instance,
            OriginalActorId=actor,
            ActorId=actor,
        )
        _write(ctx, sobject, record_id, process.on_submit)
        tx.execute(
            "INSERT OR REPLACE INTO _lock (record_id, kind, until) VALUES (?, 'approval', NULL)", (record_id,)
        )
    return _outcome([actor], record_id, instance, "Pending", [workitem])


def _step(ctx: Context, tx: Tx, instance: str, status: str, original: str, actor: str, comments: Any) -> None:
    _insert(
        ctx,
        tx,
        "ProcessInstanceStep",
        ProcessInstanceId=instance,
        StepStatus=status,
        OriginalActorId=original,
        ActorId=actor,
        Comments=str(comments) if comments else None,
    )


def decide(ctx: Context, asked: Mapping[str, Any], status: str) -> dict[str, Any]:
    """End a work item as the running user: `Approved` or `Rejected` by its approver, `Removed` by whoever
    submitted the record. Raises ApiError if it is refused."""
    workitem = ids.normalize(asked.get("contextId"))
    with ctx.org.store.write() as tx:
        row = tx.execute(
            "SELECT w.ProcessInstanceId, w.OriginalActorId, w.ActorId, i.TargetObjectId, "
            "i.ProcessDefinitionId, i.SubmittedById FROM ProcessInstanceWorkitem w "
            "JOIN ProcessInstance i ON i.Id = w.ProcessInstanceId "
            "WHERE w.Id = ? AND w.IsDeleted = 0",
            (workitem,),
        ).fetchone()
        if row is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        instance, original, actor, record_id, definition, submitter = (str(value) for value in row)
        if ctx.user_id != (submitter if status == "Removed" else actor) and not ctx.system:
            raise ApiError(
                "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                "insufficient access rights on cross-reference id",
            )
        process = next(p for p in processes(ctx.org) if p.id == definition)
        _step(ctx, tx, instance, status, original, ctx.user_id, asked.get("comments"))
        tx.execute("DELETE FROM ProcessInstanceWorkitem WHERE ProcessInstanceId = ?", (instance,))
        _update(
            ctx,
            tx,
            "ProcessInstance",
            instance,
            Status=status,
            CompletedDate=ctx.now(),
            LastActorId=ctx.user_id,
        )
        tx.execute("DELETE FROM _lock WHERE record_id = ? AND kind = 'approval'", (record_id,))
        sobject, _ = target(ctx, record_id)
        written = {
            "Approved": process.on_approve,
            "Rejected": process.on_reject,
            "Removed": process.on_recall,
        }
        _write(ctx, sobject, record_id, written[status])
    return _outcome([], record_id, instance, status, [])


def workitem_of(org: Org, record_id: str) -> str:
    """The work item that a record waits for. Raises ApiError when it is in no process."""
    row = (
        org.store.read()
        .execute(
            "SELECT w.Id FROM ProcessInstanceWorkitem w JOIN ProcessInstance i ON i.Id = w.ProcessInstanceId "
            "WHERE i.TargetObjectId = ? AND i.Status = 'Pending'",
            (ids.normalize(record_id),),
        )
        .fetchone()
    )
    if row is None:
        raise ApiError("INVALID_ACTION", f"{record_id} waits for no approval")
    return str(row[0])


def _outcome(
    actors: Sequence[str], record_id: str, instance: str, status: str, workitems: Sequence[str]
) -> dict[str, Any]:
    return {
        "actorIds": list(actors),
        "entityId": record_id,
        "errors": None,
        "instanceId": instance,
        "instanceStatus": status,
        "newWorkitemIds": list(workitems),
        "success": True,
    }
