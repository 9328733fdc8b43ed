"""The Apex classes, read and not run: what pages call, what the stand-ins do, and what the tests cover."""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from app.preview.build import find_node

ROOT = Path(__file__).resolve().parents[2]
SFDX = ROOT / "sfdx"
SOURCE = SFDX / "force-app" / "main"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
CLASSES = {path.stem: path for path in sorted(SOURCE.glob("*/classes/*.cls"))}
TESTED = [name for name, path in CLASSES.items() if "@IsTest" not in path.read_text()]
CONTROLLERS = sorted(name for name in CLASSES if name.endswith("Controller"))
ACTIONS = sorted(name for name in CLASSES if name.endswith("Action"))
SCRIPTS = [path for path in SOURCE.glob("*/lwc/*/*.js") if "__tests__" not in path.parts]
AUDIENCES = ("Tandem_Partner", "Tandem_Rep", "Tandem_Approver", "Tandem_Admin")
#: What only pages of the company's people call; a partner's users may not.
OF_THE_COMPANY = {"AssignmentController", "RecordController"}

METHOD = re.compile(
    r"@AuraEnabled(?P<options>\([^)]*\))?\s+public static \w+ (?P<name>\w+)\((?P<parameters>[^)]*)\) \{"
    r"(?P<code>.*?)\n    \}",
    re.DOTALL,
)
CHAIN = re.compile(r"Tandem\s*\.(get|post|put|patch|remove)\(([^)]*)\)(.*?)\.forPage\(\);", re.DOTALL)
STEP = re.compile(r"\.(\w+)\(\s*([^()]*?)\s*\)", re.DOTALL)
IMPORT = re.compile(r"import (\w+) from '@salesforce/apex/(\w+)\.(\w+)'")


@dataclass(frozen=True)
class Method:
    """A method that components may call. parameters: name → type."""

    controller: str
    name: str
    parameters: dict[str, str]
    cacheable: bool
    code: str


def _method(controller: str, found: re.Match[str]) -> Method:
    pairs = re.findall(r"([\w<>, ]+?) (\w+)(?:,|$)", " ".join(found["parameters"].split()))
    return Method(
        controller,
        found["name"],
        {name: kind.strip() for kind, name in pairs},
        "cacheable=true" in (found["options"] or ""),
        found["code"],
    )


METHODS = {
    (name, found["name"]): _method(name, found)
    for name in CONTROLLERS
    for found in METHOD.finditer(CLASSES[name].read_text())
}


def imported() -> dict[tuple[str, str], list[tuple[Path, str]]]:
    """What components import: (controller, method) → where, and under which name."""
    found: dict[tuple[str, str], list[tuple[Path, str]]] = {}
    for path in SCRIPTS:
        for alias, controller, method in IMPORT.findall(path.read_text()):
            found.setdefault((controller, method), []).append((path, alias))
    return found


def sample(name: str, kind: str) -> Any:
    """A value for a parameter, the same for both sides."""
    if name == "base64":
        return "UERG"
    if kind.startswith("Map<"):
        return {f"in_{name}": f"a {name}"}
    return {"Integer": 7, "Boolean": True}.get(kind, f"the {name}/é")


