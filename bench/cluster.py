"""Measures a cluster's backup: how long its snippets take to one plugin, and what that plugin costs in every
request, beside a plugin with one of the snippets: `make bench-cluster`.

Prints a table. Nothing is asserted about the times: they are another machine's tomorrow.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))  # for support, which has the backup

from contestants import configuration  # noqa: E402
from gateway import Contestant, LoadGateway  # noqa: E402
from load import Load, Worker  # noqa: E402
from measure import timed  # noqa: E402
from snippet2wasm.verify import client  # noqa: E402
from snippet2wasm.verify.process import ServerError  # noqa: E402
from stages import CLI  # noqa: E402
from support.backup import backup  # noqa: E402
from throughput import SECONDS, WARM_UP_SECONDS, Result, ratio, table  # noqa: E402

SNIPPET = "$http_user_agent"
"""Whose Ingress the requests are for: one with this in its snippet, which lets a browser pass."""
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@click.command()
@click.option("--ingresses", default=500, show_default=True)
@click.option("--snippets", default=200, show_default=True)
@click.option("--rounds", default=5, show_default=True, help="Rounds of compiling and building.")
@click.option("--request-rounds", default=15, show_default=True, help="Rounds of load, at least 2.")
def main(ingresses: int, snippets: int, rounds: int, request_rounds: int) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="snippet2wasm-cluster-") as name:
        folder = Path(name)
        text = backup(ingresses, snippets)
        (folder / "all.yaml").write_text(text, "utf-8")
        items = yaml.load(text, yaml.CSafeLoader)["items"]
        one = next(item for item in items if SNIPPET in str(item["metadata"]["annotations"]))
        (folder / "one.yaml").write_text(yaml.safe_dump(one), "utf-8")
        click.echo(
            f"{ingresses} Ingresses, {snippets} with snippets, on {len(os.sched_getaffinity(0))} cores\n"
        )
        for row in _to_plugin(folder, rounds):
            click.echo(row)
        host = one["spec"]["rules"][0]["host"]
        results = _requests(folder, host, max(2, request_rounds))
    click.echo("\n" + "\n".join(table(results)))
    click.echo(
        f"\nProcessor time added, the cluster's plugin to the one: {ratio(results['all'], results['one'])}"
    )


def _to_plugin(folder: Path, rounds: int) -> list[str]:
    """Times of whole processes, and leaves the built projects `all` and `one`."""
    rows = ["| step | median | rounds |", "| --- | ---: | ---: |"]
    compile_ = [*CLI, "compile", "all.yaml", "--bundle", "--target", "envoy", "-o", "all", "--force"]
    rows.append(_row("compile --bundle", rounds, lambda: timed(compile_, folder)))
    build = [*CLI, "build", "all"]
    rows.append(_row("build, with an empty cache", 1, lambda: _cold(build, folder)))
    timed(build, folder)
    rows.append(_row("build again", rounds, lambda: timed(build, folder)))
    timed([*CLI, "compile", "one.yaml", "--target", "envoy", "-o", "one", "--build"], folder)
    return rows


def _cold(command: list[str], folder: Path) -> float:
    cache = folder / "cache"
    try:
        return timed(command, folder, {"GOCACHE": str(cache)})
    finally:
        shutil.rmtree(cache, ignore_errors=True)


def _row(title: str, rounds: int, act: Callable[[], float]) -> str:
    return f"| {title} | {statistics.median(act() for _ in range(rounds)):.2f} s | {rounds} |"


def _requests(folder: Path, host: str, rounds: int) -> dict[str, Result]:
    """Loads Envoy alone, the plugin with one snippet and the one with all, in turn."""
    contestants = [
        Contestant("bare", "Envoy alone"),
        *(
            Contestant(key, title, folder / key / "plugin.wasm", configuration(folder / key))
            for key, title in (("one", "one snippet"), ("all", "the cluster's snippets"))
        ),
    ]
    headers = {"Host": host, "User-Agent": BROWSER}
    with LoadGateway(contestants) as gateway:
        for each in contestants:
            _check(gateway, each, host)
        worker = Worker(gateway.pid)
        for each in contestants:
            worker.load(gateway.address(each.key), WARM_UP_SECONDS, headers)
        bare: list[Load] = []
        results = {each.key: Result(each.title, bare) for each in contestants}
        results["bare"].rounds = bare
        for number in range(rounds):
            first = number % len(contestants)  # in another order every time
            for each in [*contestants[first:], *contestants[:first]]:
                results[each.key].rounds.append(worker.load(gateway.address(each.key), SECONDS, headers))
    return results


def _check(gateway: LoadGateway, contestant: Contestant, host: str) -> None:
    """Makes sure that the snippet acts."""
    wanted = {BROWSER: 200, "sqlmap/1.9": 200 if contestant.wasm is None else 403}
    for agent, status in wanted.items():
        request = client.Request("GET", "/", (("host", host), ("user-agent", agent)))
        response = client.send(gateway.address(contestant.key), request)
        if response is None or response.status != status:
            raise ServerError(f"{contestant.key} answers {response} to {agent}, not {status}")


if __name__ == "__main__":
    main()
