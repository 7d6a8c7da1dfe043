"""Shared dicts and locks in a gateway with two workers: each has a VM of its own, and no change is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.ir.nodes import Phase
from snippet2wasm.source import Source
from snippet2wasm.verify.client import Request, send, send_interleaved
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.observe import Surroundings

DATA = Path(__file__).parent / "data"
REQUESTS = 200


def test_no_change_is_lost(tmp_path: Path, surroundings: Surroundings) -> None:
    source = DATA / "workers.lua"
    bindings = tmp_path / "snippet2wasm.yaml"
    bindings.write_text("shared_dicts: {counts: 1m, locks: 64k}\n", "utf-8")
    options = Options("workers", Phase.ACCESS, "envoy", bindings)
    compilation = compile_text(Source(source.name, source.read_bytes()), tmp_path, options)
    write(compilation.files(), tmp_path / "project", force=False)
    plugin = Plugin("workers", build(tmp_path / "project", "local").path)
    with EnvoyGateway([plugin], surroundings.upstream.address, concurrency=2) as gateway:
        responses = send_interleaved(gateway.address(), [Request()] * REQUESTS, connections=20)
        shown = send(gateway.address(), Request(target="/?show=1"))
        stats = gateway.stats(r"^listener\..*\.worker_\d\.downstream_cx_total$")
    port = str(gateway.address()[1])
    connections = [n for name, n in stats.items() if port in name]
    assert len(connections) == 2
    assert min(connections) > 0  # else there was nobody to race with
    answers = [response.body.decode().split() for response in responses if response is not None]
    assert sorted(int(answer[0]) for answer in answers) == list(range(1, REQUESTS + 1))
    assert Counter(answer[1] for answer in answers)["true"] == REQUESTS // 4
    assert shown is not None
    assert shown.body.decode() == f"{REQUESTS} {REQUESTS} {REQUESTS}"
