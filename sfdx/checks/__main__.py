"""`python -m sfdx.checks [CHECK …] [--project DIR]` says what it finds; it ends with 1 if it found any."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import time
from pathlib import Path

from app.kernel.errors import TandemError
from sfdx.checks import analyzer, format, mappings, metadata, references, soql, types
from sfdx.checks.tools import node

CHECKS = {
    "analyzer": analyzer.check,
    "types": types.check,
    "soql": soql.check,
    "format": format.check,
    "metadata": metadata.check,
    "references": references.check,
    "mappings": mappings.check,
}


def main() -> int:
    """Run what the command line names. 0: nothing found, 1: something found, 2: a check cannot run."""
    parser = argparse.ArgumentParser(prog="python -m sfdx.checks", description=__doc__)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=", ".join(CHECKS))
    parser.add_argument(
        "--project",
        type=Path,
        default=Path(__file__).resolve().parents[1],
        help="the folder with sfdx-project.json",
    )
    parser.add_argument("--write", action="store_true", help="only put the classes in shape")
    parser.add_argument("--install", action="store_true", help="only bring the npm packages")
    asked = parser.parse_args()
    unknown = [name for name in asked.checks if name not in CHECKS]
    if unknown:
        parser.error(f"There is no check {' or '.join(unknown)}; there are {', '.join(CHECKS)}.")
    say = sys.stdout.write
    try:
        if asked.install:
            node()
            return 0
        if asked.write:
            format.write(asked.project.resolve())
            return 0
        count = 0
        for name in asked.checks or CHECKS:
            begun = time.monotonic()
            found = CHECKS[name](asked.project.resolve())
            for finding in found:
                where = os.path.relpath(asked.project / finding.file)
                say(f"{dataclasses.replace(finding, file=where)}\n")
            say(f"{name}: {len(found) or 'no'} faults, {time.monotonic() - begun:.1f} s\n")
            count += len(found)
    except TandemError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
