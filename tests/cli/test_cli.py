"""The command line: exit codes, messages, what is written and what is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "device-heartbeat"
GOOD = b"if not ngx.var.arg_d then ngx.exit(400) end\n"


@dataclass
class Result:
    code: int
    out: str
    err: str


def run(*arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None) -> Result:
    """Runs the program as a process of its own, as a user does."""
    command = [sys.executable, "-m", "snippet2wasm", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, timeout=120, check=False)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file and folder below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


# name → (file name, content, expected code, text that the message must hold)
BAD_INPUTS: dict[str, tuple[str, bytes, int, str]] = {
    "syntax-error": ("a.lua", b"if x the\n", 3, "a.lua:1:6: error[S2W101]"),
    "unfinished-string": ("a.lua", b'local s = "x\n', 3, "error[S2W101]"),
    "missing-end": ("a.lua", b"if true then\n", 3, "error[S2W101]"),
    "unresolved-global": ("a.lua", b"local x = secret_key\n", 3, "a.lua:1:11: error[S2W210]"),
    "unknown-ngx-function": ("a.lua", b"ngx.exti(403)\n", 3, "a.lua:1:1: error[S2W217]"),
    "unknown-module": ("a.lua", b'local x = require "resty.nothing"\n', 3, "error[S2W214]"),
    "not-utf-8": ("a.lua", b'local x = "\xff\xfe"\n', 3, "a.lua:1:12: error[S2W105]"),
    "empty": ("a.lua", b"", 3, "error[S2W106]"),
    "only-white-space": ("a.lua", b" \n\t\n", 3, "error[S2W106]"),
    "5-mb": ("a.lua", b"-- x\n" * (1 << 20), 3, "error[S2W107]"),
    "2-mb-of-lua": ("a.lua", b"-- x\n" * (400 << 10), 3, "error[S2W103]"),
    "10000-parentheses": (
        "a.lua",
        b"local x = " + b"(" * 10000 + b"1" + b")" * 10000 + b"\n",
        3,
        "error[S2W10",
    ),
    "10000-unclosed": ("a.lua", b"local x = " + b"(" * 10000, 3, "error[S2W10"),
    "nul-bytes": ("a.lua", b"\0\0\0", 3, "error[S2W101]"),
    "binary": ("a.lua", bytes(range(128)), 3, "error[S2W101]"),
    "nginx-unbalanced": ("a.conf", b"location / { access_by_lua_block { ngx.exit(1) }", 3, "error[S2W11"),
    "nginx-without-handler": ("a.conf", b"server { }", 3, "error[S2W231]"),
    "nginx-unknown-directive": ("a.conf", b"location / { proxy_pas http://x; }", 3, "error[S2W131]"),
    "nginx-two-handlers": (
        "a.conf",
        b"location / { access_by_lua_block { ngx.exit(0) } access_by_lua_block { ngx.exit(0) } }",
        3,
        "error[S2W234]",
    ),
    "nginx-server-by-pattern": (
        "a.conf",
        b"server { access_by_lua_block { ngx.exit(0) } } server { server_name ~^a; }",
        3,
        "error[S2W230]: the server name '~^a' can't be compiled beside other servers",
    ),
    "nginx-missing-file": ("a.conf", b"location / { access_by_lua_file gone.lua; }", 3, "error[S2W236]"),
    "nginx-location-modifier": (
        "a.conf",
        b"location !~ ^/x { access_by_lua_block { ngx.exit(0) } }",
        3,
        "error[S2W139]",
    ),
    "nginx-later-phase": (
        "a.conf",
        b"upstream x { server a; balancer_by_lua_block { ngx.exit(0) } }",
        3,
        "error[S2W230]",
    ),
}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_bad_input(name: str, tmp_path: Path) -> None:
    file_name, content, code, message = BAD_INPUTS[name]
    (tmp_path / file_name).write_bytes(content)
    result = run("compile", file_name, "-o", "out", cwd=tmp_path)
    assert message in result.err
    assert result.code == code
    assert "Traceback" not in result.err
    assert [path.name for path in tmp_path.iterdir()] == [file_name], "something was written"


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_bad_input_as_json(name: str, tmp_path: Path) -> None:
    file_name, content, code, _ = BAD_INPUTS[name]
    (tmp_path / file_name).write_bytes(content)
    result = run("compile", file_name, "--format", "json", cwd=tmp_path)
    found = json.loads(result.out)
    assert (result.code, found["status"]) == (code, "refused")
    for diagnostic in found["diagnostics"]:
        assert {"code", "severity", "message", "file", "line", "column"} <= diagnostic.keys()


BAD_USES: dict[str, tuple[list[str], str]] = {
    "no-input": (["compile"], "Missing argument"),
    "missing-file": (["compile", "gone.lua"], "there is no such file"),
    "folder-without-a-handler": (["compile", "foreign"], "foreign holds no nginx.conf and no .lua file"),
    "unknown-option": (["compile", "good.lua", "--frobnicate"], "No such option"),
    "unknown-target": (["compile", "good.lua", "--target", "apache"], "is not one of"),
    "bad-name": (["compile", "good.lua", "--name", "Not A Name"], "--name"),
    "missing-bindings": (
        ["compile", "good.lua", "--bindings", "gone.yaml"],
        "--bindings: can't read gone.yaml",
    ),
    "missing-library": (["compile", "good.lua", "--with", "gone.lua"], "--with: can't read gone.lua"),
    "phase-for-nginx": (["compile", "good.conf", "--phase", "rewrite"], "nginx text says the phase"),
    "foreign-folder": (["compile", "good.lua", "-o", "foreign"], "left alone"),
    "foreign-folder-with-force": (["compile", "good.lua", "-o", "foreign", "--force"], "left alone"),
    "output-is-here": (["compile", "good.lua", "-o", "."], "current folder"),
    "output-is-here-by-its-name": (["compile", "good.lua", "-o", "../{here}", "--force"], "current folder"),
    "output-is-above": (["compile", "good.lua", "-o", ".."], "current folder"),
    "output-is-a-file": (["compile", "good.lua", "-o", "good.conf"], "is not a folder"),
    "output-below-a-file": (["compile", "good.lua", "-o", "good.conf/out"], "can't write"),
    "not-writable": (["compile", "good.lua", "-o", "/proc/snippet2wasm/out"], "can't write"),
    "build-of-nothing": (["build", "foreign"], "foreign"),
    "push-of-nothing": (["push", "foreign", "localhost:1/x:1"], "foreign"),
}


def bad_use(name: str, folder: Path) -> list[str]:
    """Prepares a folder; the arguments of a bad use in it."""
    (folder / "good.lua").write_bytes(GOOD)
    (folder / "good.conf").write_bytes(b"location / { access_by_lua_block { ngx.exit(0) } }")
    (folder / "foreign").mkdir()
    (folder / "foreign" / "precious.txt").write_text("mine")
    return [argument.format(here=folder.name) for argument in BAD_USES[name][0]]


@pytest.mark.parametrize("name", BAD_USES)
def test_bad_use(name: str, tmp_path: Path) -> None:
    arguments = bad_use(name, tmp_path)
    before = tree(tmp_path)
    result = run(*arguments, cwd=tmp_path)
    assert BAD_USES[name][1] in result.err
    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", BAD_USES)
def test_bad_use_as_json(name: str, tmp_path: Path) -> None:
    result = run(*bad_use(name, tmp_path), "--format", "json", cwd=tmp_path)
    found = json.loads(result.out)
    assert (result.code, result.err, found["status"]) == (2, "", "failed")
    assert BAD_USES[name][1] in found["error"]


def test_read_only_folder(tmp_path: Path) -> None:
    (tmp_path / "good.lua").write_bytes(GOOD)
    (tmp_path / "closed").mkdir(mode=0o555)
    # Root may write into any folder of an ordinary file system, so it gets one that is read-only for all.
    output = "/sys/snippet2wasm-out" if os.geteuid() == 0 else "closed/out"
    result = run("compile", "good.lua", "-o", output, cwd=tmp_path)
    assert (result.code, "can't write" in result.err) == (2, True)


def test_two_compiles_are_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for folder in ("one", "two/deep"):
        result = run("compile", EXAMPLE / "nginx.conf", "-o", tmp_path / folder)
        assert result.code == 0, result.err
        found.append(tree(tmp_path / folder))
    assert found[0] == found[1]
    assert {"main.go", "go.mod", "go.sum", "Dockerfile", "README.md", "wasmplugin.yaml"} <= found[0].keys()


def test_no_temporary_folders_stay(tmp_path: Path) -> None:
    for arguments in ([], ["--force"]):
        assert run("compile", EXAMPLE / "nginx.conf", "-o", "out", *arguments, cwd=tmp_path).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_project_is_replaced_only_by_force(tmp_path: Path) -> None:
    (tmp_path / "good.lua").write_bytes(GOOD)
    assert run("compile", "good.lua", cwd=tmp_path).code == 0
    (tmp_path / "good" / "main.go").write_text("package main // edited\n")
    refused = run("compile", "good.lua", cwd=tmp_path)
    assert (refused.code, "--force replaces it" in refused.err) == (2, True)
    assert "edited" in (tmp_path / "good" / "main.go").read_text()
    assert run("compile", "good.lua", "--force", cwd=tmp_path).code == 0
    assert "edited" not in (tmp_path / "good" / "main.go").read_text()


def test_standard_input(tmp_path: Path) -> None:
    result = run("compile", "-", "--emit", "go", stdin=GOOD, cwd=tmp_path)
    assert (result.code, result.err) == (0, "")
    assert "r.Exit(400)" in result.out
    text = b"location / { access_by_lua_block { ngx.exit(403) } }"
    assert "ngx.PrefixLocation" in run("compile", "-", "--emit", "go", stdin=text, cwd=tmp_path).out


def test_directives_without_lua_are_nginx_text() -> None:
    done = run("compile", "-", "--emit", "go", stdin=b"# CORS\nadd_header X-A b always;\n")
    assert done.code == 0, done.err
    assert 'r.AddHeader("X-A", "b", ngx.Always)' in done.out


def test_level_of_a_text() -> None:
    text = b"if ($host = a.example) { return 301 https://b.example$request_uri; }\n"
    assert "ServerRewrite" in run("compile", "-", "--emit", "go", "--level", "server", stdin=text).out
    assert "ServerRewrite" not in run("compile", "-", "--emit", "go", "--level", "location", stdin=text).out
    done = run("compile", "-", "--emit", "go", "--level", "http", stdin=text)
    assert done.code == 3
    assert '"if" directive is not allowed here' in done.err


def test_level_is_for_nginx_text(tmp_path: Path) -> None:
    (tmp_path / "a.lua").write_bytes(GOOD)
    assert run("compile", "a.lua", "--level", "server", cwd=tmp_path).code == 2
    assert run("compile", "a.lua", "--bundle", "--level", "server", cwd=tmp_path).code == 2


def test_older_forms_of_the_directive(tmp_path: Path) -> None:
    (tmp_path / "handler.lua").write_bytes(GOOD)
    for text in (
        b"location / { access_by_lua 'if not ngx.var.arg_d then ngx.exit(400) end'; }",
        b'location / { access_by_lua "if not ngx.var.arg_d then ngx.exit(400) end"; }',
        b"location / { access_by_lua_file handler.lua; }",
    ):
        (tmp_path / "a.conf").write_bytes(text)
        result = run("compile", "a.conf", "--emit", "go", cwd=tmp_path)
        assert (result.code, result.err) == (0, "")
        assert 'r.Arg("d")' in result.out


SECRETS = {
    "named": 'local secret_key = "{secret}"\nif ngx.var.arg_k ~= secret_key then ngx.exit(403) end\n',
    "compared": 'if ngx.var.http_x_api_key ~= "{secret}" then ngx.exit(403) end\n',
    "compared-the-other-way": 'if "{secret}" == ngx.var.arg_token then ngx.exit(403) end\n',
    "joined": 'local token = "{secret}" .. "x"\nif ngx.var.arg_k ~= token then ngx.exit(403) end\n',
    "default": 'local password = ngx.var.arg_p or "{secret}"\nngx.log(ngx.INFO, #password)\n',
    "key": 'local aes = require "resty.aes"\nlocal k = "{secret}"\nlocal c = aes:new(k)\n'
    "if not c then ngx.exit(500) end\nngx.log(ngx.INFO, c:encrypt(ngx.var.arg_a or ''))\n",
    "two-in-one-line": 'local c = {{ api_key = "{secret}", password = "{secret}" }}\nngx.log(ngx.INFO, #c.api_key)\n',
    "beside-a-warning": 'local secret_key = "{secret}" if nobody then ngx.log(ngx.INFO, secret_key) end\n',
    "password": 'local red = require("resty.redis"):new()\nred:connect("a", 1)\nred:auth("{secret}")\nred:ping()\n',
}


@pytest.mark.parametrize("name", SECRETS)
def test_the_secret_stays_out_of_the_project(name: str, tmp_path: Path) -> None:
    secret = "hunter2-correct-horse"
    (tmp_path / "a.lua").write_text(SECRETS[name].format(secret=secret))
    result = run("compile", "a.lua", "-o", "out", cwd=tmp_path)
    assert result.code == 0, result.err
    assert "warning[S2W401]" in result.err
    assert secret not in result.err
    assert not [name for name, data in tree(tmp_path / "out").items() if secret.encode() in data]


def test_no_message_shows_a_secret(tmp_path: Path) -> None:
    secret = "hunter2-correct-horse"
    (tmp_path / "a.lua").write_text(f'local api_key = "{secret}" nobody(api_key)\n')
    result = run("compile", "a.lua", cwd=tmp_path)
    assert result.code == 3
    assert f"local api_key = {'*' * (len(secret) + 2)} nobody(api_key)" in result.err
    assert secret not in result.err


def test_json_of_a_compile(tmp_path: Path) -> None:
    (tmp_path / "good.lua").write_bytes(GOOD)
    result = run("compile", "good.lua", "--format", "json", cwd=tmp_path)
    assert json.loads(result.out) == {"status": "done", "project": "good", "diagnostics": []}


def test_version_and_help() -> None:
    assert run("--version").out.startswith("snippet2wasm, version 0.")
    for command in ("compile", "build", "push"):
        result = run(command, "--help")
        assert (result.code, f"snippet2wasm {command}" in result.out.replace("python -m ", "")) == (0, True)
