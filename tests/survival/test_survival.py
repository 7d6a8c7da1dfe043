"""Nothing that a request does harms another: real Envoy, one worker and two, and a plugin that does its worst."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from snippet2wasm.verify.client import OpenRequest, Request, Response, send, send_interleaved
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.process import LOOPBACK, free_port, wait_until
from survival.checks import CONNECTIONS, assert_normal, vms
from survival.project import build_plugin

_TIMES_PER_WORKER = 3  # how often a case is sent to each listener
_PATIENCE = 60.0
_POLICIES = ("FAIL_CLOSED", "FAIL_OPEN")


@dataclass(frozen=True)
class Case:
    """One thing to survive; see cases.yaml."""

    do: str
    path: str
    before: str | None
    args: str
    status: int | None
    log: str
    passes: bool
    leave: float | None
    times: int

    def __str__(self) -> str:
        left = "left" if self.leave else ""
        return "-".join(filter(None, (self.path[1:], self.before, self.do, self.args, left)))

    @property
    def target(self) -> str:
        """The request's target."""
        first = f"before={self.before}&" if self.before else ""
        return f"{self.path}?{first}do={self.do}&{self.args}"


def _cases() -> list[Case]:
    text = (Path(__file__).parent / "cases.yaml").read_text("utf-8")
    return [case for entry in yaml.safe_load(text) for case in _expanded(entry)]


def _expanded(entry: dict[str, object]) -> Iterator[Case]:
    """The cases that an entry stands for."""
    rest = {"args": "", "status": None, "log": "", "passes": False, "leave": None, "times": 0, **entry}
    paths, before = rest.pop("paths", ("/direct", "/waiting")), rest.pop("before", (None, "redis", "sleep"))
    for path in paths:
        for first in before:
            waits = first in ("redis", "sleep", "redis-in-coroutine") or rest["do"] == "redis"
            if path == "/waiting" or not waits:
                yield Case(path=path, before=first, **rest)


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_plugin(tmp_path_factory.mktemp("survival") / "plugin")


@pytest.fixture(scope="module")
def surroundings() -> Iterator[Surroundings]:
    with Surroundings() as servers:
        yield servers


@pytest.fixture(scope="module", params=[1, 2], ids=["one-worker", "two-workers"])
def gateway(
    request: pytest.FixtureRequest, plugin: Path, surroundings: Surroundings
) -> Iterator[EnvoyGateway]:
    plugins = [Plugin(policy, plugin, {}, failure_policy=policy) for policy in _POLICIES]
    clusters = {
        "webdis|6379|redis.internal": surroundings.webdis.address,
        "webdis|6379|refused.internal": (LOOPBACK, free_port()),
        "webdis|6379|empty.internal": None,
    }
    with EnvoyGateway(
        plugins, surroundings.upstream.address, clusters=clusters, concurrency=request.param, log_level="warn"
    ) as server:
        yield server


@pytest.mark.parametrize("case", _cases(), ids=str)
def test_case(case: Case, gateway: EnvoyGateway, surroundings: Surroundings) -> None:
    surroundings.upstream.reset()
    gateway.reset()
    created = vms(gateway)
    for policy in _POLICIES:
        _do(case, gateway, policy)
    if case.log:
        wait_until(
            lambda: any(case.log in line.message for line in gateway.log()), 5, f"{case.log!r} in the log"
        )
    for policy in _POLICIES:
        _assert_normal(gateway, policy)
    reached = [each for each in surroundings.upstream.received if each.target == case.target]
    assert bool(reached) == case.passes, "whether the request reached the upstream"
    assert vms(gateway) == created, "a VM was made anew"


@pytest.mark.parametrize("path", ["/direct", "/waiting"])
@pytest.mark.parametrize("megabytes", [16, 200])
def test_large_heap(gateway: EnvoyGateway, megabytes: int, path: str) -> None:
    """With much in use and much garbage, the garbage is collected in time."""
    created = vms(gateway)
    before = gateway.resident_bytes()
    for _ in range(4 * gateway.concurrency):
        _send(gateway, f"/direct?before=hold&do=exit&mb={megabytes}")
    load = [Request(target=f"{path}?before=garbage&do=exit&kb=2000&id={n}") for n in range(300)]
    statuses = {response and response.status for response in _send_all(gateway, load)}
    used = gateway.resident_bytes() - before
    _send_all(gateway, [Request(target="/direct?before=hold&do=exit&mb=0")] * 4 * gateway.concurrency)
    assert statuses == {403}
    assert used < (2 * megabytes + 50) * gateway.concurrency << 20
    _assert_normal(gateway, "FAIL_CLOSED")
    assert vms(gateway) == created, "a VM was made anew"


def test_woken_by_another_request(gateway: EnvoyGateway, surroundings: Surroundings) -> None:
    """A handler that goes on in another request's callback can still call out and answer its own client."""
    parked = [OpenRequest(gateway.address(), Request(target=f"/waiting?do=park&n={n}")) for n in range(20)]

    def all_answered() -> bool:
        _send(gateway, "/direct?before=unpark&do=exit")
        return all(each.answered() for each in parked)

    wait_until(all_answered, 10, "answers to the parked requests")
    assert [response and response.status for response in (each.read() for each in parked)] == [403] * 20
    _assert_normal(gateway, "FAIL_CLOSED")


def _send(gateway: EnvoyGateway, target: str) -> Response:
    response = send(gateway.address(), Request(target=target), _PATIENCE)
    assert response is not None
    return response


def _send_all(gateway: EnvoyGateway, requests: list[Request]) -> list[Response | None]:
    return send_interleaved(gateway.address(), requests, CONNECTIONS, _PATIENCE)


def _do(case: Case, gateway: EnvoyGateway, policy: str) -> None:
    """Sends the case and looks at its answers."""
    times = case.times or _TIMES_PER_WORKER * gateway.concurrency
    if case.leave is not None:
        opened = [OpenRequest(gateway.address(policy), Request(target=case.target)) for _ in range(times)]
        time.sleep(case.leave)
        for each in opened:
            each.hang_up()
        return
    for _ in range(times):
        response = send(gateway.address(policy), Request(target=case.target), _PATIENCE)
        assert (response.status if response else 0) == case.status


def _assert_normal(gateway: EnvoyGateway, policy: str) -> None:
    assert_normal(gateway, policy, ("/direct?", "/waiting?do=redis&"))
