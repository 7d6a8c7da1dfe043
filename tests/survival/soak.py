"""The soak: mixed requests through all examples in one real Envoy, while Redis dies twice and clients leave.

`python tests/survival/soak.py` sends 500,000 requests; the tests send fewer.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))  # for support, when this is run by itself

from snippet2wasm.build import build  # noqa: E402
from snippet2wasm.build.toolchain import find_toolchain  # noqa: E402
from snippet2wasm.verify.client import Request, send  # noqa: E402
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin  # noqa: E402
from snippet2wasm.verify.process import LOOPBACK, Address, free_port, listens, wait_until  # noqa: E402
from snippet2wasm.verify.redis import RedisServer, Webdis  # noqa: E402
from support.examples import EXAMPLES, compile_example  # noqa: E402

_HERE = Path(__file__).parent
_CONNECTIONS = 32
_SETUP = ("HSET", "api-keys", "k-7d1f", "alice")
_REDIS_GONE_SECONDS = 0.2
_SETTLE_SECONDS = 20.0

_INSTALL = """\
package main

import "snippet2wasm.internal/plugin/runtime/diagnostics"

func init() { diagnostics.Install() }
"""

Json = dict[str, Any]


@dataclass(frozen=True)
class Measured:
    """What a VM has when nothing is under way, by plugin, and Envoy's resident memory in bytes."""

    plugins: dict[str, Json]
    resident: int


@dataclass(frozen=True)
class Burst:
    """What came of one burst."""

    reports: list[Json]
    after: Measured

    @property
    def problems(self) -> list[str]:
        """What was lost, crossed, or wrong."""
        return [problem for report in self.reports for problem in report["problems"]]

    @property
    def answers(self) -> int:
        """How many requests were answered."""
        counts = (each for report in self.reports for each in report["answers"].values())
        return sum(sum(statuses.values()) for statuses in counts)

    def statuses(self, kind: str) -> dict[int, int]:
        """How often a kind of request got which status."""
        found: Counter[int] = Counter()
        for report in self.reports:
            found.update({int(status): n for status, n in report["answers"].get(kind, {}).items()})
        return dict(found)

    @property
    def left(self) -> int:
        """How many clients did not wait."""
        return sum(report["left"] for report in self.reports)


