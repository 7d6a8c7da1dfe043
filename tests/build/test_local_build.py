"""The local builder: the same bytes always, and errors that a person understands."""

from __future__ import annotations

import json
import os
import shutil
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from snippet2wasm.build import build
from snippet2wasm.build.errors import BuildError, BuildTimeoutError, CompileError, ProjectError
from support.wasm import export_names


def test_module_has_only_the_kept_callbacks(project: Path) -> None:
    result = build(project, "local")
    module = result.path.read_bytes()
    assert result.path == project / "plugin.wasm"
    assert (result.size, result.sha256) == (len(module), sha256(module).hexdigest())
    assert result.builder == "local"
    assert result.go_version.startswith("go1.")
    kept = json.loads((project / "snippet2wasm.json").read_text())["exports"]
    callbacks = [name for name in export_names(module) if name.startswith("proxy_on_")]
    assert sorted(callbacks) == sorted(kept)
    assert {"memory", "_initialize"} <= set(export_names(module))


def test_same_bytes_again_and_in_another_folder(project: Path, tmp_path: Path) -> None:
    first = build(project, "local")
    again = build(project, "local")
    elsewhere = tmp_path / "deeper" / "a folder with spaces"
    shutil.copytree(project, elsewhere, ignore=shutil.ignore_patterns("plugin.wasm"))
    assert build(elsewhere, "local").sha256 == first.sha256 == again.sha256


def test_users_settings_do_not_reach_the_bytes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = build(project, "local")
    settings = project.parent / "go-env"
    settings.write_text("GOFLAGS=-tags=other\nGOWASM=satconv\n")
    for name, value in {
        "GOFLAGS": "-mod=mod -gcflags=all=-N",
        "GOWORK": str(project / "absent.work"),
        "GOENV": str(settings),
        "GOOS": "linux",
        "GOARCH": "arm64",
        "GOEXPERIMENT": "nosuchexperiment",
        "GODEBUG": "gctrace=1",
        "GOROOT": "/nonexistent",
        "CGO_ENABLED": "1",
        "GOPROXY": "https://proxy.invalid",
        "GOTOOLCHAIN": "go1.99.0",
        "GO111MODULE": "off",
    }.items():
        monkeypatch.setenv(name, value)
    assert build(project, "local").sha256 == plain.sha256


def test_build_leaves_nothing_behind(project: Path) -> None:
    before = {path.relative_to(project) for path in project.rglob("*")}
    build(project, "local")
    after = {path.relative_to(project) for path in project.rglob("*")}
    assert after - before == {Path("plugin.wasm")}
    assert stat.S_IMODE((project / "plugin.wasm").stat().st_mode) == 0o644


def test_compile_error_names_file_and_line(project: Path) -> None:
    build(project, "local")
    before = (project / "plugin.wasm").read_bytes()
    (project / "hooks").mkdir()
    (project / "hooks/hooks.go").write_text("package hooks\n\nfunc Key() string {\n\treturn 7\n}\n")
    source = (project / "main.go").read_text()
    (project / "main.go").write_text(
        source.replace("import (\n", 'import (\n\t_ "snippet2wasm.internal/plugin/hooks"\n')
    )
    with pytest.raises(CompileError) as caught:
        build(project, "local")
    (message,) = caught.value.messages
    assert (message.file, message.line, message.column) == ("hooks/hooks.go", 4, 9)
    assert "cannot use 7" in message.message
    assert "  hooks/hooks.go:4:9: cannot use 7" in str(caught.value)
    assert (project / "plugin.wasm").read_bytes() == before


def test_missing_dependency_is_shown(project: Path) -> None:
    source = (project / "main.go").read_text()
    (project / "main.go").write_text(source.replace("import (\n", 'import (\n\t_ "example.com/nowhere"\n'))
    with pytest.raises(CompileError) as caught:
        build(project, "local")
    assert "example.com/nowhere" in str(caught.value)
    assert caught.value.messages[0].file == "main.go"


def test_broken_vendor_folder_is_shown(project: Path) -> None:
    shutil.rmtree(project / "vendor")
    with pytest.raises(CompileError) as caught:
        build(project, "local")
    assert "vendor" in str(caught.value)


def test_callback_that_the_module_lacks(project: Path) -> None:
    description = json.loads((project / "snippet2wasm.json").read_text())
    description["exports"].append("proxy_on_nothing")
    (project / "snippet2wasm.json").write_text(json.dumps(description))
    with pytest.raises(CompileError, match="does not export proxy_on_nothing"):
        build(project, "local")


def test_timeout_stops_the_build(project: Path) -> None:
    with pytest.raises(BuildTimeoutError):
        build(project, "local", timeout=0.01)
    assert not (project / "plugin.wasm").exists()


def test_folder_that_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(
        ProjectError, match=r"is not a plugin project: it has no snippet2wasm\.json"
    ) as caught:
        build(tmp_path, "local")
    assert "snippet2wasm compile" in caught.value.hint
    with pytest.raises(ProjectError, match="is not a plugin project"):
        build(tmp_path / "absent", "local")
    (tmp_path / "file").touch()
    with pytest.raises(ProjectError, match="is not a plugin project"):
        build(tmp_path / "file", "local")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is not JSON"),
        ("[]", "it holds no object"),
        ('{"format": 2}', "has format 2"),
        ('{"format": 1, "name": "x", "target": "higress"}', "`exports` must be a list"),
        ('{"format": 1, "name": "x", "target": "higress", "exports": []}', "`exports` must be a list"),
        ('{"format": 1, "name": 1, "target": "higress", "exports": ["proxy_on_log"]}', "must be strings"),
        (
            '{"format": 1, "name": "x", "target": "higress", "exports": ["proxy_on_log,x"]}',
            "is not a proxy_on_",
        ),
    ],
)
def test_damaged_description(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "snippet2wasm.json").write_text(content)
    with pytest.raises(ProjectError, match=message):
        build(tmp_path, "local")


def test_folder_that_can_not_be_written(project: Path) -> None:
    (project / "plugin.wasm").mkdir()  # stops root, too
    with pytest.raises(BuildError, match=r"can't write .*plugin\.wasm") as caught:
        build(project, "local")
    assert type(caught.value) is BuildError
    assert not [name for name in os.listdir(project) if name.startswith(".plugin.wasm")]
