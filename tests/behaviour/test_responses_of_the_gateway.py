"""Answers that the gateway makes itself: handlers for responses run for them as in nginx, as far as the
gateway asks plugins about them (docs/phases.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.client import Request, send
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.process import LOOPBACK, free_port

SNIPPET = b"""location / {
  access_by_lua_block { ngx.ctx.a = "seen" }
  header_filter_by_lua_block { ngx.header["X-Filtered"] = ngx.status }
  body_filter_by_lua_block { if ngx.arg[2] then ngx.arg[1] = "own body" else ngx.arg[1] = nil end }
  log_by_lua_block {
    ngx.log(ngx.WARN, ngx.status, " ", ngx.var.request_uri, " ", tostring(ngx.ctx.a), " ", ngx.var.upstream_status)
  }
}
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnvoyGateway]:
    folder = tmp_path_factory.mktemp("responses")
    compilation = compile_text(Source("snippet.conf", SNIPPET), folder, Options("p", target="envoy"))
    write(compilation.files(), folder / "project", force=False)
    plugin = Plugin("p", build(folder / "project", "local").path, {})
    with EnvoyGateway([plugin], (LOOPBACK, free_port())) as server:  # nobody is the upstream
        yield server


@pytest.mark.parametrize(
    ("request_", "status", "filtered", "line"),
    [
        pytest.param(Request(target="/a?b"), 503, True, "503 /a?b seen nil", id="no-upstream"),
        pytest.param(
            Request(headers=(("host", "h"), ("connection", "upgrade"), ("upgrade", "x"))),
            *(403, False, "403 / nil nil"),
            id="refused-before-any-plugin",
        ),
        pytest.param(Request(method="FOO"), 400, False, "", id="no-request"),
    ],
)
def test_response(gateway: EnvoyGateway, request_: Request, status: int, filtered: bool, line: str) -> None:
    gateway.reset()
    response = send(gateway.address(), request_)
    gateway.settle()
    assert response is not None
    assert response.status == status
    assert (dict(response.headers).get("x-filtered") == str(status)) is filtered
    assert (response.body == b"own body") is filtered
    logged = [each.message.partition(":2: ")[2].strip() for each in gateway.log() if each.plugin]
    assert logged == ([line] if line else [])
