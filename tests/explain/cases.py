"""Data-driven cases of `explain`.

A file in data/ holds cases. A case begins with `[case NAME]`, then its input; `[lib]` (a Lua library) and
`[bindings]` may follow, then what must come out: `[text]`, `[markdown]` or `[mermaid]`. The input is a handler
body, or nginx text if the case's name begins with `nginx`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.source import Source

DATA = Path(__file__).parent / "data"
INPUTS = ("lib", "bindings")
OUTPUTS = ("text", "markdown", "mermaid")


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
        part = re.fullmatch(r"\[(\w+)\]\n", line)
        if header:
            found.append(Case(header[1]))
            section = "input"
        elif part and part[1] in (*INPUTS, *OUTPUTS):
            section = part[1]
        else:
            case = found[-1]
            case.sections[section] = case.sections.get(section, "") + line
            continue
        found[-1].sections.setdefault(section, "")
    for case in found:
        case.sections = {name: text.strip("\n") + "\n" for name, text in case.sections.items()}
    return found


def save(path: Path, cases: list[Case]) -> None:
    """Writes cases back, in the form that `load` reads."""
    parts = []
    for case in cases:
        sections = [
            f"[{name}]\n{case.sections[name]}" for name in (*INPUTS, *OUTPUTS) if name in case.sections
        ]
        parts.append(f"[case {case.name}]\n{case.sections['input']}{''.join(sections)}")
    path.write_text("\n".join(parts), "utf-8")


def compiled(case_name: str, sections: dict[str, str], folder: Path) -> Compilation:
    """The compiled input of a case."""
    name = "snippet.conf" if case_name.startswith("nginx") else "snippet.lua"
    libraries: tuple[Path, ...] = ()
    bindings: Path | None = None
    if "lib" in sections:
        libraries = (folder / "lib.lua",)
        libraries[0].write_text(sections["lib"], "utf-8")
    if "bindings" in sections:
        bindings = folder / "snippet2wasm.yaml"
        bindings.write_text(sections["bindings"], "utf-8")
    options = Options(name="case", target="envoy", libraries=libraries, bindings=bindings)
    return compile_text(Source(name, sections["input"].encode()), folder, options)
