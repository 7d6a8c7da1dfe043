"""What the distributions hold."""

from __future__ import annotations

import re
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from snippet2wasm import __version__

from .conftest import CHECKOUT, Distributions

DATA = "snippet2wasm/_data"
RUNTIME = f"{DATA}/go_runtime"
SDK = f"{RUNTIME}/vendor/github.com/higress-group/proxy-wasm-go-sdk"
INFO = f"snippet2wasm-{__version__}.dist-info"

# Nothing of these patterns is for users.
UNWANTED = [
    r"_test\.go$",
    r"(^|/)(tests?|testdata|hosttest|reference|examples?|bench|docs|e2e)/",
    r"(^|/)(\.|__pycache__)",
    r"\.(pyc|wasm|md|sh)$",
    r"/(generate\.go|commands\.txt|Makefile)$",
]
SUFFIXES = {".json", ".lua", ".py", ".yaml", ".typed", ".j2", ".go", ".mod", ".sum"}
NAMES = {"modules.txt", "LICENSE", "NOTICE", "PATENTS", "METADATA", "WHEEL", "RECORD", "entry_points.txt"}


@pytest.fixture(scope="module")
def names(distributions: Distributions) -> set[str]:
    with zipfile.ZipFile(distributions.wheel) as archive:
        return set(archive.namelist())


def _below(folder: str, suffix: str) -> set[str]:
    """The files of the checkout below a folder."""
    return {
        path.relative_to(CHECKOUT / folder).as_posix() for path in (CHECKOUT / folder).rglob(f"*{suffix}")
    }


@pytest.mark.parametrize(
    "name",
    [
        "snippet2wasm/py.typed",
        "snippet2wasm/catalogue/ngx.yaml",
        f"{DATA}/codegen_templates/main.go.j2",
        f"{DATA}/codegen_templates/main_test.go.j2",
        f"{RUNTIME}/go.mod",
        f"{RUNTIME}/go.sum",
        f"{RUNTIME}/abi/envoy/envoy.go",
        f"{RUNTIME}/cmd/stripexports/main.go",
        f"{RUNTIME}/testhost/testhost.go",
        f"{RUNTIME}/transport/hostredis/hostredis.go",
        f"{RUNTIME}/transport/webdis/webdis.go",
        f"{RUNTIME}/vendor/modules.txt",
        f"{SDK}/LICENSE",
        f"{SDK}/NOTICE",
        f"{SDK}/proxywasm/hostcall.go",
        f"{INFO}/licenses/LICENSE",
        f"{INFO}/entry_points.txt",
    ],
)
def test_wheel_holds(name: str, names: set[str]) -> None:
    assert name in names


def test_wheel_holds_the_whole_package(names: set[str]) -> None:
    for suffix in (".py", ".yaml", ".json", ".lua"):
        assert {f"snippet2wasm/{name}" for name in _below("compiler/snippet2wasm", suffix)} <= names
    assert {f"{DATA}/codegen_templates/{name}" for name in _below("codegen_templates", ".j2")} <= names


def test_wheel_holds_nothing_else(names: set[str]) -> None:
    assert {PurePosixPath(name).parts[0] for name in names} == {"snippet2wasm", INFO}
    wrong = {
        name
        for name in names
        if any(re.search(pattern, name.removeprefix(f"{RUNTIME}/vendor")) for pattern in UNWANTED)
        or (PurePosixPath(name).suffix not in SUFFIXES and PurePosixPath(name).name not in NAMES)
    }
    assert wrong == set()


def test_wheel_is_of_the_checkout(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as archive:
        for name in archive.namelist():
            if name.startswith(f"{DATA}/"):
                source = CHECKOUT / name.removeprefix(f"{DATA}/")
            elif name.startswith("snippet2wasm/"):
                source = CHECKOUT / "compiler" / name
            else:
                continue
            assert archive.read(name) == source.read_bytes(), name


def test_sdist_makes_the_same_wheel(distributions: Distributions, wheel_of_sdist: Path) -> None:
    assert wheel_of_sdist.name == distributions.wheel.name
    with zipfile.ZipFile(distributions.wheel) as one, zipfile.ZipFile(wheel_of_sdist) as other:
        assert one.namelist() == other.namelist()
    assert wheel_of_sdist.read_bytes() == distributions.wheel.read_bytes()


def test_sdist_holds_no_strangers(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as archive:
        names = [PurePosixPath(name).parts[1:] for name in archive.getnames()]
    assert {parts[0] for parts in names} == {
        *("compiler", "codegen_templates", "go_runtime"),
        *("pyproject.toml", "README.md", "LICENSE", "PKG-INFO", ".gitignore"),
    }
    assert {parts[1] for parts in names if parts[0] == "compiler"} == {"snippet2wasm"}
    assert not any(parts[-1].endswith((".wasm", ".pyc")) for parts in names)
