"""Generated requests reach the branches of a handler, and are the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.drafts import Draft
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.verification import Prepared, Requests, prepare, requests_for

BRANCHES = yaml.safe_load((Path(__file__).parent / "data" / "branches.yaml").read_text("utf-8"))
COUNT = 60
NOW = 1_800_000_000


@pytest.fixture(scope="module")
def surroundings() -> Iterator[Surroundings]:
    with Surroundings() as servers:
        yield servers


def _prepared(folder: Path, lua: str, config: dict[str, str]) -> Prepared:
    bindings = folder / "snippet2wasm.yaml"
    bound = {name: {"config": name, "type": type_} for name, type_ in config.items()}
    bindings.write_text(yaml.safe_dump({"globals": bound}), "utf-8")
    options = Options("generated", target="envoy", bindings=bindings)
    return prepare(compile_text(Source("snippet.lua", lua.encode()), folder, options), folder)


@pytest.mark.parametrize("entry", BRANCHES, ids=[entry["name"] for entry in BRANCHES])
def test_every_branch_is_reached(entry: dict[str, Any], tmp_path: Path, surroundings: Surroundings) -> None:
    prepared = _prepared(tmp_path, entry["lua"], entry.get("globals", {}))
    report = requests_for(prepared, surroundings, (), count=COUNT, seed=1).report
    assert sorted({branch.line for branch in report.uncovered}) == entry.get("unreached", [])


LUA = 'if ngx.var.arg_a == "x" then ngx.exit(400) end\nif ngx.var.cookie_b then ngx.exit(403) end\n'


def _requests(folder: Path, surroundings: Surroundings, seed: int) -> list[Request]:
    found: Requests = requests_for(
        _prepared(folder, LUA, {}), surroundings, (), count=COUNT, seed=seed, now=NOW
    )
    return [case.request for case, _ in found.cases]


def test_same_seed_same_requests(tmp_path: Path, surroundings: Surroundings) -> None:
    first = _requests(tmp_path, surroundings, 5)
    assert first == _requests(tmp_path, surroundings, 5)
    assert first != _requests(tmp_path, surroundings, 6)
    assert len(first) == COUNT
    assert len({(each.method, each.target, each.headers, each.body) for each in first}) > COUNT * 0.9


def test_what_servers_do_by_themselves_is_not_asked(tmp_path: Path, surroundings: Surroundings) -> None:
    """What differs without any plugin (docs/differences.md) says nothing about one."""
    lua = 'local names = ngx.var.http_connection or ngx.var.http_te or ngx.var["http_x_a"]\nngx.log(ngx.INFO, names)\n'
    found = requests_for(_prepared(tmp_path, lua, {}), surroundings, (), count=200, seed=2)
    for case, _ in found.cases:
        request = case.request
        assert request.target.isascii()
        assert "#" not in request.target
        assert request.method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
        names = [name.lower() for name, _ in request.headers]
        assert not {"connection", "te", "transfer-encoding", "expect"} & {*names}
        assert names.count("host") == 1


def test_texts_beyond_latin_1_are_sent_as_their_bytes() -> None:
    draft = Draft(path="/→", headers=(("x-a", "→ ü"), ("x-b", "\xe9")))
    assert "/→".encode() in draft.case("a").request.encode()
    assert "x-a: → ü\r\nx-b: ".encode() + b"\xe9\r\n" in draft.case("a").request.encode()
