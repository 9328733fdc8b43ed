"""The catalogue and agreements, as the API answers them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.partners import agreements, catalogue, certificates, levels
from app.partners.shapes import (
    Catalogue,
    CertificationOut,
    LevelOut,
    RegionOut,
    StageOut,
    VersionItem,
    VersionList,
    VersionOut,
)
from app.words import say

_HOLDERS = text(
    "SELECT about, key, count(*) AS partners FROM partner_period WHERE superseded_at IS NULL "
    "AND during @> CAST(:today AS date) GROUP BY 1, 2"
)


def whole(session: Session, today: date) -> Catalogue:
    """The company's levels and stages, and how many partners are at each."""
    holders = {(row.about, row.key): row.partners for row in session.execute(_HOLDERS, {"today": today})}
    return Catalogue(
        levels=[
            LevelOut(
                key=one.key, name=one.name, weight=one.weight, default_plan=one.plan,
                benefits=list(one.benefits), requirements=list(one.requirements), grace_days=one.grace_days,
                initial=one.initial, partners=holders.get(("level", one.key), 0),
            )
            for one in levels.levels(session)
        ],
        activations=[
            StageOut(
                key=one.key, name=one.name, position=one.position, requirements=list(one.requirements),
                partners=holders.get(("activation", one.key), 0),
            )
            for one in levels.stages(session)
        ],
        certifications=[CertificationOut(**row._mapping) for row in certificates.kinds(session)],
        regions=[RegionOut(**row._mapping) for row in catalogue.regions(session)],
    )  # fmt: skip


_VERSIONS = text("""
    SELECT v.id AS version_id, v.agreement, a.title, v.version, v.effective_on, v.published_at,
        v.published_by_name AS published_by, ARRAY(SELECT jsonb_object_keys(v.texts) ORDER BY 1) AS languages,
        v.version = max(v.version) OVER (PARTITION BY v.agreement) AND NOT a.retired AS latest,
        (SELECT count(*) FROM agreement_acceptance c WHERE c.version_id = v.id) AS accepted,
        (SELECT count(*) FROM partner p WHERE p.kind = ANY(a.kinds) AND p.status IN ('approved', 'active')
            AND NOT EXISTS (SELECT FROM agreement_acceptance c WHERE c.version_id = v.id
                            AND c.partner_account_id = p.account_id)) AS missing
    FROM agreement_version v JOIN agreement a ON a.key = v.agreement
    ORDER BY v.agreement, v.version DESC
""")


def versions(session: Session) -> VersionList:
    """Every version of every agreement, with how many partners accepted it and how many are asked."""
    return VersionList(
        items=[
            VersionItem(
                **{name: getattr(row, name) for name in VersionItem.model_fields if name != "asked"},
                asked=row.missing if row.latest else 0,
            )
            for row in session.execute(_VERSIONS)
        ]
    )


def agreement(session: Session, version_id: UUID, language: str, kind: str | None) -> VersionOut:
    """A version of an agreement in a language; without one in the first there is. Raises NotFound.

    kind: of the partner that reads, which reads its own agreements only; None for the company.
    """
    row = agreements.version(session, version_id)
    if kind is not None and kind not in row.kinds:
        raise NotFound(say("There is no such version of an agreement."))
    chosen = next((one for one in (language, language[:2], "en") if one in row.texts), min(row.texts))
    return VersionOut(
        version_id=row.id, agreement=row.agreement, title=row.title, version=row.version, language=chosen,
        languages=sorted(row.texts), text=row.texts[chosen], sha256=row.hashes[chosen],
        effective_on=row.effective_on, published_at=row.published_at,
    )  # fmt: skip
