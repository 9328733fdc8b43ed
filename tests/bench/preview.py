"""The figure of the pages: how soon the first one is usable, against a bare Lightning table.

Both are built by one build and served in one way to a browser that knows neither: a partner's home, a channel
manager's inbox, and a page with a `lightning-datatable` whose rows are fetched once. Usable means that the
page's content stands there and the main thread is free to answer a click.
"""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from waitress import create_server as listen

from app.config import PROJECT
from app.demo.crm import Crm
from app.preview.build import PREVIEW, find_node, pages, run
from app.preview.people import People
from app.preview.server import create_server
from tests.bench.harness import Benchmark, Figure, World, beside
from tests.fixtures.browser import FLAGS, WIDTHS, chromium, running_demo
from tests.fixtures.pages import FIRST, MANAGER

BARE = PROJECT / "build" / "bare"
#: Each page so many times, by turns; the medians count. The first turn warms the servers and does not.
ROUNDS = 15
GOAL = 1.5
#: Whose page, where, and what it consists of: the page's own content, not its frame or its skeleton.
PAGES = {
    "home": (FIRST, "/partners/", "[data-part=tasks] p, [data-part=tasks] li"),
    "inbox": (MANAGER, "/lightning/n/Tandem_Home", "li[data-request], c-tandem-empty"),
}
TABLE = "lightning-datatable tbody tr[data-row-key-value]"

#: Runs before the page's own scripts: synthetic shadow would hide what is inside of components.
_WATCH = """
    const find = Document.prototype.querySelector.bind(document);
    const free = new MessageChannel();
    globalThis.usable = new Promise((resolve) => {
        free.port1.onmessage = () => resolve(performance.now());
        const look = () => {
            const found = find(WANTED);
            if (found && found.getBoundingClientRect().height > 0)
                requestAnimationFrame(() => requestAnimationFrame(() => free.port2.postMessage('')));
            else requestAnimationFrame(look);
        };
        look();
    });
"""


def load_ratio(world: World) -> Iterator[Figure]:
    """The slower of the two first pages against the table, with each one's milliseconds beside."""
    world.say("building the pages")
    ours = pages(world.say)
    run([*find_node().run, str(PREVIEW / "build.mjs"), str(BARE), "bare"], PREVIEW, "The table was not built")
    world.say("starting the demo")
    with (
        running_demo(world.directory / "demo.out") as demo,
        closing(Crm.read(demo.folder / "org")) as crm,
    ):
        people = People(crm, demo.web)
        with _served(people, ours) as at_home, _served(people, BARE) as at_table:
            taken = _by_turns(world, people, at_home, at_table)
    medians = {name: statistics.median(found) for name, found in taken.items()}
    slower = max(PAGES, key=lambda name: medians[name] / medians[f"table_{name}"])
    first, bare = medians[slower], medians[f"table_{slower}"]
    ratio = first / bare
    yield Figure(
        "preview.load_ratio", round(first, 1), round(bare, 1), "ms until usable", round(ratio, 3),
        f"<= {GOAL}", ratio <= GOAL,
    )  # fmt: skip
    for name in PAGES:
        yield beside(f"preview.{name}_ms", medians[name], "ms until usable")
        yield beside(f"preview.table_{name}_ms", medians[f"table_{name}"], "ms, the table")


@contextmanager
def _served(people: People, folder: Path) -> Iterator[str]:
    application: Any = create_server(people, folder, idle_seconds=3600)
    server = listen(application, host="127.0.0.1", port=0, threads=8, ident=None)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()


def _by_turns(world: World, people: People, at_home: str, at_table: str) -> dict[str, list[float]]:
    names = {name: _username(people, who) for name, (who, _, _) in PAGES.items()}
    taken: dict[str, list[float]] = {name: [] for page in PAGES for name in (page, f"table_{page}")}
    with sync_playwright() as playwright, world.progress("loading pages", ROUNDS) as tell:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for turn in range(ROUNDS + 1):
            for name, (_, path, content) in PAGES.items():
                first = _once(browser, at_home, path, names[name], content)
                table = _once(browser, at_table, "/", names[name], TABLE)
                if turn:
                    taken[name].append(first)
                    taken[f"table_{name}"].append(table)
            tell(turn)
        browser.close()
    return taken


def _username(people: People, who: str) -> str:
    for one in people.everybody():
        if one["featured"] and (who in one["username"] or who in one["company"]):
            return str(one["username"])
    raise LookupError(who)


def _once(browser: Browser, address: str, path: str, username: str, content: str) -> float:
    """Milliseconds from the start of the visit until the page is usable, with nothing kept from before."""
    width, height = WIDTHS["desktop"]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-US")
    try:
        signed_in = context.request.post(f"{address}/preview/session", data={"username": username})
        assert signed_in.ok, signed_in.text()
        page = context.new_page()
        page.add_init_script(_WATCH.replace("WANTED", repr(content)))
        page.goto(f"{address}{path}", wait_until="commit")
        taken: float = page.evaluate("globalThis.usable")
        return taken
    finally:
        context.close()


BENCHMARKS = [
    Benchmark(
        (
            "preview.load_ratio", "preview.home_ms", "preview.table_home_ms", "preview.inbox_ms",
            "preview.table_inbox_ms",
        ),
        load_ratio,
    )
]  # fmt: skip
