"""Shared dicts with several workers of the gateway: they are one, and nothing that races for a key is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.client import Request, Response, send, send_interleaved
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.observe import Surroundings

REQUESTS = 400
TIMES = 25
HANDLER = f"""
local dict = ngx.shared.race
if ngx.var.arg_read then
  return ngx.say(dict:get("sum"), " ", dict:llen("list"), " ", #dict:get_keys(0), " ", dict:get("first"))
end
for i = 1, {TIMES} do
  dict:incr("sum", 1, 0)
end
dict:rpush("list", ngx.var.arg_n)
dict:set("key " .. ngx.var.arg_n, ngx.var.arg_n)
if dict:add("first", ngx.var.arg_n) then
  ngx.header["X-First"] = ngx.var.arg_n
end
ngx.say(ngx.var.arg_n)
"""


@pytest.fixture(scope="module")
def gateway(
    started_surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EnvoyGateway]:
    folder = tmp_path_factory.mktemp("race") / "project"
    options = Options(name="race", target="envoy")
    compilation = compile_text(Source("race.lua", HANDLER.encode()), folder.parent, options)
    write(compilation.files(), folder, force=True)
    plugin = Plugin("race", build(folder, "local").path)
    with EnvoyGateway([plugin], started_surroundings.upstream.address, concurrency=2) as server:
        yield server


def _request(target: str) -> Request:
    return Request(target=target, headers=(("host", "race.example"), ("connection", "close")))


def test_two_workers_lose_nothing(gateway: EnvoyGateway) -> None:
    answers = send_interleaved(gateway.address(), [_request(f"/?n={n}") for n in range(REQUESTS)], 16)
    assert {answer.status for answer in answers if answer} == {200}
    workers = gateway.stats("listener")
    took = [value for name, value in workers.items() if re.search(r"\.worker_\d\.downstream_cx_total$", name)]
    assert len([value for value in took if value > REQUESTS / 20]) >= 2, took
    firsts = [_header(answer, "x-first") for answer in answers if answer and _header(answer, "x-first")]
    assert len(firsts) == 1
    read = send(gateway.address(), _request("/?read=1"))
    assert read is not None
    keys = REQUESTS + len(("sum", "list", "first"))
    assert read.body.decode() == f"{REQUESTS * TIMES} {REQUESTS} {keys} {firsts[0]}\n"


def _header(response: Response, name: str) -> str:
    return dict(response.headers).get(name, "")
