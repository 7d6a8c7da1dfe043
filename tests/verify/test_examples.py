"""Every example behaves in Envoy as in nginx: its own requests and 300 generated ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.frontend import files
from snippet2wasm.verify.cases import load_cases
from snippet2wasm.verify.report import Report
from snippet2wasm.verify.verification import prepare, verify

EXAMPLES = sorted(path.parent for path in (Path(__file__).parents[2] / "examples").glob("*/requests.yaml"))
REQUESTS = 300

# Branches that no request can reach with the configuration of the comparison.
UNREACHED = {
    "device-heartbeat": ["nginx.conf:12 then"],  # a key of a wrong length
    "rate-limit": ["nginx.conf:33 then"],  # Redis fails between two commands
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example(example: Path) -> None:
    source = example / "nginx.conf"
    options = Options(example.name, target="envoy", bindings=example / "snippet2wasm.yaml")
    prepared = prepare(compile_text(files.read(source, source.name), example, options), example)
    report = verify(prepared, load_cases(example / "requests.yaml"), count=REQUESTS, seed=3)
    assert _told(report) == []
    assert len(report.results) >= REQUESTS
    found = [f"{branch.file}:{branch.line} {branch.what}" for branch in report.uncovered]
    assert found == UNREACHED.get(example.name, [])


def _told(report: Report) -> list[str]:
    return [f"{result.case.request}: {each}" for result in report.differing for each in result.differences]
