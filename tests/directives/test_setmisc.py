"""set-misc in a plugin in real Envoy, beside Lua that does the same in real nginx: the module itself is not in
Debian's nginx. What Lua has no function for is compared with set-misc's documentation, in Go.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from directives.cases import DirectiveCase
from directives.servers import Directives
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify import client
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.ingress import Snippets
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.process import Address
from support.service import ScriptedUpstream

HOST = "setmisc.example"
SAME = {  # what stands behind `$x $in`, and what gives the same in Lua
    "set_md5 $x $in;": "ngx.md5(v)",
    "set_sha1 $x $in;": 'require("resty.string").to_hex(ngx.sha1_bin(v))',
    "set_encode_base64 $x $in;": "ngx.encode_base64(v)",
    "set_encode_base64 $x $in; set_decode_base64 $x;": "v",
    "set_encode_base64url $x $in;": 'require("ngx.base64").encode_base64url(v)',
    "set_encode_base64url $x $in; set_decode_base64url $x;": "v",
    "set_encode_hex $x $in;": 'require("resty.string").to_hex(v)',
    "set_encode_hex $x $in; set_decode_hex $x;": "v",
    "set_encode_base32 $x $in; set_decode_base32 $x;": "v",
    "set_quote_sql_str $x $in;": "ngx.quote_sql_str(v)",
    "set_escape_uri $x $in; set_unescape_uri $x;": "v",
    "set $key key; set_hmac_sha1 $x $key $in; set_encode_hex $x;": 'require("resty.string").to_hex(ngx.hmac_sha1("key", v))',
    "set $x $in; set_if_empty $x none;": 'v == "" and "none" or v',
    "set $x $in; set_md5 $x;": "ngx.md5(v)",
    "set_local_today $x;": "ngx.today()",
    'set_formatted_gmt_time $x "%Y-%m-%d %H %Z";': 'os.date("!%Y-%m-%d %H GMT")',
    'set_formatted_local_time $x "%A, %d %b %y";': 'os.date("%A, %d %b %y")',
    "set_random $x 5 5;": '"5"',
    'set $x ""; if ($in) { set_md5 $x $in; }': '(v ~= "" and v ~= "0") and ngx.md5(v) or ""',
}
VALUES = (
    "",
    "0",
    "a",
    "hello",
    "hello%20world%21",
    "%00%01%7F%80%FF",
    "a%27b%22c%5C%0A%0D%09",
    "%E2%82%AC+x",
    "1234567",
)


def _case(snippet: str) -> DirectiveCase:
    return DirectiveCase("setmisc", Snippets(http="", server="", location=snippet, path="/"), (HOST,), {}, ())


def _directives() -> DirectiveCase:
    lines = ["set_unescape_uri $in $arg_v;"]
    for number, text in enumerate(SAME):
        lines.append(text.replace("$x", f"$x{number}"))
    return _case("\n".join([*lines, _answer()]))


def _lua() -> DirectiveCase:
    lines = [
        f'set_by_lua_block $x{number} {{ local v = ngx.unescape_uri(ngx.var.arg_v or "") return {text} }}'
        for number, text in enumerate(SAME.values())
    ]
    return _case("\n".join([*lines, _answer()]))


def _answer() -> str:
    return 'return 200 "' + "\n".join(f"$x{number}<end>" for number in range(len(SAME))) + '";'


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Address, Address]]:
    """The addresses of nginx and of the gateway."""
    with Surroundings(upstream=ScriptedUpstream()) as surroundings, contextlib.ExitStack() as stack:
        plugin = Directives([_directives()], surroundings, tmp_path_factory.mktemp("plugin"), stack)
        nginx = Directives([_lua()], surroundings, tmp_path_factory.mktemp("nginx"), stack, gateway=False)
        yield nginx.nginx(_lua()).address, plugin.plugin(_directives()).address


def test_a_key_goes_into_the_configuration(tmp_path: Path) -> None:
    text = 'set_hmac_sha256 $sum "a-key-of-ours" $arg_a; set_encode_hex $sum; return 200 $sum;'
    found = compile_text(Source("nginx.conf", text.encode()), tmp_path, Options("keyed", target="envoy"))
    assert [warning.code for warning in found.warnings] == ["S2W401"]
    assert 'setmisc.HMACSHA256(cfg.HMACKey, lua.OrEmpty(r.Arg("a")))' in found.main_go()
    assert not [name for name, data in found.files().items() if b"a-key-of-ours" in data]


@pytest.mark.parametrize("value", VALUES)
def test_it_does_what_lua_does(servers: tuple[Address, Address], value: str) -> None:
    request = Request(target=f"/?v={value}", headers=(("host", HOST),))
    expected, found = (client.send(address, request) for address in servers)
    assert expected is not None
    assert expected.status == 200
    assert found is not None
    assert found.status == 200
    assert list(zip(SAME, found.body.split(b"<end>"), strict=False)) == list(
        zip(SAME, expected.body.split(b"<end>"), strict=False)
    )
