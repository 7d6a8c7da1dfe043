"""Accepted programs always compile, and compute what LuaJIT does: random ones, all in one Go module."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from hostile.module import DATA, INTERPRETED, write_command, write_module
from hostile.phrases import phrases
from hostile.programs import program
from snippet2wasm.build.toolchain import find_toolchain
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.source import Source
from support.golang import go

WITHOUT_REDIS = range(600)
WITH_REDIS = range(1_000, 1_400)
PHRASES = range(2_000, 2_300)
# Queries and values of the header x-a that every program is run with.
REQUESTS = [("", ""), ("a=1&b=&n=5", "hd"), ("a=abc&n=x&Flag=%20", ""), ("a=10&b=10&n=1e3&flag=nan", "7")]


def text(seed: int) -> str:
    """The program of a seed."""
    return phrases(seed) if seed in PHRASES else program(seed, redis=seed in WITH_REDIS)


def main_go(seed: int, folder: Path) -> str | None:
    """The program's main.go; None if it is refused."""
    source = Source("snippet.lua", text(seed).encode())
    try:
        return compile_text(source, folder, Options(f"p{seed}", target="envoy")).main_go()
    except Refusal:
        return None


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The main.go of every program that is accepted, by the program's name."""
    folder = tmp_path_factory.mktemp("input")
    found = {}
    for seed in (*WITHOUT_REDIS, *WITH_REDIS, *PHRASES):
        compiled = main_go(seed, folder)
        if compiled is not None:
            found[f"p{seed}"] = compiled
    return found


@pytest.fixture(scope="module")
def module(plugins: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Go module with all of them."""
    return write_module(tmp_path_factory.mktemp("programs"), plugins)


def test_most_programs_are_accepted(plugins: Mapping[str, str]) -> None:
    assert len(plugins) > 500 + len(PHRASES)
    assert {f"p{seed}" for seed in PHRASES} <= plugins.keys()


def test_accepted_programs_are_clean_go(module: Path) -> None:
    done = go(module, "vet", "./runtime/programs/...")
    assert (done.returncode, done.stdout) == (0, "")


def test_accepted_programs_are_formatted(plugins: Mapping[str, str], tmp_path: Path) -> None:
    for name, compiled in plugins.items():
        (tmp_path / f"{name}.go").write_text(compiled, "utf-8")
    gofmt = find_toolchain().go.resolve().with_name("gofmt")
    done = subprocess.run([gofmt, "-d", tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == ""


def runs(output: str) -> list[str]:
    """What each run printed: indented lines, and a last one that is not."""
    return re.findall(r"(?m)^(?:  .*\n)*\S.*\n", output)


def comparable(run: str) -> str:
    """A run without the sign of a NaN, which is the processor's affair, and without addresses of objects."""
    return re.sub(r"0x[0-9a-f]{8,}", "0x…", run.replace("-nan", "nan"))


def test_programs_do_what_luajit_does(module: Path, plugins: Mapping[str, str]) -> None:
    names = [f"p{seed}" for seed in (*WITHOUT_REDIS, *PHRASES) if f"p{seed}" in plugins]
    write_command(module, names)
    built = go(module, "build", "-o", "command", "./runtime/command")
    assert built.returncode == 0, built.stdout
    asked = [(name, *request) for name in names for request in REQUESTS]
    lines = "".join(f"{name} {query} {header}\n" for name, query, header in asked)
    done = subprocess.run([module / "command"], input=lines, capture_output=True, text=True, check=True)
    jobs = []
    for name, query, header in asked:
        lua = text(int(name[1:]))
        jobs.append(f"{len(lua.encode())} {query} {header}\n{lua}")
    luajit = subprocess.run(
        ["luajit", INTERPRETED, DATA / "ngx.lua"],
        input="".join(jobs),
        capture_output=True,
        text=True,
        check=True,
    )
    found, wanted = runs(done.stdout), runs(luajit.stdout)
    assert len(found) == len(wanted) == len(asked)
    different = [
        f"{case}\n{text(int(case[0][1:]))}plugin:\n{ours}LuaJIT:\n{theirs}"
        for case, ours, theirs in zip(asked, found, wanted, strict=True)
        if comparable(ours) != comparable(theirs)
    ]
    assert not different, different[0]
