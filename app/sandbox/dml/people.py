"""Person accounts: an account with a last name is a person, and has a contact of its own behind it."""

from __future__ import annotations

from collections.abc import Sequence

from app.sandbox import tables
from app.sandbox.context import Context
from app.sandbox.dml.rows import Row
from app.sandbox.errors import ApiError
from app.sandbox.schema import SObject
from app.sandbox.store import Tx, quoted

#: account field → contact field
_SHARED = {
    "LastName": "LastName",
    "FirstName": "FirstName",
    "Salutation": "Salutation",
    "PersonEmail": "Email",
    "PersonMobilePhone": "MobilePhone",
    "PersonTitle": "Title",
    "Phone": "Phone",
}


def enabled(ctx: Context) -> bool:
    """Whether the org has person accounts."""
    account = ctx.org.schema.find("Account")
    return ctx.org.settings.person_accounts and account is not None and "ispersonaccount" in account.fields


def before(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """A person's name is made of its parts; a business has none of a person's fields."""
    if not enabled(ctx) or sobject.name != "Account":
        return
    for row in rows:
        person = bool(row.old["IsPersonAccount"]) if row.old else bool(row.new.get("LastName"))
        touched = [
            name for name in row.values if (name in _SHARED and name != "Phone") or name.endswith("__pc")
        ]
        if not person:
            if touched:
                row.error = row.error or _refused(*touched)
            continue
        if "Name" in row.values:
            row.error = row.error or _refused("Name")
            continue
        if row.old is None:
            row.new["IsPersonAccount"] = 1
            row.extra.add("IsPersonAccount")
        name = " ".join(part for part in (row.new.get("FirstName"), row.new.get("LastName")) if part)
        if row.new.get("LastName") is None:
            row.fail("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName")
        elif row.new.get("Name") != name:
            row.new["Name"] = name
            row.extra.add("Name")


def _refused(*fields: str) -> ApiError:
    return ApiError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this "
        "field and verify that it is read/write for your profile or permission set.",
        fields=fields,
    )


def after(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """Write the contact behind each person."""
    contact = ctx.org.schema.find("Contact")
    if not enabled(ctx) or contact is None:
        return
    columns = set(tables.columns(contact))
    for row in rows:
        if not row.new.get("IsPersonAccount"):
            continue
        shared = {
            theirs: row.new.get(mine)
            for mine, theirs in _SHARED.items()
            if mine in row.new and theirs in columns
        }
        stamps = {k: row.new[k] for k in ("LastModifiedDate", "LastModifiedById", "SystemModstamp")}
        if row.old is None:
            contact_id = ctx.org.ids.take(tx.connection, contact.key_prefix)[0]
            made = (
                shared
                | stamps
                | {
                    "Id": contact_id,
                    "IsDeleted": 0,
                    "AccountId": row.id,
                    "OwnerId": row.new.get("OwnerId"),
                    "CreatedDate": row.new.get("CreatedDate"),
                    "CreatedById": row.new.get("CreatedById"),
                }
            )
            if "IsPersonAccount" in columns:
                made["IsPersonAccount"] = 1
            for field in contact.fields.values():
                if field.type == "boolean" and field.stored and field.name not in made:
                    made[field.name] = 0
            names = ", ".join(quoted(n) for n in made)
            tx.execute(
                f"INSERT INTO Contact ({names}) VALUES ({', '.join('?' * len(made))})", list(made.values())
            )
            tx.execute("UPDATE Account SET PersonContactId = ? WHERE Id = ?", (contact_id, row.id))
            row.new["PersonContactId"] = contact_id
        else:
            changes = shared | stamps
            assignments = ", ".join(f"{quoted(n)} = ?" for n in changes)
            tx.execute(
                f"UPDATE Contact SET {assignments} WHERE Id = ?",
                [*changes.values(), row.new.get("PersonContactId")],
            )
