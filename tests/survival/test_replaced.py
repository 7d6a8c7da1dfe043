"""A configuration is replaced: handlers that wait go on to their ends, with the old one; shared dicts live on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import snippet2wasm
from snippet2wasm.build import build
from snippet2wasm.serve.gateway import Deployment, LiveGateway, State
from snippet2wasm.verify.client import OpenRequest, Request, send
from snippet2wasm.verify.nginx import LuaBlock, ReferenceNginx, Site
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.process import Address, wait_until
from snippet2wasm.verify.upstream import Upstream

SOURCE = Path(__file__).parent / "lua" / "replaced.lua"
MANY = 20
DICT = "lua_shared_dict kept 64k;"
INIT = """
  local kept = ngx.shared.kept
  if not kept:get("first") then kept:set("first", word) end
  kept:set("last", word)
  count = 0
"""
CONTENT = """
  count = count + 1
  local kept = ngx.shared.kept
  ngx.say(word, " ", kept:get("first"), " ", kept:get("last"), " ", kept:incr("requests", 1, 0), " ", count)
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replaced") / "project"
    return build(snippet2wasm.compile(SOURCE, target="envoy").write(folder), "local").path


@pytest.mark.parametrize("client", ["stays", "leaves"])
def test_handlers_that_wait_end_with_their_configuration(module: Path, client: str) -> None:
    with Surroundings() as behind:
        gateway = LiveGateway(None, behind.upstream.address)
        clusters = {"webdis|6379|redis.internal": behind.webdis.address}

        def words(prefix: str) -> list[bytes]:
            found = behind.redis.snapshot()
            return [entry.value for key, entry in found.items() if key.startswith(prefix.encode())]  # type: ignore[misc]

        gateway.deploy(Deployment(module, {"word": "old"}, clusters))
        with gateway:
            wait_until(lambda: gateway.state() is State.SERVING, 60, "the plugin")
            requests = [
                OpenRequest(gateway.address, Request(target=f"/?id={number}")) for number in range(MANY)
            ]
            wait_until(lambda: len(words("begun:")) == MANY, 10, "the handlers")
            if client == "leaves":
                for request in requests:
                    request.hang_up()
            gateway.deploy(Deployment(module, {"word": "new"}, clusters))
            wait_until(lambda: gateway.state() is State.SERVING, 60, "the new configuration")
            response = send(gateway.address, Request(target="/?id=new"))
            assert response is not None
            assert response.status == 403
            wait_until(lambda: len(words("ended:")) == MANY + 1, 10, "the ends of the handlers")
            assert sorted(words("ended:")) == [b"new"] + [b"old"] * MANY


def test_shared_dicts_outlive_their_configuration(tmp_path: Path) -> None:
    """What init code finds there is of the configuration before; globals begin anew."""
    with Upstream() as upstream:
        of_nginx = _answers_of_nginx(upstream.address)
        assert of_nginx == [
            "old old old 1 1",
            "old old old 2 2",
            "new old new 3 1",
        ]
        assert _answers_of_plugin(upstream.address, tmp_path) == of_nginx


class _Reloadable(ReferenceNginx):
    """With a master: without one, nginx has no connections left behind a reload."""

    def _configuration(self) -> str:
        return super()._configuration().replace("master_process off;", "worker_processes 1;")


def _answers_of_nginx(upstream: Address) -> list[str]:
    site = Site(
        {"content": LuaBlock(CONTENT)},
        upstream,
        init=LuaBlock(f'word = "old" {INIT}'),
        http_directives=DICT,
    )
    with _Reloadable(site) as nginx:

        def replace() -> None:
            configuration = nginx.folder / "nginx.conf"
            configuration.write_text(configuration.read_text("utf-8").replace('"old"', '"new"'), "utf-8")
            os.kill(int((nginx.folder / "nginx.pid").read_text()), signal.SIGHUP)
            log = nginx.folder / "error.log"
            wait_until(lambda: "exited with code 0" in log.read_text("latin-1"), 10, "the old worker's end")

        return _answers(nginx.address, replace)


def _answers_of_plugin(upstream: Address, folder: Path) -> list[str]:
    text = f"""http {{ {DICT} init_by_lua_block {{{INIT}}}
      server {{ location / {{ content_by_lua_block {{{CONTENT}}} }} }} }}"""
    (folder / "kept.conf").write_text(text, "utf-8")
    (folder / "kept.snippet2wasm.yaml").write_text("globals: {word: {config: word}}\n", "utf-8")
    compilation = snippet2wasm.compile(folder / "kept.conf", target="envoy")
    module = build(compilation.write(folder / "project"), "local").path
    gateway = LiveGateway(None, upstream)
    gateway.deploy(Deployment(module, {"word": "old"}, {}))
    with gateway:
        wait_until(lambda: gateway.state() is State.SERVING, 60, "the plugin")

        def replace() -> None:
            gateway.deploy(Deployment(module, {"word": "new"}, {}))
            wait_until(lambda: gateway.state() is State.SERVING, 60, "the new configuration")

        return _answers(gateway.address, replace)


def _answers(address: Address, replace: Callable[[], None]) -> list[str]:
    """Two answers of one configuration, and one of the next."""
    found = [_answer(address), _answer(address)]
    replace()
    return [*found, _answer(address)]


def _answer(address: Address) -> str:
    response = send(address, Request())
    assert response is not None
    return response.body.decode().strip()
