"""Go, as the tests of emitted code run it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from snippet2wasm.build.toolchain import find_toolchain


def go(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs Go in a folder; both outputs are in `stdout`.

    With -trimpath, as builds have it: packages of projects in different folders are the same to Go's cache.
    """
    return subprocess.run(
        [str(find_toolchain().go), *arguments],
        cwd=folder,
        env={**os.environ, "GOFLAGS": "-mod=vendor -trimpath", "GOTOOLCHAIN": "local", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
