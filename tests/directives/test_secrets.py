"""Secrets of directives go into the configuration, and nowhere else."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from snippet2wasm.cli import main
from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.diagnostics import Refusal, render_text
from snippet2wasm.explain import FORMATS
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
    "what an API key is compared with": f'if ($http_x_api_key = "{SECRET}") {{ return 200; }}',
    "what an argument must be": f'if ($arg_token != "{SECRET}") {{ return 403; }}',
    "an if that is a level": f'if ($http_x_api_key = "{SECRET}") {{ add_header X-A b; }} add_header X-A c;',
    "behind Bearer": f'if ($http_authorization != "Bearer {SECRET}") {{ return 401; }}',
    "the cookie of a session": f'if ($cookie_session = "{SECRET}") {{ return 200; }}',
    "a pattern": f'if ($http_x_api_key ~ "^a-{SECRET}-[0-9]+$") {{ return 200 x; }}',
    "a pattern without regard to case": f"if ($http_authorization !~* ^Bearer.{SECRET}$) {{ return 401; }}",
    "a pattern of cookies": f'if ($http_cookie ~ "session={SECRET}") {{ return 200; }}',
    "a variable": f'set $api_token "{SECRET}"; proxy_set_header X-A $api_token;',
    "a variable with another in it": f"set $api_token $arg_a-{SECRET}-$arg_b; proxy_set_header X-A $api_token;",
    "a variable for Lua": f'set $token "{SECRET}"; access_by_lua_block {{ ngx.say(ngx.var.token) }}',
    "proxy_set_header": f'proxy_set_header X-Api-Key "{SECRET}";',
    "proxy_set_header of a scheme": f'proxy_set_header Authorization "Bearer {SECRET}$arg_x";',
    "basic": f'proxy_set_header Authorization "Basic {SECRET}=";',
    "a cookie for the upstream": f'proxy_set_header Cookie "lang=de; session={SECRET}";',
    "grpc_set_header": f"grpc_set_header X-Auth-Token {SECRET};",
    "add_header": f"add_header X-Auth-Token {SECRET} always;",
    "Set-Cookie": f'add_header Set-Cookie "sid={SECRET}; Path=/";',
    "a token under any name": f'add_header X-A "ghp_{SECRET}{SECRET}";',
    "more_set_headers": f'more_set_headers "X-Api-Key: {SECRET}";',
    "more_set_input_headers": f'more_set_input_headers -r "Authorization: Bearer {SECRET}";',
    "proxy_cookie_path": f'proxy_cookie_path / "/; token={SECRET}";',
    "proxy_set_body": f"""proxy_set_body '{{"password": "{SECRET}"}}';""",
    "rewrite": f"rewrite ^/a$ /b?api_key={SECRET} break;",
    "a redirect": f"return 302 https://a.example/?access_token={SECRET}&b=$arg_b;",
    "an answer": f"""return 200 '{{"token": "{SECRET}"}}';""",
    "sub_filter": f"""sub_filter '</head>' '<script>apiKey="{SECRET}"</script></head>';""",
}
SERVERS = {
    "keys of a map": f'map $http_x_api_key $who {{ default ""; "{SECRET}" alice; }} '
    "server { location / { proxy_set_header X-Who $who; } }",
    "a pattern of a map": f"map $arg_token $who {{ ~^{SECRET}-[a-z]+$ alice; }} "
    "server { location / { proxy_set_header X-Who $who; } }",
    "a value of a map": f"map $host $api_key {{ default {SECRET}; }} "
    "server { location / { proxy_set_header X-Who $api_key; } }",
    "a long map": "map $http_authorization $who { "
    + " ".join(f"a{number} b{number};" for number in range(20))
    + f' "Bearer {SECRET}" c; }} server {{ location / {{ proxy_set_header X-Who $who; }} }}',
    "auth_request": "server { location = /v { internal; proxy_pass http://auth.internal:80/a;"
    f' proxy_set_header X-Api-Key "{SECRET}"; }} location / {{ auth_request /v; }} }}',
    "the URL of auth_request": "server { location = /v { internal;"
    f" proxy_pass http://auth.internal:80/a?api_key={SECRET}; }} location / {{ auth_request /v; }} }}",
}
ALL = {name: f"location / {{ {text} }}" for name, text in TEXTS.items()}
ALL |= {name: f"http {{ {text} }}" for name, text in SERVERS.items()}

COMMON = r"""
if ($request_method = OPTIONS) { return 204; }
if ($http_authorization = "") { return 401 "authorization required: token missing"; }
if ($http_authorization !~ "^Bearer [A-Za-z0-9._-]{20,}$") { return 401 '{"error": "invalid_token", "token": "required"}'; }
if ($arg_token = required) { return 400; }
if ($http_user_agent ~* "(Googlebot|AhrefsBot2000)") { return 403; }
set $auth_required "enabled";
set $token $arg_token;
set $token_url https://id.example/oauth2/token;
set $request_uuid 2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d;
add_header X-Frame-Options DENY;
add_header X-Content-Type-Options nosniff;
add_header Content-Security-Policy "script-src 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=' 'nonce-$request_id'";
add_header WWW-Authenticate 'Basic realm="Password required", charset="UTF-8"';
add_header Access-Control-Allow-Headers "Authorization,X-Api-Key,Content-Type";
add_header Access-Control-Allow-Credentials true;
add_header Strict-Transport-Security "max-age=31536000; includeSubDomains; preload";
more_set_headers "Content-Type: text/html; charset=utf-8" "X-Request-Id: $request_id";
proxy_set_header Authorization "";
proxy_set_header X-Token "Bearer $arg_token";
proxy_set_header X-Auth-Host auth.example.com;
proxy_set_header Cookie "$http_cookie; lang=german";
rewrite ^/token/(.*)$ /oauth/$1?scope=openid break;
"""


def _leaks(compilation: Compilation) -> list[str]:
    shown = {name: data for name, data in compilation.files().items() if not name.startswith("vendor/")}
    shown |= {f"explain {name}": show(compilation.explanation()).encode() for name, show in FORMATS.items()}
    shown |= {"ir": compilation.ir().encode(), "types": compilation.types().encode()}
    shown["warnings"] = "".join(map(render_text, compilation.warnings)).encode()
    return [name for name, data in shown.items() if SECRET.encode() in data]


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
@pytest.mark.parametrize("target", ["envoy", "higress"])
def test_secret_is_configuration_alone(text: str, target: str, tmp_path: Path) -> None:
    source = Source("nginx.conf", text.encode())
    compilation = compile_text(source, tmp_path, Options("secret", target=target))
    assert _leaks(compilation) == []
    assert [field.secret for field in compilation.unit.config] == [True]
    assert "S2W401" in {each.code for each in compilation.warnings}


@pytest.mark.parametrize("line", [each for each in COMMON.splitlines() if each])
def test_ordinary_words_stay(line: str, tmp_path: Path) -> None:
    compilation = compile_text(
        Source("nginx.conf", f"location / {{ {line} expires 1h; }}".encode()), tmp_path, Options("open")
    )
    assert compilation.unit.config == []


def test_a_message_about_something_else_does_not_show_it(tmp_path: Path) -> None:
    text = (
        f'location / {{ proxy_set_header X-Api-Key "{SECRET}"; add_header X-Token {SECRET}; unknown_one; }}'
    )
    with pytest.raises(Refusal) as refusal:
        compile_text(Source("nginx.conf", text.encode()), tmp_path, Options("refused"))
    shown = "".join(map(render_text, refusal.value.diagnostics))
    assert "unknown_one" in shown
    assert SECRET not in shown


INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    nginx.ingress.kubernetes.io/configuration-snippet: |
      if ($http_x_api_key = "SECRET") { return 403; }
      proxy_set_header Authorization "Bearer SECRET$arg_x";
      proxy_set_header X-Key $api_key_of_host;
      client_max_body_size 8m;
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data:
  http-snippet: |
    map $host $api_key_of_host { default "SECRET"; }
"""


