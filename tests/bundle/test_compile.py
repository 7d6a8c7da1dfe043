"""Compiling bundles: what is shared, refused, warned about, and written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from bundle.conftest import inputs, match
from emitted.test_emitted import staticcheck, unformatted
from emitted.test_manifests import SCHEMA
from snippet2wasm.backend.project import write
from snippet2wasm.bundle import Bundle, bundle, compile_all
from snippet2wasm.compiler import TARGETS, Options, compile_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.source import Source
from support.golang import go

EXAMPLE = Path(__file__).parents[2] / "examples" / "device-heartbeat"
Made = Callable[..., Bundle]

NGINX = """server {{
    location {0} {{
        access_by_lua_block {{
            if ngx.var.arg_a then
                ngx.log(ngx.ERR, "no")
                ngx.exit(403)
            end
        }}
    }}
}}
"""


def packages(files: dict[str, bytes]) -> set[str]:
    """The Go packages of units."""
    return {path.split("/")[1] for path in files if path.startswith("units/")}


def codes(refusal: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [diagnostic.code for diagnostic in refusal.value.diagnostics]


def test_same_code_is_one_package_and_keeps_its_places(made: Made) -> None:
    moved = "# a comment\n\n" + NGINX.format("= /c").replace('"no"', '"no"   ')
    files = made({"a.conf": NGINX.format("/a"), "b.conf": NGINX.format("/b"), "c.conf": moved}).files()
    assert packages(files) == {"a"}
    main = files["main.go"].decode()
    assert "\t\ta.Unit,\n" in main
    assert (
        'a.Unit.As(plugin.Variant{Name: "b", Location: ngx.PrefixLocation("/b"), Chunks: []string{"access_by_lua(b.conf:3)"}}),'
        in main
    )
    assert (
        'a.Unit.As(plugin.Variant{Name: "c", Location: ngx.ExactLocation("/c"), Chunks: []string{"access_by_lua(c.conf:5)"}}),'
        in main
    )


INIT = "init_by_lua_block {\n    function f(x) ngx.log(ngx.ERR, x) end\n}\n"

# What makes two units two packages → their sources.
DIFFERENT = {
    "code": {"a.lua": "ngx.exit(401)\n", "b.lua": "ngx.exit(402)\n"},
    "a number behind slashes": {"a.lua": 'ngx.log(ngx.ERR, "x//1")\n', "b.lua": 'ngx.log(ngx.ERR, "x//2")\n'},
    "a line in a message": {"a.lua": 'ngx.log(ngx.ERR, "x")\n', "b.lua": '\nngx.log(ngx.ERR, "x")\n'},
    "the unit's name in the code": {"a.lua": 'ngx.log(ngx.ERR, "xa")\n', "b.lua": 'ngx.log(ngx.ERR, "xb")\n'},
    "a key of the configuration": {
        "a.lua": "if on then ngx.exit(403) end\n",
        "b.lua": "if on then ngx.exit(403) end\n",
        "a.lua.yaml": "globals: {on: {config: a}}\n",
        "b.lua.yaml": "globals: {on: {config: b}}\n",
    },
    "a chunk in a function's messages": {
        "a.conf": INIT + "location /a { access_by_lua_block { f(1) } }\n",
        "b.conf": INIT + "location /b { access_by_lua_block { f(1) } }\n",
    },
}


@pytest.mark.parametrize("texts", DIFFERENT.values(), ids=DIFFERENT)
def test_other_code_is_another_package(made: Made, texts: dict[str, str]) -> None:
    assert packages(made(texts).files()) == {"a", "b"}


def test_hooks_tell_packages_apart(tmp_path: Path) -> None:
    for folder, code in {"one": "1", "two": "2", "three": "1"}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "hooks.go").write_text(
            f"// Package hooks is here.\npackage hooks\n\n// F is a number.\nfunc F() float64 {{ return {code} }}\n"
        )
    texts = {}
    for folder in ("one", "two", "three"):
        texts[f"{folder}.lua"] = "ngx.exit(f())\n"
        texts[f"{folder}.lua.yaml"] = f"globals: {{f: {{go: ../{folder}}}}}\n"
    files = bundle("shop", "envoy", compile_all(inputs(tmp_path / "in", texts, "envoy"))).files()
    assert packages(files) == {"one", "two"}
    write(files, tmp_path / "out", force=False)
    assert go(tmp_path / "out", "vet", "./units/...", ".").stdout == ""


@pytest.mark.parametrize("target", TARGETS)
def test_go_is_clean_and_its_tests_pass(tmp_path: Path, target: str) -> None:
    texts = {
        "heartbeat.conf": (EXAMPLE / "nginx.conf").read_text(),
        "again.conf": "# once more\n" + (EXAMPLE / "nginx.conf").read_text().replace("/api/", "/api//"),
        "type.lua": "ngx.exit(401)\n",
        "plugin.lua": "ngx.exit(402)\n",
        "internal.lua": "ngx.exit(404)\n",
        "2fa.lua": "ngx.exit(405)\n",
        "ngx.Exit.lua": "local a = 1\n",
    }
    bindings = (EXAMPLE / "snippet2wasm.yaml").read_text()
    bindings = bindings.replace("recorded ", f"{EXAMPLE / 'recorded'} ").replace(
        "aes.lua", str(EXAMPLE / "aes.lua")
    )
    texts |= {"heartbeat.conf.yaml": bindings}
    texts |= {"again.conf.yaml": re.sub("recordings:.*", "", bindings)}
    made = bundle("shop", target, compile_all(inputs(tmp_path / "in", texts, target)))
    write(made.files(), tmp_path / "out", force=False)
    folder = tmp_path / "out"
    names = {path.name for path in (folder / "units").iterdir()}
    assert names == {"heartbeat", "typeunit", "pluginunit", "internalunit", "u2fa", "ngxxit"}
    assert unformatted(folder, "main.go", "units") == ""
    assert go(folder, "vet", "./units/...", ".").stdout == ""
    assert staticcheck(folder, "./units/...", ".") == ""
    done = go(folder, "test", "-v", "./units/...")
    assert "--- PASS: TestRecordings/heartbeat/valid" in done.stdout
    assert done.returncode == 0


def test_same_input_same_bytes(tmp_path: Path) -> None:
    texts = {f"u{number}.lua": f"ngx.exit({401 + number % 3})\n" for number in range(9)}
    first, second = (
        bundle("shop", "higress", compile_all(inputs(tmp_path / name, texts, "higress"))).files()
        for name in ("one", "two")
    )
    assert first == second


def test_all_refusals_are_shown_together(made: Made) -> None:
    texts = {"a.lua": "nobody()\n", "b.lua": "ngx.exit(403)\n", "c.lua": "if then\n"}
    with pytest.raises(Refusal) as refusal:
        made(texts)
    assert codes(refusal) == ["S2W210", "S2W101"]


# Matches that cannot be → the sources, the codes and a part of the last message.
CONFLICTS = {
    "one route": ({"a.lua.yaml": match({"route": "r"}), "b.lua.yaml": match({"route": "r"})}, "'a'"),
    "one location": ({"a.conf": NGINX.format("/x"), "b.conf": NGINX.format("^~ /x")}, "location '^~ /x'"),
    "one host": (
        {"a.lua.yaml": match({"host": "A.b"}), "b.lua.yaml": match({"route": "r"}, {"host": "a.B"})},
        "host 'a.B'",
    ),
}


@pytest.mark.parametrize(("texts", "message"), CONFLICTS.values(), ids=CONFLICTS)
def test_conflicts(made: Made, texts: dict[str, str], message: str) -> None:
    sources = {name.removesuffix(".yaml"): "ngx.exit(403)\n" for name in texts}
    with pytest.raises(Refusal) as refusal:
        made({**sources, **texts})
    assert codes(refusal) == ["S2W242"]
    assert message in refusal.value.diagnostics[0].message


def test_a_match_outside_of_the_own_location(made: Made) -> None:
    with pytest.raises(Refusal) as refusal:
        made({"a.conf": NGINX.format("/a"), "a.conf.yaml": match({"route": "r"}, {"location": "/b"})})
    assert codes(refusal) == ["S2W243"]


# What is no match → a part of the message.
NO_MATCHES = {
    "{}": "must be a list",
    "[1]": "must be a mapping",
    "[{}]": "names neither",
    "[{path: /a}]": "unknown key 'path'",
    "[{route: a, host: 'b:1'}]": "without a port",
    "[{host: 'a:80'}]": "a name without a port",
    "[{host: 'a.*'}]": "a name without a port",
    "[{location: '~ /a'}]": "regular expression",
    "[{location: a}]": "a location is",
    "[{route: '${a.b.c}'}]": "reference to a Secret",
    "[{route: 5}]": "must be a string",
}


@pytest.mark.parametrize(("text", "message"), NO_MATCHES.items())
def test_what_is_no_match(made: Made, text: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        made({"a.lua": "ngx.exit(403)\n", "a.lua.yaml": f"match: {text}\n"})
    assert codes(refusal)[0] == "S2W202"
    assert message in refusal.value.diagnostics[0].message


def test_warnings(made: Made) -> None:
    texts = {"a.lua": "ngx.exit(403)\n", "b.conf": "location /b { rewrite_by_lua_block { ngx.exit(404) } }\n"}
    assert [each.code for each in made(texts, "higress").warnings] == ["S2W404", "S2W405"]
    assert [each.code for each in made(texts, "envoy").warnings] == ["S2W404"]


def manifest(made: Bundle) -> dict[str, object]:
    """The WasmPlugin, checked."""
    text = made.files()["wasmplugin.yaml"].decode()
    found = yaml.safe_load(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    spec: dict[str, object] = found["spec"]
    return spec


def test_wasmplugin(made: Made) -> None:
    texts = {
        "a.conf": NGINX.format("= /a"),
        "b.lua": 'local red = require("resty.redis"):new()\nred:connect("h", 6379)\nred:auth(key)\nred:get("x")\n',
        "b.lua.yaml": match({"route": 'shop/"b"'}, {"host": "*.B.example", "location": "/x y"})
        + "globals: {key: {config: key, secret: true}}\n",
        "c.lua": "if on then ngx.exit(403) end\n",
        "c.lua.yaml": "globals: {on: {config: 'no', type: boolean}}\n",
    }
    spec = manifest(made(texts, "higress"))
    assert spec["phase"] == "UNSPECIFIED_PHASE"
    assert spec["defaultConfig"] == {
        "units": [
            {"name": "a", "match": [{"location": "= /a"}]},
            {
                "name": "b",
                "match": [{"route": 'shop/"b"'}, {"host": "*.B.example", "location": "/x y"}],
                "config": {
                    "key": "${secret.b.key}",
                    "redis": {"h:6379": {"cluster": "outbound|6379||h"}},
                },
            },
            {"name": "c", "match": [], "config": {"no": None}},
        ]
    }


def test_phase_of_rewrite_units(made: Made) -> None:
    texts = {
        f"{name}.conf": f"location /{name} {{ rewrite_by_lua_block {{ ngx.exit(404) }} }}\n" for name in "ab"
    }
    assert manifest(made(texts, "higress"))["phase"] == "AUTHN"


def test_the_readme_s_table_holds_levels_of_all_kinds(made: Made) -> None:
    conf = "location / {\n  if ($uri ~ (a|b)) {\n    add_header X `a`;\n  }\n}\n"
    readme = made({"a.conf": conf}).files()["README.md"].decode()
    assert r"| rewrite directives of `location /`, response's headers of `if ($uri ~ (a\|b))` |" in readme


def test_envoy_fragment_and_readme(made: Made) -> None:
    texts = {"a.conf": NGINX.format("/a|`b"), "b.lua": "ngx.exit(403)\n", "b.lua.yaml": match({"route": "r"})}
    files = made(texts).files()
    fragment = yaml.safe_load(files["envoy.yaml"])
    config = fragment["http_filters"][0]["typed_config"]["config"]["configuration"]
    assert json.loads(config["value"]) == {
        "units": [
            {"name": "a", "match": [{"location": "/a|`b"}]},
            {"name": "b", "match": [{"route": "r"}]},
        ]
    }
    readme = files["README.md"].decode()
    assert (
        "| `a` | `a.conf` | `access_by_lua_block` | [units/a](units/a/unit.go), [in words](units/a/README.md) | location `/a\\|'b` |"
        in readme
    )
    assert "snippet2wasm.unit.NAME.failures" in readme
    marker = json.loads(files["snippet2wasm.json"])
    assert [unit["name"] for unit in marker["units"]] == ["a", "b"]


def test_units_need_names_of_their_own(tmp_path: Path) -> None:
    (first,) = compile_all(inputs(tmp_path / "in", {"a.lua": "ngx.exit(403)\n"}, "envoy"))
    with pytest.raises(ValueError, match="a name of its own"):
        bundle("shop", "envoy", [first, first])
    with pytest.raises(ValueError, match="needs units"):
        bundle("shop", "envoy", [])


def test_the_rules_that_a_manifest_shows_are_valid(tmp_path: Path) -> None:
    """The comment in the manifest of a handler without a location, put in the place of defaultConfig."""
    (compilation,) = compile_all(inputs(tmp_path / "in", {"a.lua": "ngx.exit(403)\n"}, "higress"))
    text = compilation.files()["wasmplugin.yaml"].decode()
    before, _, shown = text.partition("  # matchRules:")
    uncommented = "  matchRules:" + re.sub(r"(?m)^  # ", "  ", shown)
    found = yaml.safe_load(before.replace("  defaultConfig: {}\n", "") + uncommented)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    assert found["spec"]["matchRules"] == [{"ingress": ["namespace/name"], "config": {}}]
    assert "defaultConfig" not in found["spec"]


def test_what_answers_in_nginx_rewrite_phase_comes_first() -> None:
    texts = {
        "answers": "location / { return 403; }",
        "rewrites": "location / { rewrite ^/a /b break; }",
        "only sets": "location / { set $a 1; access_by_lua_block { ngx.exit(403) } }",
        "adds headers": "location / { set $a 1; add_header X-A $a; }",
    }
    found = {
        name: compile_text(Source("a.conf", text.encode()), Path(), Options("a")).unit.stage
        for name, text in texts.items()
    }
    assert found == {
        "answers": "rewrite",
        "rewrites": "rewrite",
        "only sets": "access",
        "adds headers": "",
    }


STAGES = {
    "return": ("if ($arg_a) { return 403; }", "AUTHN"),
    "rewrite": ("rewrite ^/a /b break;", "AUTHN"),
    "rewrite by Lua": ("rewrite_by_lua_block { ngx.exit(403) }", "AUTHN"),
    "a variable": ("set $a 1; access_by_lua_block { ngx.exit(403) }", "UNSPECIFIED_PHASE"),
    "access rules": ("deny all;", "UNSPECIFIED_PHASE"),
    "headers": ("add_header X-A 1;", "UNSPECIFIED_PHASE"),
}


@pytest.mark.parametrize("name", STAGES)
def test_what_decides_in_the_rewrite_phase_runs_first(made: Made, name: str) -> None:
    text, phase = STAGES[name]
    texts = {"a.conf": f"location /a {{ {text} }}\n", "b.conf": "location /b { add_header X-B 1; }\n"}
    made_bundle = made(texts, "higress")
    assert yaml.safe_load(made_bundle.files()["wasmplugin.yaml"])["spec"]["phase"] == phase
    assert made_bundle.warnings == []
