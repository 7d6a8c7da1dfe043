"""Lua's front end takes what LuaJIT takes, refuses what it refuses, in its words; its trees are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from frontend import cases, lua_text, luajit
from snippet2wasm.diagnostics import Diagnostic, Refusal, render_text
from snippet2wasm.frontend import deep, lua, lua_ast
from snippet2wasm.source import Source
from support.work import calls

LIBRARIES = sorted(Path("/usr/share").glob("lua*/**/*.lua"))


def refusal(text: bytes) -> Diagnostic | None:
    """Why the compiler refuses a chunk; None if it takes it."""
    try:
        lua.parse(Source("L", text))
    except Refusal as refused:
        [diagnostic] = refused.diagnostics
        return diagnostic
    return None


def rewritten(text: bytes) -> bytes:
    """The chunk, written back from its tree."""
    return deep.run(lambda: lua_text.chunk(lua.parse(Source("L", text))))


def children(node: lua_ast.Node) -> Iterator[lua_ast.Node]:
    for field in fields(node):
        value = getattr(node, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, lua_ast.Node):
                yield child


def nodes(root: lua_ast.Node) -> list[lua_ast.Node]:
    """All nodes, outer before inner."""
    found = [root]
    for node in found:
        found.extend(children(node))
    return found


def differences(case: cases.Case, verdict: luajit.Verdict) -> Iterator[str]:
    """What differs between LuaJIT's verdict and the compiler's beyond what the case's heading allows."""
    found = refusal(case.text)
    allowed = case.heading.rpartition(": ")[2]
    if allowed.startswith("S2W"):
        if found is None or found.code != allowed:
            yield f"expected {allowed}, got {found}"
        return
    if (found is None) != (verdict.message is None):
        yield f"LuaJIT says {verdict.message!r}, the compiler {found and found.message!r}"
        return
    if found is None:
        return
    assert found.span is not None
    if found.code not in ("S2W101", "S2W102"):
        yield f"refused with {found.code}"
    if allowed != "other words" and found.message != verdict.message:
        yield f"LuaJIT says {verdict.message!r}, the compiler {found.message!r}"
    if allowed != "other line" and found.span.line != verdict.line:
        yield f"LuaJIT says line {verdict.line}, the compiler {found.span.line}"


def test_verdicts_are_those_of_luajit() -> None:
    found = cases.lines("lua_lines.txt")
    verdicts = luajit.verdicts([case.text for case in found])
    wrong = [
        f"{case.place} {case.text!r}: {difference}"
        for case, verdict in zip(found, verdicts, strict=True)
        for difference in differences(case, verdict)
    ]
    assert not wrong, "\n".join(wrong)
    assert sum(verdict.message is None for verdict in verdicts) > 300
    assert sum(verdict.message is not None for verdict in verdicts) > 300


def test_accepted_chunks_keep_their_bytecode() -> None:
    texts = [case.text for case in cases.lines("lua_lines.txt") if refusal(case.text) is None]
    same = luajit.same_bytecode([(text, rewritten(text)) for text in texts])
    assert [text for text, is_same in zip(texts, same, strict=True) if not is_same] == []


def test_values_are_those_of_luajit() -> None:
    found = cases.lines("lua_values.txt")
    assert len(found) > 60
    wanted = luajit.results([case.text for case in found])
    got = luajit.results([rewritten(case.text) for case in found])
    wrong = [
        f"{case.place} {case.text!r}: {a} became {b}"
        for case, a, b in zip(found, wanted, got, strict=True)
        if a != b or a.startswith(("error", "L:"))
    ]
    assert not wrong, "\n".join(wrong)


def test_real_libraries_keep_their_bytecode() -> None:
    assert len(LIBRARIES) > 30
    texts = [path.read_bytes() for path in LIBRARIES]
    same = luajit.same_bytecode([(text, rewritten(text)) for text in texts])
    assert [str(path) for path, is_same in zip(LIBRARIES, same, strict=True) if not is_same] == []


@pytest.mark.parametrize("name", ["lua_lines.txt", "lua_values.txt"])
def test_spans_nest(name: str) -> None:
    for case in cases.lines(name):
        if refusal(case.text) is not None:
            continue
        for node in nodes(lua.parse(Source("L", case.text))):
            place = f"{case.place} {case.text!r}: {node.span.text!r}"
            assert 0 <= node.span.start <= node.span.end <= len(case.text), place
            text = case.text[node.span.start : node.span.end]
            assert text == text.strip() or isinstance(node, lua_ast.Chunk), place
            for child in children(node):
                assert node.span.start <= child.span.start, place
                assert child.span.end <= node.span.end, place


