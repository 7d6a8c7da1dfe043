"""What the compile cases in data/ expect: the Go functions, the IR, the types, or the messages (`diagnostics`); a refused
input has no Go.
"""

from __future__ import annotations

from pathlib import Path

from snippet2wasm.diagnostics import Diagnostic, Refusal, render_text
from support import cases
from support.cases import Case

DATA = Path(__file__).parent / "data"
OUTPUTS = ("ir", "types", "go", "diagnostics")


def load(path: Path) -> list[Case]:
    """The cases of a file."""
    return cases.load(path, OUTPUTS)


def run(case: Case, folder: Path) -> dict[str, str]:
    """The outputs of a case."""
    found = dict.fromkeys(OUTPUTS, "")
    diagnostics: list[Diagnostic] = []
    try:
        compilation = cases.compiled(case.name, case.sections, folder)
        diagnostics = compilation.warnings
        modules = "".join(f"\n// {name}\n{text}" for name, text in compilation.module_files().items())
        found["go"] = _functions(compilation.main_go()) + modules
        found["ir"] = compilation.ir()
        found["types"] = compilation.types()
    except Refusal as refusal:
        diagnostics = sorted(refusal.diagnostics, key=Diagnostic.sort_key)
    found["diagnostics"] = "".join(map(render_text, diagnostics)).replace(f"{folder}/", "")
    return found


def _functions(text: str) -> str:
    """The functions of a main.go: what comes behind `func init`."""
    return text.partition("\nfunc init() {")[2].partition("\n}\n")[2]
