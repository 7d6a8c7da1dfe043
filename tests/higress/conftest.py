"""What runs in the test host of Higress's SDK, and the Redis that it talks to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.build.toolchain import find_toolchain
from snippet2wasm.bundle import Input, bundle, compile_all
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.frontend import files
from snippet2wasm.verify.redis import RedisServer

HERE = Path(__file__).parent
BUILD_SECONDS = 600  # the first time, Go downloads the SDK and its WebAssembly runtime


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def replies_wasm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module of data/replies.lua."""
    source = HERE / "data" / "replies.lua"
    compilation = compile_text(
        files.read(source, source.name), source.parent, Options("replies", target="higress")
    )
    folder = tmp_path_factory.mktemp("replies") / "plugin"
    write(compilation.files(), folder, force=False)
    return build(folder, "local").path


@pytest.fixture(scope="session")
def bundle_wasm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module of a bundle: the device heartbeat, and a unit that answers 403."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "deny.lua").write_text("ngx.exit(403)\n")
    example = HERE.parents[1] / "examples" / "device-heartbeat"
    bindings = example / "snippet2wasm.yaml"
    heartbeat = Options("device-heartbeat", target="higress", bindings=bindings)
    inputs = [
        Input(files.read(example / "nginx.conf", "nginx.conf"), example, heartbeat),
        Input(files.read(folder / "deny.lua", "deny.lua"), folder, Options("deny", target="higress")),
    ]
    write(bundle("shop", "higress", compile_all(inputs)).files(), folder / "plugin", force=False)
    return build(folder / "plugin", "local").path


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go tests in host/, built."""
    program = tmp_path_factory.mktemp("host") / "host.test"
    settings = {"GOTOOLCHAIN": "local", "GOFLAGS": "-trimpath", "GOWORK": "off"}
    done = subprocess.run(
        [find_toolchain().go, "test", "-c", "-o", program, "."],
        cwd=HERE / "host",
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="session")
def host_environment(
    heartbeat_wasm: Callable[..., Path], replies_wasm: Path, bundle_wasm: Path, redis: RedisServer
) -> Mapping[str, str]:
    """What the Go tests want to know; see host/gateway_test.go."""
    return {
        **os.environ,
        "HEARTBEAT_WASM": str(heartbeat_wasm("higress")),
        "REPLIES_WASM": str(replies_wasm),
        "BUNDLE_WASM": str(bundle_wasm),
        "REDIS_ADDRESS": "{}:{}".format(*redis.address),
    }
