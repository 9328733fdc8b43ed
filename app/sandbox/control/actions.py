"""What another user does in the org, at once and behind the API's back: not counted, never faulted.

    insert        object, fields                       → {"id"}
    insert_many   object, records                      → {"ids"}
    update        object, id, fields
    update_many   object, records (each with Id)
    delete        object, id (or ids), hard
    undelete      id (or ids)
    merge         object, winner, losers, fields
    convert       lead, status, account_id, contact_id, opportunity_id, opportunity_name,
                  create_opportunity, owner_id         → {"account_id", "contact_id", "opportunity_id"}
    query         soql, all_rows                       → {"records"}
    touch         object, ids, times, system           saves unchanged; `system` moves SystemModstamp only
    poke          object, id, field, value             puts a text into the table past all checks
    purge         object                               empties the recycle bin
    purge_delete_log                                   forgets what getDeleted knew
    lock, unlock  ids, seconds                         holds row locks as a long transaction does
    submit        id, comments                         sends a record into its approval process
    decide        id (a record), decision, comments    approves, rejects or recalls in its approval process
    advance       seconds                              moves the org's clock
    expire_sessions  username                          ends every session, or those of one user

`commit_after` makes an insert or update a long transaction: stamped now, visible so many seconds later.
`as` names the acting user by username; without it a rep acts, so that the integration never sees its own
user behind a change. Every action of app.sandbox.control.setup may be performed here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from app.sandbox.auth import users
from app.sandbox.context import Context
from app.sandbox.control import setup
from app.sandbox.dml import ConvertRequest, Dml, DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, call, find
from app.sandbox.rest import approval_process
from app.sandbox.schema import SObject
from app.sandbox.store import quoted
from app.sandbox.typed import check, invoke

if TYPE_CHECKING:
    from app.sandbox.org import Org

Arguments = Mapping[str, Any]


def perform(org: Org, action: Arguments) -> dict[str, Any]:
    """Carry out one action. Raises ApiError if it is unknown, incomplete, or refused by the org."""
    if not isinstance(action, Mapping):
        raise ApiError("INVALID_ACTION", "an action is a JSON object")
    name = str(action.get("action", ""))
    arguments = {key: value for key, value in action.items() if key not in ("action", "as", "commit_after")}
    work = _ACTIONS.get(name)
    check(name, {"as": str | None, "commit_after": int}, action)
    late = action.get("commit_after", 0)
    with org.faults.spared(late):
        if work is None:
            return setup.perform(org, name, arguments)
        ctx = _acting(org, action.get("as"))
        # only what a user saves can be a long transaction, never what the system does
        ctx.system = not (late or org.faults.active("long_txn"))
        return invoke(name, work, ctx, arguments)


def _acting(org: Org, username: str | None) -> Context:
    """A context in system mode of the named user, or of a rep."""
    if username:
        user = users.by_username(org, username)
        if user is None:
            raise ApiError("INVALID_ACTION", f"there is no user {username}")
    else:
        own = users.integration_user(org)
        others = [u for u in users.active_users(org) if own is None or u["Id"] != own["Id"]]
        staff = [u for u in others if (u.get("UserType") or "Standard") == "Standard"]
        user = next(iter(staff or others or ([own] if own else [])), None)
    ctx = org.context(str(user["Id"]) if user else "")
    ctx.allow_duplicates = True
    return ctx


def _done(results: Sequence[DmlResult]) -> list[str]:
    for result in results:
        if not result.success:
            raise result.errors[0]
    return [str(result.id) for result in results]


def _sobject(ctx: Context, name: str) -> SObject:
    return ctx.org.schema.get(name)


def _insert(ctx: Context, object: str, fields: Arguments) -> dict[str, Any]:
    return {"id": _done(Dml(ctx).insert(_sobject(ctx, object), [fields], all_or_none=True))[0]}


def _insert_many(ctx: Context, object: str, records: Sequence[Arguments]) -> dict[str, Any]:
    return {"ids": _done(Dml(ctx).insert(_sobject(ctx, object), records, all_or_none=True))}


def _update(ctx: Context, object: str, id: str, fields: Arguments) -> dict[str, Any]:
    return _update_many(ctx, object, [{**fields, "Id": id}])


def _update_many(ctx: Context, object: str, records: Sequence[Arguments]) -> dict[str, Any]:
    return {"ids": _done(Dml(ctx).update(_sobject(ctx, object), records, all_or_none=True))}


def _ids(id: str | None, ids: Sequence[str] | None) -> list[str]:
    return [*(ids or ()), *([id] if id else ())]


def _delete(
    ctx: Context,
    object: str = "",
    id: str | None = None,
    ids: Sequence[str] | None = None,
    hard: bool = False,
) -> dict[str, Any]:
    return {"ids": _done(Dml(ctx).delete(_ids(id, ids), all_or_none=True, hard=hard))}


def _undelete(ctx: Context, id: str | None = None, ids: Sequence[str] | None = None) -> dict[str, Any]:
    return {"ids": _done(Dml(ctx).undelete(_ids(id, ids), all_or_none=True))}


def _merge(
    ctx: Context, winner: str, losers: Sequence[str], object: str = "", fields: Arguments | None = None
) -> dict[str, Any]:
    return {"id": _done([Dml(ctx).merge(winner, losers, fields)])[0]}


def _convert(
    ctx: Context,
    lead: str,
    status: str = "",
    account_id: str = "",
    contact_id: str = "",
    opportunity_id: str = "",
    opportunity_name: str = "",
    create_opportunity: bool = True,
    owner_id: str = "",
) -> dict[str, Any]:
    request = ConvertRequest(
        lead_id=lead,
        converted_status=status or converted_status(ctx.org),
        account_id=account_id,
        contact_id=contact_id,
        opportunity_id=opportunity_id,
        opportunity_name=opportunity_name,
        do_not_create_opportunity=not create_opportunity,
        owner_id=owner_id,
    )
    result = Dml(ctx).convert_lead(request)
    if not result.success:
        raise result.errors[0]
    return {
        "account_id": result.account_id,
        "contact_id": result.contact_id,
        "opportunity_id": result.opportunity_id,
    }


def converted_status(org: Org) -> str:
    """The lead status that stands for a conversion."""
    if org.schema.find("LeadStatus"):
        row = (
            org.store.read()
            .execute("SELECT MasterLabel FROM LeadStatus WHERE IsConverted = 1 AND IsDeleted = 0")
            .fetchone()
        )
        if row:
            return str(row[0])
    status = org.schema.get("Lead").field_named("Status")
    labels = [v.value for v in status.picklist] if status else []
    return next((v for v in labels if "convert" in v.lower()), labels[-1] if labels else "Qualified")


def _query(ctx: Context, soql: str, all_rows: bool = False) -> dict[str, Any]:
    """All pages of a query, without permission checks."""
    resource = "queryAll" if all_rows else "query"
    target: str | None = f"/services/data/v{ctx.org.api_version}/{resource}?q={quote(soql)}"
    records: list[Any] = []
    while target:
        request = Request("GET", target, base_url=ctx.org.http_url)
        route, path, refused = find(request)
        if route is None:
            raise refused or ApiError("NOT_FOUND", "queries are not served")
        response = call(route, path, request, ctx)
        page = orjson.loads(response.content())
        if response.status != 200:
            raise ApiError(page[0]["errorCode"], page[0]["message"], status=response.status)
        records += page.get("records", ())
        target = page.get("nextRecordsUrl")
    return {"records": records}


def _touch(
    ctx: Context, object: str, ids: Sequence[str], times: int = 1, system: bool = False
) -> dict[str, Any]:
    sobject = _sobject(ctx, object)
    for _ in range(times):
        if system:
            with ctx.org.store.write() as tx:
                tx.executemany(
                    f"UPDATE {quoted(sobject.name)} SET SystemModstamp = ? WHERE Id = ?",
                    [(ctx.now(), record_id) for record_id in ids],
                )
        else:
            _done(Dml(ctx).update(sobject, [{"Id": record_id} for record_id in ids], all_or_none=True))
    return {"touched": len(ids) * times}


def _poke(ctx: Context, object: str, id: str, field: str, value: Any) -> dict[str, Any]:
    sobject = _sobject(ctx, object)
    found = sobject.field_named(field)
    if found is None or not found.stored:
        raise ApiError("INVALID_FIELD", f"No such column '{field}' on sobject of type {sobject.name}")
    with ctx.org.store.write() as tx:
        changed = tx.execute(
            f"UPDATE {quoted(sobject.name)} SET {quoted(found.name)} = ?, SystemModstamp = ? WHERE Id = ?",
            (value, ctx.now(), id),
        ).rowcount
    if not changed:
        raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
    return {"id": id}


def _purge(ctx: Context, object: str | None = None) -> dict[str, Any]:
    """Remove deleted rows for good; what getDeleted reports stays."""
    condition, values = ("sobject = ? COLLATE NOCASE", [object]) if object else ("1", [])
    with ctx.org.store.write() as tx:
        rows = tx.execute(
            f"SELECT record_id, sobject FROM _recycle WHERE purged = 0 AND {condition}",
            values,
        ).fetchall()
        for record_id, name in rows:
            tx.execute(f"DELETE FROM {quoted(name)} WHERE Id = ? AND IsDeleted = 1", (record_id,))
        tx.execute(f"UPDATE _recycle SET purged = 1 WHERE {condition}", values)
    return {"purged": len(rows)}


def _purge_delete_log(ctx: Context) -> dict[str, Any]:
    _purge(ctx)
    with ctx.org.store.write() as tx:
        forgotten = tx.execute("DELETE FROM _recycle").rowcount
        ctx.org.store.set_meta("delete_log_from", str(ctx.now()).encode())
    return {"forgotten": forgotten}


def _lock(ctx: Context, ids: Sequence[str], seconds: int | None = None) -> dict[str, Any]:
    until = None if seconds is None else ctx.org.clock.now() + seconds
    with ctx.org.store.write() as tx:
        tx.executemany(
            "INSERT OR REPLACE INTO _lock (record_id, kind, until) VALUES (?, 'row', ?)",
            [(record_id, until) for record_id in ids],
        )
    return {"locked": len(ids)}


def _unlock(ctx: Context, ids: Sequence[str] | None = None) -> dict[str, Any]:
    with ctx.org.store.write() as tx:
        if ids is None:
            return {"unlocked": tx.execute("DELETE FROM _lock WHERE kind = 'row'").rowcount}
        tx.executemany("DELETE FROM _lock WHERE kind = 'row' AND record_id = ?", [(i,) for i in ids])
    return {"unlocked": len(ids)}


def _advance(ctx: Context, seconds: float) -> dict[str, Any]:
    return {"now": ctx.org.clock.advance(seconds)}


def _expire_sessions(ctx: Context, username: str | None = None) -> dict[str, Any]:
    user = users.by_username(ctx.org, username) if username else None
    if username and user is None:
        raise ApiError("INVALID_ACTION", f"there is no user {username}")
    return {"ended": ctx.org.sessions.end(user_id=str(user["Id"]) if user else None)}


def _submit(ctx: Context, id: str, comments: str = "") -> dict[str, Any]:
    return approval_process.submit(ctx, {"contextId": id, "comments": comments})


def _decide(ctx: Context, id: str, decision: str, comments: str = "") -> dict[str, Any]:
    ends = {"approve": "Approved", "reject": "Rejected", "recall": "Removed"}
    if decision not in ends:
        raise ApiError("INVALID_ACTION", f"decide: decision must be one of {', '.join(ends)}")
    asked = {"contextId": approval_process.workitem_of(ctx.org, id), "comments": comments}
    return approval_process.decide(ctx, asked, ends[decision])


_ACTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "insert": _insert,
    "insert_many": _insert_many,
    "update": _update,
    "update_many": _update_many,
    "delete": _delete,
    "undelete": _undelete,
    "merge": _merge,
    "convert": _convert,
    "query": _query,
    "touch": _touch,
    "poke": _poke,
    "purge": _purge,
    "purge_delete_log": _purge_delete_log,
    "lock": _lock,
    "unlock": _unlock,
    "advance": _advance,
    "expire_sessions": _expire_sessions,
    "submit": _submit,
    "decide": _decide,
}
