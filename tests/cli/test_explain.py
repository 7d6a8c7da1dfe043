"""`snippet2wasm explain` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.test_cli import EXAMPLE, run


@pytest.mark.parametrize(
    ("format_", "begins", "holds"),
    [
        ("text", "device-heartbeat (nginx.conf) acts on", "If the argument `d` is missing → answers 400"),
        ("markdown", "# What device-heartbeat does\n", "```mermaid\nflowchart TD\n"),
        ("mermaid", "flowchart TD\n", ":::answer"),
    ],
)
def test_each_format(format_: str, begins: str, holds: str) -> None:
    result = run("explain", EXAMPLE / "nginx.conf", "--format", format_)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(begins)
    assert holds in result.out


def test_json_is_one_object() -> None:
    result = run("explain", EXAMPLE / "snippet.lua", "--name", "beat", "--format", "json")
    assert result.code == 0
    found = json.loads(result.out)
    assert found["status"] == "done"
    assert found["explanation"]["name"] == "beat"
    ends = [end for end in found["explanation"]["ends"] if end["part"] == "access"]
    assert [(end["kind"], end["status"]) for end in ends] == [
        ("answer", 400),
        ("answer", 403),
        ("pass", None),
    ]


def test_what_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.lua"
    source.write_text("ngx.exti(403)\n")
    result = run("explain", source)
    assert (result.code, result.out) == (3, "")
    assert "error[S2W217]" in result.err
    as_json = run("explain", source, "--format", "json")
    assert as_json.code == 3
    assert json.loads(as_json.out)["status"] == "refused"


def test_standard_input_and_wrong_use() -> None:
    result = run("explain", "-", "--phase", "rewrite", stdin=b"ngx.exit(403)\n")
    assert result.code == 0
    assert "What `rewrite_by_lua_block` does" in result.out
    assert run("explain", "nowhere.lua").code == 2
    assert run("explain", EXAMPLE / "nginx.conf", "--format", "poem").code == 2
    assert run("explain", EXAMPLE / "nginx.conf", "--phase", "access").code == 2
