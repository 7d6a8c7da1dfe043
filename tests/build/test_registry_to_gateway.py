"""What was pushed is what a gateway runs: from the registry into a real Envoy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from snippet2wasm.build import push, verify_image
from snippet2wasm.verify.client import Request, send
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.upstream import Upstream
from support.registry import Registry

PATH = "/api/device/heartbeat"


@pytest.mark.usefixtures("docker_config")
def test_pulled_module_runs(heartbeat_wasm: Callable[..., Path], registry: Registry, tmp_path: Path) -> None:
    built = heartbeat_wasm("envoy")
    pushed = push(built.parent, f"{registry.address}/plugins/heartbeat:1.0.0")
    pulled = verify_image(pushed.url, sha256=pushed.digest.removeprefix("sha256:"))
    assert pulled == built.read_bytes()
    module = tmp_path / "pulled.wasm"
    module.write_bytes(pulled)
    plugin = Plugin("heartbeat", module, {"aesKey": "0123456789abcdef0123456789abcdef"})
    with Upstream() as upstream, EnvoyGateway([plugin], upstream.address) as gateway:
        answers = [send(gateway.address(), Request(target=target)) for target in (PATH, f"{PATH}?d=x", "/")]
        assert [answer.status if answer else None for answer in answers] == [400, 403, 200]
        lines = [line.message for line in gateway.log() if line.plugin == plugin.name]
    assert lines == ["[lua] access_by_lua(nginx.conf:20):12: Failed to decrypt device ID"]
