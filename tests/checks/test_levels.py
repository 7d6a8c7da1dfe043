"""Which level a text is taken for, and which texts are taken for nginx's."""

from __future__ import annotations

import pytest

from snippet2wasm import checks
from snippet2wasm.compiler import is_nginx_text
from snippet2wasm.frontend import nginx
from snippet2wasm.source import Source


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("add_header a b;", "location"),
        ("return 200;", "location"),
        ("proxy_pass http://x;", "location"),
        ("location /x { return 200; }", "server"),
        ("server_name x;", "server"),
        ("add_header a b; server_name x;", "server"),
        ("map $uri $x { a b; }", "http"),
        ("map $uri $x { a b; } add_header a b;", "http"),
        ("server { return 200; }", "http"),
        ("http { }", "main"),
        ("worker_processes 1; events { } http { }", "main"),
        ("map $uri $x { a b; } location /x { return 200; }", "any"),
        ("lua_shared_dict x 1m; content_by_lua_block { ngx.say(1) }", "any"),
        ("", "location"),
        ("no_such_directive;", "location"),
    ],
)
def test_level(text: str, level: str) -> None:
    assert checks.level_of(nginx.parse(Source("x", text.encode()))) == level


@pytest.mark.parametrize(
    "text",
    [
        "add_header a b;",
        "# a\n\n  more_set_headers 'X: y';",
        "if ($host = x) { return 403; }",
        "return 403;",
        "return 301 https://x$request_uri;",
        "return https://x;",
        "location /x { return 200; }",
        "access_by_lua_block { ngx.exit(403) }",
        "set $x y;",
    ],
)
def test_nginx_text(text: str) -> None:
    assert is_nginx_text(Source("stdin", text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "return 200",
        "return ngx.exit(403);",
        "if (x) then y() end;",
        "if ngx.var.x then ngx.exit(403); end",
        "set = 1;",
        "map(x, y);",
        "local a = 1;",
        "-- add_header a b;",
        "root.x = 1;",
        "break",
        "types, x = 1, 2;",
        "",
    ],
)
def test_lua(text: str) -> None:
    assert not is_nginx_text(Source("stdin", text.encode()))


def test_names_decide_first() -> None:
    assert not is_nginx_text(Source("x.lua", b"add_header a b;"))
    assert is_nginx_text(Source("x.nginx", b""))
    assert is_nginx_text(Source("x.conf", b"local a = 1"))
