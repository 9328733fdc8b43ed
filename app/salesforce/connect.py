"""From nothing to a working connection: one check after the other, each with its own sentence.

A check that fails ends the list where nothing after it could work; independent ones go on.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import requests

from app.kernel.errors import TandemError
from app.salesforce.budget import Budget
from app.salesforce.capabilities import OrgCapabilities
from app.salesforce.connection import Connection
from app.salesforce.errors import AuthError, ErrorKind, SalesforceError
from app.salesforce.explain_signin import SIGN_IN_STAGES, explain_network, sign_in_stage
from app.salesforce.gateway import Gateway
from app.salesforce.login import clock_difference, http_session, load_key
from app.salesforce.tokens import TokenCache

#: A machine's clock this far off makes assertions fail now and then.
_CLOCK_SECONDS = 120
_PERMISSION_SETS = "Setup → Permission Sets"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. ok: the check passed. remedy: what to do, where it did not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the mappings want: fields to see and fields to write, by SObject; objects to create."""

    visible: Mapping[str, set[str]]
    writable: Mapping[str, set[str]]
    creatable: frozenset[str] = frozenset()


def check_connection(
    connection: Connection, needs: Needs, *, token_cache: TokenCache | None = None
) -> Iterator[Check]:
    """Check address, key, app, user, limits, objects and fields; yields each outcome as it is known.

    Costs a handful of API calls. Raises nothing that an org or a network can cause.
    """
    address = _address(connection)
    yield address
    if not address.ok:
        return
    if connection.grant == "jwt":
        key = _key(connection)
        yield key
        if not key.ok and not _readable(connection):
            return
    tokens = token_cache or TokenCache(connection)
    signed_in = True
    for check in _sign_in(tokens):
        signed_in = signed_in and check.ok
        yield check
    if not signed_in:
        return
    with Gateway(connection, token_cache=tokens, budget=Budget(share=1.0, reserve=0.0)) as gateway:
        for check in _org(gateway, needs):
            yield check
            if not check.ok and check.name in {"API access", "Org"}:
                return


def _address(connection: Connection) -> Check:
    url = f"{connection.login_url}/services/data"
    try:
        with http_session(connection) as session:
            answer = session.get(url, timeout=(10, 30), allow_redirects=False)
    except (requests.RequestException, OSError) as error:
        what, remedy = explain_network(error, connection.ca_file)
        return Check("Address", False, f"{connection.login_url}: {what}", remedy)
    try:
        versions = {item["version"] for item in orjson.loads(answer.content)}
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return Check(
            "Address",
            False,
            f"{connection.login_url} answers, but not as Salesforce does (HTTP status {answer.status_code}).",
            "Use the My Domain address from Setup → My Domain, without a path.",
        )
    if connection.api_version not in versions:
        newest = max(versions, key=float)
        return Check(
            "Address",
            False,
            f"the org does not serve API version {connection.api_version}; its newest is {newest}.",
            f"Set SALESFORCE_API_VERSION={newest}, or wait for the org's upgrade.",
        )
    ahead = clock_difference(answer.headers.get("Date"))
    if ahead is not None and abs(ahead) > _CLOCK_SECONDS:
        word = "behind" if ahead > 0 else "ahead of"
        clock = f"; this machine's clock is {abs(ahead):.0f} seconds {word} the org's: set it by NTP"
    else:
        clock = ""
    return Check(
        "Address",
        True,
        f"{connection.login_url} answers with a trusted certificate and serves API {connection.api_version}"
        f"{clock}.",
    )


def _readable(connection: Connection) -> bool:
    try:
        load_key(connection.key_file)
    except TandemError:
        return False
    return True


def _key(connection: Connection) -> Check:
    try:
        key = load_key(connection.key_file)
    except TandemError as error:
        return Check("Private key", False, f"{error.where}: {error.what}", error.remedy)
    mode = stat.S_IMODE(Path(connection.key_file).stat().st_mode)
    if mode & 0o077:
        return Check(
            "Private key",
            False,
            f"{connection.key_file}: other users of this machine may read the key (mode {mode:04o}).",
            f"Run `chmod 600 {connection.key_file}`.",
        )
    return Check("Private key", True, f"{connection.key_file}: RSA, {key.key_size} bits, for this user only.")


def _sign_in(tokens: TokenCache) -> Iterator[Check]:
    """One line per stage of the sign-in: those before the one that failed have passed."""
    try:
        tokens.sign_in()
    except AuthError as error:
        failed = sign_in_stage(error.salesforce_code, error.message)
        for stage, passed in SIGN_IN_STAGES.items():
            if stage == failed:
                yield Check(stage, False, error.what, error.remedy)
                return
            yield Check(stage, True, passed)
        yield Check("Sign-in", False, error.what, error.remedy)
        return
    except TandemError as error:
        yield Check("Sign-in", False, f"{error.where}: {error.what}", error.remedy)
        return
    for stage, passed in SIGN_IN_STAGES.items():
        yield Check(stage, True, passed)


