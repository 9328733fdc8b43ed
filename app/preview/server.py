"""Serves the pages and stands in for Salesforce's session and Named Credential. For one's own machine only.

A browser holds a session cookie, as with Salesforce; Tandem's token stays here, and is exchanged anew when it
has ended, as a Named Credential does.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask, Request, Response, jsonify, redirect, request, send_from_directory

from app.demo.crm import SECONDS
from app.kernel.errors import BadInput, NotAllowed, NotFound, TandemError
from app.preview.people import People, User, away
from app.web.language import wanted
from app.words import say, tongue_of

COOKIE = "tandem_preview"
LARGEST_BODY = 30_000_000
#: The calls of components that go on to the API; everything else of the API is not for pages.
FORWARDED = "/api/"
#: Headers of the API that a page may see.
PASSED_ON = ("Content-Type", "Content-Disposition", "Retry-After", "X-Request-Id")
HEADERS = {
    "Content-Security-Policy": (
        # Lightning's own policy allows inline styles as well: components bring theirs along.
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Addresses that the pages' router makes something of.
PAGES = ("/", "/lightning/", "/lightning/<path:_rest>", "/partners/", "/partners/<path:_rest>")


@dataclass
class Session:
    """Somebody who is signed in. seen: when they last did something, in seconds of the monotonic clock."""

    user: User
    token: str
    seen: float
    renewing: threading.Lock = field(default_factory=threading.Lock)


class Sessions:
    """Who is signed in; a session ends after so many idle seconds."""

    def __init__(self, idle_seconds: float) -> None:
        self.idle_seconds = idle_seconds
        self._kept: dict[str, Session] = {}

    def open(self, user: User, token: str) -> str:
        """Begin a session; its secret."""
        secret = secrets.token_urlsafe(32)
        self._kept[secret] = Session(user, token, time.monotonic())
        return secret

    def of(self, request: Request) -> Session | None:
        """Whose request this is; None when the session has ended."""
        session = self._kept.get(request.cookies.get(COOKIE, ""))
        if session is None:
            return None
        now = time.monotonic()
        if now - session.seen > self.idle_seconds:
            self.close(request)
            return None
        session.seen = now
        return session

    def close(self, request: Request) -> None:
        """End it."""
        self._kept.pop(request.cookies.get(COOKIE, ""), None)


def create_server(people: People, pages: Path, *, idle_seconds: float) -> Flask:
    """The application. pages: the built ones."""
    app = Flask("tandem-preview", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    sessions = Sessions(idle_seconds)

    @app.before_request
    def only_from_here() -> None:
        # Another site's page may not act as whoever is signed in here, nor come by a name of its own.
        if urlsplit(f"//{request.host}").hostname not in ("127.0.0.1", "localhost", "::1"):
            raise NotAllowed(say("The preview answers on this machine only."))
        origin = request.headers.get("Origin")
        if origin and urlsplit(origin).netloc != request.host:
            raise NotAllowed(say("This call comes from another site."))

    @app.after_request
    def headers(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    @app.errorhandler(TandemError)
    def problem(error: TandemError) -> tuple[Response, int]:
        reader = tongue_of(wanted())
        return _problem(error.status, error.error_code, reader.says_all(error.what, error.remedy))

    for address in PAGES:
        app.add_url_rule(address, f"page {address}", lambda _rest="": _file(pages, "index.html"))

    @app.get("/preview/people")
    def everybody() -> Response:
        return jsonify(people.everybody())

    @app.get("/preview/session")
    def present() -> Any:
        session = sessions.of(request)
        if session is None:
            return jsonify(None)
        return jsonify(user=session.user.document(), permissions=[])

    @app.post("/preview/session")
    def sign_in() -> Response:
        username = (request.get_json(silent=True) or {}).get("username")
        if not isinstance(username, str):
            raise BadInput(say("Say who: a username."))
        user = people.user(username)
        sessions.close(request)
        answer = jsonify(user=user.document(), permissions=[])
        answer.set_cookie(
            COOKIE, sessions.open(user, people.token(username)), httponly=True, samesite="Strict"
        )
        return answer

    @app.delete("/preview/session")
    def sign_out() -> Response:
        sessions.close(request)
        answer = Response(status=204)
        answer.delete_cookie(COOKIE)
        return answer

    @app.route("/tandem/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def forward(path: str) -> Any:
        session = sessions.of(request)
        if session is None:
            return _problem(401, "session_ended", "")
        # The address as it came: a decoded `..` or `%2F` must not lead elsewhere.
        target = request.full_path.rstrip("?").removeprefix("/tandem")
        if not f"/{path}".startswith(FORWARDED) or ".." in path.split("/"):
            raise NotFound(say("The pages call nothing there."))
        token = session.token
        answer = _call(people.tandem + target, token)
        if answer.status_code == 401:
            with session.renewing:
                if session.token == token:
                    session.token = people.token(session.user.username)
            answer = _call(people.tandem + target, session.token)
        passed = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
        return Response(answer.content, status=answer.status_code, headers=passed)

    @app.get("/<path:path>")
    def asset(path: str) -> Response:
        return _file(pages, path)

    @app.get("/favicon.ico")
    def icon() -> Any:
        return redirect("/favicon.svg")

    return app


def _call(url: str, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    for name in ("Content-Type", "Accept", "Idempotency-Key", "Accept-Language"):
        if name in request.headers:
            headers[name] = request.headers[name]
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                request.method,
                url,
                data=request.get_data() or None,
                headers=headers,
                timeout=SECONDS,
                allow_redirects=False,
            )
    except requests.RequestException:
        raise away() from None


def _problem(status: int, code: str, detail: str) -> tuple[Response, int]:
    answer = jsonify(status=status, code=code, detail=detail)
    answer.mimetype = "application/problem+json"
    return answer, status


def _file(pages: Path, path: str) -> Response:
    packed = path + ".gz"
    accepts = "gzip" in request.headers.get("Accept-Encoding", "")
    if accepts and (pages / packed).is_file():
        answer = send_from_directory(pages, packed, conditional=True)
        answer.headers["Content-Encoding"] = "gzip"
        answer.mimetype = _KINDS.get(Path(path).suffix, "application/octet-stream")
    else:
        answer = send_from_directory(pages, path, conditional=True)
    answer.headers["Vary"] = "Accept-Encoding"
    # The names stay while the sources change: the browser asks each time, and is told "unchanged".
    answer.headers["Cache-Control"] = "no-cache"
    return answer


_KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
