"""Automations as an org has them: flows and triggers that change a record when somebody saves it.

    object   the SObject
    event    `before insert`, `before update`, `after insert`, `after update`
    set      field → value. A value is a literal, or one of
                 {"append": "text"}        the saved value with the text behind it, once
                 {"upper": true}           the saved value in capitals
                 {"old": true}             the value from before: the save is undone for this field
                 {"turns": ["a", "b"]}     the next of these at every save, in turn
    when     field → value: only records that are saved with these
    client   only saves by this client (`Sforce-Call-Options`)
    touch    true: afterwards the system touches the record; only SystemModstamp moves on
    seconds  by how much that touch comes later on the org's clock (default 1)

With a before event the value is part of the save. With an after event it is a second save, whose stamp may
be later than the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.sandbox.dml import Dml
from app.sandbox.errors import ApiError
from app.sandbox.hooks import HookRecord, Trigger
from app.sandbox.store import quoted
from app.sandbox.typed import check

if TYPE_CHECKING:
    from app.sandbox.org import Org

_MEMBERS: dict[str, Any] = {
    "object": str,
    "event": str,
    "set": dict[str, Any],
    "when": dict[str, Any],
    "client": str | None,
    "touch": bool,
    "seconds": int,
}
_FORMS: dict[str, Any] = {"append": str, "upper": bool, "old": bool, "turns": list[Any]}


def automate(org: Org, specification: Mapping[str, Any]) -> None:
    """Put an automation in force. Raises ApiError if the specification is wrong."""
    unknown = sorted(set(specification) - set(_MEMBERS))
    if unknown:
        raise ApiError(
            "INVALID_ACTION", f"automation has no {unknown[0]!r}; it takes: {', '.join(sorted(_MEMBERS))}"
        )
    check("automation", _MEMBERS, specification)
    sobject = org.schema.get(str(specification.get("object", "")))
    event = str(specification.get("event", "before update"))
    changes: dict[str, Any] = dict(specification.get("set", {}))
    conditions: dict[str, Any] = dict(specification.get("when", {}))
    for name in (*changes, *conditions):
        if sobject.field_named(name) is None:
            raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    for name, form in changes.items():
        if not isinstance(form, Mapping):
            continue
        if len(form) != 1 or not form.keys() <= _FORMS.keys() or form.get("turns") == []:
            raise ApiError("INVALID_ACTION", f"{dict(form)} is no way to set {name}")
        check(f"automation of {name}", _FORMS, form)
    turns: dict[str, int] = {}
    client = specification.get("client")
    touch = bool(specification.get("touch"))
    seconds = int(specification.get("seconds", 1))

    def value(name: str, form: Any, new: HookRecord, old: HookRecord | None) -> Any:
        if not isinstance(form, Mapping):
            return form
        present = new[name]
        if "append" in form:
            text = str(present or "")
            return text if text.endswith(form["append"]) else text + form["append"]
        if "upper" in form:
            return present.upper() if isinstance(present, str) else present
        if "old" in form:
            return old[name] if old is not None else present
        turns[name] = turns.get(name, -1) + 1
        return form["turns"][turns[name] % len(form["turns"])]

    def run(trigger: Trigger) -> None:
        if client is not None and trigger.ctx.client != client:
            return
        if trigger.ctx.depth > 1:
            return  # its own second save does not set it off again
        later: list[dict[str, Any]] = []
        touched: list[str] = []
        for new, old in trigger:
            if any(new[name] != wanted for name, wanted in conditions.items()):
                continue
            made = {name: value(name, form, new, old) for name, form in changes.items()}
            if event.startswith("before"):
                for name, result in made.items():
                    new[name] = result
            elif made:
                later.append({"Id": new["Id"], **made})
            if touch:
                touched.append(new["Id"])
        if later:
            for result in Dml(trigger.ctx).update(trigger.sobject, later):
                if not result.success:
                    raise result.errors[0]
        if touched:
            _touch(trigger, touched, seconds)

    try:
        org.hooks.trigger(sobject.name, event)(run)
    except ValueError as error:
        raise ApiError("INVALID_ACTION", str(error)) from error


def _touch(trigger: Trigger, ids: list[str], seconds: int) -> None:
    with trigger.ctx.org.store.write() as tx:
        tx.executemany(
            f"UPDATE {quoted(trigger.sobject.name)} SET SystemModstamp = ? WHERE Id = ?",
            [(trigger.ctx.now() + seconds, record_id) for record_id in ids],
        )
