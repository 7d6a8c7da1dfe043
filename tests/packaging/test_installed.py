"""The installed wheel does what the checkout does, without the checkout."""

from __future__ import annotations

import shutil
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from snippet2wasm import __version__

from .conftest import CHECKOUT, Installed, run

EXAMPLE = CHECKOUT / "examples" / "device-heartbeat"
NAME = "device-heartbeat"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the example."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("__pycache__")))


def _content(project: Path) -> dict[str, str]:
    """The digests of a project's files."""
    return {
        path.relative_to(project).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in project.rglob("*")
        if path.is_file()
    }


def test_environment_holds_no_checkout(installed: Installed, tmp_path: Path) -> None:
    script = "import snippet2wasm, sys; print(snippet2wasm.__file__, *sys.path, sep='\\n')"
    places = run([installed.program("python"), "-c", script], tmp_path).splitlines()
    assert Path(places[0]).is_relative_to(installed.folder)
    assert not any(Path(place).is_relative_to(CHECKOUT) for place in places)
    assert "No broken requirements" in run([installed.program("pip"), "check"], tmp_path)


def test_version(installed: Installed, tmp_path: Path) -> None:
    assert __version__ in run([installed.program("snippet2wasm"), "--version"], tmp_path)


@pytest.mark.parametrize(
    ("source", "target"),
    [("nginx.conf", "higress"), ("nginx.conf", "envoy"), ("snippet.lua", "higress")],
)
def test_same_project_and_module(
    installed: Installed, example: Path, tmp_path: Path, source: str, target: str
) -> None:
    made = {}
    programs = {
        "wheel": [installed.program("snippet2wasm")],
        "checkout": [sys.executable, "-m", "snippet2wasm"],
    }
    for name, program in programs.items():
        project = tmp_path / name
        options = ["--name", NAME, "--target", target, "-o", project]
        run([*program, "compile", example / source, *options], tmp_path)
        run([*program, "build", project], tmp_path)
        made[name] = _content(project)
    assert {"main.go", "main_test.go", "plugin.wasm", "snippet2wasm.json"} <= made["wheel"].keys()
    assert made["wheel"] == made["checkout"]
