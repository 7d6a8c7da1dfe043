"""What the compiler says about snippets points at the file, whatever is between it and the snippet: quotes, folded
lines, escapes, Helm values inside of an object.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from snippet2wasm.cluster import compile_cluster
from snippet2wasm.compiler import Options
from snippet2wasm.diagnostics import Refusal, Severity
from snippet2wasm.frontend import kubernetes
from snippet2wasm.ir.nodes import Phase
from snippet2wasm.source import Source
from support.ingress import HEAD, RULES

# A snippet as it is written in YAML, and what is marked in the file, with the message's code.
CASES = {
    "literal": ('|\n      add_header X $nope;', ["S2W135 $nope"]),
    "literal-lua": ('|\n      access_by_lua_block {\n        local x = aes("y")\n      }', ["S2W210 aes"]),
    "folded": ('>\n      set $a 1;\n\n\n      add_header X "é$nope";\n      nonsense on;', ['S2W135 "é$nope"', "S2W131 nonsense"]),
    "folded-lua": ('>-\n      access_by_lua_block {\n        local x = 1\n\n        local y = aes(x)\n      }', ["S2W210 aes"]),
    "double-quoted": (r'"set $a \"x\";\nadd_header \"X\" $nope;"', ["S2W135 $nope"]),
    "double-quoted-lua": (r'"access_by_lua_block {\n\tlocal x = \"\u00e9\"\n\tlocal y = aes(x)\n}"', ["S2W210 aes"]),
    "double-quoted-over-lines": ('"set $a 1; \\\n      nonsense \\\n      on;"', ["S2W131 nonsense"]),
    "single-quoted": ("'add_header X ''a $nope''; nonsense on;'", ["S2W135 ''a $nope''", "S2W131 nonsense"]),
    "single-quoted-lua": ("'access_by_lua ''local x = aes(1)'';'", ["S2W210 aes"]),
    "plain": ("add_header X $nope;", ["S2W135 $nope"]),
    "plain-over-lines": ("set $a 1;\n      set $b\n      $nope;", ["S2W135 $nope"]),
}  # fmt: skip


def refused(text: str, name: str = "k.yaml") -> list[str]:
    """The codes of the messages, and what they mark in the file."""
    manifests = kubernetes.merge([kubernetes.read(Source(name, text.encode()))])
    with pytest.raises(Refusal) as caught:
        compile_cluster(manifests, Path(), Options("", Phase.ACCESS, "higress", None, ()))
    found = []
    for each in caught.value.diagnostics:
        assert each.span is not None
        place = each.span.outermost()
        assert place.source.name == name
        found.append(f"{each.code} {place.text}")
    return found


@pytest.mark.parametrize("name", CASES)
def test_annotations(name: str) -> None:
    snippet, expected = CASES[name]
    assert refused(HEAD + snippet + RULES) == expected


def test_json() -> None:
    text = (
        '{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "a", "annotations":'
        r' {"nginx.ingress.kubernetes.io/configuration-snippet": "set $a \"\ud83d\ude00\";\n\nadd_header X $nope;"}},'
        ' "spec": {"rules": [{"host": "a", "http": {"paths": [{"path": "/", "backend": {"service": {"name": "s"}}}]}}]}}'
    )
    assert refused(text, "k.json") == ["S2W135 $nope"]


def test_config_map() -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller}\ndata:\n"
    text = f"{HEAD}return 200;{RULES}---\n{config}  http-snippet: >\n    map $uri $a {{\n      default $nope;\n    }}\n"
    assert refused(text + "  location-snippet: add_header X $a;\n") == ["S2W135 $nope"]


def test_values_in_a_text() -> None:
    text = (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec:\n  valuesContent: |\n    web:\n      ingress:\n"
        "        hosts: [a.example]\n        annotations:\n"
        '          nginx.ingress.kubernetes.io/configuration-snippet: "set $a \\"1\\";\\nnonsense on;"\n'
    )
    assert refused(text) == ["S2W131 nonsense"]


def test_blocks_that_stand_in_no_text_have_their_names() -> None:
    server = "nginx.ingress.kubernetes.io/server-snippet: location = /x { return 200; }"
    text = HEAD + "set $a 1;\n    " + server + RULES
    manifests = kubernetes.read(Source("k.yaml", text.encode()))
    compiled = compile_cluster(manifests, Path(), Options("", Phase.ACCESS, "higress", None, ()))
    go = compiled.compilations[0].main_go()
    assert re.findall(r"(?m)^\t(\w+) +(?:= iota)? *// (\S.*), k\.yaml:\d+$", go) == [
        ("server", "server"),
        ("locationX", "location = /x"),
        ("location", "location /"),
    ]


NOTHING = {
    "values": ("controller:\n  config: {server-snippet: return 200;}\n", "there is no Ingress for the controller's snippets"),
    "service": ("apiVersion: v1\nkind: Service\n", "there is no Ingress to compile"),
    "empty": ("# nothing\n", "there is no Ingress to compile"),
    "no-snippet": (HEAD.replace("configuration-snippet: ", 'enable-cors: "true"') + RULES, "there is no snippet to compile"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_to_compile(name: str) -> None:
    text, message = NOTHING[name]
    manifests = kubernetes.read(Source("k.yaml", text.encode()))
    with pytest.raises(Refusal) as caught:
        compile_cluster(manifests, Path(), Options("", Phase.ACCESS, "higress", None, ()))
    errors = [each for each in caught.value.diagnostics if each.severity is Severity.ERROR]
    assert [(each.code, each.message) for each in errors] == [("S2W360", message)]


def test_a_location_in_a_configuration_snippet_is_inside_the_ingress_location() -> None:
    snippet = "|\n      if ($arg_a) {\n        return 301 /x;\n      }\n      location ~ x {\n        deny all;\n      }"
    manifests = kubernetes.read(Source("k.yaml", (HEAD + snippet + RULES).encode()))
    compiled = compile_cluster(manifests, Path(), Options("", Phase.ACCESS, "higress", None, ()))
    # Server directives would act on requests of the inner location, too.
    assert [each.text for each in compiled.compilations[0].unit.levels] == [
        "server",
        "location /",
        "location ~ x",
    ]
    assert "ServerRewrite" not in compiled.compilations[0].main_go()


LOCATIONS = {
    "location /x { add_header X a; }": True,
    "location /x { allow 10.0.0.0/8; deny all; }": True,
    "location /x { if ($arg_a) { return 200; } }": True,
    "location /x { location /x/y { return 200; } }": True,
    "location /x { return 200; }": False,
    "location /x { deny all; }": False,
    "location /x { content_by_lua_block { ngx.say(1) } }": False,
    "location /x { try_files $uri =405; }": False,
}


@pytest.mark.parametrize("text", LOCATIONS)
def test_a_location_without_an_answer_looks_for_a_file(text: str) -> None:
    server = f"nginx.ingress.kubernetes.io/server-snippet: '{text}'"
    manifests = kubernetes.read(Source("k.yaml", (HEAD + "set $a 1;\n    " + server + RULES).encode()))
    compiled = compile_cluster(manifests, Path(), Options("", Phase.ACCESS, "higress", None, ()))
    go = compiled.compilations[0].main_go()
    assert ("r.Exit(404)" in go) == LOCATIONS[text]


# An Ingress' path, a location in its configuration-snippet, and what nginx says to it, "" for nothing.
NESTED = {
    "/ Prefix location /x": "",
    "/ Prefix location ~ x": "",
    "/ Exact location ~ x": 'location "x" cannot be inside the exact location "/"',
    "/foo Prefix location /foo/x": 'location "/foo/x" cannot be inside the exact location "/foo"',
    "/foo ImplementationSpecific location = /foo/x": 'location "/foo/x" cannot be inside the exact location "/foo"',
    "/foo ImplementationSpecific location ~* x": 'location "x" cannot be inside the exact location "/foo"',
    "/foo Regex location ~ x": "",
    "/foo Regex location /foo/x": 'location "/foo/x" is outside location "^/"',
}


@pytest.mark.parametrize("name", NESTED)
def test_locations_that_do_not_fit_into_those_of_the_ingress(name: str) -> None:
    path, kind, snippet = name.split(" ", 2)
    rules = RULES.replace("path: /, pathType: Prefix", f"path: {path}, pathType: ImplementationSpecific")
    if kind == "Regex":
        rules = '\n    nginx.ingress.kubernetes.io/use-regex: "true"' + rules
    else:
        rules = rules.replace("ImplementationSpecific", kind)
    manifests = kubernetes.read(Source("k.yaml", (HEAD + f"'{snippet} {{ return 200; }}'" + rules).encode()))
    compiled = compile_cluster(manifests, Path(), Options("", Phase.ACCESS, "higress", None, ()))
    found = [each.message.partition(": ")[2] for each in compiled.warnings if each.code == "S2W464"]
    assert found == ([NESTED[name]] if NESTED[name] else [])


def test_what_the_locations_of_ingresses_have_themselves_is_the_server_s_and_its_locations() -> None:
    text = "port_in_redirect on; client_max_body_size 10; location /x { return 301 /y; }"
    server = f"nginx.ingress.kubernetes.io/server-snippet: '{text}'"
    manifests = kubernetes.read(Source("k.yaml", (HEAD + "return 301 /z;\n    " + server + RULES).encode()))
    compiled = compile_cluster(manifests, Path(), Options("", Phase.ACCESS, "higress", None, ()))
    lines = re.findall(r"\tr\.(\w+\([^)]*\))", compiled.compilations[0].main_go())
    server_phase, of_the_snippet = ["PortInRedirect(true)"], ["ClientMaxBodySize(10)"]
    ingress = ["PortInRedirect(false)", 'Return(301, "/z")']
    assert lines == [*server_phase, *of_the_snippet, 'Return(301, "/y")', *ingress]
