"""Whom an answer speaks to: what the call asks for, else what the CRM says of the caller, else English."""

from __future__ import annotations

from flask import g, request

from app.words import LANGUAGES, Tongue, language_of, tongue_of


def wanted() -> str:
    """The language that the call asks for with `Accept-Language`, as `de` or `de-AT`; empty without one."""
    for code in request.accept_languages.values():
        if language_of(code) != "en" or code.split("-")[0].lower() == LANGUAGES[0]:
            return str(code)
    return ""


def tongue() -> Tongue:
    """How whoever calls reads."""
    found: Tongue | None = g.get("tongue")
    if found is None:
        person = g.get("person")
        asked = wanted() or (person.language if person else "")
        found = g.tongue = tongue_of(
            asked, person.locale if person else "", person.time_zone if person else ""
        )
    return found
