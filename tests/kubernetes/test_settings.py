"""Settings of ingress-nginx's ConfigMap: which become directives, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from snippet2wasm.catalogue import settings as catalogue
from snippet2wasm.diagnostics import Severity, render_text
from snippet2wasm.frontend import kubernetes, nginx
from snippet2wasm.frontend.kubernetes import Controller
from snippet2wasm.ingress import settings
from snippet2wasm.source import Source

CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller}
data:
"""


def controller(data: str) -> Controller:
    found = kubernetes.read(Source("c.yaml", (CONFIG_MAP + data).encode())).controller
    assert found is not None
    return found


LIMITS = "limit_req zone=a; location /x { limit_conn b 1; }"
LUA = 'access_by_lua_block { ngx.shared.counters:get("x") }'
# Setting, snippet, and the directives that come of them.
DIRECTIVES = {
    "limit-of-requests": ('limit-req-status-code: "429"', LIMITS, "limit_req_status 429"),
    "limit-of-connections": ('limit-conn-status-code: " 420 "', LIMITS, "limit_conn_status 420"),
    "both": (
        'limit-conn-status-code: "429"\n  limit-req-status-code: "430"',
        LIMITS,
        "limit_req_status 430, limit_conn_status 429",
    ),
    "no-limit": ('limit-req-status-code: "429"', "return 200;", ""),
    "no-status": ('limit-req-status-code: "200"', LIMITS, ""),
    "type": ("default-type: application/json", "return 200 x;", "default_type application/json"),
    "type-of-luas-answers": ("default-type: text/x", LUA, "default_type text/x"),
    "type-of-no-answer": ("default-type: text/x", "add_header X-A 1;", ""),
    "no-type": ("default-type: 'a b; c'", "return 200 x;", ""),
    "dict": ("lua-shared-dicts: 'counters: 5'", LUA, "lua_shared_dict counters 5120k"),
    "dict-in-megabytes": ("lua-shared-dicts: counters:5M", LUA, "lua_shared_dict counters 5120k"),
    "dict-in-kilobytes": (
        "lua-shared-dicts: 'a: 1, counters : 512k,b:2'",
        LUA,
        "lua_shared_dict counters 512k",
    ),
    "dict-of-others": ("lua-shared-dicts: 'certificate_data: 100'", LUA, ""),
    "dict-too-large": ("lua-shared-dicts: 'counters: 201'", LUA, ""),
    "dict-without-lua": ("lua-shared-dicts: 'counters: 5'", "return 200 counters;", ""),
    "dict-of-a-lua-file": (
        "lua-shared-dicts: 'a: 1, b: 2'",
        "access_by_lua_file x.lua;",
        "lua_shared_dict a 1024k, lua_shared_dict b 2048k",
    ),
}


@pytest.mark.parametrize("name", DIRECTIVES)
def test_settings_that_are_directives(name: str) -> None:
    data, snippet, expected = DIRECTIVES[name]
    given = nginx.parse(Source("s.conf", snippet.encode()))
    found = settings.directives(controller(f"  {data}\n"), given)
    shown = [" ".join([each.name, *(argument.value for argument in each.args)]) for each in found]
    assert ", ".join(shown) == expected
    for each in found:
        assert each.span.outermost().source.name == "c.yaml"


def test_a_dict_points_at_its_entry() -> None:
    given = nginx.parse(Source("s.conf", LUA.encode()))
    [found] = settings.directives(controller('  lua-shared-dicts: "é: 1, counters: 2"\n'), given)
    place = found.span.outermost()
    assert place.source.data[place.start :].startswith(b"counters")


def test_without_a_controller_there_are_none() -> None:
    assert settings.directives(None, []) == ()
    assert settings.check(None) == []


# The ConfigMap's data, and the settings that are told of: with their codes.
TOLD = {
    "not-carried": ('add-headers: a/b\n  hide-headers: "X-A"', "S2W443 add-headers, S2W443 hide-headers"),
    "carried": ('limit-req-status-code: "429"\n  http-snippet: ""\n  default-type: text/plain', ""),
    "silent": ('keep-alive: "10"\n  ssl-protocols: TLSv1.3\n  proxy-buffer-size: 8k', ""),
    "defaults": ('ssl-redirect: "true"\n  proxy-body-size: 1m\n  use-gzip: "f"\n  proxy-cookie-path: "off"\n  add-headers: ""', ""),
    "default-in-other-words": ('ssl-redirect: "True"\n  use-gzip: "0"', ""),
    "other-boolean": ('ssl-redirect: "no"\n  hsts: "false"', "S2W443 ssl-redirect, S2W443 hsts"),
    "unknown": ('http-snipet: ""\n  something-else: x', "S2W444 http-snipet, S2W444 something-else"),
    "other-controller": ("http-snippets: x", "S2W444 http-snippets"),
    "status": ('limit-req-status-code: "99"', "S2W444 limit-req-status-code"),
    "dicts": ("lua-shared-dicts: 'a: 1, b, c: x, d: 900'", "S2W444 lua-shared-dicts, S2W444 lua-shared-dicts, S2W444 lua-shared-dicts"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told(name: str) -> None:
    data, expected = TOLD[name]
    found = settings.check(controller(f"  {data}\n"))
    assert all(each.severity is Severity.WARNING and each.reason and each.help for each in found)
    assert ", ".join(f"{each.code} {each.span.text if each.span else ''}" for each in found) == expected


def test_headers_of_helm_values() -> None:
    values = 'controller:\n  config: {add-headers: a/b}\n  addHeaders: {X-A: "1"}\n  proxySetHeaders:\n    X-B: "2"\n    X-C: "3"\n'
    given = kubernetes.read(Source("values.yaml", values.encode())).controller
    found = settings.check(given)
    assert [(each.code, each.span.text if each.span else "") for each in found] == [
        ("S2W443", "add-headers"),
        ("S2W443", "X-B"),
    ]


def test_messages() -> None:
    found = settings.check(controller("  whitelist-source-range: 10.0.0.0/8\n  keep-alve: x\n"))
    assert (
        "".join(map(render_text, found))
        == """\
c.yaml:5:3: warning[S2W443]: the setting whitelist-source-range of ingress-nginx is not carried over
    5 |   whitelist-source-range: 10.0.0.0/8
      |   ^^^^^^^^^^^^^^^^^^^^^^
  why: it refused requests by the client's address; nothing keeps those requests out now
  try: Higress' plugin ip-restriction
c.yaml:6:3: warning[S2W444]: ingress-nginx has no setting 'keep-alve'
    6 |   keep-alve: x
      |   ^^^^^^^^^
  why: it ignores such a key
  try: maybe keep-alive was meant
"""
    )


def test_the_catalogue_has_each_setting_once() -> None:
    known = catalogue.load()
    data = yaml.safe_load((Path(catalogue.__file__).parent / "settings.yaml").read_text())
    names = [
        *data["carried"],
        *data["silent"],
        *(name for group in data["named"] for name in group["settings"]),
    ]
    assert len(names) == len(set(names)) == len(known.known)
    assert all(isinstance(each.default, str) for each in known.named.values())
    assert len(known.known) > 200
    assert {"http-snippet", "add-headers", "keep-alive"} <= known.known
