"""The copy with marks is the same program, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from snippet2wasm.frontend import lua
from snippet2wasm.ir.nodes import Phase
from snippet2wasm.source import Source
from snippet2wasm.verify.coverage import Instrumented
from snippet2wasm.verify.site import Text

ROOT = Path(__file__).parents[2]
SNIPPETS = sorted((ROOT / "tests" / "behaviour" / "data" / "snippets").glob("*.yaml"))
TEXTS = {
    f"{path.stem} {name} {phase}": text
    for path in SNIPPETS
    for name, entry in yaml.safe_load(path.read_text("utf-8")).get("questions", {}).items()
    for phase, text in entry.items()
    if phase == "lua" or phase in {each.value for each in Phase}
}


def _marked(text: str) -> tuple[str, list[str]]:
    """The text with marks, and what they tell."""
    marked = Instrumented()
    block = marked.block(Text(Source("snippet.lua", text.encode()), "chunk"))
    return block.text, [f"{branch.line} {branch.what}" for branch in marked.branches(frozenset())]


@pytest.mark.parametrize("name", TEXTS)
def test_marks_keep_lines_and_syntax(name: str) -> None:
    text, _ = _marked(TEXTS[name])
    assert text.count("\n") == TEXTS[name].count("\n")
    lua.parse(Source("marked.lua", text.encode("latin-1")))


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        ("ngx.exit(1)", []),
        ("if a then b() end", ["1 not taken", "1 then"]),
        ("if a then\nb()\nelse\nc()\nend", ["2 then", "4 else"]),
        ("if a then b() elseif c then d() end", ["1 not taken", "1 then", "1 then"]),
        ("if a then -- comment\nend", ["1 not taken", "1 then"]),
        ('if a then return b == "c"end -- x\n', ["1 not taken", "1 then"]),
        ("local function f() end", ["1 function"]),
        ("for i = 1, 2 do\nf()\nend\nwhile a do g() end", ["2 loop", "4 loop"]),
    ],
)
def test_branches(text: str, branches: list[str]) -> None:
    assert _marked(text)[1] == branches


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("return a == b", "return  s2w_eq(1, a , b)"),
        ("return (a) ~= ((b))", "return  s2w_ne(1, (a) , ((b)))"),
        ("return a<b==c", "return  s2w_eq(1,  s2w_lt(2, a,b),c)"),
        ("return a == (b == c)", "return  s2w_eq(1, a , ( s2w_eq(2, b , c)))"),
        ("return a --[[==]] == b", "return  s2w_eq(1, a --[[==]] , b)"),
    ],
)
def test_comparisons_become_calls(text: str, marked: str) -> None:
    assert _marked(text)[0] == marked