class Soak:
    """The running servers."""

    def __init__(self, gateway: EnvoyGateway, redis: RedisServer, webdis: Webdis, load: Load) -> None:
        self.gateway = gateway
        self._redis = redis
        self._webdis = webdis
        self._load = load

    def burst(self, requests: int) -> Burst:
        """Sends requests in five parts; Redis is killed and restarted in the second and the fourth."""
        reports = []
        for part in range(5):
            self._redis.call(*_SETUP)
            plan = {"requests": requests // 5, "connections": _CONNECTIONS}
            if part % 2 == 0:
                reports.append(self._load.run({**plan, "kinds": self._kinds(disturbed=False)}))
                continue
            self._load.start({**plan, "kinds": self._kinds(disturbed=True)})
            time.sleep(_REDIS_GONE_SECONDS)
            with self._redis.down():
                time.sleep(_REDIS_GONE_SECONDS)
            reports.append(self._load.result())
            wait_until(self._webdis.reaches_redis, _SETTLE_SECONDS, "Webdis to reach Redis again")
        return Burst(reports, self.measure())

    def measure(self) -> Measured:
        """What the plugins have when all handlers have ended."""
        with contextlib.suppress(TimeoutError):  # the caller sees what is wrong
            wait_until(self._is_idle, _SETTLE_SECONDS, "handlers to end")
        return Measured(self._diagnostics(), self.gateway.resident_bytes())

    def _is_idle(self) -> bool:
        return all(each["goroutines"] == 1 for each in self._diagnostics().values())

    def _diagnostics(self) -> dict[str, Json]:
        found = {}
        for plugin in self.gateway.plugins:
            response = send(self.gateway.address(plugin.name), Request(target="/diagnostics"))
            assert response is not None
            assert response.status == 200, f"{plugin.name} does not answer"
            found[plugin.name] = json.loads(response.body)
        return found

    def _kinds(self, disturbed: bool) -> list[Json]:
        mix = yaml.safe_load((_HERE / "mix.yaml").read_text("utf-8"))
        return [
            _kind(example, entry, self.gateway.address(example), disturbed)
            for example, entries in mix.items()
            for entry in entries
        ]


def _kind(example: str, entry: Json, address: Address, disturbed: bool) -> Json:
    """A kind of request for the load program."""
    requests = yaml.safe_load((EXAMPLES / example / "requests.yaml").read_text("utf-8"))
    found = next(each for each in requests if each["name"] == entry["name"])
    request = found["request"]
    target = request["target"]
    if entry.get("id"):
        target += f"{'&' if '?' in target else '?'}id=@ID@"
    lines = [f"{request.get('method', 'GET')} {target} HTTP/1.1", "Host: soak.example"]
    lines += [f"{name}: {value}" for name, value in request.get("headers", [])]
    statuses = entry.get("statuses", [found["status"]]) + (entry.get("disturbed", []) if disturbed else [])
    return {
        "name": f"{example}/{entry['name']}",
        "address": f"{address[0]}:{address[1]}",
        "head": "\r\n".join(lines),
        "body": request.get("body", ""),
        "statuses": statuses,
        "leaves": entry.get("leaves", False),
    }


class Load:
    """The load program: the client of all requests, and the upstream."""

    def __init__(self, program: Path, upstream: Address) -> None:
        self._process = subprocess.Popen(
            [program, "-upstream", f"{upstream[0]}:{upstream[1]}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: listens(upstream), _SETTLE_SECONDS, "the load program")

    def start(self, plan: Json) -> None:
        """Begins a run."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(plan) + "\n")
        self._process.stdin.flush()

    def result(self) -> Json:
        """The report of the run that was started last."""
        assert self._process.stdout is not None
        report: Json = json.loads(self._process.stdout.readline())
        return report

    def run(self, plan: Json) -> Json:
        """A whole run."""
        self.start(plan)
        return self.result()

    def stop(self) -> None:
        """Ends the program."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def built_example(name: str, folder: Path) -> Plugin:
    """An example, built with the diagnostics in it, and configured as its recordings are."""
    project = compile_example(EXAMPLES / name / "nginx.conf", "envoy", folder)
    shutil.copytree(_HERE / "diagnostics", project / "runtime" / "diagnostics")
    (project / "zz_diagnostics.go").write_text(_INSTALL, "utf-8")  # its init runs behind that of main.go
    recording = sorted((EXAMPLES / name / "recorded").glob("*.json"))[0]
    configuration = json.loads(recording.read_text("utf-8"))["config"]
    return Plugin(name, build(project, "local").path, configuration)


@contextlib.contextmanager
def soaking(folder: Path) -> Iterator[Soak]:
    """Everything that a soak needs; projects go into the folder."""
    mix = yaml.safe_load((_HERE / "mix.yaml").read_text("utf-8"))
    plugins = [built_example(name, folder / name) for name in mix]
    program = folder / "load"
    subprocess.run([find_toolchain().go, "build", "-o", program, "."], cwd=_HERE / "load", check=True)
    upstream = (LOOPBACK, free_port())
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(RedisServer())
        webdis = stack.enter_context(Webdis(redis.address))
        load = Load(program, upstream)
        stack.callback(load.stop)
        clusters = {"webdis|6379|redis.internal": webdis.address}
        gateway = EnvoyGateway(plugins, upstream, clusters=clusters, log_level="critical")
        yield Soak(stack.enter_context(gateway), redis, webdis, load)


@click.command()
@click.option("--requests", default=500_000, show_default=True, help="Requests in all.")
def main(requests: int) -> None:
    """Soaks, prints what came of it, and fails if something was lost, crossed, or leaked."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="soak-") as folder, soaking(Path(folder)) as soak:
        _show("at the start", soak.measure())
        first = soak.burst(requests // 2)
        _show(f"after {first.answers} answers and {first.left} clients that left", first.after)
        second = soak.burst(requests // 2)
        _show(f"after {second.answers} answers and {second.left} clients that left", second.after)
    growth = second.after.resident / first.after.resident - 1
    click.echo(f"resident memory grew by {growth:.1%} in the second burst")
    for problem in first.problems + second.problems:
        click.echo(problem)
    goroutines = {each["goroutines"] for each in second.after.plugins.values()}
    if first.problems or second.problems or growth > 0.05 or goroutines != {1}:
        sys.exit(1)


def _show(when: str, measured: Measured) -> None:
    click.echo(f"{when}: {measured.resident >> 20} MB resident")
    for name, each in measured.plugins.items():
        click.echo(f"  {name}: {each['goroutines']} goroutines, {each['heap'] >> 10} KB heap")


if __name__ == "__main__":
    main()
