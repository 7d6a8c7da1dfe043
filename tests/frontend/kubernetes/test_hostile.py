"""Whatever a file holds, there is a model or a message, never a traceback; and it takes time in proportion."""

from __future__ import annotations

import gc
import json
import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.kubernetes.test_cases import CASES, data_of
from snippet2wasm.diagnostics import Refusal, render_text, to_json
from snippet2wasm.frontend import kubernetes
from snippet2wasm.frontend.kubernetes import Manifests, Text
from snippet2wasm.frontend.kubernetes.manifests import MAX_BYTES
from snippet2wasm.source import Source

SEED = 20261122
MUTATIONS = 5000
VALID = [
    data_of(case)
    for path, case in CASES
    if path.stem == "positions" or (path.stem == "objects" and case.sections["model"] != "refused\n")
]
PIECES = [
    *(
        b"\n",
        b"\n\n",
        b" ",
        b"  ",
        b"\t",
        b": ",
        b"- ",
        b"|",
        b">-",
        b"|2",
        b'"',
        b"'",
        b"{",
        b"}",
        b"[",
        b"]",
    ),
    *(
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!str ",
        b"!!binary ",
        b"---\n",
        b"...\n",
        b"#",
        b"\\",
        b"\\u",
        b"\\ud83d",
        b"%",
    ),
    *(
        b"\r",
        b"\x00",
        b"\xff",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
        b"\xef\xbb\xbf",
        b"{{ .Values }}",
        b"null",
        b"true",
    ),
    *(b"kind: Ingress\n", b"apiVersion: v1\n", b"items:\n", b"data:\n", b"annotations:\n", b"ingress:\n"),
]


def mutated(chooser: random.Random, data: bytes) -> bytes:
    """The file with some bytes cut, changed or put in, or lines in another order."""
    for _ in range(chooser.randrange(1, 4)):
        place = chooser.randrange(len(data) + 1)
        kind = chooser.randrange(6)
        if kind == 0:
            data = data[:place] + chooser.choice(PIECES) + data[place:]
        elif kind == 1:
            data = data[:place] + data[place + chooser.randrange(1, 20) :]
        elif kind == 2:
            data = data[:place] + bytes([chooser.randrange(256)]) + data[place + 1 :]
        elif kind == 3:
            data = data[:place]
        else:
            lines = data.splitlines(keepends=True) or [b""]
            first, second = chooser.randrange(len(lines)), chooser.randrange(len(lines))
            if kind == 4:
                lines[first], lines[second] = lines[second], lines[first]
            else:
                lines.insert(first, lines[second].replace(b" ", b"", chooser.randrange(3)))
            data = b"".join(lines)
    return data


def texts_of(manifests: Manifests) -> list[Text]:
    found = [text for each in manifests.ingresses for text in each.annotations.values()]
    found += [text for each in manifests.config_maps for text in each.data.values()]
    found += [text for each in manifests.controllers for text in each.settings.values()]
    for ingress in manifests.ingresses:
        for rule in ingress.rules:
            found += [path.path for path in rule.paths if path.path] + ([rule.host] if rule.host else [])
    return found


def outcome(name: str, data: bytes) -> str:
    """`read` or the code of the first message; checks what has to be so of either."""
    source = Source(name, data)
    try:
        manifests = kubernetes.merge([kubernetes.read(source)])
    except Refusal as refusal:
        errors = refusal.diagnostics
    else:
        errors = []
        check_texts(manifests)
    for each in errors:
        assert each.span is not None
        assert 0 <= each.span.start <= each.span.end <= len(data) + 1
        assert render_text(each)
        assert to_json(each)
    return errors[0].code if errors else "read"


def check_texts(manifests: Manifests) -> None:
    for text in texts_of(manifests):
        assert text.source.data == text.value.encode()
        span, whole = text.source.span(0, len(text.source.data)).outermost(), text.span.outermost()
        assert whole.start <= span.start <= span.end <= whole.end
    assert all(render_text(each) for each in manifests.warnings)


