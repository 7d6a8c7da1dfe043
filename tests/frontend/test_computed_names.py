"""Which modules a computed name can mean, by the files that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.frontend.modules import SearchPath, below
from snippet2wasm.source import Source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "pages/a.lua",
        "pages/b.lua",
        "pages/init.lua",
        "pages/deep/c.lua",
        "other.lua",
        "notes.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "return { run = function() return ... end }\n".replace("return ...", f"return '{name}'")
        )
    return tmp_path


def test_names_by_begin_and_end(folder: Path) -> None:
    search = SearchPath(below(folder), folder)
    assert search.names("pages.", "") == ["pages.a", "pages.b", "pages.deep.c", "pages.init"]
    assert search.names("pages.", ".c") == ["pages.deep.c"]
    assert search.names("", "her") == ["other"]
    assert search.names("none.", "") == []


def _go(folder: Path, text: str) -> str:
    compilation = compile_text(Source("snippet.lua", text.encode()), folder, Options("case"))
    return compilation.main_go() + "".join(compilation.module_files().values())


def test_a_file_is_one_module(folder: Path) -> None:
    go = _go(
        folder, 'local p = require "pages"\nlocal m = require("pages." .. ngx.var.arg_m)\nm.run() p.run()\n'
    )
    assert '"pages.a"' in go
    assert '"pages.init"' not in go


def test_strings_of_the_code_name_modules(folder: Path) -> None:
    text = 'local routes = { a = "pages.a", b = "no.such" }\nrequire(routes[ngx.var.arg_m]).run()\n'
    go = _go(folder, text)
    assert 'require "pages.a"' in go
    assert "pages.b" not in go


def test_a_name_that_no_module_can_have_is_refused(folder: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        _go(folder, 'require("zz." .. ngx.var.arg_m)\n')
    assert [each.code for each in refusal.value.diagnostics] == ["S2W215"]
