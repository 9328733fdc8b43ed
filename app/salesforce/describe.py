"""What an org says about its objects, asked again only for changes.

Salesforce's "not modified" speaks of the object, not of the user's permissions: a field hidden or shown by
a permission set leaves it unmodified. Whoever wants to see that asks for a fresh description.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.salesforce.call import Bytes
from app.salesforce.errors import ErrorKind
from app.salesforce.explain import refusal
from app.salesforce.records import Record, errors_of
from app.salesforce.transport import Transport
from app.salesforce.wire import dumps

_BATCH = 25
_NOT_MODIFIED = frozenset({304})


@dataclass(frozen=True, slots=True)
class ObjectDescribe:
    """One object as Tandem's user sees it: a field hidden from the user is not in `fields`.

    raw is Salesforce's own description; fields maps each API name to its description.
    """

    name: str
    raw: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Any]]

    def field(self, name: str) -> Mapping[str, Any] | None:
        """The field of this API name in any case, or None."""
        found = self.fields.get(name)
        if found is not None:
            return found
        wanted = name.lower()
        return next((field for key, field in self.fields.items() if key.lower() == wanted), None)

    def picklist(self, name: str) -> list[str]:
        """The active values of a picklist field; empty when there is no such field."""
        field = self.field(name) or {}
        return [item["value"] for item in field.get("picklistValues") or () if item.get("active")]


class Describes:
    """Descriptions with the time they were last changed, so that an unchanged one costs no body."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._mutex = threading.Lock()
        self._kept: dict[str, tuple[str, Any]] = {}

    def all(self, *, fresh: bool) -> list[Record]:
        """Every object of the org that the user may see."""
        objects: list[Record] = self._fetch("sobjects", fresh)["sobjects"]
        return objects

    def one(self, sobject: str, *, fresh: bool) -> ObjectDescribe:
        """One object. Raises a SalesforceError when there is none or the user may not see it."""
        return _object(self._fetch(f"sobjects/{sobject}/describe", fresh))

    def many(self, sobjects: Sequence[str]) -> dict[str, ObjectDescribe]:
        """Those of the objects that exist, by the name asked for, 25 a call."""
        found: dict[str, ObjectDescribe] = {}
        version = self._transport.connection.api_version
        for start in range(0, len(sobjects), _BATCH):
            names = sobjects[start : start + _BATCH]
            parts = [{"method": "GET", "url": f"v{version}/sobjects/{name}/describe"} for name in names]
            answer = self._transport.call(
                "POST",
                "composite/batch",
                kind="describe",
                body=Bytes(dumps({"batchRequests": parts})),
                safe_to_repeat=True,
            )
            for name, item in zip(names, answer.body["results"], strict=True):
                if item["statusCode"] == 200:
                    found[name] = _object(item["result"])
                    continue
                error = errors_of(item["result"], item["statusCode"])[0]
                if error.kind not in {ErrorKind.SCHEMA, ErrorKind.IDENTITY}:
                    raise refusal(error.code, error.message, item["statusCode"], where=f"describe {name}")
        return found

    def _fetch(self, url: str, fresh: bool) -> Any:
        with self._mutex:
            kept = None if fresh else self._kept.get(url)
        headers = {"If-Modified-Since": kept[0]} if kept else {}
        answer = self._transport.call("GET", url, kind="describe", headers=headers, allow=_NOT_MODIFIED)
        if answer.status == 304 and kept:
            return kept[1]
        changed = answer.headers.get("Last-Modified")
        if changed:
            with self._mutex:
                self._kept[url] = (changed, answer.body)
        return answer.body


def _object(body: Mapping[str, Any]) -> ObjectDescribe:
    return ObjectDescribe(body["name"], body, {field["name"]: field for field in body["fields"]})