@pytest.fixture(scope="module")
def stand_ins() -> dict[str, dict[str, Any]]:
    """What each stand-in takes and asks for, by `Controller.method`: run with values, the line caught."""
    values = {
        f"{method.controller}.{method.name}": {
            name: sample(name, kind) for name, kind in method.parameters.items()
        }
        for method in METHODS.values()
    }
    script = """
        const [gateway, values] = process.argv.slice(-2).map((text) => JSON.parse(text));
        const found = {};
        globalThis.tandemPreview = { i18n: { locale: 'de' } };
        for (const name of gateway.controllers) {
            const controller = await import(`file://${gateway.folder}/${name}.js`);
            for (const [method, call] of Object.entries(controller)) {
                let asked;
                globalThis.fetch = async (url, options) => {
                    asked = { url, ...options, bytes: options.body instanceof Uint8Array };
                    const headers = new Headers({ 'Content-Type': 'application/json' });
                    const arrayBuffer = async () => new ArrayBuffer(0);
                    return { ok: true, text: async () => '{}', arrayBuffer, headers };
                };
                const head = /^(?:async )?\\(([^]*?)\\) =>/.exec(String(call))[1];
                const takes = head.replace(/[{}\\s]/g, '').split(',').filter(Boolean);
                await call(values[`${name}.${method}`] ?? {});
                found[`${name}.${method}`] = { ...asked, takes };
            }
        }
        console.log(JSON.stringify(found));
    """
    gateway = SFDX / "preview" / "gateway"
    names = sorted(path.stem for path in gateway.glob("*Controller.js"))
    told = json.dumps({"folder": str(gateway), "controllers": names})
    command = [*find_node().run, "--input-type=module", "-e", script, "--", told, json.dumps(values)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    answer: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return answer


def asked_by(method: Method) -> dict[str, Any]:
    """What the Apex method asks for, given the sample values: read from its one chain of calls."""
    found = CHAIN.search(method.code)
    assert found, f"{method.controller}.{method.name} is one call of Tandem"
    constants = dict(
        re.findall(r"private static final String (\w+) = '([^']*)';", CLASSES[method.controller].read_text())
    )

    def value(text: str) -> Any:
        text = text.strip()
        if text.startswith("'"):
            return text.strip("'")
        if text in constants:
            return constants[text]
        assert text in method.parameters, f"{method.controller}.{method.name}: {text}"
        return sample(text, method.parameters[text])

    path, query, body = value(found[2]), [], {}
    asked: dict[str, Any] = {"method": {"remove": "DELETE"}.get(found[1], found[1].upper()), "key": None}
    asked["file"] = asked["text"] = False
    for step, given in STEP.findall(found[3]):
        values = [value(one) for one in given.split(",")] if given else []
        if step == "at":
            path += "/" + quote(values[0], safe="~")
        elif step == "query":
            text = str(values[1]).lower() if isinstance(values[1], bool) else values[1]
            query.append((values[0], text))
        elif step == "body":
            body |= values[0] if len(values) == 1 else {values[0]: values[1]}
        elif step == "key":
            asked["key"] = values[0]
        elif step in ("file", "text", "download"):
            asked[step] = True
        else:
            raise AssertionError(f"{method.controller}.{method.name}: what does {step} do?")
    asked["url"] = path + (f"?{urlencode(query)}" if query else "")
    asked["body"] = body
    return asked


def test_every_import_is_a_method_that_components_may_call_and_the_other_way_round() -> None:
    assert imported().keys() == METHODS.keys()


def test_every_method_has_a_stand_in_that_takes_the_same(stand_ins: dict[str, dict[str, Any]]) -> None:
    offered = {f"{one.controller}.{one.name}": sorted(one.parameters) for one in METHODS.values()}
    assert {name: sorted(found["takes"]) for name, found in stand_ins.items()} == offered


def test_apex_and_its_stand_in_make_the_same_call(stand_ins: dict[str, dict[str, Any]]) -> None:
    for method in METHODS.values():
        name = f"{method.controller}.{method.name}"
        apex, script = asked_by(method), stand_ins[name]
        assert script["method"] == apex["method"], name
        assert script["url"] == "/tandem" + apex["url"], name
        assert script["headers"].get("Idempotency-Key") == apex["key"], name
        assert script["headers"]["Accept-Language"] == "de", "as Tandem.cls sends the reader's language"
        assert script["bytes"] == apex["file"], name
        if script["method"] not in ("GET", "DELETE") and not apex["file"]:
            assert json.loads(script["body"]) == apex["body"], name


def test_components_call_methods_with_parameters_that_they_have() -> None:
    for (controller, method), places in imported().items():
        takes = METHODS[controller, method].parameters
        for path, alias in places:
            for given in re.findall(rf"(?<![\w.]){alias}\(\{{(.*?)\}}\)", path.read_text(), re.DOTALL):
                flat = re.sub(r"`[^`]*`|\([^()]*\)|\{[^{}]*\}|\[[^\[\]]*\]", "", given)
                names = [one.split(":")[0].strip() for one in flat.split(",") if one.strip()]
                assert set(names) <= takes.keys(), f"{path.name}: {alias}({given})"


def test_only_what_reads_is_kept_by_lightning_and_only_that_is_wired() -> None:
    wired = {
        (controller, method)
        for (controller, method), places in imported().items()
        for path, alias in places
        if re.search(rf"@wire\(\s*{alias}\b", path.read_text())
    }
    assert wired == {key for key, method in METHODS.items() if method.cacheable}
    for key in wired:
        assert "Tandem.get(" in METHODS[key].code, "Lightning may call it again at any time"


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_deployed_with_the_projects_api_version(name: str) -> None:
    meta = ET.parse(CLASSES[name].with_suffix(".cls-meta.xml")).getroot()  # noqa: S314 the project's own
    project = json.loads((SFDX / "sfdx-project.json").read_text())
    assert meta.findtext(SPACE + "apiVersion") == project["sourceApiVersion"]
    assert meta.findtext(SPACE + "status") == "Active"


@pytest.mark.parametrize("name", TESTED)
def test_a_class_shares_as_its_reader_and_asks_the_database_for_nothing_it_may_not_see(name: str) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", CLASSES[name].read_text(), flags=re.DOTALL)
    assert "without sharing" not in code
    assert re.search(r"\b(with sharing|extends \w*Exception)\b", code)
    for query in re.findall(r"\[\s*SELECT.*?\]", code, re.DOTALL):
        assert "WITH USER_MODE" in query
    assert not re.search(
        r"Database\.(query|insert|update|delete|upsert)|\b(insert|update|upsert|delete) \w", code
    )
    assert "http://" not in code, "addresses are the named credential's"
    assert "https://" not in code, "addresses are the named credential's"


@pytest.mark.parametrize("name", [name for name in TESTED if not name.endswith("Exception")])
def test_a_class_has_tests_of_each_of_its_methods_and_every_test_asserts(name: str) -> None:
    tests = CLASSES[f"{name}Test"].read_text()
    bodies = re.findall(r"@IsTest\s+static void (\w+)\(\) \{(.*?)\n    \}", tests, re.DOTALL)
    assert len(bodies) == tests.count("@IsTest") - 1, "the class, and each of its methods"
    for test, body in bodies:
        assert re.search(r"\b(Assert\.(?!fail)|mock\.(was|sent)\()", body), (
            f"{name}Test.{test} asserts nothing"
        )
    if name in CONTROLLERS:
        for _, method in (key for key in METHODS if key[0] == name):
            calls = [body for _, body in bodies if f"{name}.{method}(" in body]
            assert any("mock.was(" in body for body in calls), f"{name}.{method} has no test of what goes out"
        assert "catch (AuraHandledException" in tests, "an error must reach the page"


def test_pages_refuse_the_files_that_apex_could_not_carry() -> None:
    [limit] = re.findall(r"LARGEST_FILE = (\d+);", CLASSES["Tandem"].read_text())
    script = (SOURCE / "shared" / "lwc" / "tandemFiles" / "tandemFiles.js").read_text()
    [megabyte] = re.findall(r"const MEGABYTE = ([\d_]+);", script)
    [times] = re.findall(r"export const LARGEST = (\d+) \* MEGABYTE;", script)
    assert int(limit) == int(times) * int(megabyte)
    assert int(limit) * 4 / 3 < 4_000_000, "Lightning takes no more in one call"


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_for_flow_takes_many_rows_and_tells_an_admin_what_it_is(name: str) -> None:
    code = CLASSES[name].read_text()
    [method] = re.findall(r"@InvocableMethod\((.*?)\)\s+public static (.*?)\(", code, re.DOTALL)
    assert re.search(
        r"label='[A-Z][^']+'\s+description='[^']+\.'\s+category='Tandem'\s+callout=true", method[0]
    )
    assert method[1].startswith("List<TandemFlow.Result> ")
    assert re.search(r"\(List<Input> inputs\)", code)
    variables = re.findall(r"@InvocableVariable\((.*?)\)\s+public ", code, re.DOTALL)
    assert variables
    assert all(re.search(r"label='[^']+'\s+description='[^']+\.'", one) for one in variables)
    assert ".once()" in code, "Flow repeats what failed"
    sets = [path.read_text() for path in SOURCE.glob("*/permissionsets/*.permissionset-meta.xml")]
    assert any(f"<apexClass>{name}</apexClass>" in one for one in sets)


def test_every_text_that_apex_shows_is_a_label() -> None:
    found = {
        label.findtext(SPACE + "fullName")
        for path in SOURCE.glob("*/labels/*.labels-meta.xml")
        for label in ET.parse(path).getroot()  # noqa: S314 the project's own
    }
    for name in TESTED:
        used = set(re.findall(r"\bLabel\.(\w+)", CLASSES[name].read_text()))
        assert used <= found, name


@pytest.mark.parametrize("audience", AUDIENCES)
def test_whoever_sees_pages_may_call_their_controllers(audience: str) -> None:
    [path] = SOURCE.glob(f"*/permissionsets/{audience}.permissionset-meta.xml")
    granted = {
        access.findtext(SPACE + "apexClass")
        for access in ET.parse(path).getroot().findall(SPACE + "classAccesses")  # noqa: S314
        if access.findtext(SPACE + "enabled") == "true"
    }
    assert granted <= CLASSES.keys()
    partner = audience == "Tandem_Partner"
    assert granted >= set(CONTROLLERS) - (OF_THE_COMPANY if partner else set())
    assert not (partner and granted & OF_THE_COMPANY)