@pytest.mark.parametrize(
    "options",
    [
        ["compile", "--format", "json", "-o", "out"],
        ["compile", "--bundle", "-o", "out"],
        ["compile", "--bundle", "-o", "out", "--target", "envoy"],
        ["compile", "--emit", "manifests"],
        ["explain"],
        ["explain", "--format", "json"],
    ],
    ids=" ".join,
)
def test_cluster(options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop.yaml").write_text(INGRESS.replace("SECRET", SECRET))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [*options, "shop.yaml"])
    assert result.exit_code == 0, result.output
    assert SECRET not in result.output
    written = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert bool(written) == ("-o" in options)
    assert [path for path, data in written.items() if SECRET.encode() in data] == []


def test_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "all.conf").write_text(
        "\n".join(TEXTS[name] for name in ("add_header", "a pattern", "rewrite"))
    )
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["compile", "all.conf", "--format", "json"])
    assert result.exit_code == 0, result.output
    assert result.output.count("S2W401") == 3
    assert SECRET not in result.output


MAP = """
map $http_x_api_key $client {
    default "";
    Zx81k3y9 alice;
    Zx81k3y8 bob;
}
server { location / { proxy_set_header X-Client $client; } }
"""


def test_a_map_of_keys_stays_readable(tmp_path: Path) -> None:
    compilation = compile_text(Source("nginx.conf", MAP.encode()), tmp_path, Options("keys", target="envoy"))
    found = textwrap.dedent(compilation.main_go())
    assert "key == lua.Lower(cfg.HTTPXAPIKey)" in found
    assert "key == lua.Lower(cfg.HTTPXAPIKey2)" in found
