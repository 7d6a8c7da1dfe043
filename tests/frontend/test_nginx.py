"""The nginx front end reads what nginx reads, refuses what it refuses, and knows where everything stands."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from frontend import cases, real_nginx
from snippet2wasm.diagnostics import Diagnostic, Refusal, render_text
from snippet2wasm.frontend import lua, nginx
from snippet2wasm.source import Source


def refusal(text: bytes) -> Diagnostic | None:
    """Why the compiler refuses a text; None if it takes it."""
    try:
        nginx.parse(Source("nginx.conf", text))
    except Refusal as refused:
        [diagnostic] = refused.diagnostics
        assert diagnostic.span is not None
        render_text(diagnostic)
        return diagnostic
    return None


def parse(text: str) -> list[nginx.Directive]:
    return nginx.parse(Source("nginx.conf", text.encode("utf-8", "surrogateescape")))


def test_verdicts_are_those_of_nginx(tmp_path: Path) -> None:
    wrong = []
    found = cases.lines("nginx_lines.txt")
    for case in found:
        text = real_nginx.location(tmp_path, case.text)
        wanted = real_nginx.message(tmp_path, text)
        got = refusal(text)
        allowed = case.heading.rpartition(": ")[2]
        if allowed == "not syntax":
            ok = wanted is not None and got is None
        elif allowed == "other words":
            ok = wanted is not None and got is not None
        else:
            ok = wanted == (got and got.message)
        if not ok:
            wrong.append(
                f"{case.place} {case.text!r}: nginx {wanted!r}, the compiler {got and got.message!r}"
            )
    assert not wrong, "\n".join(wrong)
    assert len(found) > 250


def test_the_end_of_the_text_is_nginx_s_too(tmp_path: Path) -> None:
    """Cut a configuration anywhere: the same verdict and words."""
    whole = real_nginx.location(
        tmp_path, b"set $x \"a\\\"b\"; access_by_lua_block { x = {'}', [[}]]} --}\n}\n# c\nreturn 200 'a;b';"
    )
    start = whole.index(b"http {")
    for end in range(start, len(whole)):
        wanted = real_nginx.message(tmp_path, whole[:end])
        got = refusal(whole[:end])
        if wanted is not None and re.search("long bracket|terminating characters|unknown directive", wanted):
            assert got is not None
            continue
        assert wanted == (got and got.message), whole[start:end]


VALUES = [
    r"a", r"a\b", r"a\nb", r"a\tb", r"a\rb", r"a\\b", r"a\"b", r"a\'b", r"\\\\", r"\\n", r"a\;b", r"a\{b",
    r"a\ b",    r"a}b", r"a#b", r"a'b", r'a"b', r"\"a", r"\xff", r"\0", r"\$".replace("$", "d"), "é",
    "a\\\nb",
    r'"a b"', r'"a\nb"', r'"a\tb"', r'"a\rb"', r'"a\\b"', r'"a\"b"', r'"a\'b"', r'"a\b\c\d"', r'"\\\""',
    r'""',    r"'a b'", r"'a\nb'", r"'a\\b'", r"'a\"b'", r"'a\'b'", r"'\\\''", r"''", '"a\nb"',
    '"a;b{c}d#e"', '"é"',
    r'"\\n\\\n"',
]  # fmt: skip


def test_values_are_those_of_nginx(tmp_path: Path) -> None:
    locations = "".join(
        f"location = /{number} {{ set $v {value}; content_by_lua_block {{ ngx.print(ngx.var.v) }} }}\n"
        for number, value in enumerate(VALUES)
    )
    with real_nginx.running(tmp_path, f"server {{ listen 127.0.0.1:PORT;\n{locations} }}") as server:
        wanted = [server.get(f"/{number}") for number in range(len(VALUES))]
    got = [parse(f"set $v {value};")[0].args[1] for value in VALUES]
    assert [argument.value.encode() for argument in got] == wanted
    assert [argument.text().data for argument in got] == wanted
    assert [argument.span.text for argument in got] == VALUES
    assert [argument.quoted for argument in got] == [value[0] in "\"'" for value in VALUES]


@pytest.mark.parametrize("value", VALUES)
def test_each_byte_of_a_value_maps_to_its_place(value: str) -> None:
    text = parse(f"set $v {value};")[0].args[1].text()
    assert text.parent is not None
    before = -1
    for offset, byte in enumerate(text.data):
        there = text.to_parent(offset)
        assert there > before
        before = there
        written = text.parent.data[there]
        assert byte == written or (bytes((written,)), byte) in ((b"n", 10), (b"t", 9), (b"r", 13))


CHUNKS = """
server { listen 127.0.0.1:PORT;
  location = /block { access_by_lua_block { ngx.log(ngx.ERR, "[1]")
    ngx.log(ngx.ERR, "[2]") ngx.exit(200) } }
  location = /brace { access_by_lua_block
    # comment
    {
      ngx.log(ngx.ERR, "[3]") ngx.exit(200) } }
  location = /quoted { access_by_lua 'ngx.log(ngx.ERR, "[4]")
    ngx.log(ngx.ERR, "[5]") ngx.exit(200)
    '
    ; }
  location = /double { content_by_lua
    "ngx.log(ngx.ERR, \\"[6]\\\\n\\")
     ngx.log(ngx.ERR, [=[[7]]=]) ngx.exit(200)"; }
  location = /bare { rewrite_by_lua ngx.log(ngx.ERR,"[8]")ngx.exit(200); }
  location = /set { set_by_lua_block $x { ngx.log(ngx.ERR, "[9]") return 1 } set_by_lua $y
     'ngx.log(ngx.ERR, "[10]")'
     a
     ; content_by_lua_block
     {ngx.log(ngx.ERR, "[11]")} log_by_lua_block { ngx.log(ngx.ERR, "[12]") } }
  location = /filters { header_filter_by_lua_block { ngx.log(ngx.ERR, "[13]") } body_filter_by_lua_block {

     ngx.log(ngx.ERR, "[14]") } content_by_lua_block {ngx.exit(200)} }
}
"""


def lua_texts(directives: list[nginx.Directive]) -> list[nginx.Directive]:
    found = []
    for directive in directives:
        if directive.lua is not None:
            found.append(directive)
        found.extend(lua_texts(directive.block or []))
    return found


@pytest.mark.parametrize(
    "name",
    ["nginx.conf", "a.conf", *("c" * length + ".conf" for length in (30, 33, 34, 35, 39, 40, 41, 60, 200))],
)
def test_chunks_have_nginx_s_names_and_lines(name: str, tmp_path: Path) -> None:
    with real_nginx.running(tmp_path, CHUNKS, name) as server:
        for path in ("block", "brace", "quoted", "double", "bare", "set", "filters"):
            server.get(f"/{path}")
        log = server.log()
    wanted = {mark: place for place, mark in re.findall(r"\[lua\] (\w+\(.*?\):\d+): (\[\d+\])", log)}
    source = Source(str(tmp_path / name), (tmp_path / name).read_bytes())
    got = {}
    for directive in lua_texts(nginx.parse(source)):
        assert directive.lua is not None
        for mark in re.finditer(rb"\[\d+\]", directive.lua.data):
            line = directive.lua.data.count(b"\n", 0, mark.start()) + 1
            got[mark[0].decode()] = f"{directive.chunk}:{line}"
    assert len(wanted) == 14
    assert got == wanted


def test_spans_are_exact() -> None:
    text = "  server { # c\n  location  = '/a b'{ set $x \"1\" ; }\n access_by_lua_block{ x = {} } }"
    [server] = parse(text)
    assert server.block is not None
    location, access = server.block
    assert server.span.text == text.strip()
    assert server.name_span.text == "server"
    assert location.span.text == "location  = '/a b'{ set $x \"1\" ; }"
    assert [argument.span.text for argument in location.args] == ["=", "'/a b'"]
    assert [argument.value for argument in location.args] == ["=", "/a b"]
    assert location.block is not None
    assert location.block[0].span.text == 'set $x "1" ;'
    assert access.span.text == "access_by_lua_block{ x = {} }"
    assert access.block is None
    assert access.lua is not None
    assert access.lua.data == b" x = {} "
    assert access.lua.to_parent(0) == text.index(" x = {}")


def test_a_lua_error_in_quotes_points_into_the_file() -> None:
    text = "location / {\n  access_by_lua 'local s = \"\\t\\'\\\\n\\'\"\n     x  y'; }\n"
    [location] = parse(text)
    assert location.block is not None
    lua_text = location.block[0].lua
    assert lua_text is not None
    assert lua_text.data == b"local s = \"\t'\\n'\"\n     x  y"
    with pytest.raises(Refusal) as refused:
        lua.parse(lua_text)
    shown = render_text(refused.value.diagnostics[0])
    assert shown.startswith("nginx.conf:3:9: error[S2W101]: '=' expected near 'y'")


def test_which_argument_is_lua() -> None:
    [access, set_, file, block] = parse(
        "access_by_lua 'a'; set_by_lua $x 'b' c; access_by_lua_file d; set_by_lua_block $x { e }"
    )
    assert access.lua is not None
    assert access.lua.data == b"a"
    assert set_.lua is not None
    assert set_.lua.data == b"b"
    assert file.lua is None
    assert file.chunk == ""
    assert file.args[0].value == "d"
    assert block.lua is not None
    assert [argument.value for argument in block.args] == ["$x"]


def test_entries_of_data_blocks_are_not_directives() -> None:
    [entries] = parse('map $uri $x { default 0; set 1; location 2; root; "return" 3; }')
    assert entries.block is not None
    assert [entry.name for entry in entries.block] == ["default", "set", "location", "root", "return"]


@pytest.mark.parametrize(
    ("text", "code", "caret", "hint"),
    [
        ("location / { return 200", "S2W112", "return 200", "not terminated"),
        ("location / { return 200;", "S2W112", "{", "never closed"),
        ('return 200 "a;', "S2W113", '"', "never closed"),
        ("location / { return 200 }", "S2W111", "}", 'directive "return" is not terminated'),
        ("return 200; }", "S2W111", "}", "no block is open"),
        ("set $x 1\nset $y 2;", "S2W114", "set $x 1\nset $y 2", "`;` is missing in front of 'set'"),
        ("access_by_lua_block { x = [[ }", "S2W115", "[[", ""),
        ("access_by_lua_block { x = { }", "S2W112", "{", "never closed"),
        ("access_by_lua_block {}", "S2W114", "{}", "nothing in it"),
        ("\ufefflocation / { }", "S2W111", "\ufeff", "byte order mark"),
        ("return 200 '" + "a" * 5000 + "';", "S2W113", "'", "4095"),
        ("a{" * 200 + "}" * 200, "S2W102", "{", ""),
    ],
)
def test_messages_say_where_and_why(text: str, code: str, caret: str, hint: str) -> None:
    found = refusal(text.encode())
    assert found is not None
    assert found.code == code
    assert found.span is not None
    assert found.span.text == caret
    assert hint in found.reason + found.help + found.message


@pytest.mark.parametrize("length", [4093, 4094, 4095, 4096, 4097])
@pytest.mark.parametrize(
    "form", ["return 200 %s;", "return 200 %s ;", "return 200 '%s';", 'return 200 "%s"\n;']
)
def test_long_arguments_end_where_nginx_ends_them(length: int, form: str, tmp_path: Path) -> None:
    text = real_nginx.location(tmp_path, (form % ("a" * length)).encode())
    assert (refusal(text) is None) == (real_nginx.message(tmp_path, text) is None)


@pytest.mark.parametrize(
    "text",
    [
        b"a " * 500_000, b"a;" * 200_000, b"#\n" * 500_000, b" " * 1_000_000, b"\\" * 1_000_000,
        b"${" * 500_000,        b"access_by_lua_block {" + b"{" * 1_000_000,
        b"access_by_lua_block {" + b'"\\"' * 300_000,
        b"access_by_lua_block {" + b"\"'" * 300_000, b"access_by_lua_block {" + b'"\n' * 300_000,
        b"access_by_lua_block {" + b"[=" * 300_000, b"access_by_lua_block {[" + b"=" * 1_000_000,
        b"access_by_lua_block {" + b"-" * 1_000_000, b"a{" * 500_000,
    ],
)  # fmt: skip
def test_large_texts_are_read_in_time(text: bytes) -> None:
    started = time.monotonic()
    refusal(text)
    assert time.monotonic() - started < 20
