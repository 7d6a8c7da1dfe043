"""Editing a WasmPlugin in place."""

from __future__ import annotations

import pytest

from snippet2wasm.build.errors import ManifestError
from snippet2wasm.build.pin import pin_image

URL = "oci://registry.example/a/b:2"
SHA = "12" * 32


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "kind: WasmPlugin\nspec:\n  url: old\n  sha256: old\n",
            f'kind: WasmPlugin\nspec:\n  url: {URL}\n  sha256: "{SHA}"\n',
            id="both there",
        ),
        pytest.param(
            "kind: WasmPlugin\nspec:\n    url: 'old' # comment\n    phase: AUTHN\n",
            f'kind: WasmPlugin\nspec:\n    url: {URL} # comment\n    sha256: "{SHA}"\n    phase: AUTHN\n',
            id="sha256 added, quoted value, comment",
        ),
        pytest.param(
            "kind: WasmPlugin\nspec:\n  url: old",
            f'kind: WasmPlugin\nspec:\n  url: {URL}\n  sha256: "{SHA}"',
            id="no last line end",
        ),
        pytest.param(
            "kind: WasmPlugin\r\nspec:\r\n  url: old\r\n  phase: AUTHN\r\n",
            f'kind: WasmPlugin\r\nspec:\r\n  url: {URL}\r\n  sha256: "{SHA}"\r\n  phase: AUTHN\r\n',
            id="CR LF",
        ),
        pytest.param(
            "kind: WasmPlugin\nspec:\n  sha256:  # set by push\n  url:\n",
            f'kind: WasmPlugin\nspec:\n  sha256: "{SHA}"  # set by push\n  url: {URL}\n',
            id="empty values, other order",
        ),
        pytest.param(
            "{kind: WasmPlugin, spec: {url: old, phase: AUTHN}}\n",
            f'{{kind: WasmPlugin, spec: {{url: {URL}, sha256: "{SHA}", phase: AUTHN}}}}\n',
            id="flow style",
        ),
        pytest.param(
            "---\nkind: Secret\nspec: {url: mine}\n---\n# Über\nkind: WasmPlugin\nspec:\n  url: old\n---\n",
            "---\nkind: Secret\nspec: {url: mine}\n---\n# Über\nkind: WasmPlugin\nspec:\n"
            f'  url: {URL}\n  sha256: "{SHA}"\n---\n',
            id="several documents",
        ),
        pytest.param(
            'kind: WasmPlugin\nspec:\n  url: "old"\n  defaultConfig:\n    url: inner\n    sha256: inner\n',
            f'kind: WasmPlugin\nspec:\n  url: {URL}\n  sha256: "{SHA}"\n'
            "  defaultConfig:\n    url: inner\n    sha256: inner\n",
            id="same keys deeper down",
        ),
        pytest.param(
            "kind: WasmPlugin\nspec:\n  url: >-\n    old\n  phase: AUTHN\n",
            None,
            id="block scalar",
        ),
        pytest.param("kind: WasmPlugin\nspec:\n  url: &a old\n  x: *a\n", None, id="anchor that is used"),
        pytest.param("kind: WasmPlugin\nx: &a old\nspec:\n  url: *a\n", None, id="alias"),
        pytest.param("kind: WasmPlugin\nspec:\n  phase: AUTHN\n", None, id="no url"),
        pytest.param("kind: WasmPlugin\n", None, id="no spec"),
        pytest.param("kind: WasmPlugin\nspec: text\n", None, id="spec is text"),
        pytest.param("kind: Secret\n", None, id="no WasmPlugin"),
        pytest.param(
            "kind: WasmPlugin\nspec: {url: a}\n---\nkind: WasmPlugin\nspec: {url: a}\n", None, id="two"
        ),
        pytest.param("kind: [\n", None, id="not YAML"),
        pytest.param("- kind\n", None, id="a list"),
        pytest.param("? [a]\n: b\nkind: WasmPlugin\nspec: {url: a}\n", None, id="odd key"),
        pytest.param("", None, id="empty"),
    ],
)
def test_pin_image(before: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(ManifestError):
            pin_image(before, URL, SHA)
        return
    assert pin_image(before, URL, SHA) == after
    assert pin_image(after, URL, SHA) == after
