"""Requests and answers, as every room of the sandbox sees them."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import parse_qs

import orjson

from app.sandbox.errors import ApiError

JSON = "application/json;charset=UTF-8"


class Headers(dict[str, str]):
    """Header names in any letter case; the last of several wins."""

    def __init__(self, pairs: Mapping[str, str] | None = None) -> None:
        super().__init__((name.lower(), value) for name, value in (pairs or {}).items())

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        """The header's value, or `default`."""
        return super().get(name.lower(), default)


class Request:
    """One request. `path` is still percent-encoded and without the query; `full_path` has it."""

    def __init__(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | BinaryIO = b"",
        *,
        base_url: str = "",
        client_address: str = "127.0.0.1",
    ) -> None:
        self.method = method.upper()
        self.full_path = target
        self.path, _, self.query_string = target.partition("?")
        self.headers = Headers(headers)
        #: scheme, host and port the client used
        self.base_url = base_url
        self.client_address = client_address
        self._raw: bytes | BinaryIO = body
        self._body: bytes | None = None
        self._query: dict[str, list[str]] | None = None

    @property
    def content_type(self) -> str:
        """The media type of the body without its parameters, in lower case; empty where none is named."""
        named: str = self.headers.get("content-type", "")
        return named.partition(";")[0].strip().lower()

    @property
    def stream(self) -> BinaryIO:
        """The raw body as a file, read once and not decompressed; for large uploads."""
        return io.BytesIO(self._raw) if isinstance(self._raw, bytes) else self._raw

    @property
    def body(self) -> bytes:
        """The whole body, decompressed."""
        if self._body is None:
            data = self._raw if isinstance(self._raw, bytes) else self._raw.read()
            encoding = self.headers.get("content-encoding", "").lower()
            try:
                if encoding == "gzip":
                    data = gzip.decompress(data)
                elif encoding == "deflate":
                    data = zlib.decompress(data)
            except (OSError, zlib.error, EOFError):
                raise ApiError("INVALID_CONTENT_ENCODING", f"The body is not valid {encoding}.") from None
            self._body = data
        return self._body

    @property
    def query(self) -> dict[str, list[str]]:
        """The query parameters, decoded."""
        if self._query is None:
            self._query = parse_qs(self.query_string, keep_blank_values=True)
        return self._query

    def parameter(self, name: str, default: str | None = None) -> str | None:
        """The first query parameter of that name, in any letter case."""
        for key, found in self.query.items():
            if key.lower() == name.lower():
                return found[0]
        return default

    def form(self) -> dict[str, str]:
        """The fields of an `application/x-www-form-urlencoded` body."""
        parsed = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: found[0] for name, found in parsed.items()}

    def json(self) -> Any:
        """The body as JSON; refuses with JSON_PARSER_ERROR."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise ApiError(
                "JSON_PARSER_ERROR", f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
            ) from None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        data = self.json()
        if not isinstance(data, dict):
            raise ApiError("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object.")
        return data


@dataclass(slots=True)
class Response:
    """One answer. `body` is bytes, or an iterable of bytes that is streamed."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON

    @classmethod
    def of(cls, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """A JSON answer. Exact numbers go in as `orjson.Fragment`."""
        return cls(status, orjson.dumps(data), headers or {})

    def content(self) -> bytes:
        """The whole body."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body)


def error_response(error: ApiError) -> Response:
    """The array with one error that REST answers; nothing at all for 304 and 412."""
    if error.status in (304, 412):
        return Response(error.status)
    return Response.of([error.rest()], error.status)
