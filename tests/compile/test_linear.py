"""The work of compiling grows as the program does: twice the lines are not much more than twice the work.

Work is the number of Python functions that are called, which is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from support.longhandler import handler
from support.work import calls

# What a program of twice the size may cost at most.
MOST = 2.4


def chain(count: int) -> str:
    """Functions that call the one before."""
    lines = ["local f = {}", "f[0] = function(x) return x end"]
    lines += [
        f"f[{i}] = function(x) if x then return f[{i - 1}](x) end return {i} end" for i in range(1, count)
    ]
    return "\n".join([*lines, f"ngx.log(ngx.INFO, f[{count - 1}](ngx.var.arg_x))"])


def statements(count: int) -> str:
    """Statements that change a few variables, on one level."""
    body = "a = a + {i} if a > {i} then b = b .. a elseif c then c = not c end\n"
    return (
        "local a, b, c = 1, '', true\n" + "".join(body.format(i=i) for i in range(count)) + "ngx.say(a, b, c)"
    )


def choices(count: int) -> str:
    """One `if` with many arms."""
    arms = "".join(f'elseif uri == "/{i}" then ngx.exit({200 + i % 300})\n' for i in range(count))
    return f'local uri = ngx.var.uri\nif uri == "" then ngx.exit(400)\n{arms}end'


def entries(count: int) -> str:
    """A long table."""
    return (
        "local t = {\n"
        + "".join(f'  key{i} = {{{i}, "value {i}"}},\n' for i in range(count))
        + "}\nngx.say(t.key1[2])"
    )


def reads(count: int) -> str:
    """Tests of what the client has sent, which nothing changes in between."""
    lines = "".join(
        f"if ngx.var.arg_a{i} and #ngx.var.arg_a{i} > 3 then n = n + 1 end\n" for i in range(count)
    )
    return f"local n = 0\n{lines}ngx.say(n)"


def alternatives(count: int) -> str:
    """One condition with many operands."""
    tests = " or ".join(f'uri == "/{i}"' for i in range(count))
    return f"local uri = ngx.var.uri\nif {tests} then ngx.exit(403) end"


SHAPES: dict[str, tuple[Callable[[int], str], int]] = {
    "handler": (handler, 12 * 30),
    "chain": (chain, 60),
    "statements": (statements, 60),
    "choices": (choices, 100),
    "entries": (entries, 120),
    "reads": (reads, 80),
    "alternatives": (alternatives, 24),
}


def work(text: str, folder: Path) -> int:
    """How many functions are called while a text becomes Go."""
    source, options = Source("snippet.lua", text.encode()), Options("linear", target="envoy")
    return calls(lambda: compile_text(source, folder, options).files())


@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_as_the_program_does(shape: str, tmp_path: Path) -> None:
    make, size = SHAPES[shape]
    work(make(2), tmp_path)  # what is read once and kept
    base = work(make(1), tmp_path)
    single, double = work(make(size), tmp_path) - base, work(make(2 * size), tmp_path) - base
    assert double < MOST * single, f"{single} calls, then {double}"
