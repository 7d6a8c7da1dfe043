"""What all tests share: compiled and built projects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from snippet2wasm.build import build
from support.examples import EXAMPLES, compile_example


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expected outputs of tests/compile")


@pytest.fixture(scope="session")
def heartbeat_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`heartbeat_project(target)`: the compiled device heartbeat."""
    made: dict[str, Path] = {}

    def project(target: str) -> Path:
        if target not in made:
            folder = tmp_path_factory.mktemp("heartbeat") / target
            made[target] = compile_example(EXAMPLES / "device-heartbeat" / "nginx.conf", target, folder)
        return made[target]

    return project


@pytest.fixture(scope="session")
def heartbeat_wasm(heartbeat_project: Callable[..., Path]) -> Callable[..., Path]:
    """`heartbeat_wasm(target)`: the device heartbeat's plugin.wasm."""
    built: dict[str, Path] = {}

    def wasm(target: str) -> Path:
        if target not in built:
            built[target] = build(heartbeat_project(target), "local").path
        return built[target]

    return wasm
