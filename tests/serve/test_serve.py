"""A snippet served: what answers, what is shown, what it stands on."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from serve.conftest import compiled
from serve.serving import Serving
from snippet2wasm.verify.process import LOOPBACK, Address, free_port
from snippet2wasm.verify.redis import RedisServer
from snippet2wasm.verify.upstream import MARK, Upstream

SECRET = "b7c1f0e2d3a4958677665544332211aa"


def test_a_snippet(door: Path) -> None:
    """The plugin answers, the built-in upstream says what it received, and logs have the source's lines."""
    with Serving(door, "door.conf") as serving:
        serving.ready()
        assert serving.ask("/door?knock=bad").status == 403
        echo = json.loads(
            serving.ask(
                "/door?knock=good",
                method="POST",
                headers=(("host", "a"), ("x-a", "1"), ("x-a", "2")),
                body=b"hi",
            ).body
        )
        assert serving.ask("/door?knock=none").status == 500
        assert serving.ask("/elsewhere?knock=bad").status == 200
        serving.wait_for("GET /elsewhere")
        assert serving.stop() == 0
        serving.assert_nothing_left()
    assert (echo["method"], echo["path"], echo["query"], echo["body"]) == (
        "POST",
        "/door",
        "knock=good",
        "hi",
    )
    assert (echo["headers"]["host"], echo["headers"]["x-a"]) == ("a", ["1", "2"])
    text = serving.text()
    assert "door.conf:5: warning: who is bad\n" in text
    assert re.search(r"^GET /door\?knock=bad → 403 \d+ ms \(plugin\)$", text, re.MULTILINE)
    assert re.search(r"^POST /door\?knock=good → 200 \d+ ms \(upstream\)$", text, re.MULTILINE)
    error = (
        "lua entry thread aborted: runtime error: attempt to concatenate field 'arg_missing' (a nil value)"
    )
    assert f"door.conf:9: error: {error}\n" in text
    assert "envoy:" not in text
    assert "\x1b" not in text, "colours are for terminals"
    assert text.index("door.conf:5: warning") < text.index("GET /door?knock=bad →")


def test_a_project(door_project: Path, tmp_path: Path) -> None:
    """One that is built already is not built again."""
    with Serving(tmp_path, door_project) as serving:
        assert serving.ready().ask("/door?knock=bad").status == 403
        serving.wait_for("GET /door?knock=bad")
        assert serving.stop() == 0
    assert "building" not in serving.text()
    assert "\ndoor.conf:5: warning: who is bad\n" in serving.text()


def test_a_project_that_is_not_built(door: Path) -> None:
    project = compiled(door, "door.conf", "--target", "envoy")
    with Serving(door, "project") as serving:
        assert serving.ready().ask("/door?knock=bad").status == 403
    assert (project / "plugin.wasm").is_file()


def test_verbose(door_project: Path, tmp_path: Path) -> None:
    """Envoy's own log, with its components' words."""
    with Serving(tmp_path, door_project, "--verbose") as serving:
        serving.ready()
        serving.wait_for("envoy: debug: Base Wasm created")


def test_client_address(tmp_path: Path) -> None:
    """A client can't choose its address, as with an nginx without the realip module."""
    (tmp_path / "who.lua").write_text('ngx.req.set_header("X-Who", ngx.var.remote_addr)\n')
    with Serving(tmp_path, "who.lua") as serving:
        answer = serving.ready().ask("/", headers=(("host", "a"), ("x-forwarded-for", "203.0.113.7")))
    assert json.loads(answer.body)["headers"]["x-who"] == LOOPBACK


def test_port(door_project: Path, tmp_path: Path) -> None:
    port = free_port()
    with Serving(tmp_path, door_project, "--port", str(port)) as serving:
        serving.ready()
        assert serving.address == (LOOPBACK, port)
        (tmp_path / "second").mkdir()
        with Serving(tmp_path / "second", door_project, "--port", str(port)) as second:
            assert second.end() == 3
        assert second.text() == f"snippet2wasm: can't listen on port {port}: Address already in use\n"


def test_upstream(door_project: Path, tmp_path: Path) -> None:
    with (
        Upstream() as upstream,
        Serving(tmp_path, door_project, "--upstream", f"http://localhost:{upstream.address[1]}/") as serving,
    ):
        response = serving.ready().ask("/door?knock=good")
        assert MARK in response.headers
        assert [request.target for request in upstream.received] == ["/door?knock=good"]
        assert ("host", "device.example") in upstream.received[0].headers


def test_upstream_that_is_down(door_project: Path, tmp_path: Path) -> None:
    with Serving(tmp_path, door_project, "--upstream", f"http://127.0.0.1:{free_port()}") as serving:
        assert serving.ready().ask("/door").status == 503
        serving.wait_for("upstream reset before response started")


