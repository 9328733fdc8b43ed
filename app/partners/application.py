"""What becomes of a partner when its application is handed in, approved, rejected or taken back.

The workflow engine calls it; this room knows of a request only what `Application` says. Runs in the system's
name. Where no agreement is published for the partner's kind, there is nothing to accept and the approval
makes it active.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict
from app.partners import agreements, levels, people, service
from app.partners.lifecycle import WORDS, Kind, Move, Status
from app.partners.models import Partner
from app.partners.timeline import note
from app.words import Inside, say

#: Fields of the form that mean something here; the form may have more.
KIND, COUNTRIES, LEVEL, PEOPLE = "kind", "countries", "level", "people"


class Application(Protocol):
    """A request, as far as it matters here."""

    @property
    def number(self) -> str: ...
    @property
    def partner_account_id(self) -> UUID | None: ...
    @property
    def requester_id(self) -> UUID: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


class PartnerApplication:
    """The effect of the workflow `partner_application`."""

    def before(self, session: Session, request: Application, decision: str, extra: Mapping[str, Any]) -> None:
        """Refuse an application of a company that is a partner already. Raises Conflict, BadInput."""
        if decision not in ("submit", "approve"):
            return
        partner = service.find(session, _company(request))
        status = Status(partner.status) if partner is not None else None
        if status in (Status.ACTIVE, Status.APPROVED, Status.SUSPENDED):
            raise Conflict(
                say("This company is a partner already: {state}.", state=Inside(WORDS[status])),
                remedy=say("Nothing needs to be applied for."),
                code="partner_already",
                facts={"allowed": [], "status": status.value},
            )
        if decision == "approve" and status is not Status.APPLICANT:
            raise Conflict(
                say("This company no longer applies to be a partner."),
                remedy=say("Reject the application."),
                facts={"allowed": ["reject"]},
            )

    def happened(
        self,
        session: Session,
        request: Application,
        event: str,
        authorization: Any,
        actor: Actor,
        reason: str,
    ) -> None:
        """Let the partner follow its application."""
        day = service.today(session)
        if event in ("submitted", "edited"):
            submitted(session, request, actor, day)
        elif event == "approved":
            number = str(getattr(authorization, "number", "") or "")
            approved(session, request, actor, day, authorization_number=number)
        elif event == "rejected":
            rejected(session, request, actor, reason, day)
        elif event == "voided":
            taken_back(session, request, actor, reason, day)
        elif event in ("recalled", "expired", "cancelled") and not taken_back(
            session, request, actor, reason, day
        ):
            sentence = {
                "recalled": say("The application {number} was recalled.", number=request.number),
                "expired": say("The application {number} has expired.", number=request.number),
                "cancelled": say("The application {number} was cancelled.", number=request.number),
            }[event]
            _line(session, request, actor, f"application_{event}", sentence, reason)


def submitted(session: Session, request: Application, actor: Actor, day: date) -> Partner:
    """Make the company an applicant, of the kind that the form says. Safe to repeat."""
    company, kind = _company(request), _kind(request)
    partner = service.find(session, company)
    sentence = say("{who} applied for the partnership: {number}.", who=actor.name, number=request.number)
    if partner is None:
        return service.begin(session, actor, company, kind, status=Status.APPLICANT, sentence=sentence)
    if partner.status not in (Status.APPLICANT, Status.ENDED):
        taken_back(session, request, actor, "", day)
    if partner.status in (Status.APPLICANT, Status.ENDED):
        partner.kind = kind
        service.move(session, partner, Move.APPLY, actor, sentence, day=day)
    return partner


def approved(
    session: Session, request: Application, actor: Actor, day: date, *, authorization_number: str
) -> Partner:
    """The company said yes: first level and first stage of onboarding; the agreement waits for acceptance."""
    partner = service.find(session, _company(request))
    if partner is None:
        partner = submitted(session, request, actor, day)
    if partner.status != Status.APPLICANT:
        return partner
    _take(partner, request)
    sentence = (
        say(
            "{who} approved the application {number} ({authorization}).",
            who=actor.name,
            number=request.number,
            authorization=authorization_number,
        )
        if authorization_number
        else say("{who} approved the application {number}.", who=actor.name, number=request.number)
    )
    service.move(session, partner, Move.APPROVE, actor, sentence, day=day)
    _start(session, request, partner, actor, day)
    people.first_roles(session, actor, partner.account_id, _own_person(session, request, partner))
    _named_people(session, request, partner, actor)
    agreements.activate(session, partner, actor, day)
    return partner


def rejected(session: Session, request: Application, actor: Actor, reason: str, day: date) -> None:
    """The company said no; it may apply again."""
    partner = service.find(session, _company(request))
    if partner is None or partner.status != Status.APPLICANT:
        return
    sentence = say("{who} rejected the application {number}.", who=actor.name, number=request.number)
    service.move(session, partner, Move.REJECT, actor, sentence, day=day, reason=reason)


def taken_back(session: Session, request: Application, actor: Actor, reason: str, day: date) -> bool:
    """The approval no longer holds. A partner that has accepted stays one, and the company is told."""
    partner = service.find(session, _company(request))
    if partner is None or partner.status == Status.APPLICANT:
        return False
    if partner.status == Status.APPROVED:
        sentence = say("The approval of {number} was taken back.", number=request.number)
        service.move(session, partner, Move.REOPEN, actor, sentence, day=day, reason=reason)
        return True
    sentence = say(
        "The application {number} was changed or taken back after the partnership had begun. "
        "Suspend or end the partnership if it should not go on.",
        number=request.number,
    )
    note(
        session, partner.account_id, actor, "application_changed", sentence, reason=reason, visible="company"
    )
    return True


def _start(session: Session, request: Application, partner: Partner, actor: Actor, day: date) -> None:
    all_levels = {one.key: one for one in levels.levels(session)}
    wanted = str(request.values.get(LEVEL) or "")
    initial = next((one.key for one in all_levels.values() if one.initial), "")
    level = wanted if wanted in all_levels else initial
    why = say("Application {number} approved.", number=request.number)
    if level:
        levels.set_level(session, actor, partner, level, today=day, reason=why, start=day)
    stages = levels.stages(session)
    if stages:
        levels.set_activation(session, actor, partner, stages[0].key, today=day, reason=why)


def _take(partner: Partner, request: Application) -> None:
    partner.kind = _kind(request)
    countries = request.values.get(COUNTRIES)
    if isinstance(countries, list) and all(isinstance(one, str) and len(one) == 2 for one in countries):
        partner.countries = sorted({one.upper() for one in countries})


def _named_people(session: Session, request: Application, partner: Partner, actor: Actor) -> None:
    """Give the people whom the application names their roles, as far as the CRM knows them by their mail."""
    named = request.values.get(PEOPLE)
    known = {one["email"].casefold(): one for one in people.people(session, partner.account_id)}
    for line in named if isinstance(named, list) else ():
        mail = str(line.get("email", "")).casefold() if isinstance(line, Mapping) else ""
        one = known.get(mail) if mail else None
        role = next((role for role in people.ROLES if one is not None and line.get("role") == role), None)
        if one is None or role is None or (role == "admin" and not one["signs_in"]):
            continue
        people.give(session, actor, partner.account_id, role, one["user_id"] or one["contact_id"])


def _own_person(session: Session, request: Application, partner: Partner) -> UUID | None:
    own = {one["user_id"] for one in people.people(session, partner.account_id) if one["signs_in"]}
    return request.requester_id if request.requester_id in own else None


def _company(request: Application) -> UUID:
    if request.partner_account_id is None:
        raise BadInput(
            say("An application belongs to a company."),
            fields={"partner_account_id": say("Choose the account that applies.")},
        )
    return request.partner_account_id


def _kind(request: Application) -> Kind:
    return "distributor" if request.values.get(KIND) == "distributor" else "reseller"


def _line(
    session: Session, request: Application, actor: Actor, kind: str, sentence: str, reason: str
) -> None:
    if service.find(session, _company(request)) is not None:
        note(session, _company(request), actor, kind, sentence, reason=reason)
