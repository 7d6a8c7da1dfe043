"""The forty shapes of snippets that people use most: each does what its requests say, in a real nginx inside
ingress-nginx's configuration and as a unit of one plugin in a real Envoy; generated requests show no difference.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeGuard

import pytest

from directives.cases import DirectiveCase
from directives.servers import CaseError, Directives
from examples.shapes import FOLDER, SHAPES, Shape
from snippet2wasm.cluster import compile_cluster
from snippet2wasm.compiler import Compilation, Options
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.compare import Observation, differences
from snippet2wasm.verify.ingress import normalisations
from snippet2wasm.verify.observe import Surroundings, observe
from snippet2wasm.verify.verification import prepare, requests_for

GENERATED = 25
NAMES = [pytest.param(shape, id=shape.name) for shape in SHAPES]


@pytest.fixture(scope="module")
def surroundings() -> Iterator[Surroundings]:
    with Surroundings() as servers:
        yield servers


@pytest.fixture(scope="module")
def servers(
    request: pytest.FixtureRequest, surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Directives]:
    """The servers for the examples that were selected."""
    asked = [item.callspec.params.get("shape") for item in request.session.items if _has_shape(item)]
    chosen = [shape.unit() for shape in SHAPES if shape in asked]
    with contextlib.ExitStack() as stack:
        folder = tmp_path_factory.mktemp("shapes")
        yield Directives(chosen, surroundings, folder, stack, compile_=compiled)


def compiled(case: DirectiveCase, folder: Path) -> Compilation:
    """The one unit of an example's Ingress."""
    folder.mkdir(parents=True)
    (shape,) = (each for each in SHAPES if each.name == case.name)
    (found,) = compile_cluster(shape.objects, folder, Options("", target="envoy")).compilations
    return found


def _has_shape(item: pytest.Item) -> TypeGuard[pytest.Function]:
    return isinstance(item, pytest.Function) and hasattr(item, "callspec")


def both(
    servers: Directives, shape: Shape, requests: Sequence[Request]
) -> list[tuple[Observation, Observation]]:
    """What nginx and the plugin do with requests; one side has all before the other has any."""
    try:
        subjects = servers.nginx(shape.unit()), servers.plugin(shape.unit())
    except CaseError as error:
        pytest.fail(str(error), pytrace=False)
    sides = [[observe(each, servers.surroundings, request) for request in requests] for each in subjects]
    return list(zip(*sides, strict=True))


@pytest.mark.parametrize("shape", NAMES)
def test_requests(servers: Directives, shape: Shape) -> None:
    seen = both(servers, shape, [case.request for case in shape.cases])
    for case, (nginx, plugin) in zip(shape.cases, seen, strict=True):
        for side, found in (("nginx", nginx), ("plugin", plugin)):
            problems = []
            if case.expected is not None:
                problems = list(case.expected.problems(found.response, found.upstream))
            status = found.response.status if found.response else None
            assert (case.name, side, status, problems) == (case.name, side, case.status, [])
        wrong = [str(each) for each in differences(nginx, plugin, normalisations(text_of(shape)))]
        assert (case.name, wrong) == (case.name, [])


@pytest.mark.parametrize("shape", NAMES)
def test_generated_requests(servers: Directives, shape: Shape) -> None:
    try:
        compilation, folder = servers.compilation(shape.unit())
    except CaseError as error:
        pytest.fail(str(error), pytrace=False)
    prepared = prepare(compilation, folder, shape.users)
    requests = requests_for(prepared, servers.surroundings, shape.cases, count=GENERATED, seed=0, now=0)
    made = [shape.at_home(case).request for case, origin in requests.cases if origin == "generated"]
    found = [
        f"{request}: {each}"
        for request, seen in zip(made, both(servers, shape, made), strict=True)
        for each in differences(*seen, normalisations(text_of(shape)))
    ]
    assert found == []
    missing = [branch for branch in requests.report.branches if not branch.reached]
    assert [f"{branch.what} in line {branch.line}" for branch in missing] == []


def text_of(shape: Shape) -> str:
    """All that an example has of nginx text."""
    return (shape.folder / "ingress.yaml").read_text("utf-8")


def test_every_example_says_what_it_is() -> None:
    """Its file begins with a comment, its Ingress has its name, and its requests say what comes of them."""
    assert len(SHAPES) >= 40
    listed = (FOLDER / "README.md").read_text("utf-8")
    for shape in SHAPES:
        text = (shape.folder / "ingress.yaml").read_text("utf-8")
        assert re.match(r"(# .+\n)+apiVersion:", text), shape.name
        assert f"name: {shape.name}\n" in text
        assert f"[{shape.name}]({shape.name}/ingress.yaml)" in listed
        assert shape.cases
        assert all(case.status is not None for case in shape.cases)


def test_the_command_verifies_an_ingress() -> None:
    folder = FOLDER / "lua-and-directives"
    words = ["verify", str(folder / "ingress.yaml"), "--generate", "5", "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "snippet2wasm", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert (report["status"], report["given"], report["generated"]) == ("done", 4, 5)
