"""The emitted Go as a product: formatted, clean for vet and staticcheck, tested, readable."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compile.cases import DATA, load
from snippet2wasm import resources
from snippet2wasm.backend.project import write
from snippet2wasm.build.toolchain import find_toolchain
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.source import Source
from support.cases import Case, compiled
from support.golang import go

STATICCHECK = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"
TARGETS = ("higress", "envoy")


def unformatted(folder: Path, *below: str) -> str:
    """The files that gofmt would change."""
    gofmt = find_toolchain().go.resolve().with_name("gofmt")
    return subprocess.run(
        [gofmt, "-l", *below], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def staticcheck(folder: Path, *packages: str) -> str:
    """What staticcheck says; the tool itself comes from the module cache or proxy."""
    tools = folder.parent / "tools"
    tools.mkdir(exist_ok=True)
    if not (tools / "staticcheck").exists():
        installed = go(tools, "install", STATICCHECK, GOFLAGS="-trimpath", GOBIN=str(tools))
        assert installed.returncode == 0, installed.stdout
    environment = {**os.environ, "GOFLAGS": "-mod=vendor -trimpath", "GOTOOLCHAIN": "local"}
    environment["PATH"] = f"{find_toolchain().go.parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        [tools / "staticcheck", *packages],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(params=TARGETS)
def project(request: pytest.FixtureRequest, heartbeat_project: Callable[..., Path]) -> Path:
    return heartbeat_project(request.param)


def test_own_tests_pass_untouched(project: Path) -> None:
    done = go(project, "test", "-count=1", "-v", "./...")
    assert done.returncode == 0, done.stdout
    ran = set(re.findall(r"--- PASS: TestRecordings/(\S+)", done.stdout))
    assert {"valid", "missing", "wrong-key", "redis-down", "redis-slow", "redis-refuses"} <= ran


def test_clean_for_gofmt_vet_and_staticcheck(project: Path) -> None:
    assert unformatted(project, "main.go", "main_test.go", "runtime") == ""
    assert go(project, "vet", "./...").stdout == ""
    assert staticcheck(project, "./...") == ""


# What a wrong plugin might do → the change to main.go that makes it do so.
MUTATIONS = {
    "wrong-status": ("r.Exit(400)", "r.Exit(401)"),
    "passes-on": ("r.Exit(403)", "r.Log(1, ngx.ERR)"),
    "wrong-ttl": (", 300,", ", 3000,"),
    "wrong-key": ('"device:online:"', '"device:"'),
    "another-argument": ('r.Arg("d")', 'r.Arg("e")'),
    "no-log": ('r.Log(12, ngx.ERR, "Failed to decrypt device ID")', "_ = ngx.ERR"),
    "another-level": ("ngx.ERR", "ngx.WARN"),
    "no-command": ("red.SetEx(", "_ = append([]any{}, "),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_own_tests_find_a_wrong_plugin(
    name: str, heartbeat_project: Callable[..., Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(heartbeat_project("envoy"), tmp_path / "wrong"))
    text = (folder / "main.go").read_text()
    old, new = MUTATIONS[name]
    assert text.count(old) == 1
    (folder / "main.go").write_text(text.replace(old, new))
    done = go(folder, "test", ".")
    assert done.returncode == 1
    assert "--- FAIL: TestRecordings" in done.stdout


def test_heartbeat_reads_like_the_lua(project: Path) -> None:
    text = (project / "main.go").read_text()
    assert "lua.Value" not in text, "a dynamic value"
    assert "func(" not in text.replace("func(*", ""), "a closure"
    handler = text[text.index("\nfunc access(") :].partition("\n}\n")[0].splitlines()[2:]
    assert len(handler) <= 20


def test_project_holds_nothing_unused(project: Path) -> None:
    prefix = "snippet2wasm.internal/plugin/runtime/"
    needed = go(project, "list", "-deps", "-test", ".", "./runtime/cmd/stripexports").stdout.split()
    there = {
        str(path.parent.relative_to(project / "runtime")) for path in (project / "runtime").rglob("*.go")
    }
    assert there == {name.removeprefix(prefix) for name in needed if name.startswith(prefix)}


def accepted() -> Iterator[tuple[str, Case]]:
    """The compile cases that give Go."""
    for path in sorted(DATA.glob("*.test")):
        for case in load(path):
            if case.sections.get("go", "").strip():
                yield f"{path.stem}-{case.name}", case


@pytest.fixture(scope="module")
def cases_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One Go module with a package for every compile case that is accepted."""
    root = tmp_path_factory.mktemp("cases") / "module"
    runtime = resources.go_runtime()
    ignored = shutil.ignore_patterns("vendor", "*_test.go", "testdata")
    shutil.copytree(runtime, root / "runtime", ignore=ignored)
    (root / "runtime" / "go.mod").rename(root / "go.mod")
    (root / "runtime" / "go.sum").rename(root / "go.sum")
    module = (root / "go.mod").read_text()
    (root / "go.mod").write_text(module.replace("internal/plugin/runtime", "internal/plugin", 1))
    shutil.copytree(runtime / "vendor", root / "vendor")
    for name, case in accepted():
        folder = root / "cases" / name
        files = compiled(case.name, case.sections, tmp_path_factory.mktemp("input")).files()
        folder.mkdir(parents=True)
        for path, data in files.items():
            if path.endswith(".go") and "/" not in path and not path.endswith("_test.go"):
                (folder / path).write_bytes(data)
    return root


