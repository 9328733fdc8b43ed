"""The one class behind every write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.sandbox import ids as identity
from app.sandbox import values
from app.sandbox.context import Context
from app.sandbox.dml import convert, merge, remove
from app.sandbox.dml.checks import folded
from app.sandbox.dml.rows import IN_LIST, id_list
from app.sandbox.dml.save import HookFailed, save, unknown_record
from app.sandbox.dml.types import Conditions, ConvertRequest, ConvertResult, DmlResult
from app.sandbox.dml.waiting import wait_for_locks
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, SObject
from app.sandbox.store import Tx, quoted

Record = Mapping[str, Any]

#: what an all-or-none call says of records that were good themselves
_INNOCENT = "Record rolled back because not all records were valid and the request was using AllOrNone header"


class _RollBack(Exception):
    """Leaves a savepoint so that it is undone."""


class Dml:
    """Writes of one user in one context. Nothing is visible to others before the transaction commits."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.org = ctx.org

    def insert(
        self, sobject: SObject, records: Sequence[Record], *, all_or_none: bool = False
    ) -> list[DmlResult]:
        """Create records; one result each, in order."""
        wait_for_locks(self.ctx, records)
        return self._run(
            sobject, lambda ctx, tx: save(ctx, tx, sobject, "insert", records), all_or_none=all_or_none
        )

    def update(
        self,
        sobject: SObject,
        records: Sequence[Record],
        *,
        all_or_none: bool = False,
        conditions: Conditions | None = None,
    ) -> list[DmlResult]:
        """Change records, each naming its `Id`; fields that are not named stay.

        Raises ApiError with status 412 when a condition does not hold.
        """

        wait_for_locks(self.ctx, records)

        def work(ctx: Context, tx: Tx) -> list[DmlResult]:
            return save(ctx, tx, sobject, "update", records, conditions=conditions)

        return self._run(sobject, work, all_or_none=all_or_none)

    def upsert(
        self,
        sobject: SObject,
        ext_field: str,
        records: Sequence[Record],
        *,
        all_or_none: bool = False,
        update_only: bool = False,
    ) -> list[DmlResult]:
        """Create or change by external id (or `Id`). `created` says which, for each success.

        update_only: a record that is not there is refused. Raises ApiError for a field that is no key.
        """
        key = sobject.field_named(ext_field)
        if key is None or not (key.external_id or key.id_lookup or key.name == "Id"):
            message = f"Provided external ID field does not exist or is not accessible: {ext_field}"
            raise ApiError("NOT_FOUND", message, status=404)
        field = key
        wait_for_locks(self.ctx, records)
        return self._run(
            sobject,
            lambda ctx, tx: _upsert(ctx, tx, sobject, field, records, update_only=update_only),
            all_or_none=all_or_none,
        )

    def delete(self, ids: Sequence[str], *, all_or_none: bool = False, hard: bool = False) -> list[DmlResult]:
        """Put records and what hangs on them into the recycle bin, or remove them for good."""

        wait_for_locks(self.ctx, [{"Id": record_id} for record_id in ids])

        def work(ctx: Context, tx: Tx) -> list[DmlResult]:
            return _by_type(ctx, ids, lambda kind, some: remove.delete(ctx, tx, kind, some, hard=hard))

        first = identity.normalize(ids[0]) if ids else None
        kind = self.org.schema.by_prefix(first) if first else None
        return self._run(kind, work, all_or_none=all_or_none)

    def undelete(self, ids: Sequence[str], *, all_or_none: bool = False) -> list[DmlResult]:
        """Take records, and what was deleted with them, out of the recycle bin."""

        def work(ctx: Context, tx: Tx) -> list[DmlResult]:
            return [remove.undelete(ctx, tx, record_id) for record_id in ids]

        return self._run(None, work, all_or_none=all_or_none)

    def merge(self, winner: str, losers: Sequence[str], fields: Record | None = None) -> DmlResult:
        """Merge one or two losers into the winner; `fields` are written to the winner."""
        try:
            with self.org.store.write() as tx:
                return merge.merge(self.ctx, tx, winner, losers, fields)
        except ApiError as error:
            return DmlResult(identity.normalize(winner), False, None, [error])

    def convert_lead(self, request: ConvertRequest) -> ConvertResult:
        """Turn a lead into an account, a contact and, unless refused, an opportunity."""
        try:
            with self.org.store.write() as tx:
                return convert.convert(self.ctx, tx, request)
        except ApiError as error:
            return ConvertResult(request.lead_id, errors=[error])

    def touch(self, sobject: SObject, ids: Sequence[str]) -> None:
        """What the system itself does to a record: SystemModstamp moves, nothing else."""
        with self.org.store.write() as tx:
            tx.execute(
                f"UPDATE {quoted(sobject.name)} SET SystemModstamp = ? WHERE Id {IN_LIST}",
                (self.ctx.now(), id_list(ids)),
            )

    def _run(
        self,
        sobject: SObject | None,
        work: Callable[[Context, Tx], list[DmlResult]],
        *,
        all_or_none: bool,
    ) -> list[DmlResult]:
        delay = 0
        if sobject is not None and self.ctx.stamp is None and not self.ctx.system:
            delay = self.org.faults.commit_delay(sobject.name)
        if delay > 0:
            return self._run_later(sobject, work, delay, all_or_none=all_or_none)
        return _attempt(self.ctx, work, all_or_none=all_or_none)

    def _run_later(
        self,
        sobject: SObject | None,
        work: Callable[[Context, Tx], list[DmlResult]],
        delay: int,
        *,
        all_or_none: bool,
    ) -> list[DmlResult]:
        """A long transaction: stamped now, answered now, seen by others only when it commits."""
        results: list[DmlResult] = []
        issued: list[str] = []
        with self.org.store.write() as tx:
            try:
                with tx.savepoint():
                    trial = replace(self.ctx, issued_ids=issued)
                    results = _attempt(trial, work, all_or_none=all_or_none)
                    raise _RollBack
            except _RollBack:
                if sobject is not None and issued:
                    self.org.ids.take(tx.connection, sobject.key_prefix, len(issued))

        def commit(ctx: Context) -> None:
            late = replace(self.ctx, stamp=ctx.stamp, reserved_ids=list(issued))
            _attempt(late, work, all_or_none=all_or_none)

        if any(result.success for result in results):
            self.org.commit_later(delay, self.ctx.user_id, commit)
        return results


