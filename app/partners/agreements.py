"""Agreements: versions of a text, who accepted which exact one, and what waits for acceptance.

A version is never changed: another text is another version, and each partner is asked anew. What was read is
told by the text's SHA-256, which the acceptance names and keeps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit import record
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotFound
from app.partners import people, service
from app.partners.lifecycle import WORDS, Move, Status
from app.partners.models import Partner
from app.partners.timeline import note
from app.words import Inside, one_of, say

LONGEST = 500_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A version that a partner has not accepted, and the last day to do so."""

    version_id: UUID
    agreement: str
    title: str
    version: int
    languages: Sequence[str]
    effective_on: date
    due_on: date


def publish(
    session: Session,
    actor: Actor,
    agreement: str,
    texts: Mapping[str, str],
    *,
    effective_on: date,
    accept_within_days: int = 30,
) -> int:
    """Publish a new version: language code → the whole text; the version's number.

    The same texts as in the latest version publish nothing and give its number. Raises NotFound for an
    unknown agreement, BadInput for texts that cannot be read.
    """
    known = session.execute(
        text("SELECT key FROM agreement WHERE key = :key AND NOT retired FOR UPDATE"),
        {"key": agreement if agreement.isidentifier() else ""},
    ).first()
    if known is None:
        raise NotFound(
            say("There is no agreement {agreement}.", agreement=agreement),
            remedy=say("Look at `tandem agreements list`."),
        )
    if not 2000 <= effective_on.year <= 2200:
        raise BadInput(
            say("This version cannot be published."),
            fields={"effective_on": say("Give a day between the years 2000 and 2200.")},
        )
    clean = {language.strip().lower(): words.strip() for language, words in texts.items() if words.strip()}
    faults = {
        f"texts.{language}": say(
            "Name the language by its code, such as en, and keep to {most} characters.", most=LONGEST
        )
        for language, words in clean.items()
        if not (2 <= len(language) <= 8 and language.isascii()) or len(words) > LONGEST or "\x00" in words
    }
    if not clean or faults:
        raise BadInput(
            say("This version cannot be published."),
            fields=faults or {"texts": say("Give the text in one language at least.")},
        )
    hashes = {language: sha256(words) for language, words in clean.items()}
    latest = session.execute(
        text(
            "SELECT version, hashes FROM agreement_version WHERE agreement = :key "
            "ORDER BY version DESC LIMIT 1"
        ),
        {"key": agreement},
    ).first()
    if latest is not None and latest.hashes == hashes:
        return int(latest.version)
    version = (latest.version if latest is not None else 0) + 1
    session.execute(
        text(
            "INSERT INTO agreement_version (agreement, version, texts, hashes, effective_on, "
            "accept_within_days, published_by_name) VALUES (:agreement, :version, CAST(:texts AS jsonb), "
            "CAST(:hashes AS jsonb), :effective, :within, :by)"
        ),
        {
            "agreement": agreement, "version": version, "texts": json.dumps(clean),
            "hashes": json.dumps(hashes), "effective": effective_on, "within": accept_within_days,
            "by": actor.name,
        },
    )  # fmt: skip
    record(
        session, actor, "agreement.publish", subject=("agreement", agreement),
        after={"version": version, "hashes": hashes, "effective_on": effective_on},
    )  # fmt: skip
    return version


def sha256(words: str) -> str:
    """The fingerprint of a text, in hexadecimal digits."""
    return hashlib.sha256(words.encode()).hexdigest()


_LATEST = """
    SELECT DISTINCT ON (v.agreement) v.id, v.agreement, a.title, v.version, v.texts, v.hashes, v.effective_on,
        v.accept_within_days, v.published_at
    FROM agreement_version v JOIN agreement a ON a.key = v.agreement AND NOT a.retired
    WHERE CAST(:kind AS text) = ANY(a.kinds)
    ORDER BY v.agreement, v.version DESC
"""

_WAITING = text(f"""
    SELECT l.* FROM ({_LATEST}) l
    WHERE NOT EXISTS (SELECT FROM agreement_acceptance c WHERE c.version_id = l.id
                      AND c.partner_account_id = :partner)
    ORDER BY l.agreement
""")  # noqa: S608  # our own constant


def waiting(session: Session, partner: Partner) -> list[Waiting]:
    """What the partner is asked to accept: the latest version of each agreement that it has not accepted.

    The time to accept runs from the day the version is published or holds, or from the partner's approval,
    whichever comes last.
    """
    found = []
    for row in session.execute(_WAITING, {"partner": partner.account_id, "kind": partner.kind}):
        begins = max(row.published_at.date(), row.effective_on)
        if partner.status == Status.APPROVED:
            begins = max(begins, partner.status_since.date())
        found.append(
            Waiting(
                row.id, row.agreement, row.title, row.version, sorted(row.texts), row.effective_on,
                begins + timedelta(days=row.accept_within_days),
            )
        )  # fmt: skip
    return found


def id_of(session: Session, agreement: str, number: int) -> UUID:
    """The id of a version by its number."""
    found: UUID = session.execute(
        text("SELECT id FROM agreement_version WHERE agreement = :key AND version = :number"),
        {"key": agreement, "number": number},
    ).scalar_one()
    return found


def version(session: Session, version_id: UUID) -> Any:
    """One version with its texts. Raises NotFound."""
    row = session.execute(
        text(
            "SELECT v.id, v.agreement, a.title, v.version, v.texts, v.hashes, v.effective_on, a.kinds, "
            "v.published_at FROM agreement_version v JOIN agreement a ON a.key = v.agreement "
            "WHERE v.id = :id"
        ),
        {"id": version_id},
    ).first()
    if row is None:
        raise NotFound(say("There is no such version of an agreement."))
    return row