SPANS = [
    ("x = ( a + b ) * c", lua_ast.Binary, ["( a + b ) * c", "a + b"]),
    ("f ( (a) ) ( b ) . c = 1;", lua_ast.Index, ["f ( (a) ) ( b ) . c"]),
    ("f ( (a) ) ( b ) ;", lua_ast.Call, ["f ( (a) ) ( b )", "f ( (a) )"]),
    ("a.b:c 's' :d {x}", lua_ast.MethodCall, ["a.b:c 's' :d {x}", "a.b:c 's'"]),
    ("a . b . c ()", lua_ast.Index, ["a . b . c", "a . b"]),
    ("a . b . c ()", lua_ast.String, ["c", "b"]),
    ("return (f()), ( ( ... ) )", lua_ast.Parenthesized, ["(f())", "( ... )"]),
    ("return 1 , 2 ; -- c", lua_ast.Return, ["return 1 , 2"]),
    ("return ;", lua_ast.Return, ["return"]),
    ("while x do break ; end", lua_ast.Break, ["break"]),
    ("local x --[[c]] , y = 1 --d", lua_ast.Local, ["local x --[[c]] , y = 1"]),
    ("x = { 1 , a = 2 ; [ 3 ] = 4 , }", lua_ast.Field, ["1", "a = 2", "[ 3 ] = 4"]),
    ("x = function (a) return a end", lua_ast.Function, ["function (a) return a end"]),
    ("function a.b:c (d) end", lua_ast.Function, ["function a.b:c (d) end"]),
    ("function a.b:c (d) end", lua_ast.Index, ["a.b:c", "a.b"]),
    ("function a:b (c) end", lua_ast.Name, ["a", "b", "c"]),
    ("if a then b() elseif c then else d() end", lua_ast.Clause, ["if a then b()", "elseif c then"]),
    (
        "if a then -- x\n b() c() --[[y]] end",
        lua_ast.Block,
        ["if a then -- x\n b() c() --[[y]] end", "b() c()"],
    ),
    ("x = not - # a ^ - b", lua_ast.Unary, ["not - # a ^ - b", "- # a ^ - b", "# a ^ - b", "- b"]),
    ("x = 'é' .. \"\\n\" .. [[z]]", lua_ast.String, ["'é'", '"\\n"', "[[z]]"]),
    ("goto  a ::  a  ::", lua_ast.Label, ["::  a  ::"]),
    ("for i = 1 , 2 do x ( ) end", lua_ast.NumericFor, ["for i = 1 , 2 do x ( ) end"]),
]


@pytest.mark.parametrize(("text", "kind", "wanted"), SPANS)
def test_spans_are_exact(text: str, kind: type[lua_ast.Node], wanted: list[str]) -> None:
    found = nodes(lua.parse(Source("L", text.encode())))
    assert sorted(node.span.text for node in found if type(node) is kind) == sorted(wanted)


def test_method_declarations_get_self() -> None:
    [statement] = lua.parse(Source("L", b"function t.u:m(a, ...) end")).body.statements
    assert isinstance(statement, lua_ast.FunctionStatement)
    assert statement.is_method
    assert [name.name for name in statement.function.parameters] == ["self", "a"]
    assert statement.function.is_vararg


def test_a_span_in_a_part_of_a_file_points_into_the_file() -> None:
    outer = Source("nginx.conf", b"location / {\n access_by_lua_block {\n  if a then\n  x y\n }}\n")
    start, end = outer.data.index(b"\n  if"), outer.data.index(b"}}")
    with pytest.raises(Refusal) as refused:
        lua.parse(outer.child(outer.data[start:end], ((0, start),)))
    assert render_text(refused.value.diagnostics[0]).startswith("nginx.conf:4:5: error[S2W101]: '=' expected")
    with pytest.raises(Refusal) as refused:
        lua.parse(outer.child(outer.data[start : end - 6], ((0, start),)))
    assert "(to close 'if' at line 3)" in refused.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("if a != b then end", "`~=`"),
        ("x = !a", "`not`"),
        ("x = a && b", "`and`"),
        ("x = a || b", "`or`"),
        ("x = a // b", "math.floor"),
        ("x = a & b", "`bit`"),
        ("x = a << 1", "`bit`"),
        ("x = ~a", "`bit`"),
        ("local x <const> = 1", "5.4"),
        ("x += 1", "a = a + b"),
        ("x ..= 'a'", "a = a + b"),
        ("i++", "i = i + 1"),
        ("for i = 1, 2 do continue end", "goto continue"),
        ("f();;", "extra `;`"),
        ('x = "\\d"', "\\\\"),
    ],
)
def test_advice_for_other_languages(text: str, advice: str) -> None:
    found = refusal(text.encode())
    assert found is not None
    assert advice in found.help


