"""Damaged clusters: a refusal or a plugin, never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from snippet2wasm.bundle import bundle
from snippet2wasm.cluster import compile_cluster
from snippet2wasm.compiler import TARGETS, Options
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.frontend import kubernetes
from snippet2wasm.ingress.patches import patches, render
from snippet2wasm.ingress.places import compose
from snippet2wasm.source import Source
from support.backup import SHAPES, backup

TEXTS = ((Path(__file__).parent / "data" / "cluster.yaml").read_text(), backup(22, len(SHAPES)))
CHARACTERS = "{}\"';$\\:-\n\t#|&*"


def damaged(text: str, source: random.Random) -> str:
    """A text with a word or a line gone, twice there or in another place, or with a character more."""
    words = text.split(" ")
    at, other = source.randrange(len(words)), source.randrange(len(words))
    match source.randrange(5):
        case 0:
            del words[at]
        case 1:
            words[at] = words[other]
        case 2:
            words[at], words[other] = words[other], words[at]
        case 3:
            words[at] += source.choice(CHARACTERS)
        case _:
            lines = text.split("\n")
            lines[source.randrange(len(lines))] = lines[source.randrange(len(lines))]
            return "\n".join(lines)
    return " ".join(words)


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_refused_or_compiled(seed: int) -> None:
    source = random.Random(seed)
    refused = 0
    for number in range(40):
        text = damaged(source.choice(TEXTS), source)
        target = TARGETS[number % 2]
        try:
            manifests = kubernetes.read(Source("cluster.yaml", text.encode()))
            found = compile_cluster(manifests, Path(), Options("", target=target))
            bundle("all", target, found.compilations, found.others).files()
            render(patches(manifests, compose(manifests, "higress")))
        except Refusal:
            refused += 1
    assert 0 < refused < 40