def acceptances(session: Session, partner_id: UUID) -> list[Any]:
    """What the partner accepted, the latest first."""
    return list(
        session.execute(
            text(
                "SELECT c.version_id, v.agreement, a.title, v.version, c.language, c.sha256, c.user_name, "
                "c.name_typed, c.accepted_at FROM agreement_acceptance c "
                "JOIN agreement_version v ON v.id = c.version_id JOIN agreement a ON a.key = v.agreement "
                "WHERE c.partner_account_id = :partner ORDER BY c.accepted_at DESC, c.id"
            ),
            {"partner": partner_id},
        )
    )


@dataclass(frozen=True, slots=True)
class Signature:
    """How somebody accepts: the language and the fingerprint of what was read, and the own name, typed."""

    language: str
    sha256: str
    name_typed: str
    user_agent: str = ""
    remote_address: str = ""


def accept(session: Session, actor: Actor, version_id: UUID, signature: Signature, day: date) -> Partner:
    """Accept a version for the own company; an approved partner becomes active. Twice is the same as once.

    Raises NotAllowed for people who do not administer the company, Conflict for a version that another has
    replaced, BadInput where another text was read than the one that is kept.
    """
    assert actor.partner_id is not None
    assert actor.user_id is not None
    people.require_role(session, actor, "admin")
    partner = service.get(session, actor, actor.partner_id, lock=True)
    with as_system(session):
        wanted = version(session, version_id)
        if any(one.version_id == version_id for one in acceptances(session, partner.account_id)):
            return partner
        if partner.status not in (Status.APPROVED, Status.ACTIVE):
            raise Conflict(
                say(
                    "The partnership is {state}: nothing can be accepted now.",
                    state=Inside(WORDS[Status(partner.status)]),
                ),
                facts={"allowed": [], "status": partner.status},
            )
        if version_id not in {one.version_id for one in waiting(session, partner)}:
            raise Conflict(
                say("Another version has replaced this one."),
                remedy=say("Read and accept the newest version."),
                code="agreement_replaced",
                facts={"allowed": ["accept the newest version"]},
            )
        _check(wanted, signature)
        now: datetime = service.now(session)
        session.execute(
            text(
                "INSERT INTO agreement_acceptance (partner_account_id, version_id, language, sha256, "
                "user_id, user_name, name_typed, user_agent, remote_address, accepted_at) "
                "VALUES (:partner, :version, :language, :sha256, :user, :name, :typed, :agent, :address, :at)"
            ),
            {
                "partner": partner.account_id, "version": version_id, "language": signature.language,
                "sha256": signature.sha256, "user": actor.user_id, "name": actor.name,
                "typed": signature.name_typed.strip(), "agent": signature.user_agent[:400],
                "address": signature.remote_address[:100], "at": now,
            },
        )  # fmt: skip
        sentence = say(
            "{who} accepted {title}, version {version}.",
            who=actor.name,
            title=wanted.title,
            version=wanted.version,
        )
        note(
            session, partner.account_id, actor, "agreement_accepted", sentence,
            after={
                "agreement": wanted.agreement, "version": wanted.version, "sha256": signature.sha256,
                "language": signature.language, "name_typed": signature.name_typed.strip(),
            },
        )  # fmt: skip
        activate(session, partner, actor, day)
    return partner


def activate(session: Session, partner: Partner, actor: Actor, day: date) -> bool:
    """Make an approved partner active once nothing waits for acceptance; whether it did."""
    if partner.status != Status.APPROVED or waiting(session, partner):
        return False
    sentence = say("The partnership is active.")
    service.move(session, partner, Move.ACTIVATE, actor, sentence, day=day)
    return True


def _check(wanted: Any, signature: Signature) -> None:
    faults: dict[str, str] = {}
    kept = wanted.hashes.get(signature.language)
    if kept is None:
        faults["language"] = one_of(sorted(wanted.hashes))
    elif signature.sha256.lower() != kept:
        faults["sha256"] = say("This is not the text that was shown. Read it again and accept it then.")
    if len(signature.name_typed.strip()) < 2:
        faults["name_typed"] = say("Type your name.")
    if faults:
        raise BadInput(say("The agreement was not accepted."), fields=faults)


def overdue(session: Session, day: date) -> int:
    """Write once into the timeline of each partner that a version is overdue; how many lines."""
    told = 0
    rows = session.execute(text("SELECT account_id FROM partner WHERE status IN ('approved', 'active')"))
    for (partner_id,) in rows.all():
        partner = service.find(session, partner_id)
        assert partner is not None
        for one in waiting(session, partner):
            kind = f"overdue:{one.version_id}"
            if one.due_on >= day or _told(session, partner_id, kind):
                continue
            sentence = say(
                "{title}, version {version}, was to be accepted by {day} and is not.",
                title=one.title,
                version=one.version,
                day=one.due_on,
            )
            note(session, partner_id, _CALENDAR, kind, sentence, audited=False)
            told += 1
    return told


def _told(session: Session, partner_id: UUID, kind: str) -> bool:
    found = session.execute(
        text("SELECT EXISTS (SELECT FROM partner_event WHERE partner_account_id = :id AND kind = :kind)"),
        {"id": partner_id, "kind": kind},
    )
    return bool(found.scalar_one())


_CALENDAR = Actor("system", "Tandem")
