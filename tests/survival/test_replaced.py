"""A configuration is replaced while handlers wait: they go on to their ends, with the old one."""

from __future__ import annotations

from pathlib import Path

import pytest

import snippet2wasm
from snippet2wasm.build import build
from snippet2wasm.serve.gateway import Deployment, LiveGateway, State
from snippet2wasm.verify.client import OpenRequest, Request, send
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.process import wait_until

SOURCE = Path(__file__).parent / "lua" / "replaced.lua"
MANY = 20


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replaced") / "project"
    return build(snippet2wasm.compile(SOURCE, target="envoy").write(folder), "local").path


@pytest.mark.parametrize("client", ["stays", "leaves"])
def test_handlers_that_wait_end_with_their_configuration(module: Path, client: str) -> None:
    with Surroundings() as behind:
        gateway = LiveGateway(None, behind.upstream.address)
        clusters = {"webdis|6379|redis.internal": behind.webdis.address}

        def words(prefix: str) -> list[bytes]:
            found = behind.redis.snapshot()
            return [entry.value for key, entry in found.items() if key.startswith(prefix.encode())]  # type: ignore[misc]

        gateway.deploy(Deployment(module, {"word": "old"}, clusters))
        with gateway:
            wait_until(lambda: gateway.state() is State.SERVING, 60, "the plugin")
            requests = [
                OpenRequest(gateway.address, Request(target=f"/?id={number}")) for number in range(MANY)
            ]
            wait_until(lambda: len(words("begun:")) == MANY, 10, "the handlers")
            if client == "leaves":
                for request in requests:
                    request.hang_up()
            gateway.deploy(Deployment(module, {"word": "new"}, clusters))
            wait_until(lambda: gateway.state() is State.SERVING, 60, "the new configuration")
            response = send(gateway.address, Request(target="/?id=new"))
            assert response is not None
            assert response.status == 403
            wait_until(lambda: len(words("ended:")) == MANY + 1, 10, "the ends of the handlers")
            assert sorted(words("ended:")) == [b"new"] + [b"old"] * MANY
