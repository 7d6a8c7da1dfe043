"""Sources for bundles, and bundles made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from snippet2wasm.bundle import Bundle, Input, bundle, compile_all
from snippet2wasm.compiler import Options
from snippet2wasm.frontend import files


def inputs(folder: Path, texts: Mapping[str, str], target: str) -> list[Input]:
    """An input for each file name and text; with FILE.yaml among them, that is the bindings of FILE."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
    found = []
    for name in texts:
        if not name.endswith(".yaml"):
            bindings = folder / f"{name}.yaml"
            options = Options(
                Path(name).stem, target=target, bindings=bindings if bindings.exists() else None
            )
            found.append(Input(files.read(folder / name, name), folder, options))
    return found


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Bundle]:
    """`made(texts, target)`: the bundle `shop` of files."""

    def make(texts: Mapping[str, str], target: str = "envoy") -> Bundle:
        return bundle("shop", target, compile_all(inputs(tmp_path / "in", texts, target)))

    return make


def match(*entries: Mapping[str, str]) -> str:
    """Bindings with this match."""
    return yaml.safe_dump({"match": [dict(entry) for entry in entries]})
