"""Which directives ingress-nginx's locations have already, so that nginx does not take another in a snippet."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from checks.test_checks import _HEAD
from snippet2wasm.checks import table
from snippet2wasm.frontend import nginx
from snippet2wasm.ingress.template import check_location
from snippet2wasm.source import Source
from snippet2wasm.verify.ingress import BEHIND, around
from snippet2wasm.verify.process import find_program

_VALUES = {
    "proxy_http_version": "1.0",
    "proxy_cookie_domain": "a b",
    "proxy_cookie_path": "a b",
    "proxy_pass": "http://127.0.0.1:1",
    "proxy_redirect": "a b",
    "proxy_buffers": "8 8k",
    "proxy_buffer_size": "8k",
    "proxy_next_upstream_tries": "2",
    "client_max_body_size": "8m",
    "proxy_max_temp_file_size": "0",
}
_FLAGS = ("port_in_redirect", "proxy_buffering", "proxy_request_buffering")
_FREE = (
    *("add_header A b;", "proxy_set_header Host b;", "proxy_hide_header A;", "proxy_next_upstream off;"),
    *("access_by_lua_block { }", "body_filter_by_lua_block { }", "expires 1h;", "more_set_headers 'A: b';"),
    *("proxy_method GET;", "client_body_buffer_size 8k;", "gzip on;", "limit_rate 1k;", "allow all;"),
    *("proxy_cookie_flags a secure;", "proxy_ssl_name a;", "set $proxy_upstream_name a;", "satisfy any;"),
    *("default_type a/b;", "proxy_set_body a;", "auth_basic a;", "error_page 404 /x;", "sub_filter a b;"),
)


def snippet(name: str) -> str:
    """A line with a directive."""
    if name.endswith("_by_lua"):
        return f"{name}_block {{ return }}"
    return f"{name} {_VALUES.get(name, 'on' if name in _FLAGS else '10s')};"


def message(text: str, folder: Path) -> str:
    """What nginx says of a snippet in a location of ingress-nginx."""
    template = "\n".join(around(""))
    http = (
        "upstream upstream_balancer { server 127.0.0.1:1; } map $uri $connection_upgrade { default a; }"
        " map $uri $req_id { default b; }"
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"{_HEAD}pid {folder}/pid; error_log stderr; events {{}} http {{ {http} server {{ listen 127.0.0.1:1;\n"
        f'set $proxy_upstream_name "-";\nlocation / {{\n{template}\n{text}\n{BEHIND}\n}} }} }}\n'
    )
    command = [find_program("nginx", "/usr/sbin"), "-t", "-q", "-p", folder, "-c", path, "-e", "stderr"]
    return subprocess.run(command, capture_output=True, timeout=20, text=True).stderr


def warned(text: str) -> bool:
    return bool(check_location(nginx.parse(Source("snippet", text.encode())), "configuration-snippet"))


@pytest.mark.parametrize("name", sorted(table.load().ingress_location))
def test_what_is_there_already(name: str, tmp_path: Path) -> None:
    assert "is duplicate" in message(snippet(name), tmp_path)
    assert warned(snippet(name))


@pytest.mark.parametrize("text", _FREE)
def test_what_is_free(text: str, tmp_path: Path) -> None:
    assert message(text, tmp_path) == ""
    assert not warned(text)
