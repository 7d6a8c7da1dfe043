"""Snippets of nginx directives behave as in nginx: data/*.yaml, inside ingress-nginx's configuration in a real nginx,
and as units of one plugin in a real Envoy.

Compared are status, headers, body, what the upstream received and the log. What is left aside is what
docs/differences.md lists, and the request headers that ingress-nginx's template and a gateway both set in their
own way, apart from those that a case's text names. To run one case: pytest -k FILE-NAME; only that is compiled.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from directives import cases
from directives.cases import DirectiveCase
from directives.servers import CaseError, Directives, compiled
from snippet2wasm.diagnostics import Refusal, Severity
from snippet2wasm.verify.compare import Observation, differences
from snippet2wasm.verify.ingress import normalisations
from snippet2wasm.verify.observe import Surroundings
from support.service import ScriptedUpstream

DIFFERENCES = Path(__file__).parents[2] / "docs" / "differences.md"
CASES = cases.load()
REQUESTS = [
    pytest.param(case, number, id=cases.label(case, number))
    for case in CASES
    for number in range(len(case.asks))
]
REFUSED = [pytest.param(name, entry, id=name) for name, entry in cases.refused()]


@pytest.fixture(scope="module")
def surroundings() -> Iterator[Surroundings]:
    with Surroundings(upstream=ScriptedUpstream()) as servers:
        yield servers


@pytest.fixture(scope="module")
def servers(
    request: pytest.FixtureRequest, surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Directives]:
    """The servers for the cases of which a request was selected."""
    wanted = {name for item in request.session.items if (name := _asked(item))}
    chosen = [case for case in CASES if case.name in wanted]
    with contextlib.ExitStack() as stack:
        yield Directives(chosen, surroundings, tmp_path_factory.mktemp("directives"), stack)


def _asked(item: pytest.Item) -> str:
    if isinstance(item, pytest.Function) and item.originalname == "test_request":
        case = item.callspec.params["case"]
        return case.name if isinstance(case, DirectiveCase) else ""
    return ""


def text_of(case: DirectiveCase) -> str:
    """All that a case has of nginx text."""
    return "\n".join((case.snippets.http, case.snippets.server, case.snippets.location))


@pytest.mark.parametrize(("case", "number"), REQUESTS)
def test_request(servers: Directives, case: DirectiveCase, number: int) -> None:
    ask = case.asks[number]
    try:
        nginx, plugin = servers.observed(case)[number]
    except CaseError as error:
        pytest.fail(str(error), pytrace=False)
    found = [str(each) for each in differences(nginx, plugin, normalisations(text_of(case)))]
    if ask.differs:
        assert found
        assert f"| {ask.differs} |" in DIFFERENCES.read_text("utf-8")
    elif found:
        pytest.fail("\n".join(found), pytrace=False)
    if ask.expect:
        status, *texts = ask.expect
        assert (nginx.response and nginx.response.status) == status
        assert [text for text in texts if text not in _said(nginx)] == []


def _said(observation: Observation) -> str:
    """Everything that a request led to, as text."""
    response = observation.response
    lines = [line.text for line in observation.log if line.origin != "core"]
    if response is not None:
        lines += [f"{name.lower()}: {value}" for name, value in response.headers]
        lines.append(response.body.decode("latin-1"))
    for each in observation.upstream:
        lines += [
            f"{each.method} {each.target}",
            *(f"{name.lower()}: {value}" for name, value in each.headers),
        ]
        lines.append(each.body.decode("latin-1"))
    return "\n".join(lines)


@pytest.mark.parametrize(("name", "entry"), REFUSED)
def test_refused(name: str, entry: Mapping[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        compiled(name, cases.snippets_of(entry), (), entry, tmp_path / "in").files()
    errors = [each for each in refusal.value.diagnostics if each.severity is Severity.ERROR]
    assert {diagnostic.code for diagnostic in errors} == {entry["code"]}
