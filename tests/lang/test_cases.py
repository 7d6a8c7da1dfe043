"""Compiled Lua does what LuaJIT does: the cases in data/, see cases.py."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lang.cases import Program, load
from lang.native import run_compiled, run_luajit

CASES = load()


@pytest.fixture(scope="module")
def outputs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, tuple[str, str]]:
    """What every chosen program prints: compiled, and by LuaJIT."""
    chosen = {
        item.callspec.params["program"]
        for item in request.session.items
        if hasattr(item, "callspec") and "program" in item.callspec.params
    }
    programs = [program for program in CASES if program in chosen]
    compiled = run_compiled(programs, tmp_path_factory.mktemp("cases"))
    reference = run_luajit(programs)
    return {program.name: (compiled[program.name], reference[program.name]) for program in programs}


def test_names_are_unique() -> None:
    assert len({program.name for program in CASES}) == len(CASES)


@pytest.mark.parametrize("program", CASES, ids=lambda program: program.name)
def test_program_does_what_luajit_does(program: Program, outputs: Mapping[str, tuple[str, str]]) -> None:
    compiled, reference = outputs[program.name]
    assert compiled == reference
