"""Data-driven compile cases.

A file in data/ holds cases. A case begins with `[case NAME]`, then its input, then `[go]`, `[ir]` or
`[diagnostics]` with what must come
out: the Go functions, the IR, or the messages (a refused input's Go is empty). Between input and outputs
    there may be `[lib]` (a Lua library) and `[bindings]`. The input is a handler body, or nginx text if its
    case's name begins with `nginx`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import Diagnostic, Refusal, render_text
from snippet2wasm.source import Source

DATA = Path(__file__).parent / "data"
INPUTS = ("lib", "bindings")
OUTPUTS = ("ir", "go", "diagnostics")


@dataclass
class Case:
    """One case: its sections by name; `input` is the text behind its header."""

    name: str
    sections: dict[str, str] = field(default_factory=dict)


def load(path: Path) -> list[Case]:
    """The cases of a file."""
    found: list[Case] = []
    section = ""
    for line in path.read_text("utf-8").splitlines(keepends=True):
        header = re.fullmatch(r"\[case ([\w-]+)\]\n", line)
        if header:
            found.append(Case(header[1]))
            section = "input"
            found[-1].sections[section] = ""
        elif (match := re.fullmatch(r"\[(\w+)\]\n", line)) and match[1] in (*INPUTS, *OUTPUTS):
            section = match[1]
            found[-1].sections[section] = ""
        elif found:
            found[-1].sections[section] += line
    for case in found:
        case.sections = {name: text.strip("\n") + "\n" for name, text in case.sections.items()}
    return found


def save(path: Path, cases: list[Case]) -> None:
    """Writes cases back, in the form that `load` reads."""
    parts = []
    for case in cases:
        parts.append(f"[case {case.name}]\n{case.sections['input']}")
        parts.extend(
            f"[{name}]\n{case.sections[name]}" for name in (*INPUTS, *OUTPUTS) if name in case.sections
        )
        parts.append("\n")
    path.write_text("".join(parts).rstrip("\n") + "\n", "utf-8")


def run(case: Case, folder: Path) -> dict[str, str]:
    """The outputs of a case, for the sections that it has."""
    is_nginx = case.name.startswith("nginx")
    source = Source("snippet.conf" if is_nginx else "snippet.lua", case.sections["input"].encode())
    libraries: tuple[Path, ...] = ()
    bindings: Path | None = None
    if "lib" in case.sections:
        libraries = (folder / "lib.lua",)
        libraries[0].write_text(case.sections["lib"], "utf-8")
    if "bindings" in case.sections:
        bindings = folder / "snippet2wasm.yaml"
        bindings.write_text(case.sections["bindings"], "utf-8")
    options = Options(name="case", target="envoy", libraries=libraries, bindings=bindings)
    found = dict.fromkeys(OUTPUTS, "")
    diagnostics: list[Diagnostic] = []
    try:
        compilation = compile_text(source, folder, options)
        diagnostics = compilation.warnings
        found["go"] = _functions(compilation.main_go())
        found["ir"] = compilation.ir()
    except Refusal as refusal:
        diagnostics = sorted(refusal.diagnostics, key=Diagnostic.sort_key)
    found["diagnostics"] = "".join(map(render_text, diagnostics)).replace(f"{folder}/", "")
    return {name: found[name].strip("\n") + "\n" for name in OUTPUTS if name in case.sections}


def _functions(text: str) -> str:
    """The functions of a main.go: what comes behind `func init`."""
    return text.partition("\nfunc init() {")[2].partition("\n}\n")[2]
