"""The plugin of these tests, built as emitted projects are: its files, and the runtime beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from snippet2wasm import resources
from snippet2wasm.backend.project import (
    EXPORTS,
    FILTER_EXPORTS,
    RESPONSE_EXPORTS,
    TRANSPORT_EXPORTS,
    WAITING_EXPORTS,
)
from snippet2wasm.build import build

PLUGIN = Path(__file__).parent / "plugin"
_EXPORTS = (
    *EXPORTS,
    *RESPONSE_EXPORTS,
    *FILTER_EXPORTS,
    *WAITING_EXPORTS,
    *TRANSPORT_EXPORTS["envoy"],
)


def build_plugin(folder: Path) -> Path:
    """The built module; the project is made in the folder, which is not there yet."""
    runtime = resources.go_runtime()
    shutil.copytree(runtime, folder / "runtime", ignore=shutil.ignore_patterns("vendor", "*_test.go", "go.*"))
    shutil.copytree(runtime / "vendor", folder / "vendor")
    for file in PLUGIN.glob("*.go"):
        shutil.copy(file, folder)
    shutil.copytree(PLUGIN / "faults", folder / "runtime" / "faults")
    module = (runtime / "go.mod").read_text("utf-8")
    (folder / "go.mod").write_text(module.replace("/plugin/runtime\n", "/plugin\n", 1), "utf-8")
    shutil.copy(runtime / "go.sum", folder)
    marker = {"format": 1, "name": "survival", "target": "envoy", "exports": _EXPORTS}
    (folder / "snippet2wasm.json").write_text(json.dumps(marker), "utf-8")
    return build(folder, "local").path
