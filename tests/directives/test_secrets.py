"""Secrets of directives go into the configuration, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import render_text
from snippet2wasm.source import Source

SECRET = "d41d8cd98f"
TEXTS = {
    "the word of secure_link_secret": f'secure_link_secret {SECRET}; if ($secure_link = "") {{ return 403; }}',
    "a quoted word": f'secure_link_secret "{SECRET}"; return 200 $secure_link;',
    "the text of secure_link_md5": f'secure_link_md5 "$uri {SECRET}"; secure_link $arg_m; return 200 $secure_link;',
    "a header for the upstream": f'proxy_set_header Authorization "Basic {SECRET}";',
    "a bare header for the upstream": f"proxy_set_header X-Auth-Token {SECRET};",
    "credentials in a variable": f'set $auth "Basic {SECRET}"; proxy_set_header X-A $auth;',
    "a header that Lua sets": f'access_by_lua_block {{ ngx.req.set_header("authorization", "Bearer {SECRET}") }}',
    "an input header": f'more_set_input_headers -r "X-Api-Key: {SECRET}";',
    "an input header of two words": f'more_set_input_headers "Authorization: Bearer {SECRET}";',
    "the beginning of that text": f"secure_link_md5 {SECRET}$uri; secure_link $arg_m; return 200 $secure_link;",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("target", ["envoy", "higress"])
def test_secret_is_configuration_alone(text: str, target: str, tmp_path: Path) -> None:
    source = Source("nginx.conf", f"location / {{ {text} }}".encode())
    compilation = compile_text(source, tmp_path, Options("secret", target=target))
    files = {name: data for name, data in compilation.files().items() if not name.startswith("vendor/")}
    assert [name for name, data in files.items() if SECRET.encode() in data] == []
    assert [field.secret for field in compilation.unit.config] == [True]
    shown = "".join(map(render_text, compilation.warnings))
    assert "S2W401" in shown
    assert SECRET not in shown
