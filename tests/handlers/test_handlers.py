"""Whole handlers, as people write them, behave in Envoy as in nginx: their own requests and 200 generated ones.

A folder is a project: nginx.conf, its Lua modules, `requests.yaml` for `verify`, and snippet2wasm.yaml if it
needs bindings.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.frontend import files
from snippet2wasm.verify.cases import load_cases
from snippet2wasm.verify.report import Report
from snippet2wasm.verify.verification import prepare, verify

FOLDER = Path(__file__).parent
HANDLERS = sorted(path.parent for path in FOLDER.glob("*/nginx.conf"))
REQUESTS = 200


def compiled(handler: Path) -> Compilation:
    """A handler, compiled for Envoy."""
    bindings = handler / "snippet2wasm.yaml"
    options = Options(handler.name, target="envoy", bindings=bindings if bindings.exists() else None)
    source = handler / "nginx.conf"
    return compile_text(files.read(source, source.name), handler, options)


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda path: path.name)
def test_handler(handler: Path) -> None:
    cases = load_cases(handler / "requests.yaml") if (handler / "requests.yaml").exists() else []
    report = verify(prepare(compiled(handler), handler), cases, count=REQUESTS, seed=4)
    assert _told(report) == []
    assert len(report.results) >= REQUESTS


def test_there_are_thirty_of_which_ten_have_modules() -> None:
    assert len(HANDLERS) >= 30
    assert len([handler for handler in HANDLERS if any(handler.rglob("*.lua"))]) >= 10


def _told(report: Report) -> list[str]:
    return [f"{result.case.request}: {each}" for result in report.differing for each in result.differences]
