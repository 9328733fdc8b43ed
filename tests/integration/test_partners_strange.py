"""Whatever is sent to the API of partners, it answers in words and never breaks."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.web import Company

STRANGE: list[Any] = [
    None, " ", "a\x00b", "\ud800", "x" * 5000, "0001-01-01", "9999-12-31", "NaN", -1, 2**70, 1.5, ["\x00"],
    [{"kind": "task", "key": "\x00", "title": "x"}], [{"kind": "task", "key": "x", "title": "\ud800"}],
    {"en": "\x00"}, {"\x00": "x"}, str(uuid4()),
]  # fmt: skip
#: What the other fields hold while one is strange, so that the strange one is reached.
USUAL: dict[str, Any] = {
    "level": "gold", "activation": "ramp_up", "reason": "x", "role": "finance", "task": "kick_off",
    "certification": "servo", "key": "some_key", "name": "Some name", "weight": "1", "texts": {"en": "x"},
    "requirements": [], "valid_months": 12, "countries": ["DE"],
}  # fmt: skip
ROOMS = (
    "/api/partner", "/api/levels", "/api/activations", "/api/regions", "/api/certifications",
    "/api/agreements", "/api/assignments",
)  # fmt: skip


def models(company: Company) -> list[tuple[str, str, set[str]]]:
    """Every write of these rooms: method, address, and the fields of its body as the description has them."""
    document = company.nobody.get("/openapi.json").get_json()
    found = []
    for path, methods in document["paths"].items():
        if not path.startswith(ROOMS):
            continue
        for method, described in methods.items():
            body = described.get("requestBody")
            if body:
                name = body["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
                fields = set(document["components"]["schemas"][name]["properties"])
                found.append((method.upper(), path, fields))
    return found


def test_no_strange_value_in_any_field_of_any_write_breaks_it(company: Company) -> None:
    partner = company.partner("Rhein Automation", billing_country="Germany")
    anna = company.partner_user(partner, roles=("admin",))
    manager = company.rep(rights=("partners.manage", "levels.manage"))
    manager.post("/api/certifications", key="servo", name="Servo")
    writes = models(company)
    assert len(writes) > 20
    broken = []
    for method, path, fields in writes:
        caller = anna if path.startswith("/api/partner/") else manager
        address = path.replace("{partner_id}", str(partner)).replace("{key}", "gold")
        address = address.replace("{version_id}", str(uuid4())).replace("{certification_id}", str(uuid4()))
        for field in sorted(fields):
            for value in STRANGE:
                body = {name: USUAL[name] for name in fields if name in USUAL} | {field: value}
                answer = caller.call(method, address, json=body)
                assert answer.status_code != 429
                if answer.status_code >= 500:
                    broken.append((method, path, field, repr(value)[:40]))
    assert broken == []


@pytest.mark.parametrize("value", ["\x00", "x" * 300, "%00", "../x", "ä"])
def test_no_strange_address_or_filter_breaks_a_list(company: Company, value: str) -> None:
    manager = company.rep(rights=("partners.manage", "levels.manage"))
    names = (
        "status",
        "kind",
        "level",
        "activation",
        "region",
        "country",
        "q",
        "sort",
        "cursor",
        "limit",
        "assigned",
    )
    for name in names:
        assert manager.get("/api/partners", **{name: value}).status_code in (200, 400)
    for name in ("subject", "record_id", "family"):
        assert manager.get("/api/assignments/proposal", **{name: value}).status_code in (400, 404)
    for path in ("/api/levels/", "/api/activations/"):
        answer = manager.call(
            "PATCH", path + value.replace("\x00", "%00").replace("/", ""), json={"name": "x"}
        )
        assert answer.status_code in (404, 405)
