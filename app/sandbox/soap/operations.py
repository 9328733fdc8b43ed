"""The SOAP calls that no REST resource offers, and those that old clients begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import orjson

from app.sandbox.auth import users
from app.sandbox.context import Context
from app.sandbox.dml import ConvertRequest, Dml, DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route, dispatch
from app.sandbox.soap.envelope import (
    Call,
    Element,
    answer,
    children,
    fault,
    is_nil,
    local,
    raw,
    read,
    text,
)
from app.sandbox.values import datetime_csv


def serve(ctx: Context, request: Request, api: str, soap_version: str, org_id: str = "") -> Response:
    """Read an envelope, do what it asks as the user of its session, answer with an envelope."""
    names = {"u": "partner", "c": "enterprise"}
    if api.lower() not in names:
        raise ApiError("CLIENT", f"there is no API {api!r}", status=500)
    called = read(request.body)
    if called.operation == "login":
        result: Any = _login(ctx, called, request)
    else:
        operation = _OPERATIONS.get(called.operation)
        if operation is None:
            raise ApiError(
                "CLIENT",
                f"No operation available for request {{urn:{names[api.lower()]}.soap.sforce.com}}"
                f"{called.operation}",
                status=500,
            )
        token = called.header("SessionHeader", "sessionId")
        result = operation(_context(ctx, called, ctx.org.sessions.user_of(token)), called)
        if called.operation == "logout":
            ctx.org.sessions.revoke(token)
    return answer(called.operation, result, api=names[api.lower()])


def _context(ctx: Context, called: Call, user_id: str) -> Context:
    return replace(
        ctx,
        user_id=user_id,
        client=called.header("CallOptions", "client") or None,
        auto_assign=called.header("AssignmentRuleHeader", "useDefaultRule") != "false",
        allow_duplicates=called.header("DuplicateRuleHeader", "allowSave") == "true",
    )


def _login(ctx: Context, called: Call, request: Request) -> dict[str, Any]:
    if not ctx.org.settings.soap_login:
        raise ApiError("INVALID_OPERATION", "SOAP login disabled", status=500)
    user = users.by_username(ctx.org, text(called.arguments, "username"))
    known = user is not None and ctx.org.sessions.has_password(
        str(user["Id"]), text(called.arguments, "password")
    )
    if user is None or not known or not user.get("IsActive"):
        raise ApiError(
            "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", status=500
        )
    session = ctx.org.sessions.open(str(user["Id"]), ctx.org.sessions.apps.integration, scope="api web id")
    base = f"{request.base_url}/services/Soap"
    return {
        "metadataServerUrl": f"{base}/m/{ctx.org.api_version}/{ctx.org.org_id}",
        "passwordExpired": False,
        "sandbox": False,
        "serverUrl": f"{base}/u/{ctx.org.api_version}/{ctx.org.org_id}",
        "sessionId": session.token,
        "userId": user["Id"],
        "userInfo": _user_info(ctx, user),
    }


def _user_info(ctx: Context, user: users.User) -> dict[str, Any]:
    row = ctx.org.store.read().execute("SELECT Name FROM Organization WHERE IsDeleted = 0").fetchone()
    return {
        "currencySymbol": None if ctx.org.settings.multi_currency else ctx.org.settings.currency,
        "organizationId": ctx.org.org_id,
        "organizationMultiCurrency": ctx.org.settings.multi_currency,
        "organizationName": row[0] if row else "",
        "orgDefaultCurrencyIsoCode": ctx.org.settings.currency,
        "profileId": user.get("ProfileId"),
        "roleId": user.get("UserRoleId"),
        "sessionSecondsValid": ctx.org.sessions.apps.integration.session_seconds,
        "userDefaultCurrencyIsoCode": user.get("DefaultCurrencyIsoCode"),
        "userEmail": user.get("Email"),
        "userFullName": user.get("Name"),
        "userId": user["Id"],
        "userLanguage": user.get("LanguageLocaleKey"),
        "userLocale": user.get("LocaleSidKey"),
        "userName": user.get("Username"),
        "userTimeZone": user.get("TimeZoneSidKey"),
        "userType": user.get("UserType"),
        "userUiSkin": "Theme3",
    }


def _get_user_info(ctx: Context, called: Call) -> dict[str, Any]:
    return _user_info(ctx, users.by_id(ctx.org, ctx.user_id) or {"Id": ctx.user_id})


def _get_server_timestamp(ctx: Context, called: Call) -> dict[str, Any]:
    return {"timestamp": datetime_csv(ctx.org.clock.now())}


def _logout(ctx: Context, called: Call) -> None:
    """The session ends when the answer is written."""


def _errors(errors: list[ApiError]) -> list[dict[str, Any]]:
    return [{"fields": e.fields or [], "message": e.message, "statusCode": e.code} for e in errors]


def _result(result: DmlResult) -> dict[str, Any]:
    return {"errors": _errors(result.errors), "id": result.id, "success": result.success}


def _undelete(ctx: Context, called: Call) -> list[dict[str, Any]]:
    ids = [(e.text or "").strip() for e in children(called.arguments, "ids")]
    whole = called.header("AllOrNoneHeader", "allOrNone") == "true"
    return [_result(r) for r in Dml(ctx).undelete(ids, all_or_none=whole)]


def _fields(element: Element) -> dict[str, Any]:
    """The fields of an sObject element, its type and id apart."""
    found: dict[str, Any] = {}
    for member in element:
        name = local(member)
        if name == "fieldsToNull":
            found[(member.text or "").strip()] = None
        elif name not in ("type", "Id"):
            found[name] = None if is_nil(member) else (member.text or "")
    return found


def _merge(ctx: Context, called: Call) -> list[dict[str, Any]]:
    results = []
    for request in children(called.arguments, "request"):
        masters = children(request, "masterRecord")
        if len(masters) != 1:
            raise ApiError("CLIENT", "a merge request has one masterRecord", status=500)
        losers = [(e.text or "").strip() for e in children(request, "recordToMergeIds")]
        result = Dml(ctx).merge(text(masters[0], "Id"), losers, _fields(masters[0]))
        body = _result(result)
        body["mergedRecordIds"] = losers if result.success else []
        body["updatedRelatedIds"] = []
        results.append(body)
    return results


def _convert_lead(ctx: Context, called: Call) -> list[dict[str, Any]]:
    results = []
    for asked in children(called.arguments, "leadConverts"):
        result = Dml(ctx).convert_lead(
            ConvertRequest(
                lead_id=text(asked, "leadId"),
                converted_status=text(asked, "convertedStatus"),
                account_id=text(asked, "accountId"),
                contact_id=text(asked, "contactId"),
                opportunity_id=text(asked, "opportunityId"),
                opportunity_name=text(asked, "opportunityName"),
                do_not_create_opportunity=text(asked, "doNotCreateOpportunity") == "true",
                overwrite_lead_source=text(asked, "overwriteLeadSource") == "true",
                owner_id=text(asked, "ownerId"),
            )
        )
        results.append(
            {
                "accountId": result.account_id,
                "contactId": result.contact_id,
                "errors": _errors(result.errors),
                "leadId": result.lead_id,
                "opportunityId": result.opportunity_id,
                "success": result.success,
            }
        )
    return results


def _page(ctx: Context, target: str) -> dict[str, Any]:
    response = dispatch(ctx.org, "GET", target, {}, b"", ctx=ctx)
    body = orjson.loads(response.content())
    if response.status != 200:
        raise ApiError(body[0]["errorCode"], body[0]["message"], status=500)
    return _query_result(body)


def _query_result(page: Mapping[str, Any]) -> dict[str, Any]:
    more = page.get("nextRecordsUrl")
    return {
        "done": page["done"],
        "queryLocator": more.rpartition("/")[2] if more else None,
        "records": [raw(_record("records", record)) for record in page.get("records", ())],
        "size": page["totalSize"],
    }


def _record(name: str, record: Mapping[str, Any]) -> str:
    """A REST record as an sObject element."""
    kind = record.get("attributes", {}).get("type", "AggregateResult")
    parts = [f"<sf:type>{escape(kind)}</sf:type>"]
    for key, value in record.items():
        if key == "attributes":
            continue
        if value is None:
            parts.append(f'<sf:{key} xsi:nil="true"/>')
        elif isinstance(value, Mapping) and "totalSize" in value:
            inner = "".join(_record("records", child) for child in value.get("records", ()))
            done = "true" if value["done"] else "false"
            parts.append(
                f'<sf:{key} xsi:type="QueryResult"><done>{done}</done>{inner}'
                f"<size>{value['totalSize']}</size></sf:{key}>"
            )
        elif isinstance(value, Mapping) and "attributes" in value:
            parts.append(_record(f"sf:{key}", value))
        elif isinstance(value, Mapping):
            inner = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in value.items() if v is not None)
            parts.append(f'<sf:{key} xsi:type="address">{inner}</sf:{key}>')
        elif isinstance(value, bool):
            parts.append(f"<sf:{key}>{'true' if value else 'false'}</sf:{key}>")
        else:
            parts.append(f"<sf:{key}>{escape(_plain(value))}</sf:{key}>")
    return f"<{name} xsi:type={quoteattr('sf:sObject')}>{''.join(parts)}</{name}>"


def _plain(value: Any) -> str:
    shown = str(value)
    return shown.replace(".000+0000", ".000Z") if shown.endswith(".000+0000") else shown


def _querying(resource: str) -> Callable[[Context, Call], dict[str, Any]]:
    def run(ctx: Context, called: Call) -> dict[str, Any]:
        soql = text(called.arguments, "queryString")
        return _page(ctx, f"/services/data/v{ctx.org.api_version}/{resource}?q={quote(soql)}")

    return run


def _query_more(ctx: Context, called: Call) -> dict[str, Any]:
    locator = text(called.arguments, "queryLocator")
    return _page(ctx, f"/services/data/v{ctx.org.api_version}/query/{quote(locator)}")


_OPERATIONS: dict[str, Callable[[Context, Call], Any]] = {
    "convertLead": _convert_lead,
    "getServerTimestamp": _get_server_timestamp,
    "getUserInfo": _get_user_info,
    "logout": _logout,
    "merge": _merge,
    "query": _querying("query"),
    "queryAll": _querying("queryAll"),
    "queryMore": _query_more,
    "undelete": _undelete,
}

ROUTES = [
    Route("POST", pattern, serve, auth=False, errors=fault, kind="soap", media=())
    for pattern in ("/services/Soap/<api>/<soap_version>", "/services/Soap/<api>/<soap_version>/<org_id>")
]
