"""A Secret among the objects: nothing of its values gets into a plugin or a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from snippet2wasm.bundle import bundle
from snippet2wasm.cluster import compile_cluster
from snippet2wasm.compiler import Options
from snippet2wasm.diagnostics import Refusal, render_text
from snippet2wasm.frontend import kubernetes
from snippet2wasm.ir.nodes import Phase
from snippet2wasm.source import Source

SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: basic-auth}
data: {auth: dG9wLXNlY3JldA==}
stringData:
  other: top-secret
  lines: |
    top-secret
    top-secret
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: a
  annotations:
    nginx.ingress.kubernetes.io/auth-type: basic
    nginx.ingress.kubernetes.io/auth-secret: basic-auth
    nginx.ingress.kubernetes.io/configuration-snippet: return 200;
spec:
  rules:
  - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}
"""


def is_shown(text: str) -> bool:
    return "top-secret" in text or "dG9wLX" in text


def read(text: str) -> kubernetes.Manifests:
    return kubernetes.merge([kubernetes.read(Source("k.yaml", text.encode()))])


def test_values_are_not_kept() -> None:
    manifests = read(f"{SECRET}---\n{INGRESS}")
    [secret] = manifests.secrets
    assert (secret.namespace, secret.name) == ("default", "basic-auth")
    assert [(key, span.line) for key, span in secret.keys.items()] == [
        ("auth", 4),
        ("other", 6),
        ("lines", 7),
    ]
    compiled = compile_cluster(manifests, Path(), Options("", Phase.ACCESS, "higress", None, ()))
    made = bundle("plugin", "higress", compiled.compilations)
    assert not any(is_shown(data.decode("utf-8", "replace")) for data in made.files().values())
    assert not any(is_shown(render_text(each)) for each in [*compiled.warnings, *made.warnings])


@pytest.mark.parametrize(
    "damage",
    [
        ("stringData:", "stringData: {}\nstringData:"),
        ("  other: top-secret", "  other: top-secret\n  other: top-secret"),
        ("  other: top-secret", "  other: {{ .Values.x }} top-secret"),
        ("  other: top-secret", '  other: "top-secret'),
        ("  other: top-secret", "  other: top-secret: top-secret"),
        ("  other: top-secret", "  other: top-secret\n\tx: top-secret"),
        ("  other: top-secret", "  other: *top-secret"),
        ("data: {auth: dG9wLXNlY3JldA==}", "data: {auth: dG9wLXNlY3JldA== dG9wLX"),
        ("name: basic-auth", "name: 1"),
        ("kind: Secret", "kind: Secret\nkind: Secret"),
    ],
)
def test_messages_about_a_damaged_secret_do_not_show_it(damage: tuple[str, str]) -> None:
    text = f"{SECRET}---\n{INGRESS}".replace(*damage, 1)
    with pytest.raises(Refusal) as caught:
        read(text)
    assert caught.value.diagnostics
    for each in caught.value.diagnostics:
        assert not is_shown(render_text(each).replace("unknown anchor 'top-secret'", "")), render_text(each)
