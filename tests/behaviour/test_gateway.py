"""The gateway: real Envoy, with a probe plugin made by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from snippet2wasm import resources
from snippet2wasm.build.commands import ENVIRONMENT, TARGET, link
from snippet2wasm.build.toolchain import find_toolchain
from snippet2wasm.verify.client import Request, Response, send
from snippet2wasm.verify.gateway import EnvoyGateway, GatewayLogLine, Plugin, envoy_program
from snippet2wasm.verify.observe import GatewaySubject, Surroundings
from snippet2wasm.verify.process import ServerError, listens, wait_until
from snippet2wasm.verify.upstream import Upstream

PROBE = Path(__file__).parent / "data" / "probe" / "main.go"


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("probe")
    runtime = resources.go_runtime()
    shutil.copytree(runtime / "vendor", folder / "vendor")
    for file in (runtime / "go.mod", runtime / "go.sum", PROBE):
        shutil.copy(file, folder)
    wasm = folder / "probe.wasm"
    environment = {**os.environ, **ENVIRONMENT, **TARGET}
    subprocess.run(link(str(find_toolchain().go), str(wasm)), cwd=folder, env=environment, check=True)
    return wasm


@pytest.fixture(scope="module")
def gateway(probe: Path, started_surroundings: Surroundings) -> Iterator[EnvoyGateway]:
    plugins = [Plugin("one", probe, {"word": "é"}), Plugin("two", probe, [2]), Plugin("bare", probe)]
    with EnvoyGateway(plugins, started_surroundings.upstream.address, log_level="trace") as server:
        yield server


def _send(gateway: EnvoyGateway, target: str, plugin: str | None = None) -> Response:
    response = send(gateway.address(plugin), Request(target=target))
    assert response is not None
    return response


def test_log_lines_have_level_plugin_and_whole_text(gateway: EnvoyGateway) -> None:
    gateway.reset()
    _send(gateway, "/log", "two")
    assert [line for line in gateway.log() if line.plugin] == [
        GatewayLogLine("trace", "two", "at trace"),
        GatewayLogLine("debug", "two", "at debug"),
        GatewayLogLine("info", "two", "at info"),
        GatewayLogLine("warning", "two", "at warn"),
        GatewayLogLine("error", "two", "at error\nsecond line: \xff"),
        GatewayLogLine("critical", "two", "[2]"),
    ]


def test_log_lines_outside_of_requests_have_their_plugin(gateway: EnvoyGateway) -> None:
    gateway.reset()
    _send(gateway, "/tick", "two")
    wait_until(lambda: GatewayLogLine("info", "two", "tick: tock") in gateway.log(), 5, "the tick's line")


def test_every_listener_has_its_own_configuration(gateway: EnvoyGateway) -> None:
    gateway.reset()
    for name in ("one", "two", "bare"):
        _send(gateway, "/log", name)
    found = [(line.plugin, line.message) for line in gateway.log() if line.level == "critical"]
    assert found == [("one", '{"word": "\\u00e9"}'), ("two", "[2]"), ("bare", "")]


def test_a_subject_sees_its_own_plugin(gateway: EnvoyGateway) -> None:
    subject = GatewaySubject(gateway, "two")
    subject.reset()
    for name in ("one", "two"):
        _send(gateway, "/log", name)
    assert [line.text for line in subject.log() if line.level == "critical"] == ["[2]"]


@pytest.mark.parametrize("target", ["/x?d=%20&&d", "//a/../b%2f", "/" + "a" * 60_000])
def test_target_reaches_the_upstream_as_it_is(gateway: EnvoyGateway, upstream: Upstream, target: str) -> None:
    assert _send(gateway, target).status == 200
    assert [request.target for request in upstream.received] == [target]


def test_plugin_answers_itself(gateway: EnvoyGateway, upstream: Upstream) -> None:
    response = _send(gateway, "/deny")
    assert (response.status, response.body) == (403, b"no")
    assert ("x-probe", "1") in response.headers
    assert upstream.received == []


def test_statistics_and_memory(gateway: EnvoyGateway) -> None:
    before = gateway.stats("http.one.downstream_rq_4xx")
    _send(gateway, "/deny", "one")
    after = gateway.stats("http.one.downstream_rq_4xx")
    assert after["http.one.downstream_rq_4xx"] == before["http.one.downstream_rq_4xx"] + 1
    assert 50_000_000 < gateway.resident_bytes() < 1_000_000_000


def test_several_gateways_run_side_by_side(probe: Path, gateway: EnvoyGateway, upstream: Upstream) -> None:
    with EnvoyGateway([Plugin("one", probe)], upstream.address, concurrency=2) as other:
        assert other.pid != gateway.pid
        assert _send(other, "/x").status == 200
        assert _send(gateway, "/x").status == 200
    assert not listens(other.address())


@pytest.mark.parametrize(("policy", "status"), [("FAIL_CLOSED", 503), ("FAIL_OPEN", 200)])
def test_failure_policy(probe: Path, upstream: Upstream, policy: str, status: int) -> None:
    plugin = Plugin("dying", probe, failure_policy="FAIL_OPEN" if policy == "FAIL_OPEN" else "FAIL_CLOSED")
    with EnvoyGateway([plugin], upstream.address) as gateway:
        _send(gateway, "/die")
        assert _send(gateway, "/x").status == status
        assert any("failed" in line.message for line in gateway.log() if line.plugin is None)


def test_failed_plugin_is_reloaded(probe: Path, upstream: Upstream) -> None:
    plugin = Plugin("dying", probe, failure_policy="FAIL_RELOAD")
    with EnvoyGateway([plugin], upstream.address) as gateway:
        _send(gateway, "/die")
        wait_until(lambda: _send(gateway, "/deny").status == 403, 10, "the plugin to be reloaded")


def test_module_that_is_none(tmp_path: Path, upstream: Upstream) -> None:
    (tmp_path / "bad.wasm").write_bytes(b"no module")
    with pytest.raises(ServerError, match="envoy ended with exit code 1"):
        EnvoyGateway([Plugin("bad", tmp_path / "bad.wasm")], upstream.address).start()


def test_configuration_that_the_plugin_refuses(probe: Path, upstream: Upstream) -> None:
    with pytest.raises(ServerError, match="envoy ended with exit code 1"):
        EnvoyGateway([Plugin("bad", probe, "refuse")], upstream.address).start()


def test_envoy_is_found_without_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert envoy_program().name == "envoy"
