"""Data-driven cases of the compiler.

A file holds cases. A case begins with `[case NAME]`, then its input: a handler body, or nginx text if the name
begins with `nginx`. Then there may be `[lib]` (a Lua library), `[module_NAME]` (one of
the project's, `_` for dots) and `[bindings]`, and then what must come out,
in sections whose names the tests give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.source import Source

_INPUTS = ("lib", "bindings")
_MODULE = "module_"


@dataclass
class Case:
    """One case: its sections by name; `input` is the text behind its header."""

    name: str
    sections: dict[str, str] = field(default_factory=dict)


def load(path: Path, outputs: Sequence[str]) -> list[Case]:
    """The cases of a file."""
    found: list[Case] = []
    section = ""
    for line in path.read_text("utf-8").splitlines(keepends=True):
        header = re.fullmatch(r"\[case ([\w-]+)\]\n", line)
        part = re.fullmatch(r"\[(\w+)\]\n", line)
        if header:
            found.append(Case(header[1]))
            section = "input"
        elif part and (part[1] in (*_INPUTS, *outputs) or part[1].startswith(_MODULE)):
            section = part[1]
        else:
            found[-1].sections[section] += line
            continue
        found[-1].sections[section] = ""
    for case in found:
        case.sections = {name: text.strip("\n") + "\n" for name, text in case.sections.items()}
    return found


def save(path: Path, cases: list[Case], outputs: Sequence[str]) -> None:
    """Writes cases in the form that `load` reads."""
    texts = []
    for case in cases:
        modules = [name for name in case.sections if name.startswith(_MODULE)]
        names = [name for name in (*modules, *_INPUTS, *outputs) if name in case.sections]
        parts = [f"[{name}]\n{case.sections[name]}" for name in names]
        texts.append(f"[case {case.name}]\n{case.sections['input']}{''.join(parts)}")
    path.write_text("\n".join(texts), "utf-8")


def compiled(name: str, sections: Mapping[str, str], folder: Path) -> Compilation:
    """The compiled input of a case; `folder` is for its other files.

    Raises:
        Refusal: it is refused.
    """
    libraries: tuple[Path, ...] = ()
    bindings: Path | None = None
    if "lib" in sections:
        libraries = (folder / "lib.lua",)
        libraries[0].write_text(sections["lib"], "utf-8")
    if "bindings" in sections:
        bindings = folder / "snippet2wasm.yaml"
        bindings.write_text(sections["bindings"], "utf-8")
    for section, text in sections.items():
        if section.startswith(_MODULE):
            path = folder / f"{section.removeprefix(_MODULE).replace('_', '/')}.lua"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    options = Options(name="case", target="envoy", libraries=libraries, bindings=bindings)
    source = Source("snippet.conf" if name.startswith("nginx") else "snippet.lua", sections["input"].encode())
    return compile_text(source, folder, options)


def check(path: Path, case: Case, found: Mapping[str, str], outputs: Sequence[str], update: bool) -> None:
    """Compares what came out with what a case of a file expects; `update` writes it there instead."""
    expected = {name: text for name, text in case.sections.items() if name in outputs}
    assert expected, "the case expects nothing"
    shown = {name: found[name].strip("\n") + "\n" for name in expected}
    if update:
        cases = load(path, outputs)
        next(other for other in cases if other.name == case.name).sections.update(shown)
        save(path, cases, outputs)
        return
    for name, text in shown.items():
        assert text == expected[name]
