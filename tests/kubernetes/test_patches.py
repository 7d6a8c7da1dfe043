"""Settings of snippets and annotations of ingress-nginx that are annotations in Higress."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from kubernetes.test_places import DATA, cluster
from snippet2wasm.cli import main
from snippet2wasm.ingress.patches import patches, render
from snippet2wasm.ingress.places import compose

CASES: dict[str, Any] = yaml.safe_load((DATA / "patches.yaml").read_text())


@pytest.mark.parametrize("name", CASES)
def test_patches(name: str) -> None:
    case = CASES[name]
    manifests = cluster(case)
    found = patches(manifests, compose(manifests, "higress"))
    text = render(found)
    documents = [each for each in yaml.safe_load_all(text) if each]
    assert {_key(each): each["metadata"]["annotations"] for each in documents} == case.get("patches", {})
    assert all(each["apiVersion"] == "networking.k8s.io/v1" for each in documents)
    left = list(dict.fromkeys(each.split(" (cluster.yaml:")[0] for patch in found for each in patch.left))
    assert left == case.get("left", [])


def _key(document: dict[str, Any]) -> str:
    return f"{document['metadata']['namespace']}/{document['metadata']['name']}"


def test_nothing_to_set(tmp_path: Path) -> None:
    manifests = cluster({"ingresses": {"a/b": {"rules": ["a.example / Prefix b"]}}})
    assert (
        render(patches(manifests, compose(manifests, "higress")))
        == "# No Ingress needs another annotation.\n"
    )


def test_values_stay_values_and_remarks_stay_comments() -> None:
    annotations = {"limit-rps": '5"\nspec: {}', "proxy-read-timeout": "60 # not a comment"}
    manifests = cluster(
        {"ingresses": {"a/b": {"annotations": annotations, "rules": ["a.example / Prefix b"]}}}
    )
    documents = [
        each for each in yaml.safe_load_all(render(patches(manifests, compose(manifests, "higress")))) if each
    ]
    assert [each["metadata"]["annotations"] for each in documents] == [
        {"higress.io/route-limit-rps": '5"\nspec: {}'}
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [(["a.lua"], "takes Kubernetes files"), (["a.yaml", "--target", "envoy"], "annotations of Higress")],
)
def test_wrong_use(arguments: list[str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.lua").write_text("ngx.exit(403)\n")
    Path("a.yaml").write_text(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {}\n"
    )
    done = CliRunner().invoke(main, ["compile", *arguments, "--emit", "manifests"])
    assert (done.exit_code, text in done.stderr) == (2, True)
