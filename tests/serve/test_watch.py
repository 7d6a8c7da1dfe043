"""--watch: changes are followed, bad ones are told and not loaded."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from serve.conftest import GREETING, compiled
from serve.serving import SECONDS, Serving
from snippet2wasm.verify.process import wait_until

NEW = "now serving the new plugin\n"
OLD = "the plugin as it was before goes on\n"


def _until(serving: Serving, status: int, target: str) -> None:
    """A worker thread of Envoy may take the new plugin a moment after it is announced."""
    wait_until(lambda: serving.ask(target).status == status, SECONDS)


def test_changes(door: Path) -> None:
    """Good, refused, good again, in front of one connection that stays open."""
    source = door / "door.conf"
    with Serving(door, "door.conf", "--watch") as serving:
        connection = http.client.HTTPConnection(*serving.ready().address, timeout=SECONDS)

        def ask() -> int:
            connection.request("GET", "/door?knock=bad")
            response = connection.getresponse()
            response.read()
            return response.status

        assert ask() == 403
        client = connection.sock
        source.write_text(GREETING.replace("403", "401"))
        serving.wait_for(NEW)
        wait_until(lambda: ask() == 401, SECONDS)
        source.write_text(GREETING.replace("ngx.exit(403)", "ngx.exti(403)"))
        serving.wait_for(OLD)
        assert "door.conf:6:13: error[S2W217]" in serving.text()
        assert ask() == 401
        source.unlink()
        wait_until(lambda: serving.text().count(OLD) == 2, SECONDS)
        assert "can't read door.conf: there is no such file" in serving.text()
        assert ask() == 401
        source.write_text("\n\n" + GREETING.replace("403", "410"))
        wait_until(lambda: serving.text().count(NEW) == 2, SECONDS)
        wait_until(lambda: ask() == 410, SECONDS)
        serving.wait_for("door.conf:7: warning: who is bad")
        assert connection.sock is client, "the connection was closed"
        assert "Traceback" not in serving.text()
        assert serving.stop() == 0
        serving.assert_nothing_left()


def test_what_the_snippet_uses(tmp_path: Path) -> None:
    """Bindings that come to be, a Lua file that they name, a configuration, and a Redis from now on."""
    (tmp_path / "main.lua").write_text("local x = check(ngx.var.arg_x)\nif x then ngx.exit(x) end\n")
    (tmp_path / "check.lua").write_text('function check(x)\n    if x == "a" then return 401 end\nend\n')
    (tmp_path / "values.yaml").write_text("{}\n")
    with Serving(
        tmp_path, "main.lua", "--with", "check.lua", "--watch", "--config", "values.yaml"
    ) as serving:
        assert serving.ready().ask("/?x=a").status == 401
        (tmp_path / "check.lua").write_text('function check(x)\n    if x == "a" then return 403 end\nend\n')
        serving.wait_for(NEW)
        _until(serving, 403, "/?x=a")
        (tmp_path / "values.yaml").write_text("surplus: 1\n")
        serving.wait_for('"surplus": is not a key of this plugin')
        serving.wait_for(OLD)
        assert serving.ask("/?x=a").status == 403
        (tmp_path / "values.yaml").write_text("key: abc\n")
        (tmp_path / "snippet2wasm.yaml").write_text("globals: {key: {config: key, secret: false}}\n")
        (tmp_path / "main.lua").write_text(
            'local red = require("resty.redis"):new()\nlocal ok = red:connect("r.internal", 6379)\n'
            "if not ok then ngx.exit(502) end\nred:set(key, key)\nif red:get(key) == key then ngx.exit(410) end\n"
        )
        wait_until(lambda: serving.text().count(NEW) == 2, SECONDS)
        _until(serving, 410, "/")
        assert 'key = "abc" from values.yaml' in serving.text()
        assert serving.stop() == 0
        serving.assert_nothing_left()


def _edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text()))


def test_a_project(door: Path) -> None:
    """People may edit the Go code; what Go refuses is shown."""
    project = compiled(door, "door.conf", "--target", "envoy", "--build")
    with Serving(door, "project", "--watch") as serving:
        assert serving.ready().ask("/door?knock=bad").status == 403
        _edit(project / "main.go", lambda text: text.replace("403", "401"))
        serving.wait_for(NEW)
        _until(serving, 401, "/door?knock=bad")
        _edit(project / "main.go", lambda text: text.replace("401", "nonsense"))
        serving.wait_for(OLD)
        assert re.search(r"main\.go:\d+:\d+: undefined: nonsense", serving.text())
        assert serving.ask("/door?knock=bad").status == 401
        (project / "snippet2wasm.json").unlink()
        serving.wait_for("is not a plugin project: it has no snippet2wasm.json")
        assert serving.ask("/door?knock=bad").status == 401
        assert "Traceback" not in serving.text()


def test_redis_that_cannot_be_started(tmp_path: Path) -> None:
    """A new version needs what is not there: the old one goes on."""
    (tmp_path / "bin").mkdir()
    for name in ("setpriv", "go"):
        program = shutil.which(name)
        assert program is not None
        (tmp_path / "bin" / name).symlink_to(program)
    (tmp_path / "main.lua").write_text("ngx.exit(403)\n")
    with Serving(tmp_path, "main.lua", "--watch", env={"PATH": str(tmp_path / "bin")}) as serving:
        assert serving.ready().ask("/").status == 403
        (tmp_path / "main.lua").write_text(
            'local red = require("resty.redis"):new()\nred:connect("r", 1)\nngx.exit(401)\n'
        )
        serving.wait_for(OLD)
        assert "webdis is not installed" in serving.text()
        assert serving.ask("/").status == 403


def test_many_changes(door_project: Path, tmp_path: Path) -> None:
    """Old plugins do not pile up in Envoy."""
    values = tmp_path / "project"
    subprocess.run(["cp", "-a", door_project, values], check=True)
    with Serving(tmp_path, "project", "--watch") as serving:
        serving.ready()
        for number in range(6):
            _edit(values / "main.go", lambda text, number=number: text + f"// {number}\n")  # type: ignore[misc]
            wait_until(lambda number=number: serving.text().count(NEW) == number + 1, SECONDS)  # type: ignore[misc]
        assert serving.ask("/door?knock=bad").status == 403
        assert len(list(serving.temporary.glob("*/plugin-*.wasm"))) <= 2


def test_echo_is_json(door_project: Path, tmp_path: Path) -> None:
    with Serving(tmp_path, door_project) as serving:
        serving.ready()
        answer = serving.ask(
            "/x",
            method="PUT",
            headers=(("host", "a"), ("transfer-encoding", "chunked")),
            body=b"2\r\n\xff\xfe\r\n0\r\n\r\n",
        )
        assert json.loads(answer.body)["body_base64"] == "//4="
        assert serving.ask("/x", method="HEAD", headers=(("host", "a"), ("connection", "close"))).body == b""


HOOK = """\
package hooks

// Check says whether a request may pass.
func Check(x string) bool {
	var known map[string]bool
	known[x] = true
	return known[x]
}
"""


def test_a_hook_that_panics(tmp_path: Path) -> None:
    """The bug is shown whole, and a hook that is mended is taken."""
    (tmp_path / "gate.lua").write_text('if not check(ngx.var.arg_x or "") then ngx.exit(403) end\n')
    (tmp_path / "gate.snippet2wasm.yaml").write_text("globals: {check: {go: ./hooks}}\n")
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "hooks.go").write_text(HOOK)
    with Serving(tmp_path, "gate.lua", "--watch") as serving:
        assert serving.ready().ask("/?x=a").status == 500
        serving.wait_for("GET /?x=a → 500")
        report = serving.text().partition("critical: gate: internal error while running access_by_lua")[2]
        assert "assignment to entry in nil map\n    goroutine " in report
        assert re.search(r"hooks\.Check\(.*\n\s+\S*hooks\.go:6", report)
        _edit(
            tmp_path / "hooks" / "hooks.go",
            lambda text: text.replace("var known map", "known := map").replace("]bool\n", "]bool{}\n"),
        )
        serving.wait_for(NEW)
        _until(serving, 200, "/?x=a")
