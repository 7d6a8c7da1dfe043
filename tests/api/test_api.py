"""The Python interface: one call from inputs to a project's files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import snippet2wasm
from snippet2wasm import InvalidOption, Refusal, Text

EXAMPLES = Path(__file__).parents[2] / "examples"
HEARTBEAT = EXAMPLES / "device-heartbeat" / "nginx.conf"
HANDLER = "if not ngx.var.arg_d then ngx.exit(400) end\n"


def test_a_file() -> None:
    plugin = snippet2wasm.compile(HEARTBEAT, target="envoy")
    assert (plugin.name, plugin.target, plugin.diagnostics) == ("device-heartbeat", "envoy", [])
    assert {"main.go", "main_test.go", "go.mod", "envoy.yaml", "README.md"} <= plugin.files.keys()
    assert b'red.SetEx("device:online:"' in plugin.files["main.go"]
    (unit,) = plugin.units
    assert (unit.name, unit.source) == ("device-heartbeat", str(HEARTBEAT))
    assert "redis:setex" in unit.ir
    assert [setting["key"] for setting in unit.explanation["configuration"]] == ["aesKey"]


def test_a_text() -> None:
    plugin = snippet2wasm.compile(Text(HANDLER), name="mine", phase="rewrite")
    assert plugin.name == "mine"
    assert b"Rewrite:" in plugin.files["main.go"]
    assert plugin.files == snippet2wasm.compile(Text(HANDLER), name="mine", phase="rewrite").files


def test_a_bundle(tmp_path: Path) -> None:
    plugin = snippet2wasm.compile(
        HEARTBEAT, Text(HANDLER, "a/check.lua"), Text(HANDLER, "b/check.lua"), name="all"
    )
    assert [unit.name for unit in plugin.units] == ["device-heartbeat", "check", "check-2"]
    assert {"units/deviceheartbeat/unit.go", "main.go"} <= plugin.files.keys()
    assert [warning.code for warning in plugin.diagnostics] == ["S2W404", "S2W404"]
    assert plugin.write(tmp_path / "all") == tmp_path / "all"
    written = {
        path.relative_to(tmp_path / "all").as_posix()
        for path in (tmp_path / "all").rglob("*")
        if path.is_file()
    }
    assert written == plugin.files.keys()


def test_the_files_are_those_of_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "snippet2wasm", "compile", HEARTBEAT, "-o", tmp_path / "out"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    for name, data in snippet2wasm.compile(HEARTBEAT).files.items():
        assert (tmp_path / "out" / name).read_bytes() == data, name


def test_refusals_are_raised_with_all_diagnostics() -> None:
    with pytest.raises(Refusal) as caught:
        snippet2wasm.compile(Text("local x = secret_key\nngx.exti(1)\n"), Text("if x the\n", "b.lua"))
    found = [(each.code, each.span.start if each.span else None) for each in caught.value.diagnostics]
    assert found == [("S2W210", 10), ("S2W217", 21), ("S2W101", 5)]
    assert "snippet.lua:1:11: error[S2W210]" in snippet2wasm.render_text(caught.value.diagnostics[0])


INVALID = {
    "nothing": ([], {}, "there is no input"),
    "missing": (["gone.lua"], {}, "can't read gone.lua: there is no such file"),
    "target": ([Text(HANDLER)], {"target": "apache"}, "the targets are higress, envoy"),
    "phase": ([Text(HANDLER)], {"phase": "balancer"}, "the phases are rewrite, access"),
    "phase-of-nginx-text": ([HEARTBEAT], {"phase": "access"}, "nginx text says the phase itself"),
    "name": ([Text(HANDLER)], {"name": "Not a name"}, "can't be a plugin's name"),
    "bindings": ([Text(HANDLER)], {"bindings": "gone.yaml"}, "there is no file gone.yaml"),
    "library": ([Text(HANDLER)], {"libraries": ["gone.lua"]}, "there is no file gone.lua"),
    "no-bundle": ([Text(HANDLER)] * 2, {"as_bundle": False}, "several inputs make a bundle"),
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_arguments(name: str) -> None:
    inputs, options, message = INVALID[name]
    with pytest.raises(InvalidOption) as caught:
        snippet2wasm.compile(*inputs, **options)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_write_replaces_only_by_force(tmp_path: Path) -> None:
    plugin = snippet2wasm.compile(Text(HANDLER))
    plugin.write(tmp_path / "out")
    with pytest.raises(InvalidOption, match="holds a project already; force=True replaces it"):
        plugin.write(tmp_path / "out")
    plugin.write(tmp_path / "out", force=True)


def test_name_that_is_no_utf8() -> None:
    """File names are bytes; a message of the snippet has those of the file."""
    text = 'local function deny(why) ngx.log(ngx.WARN, "denied " .. why) deny(why .. "x") end deny("a")\n'
    plugin = snippet2wasm.compile(snippet2wasm.Text(text, name="caf\udce9.lua"))
    assert rb'const accessChunk lua.Chunk = "access_by_lua(caf\xe9.lua:1)"' in plugin.files["main.go"]


def test_a_text_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        snippet2wasm.compile(Text("\ud800", "snippet.lua"))
    assert [each.code for each in caught.value.diagnostics] == ["S2W105"]