def test_every_accepted_case_is_clean_go(cases_module: Path) -> None:
    assert unformatted(cases_module, "cases") == ""
    done = go(cases_module, "vet", "./cases/...", GOOS="wasip1", GOARCH="wasm")
    assert done.stdout == ""
    assert staticcheck(cases_module, "./cases/...") == ""


def test_hook_of_the_user(tmp_path: Path) -> None:
    """A Go function stands for a Lua global; its own tests travel with it."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "hooks.go").write_text(
        "// Package hooks is the user's.\npackage hooks\n\n"
        "// AESDecrypt reverses its input.\n"
        "func AESDecrypt(encrypted, key string) (string, bool) {\n"
        '\treturn encrypted + key, encrypted != ""\n}\n'
    )
    (hooks / "hooks_test.go").write_text(
        'package hooks\n\nimport "testing"\n\nfunc TestIt(t *testing.T) {\n'
        '\tif s, ok := AESDecrypt("a", "b"); !ok || s != "ab" {\n\t\tt.Fatal(s)\n\t}\n}\n'
    )
    (tmp_path / "b.yaml").write_text(
        "globals:\n  aes_decrypt: {go: ./hooks}\n  secret_key: {config: aesKey, secret: true}\n"
    )
    source = Source(
        "snippet.lua", (Path(__file__).parents[2] / "examples/device-heartbeat/snippet.lua").read_bytes()
    )
    compilation = compile_text(source, tmp_path, Options("hooked", bindings=tmp_path / "b.yaml"))
    write(compilation.files(), tmp_path / "out", force=False)
    assert (
        "deviceID, ok := hooks.AESDecrypt(encryptedDevice, cfg.SecretKey)"
        in (tmp_path / "out/main.go").read_text()
    )
    assert go(tmp_path / "out", "vet", "./...").stdout == ""
    assert "ok  \tsnippet2wasm.internal/plugin/hooks" in go(tmp_path / "out", "test", "./...").stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("package hooks\n", "no exported Go function"),
        ("package other\nfunc AESDecrypt(a, b string) string { return a }\n", "must be of package hooks"),
        ('package hooks\nfunc AESDecrypt(a []byte) string { return "" }\n', "parameter of type '[]byte'"),
        ("package hooks\nfunc AESDecrypt(a, b string) error { return nil }\n", "has the result 'error'"),
    ],
)
def test_hook_that_does_not_fit(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "hooks.go").write_text(text)
    (tmp_path / "b.yaml").write_text("globals:\n  aes_decrypt: {go: ./hooks}\n")
    source = Source("snippet.lua", b'local x = aes_decrypt("a", "b")\n')
    with pytest.raises(Refusal) as refusal:
        compile_text(source, tmp_path, Options("hooked", bindings=tmp_path / "b.yaml"))
    assert message in refusal.value.diagnostics[0].message
    assert refusal.value.diagnostics[0].code == "S2W203"