def _generated(serving: Serving) -> str:
    match = re.search(r'apiKey = "([0-9a-f]{32})" \(generated for this run\)', serving.text())
    assert match is not None
    return match[1]


def test_own_redis_and_generated_values(counter: Path) -> None:
    with Serving(counter, "counter.lua") as serving:
        key = _generated(serving.ready())
        assert serving.ask(f"/?key={key}&v=42").status == 200
        assert serving.ask("/?key=other").status == 403
        match = re.search(
            r"redis +127\.0\.0\.1:(\d+), started for this run; it stands for redis", serving.text()
        )
        assert match is not None
        assert _get((LOOPBACK, int(match[1])), "seen") == b"$7\r\nnothing\r\n"
        assert sorted(set(serving.descendants().values())) == ["envoy", "redis-server", "webdis"]
        assert serving.stop() == 0
        serving.assert_nothing_left()


def test_given_redis_and_values(counter_project: Path, tmp_path: Path) -> None:
    """A given Redis is used, and a given secret is not shown."""
    (tmp_path / "values.yaml").write_text(
        f"apiKey: {SECRET}\nredis: {{other.internal:6380: {{timeout: 500}}}}\n"
    )
    with (
        RedisServer() as redis,
        Serving(
            tmp_path, counter_project, "--redis", f"127.0.0.1:{redis.address[1]}", "--config", "values.yaml"
        ) as serving,
    ):
        assert serving.ready().ask(f"/?key={SECRET}&v=7").status == 200
        assert redis.call("GET", "seen") == b"7"
        assert "redis-server" not in serving.descendants().values()
        assert serving.stop() == 0
    head, _, _ = serving.text().partition("GET /")
    assert "apiKey from values.yaml" in head
    assert SECRET not in head
    assert "it stands for redis.internal:6379, other.internal:6380" in head


def test_given_redis_that_is_not_needed(door_project: Path, tmp_path: Path) -> None:
    with Serving(tmp_path, door_project, "--redis", f"127.0.0.1:{free_port()}") as serving:
        serving.ready()
        assert sorted(serving.descendants().values()) == ["envoy"]
    assert "not used by this plugin" in serving.text()


def test_configuration_that_the_plugin_refuses(counter_project: Path, tmp_path: Path) -> None:
    """The plugin's own words are shown."""
    (tmp_path / "values.json").write_text(json.dumps({"apiKey": 17, "colour": SECRET}))
    with Serving(tmp_path, counter_project, "--config", "values.json") as serving:
        assert serving.end() == 3
        serving.assert_nothing_left()
    text = serving.text()
    assert '"apiKey": expected a string, got a number' in text
    assert '"colour": is not a key of this plugin' in text
    assert "the plugin does not start with this configuration\n" in text
    assert SECRET not in text


BUNDLE = {
    "door.conf": "location /door { access_by_lua_block { ngx.exit(401) } }\n",
    "key.conf": "location /key {\n access_by_lua_block {\n  if ngx.var.arg_k ~= key then ngx.exit(403) end\n  }\n}\n",
    "key.snippet2wasm.yaml": "globals: {key: {config: key, secret: true}}\nmatch: [{host: keys.example}]\n",
    "lone.lua": "ngx.log(ngx.ERR, 'lone')\nngx.exit(410)\n",
    "lone.snippet2wasm.yaml": "match: [{route: a/b}]\n",
}


def test_a_bundle(tmp_path: Path) -> None:
    """Its table is that of the project, its values are generated, or the table is given."""
    for name, text in BUNDLE.items():
        (tmp_path / name).write_text(text)
    inputs = [name for name in BUNDLE if not name.endswith(".yaml")]
    bundle = ["--bundle", "--name", "all", "--target", "envoy", "--build"]
    project = compiled(tmp_path, *inputs, *bundle)
    with Serving(tmp_path, project) as serving:
        match = re.search(r'key: key = "([0-9a-f]{32})" \(generated', serving.ready().text())
        assert match is not None
        host = (("host", "keys.example"),)
        assert [serving.ask("/door").status, serving.ask("/other").status] == [401, 200]
        assert serving.ask(f"/key?k={match[1]}", headers=host).status == 200
        assert serving.ask("/key?k=x", headers=host).status == 403
        assert f"curl -i -H 'host: keys.example' http://127.0.0.1:{serving.address[1]}/\n" in serving.text()
    table = [{"name": "l", "unit": "lone", "match": [{"location": "/lone"}]}]
    (tmp_path / "values.json").write_text(json.dumps({"units": table}))
    with Serving(tmp_path, project, "--config", "values.json") as serving:
        assert [serving.ready().ask(path).status for path in ("/lone", "/door")] == [410, 200]
        serving.wait_for("lone.lua:1: error: l: lone\n")


