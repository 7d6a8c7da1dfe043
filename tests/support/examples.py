"""The examples, compiled as their users compile them."""

from __future__ import annotations

from pathlib import Path

from snippet2wasm.backend.project import write
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.frontend import files

EXAMPLES = Path(__file__).parents[2] / "examples"


def compile_example(source: Path, target: str, folder: Path) -> Path:
    """The project of an example's source, with the bindings beside it."""
    bindings = source.parent / "snippet2wasm.yaml"
    options = Options(
        name=source.parent.name, target=target, bindings=bindings if bindings.exists() else None
    )
    compilation = compile_text(files.read(source, source.name), source.parent, options)
    write(compilation.files(), folder, force=True)
    return folder
