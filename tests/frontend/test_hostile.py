"""Whatever the text is, there is a tree or a diagnostic, never a traceback; and LuaJIT agrees with it."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from frontend import cases, lua_text, luajit, real_nginx
from snippet2wasm.diagnostics import Refusal, render_text, to_json
from snippet2wasm.frontend import deep, lua, lua_tokens, nginx
from snippet2wasm.source import Source

SEED = 20261121


def lua_refusal(text: bytes) -> str | None:
    """The compiler's message for a chunk, rendered in all forms; None if it takes it."""
    try:
        lua.parse(Source("L", text))
    except Refusal as refused:
        [diagnostic] = refused.diagnostics
        assert render_text(diagnostic)
        assert to_json(diagnostic)
        return f"{diagnostic.code} {diagnostic.message}"
    return None


def rewritten(text: bytes) -> bytes:
    """The chunk, written back from its tree."""
    return deep.run(lambda: lua_text.chunk(lua.parse(Source("L", text))))


def nginx_refusal(text: bytes) -> str | None:
    try:
        nginx.parse(Source("nginx.conf", text))
    except Refusal as refused:
        [diagnostic] = refused.diagnostics
        assert render_text(diagnostic)
        assert to_json(diagnostic)
        return diagnostic.message
    return None


def tokens(text: bytes) -> list[bytes]:
    return [text[t.start : t.end] for t in lua_tokens.scan(Source("L", text)) if t.end > t.start]


def mutated(chooser: random.Random, text: bytes, words: list[bytes]) -> bytes:
    """The text cut, with a byte changed, or with some tokens inserted, dropped or replaced."""
    kind = chooser.random()
    if kind < 0.25:
        return text[: chooser.randrange(len(text) + 1)]
    if kind < 0.4:
        place = chooser.randrange(len(text) + 1)
        return text[:place] + bytes([chooser.randrange(256)]) + text[place + chooser.randrange(2) :]
    parts = tokens(text)
    for _ in range(chooser.randrange(1, 4)):
        place = chooser.randrange(len(parts) + 1)
        parts[place : place + chooser.randrange(2)] = [chooser.choice(words)] * chooser.randrange(2)
    return chooser.choice([b" ", b" ", b"\n"]).join(parts)


def test_mutated_lua_has_luajit_s_verdict_and_meaning() -> None:
    chooser = random.Random(SEED)
    corpus = [case.text for name in ("lua_lines.txt", "lua_values.txt") for case in cases.lines(name)]
    words = sorted({word for text in corpus for word in tokens(text)})
    texts = []
    for _ in range(4_000):
        text = chooser.choice(corpus) + chooser.choice([b"", b"", b"\n" + chooser.choice(corpus)])
        for _ in range(chooser.randrange(1, 3)):
            text = mutated(chooser, text, words)
        texts.append(text)
    accepted = []
    for text, verdict in zip(texts, luajit.verdicts(texts), strict=True):
        found = lua_refusal(text)
        if found is not None and found.startswith("S2W104"):
            continue
        assert (found is None) == (verdict.message is None), (text, verdict.message, found)
        if found is None:
            accepted.append(text)
    assert len(accepted) > 100
    written = [rewritten(text) for text in accepted]
    same = luajit.same_bytecode(list(zip(accepted, written, strict=True)))
    assert [text for text, is_same in zip(accepted, same, strict=True) if not is_same] == []


def test_every_cut_of_a_lua_text_has_luajit_s_verdict() -> None:
    text = b"\n".join(
        case.text for case in cases.lines("lua_values.txt") if case.heading in ("statements", "strings")
    )
    texts = [text[:end] for end in range(0, min(len(text), 3_000))]
    for cut, verdict in zip(texts, luajit.verdicts(texts), strict=True):
        assert (lua_refusal(cut) is None) == (verdict.message is None), (cut[-80:], verdict)


LUA_PIECES = [
    b"{", b"}", b'"', b"'", b"\\", b"[", b"]", b"=", b"-", b"--", b"\n", b"a", b" ", b"[[", b"]]", b"[[ a ]]",
    b"[=[ } ]=]", b"--[[ { ]]", b"--[[", b'\\"', b"\\\n", b"x = 1", b"\r", b"--[", b"--[=[", b"\x00", b"\xff",
]  # fmt: skip
NGINX_PIECES = [
    b"{", b"}", b'"', b"'", b"\\", b"$", b"${", b";", b" ", b"\n", b"#", b"a", b"b;", b"return 200", b")",
    b"(",
    b"\t",    b"\r\n", b"\xa0", b"location /a {", b"\\;", b"set $x 1;", b'"a"', b"'b'",
    b"access_by_lua_block {",
]  # fmt: skip
# nginx says these before it reads on; they are about meaning.
MEANING = (
    "unknown directive", "invalid return code", "the closing bracket", "unknown", "invalid variable",
    "duplicate",    "invalid condition", "location", "you need to set", "zero length", "is not allowed here",
    "invalid location",    "invalid parameter", "is duplicate",
)  # fmt: skip


def test_random_nginx_texts_have_nginx_s_verdict(tmp_path: Path) -> None:
    chooser = random.Random(SEED)
    for _ in range(1_500):
        if chooser.random() < 0.6:
            pieces = [chooser.choice(LUA_PIECES) for _ in range(chooser.randrange(1, 14))]
            text = b"access_by_lua_block {" + b"".join(pieces) + b"}"
        else:
            text = b"".join(chooser.choice(NGINX_PIECES) for _ in range(chooser.randrange(1, 10)))
        configuration = real_nginx.location(tmp_path, text)
        wanted = real_nginx.message(tmp_path, configuration)
        got = nginx_refusal(configuration)
        if wanted is not None and any(words in wanted for words in MEANING):
            continue
        assert (wanted is None) == (got is None), (text, wanted, got)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=200))
def test_any_bytes(text: bytes) -> None:
    lua_refusal(text)
    nginx_refusal(text)
    nginx_refusal(b"access_by_lua_block {" + text)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(LUA_PIECES + NGINX_PIECES), max_size=40))
def test_any_mixture_of_pieces(pieces: list[bytes]) -> None:
    lua_refusal(b"".join(pieces))
    nginx_refusal(b"".join(pieces))