def nested(levels: int) -> dict[str, str]:
    """Texts that nest or chain `levels` times, by what they do it with."""
    n = levels
    names = ", ".join(f"v{number}" for number in range(n))
    return {
        "parentheses": "x = " + "(" * n + "1" + ")" * n,
        "open parentheses": "x = " + "(" * n,
        "tables": "x = " + "{" * n + "}" * n,
        "open tables": "x = " + "{" * n,
        "indexes": "x = " + "a[" * n + "1" + "]" * n,
        "functions": "x = " + "function() return " * n + "1" + " end" * n,
        "blocks": "do " * n + "end " * n,
        "ifs": "if a then " * n + "end " * n,
        "else ifs": "if a then else " * n + "end " * n,
        "unary operators": "x = " + "not " * n + "1",
        "concatenations": "x = " + " .. ".join("a" * n),
        "powers": "x = " + " ^ ".join("a" * n),
        "labels": " ".join(f"::l{number}::" for number in range(n)),
        "locals": f"local {names}",
        "parameters": f"local function f({names}) end",
        "loop variables": f"for {names} in x do end",
        "upvalues": f"local {names}\nfunction f() return {names} end",
        "unclosed comments": "--[[" * n,
        "unclosed strings": "'" + "\\'" * n,
    }


@pytest.mark.parametrize("levels", [50, 119, 120, 121, 150, 196, 197, 198, 199, 200, 201, 10_000])
def test_nesting_is_limited_where_luajit_limits_it(levels: int) -> None:
    texts = {name: text.encode() for name, text in nested(levels).items()}
    for (name, text), verdict in zip(texts.items(), luajit.verdicts(list(texts.values())), strict=True):
        found = refusal(text)
        assert (found is None) == (verdict.message is None), f"{name}: {verdict.message} / {found}"
        if found is not None and verdict.message is not None:
            assert verdict.message.rpartition(" near ")[0] in found.message, name


@pytest.mark.parametrize("levels", [400, 700, 20_000])
@pytest.mark.parametrize(
    ("start", "link", "end"),
    [
        ("x = a", " or a", ""),
        ("x = a", " and a", ""),
        ("x = a", " + a", ""),
        ("x = a", " < a", ""),
        ("x = a", "(1)", ""),
        ("a", ".b(1)", ""),
        ("a", ":b(1)", ""),
        ("a", ".b", " = 1"),
        ("a", "[1]", " = 1"),
        ("x = (a", "){}", ""),
    ],
)
def test_long_chains_work_or_are_refused(levels: int, start: str, link: str, end: str) -> None:
    found = refusal((start + link * levels + end).encode())
    if "(a" in start:
        assert found is not None
    elif levels < lua.MAX_DEPTH / 2 - 10:
        assert found is None
    else:
        assert found is not None
        assert found.code == "S2W102"


def test_long_elseif_is_no_nesting() -> None:
    assert refusal(b"if a then " + b"elseif a then " * 5_000 + b"end") is None


def test_deep_nesting_in_every_mixture_stays_within_the_depth() -> None:
    text = "x = " + "f{a = function() return g(not (a.b[c(" * 20 + "1" + ")])) end}" * 20
    assert refusal(text.encode()) is None


def test_too_large_a_text_is_refused_at_once() -> None:
    text = b"x = 1\n" * 1_000_000
    found = refusal(text)
    assert found is not None
    assert found.code == "S2W103"
    assert "6000000" in found.message
    assert calls(lambda: refusal(text)) < 100


def test_a_text_of_the_greatest_size_is_read() -> None:
    assert refusal(b"-" * lua.MAX_BYTES) is None
    assert refusal(b"x = '" + b"a" * (lua.MAX_BYTES - 6) + b"'") is None


@pytest.mark.parametrize("text", [b"", b" \n\t\r\n", b"-- c", b"#!/x", b"\xef\xbb\xbf", b"--[[ c ]]\n"])
def test_a_chunk_may_be_empty(text: bytes) -> None:
    tree = lua.parse(Source("L", text))
    assert tree.body.statements == ()
    assert tree.span.end == len(text)
