"""nginx's own errors in the annotation of an Ingress: the same messages, at the right place of the YAML file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.test_checks import Case, lines
from snippet2wasm import checks
from snippet2wasm.cluster import compile_cluster
from snippet2wasm.compiler import Options
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.frontend import kubernetes, nginx
from snippet2wasm.source import Source
from support.ingress import HEAD, RULES

_INDENT = "      "


def alone(case: Case) -> list[Diagnostic]:
    """What we say of a snippet by itself."""
    source = Source("snippet", case.text.encode())
    try:
        parsed = nginx.parse(source)
    except Refusal as refusal:
        return refusal.diagnostics
    return checks.check(parsed, "location", checks.of_ingress((), (), whole=False))


def in_yaml(scalar: str) -> list[Diagnostic]:
    """What is said of an Ingress with this snippet, written as YAML."""
    text = HEAD + scalar + RULES
    manifests = kubernetes.merge([kubernetes.read(Source("ingress.yaml", text.encode()))])
    with pytest.raises(Refusal) as caught:
        compile_cluster(manifests, Path(), Options(""))
    return [each for each in caught.value.diagnostics if each.severity is Severity.ERROR]


def literal(text: str) -> str:
    """A block scalar."""
    return "|-\n" + "\n".join(_INDENT + line for line in text.split("\n"))


def quoted(text: str) -> str:
    """A scalar in double quotes, which JSON's are, too."""
    return json.dumps(text, ensure_ascii=True)


BAD = [each for each in lines("directives.txt") if each.level == "location" and alone(each)]


def place_of(diagnostic: Diagnostic) -> tuple[int, int, str]:
    assert diagnostic.span is not None
    at = diagnostic.span.outermost()
    return (*at.source.line_column(at.start), at.text)


@pytest.mark.parametrize("case", BAD, ids=[each.place for each in BAD])
def test_bad_snippets(case: Case) -> None:
    expected = alone(case)
    first = (HEAD + literal("")).count("\n")
    found = in_yaml(literal(case.text))
    assert [(each.code, each.message) for each in found] == [(each.code, each.message) for each in expected]
    for diagnostic, plain in zip(found, expected, strict=True):
        line, column, text = place_of(plain)
        assert place_of(diagnostic)[:2] == (line + first, column + len(_INDENT))
        assert place_of(diagnostic)[2].replace(_INDENT, "") == text
    in_quotes = in_yaml(quoted(case.text))
    assert [each.message for each in in_quotes] == [each.message for each in expected]
    for diagnostic, plain in zip(in_quotes, expected, strict=True):
        assert place_of(diagnostic)[2] == json.dumps(place_of(plain)[2])[1:-1]


def test_there_are_enough_cases() -> None:
    assert len(BAD) >= 150
