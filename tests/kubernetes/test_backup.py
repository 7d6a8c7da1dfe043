"""A made-up backup: repeats share their code, and the same text gives the same plugin."""

from __future__ import annotations

from pathlib import Path

from snippet2wasm.bundle import bundle
from snippet2wasm.cluster import compile_cluster
from snippet2wasm.compiler import Options
from snippet2wasm.frontend import kubernetes
from snippet2wasm.source import Source
from support.backup import SHAPES, backup


def project(text: str) -> dict[str, bytes]:
    manifests = kubernetes.read(Source("backup.yaml", text.encode()))
    found = compile_cluster(manifests, Path(), Options("", target="higress"))
    assert len(found.compilations) == 2 * len(SHAPES)
    return bundle("backup", "higress", found.compilations, found.others).files()


def test_half_of_the_snippets_are_repeats() -> None:
    text = backup(60, 2 * len(SHAPES))
    assert text == backup(60, 2 * len(SHAPES))
    files = project(text)
    packages = {path.split("/")[1] for path in files if path.startswith("units/")}
    assert len(packages) == len(SHAPES)
    assert files == project(text)
