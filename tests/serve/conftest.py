"""Snippets to serve, and projects that are built once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GREETING = """\
location /door {
    access_by_lua_block {
        local knock = ngx.var.arg_knock
        if knock == "bad" then
            ngx.log(ngx.WARN, "who is ", knock)
            ngx.exit(403)
        end
        if knock == "none" then
            ngx.log(ngx.ERR, "missing: " .. ngx.var.arg_missing)
        end
    }
}
"""

COUNTER = """\
local redis = require "resty.redis"
local red = redis:new()
local ok, err = red:connect("redis.internal", 6379)
if not ok then
    ngx.log(ngx.ERR, "no Redis: ", err)
    ngx.exit(502)
end
red:set("seen", ngx.var.arg_v or "nothing")
red:close()
if ngx.var.arg_key ~= secret_key then
    ngx.exit(403)
end
"""

COUNTER_BINDINGS = """\
globals:
  secret_key: {config: apiKey, type: string, secret: true}
"""


@pytest.fixture
def door(tmp_path: Path) -> Path:
    """A folder with door.conf."""
    (tmp_path / "door.conf").write_text(GREETING)
    return tmp_path


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    """A folder with counter.lua, which uses Redis and a secret."""
    (tmp_path / "counter.lua").write_text(COUNTER)
    (tmp_path / "snippet2wasm.yaml").write_text(COUNTER_BINDINGS)
    return tmp_path


def compiled(folder: Path, *arguments: str) -> Path:
    """Compiles to the folder's `project`."""
    command = [sys.executable, "-m", "snippet2wasm", "compile", *arguments, "-o", "project"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "project"


@pytest.fixture(scope="session")
def door_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """door.conf, compiled for Envoy and built."""
    folder = tmp_path_factory.mktemp("door")
    (folder / "door.conf").write_text(GREETING)
    return compiled(folder, "door.conf", "--target", "envoy", "--build")


@pytest.fixture(scope="session")
def counter_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """counter.lua, compiled for Envoy and built."""
    folder = tmp_path_factory.mktemp("counter")
    (folder / "counter.lua").write_text(COUNTER)
    (folder / "snippet2wasm.yaml").write_text(COUNTER_BINDINGS)
    return compiled(folder, "counter.lua", "--target", "envoy", "--build")
