"""What the demo says when all goes well, and when it does not."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
import requests
from rich.console import Console

from app.demo.commands import Step, tell
from app.demo.telling import Teller, Told, shown
from app.kernel.errors import Conflict


def teller() -> tuple[Teller, StringIO]:
    said = StringIO()
    return Teller(Console(file=said, width=200, soft_wrap=True)), said


def refuse() -> Told:
    raise Conflict("The org has 3 leads, and 2 are here.", remedy="Look at them.")


def break_off() -> Told:
    raise requests.ConnectionError("nobody listens")


def test_a_step_that_holds_says_what_happened_and_where() -> None:
    demo, said = teller()

    assert demo.step("A partner signs in", lambda: Told("Chloe signs in.", "http://here"))

    assert re.fullmatch(
        r"✓ A partner signs in \d\.\d s\n  Chloe signs in\.\n  http://here\n", said.getvalue()
    )
    assert not demo.failed


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (refuse, "The org has 3 leads, and 2 are here. Look at them."),
        (break_off, "No answer: nobody listens."),
    ],
)
def test_a_step_that_fails_says_why_in_words(action: object, sentence: str) -> None:
    demo, said = teller()

    assert not demo.step("Counting", action)  # type: ignore[arg-type]

    assert said.getvalue().startswith("✗ Counting ")
    assert sentence in said.getvalue()
    assert "Traceback" not in said.getvalue()
    assert demo.failed


def test_what_rests_on_a_failed_step_is_not_tried_and_the_rest_is() -> None:
    demo, said = teller()
    tried: list[str] = []

    def try_it(name: str) -> Told:
        tried.append(name)
        return Told("")

    tell(
        demo,
        [
            Step("first", "First", refuse),
            Step("second", "Second", lambda: try_it("second"), ("first",)),
            Step("third", "Third", lambda: try_it("third"), ("second",)),
            Step("other", "Other", lambda: try_it("other")),
        ],
    )
    demo.table()

    assert tried == ["other"]
    assert [(line.title, line.result) for line in demo.lines] == [
        ("First", "failed"),
        ("Second", "not run"),
        ("Third", "not run"),
        ("Other", "ok"),
    ]
    assert demo.failed
    assert re.search(r"step +result +seconds\n", said.getvalue())


def test_a_mistake_in_the_program_is_not_told_as_a_failed_step() -> None:
    demo, _ = teller()

    with pytest.raises(ZeroDivisionError):
        demo.step("Dividing", lambda: Told(str(1 / 0)))


def test_a_name_in_brackets_is_not_taken_for_a_colour() -> None:
    demo, said = teller()

    demo.step("Naming", lambda: Told("[red]Kessler[/red] signs in."))

    assert "[red]Kessler[/red] signs in." in said.getvalue()


def test_paths_below_the_present_directory_are_shown_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert shown(tmp_path / ".data" / "logs") == ".data/logs"
    assert shown(Path("/etc/hosts")) == "/etc/hosts"
