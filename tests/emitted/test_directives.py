"""The units of all cases of tests/directives and of examples/snippets, as one bundle: clean for gofmt, vet and
staticcheck.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from directives import cases
from directives.servers import compiled
from emitted.test_emitted import staticcheck, unformatted
from examples.shapes import SHAPES
from snippet2wasm.backend.project import write
from snippet2wasm.bundle import bundle
from snippet2wasm.cluster import compile_cluster
from snippet2wasm.compiler import Compilation, Options
from support.golang import go


def _compilations(folder: Path) -> list[Compilation]:
    found = [
        compiled(case.name, case.snippets, case.hosts, case.raw, folder / case.name) for case in cases.load()
    ]
    for shape in SHAPES:
        (folder / shape.name).mkdir()
        found += compile_cluster(shape.objects, folder / shape.name, Options("", target="envoy")).compilations
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("all")
    write(bundle("all", "envoy", _compilations(folder / "in")).files(), folder / "project", force=False)
    return folder / "project"


def test_units_are_clean_go(project: Path) -> None:
    assert len(list((project / "units").glob("*/unit.go"))) > 500
    assert unformatted(project, "main.go", "units") == ""
    assert go(project, "vet", "./units/...", GOOS="wasip1", GOARCH="wasm").stdout == ""
    assert staticcheck(project, "./units/...") == ""
