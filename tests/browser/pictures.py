"""The pictures of the README and of the admin's guide, taken from the running demo: `make pictures`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from app.config import Settings
from app.demo.house import read_state
from tests.fixtures.browser import FLAGS, chromium
from tests.fixtures.pages import FIRST, MANAGER

FOLDER = Path(__file__).resolve().parents[2] / ".pictures"


def be(page: Page, address: str, who: str) -> None:
    page.goto(address)
    page.get_by_label("Find a person").fill(who)
    page.locator("button.person").first.click()
    page.get_by_role("button", name="Be somebody else").wait_for()


def main() -> int:
    """Write the pictures; 1 where no demo runs."""
    ports = read_state(Settings.from_env().data_dir)
    if "pages" not in ports:
        sys.stderr.write("The demo does not run. Start it with `make demo`, then run this again.\n")
        return 1
    pages = f"http://127.0.0.1:{ports['pages']}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for name, who, path in (
            ("partner", FIRST, "/partners/deals"),
            ("manager", MANAGER, "/lightning/n/Tandem_Deals"),
        ):
            page = browser.new_page(viewport={"width": 1200, "height": 700})
            be(page, f"{pages}{path}", who)
            page.locator("tr[data-row] a").first.click()
            page.get_by_role("heading", level=1).wait_for()
            page.get_by_role("list", name="Timeline").wait_for()
            page.screenshot(path=FOLDER / f"{name}.png")
        # Those of sfdx/docs/admin.md: small, because they show where things are and not what they say.
        for name, who, path, there in (
            ("console-home", MANAGER, "/lightning/n/Tandem_Home", "[data-request]"),
            ("record", MANAGER, "/lightning/o/Opportunity", "c-partner-assignment"),
            ("site-home", FIRST, "/partners/", "c-partner-home h1"),
        ):
            page = browser.new_page(viewport={"width": 1280 if name == "record" else 1000, "height": 620})
            be(page, f"{pages}{path}", who)
            if name == "record":
                page.locator("c-record-list a[data-id]").first.click()
            page.locator(there).first.wait_for()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