def test_mutations_of_valid_files() -> None:
    chooser = random.Random(SEED)
    outcomes: dict[str, int] = {}
    for _ in range(MUTATIONS):
        found = outcome(chooser.choice(("k.yaml", "k.json", "-")), mutated(chooser, chooser.choice(VALID)))
        outcomes[found] = outcomes.get(found, 0) + 1
    assert outcomes["read"] > MUTATIONS // 10
    assert outcomes.keys() >= {"S2W105", "S2W121", "S2W122", "S2W123", "S2W124"}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    outcome("k.yaml", data)
    outcome("k.json", b'{"' + data)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["metadata", "name", "annotations", "spec", "rules", "http", "paths", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from(["networking.k8s.io/v1", "extensions/v1beta1", "v1", ""]),
    st.sampled_from(["Ingress", "ConfigMap", "Secret", "List", "IngressList", ""]),
)
def test_any_structure(inner: object, version: str, kind: str) -> None:
    for part in ("metadata", "spec", "items", "data", "ingress", "controller"):
        document = {"apiVersion": version, "kind": kind, "metadata": {"name": "a"}, part: inner}
        outcome("k.json", json.dumps(document).encode())
        if not version and not kind:
            outcome("k.json", json.dumps({part: inner}).encode())


def test_a_file_that_is_too_large() -> None:
    data = b"kind: Ingress\n" + b"#" * MAX_BYTES
    with pytest.raises(Refusal) as caught:
        kubernetes.read(Source("k.yaml", data))
    assert [each.code for each in caught.value.diagnostics] == ["S2W107"]


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    kubernetes.read(Source("k.yaml", b"a: b\n"))
    with pytest.raises(Refusal):
        kubernetes.read(Source("k.yaml", b"a: [\n"))
    assert gc.isenabled()
    gc.disable()
    try:
        kubernetes.read(Source("k.yaml", b"a: b\n"))
        assert not gc.isenabled()
    finally:
        gc.enable()


# --- linear time: the work for a file twice as long, in lines of Python and calls, is about twice the work -----


def repeated(kind: str, count: int) -> bytes:
    """A file that grows with `count` in one way."""
    head = b"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  annotations:\n    x: "
    made = {
        "literal": b"|\n" + b"      set $a 1;\n" * count,
        "folded": b">\n" + b"      a\n\n       b\n" * count,
        "explicit": b"|2\n" + b"       a\n" * count,
        "escapes": b'"' + b"\\u00e9\\n" * count + b'"\n',
        "quotes": b"'" + b"''x" * count + b"'\n",
        "plain": b"a" + b"\n      b" * count + b"\n",
        "blank lines": b"|+\n" + b"\n" * count,
        "non-ascii": '"é'.encode() + "ü日 ".encode() * count + b'"\n',
        "documents": b"z\n" + b"---\na: b\n" * count,
        "rules": b"z\nspec:\n  rules:\n" + b"  - host: a\n" * count,
        "keys": b"z\n" + b"".join(b"    k%d: v\n" % index for index in range(count)),
        "anchors": b"z\nspec:\n  rules:\n"
        + b"".join(b"  - &a%d {host: h}\n" % index for index in range(count)),
    }
    return head + made[kind]


KINDS = [
    *("literal", "folded", "explicit", "escapes", "quotes", "plain", "blank lines", "non-ascii", "documents"),
    *("rules", "keys", "anchors"),
]


def work(data: bytes) -> int:
    """How many calls it takes to read a file and to map all its texts."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        for text in texts_of(kubernetes.read(Source("k.yaml", data))):
            assert text.source.data is not None
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("kind", KINDS)
def test_work_is_in_proportion(kind: str) -> None:
    assert work(repeated(kind, 800)) < 2.2 * work(repeated(kind, 400))
