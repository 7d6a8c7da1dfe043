"""Runs many Lua programs as compiled Go, all in one Go build, and by LuaJIT; no gateway, no wasm.

Each program is a handler. The Go side is tests/hostile/data/main.go.txt, LuaJIT's side is ngx.lua beside it:
both print what a program logged, with levels and positions, and how it ended.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from hostile.module import DATA, INTERPRETED, write_command, write_module
from lang.cases import Program
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import Refusal, render_text
from snippet2wasm.source import Source
from support.golang import go

# Each program runs once: compiling it fast matters more than running it fast.
_UNOPTIMISED = "-gcflags=snippet2wasm.internal/plugin/runtime/programs/...=-N -l"


_PATIENCE = 300.0
REFUSED = "refused:\n"
"""Begins what is found of a program that the compiler refuses."""


def compiled(program: Program, folder: Path) -> str:
    """The program's main.go; REFUSED and the diagnostics if it is refused."""
    source = Source("snippet.lua", program.text.encode())
    try:
        return compile_text(source, folder, Options("program", target="envoy")).main_go()
    except Refusal as refusal:
        return REFUSED + "".join(map(render_text, refusal.diagnostics))


def compile_all(programs: Sequence[Program], folder: Path) -> list[str]:
    """What `compiled` makes of each, on all processors if that is worth the while."""
    if len(programs) < 20:
        return [compiled(program, folder) for program in programs]
    with ProcessPoolExecutor() as pool:
        return list(pool.map(compiled, programs, itertools.repeat(folder), chunksize=5))


def run_compiled(programs: Sequence[Program], folder: Path) -> dict[str, str]:
    """What each program prints when it is compiled, by its name; of a refused one, REFUSED and the
    diagnostics.
    """
    texts = compile_all(programs, folder)
    numbered = {f"p{number}": text for number, text in enumerate(texts) if not text.startswith(REFUSED)}
    printed = run_module(numbered, folder)
    return {
        program.name: printed.get(f"p{number}", text)
        for number, (program, text) in enumerate(zip(programs, texts, strict=True))
    }


def run_module(texts: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What each main.go prints in a run, by package; Go's complaint for one that is no Go."""
    root = write_module(folder, texts)
    good: dict[str, str] = dict(texts)
    found: dict[str, str] = {}
    built = None
    while good and (built is None or built.returncode != 0):
        write_command(root, list(good))
        built = go(root, "build", _UNOPTIMISED, "-o", "command", "./runtime/command")
        if built.returncode != 0:
            wrong = set(re.findall(r"runtime/programs/(\w+)/", built.stdout)) & good.keys()
            assert wrong, built.stdout
            for package in wrong:
                said = re.findall(rf"(?m)^runtime/programs/{package}/.*$", built.stdout)
                found[package] = "\n".join(["no Go:", *said, good.pop(package)])
    if not good:
        return found
    asked = "".join(f"{package}  \n" for package in good)
    done = subprocess.run(
        [root / "command"], input=asked, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    outputs = _runs(done.stdout)
    assert (done.returncode, len(outputs)) == (0, len(good)), f"behind {len(outputs)}: {done.stderr[:2000]}"
    return found | dict(zip(good, outputs, strict=True))


def run_luajit(programs: Sequence[Program], patience: float = _PATIENCE, query: str = "") -> dict[str, str]:
    """What each program prints by LuaJIT, by its name.

    Args:
        programs: what to run.
        patience: seconds that all may take.
        query: the request's.

    Raises:
        AssertionError: one is no Lua.
        subprocess.TimeoutExpired: they take longer.
    """
    jobs = "".join(f"{len(program.text.encode())} {query} \n{program.text}" for program in programs)
    done = subprocess.run(
        ["luajit", INTERPRETED, DATA / "ngx.lua"],
        input=jobs,
        capture_output=True,
        text=True,
        check=False,
        timeout=patience,
        env={**os.environ, "TZ": "UTC"},
    )
    assert done.returncode == 0, done.stderr
    return dict(zip([program.name for program in programs], _runs(done.stdout), strict=True))


def _runs(output: str) -> list[str]:
    """What each run printed: indented lines, and a last one that is not."""
    return [comparable(run) for run in re.findall(r"(?m)^(?:  .*\n)*\S.*\n", output)]


def comparable(run: str) -> str:
    """A run without the sign of a NaN, which is the processor's affair, and without addresses of objects."""
    return re.sub(r"0x[0-9a-f]{8,}", "0x…", run.replace("-nan", "nan"))