def _attempt(
    ctx: Context, work: Callable[[Context, Tx], list[DmlResult]], *, all_or_none: bool
) -> list[DmlResult]:
    results: list[DmlResult] = []
    try:
        with ctx.org.store.write() as tx, tx.savepoint():
            try:
                results = work(ctx, tx)
            except HookFailed as failure:
                raise failure.error from failure
            if all_or_none and not all(result.success for result in results):
                raise _RollBack
    except _RollBack:
        innocent = ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", _INNOCENT, fields=[])
        return [
            DmlResult(None, False, None if r.created is None else False, [innocent]) if r.success else r
            for r in results
        ]
    return results


def _by_type(
    ctx: Context, ids: Sequence[str], work: Callable[[SObject, Sequence[str]], list[DmlResult]]
) -> list[DmlResult]:
    """Split ids by object type, work on each type, and put the results back in order."""
    results: list[DmlResult | None] = [None] * len(ids)
    groups: dict[str, list[tuple[int, str]]] = {}
    for index, given in enumerate(ids):
        record_id = identity.normalize(given)
        kind = ctx.org.schema.by_prefix(record_id) if record_id else None
        if record_id is None:
            error = ApiError("MALFORMED_ID", f"malformed id {given}", fields=["Id"])
            results[index] = DmlResult(None, False, None, [error])
        elif kind is None:
            results[index] = DmlResult(record_id, False, None, [unknown_record()])
        else:
            groups.setdefault(kind.name, []).append((index, record_id))
    for name, members in groups.items():
        found = work(ctx.org.schema.get(name), [record_id for _, record_id in members])
        for (index, _), result in zip(members, found, strict=True):
            results[index] = result
    return [result for result in results if result is not None]


