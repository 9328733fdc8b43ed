"""What the org's administrator changes in Setup while clients are at work.

add_field              object, field: {"name", "type", "length", …}
drop_field             object, field
rename_field           object, field, to
retype_field           object, field, attributes: {"type", "length", …}
revoke_field           object, field, username, read      `read` false leaves it readable
grant_field            object, field, username
revoke_object          object, rights, username           rights: read, create, edit, delete
grant_object           object, username
picklist_value         object, field, value, active, label
validation_rule        object, name, formula, message, error_field, active
drop_validation_rule   object, name
record_type            object, developer_name, label, active, default, picklists → {"id"}
duplicate_rule         object, fields, rule_action (block, allow, alert), message
drop_duplicate_rules   object
user                   username, active, and any field of User
settings               any switch of OrgSettings
app                    any policy of the integration app (app.sandbox.auth.apps.App)
automation             object, event, set, touch          see app.sandbox.control.automations
drop_automations
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.sandbox import admin
from app.sandbox.auth import users
from app.sandbox.control.automations import automate
from app.sandbox.dml import Dml
from app.sandbox.errors import ApiError
from app.sandbox.rest.approval_process import configure
from app.sandbox.schema import ValidationRule
from app.sandbox.typed import invoke

if TYPE_CHECKING:
    from app.sandbox.org import Org


def perform(org: Org, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Make one change. Raises ApiError if the action is unknown or the change is not possible."""
    work = _CHANGES.get(name)
    if work is None:
        raise ApiError("INVALID_ACTION", f"there is no action {name!r}")
    return invoke(name, work, org, arguments) or {}


def _user_id(org: Org, username: str | None) -> str | None:
    if username is None:
        return None
    user = users.by_username(org, username)
    if user is None:
        raise ApiError("INVALID_ACTION", f"there is no user {username}")
    return str(user["Id"])


def _add_field(org: Org, object: str, field: Mapping[str, Any]) -> None:
    admin.add_field(org, org.schema.get(object), admin.field_from(field))


def _drop_field(org: Org, object: str, field: str) -> None:
    admin.drop_field(org, org.schema.get(object), field)


def _rename_field(org: Org, object: str, field: str, to: str) -> None:
    admin.rename_field(org, org.schema.get(object), field, to)


def _retype_field(org: Org, object: str, field: str, attributes: Mapping[str, Any]) -> None:
    admin.retype_field(org, org.schema.get(object), field, **attributes)


def _known_field(org: Org, object: str, field: str) -> tuple[str, str]:
    sobject = org.schema.get(object)
    found = sobject.field_named(field)
    if found is None:
        raise ApiError("INVALID_FIELD", f"No such column '{field}' on sobject of type {sobject.name}")
    return sobject.name, found.name


def _revoke_field(org: Org, object: str, field: str, username: str | None = None, read: bool = True) -> None:
    name, column = _known_field(org, object, field)
    org.permissions.revoke(name, column, user_id=_user_id(org, username), read=read)


def _grant_field(org: Org, object: str, field: str, username: str | None = None) -> None:
    name, column = _known_field(org, object, field)
    org.permissions.grant(name, column, user_id=_user_id(org, username))


def _revoke_object(org: Org, object: str, rights: Sequence[str] = (), username: str | None = None) -> None:
    org.permissions.revoke_object(org.schema.get(object).name, *rights, user_id=_user_id(org, username))


def _grant_object(org: Org, object: str, username: str | None = None) -> None:
    org.permissions.grant_object(org.schema.get(object).name, user_id=_user_id(org, username))


def _picklist_value(
    org: Org, object: str, field: str, value: str, active: bool = True, label: str | None = None
) -> None:
    admin.set_picklist_value(org, org.schema.get(object), field, value, active=active, label=label)


def _validation_rule(
    org: Org, object: str, name: str, formula: str, message: str, error_field: str = "", active: bool = True
) -> None:
    rule = ValidationRule(name, formula, message, error_field, active)
    admin.set_validation_rule(org, org.schema.get(object), rule)


def _drop_validation_rule(org: Org, object: str, name: str) -> None:
    admin.drop_validation_rule(org, org.schema.get(object), name)


def _record_type(
    org: Org,
    object: str,
    developer_name: str,
    label: str | None = None,
    active: bool = True,
    default: bool = False,
    picklists: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    made = admin.set_record_type(
        org,
        org.schema.get(object),
        developer_name,
        label=label,
        active=active,
        default=default,
        picklists=picklists,
    )
    return {"id": made.id}


def _duplicate_rule(
    org: Org,
    object: str,
    fields: Sequence[str],
    rule_action: str = "block",
    message: str = "Use one of these records?",
) -> None:
    if rule_action not in ("block", "allow", "alert"):
        raise ValueError("rule_action is none of block, allow, alert")
    sobject = org.schema.get(object)
    names = [_known_field(org, object, field)[1] for field in fields]
    rule = {"object": sobject.name, "fields": names, "action": rule_action, "message": message}
    org.settings.duplicate_rules = [*org.settings.duplicate_rules, rule]
    org.save_settings()


def _drop_duplicate_rules(org: Org, object: str | None = None) -> None:
    org.settings.duplicate_rules = [
        rule
        for rule in org.settings.duplicate_rules
        if object is not None and rule["object"].lower() != object.lower()
    ]
    org.save_settings()


def _user(
    org: Org, username: str, active: bool | None = None, password: str | None = None, **fields: Any
) -> dict[str, Any]:
    user_id = _user_id(org, username)
    if password is not None:
        org.sessions.set_password(str(user_id), password)
    if active is not None:
        fields["IsActive"] = active
    result = Dml(org.context(str(user_id))).update(
        org.schema.get("User"), [{**fields, "Id": user_id}], all_or_none=True
    )[0]
    if not result.success:
        raise result.errors[0]
    if active is False:
        org.sessions.revoke_user(str(user_id))
    return {"id": user_id}


def _settings(org: Org, **switches: Any) -> None:
    org.settings.update(**switches)
    org.save_settings()
    if "rotate_refresh_tokens" in switches:
        apps = org.sessions.apps
        apps.change(apps.client_id, {"rotate_refresh_tokens": switches["rotate_refresh_tokens"]})


def _app(org: Org, **policies: Any) -> dict[str, Any]:
    app = org.sessions.apps.change(org.sessions.apps.client_id, policies)
    return {"client_id": app.client_id}


def _automation(org: Org, **specification: Any) -> None:
    automate(org, specification)


def _drop_automations(org: Org) -> None:
    org.hooks.clear()


def _approval_process(org: Org, **specification: Any) -> dict[str, Any]:
    return {"id": configure(org, specification)}


_CHANGES: dict[str, Callable[..., dict[str, Any] | None]] = {
    "add_field": _add_field,
    "drop_field": _drop_field,
    "rename_field": _rename_field,
    "retype_field": _retype_field,
    "revoke_field": _revoke_field,
    "grant_field": _grant_field,
    "revoke_object": _revoke_object,
    "grant_object": _grant_object,
    "picklist_value": _picklist_value,
    "validation_rule": _validation_rule,
    "drop_validation_rule": _drop_validation_rule,
    "record_type": _record_type,
    "duplicate_rule": _duplicate_rule,
    "drop_duplicate_rules": _drop_duplicate_rules,
    "user": _user,
    "settings": _settings,
    "app": _app,
    "automation": _automation,
    "drop_automations": _drop_automations,
    "approval_process": _approval_process,
}
