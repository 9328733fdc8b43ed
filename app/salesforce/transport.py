"""One HTTP call to Salesforce, safely.

simple_salesforce holds the session and the addresses. Its own call method is not used: it has no timeout,
turns each answer from 300 on into an exception without its headers (304 and 412 are answers to us, and
every answer carries the org's clock and limits), follows no retry but an unbounded one on 401, and loses
the caller's headers on that. Here every attempt has all its headers, a time limit and a place in the
budget; there is one renewal of the session and a fixed number of attempts.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from random import SystemRandom
from typing import IO, Any

import requests
import urllib3
from simple_salesforce.api import Salesforce

from app.salesforce.budget import Budget
from app.salesforce.call import Answer, Body, Expect, Limits
from app.salesforce.connection import Connection
from app.salesforce.errors import (
    AuthError,
    ErrorKind,
    QueryTimeout,
    QuotaExceeded,
    SalesforceError,
    SalesforceUnavailable,
)
from app.salesforce.explain import refusal
from app.salesforce.explain_signin import explain_network
from app.salesforce.login import http_session
from app.salesforce.records import errors_of
from app.salesforce.tokens import Token, TokenCache
from app.salesforce.wire import loads, parse_http_date

_CHUNK = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class _NoAnswer(Exception):
    """The attempt brought no usable answer. never_sent: the request cannot have had an effect."""

    def __init__(self, error: BaseException | str, *, never_sent: bool = False) -> None:
        self.error = error
        self.never_sent = never_sent
        super().__init__(str(error))


class Transport:
    """Calls to one org from any number of threads."""

    def __init__(
        self,
        connection: Connection,
        tokens: TokenCache,
        budget: Budget,
        *,
        headers: Mapping[str, str],
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.connection = connection
        self.tokens = tokens
        self.budget = budget
        self.headers = {**headers, "Accept-Encoding": "gzip"}
        self.limits = limits or Limits()
        self._server_time: datetime | None = None
        self._mine = threading.local()
        self._sleep = sleep
        self._random = SystemRandom()
        self._idle: list[requests.Session] = []
        self._mutex = threading.Lock()

    @property
    def server_time(self) -> datetime | None:
        """The org's clock at the last answer to this thread, else to any; None before the first."""
        mine: datetime | None = getattr(self._mine, "server_time", None)
        return mine or self._server_time

    def close(self) -> None:
        """Close the idle connections. The session in Salesforce stays: others use it."""
        with self._mutex:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        kind: str,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        safe_to_repeat: bool = False,
        expect: Expect = "json",
        target: Path | None = None,
        allow: frozenset[int] = frozenset(),
    ) -> Answer:
        """One API call, repeated within the limits where that cannot do harm.

        url: relative to the version's root (`sobjects`), or a path of the org (`/services/…`).
        kind: what the budget counts it as. safe_to_repeat: a write whose repetition changes nothing; a GET
        always is. An answer that says "not done" (401, a lock, a refused connection) is repeated in any
        case. target: with expect="file", where the body goes. allow: statuses beyond 2xx to hand back.
        Raises a SalesforceError; its `refused` says whether a write surely had no effect.
        """
        repeatable = safe_to_repeat or method == "GET"
        deadline = time.monotonic() + self.limits.total
        stale: Token | None = None
        attempt = 0
        while True:
            attempt += 1
            error: SalesforceError
            try:
                token = self.tokens.token() if stale is None else self.tokens.renew(stale)
                self.budget.spend(kind)
                answer = self._attempt(
                    token, method, url, body, headers, content_type, expect, target, allow, deadline
                )
            except _NoAnswer as failure:
                error = self._unanswered(failure, method, url, attempt)
                again = repeatable or failure.never_sent
            except SalesforceUnavailable as failure:
                # The sign-in got no answer. A refresh token may have been used up by the lost one.
                error, again = failure, self.connection.grant != "refresh_token"
            else:
                if 200 <= answer.status < 300 or answer.status in allow:
                    return answer
                error = self._refusal(answer, method, url)
                if isinstance(error, AuthError) and stale is None and answer.status in {400, 401}:
                    stale = token
                    attempt -= 1
                    continue
                again = repeatable or error.refused
            retry = isinstance(error, SalesforceUnavailable) and not isinstance(error, QueryTimeout)
            if not (retry and again) or attempt >= self.limits.attempts:
                raise error
            ceiling = min(self.limits.longest_pause, self.limits.pause * 2**attempt)
            pause = self._random.uniform(0, ceiling)
            if time.monotonic() + pause >= deadline:
                raise error
            self._sleep(pause)

    def _attempt(
        self,
        token: Token,
        method: str,
        url: str,
        body: Body | None,
        headers: Mapping[str, str] | None,
        content_type: str,
        expect: Expect,
        target: Path | None,
        allow: frozenset[int],
        deadline: float,
    ) -> Answer:
        left = max(0.001, deadline - time.monotonic())
        timeout = (min(self.limits.connect, left), min(self.limits.read, left))
        sent = {**self.headers, "Authorization": f"Bearer {token.access_token}", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = content_type
        reader = body.open() if body is not None else None
        try:
            with (
                self._lease() as session,
                session.request(
                    method,
                    self._address(token, session, url),
                    data=reader,
                    headers=sent,
                    timeout=timeout,
                    stream=True,
                    allow_redirects=False,
                ) as response,
            ):
                self._note(response.headers)
                ok = 200 <= response.status_code < 300
                if ok and expect == "file" and target is not None:
                    with target.open("wb") as file:
                        self._copy(response, file, deadline)
                    return Answer(response.status_code, response.headers, None)
                buffer = BytesIO()
                self._copy(response, buffer, deadline)
                content = buffer.getvalue()
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, zlib.error) as error:
            raise _NoAnswer(error, never_sent=_never_sent(error)) from error
        finally:
            if reader is not None and not isinstance(reader, bytes):
                reader.close()
        return Answer(response.status_code, response.headers, _parse(content, ok, expect))

    def _copy(self, response: requests.Response, target: IO[bytes], deadline: float) -> None:
        # Not iter_content: it waits for a full chunk, so an answer that trickles in would outlive any limit,
        # and it takes half a compressed body for a whole one.
        packed = response.headers.get("Content-Encoding", "").lower() == "gzip"
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16) if packed else None
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            target.write(unpacker.decompress(chunk) if unpacker else chunk)
            if time.monotonic() > deadline:
                raise _NoAnswer(f"the answer was not complete after {self.limits.total:g} seconds")
        if unpacker and not unpacker.eof and response.status_code not in {204, 304}:
            raise _NoAnswer("the answer was cut short")

    def _note(self, headers: Mapping[str, str]) -> None:
        moment = parse_http_date(headers.get("Date"))
        if moment is not None:
            self._server_time = self._mine.server_time = moment
        self.budget.observe(headers.get("Sforce-Limit-Info"))

    def _address(self, token: Token, session: requests.Session, url: str) -> str:
        org = Salesforce(
            session_id=token.access_token,
            instance_url=token.instance_url,
            version=self.connection.api_version,
            session=session,
        )
        if url.startswith("/services/"):
            return f"https://{org.sf_instance}{url}"
        if url.startswith("/") or "://" in url.partition("?")[0]:
            raise ValueError(f"{url!r} is not an address inside the org")
        return org.base_url + url

    @contextmanager
    def _lease(self) -> Iterator[requests.Session]:
        """A session that no other thread uses at the moment: requests' sessions are not thread-safe."""
        with self._mutex:
            session = self._idle.pop() if self._idle else None
        if session is None:
            session = http_session(self.connection)
        try:
            yield session
        finally:
            with self._mutex:
                self._idle.append(session)

    def _refusal(self, answer: Answer, method: str, url: str) -> SalesforceError:
        if answer.status in _REDIRECTS:
            return AuthError(
                "the org sends Tandem to another address.",
                http_status=answer.status,
                where=_place(method, url),
                remedy="Its My Domain may have changed: run `tandem connect` with the address in Setup → My "
                "Domain.",
            )
        first = errors_of(answer.body, answer.status)[0]
        error = refusal(
            first.code, first.message, answer.status, fields=first.fields, where=_place(method, url)
        )
        # Other limits (bulk batches, storage) leave the org's other calls alone.
        used_up = isinstance(error, QuotaExceeded) and first.code == "REQUEST_LIMIT_EXCEEDED"
        return self.budget.exhausted() if used_up else error

    def _unanswered(self, failure: _NoAnswer, method: str, url: str, attempt: int) -> SalesforceError:
        if isinstance(failure.error, BaseException):
            what, remedy = explain_network(failure.error, self.connection.ca_file)
        else:
            what, remedy = f"{failure.error}.", "Tandem tries again by itself."
        tries = f" Tried {attempt} times." if attempt > 1 else ""
        return SalesforceUnavailable(
            what + tries,
            kind=ErrorKind.TRANSIENT,
            where=_place(method, url),
            remedy=remedy,
            refused=failure.never_sent,
        )


def _parse(content: bytes, ok: bool, expect: Expect) -> Any:
    """The body: JSON where there is some. A good status with half a JSON text or a web page is no answer."""
    if not content:
        return None
    if ok and expect != "json":
        return content.decode("utf-8")
    try:
        return loads(content)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        if ok:
            raise _NoAnswer("the answer was cut short or is not JSON") from error
        return None


def _never_sent(error: Exception) -> bool:
    """Whether the connection did not come about, so that nothing can have happened."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


def _place(method: str, url: str) -> str:
    return f"{method} {url.partition('?')[0]}"
