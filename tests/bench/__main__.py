"""`python -m tests.bench [--only sync]`: measure, print one line a figure, write build/bench.json.

Exit code 1 when a goal does not hold.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from tests.bench.harness import HEADING, REPORT, Benchmark, Figure, World, write_report

#: One module a part; each lists its BENCHMARKS.
PARTS = ("sync", "approvals", "preview")


@click.command()
@click.option("--only", help="A part (sync, approvals, preview) or one figure (sync.calls_10k).")
def main(only: str | None) -> None:
    """Ratios of Tandem against named peers and limits."""
    listed: list[Benchmark] = [
        benchmark for part in PARTS for benchmark in import_module(f"tests.bench.{part}").BENCHMARKS
    ]
    chosen = [benchmark for benchmark in listed if benchmark.wanted(only)]
    if not chosen:
        names = sorted(name for benchmark in listed for name in benchmark.figures)
        raise click.ClickException(f"There is no figure or part {only!r}; there are: {', '.join(names)}.")
    figures: list[Figure] = []
    click.echo(HEADING)
    with World() as world:
        for benchmark in chosen:
            for figure in benchmark.run(world):
                figures.append(figure)
                click.echo(figure.line())
                sys.stdout.flush()
    write_report(figures)
    failed = [figure.name for figure in figures if figure.holds is False]
    click.echo(f"{len(figures)} figures in {REPORT}" + (f"; no goal: {', '.join(failed)}" if failed else ""))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
