"""The composition root: the only place that wires rooms together."""

from __future__ import annotations

import logging
import signal
import sys
from typing import Any

import click
import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.approvals.admin_routes import approvals_admin
from app.approvals.attachments.routes import attachments
from app.approvals.attachments.scanning import scanner_at
from app.approvals.form_routes import forms
from app.approvals.routes import approvals
from app.config import Settings
from app.db import Database
from app.deals.routes import deals
from app.listeners import APPROVALS, PARTNER_OBSERVERS, SYNC_OBSERVERS
from app.partners.admin import admin as partner_admin
from app.partners.assignments.routes import assigning
from app.partners.portal import portal
from app.partners.routes import partners
from app.queues import Queues
from app.records.routes import records
from app.services import locate
from app.web import health, oauth, problems, shield
from app.web.audit import audit
from app.web.operation import Services, api
from app.web.rate import Rates

#: A web process answers so many calls at once, each with a connection of its own.
THREADS = 8


def create_app(settings: Settings, *, threads: int = THREADS) -> Flask:
    """The web application. Connects when first asked. Raises Misconfigured without a database or Redis."""
    app = Flask("tandem", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    equip(app, settings, threads=threads)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    problems.install(app)
    shield.install(app)
    oauth.install(app)
    for blueprint in (
        health.health, audit, approvals, approvals_admin, attachments, deals, forms, partners, portal,
        partner_admin, assigning, records,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    api.app = app
    return app


def equip(app: Flask, settings: Settings, *, threads: int = THREADS) -> None:
    """Give the application what it works with: database, queues, limits, scanner, observers."""
    urls = locate(settings)
    queues = Queues(urls.redis)
    app.extensions["tandem"] = Services(
        settings, Database(urls.database, pool_size=threads), queues, Rates(queues.connection)
    )
    app.extensions["scanner"] = scanner_at(settings.clamd)
    app.extensions["approvals"] = APPROVALS.in_zone(settings.business_time_zone)
    app.extensions["partner_observers"] = PARTNER_OBSERVERS
    app.extensions["sync_observers"] = SYNC_OBSERVERS


def configure_logging() -> None:
    """One JSON object a line on standard error: a line break in a value cannot forge a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # locals hold secrets
            ),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1, 64))
def web(host: str, port: int, threads: int) -> None:
    """Serve the API until Ctrl-C."""
    from waitress import create_server

    configure_logging()
    app: Any = create_app(Settings.from_env(), threads=threads)
    try:
        server = create_server(app, host=host, port=port, threads=threads, ident=None)
    except OSError as error:
        raise click.ClickException(
            f"{host}:{port} cannot be used ({error.strerror}). Choose another one with --port."
        ) from None
    # Calls that are being answered are answered before the process ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    click.echo(f"Tandem answers at http://{host}:{port}", err=True)
    try:
        server.run()
    finally:
        server.close()
