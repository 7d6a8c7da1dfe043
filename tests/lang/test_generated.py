"""A thousand random programs do what LuaJIT does; see generator.py. A program that does not is shrunk.

What was ever found is kept in data/found.lua.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from lang.cases import Program
from lang.generator import Statement, program, text_of
from lang.native import REFUSED, compile_all, run_compiled, run_luajit
from lang.shrink import shrink

PROGRAMS = 1000
BUILDS = 4
# Of a hundred, how many may be refused: some orders of evaluation have no Go form yet.
MOST_REFUSED = 2


def differences(programs: Sequence[Program], folder: Path) -> dict[str, tuple[str, str]]:
    """What is printed by programs that do not do what LuaJIT does, by their names; refused ones are no such."""
    compiled, reference = run_compiled(programs, folder), run_luajit(programs)
    return {
        each.name: (compiled[each.name], reference[each.name])
        for each in programs
        if compiled[each.name] != reference[each.name] and not compiled[each.name].startswith(REFUSED)
    }


def shrunk(statements: list[Statement], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of the smallest program found that still differs."""

    def fails(candidates: Sequence[list[Statement]]) -> list[bool]:
        programs = [Program(str(number), text_of(each)) for number, each in enumerate(candidates)]
        valid = [each for each in programs if is_valid(each)]
        wrong = differences(valid, tmp_path_factory.mktemp("shrink"))
        return [each.name in wrong for each in programs]

    return text_of(shrink(statements, fails))


def is_valid(candidate: Program) -> bool:
    """Whether LuaJIT takes a program: what was shrunk may have lost a label, or end too late."""
    try:
        run_luajit([candidate], patience=2)
    except (AssertionError, subprocess.TimeoutExpired):
        return False
    return True


@pytest.mark.parametrize("build", range(BUILDS))
def test_programs_do_what_luajit_does(build: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    seeds = range(build, PROGRAMS, BUILDS)
    programs = {str(seed): program(seed) for seed in seeds}
    cases = [Program(name, text_of(statements)) for name, statements in programs.items()]
    wrong = differences(cases, tmp_path_factory.mktemp("generated"))
    if wrong:
        name = min(wrong, key=lambda each: len(text_of(programs[each])))
        smallest = shrunk(programs[name], tmp_path_factory)
        pytest.fail(f"{len(wrong)} differ: {', '.join(wrong)}; {name}, shrunk:\n{smallest}")


def test_few_are_refused(tmp_path: Path) -> None:
    cases = [Program(str(seed), text_of(program(seed))) for seed in range(100)]
    refused = [text for text in compile_all(cases, tmp_path) if text.startswith(REFUSED)]
    assert len(refused) <= MOST_REFUSED, "".join(refused)
