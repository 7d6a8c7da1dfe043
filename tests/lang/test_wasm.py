"""Forty of the random programs as wasm in real Envoy: one plugin, in which a request chooses the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lang.cases import Program
from lang.generator import PRELUDE, program, text_of
from lang.native import REFUSED, comparable, compile_all, run_luajit
from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.source import Source
from snippet2wasm.verify.client import Request, send
from snippet2wasm.verify.gateway import EnvoyGateway, Plugin
from snippet2wasm.verify.observe import GatewaySubject
from snippet2wasm.verify.upstream import Upstream

PROGRAMS = 40
FIRST = 5_000
# The log of a gateway is one of lines, and long ones are cut.
_UNSUITABLE = re.compile(r"\\\d{3}|.{1000}")
_FUNCTION = re.compile(r"^(\S+:\d+: )[^\s:]+\(\): ")
_LEVELS = {"error": 4, "warn": 5, "info": 7}


def whole(bodies: dict[str, str]) -> str:
    """A handler with all programs."""
    arms = [f'if question == "{name}" then\n{body}' for name, body in bodies.items()]
    return f"{PRELUDE}local question = ngx.var.arg_a\n{'else'.join(arms)}end\n"


def chosen(folder: Path) -> dict[str, str]:
    """Programs that are accepted, and whose output the log of a gateway can show, without their prelude."""
    programs = [Program(str(seed), text_of(program(seed))) for seed in range(FIRST, FIRST + 2 * PROGRAMS)]
    accepted = [not text.startswith(REFUSED) for text in compile_all(programs, folder)]
    outputs = run_luajit(programs)
    found = {
        each.name: each.text.removeprefix(PRELUDE)
        for each, is_accepted in zip(programs, accepted, strict=True)
        if is_accepted and not _UNSUITABLE.search(outputs[each.name])
    }
    return dict(list(found.items())[:PROGRAMS])


@dataclass(frozen=True)
class Running:
    """The gateway with all programs, their names, and the handler's text."""

    gateway: EnvoyGateway
    names: list[str]
    handler: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("wasm")
    bodies = chosen(folder)
    handler = whole(bodies)
    source = Source("snippet.lua", handler.encode())
    compilation = compile_text(source, folder, Options("programs", target="envoy"))
    write(compilation.files(), folder / "project", force=True)
    wasm = build(folder / "project", "local").path
    with Upstream() as upstream, EnvoyGateway([Plugin("programs", wasm, {})], upstream.address) as server:
        yield Running(server, list(bodies), handler)


def observed(gateway: EnvoyGateway, name: str) -> str:
    """What the plugin logs, and how the request ends, as LuaJIT's side prints it."""
    subject = GatewaySubject(gateway)
    subject.reset()
    response = send(subject.address, Request(target=f"/?a={name}"))
    subject.settle()
    lines = []
    for line in subject.log():
        if line.origin == "snippet":
            shown = _FUNCTION.sub(r"\1", line.text)
            lines.append(f"{_LEVELS[line.level]} {shown}")
        elif line.origin == "abort":
            lines.append(line.text.replace("lua entry thread aborted: runtime error:", "error", 1))
    status = None if response is None else response.status
    lines = [f"  {line.replace(chr(92), chr(92) + '092')}" for line in lines]
    return comparable("\n".join([*lines, "passed" if status == 200 else str(status), ""]))


@pytest.mark.parametrize("number", range(PROGRAMS))
def test_program_does_what_luajit_does(number: int, running: Running) -> None:
    name = running.names[number]
    reference = run_luajit([Program(name, running.handler)], query=f"a={name}")[name]
    assert observed(running.gateway, name) == reference
