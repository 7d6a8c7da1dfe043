"""Every directive that nginx has is in the catalogue, with what happens to it, and happens so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from snippet2wasm import catalogue
from snippet2wasm.checks import table
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.lower.directives import LOWERED
from snippet2wasm.source import Source

_ROOT = Path(__file__).parents[2]


def compiled(text: str, tmp_path: Path) -> tuple[list[str], list[str]]:
    """Codes of the errors and of the warnings about a text."""
    try:
        found = compile_text(Source("snippet.conf", text.encode()), tmp_path, Options("snippet"))
    except Refusal as refusal:
        return [each.code for each in refusal.diagnostics], []
    return [], [each.code for each in found.warnings]


def test_the_table_is_that_of_the_installed_nginx() -> None:
    command = [sys.executable, _ROOT / "tools" / "nginx_tables.py", "--check"]
    assert subprocess.run(command, check=False).returncode == 0


def test_every_directive_is_in_the_catalogue() -> None:
    assert set(table.load().directives) <= set(catalogue.load().directives)


def test_every_directive_of_the_catalogue_is_one() -> None:
    assert set(catalogue.load().directives) <= set(table.load().directives)


def test_a_text_that_is_all_the_gateway_s(tmp_path: Path) -> None:
    errors, _ = compiled("proxy_read_timeout 60s;", tmp_path)
    assert errors == ["S2W482", "S2W231"]


def test_what_is_compiled_is() -> None:
    directives = catalogue.load().directives.values()
    compiled = {each.name for each in directives if each.role == "compiled"}
    by_role = {each.name for each in directives if each.role in ("set", "set_by_lua")}
    assert compiled == LOWERED - by_role


def test_nothing_foreign_is_in_the_catalogue() -> None:
    assert not set(table.load().foreign) & set(catalogue.load().directives)


def test_what_is_not_compiled_says_why_and_what_to_do() -> None:
    for directive in catalogue.load().directives.values():
        if directive.role in ("refused", "ignored", "gateway"):
            assert directive.refused, directive
        if directive.role == "refused":
            assert directive.help, directive
        if directive.role == "gateway":
            assert directive.setting, directive


@pytest.mark.parametrize(
    ("text", "errors", "warnings"),
    [
        ("proxy_read_timeout 60s;", [], ["S2W482"]),
        ("proxy_buffering off;", [], ["S2W481"]),
        ("proxy_cache zone;", ["S2W230"], []),
        ("proxy_cache off;", [], []),
        ("limit_rate 0;", [], []),
        ("limit_rate 10k;", ["S2W230"], []),
        ("client_max_body_size 50m;", [], []),
        ("client_max_body_size 0;", [], []),
        ("client_max_body_size 10k;", [], []),
        ("lua_code_cache on;", [], []),
        ("lua_code_cache off;", [], ["S2W481"]),
        ("fastcgi_pass unix:/x;", [], ["S2W483"]),
        ("proxy_pass http://x;", [], ["S2W483"]),
        ("proxy_pass http://x/$arg_a;", [], ["S2W483"]),
        ("proxy_pass http://$arg_a;", ["S2W230"], []),
        ("if ($arg_a) { proxy_pass http://x; }", ["S2W230"], []),
        ("include conf.d/x;", ["S2W244"], []),
        ("root /srv;", ["S2W230"], []),
        ("mirror /x;", ["S2W230"], []),
        ("grpc_pass grpc://x;", [], ["S2W483"]),
        ("modsecurity on;", ["S2W230"], []),
        ("auth_jwt x;", ["S2W131"], []),
        ("echo x;", ["S2W131"], []),
        ("no_such_directive;", ["S2W131"], []),
    ],
)
def test_what_happens(text: str, errors: list[str], warnings: list[str], tmp_path: Path) -> None:
    whole = f"location / {{ {text} access_by_lua_block {{ ngx.exit(403) }} }}"
    assert compiled(whole, tmp_path) == (errors, warnings)
