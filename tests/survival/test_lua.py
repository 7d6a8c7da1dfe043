"""Compiled Lua that does its worst: see lua/survival.lua. Real Envoy, one worker and two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.frontend import files
from snippet2wasm.verify.client import Request, send
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.observe import Surroundings
from survival.checks import assert_normal, vms

SOURCE = Path(__file__).parent / "lua" / "survival.lua"
_PATIENCE = 120.0
_TIMES = 2  # for each worker
# What a request does → how it ends.
ACTS = {
    "overflow": 403,
    "overflow-uncaught": 500,
    "deep": 403,
    "deep-wait": 403,
    "deep-exit": 403,
    "tail-calls": 403,
    "string": 403,
    "string-too-long": 403,
    "table": 403,
    "tables": 403,
    "linked": 500,
    "coroutines": 403,
    "coroutine-waits": 403,
}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("survival-lua") / "project"
    compilation = compile_text(
        files.read(SOURCE, SOURCE.name), SOURCE.parent, Options("survival", target="envoy")
    )
    write(compilation.files(), folder, force=True)
    return build(folder, "local").path


@pytest.fixture(scope="module", params=[1, 2], ids=["one-worker", "two-workers"])
def gateway(request: pytest.FixtureRequest, plugin: Path) -> Iterator[EnvoyGateway]:
    with Surroundings() as behind:
        clusters = {"webdis|6379|redis.internal": behind.webdis.address}
        plugins = [Plugin("lua", plugin, {})]
        address = behind.upstream.address
        with EnvoyGateway(plugins, address, clusters=clusters, concurrency=request.param) as server:
            yield server


@pytest.mark.parametrize("act", ACTS)
def test_act(gateway: EnvoyGateway, act: str) -> None:
    made = vms(gateway)
    for _ in range(_TIMES * gateway.concurrency):
        assert _status(gateway, act) == ACTS[act]
    assert_normal(gateway, "lua", ("/?", "/?do=redis&"))
    assert vms(gateway) == made, "a VM was made anew"


def test_a_thousand_overflows_in_a_row(gateway: EnvoyGateway) -> None:
    """Each request catches a hundred."""
    if gateway.concurrency == 1:
        assert [_status(gateway, "overflow") for _ in range(10)] == [403] * 10
        assert_normal(gateway, "lua", ("/?",))


def _status(gateway: EnvoyGateway, act: str) -> int | None:
    response = send(gateway.address(), Request(target=f"/?do={act}"), _PATIENCE)
    return response and response.status