def _org(gateway: Gateway, needs: Needs) -> Iterator[Check]:
    try:
        limits = gateway.limits()
    except SalesforceError as error:
        remedy = error.remedy
        if error.kind in {ErrorKind.AUTH, ErrorKind.ADMIN_FIXABLE}:
            remedy = f"{_PERMISSION_SETS} → System Permissions: give the user “API Enabled”."
        yield Check("API access", False, error.what, remedy)
        return
    yield Check("API access", True, "the user may use the API.")
    yield _calls(limits)
    try:
        org = gateway.probe(sorted({*needs.visible, *needs.writable}))
    except SalesforceError as error:
        yield Check("Org", False, error.what, error.remedy)
        return
    kind = "sandbox" if org.is_sandbox else "production"
    yield Check("Org", True, f"{org.name} ({org.org_id}), {org.edition or 'unknown edition'}, {kind}.")
    has = [name.replace("_", " ") for name, there in org.features().items() if there]
    yield Check("Features", True, f"{', '.join(has) or 'none of the optional ones'}.")
    for sobject in sorted(needs.visible):
        yield _object(org, sobject, needs)


def _calls(limits: Mapping[str, Mapping[str, int]]) -> Check:
    daily = limits.get("DailyApiRequests", {})
    most, left = int(daily.get("Max", 0)), int(daily.get("Remaining", 0))
    if left <= 0:
        return Check(
            "API calls",
            False,
            f"the org has used all of its {most:,} calls in 24 hours.",
            "Wait, or buy more: Setup → Company Information shows the usage.",
        )
    return Check("API calls", True, f"{left:,} of {most:,} left in these 24 hours.")


def _object(org: OrgCapabilities, sobject: str, needs: Needs) -> Check:
    described = org.objects.get(sobject)
    if described is None:
        return Check(
            sobject,
            False,
            f"the org has no object {sobject}, or the user may not see it.",
            f"{_PERMISSION_SETS} → Object Settings → {sobject}: allow Read; if the org lacks the object, "
            f"delete mappings/{sobject}.yaml or guard it with `when:`.",
        )
    missing = org.missing({sobject: needs.visible[sobject]}).get(sobject, set())
    if missing:
        own = sorted(name for name in missing if name.endswith("__c"))
        names = ", ".join(sorted(missing))
        members = " ".join(f"-m CustomField:{sobject}.{name}" for name in own)
        deploy = (
            f"Deploy them with `sf project deploy start {members}` in sfdx/, then assign Tandem's permission "
            "set to the user."
            if own
            else f"{_PERMISSION_SETS} → Object Settings → {sobject}: allow Read, or guard them by "
            f"`when:` in mappings/{sobject}.yaml."
        )
        return Check(sobject, False, f"missing or hidden: {names}.", deploy)
    return _rights(org, sobject, needs)


def _rights(org: OrgCapabilities, sobject: str, needs: Needs) -> Check:
    described = org.objects[sobject]
    wanted = needs.writable.get(sobject, set())
    raw = described.raw
    lacking = [] if raw.get("queryable", True) else ["Read"]
    if sobject in needs.creatable and not raw.get("createable", True):
        lacking.append("Create")
    if wanted and not raw.get("updateable", True):
        lacking.append("Edit")
    if lacking:
        return Check(
            sobject,
            False,
            f"the user lacks {' and '.join(lacking)}.",
            f"{_PERMISSION_SETS} → Object Settings → {sobject}: allow {', '.join(lacking)}.",
        )
    closed = sorted(name for name in wanted if not _writable(described.field(name)))
    if closed:
        return Check(
            sobject,
            False,
            f"the user may not write {', '.join(closed)}.",
            f"{_PERMISSION_SETS} → Object Settings → {sobject}: allow Edit, or set `direction: in` in "
            f"mappings/{sobject}.yaml.",
        )
    count = len(needs.visible[sobject])
    return Check(sobject, True, f"{count} fields to read, {len(wanted)} to write.")


def _writable(field: Mapping[str, object] | None) -> bool:
    return field is not None and bool(field.get("updateable") or field.get("createable"))


def absolute(connection: Connection) -> Connection:
    """The connection with absolute paths, so that it works from any directory."""
    return replace(
        connection,
        key_file=str(Path(connection.key_file).resolve()) if connection.key_file else "",
        ca_file=str(Path(connection.ca_file).resolve()) if connection.ca_file else "",
    )
