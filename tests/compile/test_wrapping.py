"""Long lines of Go are broken, in a way that gofmt agrees with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from snippet2wasm.backend.wrapping import WIDTH
from snippet2wasm.build.toolchain import find_toolchain
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source

LONG = ", ".join(f'"the {number}th word of a list"' for number in range(20))
PAIRS = ", ".join(f'["key {number}"] = "the value of it {number}"' for number in range(12))
NESTED = "ngx.var.uri" + ":gsub('a', 'b'):lower()" * 3
PROGRAMS = {
    "list": f"for i, w in ipairs({{ {LONG} }}) do ngx.log(ngx.INFO, i, w) end",
    "table": f"local t = {{ {PAIRS} }}\nngx.log(ngx.INFO, t[ngx.var.arg_k])",
    "call": f"ngx.log(ngx.INFO, {LONG})\nngx.log(ngx.INFO, 'short')",
    "nested": f"ngx.log(ngx.INFO, {NESTED})",
    "operators": f"local t = ngx.ctx.t\nlocal x = {' or '.join(f't.field{n} == t.other{n}' for n in range(9))}\n"
    "ngx.log(ngx.INFO, x)",
    "condition": "local t = ngx.ctx.t\n"
    f"if t[{' .. '.join(f'ngx.var.arg_number{n}' for n in range(9))}] then ngx.exit(403) end",
    "loop": f"for k in pairs({{ {PAIRS} }}) do ngx.log(ngx.INFO, k) end",
    "return": f"local function f(t) return {', '.join(f't.the_field.of_number{n} + 1' for n in range(9))} end\n"
    "ngx.log(ngx.INFO, f(ngx.ctx))",
    "brackets in texts": "ngx.log(ngx.INFO, " + ", ".join(f"'a ( \" {{ {n} ` ,'" for n in range(30)) + ")",
}


def compiled(lua: str, folder: Path) -> str:
    """The Go of a handler."""
    return compile_text(Source("snippet.lua", lua.encode()), folder, Options("p", target="envoy")).main_go()


@pytest.mark.parametrize("name", PROGRAMS)
def test_gofmt_leaves_broken_lines_as_they_are(name: str, tmp_path: Path) -> None:
    found = compiled(PROGRAMS[name], tmp_path)
    columns = [len(line.partition(" // :")[0].replace("\t", "    ")) for line in found.splitlines()]
    assert max(columns) <= WIDTH
    gofmt = find_toolchain().go.resolve().with_name("gofmt")
    done = subprocess.run([gofmt, "-d"], input=found, capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_what_is_nested_very_deeply_is_broken_in_reasonable_time(tmp_path: Path) -> None:
    found = compiled("ngx.log(ngx.INFO, " + "{ " * 150 + "ngx.var.uri" + " }" * 150 + ")", tmp_path)
    assert found.count("lua.ListOf(") == 150
