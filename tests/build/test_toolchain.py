"""Finding Go: the real one on PATH, the real wheel, and what is said when neither is of use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from snippet2wasm.build import build
from snippet2wasm.build.errors import NoBuilderError, ToolchainError
from snippet2wasm.build.toolchain import find_toolchain, probe


def write_go(folder: Path, script: str) -> Path:
    """A program called go, as an old or a broken Go would be found on PATH."""
    folder.mkdir()
    go = folder / "go"
    go.write_text(f"#!/bin/sh\n{script}\n")
    go.chmod(0o755)
    return go


def test_go_on_path() -> None:
    toolchain = find_toolchain()
    said = subprocess.run([toolchain.go, "version"], capture_output=True, text=True, check=True).stdout
    assert toolchain.version in said.split()
    assert toolchain.cache.is_absolute()


def test_go_of_the_wheel(monkeypatch: pytest.MonkeyPatch, project: Path, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    toolchain = find_toolchain()
    assert toolchain.go.parts[-3:] == ("go", "bin", "go")
    assert "site-packages" in str(toolchain.go)
    assert build(project, "local").go_version == toolchain.version


def test_script_of_the_wheel_leads_to_its_go() -> None:
    script = Path(sys.executable).with_name("go")
    assert "site-packages" in str(probe(script).go)


def test_old_go_on_path_gives_way_to_the_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = write_go(tmp_path / "bin", """echo '{"GOVERSION": "go1.19.8", "GOROOT": "/x", "GOCACHE": "/y"}'""")
    monkeypatch.setenv("PATH", str(old.parent))
    assert "site-packages" in str(find_toolchain().go)


@pytest.mark.usefixtures("no_go")
def test_no_go(project: Path) -> None:
    with pytest.raises(ToolchainError, match=r"Go 1\.24 or newer is needed, and there is no `go`") as caught:
        build(project, "local")
    assert "pip install 'snippet2wasm[toolchain]'" in caught.value.hint


@pytest.mark.usefixtures("no_go")
@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            """echo '{"GOVERSION": "go1.19.8", "GOROOT": "/x", "GOCACHE": "/y"}'""",
            r"go is 1\.19\.8, Go 1\.24 or newer is needed",
        ),
        ("echo something else", "go does not work"),
        ("echo no good >&2; exit 3", "go does not work: no good"),
    ],
)
def test_unfit_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, message: str) -> None:
    monkeypatch.setenv("PATH", str(write_go(tmp_path / "bin", script).parent))
    with pytest.raises(ToolchainError, match=message) as caught:
        find_toolchain()
    assert "snippet2wasm[toolchain]" in caught.value.hint


@pytest.mark.usefixtures("no_go")
def test_neither_go_nor_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, project: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(NoBuilderError, match="neither Go nor a container engine") as caught:
        build(project)
    assert "Go 1.24 or newer" in str(caught.value)
    assert "toolchain" in caught.value.hint
    assert "DOCKER_HOST" in caught.value.hint
