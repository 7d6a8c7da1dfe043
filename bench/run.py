"""Measures how long the device heartbeat takes from snippet to pushed image: `make bench`.

Prints a table; with --write it becomes docs/performance.md. Times are of whole processes, as a user waits for
them, and nothing is asserted about them: they are another machine's tomorrow.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))  # for support, which has the registry and the container engine

import stages  # noqa: E402
from measure import Row, table  # noqa: E402
from snippet2wasm.build.toolchain import find_toolchain  # noqa: E402
from support.dockerd import Dockerd  # noqa: E402
from support.registry import Registry  # noqa: E402

DOCUMENT = ROOT / "docs" / "performance.md"
_INTRODUCTION = """\
# Performance

How long one snippet takes from nginx text to an image in a registry, and how large the module is. The snippet
is `examples/device-heartbeat/nginx.conf`, compiled for `higress` where nothing else is said.

Made by `.venv/bin/python bench/run.py {arguments}`; `make bench` prints the table without writing it.

Machine: {cores} cores, {go}, Python {python}. Times are of whole processes, with everything that a user waits
for; median and spread of some rounds. The registry is Debian's `docker-registry` on the same machine. More
cores make builds with an empty cache faster, and hardly anything else.
"""
_NOTES = """\
- A build with an empty cache compiles Go's standard library for WebAssembly, and the strip tool with its part
  of the library for this machine. All projects share the cache: what the next project takes is the build
  after a change of the snippet.
- A container begins with an empty cache every time and has no network. Its image is there already.
- Every push goes to a repository that does not exist yet, so nothing can be skipped.
- A gateway enters a module for every callback that it exports, which costs time in every request; that is why
  unused exports are stripped. It makes the module hardly smaller: the linker has left their code in.
"""


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Rounds of what takes seconds.")
@click.option("--cold-rounds", default=3, show_default=True, help="Rounds of builds with an empty cache.")
@click.option("--write", is_flag=True, help=f"Write {DOCUMENT.relative_to(ROOT)}.")
def main(rounds: int, cold_rounds: int, write: bool) -> None:
    """Measures and prints the table."""
    shown = "\n".join(table(measured(rounds, cold_rounds)))
    click.echo(shown)
    if write:
        introduction = _INTRODUCTION.format(
            arguments=" ".join(sys.argv[1:]),
            cores=len(os.sched_getaffinity(0)),
            go=find_toolchain().version.replace("go", "Go ", 1),
            python=platform.python_version(),
        )
        DOCUMENT.write_text(f"{introduction}\n{shown}\n\n{_NOTES}", "utf-8")
        click.echo(f"\nwrote {DOCUMENT.relative_to(ROOT)}")


def measured(rounds: int, cold_rounds: int) -> list[Row]:
    """All rows of the table."""
    rows: list[Row] = []
    with stages.workshop() as shop:
        _say("compiling")
        rows += stages.compiling(shop, 2 * rounds + 1)
        _say("building")
        rows += stages.building(shop, rounds)
        _say("building with an empty cache, here and in a container (takes minutes)")
        with Dockerd() as engine:
            engine.import_go(find_toolchain().go.parent.parent)
            rows += stages.cold_building(shop, engine, cold_rounds)
        _say("publishing")
        with Registry() as registry:
            rows += stages.publishing(shop, registry, rounds)
        _say("sizes")
        return rows + stages.sizes(shop)


def _say(text: str) -> None:
    click.echo(f"… {text}", err=True)


if __name__ == "__main__":
    main()
