"""The API of what holds for all partners: levels, onboarding, regions, certifications, agreements."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from app.kernel.errors import BadInput
from app.partners import agreements, catalogue, certificates, service, showing
from app.partners.routes import MANAGE, sync_soon, today
from app.partners.shapes import (
    Catalogue,
    CertificationIn,
    LevelIn,
    LevelPatch,
    PublishIn,
    RegionIn,
    StagePatch,
    VersionList,
    VersionOut,
    VersionQuery,
)
from app.web.operation import actor, operation, session
from app.words import say

admin = Blueprint("partner_admin", __name__, url_prefix="/api")
TAGS = ("Levels and agreements",)
LEVELS = "levels.manage"


def _whole() -> Catalogue:
    return showing.whole(session(), today())


@admin.get("/levels")
@operation("partner", "staff", answer=Catalogue, tags=TAGS)
def levels() -> Catalogue:
    """Levels, stages of onboarding, certifications and regions."""
    found = _whole()
    if actor().scope == "partner":  # how many partners there are is the company's business
        for level in found.levels:
            level.partners = 0
        for stage in found.activations:
            stage.partners = 0
    return found


@admin.post("/levels")
@operation("staff", answer=Catalogue, status=201, right=LEVELS, tags=TAGS)
def make_level(json: LevelIn) -> Catalogue:
    """Make a level."""
    changes = json.model_dump(exclude_none=True, exclude={"key"})
    catalogue.save_level(session(), actor(), json.key, changes, today(), new=True)
    return _whole()


@admin.patch("/levels/<key>")
@operation("staff", answer=Catalogue, right=LEVELS, tags=TAGS)
def change_level(key: str, json: LevelPatch) -> Catalogue:
    """Change a level. Partners keep the plan that they have."""
    catalogue.save_level(session(), actor(), key, json.model_dump(exclude_none=True), today(), new=False)
    sync_soon()
    return _whole()


@admin.patch("/activations/<key>")
@operation("staff", answer=Catalogue, right=LEVELS, tags=TAGS)
def change_stage(key: str, json: StagePatch) -> Catalogue:
    """Change the name or the checklist of a stage of onboarding."""
    catalogue.save_stage(session(), actor(), key, json.model_dump(exclude_none=True), today())
    sync_soon()
    return _whole()


@admin.post("/regions")
@operation("staff", answer=Catalogue, right=LEVELS, tags=TAGS)
def save_region(json: RegionIn) -> Catalogue:
    """Make or change a region."""
    catalogue.save_region(session(), actor(), json.key, json.name, json.countries)
    return _whole()


@admin.post("/certifications")
@operation("staff", answer=Catalogue, right=LEVELS, tags=TAGS)
def define_certification(json: CertificationIn) -> Catalogue:
    """Make or change a kind of certification."""
    certificates.define(
        session(), actor(), json.key, name=json.name, family=json.product_family,
        valid_months=json.valid_months,
    )  # fmt: skip
    return _whole()


@admin.post("/agreements")
@operation("staff", answer=VersionOut, status=201, right=MANAGE, tags=TAGS)
def publish(json: PublishIn) -> VersionOut:
    """Publish a new version of an agreement: every partner of its kinds is asked to accept it."""
    if not json.texts:
        raise BadInput(
            say("A version has a text."),
            fields={"texts": say("Give the whole text in one language at least.")},
        )
    made = agreements.publish(
        session(), actor(), json.agreement, json.texts, effective_on=json.effective_on or today(),
        accept_within_days=json.accept_within_days,
    )  # fmt: skip
    return showing.agreement(session(), agreements.id_of(session(), json.agreement, made), "", None)


@admin.get("/agreements")
@operation("staff", answer=VersionList, tags=TAGS)
def versions() -> VersionList:
    """Every version of every agreement: how many partners accepted it, and of how many it is asked."""
    return showing.versions(session())


@admin.get("/agreements/<uuid:version_id>")
@operation("partner", "staff", answer=VersionOut, tags=TAGS)
def read_version(version_id: UUID, query: VersionQuery) -> VersionOut:
    """A version of an agreement, to read; `sha256` goes back with the acceptance."""
    partner_id = actor().partner_id
    kind = service.get(session(), actor(), partner_id).kind if partner_id is not None else None
    return showing.agreement(session(), version_id, query.language, kind)
