"""Choose a builder, build, and put plugin.wasm in its place."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from snippet2wasm.build.container import DEFAULT_IMAGE, build_in_container, connect
from snippet2wasm.build.errors import BuildError, EngineError, NoBuilderError, ToolchainError
from snippet2wasm.build.local import build_local
from snippet2wasm.build.module import check_module, go_version
from snippet2wasm.build.project import load_project
from snippet2wasm.build.toolchain import find_toolchain

Builder = Literal["local", "docker", "auto"]
DEFAULT_TIMEOUT = 900.0


@dataclass(frozen=True)
class BuildResult:
    """A built module.

    Attributes:
        path: where it is, absolute.
        size: its bytes.
        sha256: of its bytes, 64 hexadecimal digits.
        go_version: of the Go that made it, as Go says it: `go1.26.8`.
        builder: who made it.
    """

    path: Path
    size: int
    sha256: str
    go_version: str
    builder: Literal["local", "docker"]


def build(
    folder: Path, builder: Builder = "auto", *, image: str = DEFAULT_IMAGE, timeout: float = DEFAULT_TIMEOUT
) -> BuildResult:
    """Build the plugin project in folder; its plugin.wasm is replaced when, and only when, that succeeds.

    Args:
        folder: a project that `snippet2wasm compile` wrote.
        builder: who builds; "auto" is Go on this machine if there is one, else a container.
        image: for a container, an image with Go on its PATH.
        timeout: seconds.

    Raises:
        BuildError: one of its subclasses says why not.
    """
    project = load_project(folder)
    used = _choose() if builder == "auto" else builder
    if used == "local":
        module = build_local(project, find_toolchain(), timeout=timeout)
    else:
        with closing(connect()) as client:
            module = build_in_container(project, client, image, timeout=timeout)
    check_module(module)
    replace_file(project.module, module)
    return BuildResult(
        path=project.module,
        size=len(module),
        sha256=hashlib.sha256(module).hexdigest(),
        go_version=go_version(module),
        builder=used,
    )


def _choose() -> Literal["local", "docker"]:
    """The builder that is there."""
    try:
        find_toolchain()
    except ToolchainError as no_go:
        try:
            connect().close()
        except EngineError as no_engine:
            raise NoBuilderError(
                f"there is neither Go nor a container engine: {no_go}; {no_engine}",
                f"{no_go.hint}; or {no_engine.hint}",
            ) from no_engine
        return "docker"
    return "local"


def replace_file(path: Path, content: bytes) -> None:
    """Write content to path in one step: a reader sees the old file or the new one.

    Raises:
        BuildError: the file system refused.
    """
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(temporary).chmod(mode)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BuildError(f"can't write {path}: {error.strerror}") from error
