"""Makes a program that fails smaller: takes out statements, and puts blocks in the place of what they are in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lang.generator import Statement

Test = Callable[[Sequence[list[Statement]]], list[bool]]
"""Says of several programs whether each still fails."""


def shrink(program: list[Statement], fails: Test, rounds: int = 40) -> list[Statement]:
    """The smallest program found that still fails. Each round tries all that one step makes of it at once."""
    for _ in range(rounds):
        candidates = list(_smaller(program))
        verdicts = fails(candidates)
        better = [each for each, verdict in zip(candidates, verdicts, strict=True) if verdict]
        if not better:
            return program
        program = min(better, key=_size)
    return program


def _size(program: list[Statement]) -> int:
    return sum(len(list(statement.lines())) for statement in program)


def _smaller(statements: list[Statement]) -> Iterator[list[Statement]]:
    """All programs that are one step smaller."""
    half = len(statements) // 2
    if half > 1:
        yield statements[half:]
        yield statements[:half]
    for index, statement in enumerate(statements):
        before, behind = statements[:index], statements[index + 1 :]
        yield [*before, *behind]
        for place, (body, end) in enumerate(statement.blocks):
            yield [*before, *body, *behind]
            for smaller in _smaller(body):
                blocks = [*statement.blocks[:place], (smaller, end), *statement.blocks[place + 1 :]]
                yield [*before, replace(statement, blocks=blocks), *behind]
