"""INPUT as a project's folder, and where modules are looked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import snippet2wasm
from cli.test_cli import run
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.ir.nodes import Phase
from snippet2wasm.source import Source
from snippet2wasm.verify.site import texts_of

UTILS = "local M = {}\nfunction M.greet(name) return 'hello ' .. name end\nreturn M\n"
HANDLER = 'local utils = require "lib.utils"\nngx.log(ngx.INFO, utils.greet(ngx.var.arg_n or "you"))\n'
CONF = """http {
  lua_package_path "/etc/nginx/lua/?.lua;;";
  server { location /x { access_by_lua_file /etc/nginx/lua/access.lua; } }
}
"""


def project(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    "files",
    [
        {"handler.lua": HANDLER, "lib/utils.lua": UTILS},
        {"only.lua": HANDLER, "lua/lib/utils.lua": UTILS},
        {"nginx.conf": CONF, "lua/access.lua": HANDLER, "lua/lib/utils.lua": UTILS},
        {"conf/nginx.conf": CONF, "lua/access.lua": HANDLER, "lua/lib/utils/init.lua": UTILS},
        {
            "openresty/nginx.conf": CONF,
            "openresty/lua/access.lua": HANDLER,
            "openresty/lua/lib/utils.lua": UTILS,
        },
        {"conf.d/shop.conf": CONF, "lua/access.lua": HANDLER, "lua/lib/utils.lua": UTILS},
        {
            "nginx.conf": "events { } http { include /etc/nginx/conf.d/*.conf; }",
            "conf.d/a.conf": CONF.removeprefix("http {").removesuffix("}\n"),
            "conf.d/b.conf": "upstream shop { server 10.0.0.5; }",
            "lua/access.lua": HANDLER,
            "lua/lib/utils.lua": UTILS,
        },
        {"nginx.conf": CONF, "etc/nginx/lua/access.lua": HANDLER, "etc/nginx/lua/lib/utils.lua": UTILS},
    ],
    ids=[
        "beside",
        "lua-folder",
        "nginx",
        "conf-folder",
        "its-own-folder",
        "conf-d",
        "included",
        "whole-path",
    ],
)
def test_project_folder(files: dict[str, str], tmp_path: Path) -> None:
    plugin = snippet2wasm.compile(project(tmp_path / "shop", files))
    assert b"func utilsGreet(name string) string" in plugin.files["module_utils.go"]


def test_place_in_messages_is_nginx_s(tmp_path: Path) -> None:
    files = {
        "nginx.conf": CONF,
        "lua/access.lua": HANDLER,
        "lua/lib/utils.lua": UTILS.replace("return 'hello '", "error('no ' .. name) return ''"),
    }
    plugin = snippet2wasm.compile(project(tmp_path, files))
    assert b'"/etc/nginx/lua/lib/utils.lua"' in plugin.files["module_utils.go"]


def test_default_folder_is_not_the_input(tmp_path: Path) -> None:
    project(tmp_path / "shop", {"handler.lua": HANDLER, "lib/utils.lua": UTILS})
    assert run("compile", "shop", cwd=tmp_path).out == "wrote shop-plugin\n"
    assert run("compile", ".", cwd=tmp_path / "shop").out == "wrote shop\n"
    assert sorted(path.name for path in (tmp_path / "shop").iterdir()) == ["handler.lua", "lib", "shop"]


def test_bytes_do_not_depend_on_the_way_to_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lua = 'for key in pairs(require "settings") do ngx.log(ngx.INFO, key) end\n'
    folder = project(tmp_path / "shop", {"handler.lua": lua, "lua/settings.lua": "return { a = 1 }\n"})
    monkeypatch.chdir(tmp_path)
    assert snippet2wasm.compile(folder).files == snippet2wasm.compile("shop").files


def test_the_readme_names_the_handler_s_file(tmp_path: Path) -> None:
    conf = CONF.replace("} }", "header_filter_by_lua_block { ngx.header.x = 1 } } }", 1)
    files = {"nginx.conf": conf, "lua/access.lua": HANDLER, "lua/lib/utils.lua": UTILS}
    readme = snippet2wasm.compile(project(tmp_path, files)).files["README.md"].decode()
    assert "`access` in [main.go](main.go) is the `access_by_lua_file` handler" in readme
    assert "lines of `access.lua`" in readme
    assert "`headerFilter` in [main.go](main.go)" in readme


def test_the_readme_names_the_functions_of_levels(tmp_path: Path) -> None:
    conf = (
        "server {\n  location /a { return 404; }\n  location / { access_by_lua_block { ngx.exit(403) } }\n}\n"
    )
    files = snippet2wasm.compile(project(tmp_path, {"nginx.conf": conf})).files
    readme, go = files["README.md"].decode(), files["main.go"].decode()
    told = re.findall(r"^- `(\w+)` in \[main.go\]\(main.go\) (.*?);", readme, re.MULTILINE)
    assert told == [
        ("setLocationA", "runs the rewrite directives of `location /a`"),
        ("accessLocation", "is the `access_by_lua_block` handler"),
    ]
    assert all(f"func {name}(" in go for name, _ in told)


def test_verify_and_compiler_name_a_handler_s_file_alike(tmp_path: Path) -> None:
    project(tmp_path, {"nginx.conf": CONF, "lua/access.lua": HANDLER, "lua/lib/utils.lua": UTILS})
    source = Source("nginx.conf", CONF.encode())
    compilation = compile_text(source, tmp_path, Options("shop", target="envoy"))
    text = texts_of(compilation, tmp_path).handlers[Phase.ACCESS]
    assert text.source.name == compilation.unit.handlers[0].body.span.outermost().source.name


def test_emitted_go_has_the_modules(tmp_path: Path) -> None:
    project(tmp_path, {"handler.lua": HANDLER, "lib/utils.lua": UTILS})
    done = run("compile", "handler.lua", "--emit", "go", cwd=tmp_path)
    assert "\n// module_utils.go\n\npackage main\n" in done.out
    assert "func utilsGreet(name string) string" in done.out


@pytest.mark.parametrize("given", ["modules", "modules/?.lua", "nothing/?.lua;modules/?.lua"])
def test_lua_path(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, {"in/handler.lua": HANDLER, "modules/lib/utils.lua": UTILS})
    monkeypatch.chdir(tmp_path)
    assert run("compile", "in/handler.lua", "--emit", "go").code == 3
    done = run("compile", "in/handler.lua", "--lua-path", given, "--emit", "go")
    assert (done.code, "utilsGreet" in done.out) == (0, True)


@pytest.mark.parametrize("files", [{}, {"a.lua": HANDLER, "b.lua": HANDLER}], ids=["none", "several"])
def test_folder_that_says_nothing(files: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    done = run("compile", project(folder, files), "--emit", "go")
    assert (done.code, done.out) == (2, "")
    assert str(folder) in done.err


def test_package_path(tmp_path: Path) -> None:
    path = 'package.path = package.path .. ";/etc/nginx/scripts/?.lua"\n'
    files = {"handler.lua": path + HANDLER, "scripts/lib/utils.lua": UTILS}
    assert "module_utils.go" in snippet2wasm.compile(project(tmp_path, files)).files


def test_modules_are_part_of_the_digest(tmp_path: Path) -> None:
    folder = project(tmp_path, {"handler.lua": HANDLER, "lib/utils.lua": UTILS})
    before = snippet2wasm.compile(folder).units[0].compilation.handlers
    (folder / "lib/utils.lua").write_text(UTILS.replace("hello", "bye"), "utf-8")
    assert snippet2wasm.compile(folder).units[0].compilation.handlers != before


PORTS = """
server { listen 80; server_name a.example; return 301 https://$host$request_uri; }
server { listen 443 ssl; server_name a.example; access_by_lua_block { ngx.exit(403) } }
"""


def test_listen_takes_the_servers_of_a_port(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(PORTS)
    both = run("compile", "site.conf", "--emit", "go", cwd=tmp_path)
    assert "S2W484" in both.err
    assert "Ports: []int{443}, TLS: []int{443}" in both.out
    one = run("compile", "site.conf", "--emit", "go", "--listen", "443", cwd=tmp_path)
    assert "S2W484" not in one.err
    assert "Return(301" not in one.out
    assert "r.Exit(403)" in one.out
    none = run("compile", "site.conf", "--emit", "go", "--listen", "8080", cwd=tmp_path)
    assert none.code == 3
    assert "S2W231" in none.err


def test_several_configurations_without_nginx_conf_are_told(tmp_path: Path) -> None:
    project(tmp_path / "shop", {"conf.d/a.conf": CONF, "conf.d/b.conf": CONF})
    result = run("compile", "shop", cwd=tmp_path)
    assert result.code == 2
    assert "shop holds 2 conf.d/*.conf files: name the one that is meant" in result.err


def test_the_project_says_which_routes_the_gateway_needs(tmp_path: Path) -> None:
    text = "http { upstream shop { server 10.0.0.5:80; } server { location /a { deny 10.0.0.1; proxy_pass http://shop; } } }"
    plugin = compile_text(Source("nginx.conf", text.encode()), tmp_path, Options("shop"))
    assert b"\n- `/a \xe2\x86\x92 http://shop (10.0.0.5:80; Host: shop)`\n" in plugin.files()["README.md"]


ADDRESSES = """
server { listen 80 default_server; server_name a.example; return 200 a; }
server { listen 127.0.0.1:80; server_name b.example; return 200 b; }
"""


def test_servers_of_several_addresses_are_told(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(ADDRESSES)
    several = run("compile", "site.conf", "--emit", "go", cwd=tmp_path)
    assert several.code == 0
    assert "port 80 belongs to several servers that only their addresses tell apart" in several.err
    (tmp_path / "site.conf").write_text(ADDRESSES.replace("127.0.0.1:80", "*:80; listen [::]:80"))
    assert "addresses" not in run("compile", "site.conf", "--emit", "go", cwd=tmp_path).err


@pytest.mark.parametrize("address", ["unix:/run/a.sock", "8080-8090", "127.0.0.1:8080-8090"])
def test_what_is_no_port_is_refused_beside_other_servers(address: str, tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(ADDRESSES.replace("127.0.0.1:80", address))
    refused = run("compile", "site.conf", "--emit", "go", cwd=tmp_path)
    assert refused.code == 3
    assert f"`listen {address}` can't be compiled beside other servers" in refused.err
