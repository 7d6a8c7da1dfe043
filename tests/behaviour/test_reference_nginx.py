"""The reference nginx: its configuration, and how its log is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest

from snippet2wasm.verify.client import Request, Response, send
from snippet2wasm.verify.nginx import LogRecord, LuaBlock, Origin, Phase, ReferenceNginx, Site, versions
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.process import ServerError

CHUNK = "access_by_lua(snippet.conf:7)"


def _run(
    surroundings: Surroundings,
    handlers: Mapping[Phase, LuaBlock],
    *,
    init: str = "",
    location: str = "/x",
    lua_globals: Mapping[str, str] | None = None,
    directives: str = "",
    redis: str = "redis.internal:6379",
    libraries: Sequence[LuaBlock] = (),
) -> tuple[Response, list[LogRecord]]:
    site = Site(
        handlers=handlers,
        upstream=surroundings.upstream.address,
        location=location,
        init=LuaBlock(init, "init_by_lua(snippet.conf:2)"),
        globals=lua_globals or {},
        libraries=libraries,
        redis={redis: surroundings.proxy.address},
        location_directives=directives,
    )
    with ReferenceNginx(site, log_level="debug" if "DEBUG" in init else "info") as nginx:
        response = send(nginx.address, Request(target="/x"))
        assert response is not None
        nginx.settle()
        return response, nginx.log()


def _access(text: str) -> Mapping[Phase, LuaBlock]:
    return {"access": LuaBlock(text, CHUNK)}


def _own(log: list[LogRecord]) -> list[tuple[str, str]]:
    return [(record.level, record.text) for record in log if record.origin is Origin.SNIPPET]


def test_versions() -> None:
    found = versions()
    assert set(found) == {"nginx", "ngx_lua"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in found.values())


def test_positions_are_those_of_the_source(surroundings: Surroundings) -> None:
    text = '\n\n  ngx.log(ngx.ERR, "third line")\n  helper()\n'
    init = '\nfunction helper()\n  ngx.log(ngx.WARN, "in a function")\nend\n'
    response, log = _run(surroundings, _access(text), init=init)
    assert response.body == b"GET /x\n"
    assert _own(log) == [
        ("error", "access_by_lua(snippet.conf:7):3: third line"),
        ("warn", "init_by_lua(snippet.conf:2):3: helper(): in a function"),
    ]
    assert [r.message for r in log if r.origin is Origin.SNIPPET] == ["third line", "in a function"]


@pytest.mark.parametrize(
    "message", ["two\nlines", ", client: 1.2.3.4, server: x", "[lua] a:1: b", "2026/01/01", "", "\xff\x01"]
)
def test_message_is_read_as_it_was_written(surroundings: Surroundings, message: str) -> None:
    literal = "".join(f"\\{byte:03d}" for byte in message.encode("latin-1"))
    _, log = _run(surroundings, _access(f'ngx.log(ngx.ERR, "{literal}")'))
    assert _own(log) == [("error", f"{CHUNK}:1: {message}")]
    assert [r.message for r in log if r.origin is Origin.SNIPPET] == [message]


@pytest.mark.parametrize("length", [1800, *range(1900, 2000, 7), 3000])
def test_record_that_nginx_cuts(surroundings: Surroundings, length: int) -> None:
    message = "x" * length
    _, log = _run(surroundings, _access(f'ngx.log(ngx.ERR, ("x"):rep({length}))'))
    (record,) = (each for each in log if each.origin is Origin.SNIPPET)
    assert message.startswith(record.message)
    assert record.cut or record.message == message
    if length == 3000:
        assert 1900 < len(record.message) < 2048


def test_every_level(surroundings: Surroundings) -> None:
    names = ["EMERG", "ALERT", "CRIT", "ERR", "WARN", "NOTICE", "INFO"]
    text = "".join(f'ngx.log(ngx.{name}, "m") ' for name in names)
    _, log = _run(surroundings, _access(text))
    assert [level for level, _ in _own(log)] == ["emerg", "alert", "crit", "error", "warn", "notice", "info"]


def test_lua_error_is_an_abort(surroundings: Surroundings) -> None:
    response, log = _run(surroundings, _access("\nlocal x\nx.y = 1"))
    assert response.status == 500
    (record,) = (each for each in log if each.origin is Origin.ABORT)
    expected = (
        f"lua entry thread aborted: runtime error: {CHUNK}:3: attempt to index local 'x' (a nil value)\n"
    )
    assert record.text.startswith(expected)
    assert f"{CHUNK}: in main chunk" in record.text


@pytest.mark.parametrize("location", ["/x", "= /x", "~ ^/X?x", ""])
def test_location(surroundings: Surroundings, location: str) -> None:
    response, _ = _run(surroundings, _access("ngx.exit(403)"), location=location)
    assert response.status == 403


def test_other_locations_reach_the_upstream(surroundings: Surroundings) -> None:
    response, _ = _run(surroundings, _access("ngx.exit(403)"), location="/other")
    assert response.status == 200
    assert [request.target for request in surroundings.upstream.received] == ["/x"]


def test_all_phases_and_directives(surroundings: Surroundings) -> None:
    handlers: Mapping[Phase, LuaBlock] = {
        "rewrite": LuaBlock('ngx.req.set_header("x-rewrite", ngx.var.word)'),
        "access": LuaBlock('ngx.req.set_header("x-access", "a")'),
        "header_filter": LuaBlock("ngx.header.x_filtered = 1; ngx.header.content_length = nil"),
        "body_filter": LuaBlock("ngx.arg[1] = ngx.arg[1]:upper()"),
        "log": LuaBlock('ngx.log(ngx.ERR, "in log")'),
    }
    response, log = _run(surroundings, handlers, directives="set $word w; more_set_headers 'x-more: m';")
    assert response.body == b"GET /X\n"
    assert {("x-filtered", "1"), ("x-more", "m")} <= set(response.headers)
    assert {("x-rewrite", "w"), ("x-access", "a")} <= set(surroundings.upstream.received[0].headers)
    assert [message.rpartition(": ")[2] for _, message in _own(log)] == ["in log"]


def test_content_handler_takes_the_place_of_the_upstream(surroundings: Surroundings) -> None:
    response, _ = _run(surroundings, {"content": LuaBlock('ngx.print("own")')})
    assert response.body == b"own"
    assert surroundings.upstream.received == []


def test_globals_hold_any_text(surroundings: Surroundings) -> None:
    value = "a\"b\\\n\0]]é'"
    response, _ = _run(surroundings, {"content": LuaBlock("ngx.print(word)")}, lua_globals={"word": value})
    assert response.body == value.encode()


def test_resty_libraries_have_their_usual_names(surroundings: Surroundings) -> None:
    names = ["redis", "aes", "string", "random", "md5", "sha1", "sha256", "sha512"]
    text = "".join(f'ngx.print(type(require "resty.{name}"), " ")' for name in names)
    response, _ = _run(surroundings, {"content": LuaBlock(text)})
    assert response.body.split() == [b"table"] * len(names)


def test_redis_address_is_mapped(surroundings: Surroundings) -> None:
    text = (
        'local red = require("resty.redis"):new() '
        'ngx.print(tostring(red:connect("redis.internal", 6379)), " ", tostring(red:get("k")))'
    )
    surroundings.redis.call("SET", "k", "v")
    response, _ = _run(surroundings, {"content": LuaBlock(text)})
    assert response.body == b"1 v"


def test_redis_address_outside_the_map_is_not(surroundings: Surroundings) -> None:
    text = 'ngx.print(select(2, require("resty.redis"):new():connect("127.0.0.1", 1)))'
    response, _ = _run(surroundings, {"content": LuaBlock(text)})
    assert response.body == b"connection refused"


def test_any_redis_address_can_be_mapped(surroundings: Surroundings) -> None:
    text = 'ngx.print(require("resty.redis"):new():connect("nowhere.invalid", 1))'
    response, _ = _run(surroundings, {"content": LuaBlock(text)}, redis="*")
    assert response.body == b"1"


def test_libraries_have_their_own_chunk_names(surroundings: Surroundings) -> None:
    library = LuaBlock('\nfunction helper()\n  ngx.log(ngx.ERR, "\xe9")\nend', "lib.lua")
    _, log = _run(surroundings, _access("helper()"), libraries=[library])
    assert _own(log) == [("error", "lib.lua:3: helper(): \xe9")]
    assert [record.message for record in log if record.origin is Origin.SNIPPET] == ["\xe9"]


def test_text_that_ends_in_a_comment(surroundings: Surroundings) -> None:
    response, _ = _run(surroundings, _access("ngx.exit(403) -- the end"))
    assert response.status == 403


@pytest.mark.parametrize(
    ("text", "init", "expected"),
    [("", "error('no')", "init_by_lua.*: no"), ("", "}", r"\[emerg\] .*nginx.conf")],
)
def test_what_nginx_refuses_is_reported(
    surroundings: Surroundings, text: str, init: str, expected: str
) -> None:
    with pytest.raises(ServerError, match=expected):
        _run(surroundings, _access(text), init=init)


def test_syntax_error_in_a_handler_shows_when_it_runs(surroundings: Surroundings) -> None:
    response, log = _run(surroundings, _access("\nlocal = 1"))
    assert response.status == 500
    expected = f"failed to load inlined Lua code: {CHUNK}:2: '<name>' expected near '='"
    assert [record.text for record in log if record.level == "error"] == [expected]
