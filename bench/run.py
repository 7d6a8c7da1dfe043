"""Measures what plugins cost in every request, and how long a snippet takes to a pushed image: `make bench`.

Prints two tables; with --write they become docs/performance.md. Nothing is asserted about the times: they are
another machine's tomorrow.
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
import throughput  # noqa: E402
from measure import Row, table  # noqa: E402
from snippet2wasm.build.toolchain import find_toolchain  # noqa: E402
from support.dockerd import Dockerd  # noqa: E402
from support.registry import Registry  # noqa: E402

DOCUMENT = ROOT / "docs" / "performance.md"
_INTRODUCTION = """\
# Performance

What a plugin costs in every request, and how long a snippet takes from nginx text to an image in a registry.

Made by `.venv/bin/python bench/run.py {arguments}`; `make bench` prints the tables without writing them.

Machine: {cores} cores, {go}, Python {python}.
"""
_REQUESTS = """\
## In every request

The same logic three ways: `examples/user-agent-redirect` compiled by snippet2wasm; in Envoy's own Lua filter;
and in Go by hand, on the wrapper of Higress's wasm-go (both in `bench/user-agent/`). Bundles hold that many
variants of the example, and all requests take the route of the last one. All stand in one Envoy with one
worker thread, which answers by itself; what they answer is compared before. In every round each of them is
loaded in turn for a second over {connections} kept connections, with a browser's headers. Medians, and in
brackets the middle half of the rounds.
"""
_REQUEST_NOTES = """\
- Processor time is the worker thread's, for a request; what is added is told from the bare Envoy's time in
  the same round. Time is from answer to answer; it suffers when anything else runs on the machine.
- The wrapper reads nine headers and sets a property in every request before it calls the plugin. Its module
  is linked like the compiled one and exports all callbacks, as its SDK does.
- Ratios of the processor time added: compiled to Envoy's Lua {to_lua};
  compiled to by hand {to_wrapper}; {bundles}.
"""
_PIPELINE = """\
## From snippet to image

The snippet is `examples/device-heartbeat/nginx.conf`, compiled for `higress` where nothing else is said, with
the sizes of its modules. Times are of whole processes, with everything that a user waits for; median and
spread of some rounds. The registry is Debian's `docker-registry` on the same machine. More cores make builds
with an empty cache faster, and hardly anything else.
"""
_PIPELINE_NOTES = """\
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
@click.option("--request-rounds", default=15, show_default=True, help="Rounds of load, at least 5.")
@click.option("--only", type=click.Choice(["requests", "pipeline"]), help="Measure one part.")
@click.option("--write", is_flag=True, help=f"Write {DOCUMENT.relative_to(ROOT)}.")
def main(rounds: int, cold_rounds: int, request_rounds: int, only: str | None, write: bool) -> None:
    """Measures and prints the tables."""
    if write and only:
        raise click.UsageError("--write is for both parts")
    parts: list[str] = []
    if only != "pipeline":
        parts.append(requests_part(max(5, request_rounds)))
    if only != "requests":
        parts.append("\n".join([_PIPELINE, *table(measured(rounds, cold_rounds)), "", _PIPELINE_NOTES]))
    document = "\n".join(parts)
    click.echo(document)
    if write:
        introduction = _INTRODUCTION.format(
            arguments=" ".join(sys.argv[1:]),
            cores=len(os.sched_getaffinity(0)),
            go=find_toolchain().version.replace("go", "Go ", 1),
            python=platform.python_version(),
        )
        DOCUMENT.write_text(f"{introduction}\n{document}", "utf-8")
        click.echo(f"wrote {DOCUMENT.relative_to(ROOT)}")


def requests_part(rounds: int) -> str:
    """What plugins cost in every request, measured and told."""
    results = throughput.measured(rounds, _say)
    compiled = results["compiled"]
    smallest, *_, largest = (result for key, result in results.items() if key.startswith("bundle-"))
    notes = _REQUEST_NOTES.format(
        to_lua=throughput.ratio(compiled, results["lua"]),
        to_wrapper=throughput.ratio(compiled, results["wrapper"]),
        bundles=f"the largest bundle to the smallest {throughput.ratio(largest, smallest)}",
    )
    introduction = _REQUESTS.format(connections=throughput.CONNECTIONS)
    return "\n".join([introduction, *throughput.table(results), "", notes])


def measured(rounds: int, cold_rounds: int) -> list[Row]:
    """All rows of the table from snippet to image."""
    rows: list[Row] = []
    with stages.workshop() as shop:
        _say("compiling")
        rows += stages.compiling(shop, 2 * rounds + 1)
        rows += stages.compiling_lines(shop, rounds)
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