def _upsert(
    ctx: Context, tx: Tx, sobject: SObject, key: Field, records: Sequence[Record], *, update_only: bool
) -> list[DmlResult]:
    results: list[DmlResult | None] = [None] * len(records)
    wanted: list[tuple[int, Any]] = []
    seen: set[Any] = set()
    for index, record in enumerate(records):
        given = next((v for name, v in record.items() if name.lower() == key.name.lower()), None)
        try:
            value = values.parse(key, given)
            if value is None and key.name != "Id":
                raise ApiError("MISSING_ARGUMENT", f"{key.name} not specified", fields=[])
            if value is not None and folded(key, value) in seen:
                raise ApiError(
                    "DUPLICATE_VALUE", f"Duplicate external id specified: {value}", fields=[key.name]
                )
        except ApiError as refused:
            results[index] = DmlResult(None, False, False, [refused])
            continue
        if value is not None:
            seen.add(folded(key, value))
        wanted.append((index, value))
    matches = _matches(tx, sobject, key, [value for _, value in wanted if value is not None])
    inserts: list[int] = []
    updates: list[tuple[int, str]] = []
    for index, value in wanted:
        found = matches.get(folded(key, value), []) if value is not None else []
        if key.name == "Id" and value is not None:
            found = [value]
        if len(found) > 1:
            listed = ", ".join(found)
            error = ApiError(
                "DUPLICATE_EXTERNAL_ID",
                f"{key.name}: more than one record found for external id field: [{listed}]",
                status=300,
                fields=[],
                extra={},
            )
            results[index] = DmlResult(None, False, False, [error])
        elif found:
            updates.append((index, found[0]))
        elif update_only:
            error = ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
            results[index] = DmlResult(None, False, False, [error])
        else:
            inserts.append(index)
    _apply(ctx, tx, sobject, key, records, inserts, updates, results)
    return [result for result in results if result is not None]


def _matches(tx: Tx, sobject: SObject, key: Field, wanted: Sequence[Any]) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = {}
    if key.name == "Id" or not wanted:
        return found
    for value, record_id in tx.execute(
        f"SELECT {quoted(key.name)}, Id FROM {quoted(sobject.name)} "
        f"WHERE {quoted(key.name)} {IN_LIST} AND IsDeleted = 0 ORDER BY Id",
        (id_list(wanted),),
    ):
        found.setdefault(folded(key, value), []).append(record_id)
    return found


def _apply(
    ctx: Context,
    tx: Tx,
    sobject: SObject,
    key: Field,
    records: Sequence[Record],
    inserts: Sequence[int],
    updates: Sequence[tuple[int, str]],
    results: list[DmlResult | None],
) -> None:
    if updates:
        changes = [{**_without(records[i], key, "Id"), "Id": record_id} for i, record_id in updates]
        for (index, _), result in zip(updates, save(ctx, tx, sobject, "update", changes), strict=True):
            result.created = False
            results[index] = result
    if inserts:
        new = [_without(records[i], None, "Id") for i in inserts]
        for index, result in zip(inserts, save(ctx, tx, sobject, "insert", new), strict=True):
            result.created = result.success
            results[index] = result


def _without(record: Record, key: Field | None, *names: str) -> dict[str, Any]:
    """The record without its id, and without the key that found it (it is not changed by its own value)."""
    dropped = {name.lower() for name in names} | ({key.name.lower()} if key else set())
    return {name: value for name, value in record.items() if name.lower() not in dropped}
