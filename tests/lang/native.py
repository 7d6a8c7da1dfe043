"""Runs many Lua programs as compiled Go, all in one Go build, and by LuaJIT; no gateway, no wasm.

Each program is a handler. The Go side is tests/hostile/data/main.go.txt, LuaJIT's side is ngx.lua beside it:
both print what a program logged, with levels and positions, and how it ended.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hostile.module import DATA, write_command, write_module
from lang.cases import Program
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import Refusal, render_text
from snippet2wasm.source import Source
from support.golang import go


def compiled(program: Program, folder: Path) -> str:
    """The program's main.go.

    Raises:
        Refusal: it is refused.
    """
    source = Source("snippet.lua", program.text.encode())
    return compile_text(source, folder, Options("program", target="envoy")).main_go()


def run_compiled(programs: Sequence[Program], folder: Path) -> dict[str, str]:
    """What each program prints when it is compiled, by its name; of a refused one, the diagnostics."""
    texts: dict[str, str] = {}
    found: dict[str, str] = {}
    packages: dict[str, str] = {}
    for number, program in enumerate(programs):
        try:
            texts[f"p{number}"] = compiled(program, folder)
            packages[f"p{number}"] = program.name
        except Refusal as refusal:
            found[program.name] = "".join(map(render_text, refusal.diagnostics))
    printed = run_module(texts, folder)
    return found | {packages[package]: output for package, output in printed.items()}


def run_module(texts: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What each main.go prints in a run, by package; Go's complaint for one that is no Go."""
    root = write_module(folder, texts)
    good: dict[str, str] = dict(texts)
    found: dict[str, str] = {}
    built = None
    while good and (built is None or built.returncode != 0):
        write_command(root, list(good))
        built = go(root, "build", "-o", "command", "./runtime/command")
        if built.returncode != 0:
            wrong = set(re.findall(r"runtime/programs/(\w+)/", built.stdout)) & good.keys()
            assert wrong, built.stdout
            found |= {package: f"{built.stdout}\n{good.pop(package)}" for package in wrong}
    if not good:
        return found
    asked = "".join(f"{package}  \n" for package in good)
    done = subprocess.run([root / "command"], input=asked, capture_output=True, text=True, check=False)
    outputs = _runs(done.stdout)
    assert (done.returncode, len(outputs)) == (0, len(good)), f"behind {len(outputs)}: {done.stderr[:2000]}"
    return found | dict(zip(good, outputs, strict=True))


def run_luajit(programs: Sequence[Program]) -> dict[str, str]:
    """What each program prints by LuaJIT, by its name."""
    jobs = "".join(f"{len(program.text.encode())}  \n{program.text}" for program in programs)
    done = subprocess.run(
        ["luajit", DATA / "ngx.lua"],
        input=jobs,
        capture_output=True,
        text=True,
        check=False,
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
