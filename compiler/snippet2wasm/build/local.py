"""Build a plugin with a Go toolchain on this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from snippet2wasm.build.commands import ENVIRONMENT, TARGET, compile_error, link, strip
from snippet2wasm.build.errors import BuildError, BuildTimeoutError
from snippet2wasm.build.project import Project
from snippet2wasm.build.toolchain import Toolchain

# What a build may know of the user's environment: where to find programs and to put temporary files.
_INHERITED = ("PATH", "HOME", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT", "LOCALAPPDATA", "USERPROFILE")


def build_local(project: Project, toolchain: Toolchain, *, timeout: float) -> bytes:
    """Build the project and return the module; nothing in the project is touched.

    Works offline. The user's Go settings do not reach the build, apart from the build cache's place.

    Args:
        project: what to build.
        toolchain: what to build it with.
        timeout: seconds for all of it.

    Raises:
        CompileError: Go refused the project.
        BuildTimeoutError: it took too long.
    """
    deadline = time.monotonic() + timeout
    with tempfile.TemporaryDirectory(prefix="snippet2wasm-") as scratch:
        output = Path(scratch, "plugin.wasm")
        environment = _environment(toolchain, Path(scratch))
        _run(link(str(toolchain.go), str(output)), project.root, {**environment, **TARGET}, deadline)
        _run(strip(str(toolchain.go), project, str(output)), project.root, environment, deadline)
        return output.read_bytes()


def _environment(toolchain: Toolchain, scratch: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # Vendored builds do not use the module path, but Go insists on one and finds none without HOME.
    # Go leaves its temporary files behind when it is killed: they are in the scratch folder, too.
    places = {
        "GOCACHE": str(toolchain.cache),
        "GOPATH": str(scratch / "gopath"),
        "GOTMPDIR": str(scratch),
    }
    return {**inherited, **places, **ENVIRONMENT}


def _run(command: list[str], folder: Path, environment: Mapping[str, str], deadline: float) -> None:
    """Run a Go command to its end.

    It gets a process group of its own: Go starts compilers, and none may outlive a timeout or an interrupt.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise BuildError(f"can't start {command[0]}: {error.strerror}") from error
    try:
        output, _ = process.communicate(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        _kill_group(process)
        raise BuildTimeoutError("the build took too long and was stopped") from None
    except BaseException:
        _kill_group(process)
        raise
    if process.returncode != 0:
        raise compile_error(output.decode(errors="replace"))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