def test_missing_program(counter_project: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "setpriv").symlink_to("/usr/bin/setpriv")
    with Serving(tmp_path, counter_project, env={"PATH": str(programs)}) as serving:
        assert serving.end() == 3
        serving.assert_nothing_left()
    assert "snippet2wasm: webdis is not installed: apt install webdis\n" in serving.text()


# name → (arguments, exit code, text)
BAD_USES: dict[str, tuple[list[str], int, str]] = {
    "no-file": (["gone.conf"], 2, "can't read gone.conf: there is no such file"),
    "refused": (["bad.lua"], 3, "bad.lua:1:1: error[S2W217]"),
    "neither-project-nor-snippet": (["empty"], 2, "empty holds no nginx.conf and no .lua file"),
    "for-higress": (["project"], 2, "project is compiled for higress; a local Envoy can't run that\n  try: "),
    "option-for-a-project": (["project", "--bindings", "a.yaml"], 2, "--bindings is for snippets"),
    "library-for-a-project": (["project", "--with", "a.lua"], 2, "--with is for snippets"),
    "watched-stdin": (["-", "--watch"], 2, "standard input can't be watched"),
    "https-upstream": (["door.conf", "--upstream", "https://x"], 2, "TLS is not spoken"),
    "upstream-with-a-path": (["door.conf", "--upstream", "http://x/y"], 2, "requests keep their own paths"),
    "upstream-port": (["door.conf", "--upstream", "http://x:99999"], 2, "this is no URL"),
    "redis-without-port": (["door.conf", "--redis", "localhost"], 2, "HOST:PORT is wanted"),
    "port-0": (["door.conf", "--port", "0"], 2, "--port"),
    "no-configuration": (["built", "--config", "gone.yaml"], 2, "can't read gone.yaml"),
    "configuration-is-a-list": (["built", "--config", "list.yaml"], 2, "list.yaml must hold an object"),
    "configuration-is-broken": (
        ["built", "--config", "broken.yaml"],
        2,
        "broken.yaml:3: this is neither YAML nor",
    ),
    "configuration-with-a-date": (["built", "--config", "date.yaml"], 2, "date.yaml holds what JSON can't"),
}


@pytest.fixture(scope="module")
def bad_uses(tmp_path_factory: pytest.TempPathFactory, door_project: Path) -> Path:
    folder = tmp_path_factory.mktemp("bad-uses")
    (folder / "door.conf").write_text("location / { access_by_lua_block { ngx.exit(403) } }\n")
    (folder / "bad.lua").write_text("ngx.exti(403)\n")
    (folder / "list.yaml").write_text("- a\n")
    (folder / "broken.yaml").write_text("a: 1\nb: [\n")
    (folder / "date.yaml").write_text("a: 2024-01-01\n")
    (folder / "empty").mkdir()
    (folder / "built").symlink_to(door_project)
    compiled(folder, "door.conf")
    return folder


@pytest.mark.parametrize("name", BAD_USES)
def test_bad_use(name: str, bad_uses: Path) -> None:
    arguments, code, text = BAD_USES[name]
    with Serving(bad_uses, *arguments) as serving:
        assert serving.end() == code, serving.text()
    assert text in serving.text()
    assert "Traceback" not in serving.text()


def test_help_is_quick_to_import() -> None:
    """No command loads the servers' code but its own."""
    code = "import sys, snippet2wasm.cli.compile; sys.exit('snippet2wasm.serve' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def _get(address: Address, key: str) -> bytes:
    with socket.create_connection(address, 5) as connection:
        connection.sendall(f"GET {key}\r\n".encode())
        return connection.recv(100)


def test_http_services(tmp_path: Path) -> None:
    """A service that this machine knows is called; one that it does not know refuses."""
    with Upstream() as service:
        (tmp_path / "calls.lua").write_text(
            'local http = require "resty.http"\n'
            f'local res, err = http.new():request_uri("http://localhost:{service.address[1]}/asked")\n'
            "local none, why = http.new():request_uri('http://nobody.invalid:81/')\n"
            "ngx.say(res and res.body or err, ' ', why)\n"
            "ngx.exit(200)\n"
        )
        with Serving(tmp_path, "calls.lua") as serving:
            serving.ready()
            assert serving.ask("/").body == b"GET /asked\n connection refused\n"
            assert serving.stop() == 0
            text = serving.text()
    assert f"localhost:{service.address[1]}" in text
    assert "nobody.invalid:81 is not known" in text
