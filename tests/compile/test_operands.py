"""Every operand is evaluated once: the calls in data/operands.lua stand in the Go once each."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest

from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source

DATA = Path(__file__).parent / "data" / "operands.lua"
HEAD = """
local redis, cjson, bit = require "resty.redis", require "cjson.safe", require "bit"
local log = {}
local function text(i) log[#log + 1] = i if ngx.var.arg_x then return nil end return ngx.var["arg_" .. i] end
local function number(i) log[#log + 1] = i if ngx.var.arg_x then return nil end return i * 2 end
local function out(...) log[#log + 1] = select("#", ...) end
local function plain(a, b) return a, b end
local tbl, own, seen = { a = 1 }, { inner = {} }, { k1 = "a", k2 = "b" }
local record, object = { a = tbl }, { method = function(self, a) return a end }
local dyn, list, list2 = cjson.decode(ngx.var.arg_q), {}, {}
for word in ngx.var.uri:gmatch("%w+") do list[#list + 1] = word end
local dict, red = ngx.shared.d, redis:new()
red:connect("redis.internal", 6379)
local captures = ngx.re.match(ngx.var.uri, "(a)(?<n>b)")
if not captures then return end
"""
NUMBERS = count(101)
CALLS = {"TEXT": "text", "NUMBER": "number"}


def numbered(line: str) -> str:
    """The line with its calls: `(text(101) or text(102))`, which needs statements of its own in Go."""

    def calls(word: re.Match[str]) -> str:
        name = CALLS[word[0]]
        return f"({name}({next(NUMBERS)}) or {name}({next(NUMBERS)}))"

    return re.sub(r"\b(?:TEXT|NUMBER)\b", calls, line)


LINES = [numbered(line) for line in DATA.read_text("utf-8").splitlines() if not line.startswith("--")]


@pytest.fixture(scope="module")
def emitted() -> str:
    code = HEAD + "\n".join(LINES)
    text = f"lua_shared_dict d 1m;\nserver {{ location / {{ access_by_lua_block {{ {code} }} }} }}"
    return compile_text(Source("operands.conf", text.encode()), DATA.parent, Options("operands")).main_go()


@pytest.mark.parametrize("line", LINES)
def test_operands_are_evaluated_once(emitted: str, line: str) -> None:
    numbers = re.findall(r"\b(?:text|number)\((\d+)\)", line)
    found = {each: len(re.findall(rf"\b(?:text|number)\((?:r, )?{each}\)", emitted)) for each in numbers}
    assert found == dict.fromkeys(numbers, 1)
