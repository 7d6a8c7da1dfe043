"""The header Server is the gateway's; a plugin changes it where Envoy is told to leave it alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from directives.servers import compiled
from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.verify import client
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.ingress import Snippets
from snippet2wasm.verify.upstream import Answer, Upstream

SNIPPET = """\
more_clear_headers Server;
if ($arg_mine) { more_set_headers "Server: mine"; }
if ($arg_text) { return 200 "text"; }
"""


class Gateway(EnvoyGateway):
    """A gateway with server_header_transformation."""

    transformation = "OVERWRITE"

    def configuration(self) -> Any:
        """That of the gateway, with the option in each listener."""
        found: Any = super().configuration()
        for listener in found["static_resources"]["listeners"]:
            for chain in listener["filter_chains"]:
                for part in chain["filters"]:
                    part["typed_config"]["server_header_transformation"] = self.transformation
        return found


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("server")
    write(
        compiled("server", Snippets(location=SNIPPET), (), {}, folder / "in").files(),
        folder / "out",
        force=False,
    )
    return build(folder / "out", "local").path


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.mark.parametrize(
    ("transformation", "cleared", "changed"),
    [
        ("OVERWRITE", ["envoy"], ["envoy"]),
        ("APPEND_IF_ABSENT", ["envoy"], ["mine"]),
        ("PASS_THROUGH", [], ["mine"]),
    ],
)
def test_server(
    module: Path, upstream: Upstream, transformation: str, cleared: list[str], changed: list[str]
) -> None:
    gateway = Gateway([Plugin("server", module)], upstream.address)
    gateway.transformation = transformation
    with gateway:
        assert _server(gateway, "/") == cleared
        assert _server(gateway, "/?text=1") == cleared
        assert _server(gateway, "/?mine=1") == changed


def _server(gateway: EnvoyGateway, target: str) -> list[str]:
    answer = Answer(headers=(("server", "upstream"),)).header()
    request = client.Request(target=target, headers=(("host", "a.example"), answer))
    response = client.send(gateway.address(), request)
    assert response is not None
    return [value for name, value in response.headers if name.lower() == "server"]
