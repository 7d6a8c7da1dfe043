"""Every example compiles to a project that is clean and whose own tests, recordings of nginx, pass."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.frontend import nginx
from snippet2wasm.lower.nginx import collect
from snippet2wasm.source import Source
from support.golang import go

EXAMPLES = sorted(path.parent for path in (Path(__file__).parents[2] / "examples").glob("*/nginx.conf"))
NAMES = [folder.name for folder in EXAMPLES]


def _compile(source: Path, target: str) -> Compilation:
    options = Options(source.parent.name, target=target, bindings=source.parent / "snippet2wasm.yaml")
    return compile_text(Source(source.name, source.read_bytes()), source.parent, options)


@pytest.mark.parametrize("folder", EXAMPLES, ids=NAMES)
@pytest.mark.parametrize("target", ["higress", "envoy"])
def test_own_tests_pass(folder: Path, target: str, tmp_path: Path) -> None:
    compilation = _compile(folder / "nginx.conf", target)
    assert compilation.warnings == []
    write(compilation.files(), tmp_path / "project", force=False)
    assert len(list((tmp_path / "project" / "testdata").glob("*.json"))) >= 8
    for command in ("vet", "test"):
        done = go(tmp_path / "project", command, "./...")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("folder", EXAMPLES, ids=NAMES)
def test_snippet_is_the_block_of_the_nginx_text(folder: Path) -> None:
    parts = collect(nginx.parse(Source("nginx.conf", (folder / "nginx.conf").read_bytes())))
    (handler,) = parts.handlers.values()
    assert handler.source is not None
    block = textwrap.dedent(handler.source.data.decode().strip("\n").rstrip() + "\n")
    assert block == (folder / "snippet.lua").read_text("utf-8")
    assert _compile(folder / "snippet.lua", "envoy").warnings == []
