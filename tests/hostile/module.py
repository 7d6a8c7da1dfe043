"""One Go module for many compiled programs, a package each, and a command that runs them natively."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from snippet2wasm import resources

DATA = Path(__file__).parent / "data"
INTERPRETED = "-joff"
"""For LuaJIT: compiled, its `math.floor(f())` floors what was on the stack where f gives nothing."""
_DEFINITION = re.compile(r"\nfunc init\(\) \{\n\tplugin\.Register\((.*?\n\t\})\)\n\}\n", re.DOTALL)


def write_module(folder: Path, programs: Mapping[str, str]) -> Path:
    """The module: the runtime and a package for every main.go in `programs`, by name; returns its folder."""
    root = folder / "module"
    runtime = resources.go_runtime()
    shutil.copytree(
        runtime, root / "runtime", ignore=shutil.ignore_patterns("vendor", "*_test.go", "testdata")
    )
    for name in ("go.mod", "go.sum"):
        (root / "runtime" / name).rename(root / name)
    module = (root / "go.mod").read_text("utf-8")
    (root / "go.mod").write_text(module.replace("internal/plugin/runtime", "internal/plugin", 1), "utf-8")
    shutil.copytree(runtime / "vendor", root / "vendor")
    for name, text in programs.items():
        package = root / "runtime" / "programs" / name
        package.mkdir(parents=True)
        (package / "main.go").write_text(_as_package(name, text), "utf-8")
    return root


def _as_package(name: str, text: str) -> str:
    """A plugin's main.go as a package that others can import."""
    text, count = _DEFINITION.subn(
        r"\n// Program is the plugin.\nfunc Program() any {\n\treturn \1.Unit().Program()\n}\n", text
    )
    assert count == 1
    return text.replace("\nfunc main() {}\n", "\n", 1).replace("package main\n", f"package {name}\n", 1)


def write_command(root: Path, names: list[str]) -> None:
    """The command that runs these programs."""
    command = root / "runtime" / "command"
    command.mkdir(exist_ok=True)
    shutil.copyfile(DATA / "main.go.txt", command / "main.go")
    prefix = "snippet2wasm.internal/plugin/runtime"
    lines = ["package main", "", "import (", f'\t"{prefix}/internal/engine"']
    lines += [f'\t"{prefix}/programs/{name}"' for name in names]
    lines += [")", "", "var programs = map[string]*engine.Program{"]
    lines += [f'\t"{name}": {name}.Program().(*engine.Program),' for name in names]
    (command / "programs.go").write_text("\n".join([*lines, "}", ""]), "utf-8")
