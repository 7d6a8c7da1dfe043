"""The emitted manifests are ones that Higress keeps and that Envoy accepts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.build.pin import pin_image
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.gateway import envoy_program

SCHEMA = json.loads((Path(__file__).parent / "data" / "wasmplugin-crd.schema.json").read_text())

# What a snippet needs → the snippet and its bindings.
SNIPPETS = {
    "nothing": ("ngx.exit(403)\n", ""),
    "redis": ('local red = require("resty.redis"):new()\nred:connect("a.b", 6380)\nred:ping()\n', ""),
    "configuration": (
        "if on and limit > 1 then ngx.log(ngx.INFO, key) end\n",
        'globals:\n  on: {config: "on", type: boolean}\n  limit: {config: limit, type: number}\n'
        "  key: {config: key, secret: true}\n",
    ),
    "odd-host": ('local red = require("resty.redis"):new()\nred:connect("a\\n\\"b: {", 1)\nred:ping()\n', ""),
}


def emitted(name: str, target: str, folder: Path) -> dict[str, bytes]:
    """The project's files of a snippet."""
    text, bindings = SNIPPETS[name]
    (folder / "bindings.yaml").write_text(bindings)
    options = Options("odd-1", target=target, bindings=folder / "bindings.yaml")
    return compile_text(Source("snippet.lua", text.encode()), folder, options).files()


def clusters(text: str, folder: Path) -> set[str]:
    """The names of the clusters that a snippet for Envoy gets."""
    compilation = compile_text(Source("snippet.lua", text.encode()), folder, Options("odd-1", target="envoy"))
    return {each["name"] for each in yaml.safe_load(compilation.files()["envoy.yaml"]).get("clusters", [])}


def check(text: str) -> None:
    """Checks a WasmPlugin against the CRD and our own stricter rules."""
    jsonschema.Draft202012Validator(SCHEMA).validate(yaml.safe_load(text))


@pytest.mark.parametrize("name", SNIPPETS)
def test_wasmplugin(name: str, tmp_path: Path) -> None:
    text = emitted(name, "higress", tmp_path)["wasmplugin.yaml"].decode()
    check(text)
    check(pin_image(text, "oci://registry.example/x:1", "0" * 64))


def test_wasmplugin_of_the_example(heartbeat_project: Callable[..., Path]) -> None:
    manifest = (heartbeat_project("higress") / "wasmplugin.yaml").read_text()
    check(manifest)
    configuration = yaml.safe_load(manifest)["spec"]["defaultConfig"]
    assert configuration["aesKey"] == "${secret.device-heartbeat.aesKey}"


@pytest.mark.parametrize("name", SNIPPETS)
def test_envoy_takes_the_fragment(name: str, tmp_path: Path) -> None:
    """The fragment, put where its comments say, makes a configuration that Envoy accepts, plugin included."""
    write(emitted(name, "envoy", tmp_path), tmp_path / "out", force=False)
    text = (tmp_path / "out" / "envoy.yaml").read_text()
    for key, value in {"on": "true", "limit": "2", "key": '"k"'}.items():
        text = text.replace(f'"{key}": null', f'"{key}": {value}')
    text = text.replace("/etc/envoy/plugin.wasm", str(build(tmp_path / "out", "local").path))
    fragment = yaml.safe_load(text)
    router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
        ".HttpConnectionManager",
        "stat_prefix": "in",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": []}]},
        "http_filters": [
            *fragment["http_filters"],
            {"name": "envoy.filters.http.router", "typed_config": router},
        ],
    }
    listener = {
        "name": "in",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    resources = {"listeners": [listener], "clusters": fragment.get("clusters", [])}
    path = tmp_path / "envoy.json"
    path.write_text(json.dumps({"static_resources": resources}))
    command = [envoy_program(), "--mode", "validate", "-c", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_readme_tells_the_differences_of_what_is_used(tmp_path: Path) -> None:
    for name, told in (("redis", True), ("nothing", False)):
        readme = emitted(name, "higress", tmp_path)["README.md"].decode()
        assert ("`pool_size`" in readme) is told


# How people say where Redis is → what the emitted clusters are for.
ADDRESSES = {
    "table": (
        'local settings = {redis = {host = "cache.internal", port = 6380}}\n'
        "red:connect(settings.redis.host, settings.redis.port)\n",
        {"webdis|6380|cache.internal"},
    ),
    "environment": (
        'local host = os.getenv("REDIS_HOST") or "redis"\n'
        'red:connect(host, tonumber(os.getenv("REDIS_PORT")) or 6379)\n',
        {"webdis|6379|redis"},
    ),
    "function": (
        'local function open(host, port) red:connect(host, port or 6379) end\nopen("one", 1)\nopen("two")\n',
        {f"webdis|{port}|{host}" for host in ("one", "two") for port in (1, 6379)},
    ),
    "defaults": (
        'local conf = {}\nconf.host = conf.host or "10.0.0.7"\nconf.port = conf.port or "7000"\n'
        "red:connect(conf.host, conf.port)\n",
        {"webdis|7000|10.0.0.7"},
    ),
    "unknown": ("red:connect(ngx.var.arg_host, 6379)\n", set[str]()),
    "no-port": ('red:connect("a.b", "x")\n', set[str]()),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_clusters_for_addresses_as_people_write_them(name: str, tmp_path: Path) -> None:
    text, wanted = ADDRESSES[name]
    assert clusters(f'local red = require("resty.redis"):new()\n{text}red:ping()\n', tmp_path) == wanted


# How people say where HTTP services are → what the emitted clusters are for.
SERVICES = {
    "table": (
        'local conf = {url = "http://auth.internal:8080", name = "users"}\n'
        "local httpc = http.new()\n"
        'httpc:request_uri(conf.url .. "/check?u=" .. ngx.var.arg_u)\n'
        "httpc:connect(conf.name, 9000)\n",
        {"http|8080|auth.internal", "http|9000|users"},
    ),
    # No call says its own: all URIs of the text are, but for those that mean something else.
    "threads": (
        'local all = {{url = "http://users.internal/health"}, {url = "https://carts.internal?deep=1"}}\n'
        "local function ask(url) return http.new():request_uri(url) end\n"
        "for _, service in ipairs(all) do ngx.thread.spawn(ask, service.url) end\n"
        'ngx.thread.spawn(ask, "http://mail.internal:8025")\n'
        'ngx.redirect("https://www.example.com/")\n',
        {"http|80|users.internal", "http|443|carts.internal", "http|8025|mail.internal"},
    ),
}


@pytest.mark.parametrize("name", SERVICES)
def test_clusters_of_http_services(name: str, tmp_path: Path) -> None:
    text, wanted = SERVICES[name]
    assert clusters(f'local http = require "resty.http"\n{text}', tmp_path) == wanted
