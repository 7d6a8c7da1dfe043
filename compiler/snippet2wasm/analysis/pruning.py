"""Takes out the code that the types rule out: statements behind an end, branches that are never chosen."""

from __future__ import annotations

from snippet2wasm.analysis.events import has_event
from snippet2wasm.ir.nodes import (
    Action,
    Assign,
    Block,
    Define,
    Do,
    Evaluate,
    Expr,
    If,
    Stmt,
    Variable,
    inner_blocks,
)


def prune(block: Block) -> None:
    """Takes out what is never reached: statements behind an end, and branches that the types rule out."""
    kept: list[Stmt] = []
    for statement in block.statements[: block.reached]:
        match statement:
            case If():
                kept.extend(_folded(statement))
            case Define(values=[Action() as call]) | Assign(values=[Action() as call]) if call.entry.ends:
                kept.append(Evaluate(statement.span, call))
            case _:
                for inner in inner_blocks(statement):
                    prune(inner)
                kept.append(statement)
    block.statements = kept


def _folded(statement: If) -> list[Stmt]:
    """An `if` without the arms that are never chosen; what their conditions do is still done."""
    arms: list[tuple[Expr, Block]] = []
    otherwise = statement.otherwise
    for (condition, body), verdict in zip(statement.arms, statement.verdicts, strict=True):
        if verdict:
            otherwise = body
            if has_event(condition):
                evaluated = Define(condition.span, [Variable("_", condition.span)], [condition])
                otherwise = Block([evaluated, Do(statement.span, body)], ends=body.ends)
                otherwise.reached = 2
            break
        if verdict is None or has_event(condition):
            arms.append((condition, body))
    for body in (*(body for _, body in arms), *([otherwise] if otherwise is not None else [])):
        prune(body)
    if otherwise is not None and not otherwise.statements:
        otherwise = None
    if arms:
        statement.arms, statement.otherwise = arms, otherwise
        return [statement]
    return [Do(statement.span, otherwise)] if otherwise is not None else []
