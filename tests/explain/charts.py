"""Mermaid's own parser: what a flow chart means to it."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "mermaid"


@dataclass(frozen=True)
class Chart:
    """A chart as Mermaid read it.

    Attributes:
        nodes: the label of each node by its id, as a page shows it.
        edges: from, to, label.
    """

    nodes: dict[str, str]
    edges: list[tuple[str, str, str]]


def read(texts: list[str]) -> list[Chart]:
    """The charts; fails at the first one that Mermaid refuses."""
    node = shutil.which("node")
    assert node is not None, "node is missing: run tools/setup.sh test"
    assert (_FOLDER / "node_modules").is_dir(), "mermaid is missing: run tools/setup.sh test"
    done = subprocess.run(
        [node, "read.mjs"],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        cwd=_FOLDER,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = []
    for text, answer in zip(texts, json.loads(done.stdout), strict=True):
        assert "error" not in answer, f"{answer['error']}\n{text}"
        found.append(Chart(answer["nodes"], [tuple(edge) for edge in answer["edges"]]))
    return found
